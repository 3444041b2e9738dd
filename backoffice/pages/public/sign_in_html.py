"""Sign-in as plain HTML: it works without scripts, without the websocket and for password managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from reflex.utils.prerequisites import get_web_dir
from reflex_base.constants import Dirs

from backoffice.i18n import gettext, language

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


@lru_cache(1)
def built_fonts() -> str:
    """Point at the fonts of the compiled pages beside us."""
    return font_links(get_web_dir() / Dirs.STATIC / "assets")


def said(text: str, **markup: str) -> str:
    """Say a text of ours as HTML; its values are HTML already."""
    return escape(gettext(text), quote=False).format(**markup) if markup else escape(gettext(text), quote=False)


def peek(field: str = "password") -> str:
    """Let a password be looked at."""
    label = said("Show the password")
    return (
        f'<button type="button" data-peek="{field}" aria-label="{label}" aria-pressed="false" '
        f'data-hide="{said("Hide")}" hidden>'
        f"{said('Show')}</button>"
    )


def page(title: str, body: str, fonts: str = "", *, wide: str = "") -> str:
    """Put the body of a page that stands alone into its document; `wide` names the style sheet of one without forms."""
    style = f'<link rel="stylesheet" href="/{wide}">' if wide else ""
    script = "" if wide else '<script src="/sign-in.js" defer></script>'
    foot = f'<a href="/login">{said("Sign in")}</a>' if wide else _foot()
    return f"""<!doctype html>
<html lang="{language()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex">
<title>{escape(title)} · {PRODUCT}</title>
<script src="/theme.js"></script>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/tokens.css">
<link rel="stylesheet" href="/sign-in.css">{style}
{fonts}
</head>
<body data-busy="{said("Checking…")}">
<main>
<div class="brand"><img src="/mark.svg" alt="" width="32" height="32">{PRODUCT}</div>
{body}
</main>
<footer>{foot}</footer>
{script}
</body>
</html>
"""


def _foot() -> str:
    link = f'<a href="/status" data-testid="status-link">{said("Service status")}</a>'
    return f"<span>{said('Every sign-in is recorded.')}</span> {link}"


def field_problem(error: str | None, field: str) -> str:
    """Say what is wrong, with a link to its field; "" when nothing is."""
    if not error:
        return ""
    return (
        '<div class="problem" id="problem" role="alert" tabindex="-1">'
        f"<h2>{said('There is a problem')}</h2>"
        f'<ul><li><a href="#{field}">{escape(error)}</a></li></ul></div>'
    )


def hidden(**values: str) -> str:
    """Carry values along with a form."""
    named = ((name, value) for name, value in values.items() if value)
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in named)


def _invalid(error: str | None) -> str:
    return ' aria-invalid="true" aria-describedby="problem"' if error else ""


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One person of the demo, offered on the page itself."""

    name: str
    role: str
    href: str


def login_page(
    error: str | None = None,
    email: str = "",
    next_url: str = "",
    *,
    password: str = "",
    notice: str = "",
    fonts: str = "",
    demo: Sequence[DemoLogin] = (),
    passkey: str = "",
    sso: str = "",
) -> str:
    """Ask for e-mail and password; posts `email`, `password` and `next` to /auth/login.

    `error` is one sentence that does not say which of the two was wrong; `password` and `demo` fill the demo's form.
    """
    told = f'<p class="notice" role="status">{escape(notice)}</p>' if notice else ""
    focus = (" autofocus", "") if not email else ("", " autofocus")
    body = f"""<div class="card">
<h1>{said("Sign in")}</h1>
<p>{said("To your partner or review workspace.")}</p>
{told}{field_problem(error, "email")}
<form method="post" action="/auth/login">
{hidden(next=next_url)}
<div class="field"><label for="email">{said("Email")}</label>
<input id="email" name="email" type="email" value="{escape(email)}" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" required{focus[0]}{_invalid(error)} data-testid="login-email"></div>
<div class="field"><label for="password">{said("Password")}</label>
<div class="with-peek"><input id="password" name="password" type="password" value="{escape(password)}" autocomplete="current-password" required{focus[1]}{_invalid(error)} data-testid="login-password">
{peek()}</div></div>
<button class="primary" type="submit" data-testid="login-submit">{said("Sign in")}</button>
</form>
{apart(passkey)}{sso}
<div class="below"><a href="/reset" data-testid="login-forgot">{said("Forgot your password?")}</a></div>
</div>{_cast(demo)}"""  # noqa: E501 one element a line
    return page(gettext("Sign in"), body, fonts)


