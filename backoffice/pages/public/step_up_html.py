"""Confirming who one is, as plain HTML."""

from html import escape
from urllib.parse import urlencode

from backoffice.i18n import gettext
from backoffice.pages.public.passkey_html import Asking, passkey_form
from backoffice.pages.public.sign_in_html import apart, field_problem, hidden, page, said
from backoffice.services.step_up import Proofs


def step_up_page(proofs: Proofs, there: str, error: str | None = None, *, away: str = "", fonts: str = "") -> str:
    """Ask for what the person has: a code of their app, a passkey, or with neither their password."""
    field = "code" if proofs.code else "password" if proofs.password else "passkey"
    typed = _typed(field, there, error) if field != "passkey" else ""
    passkey = _passkey(there, away, is_alone=not typed) if proofs.passkey else ""
    ways = "".join(apart(way) if typed else way for way in (_at_provider(there) if proofs.sso else "", passkey) if way)
    body = f"""<div class="card" id="passkey" data-testid="step-up-page">
<h1>{said("Confirm that it is you")}</h1>
<p>{said("Changes of a login need a fresh proof.")}</p>
{field_problem(error, field)}
{typed}{ways}
<div class="below"><a href="/account">{said("Back to the account")}</a></div>
</div>"""
    return page(gettext("Confirm that it is you"), body, fonts)


def _typed(field: str, there: str, error: str | None) -> str:
    wrong = ' aria-invalid="true" aria-describedby="problem"' if error else ""
    digits = 'class="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="7" data-code'
    hidden_text = 'type="password" autocomplete="current-password" maxlength="1000"'
    label = said("The six digits that your app shows") if field == "code" else said("Your password")
    return f"""<form method="post" action="/auth/step-up">{hidden(next=there)}
<div class="field"><label for="{field}">{label}</label>
<input id="{field}" name="{field}" {digits if field == "code" else hidden_text} required autofocus{wrong} data-testid="step-up-field"></div>
<button class="primary" type="submit" data-testid="step-up-submit">{said("Confirm")}</button>
</form>"""  # noqa: E501 one element a line


def _passkey(there: str, away: str, *, is_alone: bool) -> str:
    tone = "primary" if is_alone else "secondary"
    words = said("Use a passkey")
    asking = Asking("get", "/auth/step-up", "/auth/step-up/options", words, "step-up-passkey", tone)
    return passkey_form(asking, away=away, next_url=there)


def _at_provider(there: str) -> str:
    """Offer to be asked anew by the company's provider: a link, since a form may not lead to another place."""
    href = escape(f"/auth/sso/confirm?{urlencode({'next': there})}")
    words = said("Confirm at your company's provider")
    return f'<p><a class="primary" href="{href}" data-testid="step-up-sso">{words}</a></p>'
