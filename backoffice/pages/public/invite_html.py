"""The page of an invitation as plain HTML: a password, and the second factor where the role needs one."""

from html import escape

from backoffice.i18n import gettext
from backoffice.pages.public.second_factor_html import app_and_code
from backoffice.pages.public.sign_in_html import field_problem, page, peek, said
from backoffice.services.invitations import Welcome
from backoffice.services.passwords import MIN_LENGTH, MIN_LENGTH_WITH_SECOND_FACTOR


def invite_page(token: str, shown: Welcome, error: str = "", field: str = "password", *, fonts: str = "") -> str:
    """Ask for a password and, with the square code beside it, for the first code; posts to /auth/invite."""
    place = f"<strong>{escape(shown.partner) or said('the review team')}</strong>"
    role = escape(shown.role_name or gettext(shown.role.replace("_", " ")))
    invalid = ' aria-invalid="true" aria-describedby="problem"' if error else ""
    least = MIN_LENGTH_WITH_SECOND_FACTOR if shown.totp_secret else MIN_LENGTH
    body = f"""<div class="card" data-testid="invitation">
<h1>{said("Welcome, {name}", name=escape(shown.name))}</h1>
<p>{said("You join {partner} as {role}.", partner=place, role=role)}</p>
{field_problem(error or None, field)}
<form method="post" action="/auth/invite">
<input type="hidden" name="token" value="{escape(token)}">
<div class="field"><label for="email">{said("Email")}</label>
<input id="email" name="email" type="email" value="{escape(shown.email)}" autocomplete="username" readonly></div>
<div class="field"><label for="password">{said("Choose a password")}</label>
<div class="with-peek"><input id="password" name="password" type="password" autocomplete="new-password" minlength="{least}" maxlength="128" required autofocus{invalid if field == "password" else ""} aria-describedby="password-hint" data-testid="invite-password">
{peek()}</div>
<p class="hint" id="password-hint">{said("At least {count} characters. A few words with spaces make a good one.", count=str(least))}</p></div>
{_second_factor(shown, invalid if field == "code" else "")}
<button class="primary" type="submit" data-testid="invite-submit">{said("Join")}</button>
</form>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Invitation"), body, fonts)


def _second_factor(shown: Welcome, invalid: str) -> str:
    return app_and_code(shown.totp_secret, shown.email, invalid, test_id="invite") if shown.totp_secret else ""
