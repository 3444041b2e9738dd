"""The page of an invitation as plain HTML: a password, and the second factor where the role needs one."""

from html import escape

import segno

from backoffice.pages.public.sign_in_html import field_problem, page
from backoffice.services.invitations import Welcome
from backoffice.services.passwords import MIN_LENGTH, MIN_LENGTH_WITH_SECOND_FACTOR
from backoffice.services.second_factor import provisioning_url


def invite_page(token: str, shown: Welcome, error: str = "", field: str = "password", *, fonts: str = "") -> str:
    """Ask for a password and, with the square code beside it, for the first code; posts to /auth/invite."""
    place = escape(shown.partner) or "the review team"
    invalid = ' aria-invalid="true" aria-describedby="problem"' if error else ""
    least = MIN_LENGTH_WITH_SECOND_FACTOR if shown.totp_secret else MIN_LENGTH
    body = f"""<div class="card" data-testid="invitation">
<h1>Welcome, {escape(shown.name)}</h1>
<p>You join <strong>{place}</strong> as {escape(shown.role.replace("_", " "))}.</p>
{field_problem(error or None, field)}
<form method="post" action="/auth/invite">
<input type="hidden" name="token" value="{escape(token)}">
<div class="field"><label for="email">Email</label>
<input id="email" name="email" type="email" value="{escape(shown.email)}" autocomplete="username" readonly></div>
<div class="field"><label for="password">Choose a password</label>
<div class="with-peek"><input id="password" name="password" type="password" autocomplete="new-password" minlength="{least}" maxlength="128" required autofocus{invalid if field == "password" else ""} aria-describedby="password-hint" data-testid="invite-password">
<button type="button" data-peek="password" aria-label="Show the password" aria-pressed="false" hidden>Show</button></div>
<p class="hint" id="password-hint">At least {least} characters. A few words with spaces make a good one.</p></div>
{_second_factor(shown, invalid if field == "code" else "")}
<button class="primary" type="submit" data-testid="invite-submit">Join</button>
</form>
</div>"""  # noqa: E501 one element a line
    return page("Invitation", body, fonts)


def _second_factor(shown: Welcome, invalid: str) -> str:
    if shown.totp_secret is None:
        return ""
    square = segno.make(provisioning_url(shown.totp_secret, shown.email), micro=False)
    drawn = square.svg_inline(scale=4, border=2, dark="#0f172a", light="#ffffff", svgclass=None, lineclass=None)
    spaced = " ".join(shown.totp_secret[start : start + 4] for start in range(0, len(shown.totp_secret), 4))
    return f"""<div class="field"><span class="label">Scan this with your authenticator app</span>
<div class="square" role="img" aria-label="Square code for an authenticator app">{drawn}</div>
<details><summary>Or type the key</summary><p class="hint"><code data-testid="invite-seed">{spaced}</code></p></details></div>
<div class="field"><label for="code">The six digits it shows</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="7" required{invalid} data-code data-testid="invite-code"></div>"""  # noqa: E501 one element a line