def apart(other: str) -> str:
    """Set another way apart from the one before it."""
    return f'<div class="or">{said("or")}</div>{other}' if other.startswith("<form") else other


def _cast(demo: Sequence[DemoLogin]) -> str:
    if not demo:
        return ""
    people = "".join(
        f'<li><a href="{escape(one.href)}">{escape(one.name)}<span>{escape(one.role)}</span></a></li>' for one in demo
    )
    label, head = said("People of the demo"), said("Demo: sign in as")
    return f'<section class="cast" aria-label="{label}"><h2>{head}</h2><ul>{people}</ul></section>'


def mfa_page(
    error: str | None = None,
    next_url: str = "",
    *,
    fonts: str = "",
    demo_code: str = "",
    recovery_url: str = "/login/recovery",
    passkey: str = "",
) -> str:
    """Ask for the six digits; posts `code` and `next` to /auth/mfa. In the demo the code stands on the page."""
    told = said("Demo: the code is {code}.", code=f"<strong>{escape(demo_code)}</strong>")
    demo = f'<p class="notice" role="status">{told}</p>' if demo_code else ""
    body = f"""<div class="card">
<h1>{said("Second step")}</h1>
<p>{said("Enter the six digits that your authenticator app shows.")}</p>
{demo}{field_problem(error, "code")}
<form method="post" action="/auth/mfa">
{hidden(next=next_url)}
<div class="field"><label for="code">{said("Code")}</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" maxlength="7" required autofocus{_invalid(error)} data-code data-testid="mfa-code"></div>
<button class="primary" type="submit" data-testid="mfa-submit">{said("Verify")}</button>
</form>
{apart(passkey)}
<div class="below"><a href="/login">{said("Start again")}</a><a href="{escape(recovery_url)}" data-testid="mfa-recovery">{said("Use a recovery code")}</a></div>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Second step"), body, fonts)


def recovery_page(error: str | None = None, next_url: str = "", *, fonts: str = "", code_url: str = "") -> str:
    """Ask for a recovery code in the app's stead; posts `code` and `next` to /auth/recovery."""
    body = f"""<div class="card">
<h1>{said("Recovery code")}</h1>
<p>{said("Enter one of the codes that you kept for the day your phone is not there. It works once.")}</p>
{field_problem(error, "code")}
<form method="post" action="/auth/recovery">
{hidden(next=next_url)}
<div class="field"><label for="code">{said("Recovery code")}</label>
<input class="recovery" id="code" name="code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="60" required autofocus{_invalid(error)} aria-describedby="code-hint" data-testid="recovery-code">
<p class="hint" id="code-hint">{said("24 letters and digits in four groups. Without one, an administrator of yours can reset your second step.")}</p></div>
<button class="primary" type="submit" data-testid="recovery-submit">{said("Verify")}</button>
</form>
<div class="below"><a href="/login">{said("Start again")}</a><a href="{escape(code_url)}">{said("Use the app")}</a></div>
</div>"""  # noqa: E501 one element a line
    return page(gettext("Recovery code"), body, fonts)


def message_page(
    status: int,
    title: str,
    text: str,
    *,
    actions: Sequence[tuple[str, str]] | None = None,
    request_id: str = "",
    fonts: str = "",
) -> str:
    """Say one thing plainly: denied, not found, failed, offline. The first action is the main one."""
    test_id = "denied-state" if status in {401, 403} else "error-state"
    told = said("Request {reference}", reference=f"<code>{escape(request_id)}</code>")
    reference = f'<p class="hint">{told}</p>' if request_id else ""
    start = ((gettext("Go to the start page"), "/"),)
    links = [
        f'<a class="{"primary" if index == 0 else "link"}" href="{escape(href)}">{escape(words)}</a>'
        for index, (words, href) in enumerate(start if actions is None else actions)
    ]
    body = f"""<div class="card message" data-testid="{test_id}">
<div class="status">{status}</div>
<h1>{escape(title)}</h1>
<p>{escape(text)}</p>
{reference}{" ".join(links)}
</div>"""
    return page(title, body, fonts)
