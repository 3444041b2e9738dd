"""The pages of a forgotten password as plain HTML."""

from html import escape

from backoffice.i18n import gettext
from backoffice.pages.public.sign_in_html import field_problem, page, peek, said
from backoffice.services.password_resets import Returning
from backoffice.services.passwords import MIN_LENGTH, MIN_LENGTH_WITH_SECOND_FACTOR


def ask_page(*, fonts: str = "") -> str:
    """Ask for the address; posts `email` to /auth/reset."""
    body = f"""<div class="card">
<h1>{said("Forgot your password?")}</h1>
<p>{said("Write your address, and a link to choose a new one comes by e-mail.")}</p>
<form method="post" action="/auth/reset">
<div class="field"><label for="email">{said("Email")}</label>
<input id="email" name="email" type="email" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" required autofocus data-testid="reset-email"></div>
<button class="primary" type="submit" data-testid="reset-submit">{said("Send the link")}</button>
</form>
<div class="below"><a href="/login">{said("Back to the sign-in")}</a></div>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Forgot your password?"), body, fonts)


def sent_page(*, fonts: str = "") -> str:
    """Say what happens next, the same for every address."""
    body = f"""<div class="card message" data-testid="reset-sent">
<h1>{said("Look into your mailbox")}</h1>
<p>{said("If somebody signs in with this address, a link is on its way. It works once, for an hour.")}</p>
<p class="hint">{said("Nothing there after some minutes? Look into the spam folder, or ask your administrator.")}</p>
<a class="primary" href="/login">{said("Back to the sign-in")}</a>
</div>"""
    return page(gettext("Look into your mailbox"), body, fonts)


def choose_page(token: str, shown: Returning, error: str = "", *, fonts: str = "") -> str:
    """Ask for the new password; posts `token` and `password` to /auth/reset/choose."""
    invalid = ' aria-invalid="true"' if error else ""
    least = MIN_LENGTH_WITH_SECOND_FACTOR if shown.has_second_factor else MIN_LENGTH
    body = f"""<div class="card">
<h1>{said("Choose a new password")}</h1>
<p>{said("You are signed out everywhere when it is set.")}</p>
{field_problem(error or None, "password")}
<form method="post" action="/auth/reset/choose">
<input type="hidden" name="token" value="{escape(token)}">
<div class="field"><label for="email">{said("Email")}</label>
<input id="email" name="email" type="email" value="{escape(shown.email)}" autocomplete="username" readonly></div>
<div class="field"><label for="password">{said("New password")}</label>
<div class="with-peek"><input id="password" name="password" type="password" autocomplete="new-password" minlength="{least}" maxlength="128" required autofocus{invalid} aria-describedby="password-hint" data-testid="reset-password">
{peek()}</div>
<p class="hint" id="password-hint">{said("At least {count} characters. A few words with spaces make a good one.", count=str(least))}</p></div>
<button class="primary" type="submit" data-testid="reset-choose">{said("Set the password")}</button>
</form>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Choose a new password"), body, fonts)
