"""Setting a second factor up as plain HTML: a square code for an authenticator app, and the first code it shows."""

from html import escape

import segno

from backoffice.i18n import gettext
from backoffice.pages.public.sign_in_html import field_problem, hidden, page, said
from backoffice.services.second_factor import provisioning_url


def enrolment_page(seed: str, email: str, error: str | None = None, next_url: str = "", *, fonts: str = "") -> str:
    """Let somebody without a second factor set one up on the way in; posts `code` and `next` to /auth/mfa."""
    invalid = ' aria-invalid="true" aria-describedby="problem"' if error else ""
    body = f"""<div class="card" data-testid="enrolment">
<h1>{said("Set up your second step")}</h1>
<p>{said("Your account needs one: a code from an app on your phone, beside your password.")}</p>
{field_problem(error, "code")}
<form method="post" action="/auth/mfa">
{hidden(next=next_url)}
{app_and_code(seed, email, invalid, test_id="enrol")}
<button class="primary" type="submit" data-testid="mfa-submit">{said("Verify and go on")}</button>
</form>
<div class="below"><a href="/login">{said("Start again")}</a></div>
</div>"""
    return page(gettext("Second step"), body, fonts)


def app_and_code(seed: str, email: str, invalid: str, *, test_id: str) -> str:
    """Draw the square code with its key in letters, and ask for the digits that the app shows then."""
    square = segno.make(provisioning_url(seed, email), micro=False)
    drawn = square.svg_inline(scale=4, border=2, dark="#0f172a", light="#ffffff", svgclass=None, lineclass=None)
    spaced = escape(" ".join(seed[start : start + 4] for start in range(0, len(seed), 4)))
    return f"""<div class="field"><span class="label">{said("Scan this with your authenticator app")}</span>
<div class="square" role="img" aria-label="{said("Square code for an authenticator app")}">{drawn}</div>
<details><summary>{said("Or type the key")}</summary><p class="hint"><code data-testid="{test_id}-seed">{spaced}</code></p></details></div>
<div class="field"><label for="code">{said("The six digits it shows")}</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="7" required{invalid} data-code data-testid="{test_id}-code"></div>"""  # noqa: E501 one element a line
