"""The page of one's own login as plain HTML: three forms, each with its own problem beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from backoffice.i18n import gettext, ngettext
from backoffice.pages.account.passkeys_html import passkeys_card
from backoffice.pages.public.second_factor_html import app_and_code
from backoffice.pages.public.sign_in_html import field_problem, page, peek, said
from backoffice.services.own_logins import OwnLogin
from backoffice.services.passwords import MIN_LENGTH, MIN_LENGTH_WITH_SECOND_FACTOR
from backoffice.services.recovery_codes import HOW_MANY

FEW = 3


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was wrong with which form."""

    form: str = ""
    problem: str = ""
    field: str = ""

    def told(self, form: str, default: str) -> str:
        """Say it where it belongs, with a link to its field."""
        return field_problem(self.problem, self.field or default) if self.form == form else ""

    def mark(self, form: str, field: str, default: str) -> str:
        """Mark the field that it is about."""
        is_it = self.form == form and (self.field or default) == field
        return ' aria-invalid="true" aria-describedby="problem"' if is_it else ""


def security_page(shown: OwnLogin, wrong: Wrong, *, notice: str = "", away: str = "", fonts: str = "") -> str:
    """Put them together, each a card of its own; `away` says why passkeys cannot be used at this address."""
    told = f'<p class="notice" role="status" data-testid="security-done">{escape(notice)}</p>' if notice else ""
    body = f"""<div class="above"><a href="/account">{said("Back to the account")}</a></div>
<h1 class="alone">{said("Your login")}</h1>
<p class="alone">{escape(shown.email)}</p>{told}
{_password(shown, wrong)}
{passkeys_card(shown, wrong, away)}
{_factor(shown, wrong)}
{_codes(shown, wrong)}"""
    return page(gettext("Your login"), body, fonts)


def _password(shown: OwnLogin, wrong: Wrong) -> str:
    least = MIN_LENGTH_WITH_SECOND_FACTOR if shown.is_second_factor_wanted else MIN_LENGTH
    return f"""<section class="card" id="password-card" data-testid="security-password">
<h2>{said("Password")}</h2>
{wrong.told("password", "current")}
<form method="post" action="/auth/password">
<input type="hidden" name="username" autocomplete="username" value="{escape(shown.email)}">
<div class="field"><label for="current">{said("The one you have")}</label>
<input id="current" name="current" type="password" autocomplete="current-password" maxlength="1000" required{wrong.mark("password", "current", "current")} data-testid="password-current"></div>
<div class="field"><label for="password">{said("The new one")}</label>
<div class="with-peek"><input id="password" name="password" type="password" autocomplete="new-password" minlength="{least}" maxlength="128" required{wrong.mark("password", "password", "current") or ' aria-describedby="password-hint"'} data-testid="password-new">
{peek()}</div>
<p class="hint" id="password-hint">{said("At least {count} characters. A few words with spaces make a good one.", count=str(least))}</p></div>
<button class="primary" type="submit" data-testid="password-submit">{said("Change the password")}</button>
</form>
</section>"""  # noqa: E501 one element a line


def _factor(shown: OwnLogin, wrong: Wrong) -> str:
    parts = _learning(shown, wrong) if shown.seed else _replacing(wrong) if shown.has_second_factor else _lacking(shown)
    return f"""<section class="card" id="factor" data-testid="security-factor">
<h2>{said("Second step")}</h2>
{wrong.told("factor", "code" if shown.seed else "present")}
{parts}
</section>"""


def _lacking(shown: OwnLogin) -> str:
    alone = said("You sign in with your password alone. A code from an app makes a stolen password worthless.")
    beside = said("After your password you use a passkey. An app is another way, for the day its device is not there.")
    return f"""<p>{beside if shown.passkeys else alone}</p>
<form method="post" action="/auth/second-factor">
<button class="secondary" type="submit" data-testid="factor-begin">{said("Set up an app")}</button>
</form>"""


def _replacing(wrong: Wrong) -> str:
    return f"""<p>{said("An app on your phone gives the codes. With a new phone, let the new app learn here.")}</p>
<form method="post" action="/auth/second-factor">
<div class="field"><label for="present">{said("A code of the app you have, or a recovery code")}</label>
<input class="recovery" id="present" name="present" type="text" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" maxlength="60" required{wrong.mark("factor", "present", "present")} data-testid="factor-present"></div>
<button class="secondary" type="submit" data-testid="factor-begin">{said("Use another app")}</button>
</form>"""  # noqa: E501 one element a line


def _learning(shown: OwnLogin, wrong: Wrong) -> str:
    square = app_and_code(shown.seed or "", shown.email, wrong.mark("factor", "code", "code"), test_id="factor")
    return f"""<form method="post" action="/auth/second-factor/code">
{square}
<button class="primary" type="submit" data-testid="factor-finish">{said("Verify and use it")}</button>
</form>
<form method="post" action="/auth/second-factor/drop" class="bare">
<button class="secondary" type="submit" data-testid="factor-drop">{said("Leave it as it was")}</button>
</form>"""


def _codes(shown: OwnLogin, wrong: Wrong) -> str:
    if not shown.has_second_factor:
        return ""
    count = shown.codes_left
    words = ngettext("{count} code left.", "{count} codes left.", count)
    state = words if count else gettext("You have none. Without your phone only an administrator can let you in.")
    tone = ' data-tone="amber"' if count < FEW else ""
    return f"""<section class="card" id="codes" data-testid="security-codes">
<h2>{said("Recovery codes")}</h2>
<p>{said("For the day your phone is not there: each lets you in once. Keep them where your phone is not.")}</p>
<p class="state"{tone} data-testid="codes-left">{escape(state)}</p>
{wrong.told("codes", "codes-code")}
<form method="post" action="/auth/recovery-codes">
{_digits("code", said("A code of your app"), wrong.mark("codes", "codes-code", "codes-code"), "codes-code")}
<button class="secondary" type="submit" data-testid="codes-make">{said("Make {count} new codes", count=str(HOW_MANY))}</button>
</form>
</section>"""  # noqa: E501 one element a line


def _digits(name: str, label: str, marked: str, place: str = "") -> str:
    return f"""<div class="field"><label for="{place or name}">{label}</label>
<input class="code" id="{place or name}" name="{name}" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="7" required{marked} data-code data-testid="{place or name}-code"></div>"""  # noqa: E501 one element a line


def codes_page(codes: Sequence[str], *, fonts: str = "") -> str:
    """Show new recovery codes, once."""
    rows = "".join(f"<li><code>{escape(code)}</code></li>" for code in codes)
    body = f"""<div class="card" data-testid="new-codes">
<h1>{said("Your recovery codes")}</h1>
<p>{said("They are shown this once, and those before do not work any more. Print them or put them into your password manager.")}</p>
<ol class="codes">{rows}</ol>
<div class="row"><button class="secondary" type="button" data-copy="{escape(chr(10).join(codes))}" hidden>{said("Copy")}</button>
<button class="secondary" type="button" data-print hidden>{said("Print")}</button></div>
<div class="below"><a href="/account/security" data-testid="codes-kept">{said("I have kept them")}</a></div>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Your recovery codes"), body, fonts)
