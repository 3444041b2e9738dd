"""Passkeys as plain HTML: a form that `passkey.js` fills, and what stands there where passkeys cannot be."""

from dataclasses import dataclass
from html import escape

from backoffice.i18n import gettext
from backoffice.pages.public.sign_in_html import field_problem, hidden, page, said
from backoffice.services.passkey_proofs import NEEDS_NAME, passkey_place

SCRIPT = '<script src="/passkey.js" defer></script>'


@dataclass(frozen=True, slots=True)
class Asking:
    """One form: what it asks the browser for, and where options come from and the answer goes to."""

    kind: str
    action: str
    options: str
    words: str
    test_id: str
    tone: str = "secondary"


def elsewhere(host: str) -> str:
    """Say as HTML why passkeys cannot be used at this address of ours; "" where they can."""
    place = passkey_place()
    if place is None:
        return said(NEEDS_NAME)
    if place.host == host:
        return ""
    link = f'<a href="{escape(place.origin)}/login">{escape(place.origin)}</a>'
    return said("Passkeys need a host name. They work at {address}.", address=link)


def passkey_form(asking: Asking, *, away: str, next_url: str = "", inside: str = "") -> str:
    """Ask for a passkey; without scripts, or at another address than ours, say why not."""
    if away:
        return f'<p class="hint apart" data-testid="passkey-away">{away}</p>'
    cancelled = said("No passkey was used. Try again, or take another way.")
    known = said("This device has a passkey for your login already.")
    known = f' data-known="{known}"' if asking.kind == "create" else ""
    return f"""<form method="post" action="{asking.action}" data-passkey="{asking.kind}" data-options="{asking.options}" data-cancelled="{cancelled}"{known} hidden>
{hidden(next=next_url)}<input type="hidden" name="passkey">
{inside}<button class="{asking.tone}" type="submit" data-testid="{asking.test_id}">{asking.words}</button>
<p class="hint" role="status" data-said></p>
</form>
<p class="hint apart" data-passkey-none>{said("This browser cannot use passkeys here.")}</p>
{SCRIPT}"""  # noqa: E501 one element a line


def sign_in_form(away: str, next_url: str) -> str:
    """Offer to sign in without a password."""
    asking = Asking("get", "/auth/passkey", "/auth/passkey/options", said("Sign in with a passkey"), "login-passkey")
    return passkey_form(asking, away=away, next_url=next_url)


def second_step_form(away: str, next_url: str, *, is_alone: bool) -> str:
    """Offer a passkey as the second step."""
    tone = "primary" if is_alone else "secondary"
    options = "/auth/passkey/second-step/options"
    asking = Asking("get", "/auth/passkey/second-step", options, said("Use a passkey"), "mfa-passkey", tone)
    return passkey_form(asking, away=away, next_url=next_url)


def second_step_page(error: str | None, next_url: str, *, away: str, fonts: str = "") -> str:
    """Ask who has passkeys and no app for one of them."""
    body = f"""<div class="card" id="passkey" data-testid="passkey-step">
<h1>{said("Second step")}</h1>
<p>{said("Prove with your passkey that it is you.")}</p>
{field_problem(error, "passkey")}
{second_step_form(away, next_url, is_alone=True)}
<div class="below"><a href="/login">{said("Start again")}</a></div>
</div>"""
    return page(gettext("Second step"), body, fonts)


def making_page(error: str | None, next_url: str, *, away: str, fonts: str = "") -> str:
    """Let who needs a passkey for their role make their first one, which ends the sign-in."""
    options = "/auth/passkey/first/options"
    asking = Asking("create", "/auth/passkey/first", options, said("Make a passkey"), "first-passkey", "primary")
    body = f"""<div class="card" id="passkey" data-testid="first-passkey-step">
<h1>{said("Make your passkey")}</h1>
<p>{said("Your role signs in with a passkey: your fingerprint, your face or the code of your device. Make one now, and you are in.")}</p>
{field_problem(error, "passkey")}
{passkey_form(asking, away=away, next_url=next_url)}
<div class="below"><a href="/login">{said("Start again")}</a></div>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Second step"), body, fonts)
