"""The passkeys of one's own login, a card of its page."""

from html import escape
from typing import Protocol

from backoffice.i18n import gettext
from backoffice.i18n.dates import day_words
from backoffice.models.passkeys import Passkey
from backoffice.pages.public.passkey_html import Asking, passkey_form
from backoffice.pages.public.sign_in_html import said
from backoffice.services.own_logins import OwnLogin
from backoffice.services.passkeys import MAX_NAME, MOST


class Told(Protocol):
    """What was wrong with which form."""

    def told(self, form: str, default: str) -> str:
        """Say it where it belongs."""
        ...

    def mark(self, form: str, field: str, default: str) -> str:
        """Mark the field that it is about."""
        ...


def passkeys_card(shown: OwnLogin, wrong: Told, away: str) -> str:
    """List one's passkeys, and add one."""
    rows = "".join(_row(one) for one in shown.passkeys)
    listed = f'<ul class="things" data-testid="passkeys">{rows}</ul>' if rows else ""
    return f"""<section class="card" id="passkey" data-testid="security-passkeys">
<h2>{said("Passkeys")}</h2>
<p>{said("Sign in with your fingerprint, your face or the code of your device, without the password. A passkey cannot be given away by mistake.")}</p>
{wrong.told("passkey", "passkey-name")}
{listed}
{_adding(shown, wrong, away)}
</section>"""  # noqa: E501 one element a line


def _adding(shown: OwnLogin, wrong: Told, away: str) -> str:
    if len(shown.passkeys) >= MOST:
        return f'<p class="hint apart">{said("You have ten passkeys, which is the most. Remove one first.")}</p>'
    field = f"""<div class="field"><label for="passkey-name">{said("A name for it")}</label>
<input id="passkey-name" name="name" type="text" maxlength="{MAX_NAME}" placeholder="{said("Work laptop")}" autocomplete="off"{wrong.mark("passkey", "passkey-name", "passkey-name")} data-testid="passkey-name"></div>
"""  # noqa: E501 one element a line
    tone = "secondary" if shown.passkeys else "primary"
    asking = Asking("create", "/auth/passkeys", "/auth/passkeys/options", said("Add a passkey"), "passkey-add", tone)
    return passkey_form(asking, away=away, inside=field)


def _row(one: Passkey) -> str:
    made = gettext("Added {day}", day=day_words(one.created_at.date()))
    used = gettext("used {day}", day=day_words(one.last_used_at.date())) if one.last_used_at else gettext("never used")
    where = [gettext("on several devices")] if one.is_synced else []
    number = escape(str(one.id))
    return f"""<li data-testid="passkey-row"><div><strong>{escape(one.name)}</strong><span class="hint">{escape(" · ".join([made, used, *where]))}</span></div>
<details><summary>{said("Change")}</summary>
<form method="post" action="/auth/passkeys/rename" class="line"><input type="hidden" name="passkey_id" value="{number}">
<label class="field" for="name-{number}">{said("Its name")}<input id="name-{number}" name="name" type="text" maxlength="{MAX_NAME}" value="{escape(one.name)}" autocomplete="off" required data-testid="passkey-rename"></label>
<button class="secondary" type="submit" data-testid="passkey-rename-submit">{said("Rename")}</button></form>
<form method="post" action="/auth/passkeys/remove" class="bare"><input type="hidden" name="passkey_id" value="{number}">
<button class="secondary danger" type="submit" data-testid="passkey-remove">{said("Remove this passkey")}</button></form>
</details></li>"""  # noqa: E501 one element a line
