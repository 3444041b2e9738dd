"""Single sign-on as plain HTML: links only, since a form's redirect to another place is refused by our policy."""

from html import escape

from backoffice.i18n import gettext
from backoffice.pages.public.sign_in_html import field_problem, hidden, page, said


def find_page(error: str | None, email: str, next_url: str, *, fonts: str = "") -> str:
    """Ask for the address that says which company somebody is of."""
    invalid = ' aria-invalid="true" aria-describedby="problem"' if error else ""
    body = f"""<div class="card" data-testid="sso-find">
<h1>{said("Single sign-on")}</h1>
<p>{said("Sign in with the account that your company gave you.")}</p>
{field_problem(error, "email")}
<form method="post" action="/auth/sso/find">{hidden(next=next_url)}
<div class="field"><label for="email">{said("Work email")}</label>
<input id="email" name="email" type="email" value="{escape(email)}" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" required autofocus{invalid} data-testid="sso-email"></div>
<button class="primary" type="submit" data-testid="sso-find-submit">{said("Go on")}</button>
</form>
<div class="below"><a href="/login">{said("Sign in with a password")}</a></div>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Single sign-on"), body, fonts)


def start_page(name: str, start_url: str, *, fonts: str = "") -> str:
    """Offer the way to a company's provider."""
    words = said("Sign in at {company}'s own provider. You come back here by yourself.", company=escape(name))
    body = f"""<div class="card" data-testid="sso-start-page">
<h1>{escape(name)}</h1>
<p>{words}</p>
<a class="primary" href="{escape(start_url)}" data-testid="sso-start">{said("Continue with single sign-on")}</a>
<div class="below"><a href="/login">{said("Sign in with a password")}</a></div>
</div>"""
    return page(gettext("Single sign-on"), body, fonts)


def login_link(next_query: str) -> str:
    """Offer single sign-on on the page that asks for a password."""
    words = said("Single sign-on")
    return f'<a class="secondary" href="/login/sso{escape(next_query)}" data-testid="login-sso">{words}</a>'


def confirmed_page(*, fonts: str = "") -> str:
    """Say where to go on."""
    body = f"""<div class="card message" data-testid="sso-confirmed">
<h1>{said("Confirmed")}</h1>
<p>{said("Close this tab, and press again in the other one what you wanted to do.")}</p>
</div>"""
    return page(gettext("Confirmed"), body, fonts)


def refused_page(sentence: str, code: str, *, request_id: str, retry_url: str, fonts: str = "") -> str:
    """Say that nobody was signed in, and for the administrator why."""
    reason = said("For your administrator: {reason}", reason=f"<code>{escape(code)}</code>")
    told = said("Request {reference}", reference=f"<code>{escape(request_id)}</code>") if request_id else ""
    body = f"""<div class="card message" data-testid="sso-refused">
<h1>{said("You were not signed in")}</h1>
<p role="alert">{escape(sentence)}</p>
<p class="hint">{reason}</p>
<p class="hint">{told}</p>
<a class="primary" href="{escape(retry_url)}">{said("Try again")}</a> <a class="link" href="/login">{said("Sign in with a password")}</a>
</div>"""  # noqa: E501 one element a line
    return page(gettext("You were not signed in"), body, fonts)
