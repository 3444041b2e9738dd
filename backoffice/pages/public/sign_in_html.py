"""Sign-in as plain HTML: it works without scripts, without the websocket and for password managers."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

PRODUCT = "Partner Backoffice"
FONTS = (
    ("Inter Variable", "100 900", "inter-latin-wght-normal-*.woff2"),
    ("Source Sans 3 Variable", "200 900", "source-sans-3-latin-wght-normal-*.woff2"),
)


@lru_cache(4)
def font_links(assets: Path) -> str:
    """Point at the fonts that the build bundled, so that one download serves sign-in and app; "" without a build."""
    links, faces = [], []
    for family, weights, pattern in FONTS:
        found = sorted(assets.glob(pattern))
        if not found:
            continue
        url = f"/{assets.name}/{escape(found[0].name)}"
        links.append(f'<link rel="preload" href="{url}" as="font" type="font/woff2" crossorigin>')
        faces.append(
            f'@font-face{{font-family:"{family}";font-weight:{weights};font-display:swap;'
            f'src:url("{url}") format("woff2")}}'
        )
    return f"{''.join(links)}<style>{''.join(faces)}</style>" if faces else ""


def _page(title: str, body: str, fonts: str = "") -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex">
<title>{escape(title)} · {PRODUCT}</title>
<script src="/theme.js"></script>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/tokens.css">
<link rel="stylesheet" href="/sign-in.css">
{fonts}
</head>
<body>
<main>
<div class="brand"><img src="/mark.svg" alt="" width="32" height="32">{PRODUCT}</div>
{body}
</main>
<footer><span>Every sign-in is recorded.</span></footer>
<script src="/sign-in.js" defer></script>
</body>
</html>
"""


def _problem(error: str | None, field: str) -> str:
    if not error:
        return ""
    return (
        '<div class="problem" id="problem" role="alert" tabindex="-1"><h2>There is a problem</h2>'
        f'<ul><li><a href="#{field}">{escape(error)}</a></li></ul></div>'
    )


def _hidden(**values: str) -> str:
    named = ((name, value) for name, value in values.items() if value)
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in named)


def _invalid(error: str | None) -> str:
    return ' aria-invalid="true" aria-describedby="problem"' if error else ""


def login_page(
    error: str | None = None,
    email: str = "",
    next_url: str = "",
    *,
    csrf: str = "",
    notice: str = "",
    fonts: str = "",
) -> str:
    """Ask for e-mail and password; posts `email`, `password`, `next` and `csrf` to /auth/login.

    `error` is one sentence that does not say which of the two was wrong.
    """
    told = f'<p class="notice" role="status">{escape(notice)}</p>' if notice else ""
    focus = (" autofocus", "") if not email else ("", " autofocus")
    body = f"""<div class="card">
<h1>Sign in</h1>
<p>To your partner, review or operations workspace.</p>
{told}{_problem(error, "email")}
<form method="post" action="/auth/login">
{_hidden(next=next_url, csrf=csrf)}
<div class="field"><label for="email">Email</label>
<input id="email" name="email" type="email" value="{escape(email)}" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" required{focus[0]}{_invalid(error)} data-testid="login-email"></div>
<div class="field"><label for="password">Password</label>
<div class="with-peek"><input id="password" name="password" type="password" autocomplete="current-password" required{focus[1]}{_invalid(error)} data-testid="login-password">
<button type="button" data-peek="password" aria-label="Show the password" aria-pressed="false" hidden>Show</button></div></div>
<button class="primary" type="submit" data-testid="login-submit">Sign in</button>
</form>
</div>"""  # noqa: E501 one element a line
    return _page("Sign in", body, fonts)


def mfa_page(
    error: str | None = None,
    next_url: str = "",
    *,
    csrf: str = "",
    email: str = "",
    fonts: str = "",
) -> str:
    """Ask for the six digits or a recovery code; posts `code` or `recovery_code`, `next` and `csrf` to /auth/mfa."""
    who = f" for {escape(email)}" if email else ""
    body = f"""<div class="card">
<h1>Second step</h1>
<p>Enter the six digits that your authenticator app shows{who}.</p>
{_problem(error, "code")}
<form method="post" action="/auth/mfa">
{_hidden(next=next_url, csrf=csrf)}
<div class="field"><label for="code">Code</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="7" autofocus{_invalid(error)} data-code data-testid="mfa-code"></div>
<details><summary>Use a recovery code instead</summary>
<div class="field"><label for="recovery">Recovery code</label>
<input id="recovery" name="recovery_code" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" data-testid="mfa-recovery">
<span class="hint">Each recovery code works once.</span></div></details>
<button class="primary" type="submit" data-testid="mfa-submit">Verify</button>
</form>
<div class="below"><a href="/login">Start again</a></div>
</div>"""  # noqa: E501 one element a line
    return _page("Second step", body, fonts)


def message_page(
    status: int,
    title: str,
    text: str,
    *,
    actions: Sequence[tuple[str, str]] = (("Go to the start page", "/"),),
    request_id: str = "",
    fonts: str = "",
) -> str:
    """Say one thing plainly: denied, not found, failed, offline. The first action is the main one."""
    test_id = "denied-state" if status in {401, 403} else "error-state"
    reference = f'<p class="hint">Request <code>{escape(request_id)}</code></p>' if request_id else ""
    links = [
        f'<a class="{"primary" if index == 0 else "link"}" href="{escape(href)}">{escape(words)}</a>'
        for index, (words, href) in enumerate(actions)
    ]
    body = f"""<div class="card message" data-testid="{test_id}">
<div class="status">{status}</div>
<h1>{escape(title)}</h1>
<p>{escape(text)}</p>
{reference}{" ".join(links)}
</div>"""
    return _page(title, body, fonts)
