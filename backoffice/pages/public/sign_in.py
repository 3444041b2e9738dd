"""Sign-in, second step and sign-out as plain HTTP: forms in, redirects out (docs/decisions/0007)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.api import cookies, languages
from backoffice.api.visitors import browser_actor, visitor_of
from backoffice.errors import BackofficeError, TooMany
from backoffice.i18n import N_, gettext
from backoffice.pages.public import demo_people, passkey_html, sign_in_html, sso_html
from backoffice.pages.public.second_factor_html import enrolment_page
from backoffice.services import passkey_proofs, passkey_roles, sign_in, sso_places, sso_rules
from backoffice.services.audiences import SIGN_IN_PAGE, home_of, local_path
from backoffice.services.sign_in import Step
from backoffice.services.workspace_settings import SUSPENDED, WRONG_NETWORK

SEE_OTHER = 303
CODE_PAGE = "/login/mfa"
RECOVERY_PAGE = "/login/recovery"
SAID = {
    "wrong_credentials": sign_in.WRONG_PASSWORD,
    "wrong_code": sign_in.WRONG_CODE,
    "wrong_recovery_code": sign_in.WRONG_RECOVERY_CODE,
    "login_disabled": N_("This login is disabled. Ask your administrator."),
    "address_not_allowed": WRONG_NETWORK,
    "partner_suspended": SUSPENDED,
    "wrong_passkey": N_("This passkey was not accepted. Try again."),
    "passkey_too_late": passkey_proofs.TOO_LATE,
    "passkey_went_back": passkey_proofs.WENT_BACK,
    "passkeys_unavailable": passkey_proofs.NEEDS_NAME,
    "live_unavailable": N_("Passkeys cannot be checked right now. Sign in with your password."),
    sso_rules.CODE: sso_rules.ONLY_WAY,
    passkey_roles.CODE: passkey_roles.NEEDED,
    "start_again": N_("This took too long. Sign in again."),
}
"""What a page says after a redirect; only codes travel in the address, never texts."""
NOTICES = {"password_set": N_("Your new password is set. Sign in with it.")}
MAX_FIELD = 1_000


@dataclass(frozen=True, slots=True)
class Ways:
    """Where a step leads."""

    next: str

    def query(self, **more: str) -> str:
        """Write the query that carries the way on."""
        values = {name: value for name, value in {"next": self.next, **more}.items() if value}
        return f"?{urlencode(values)}" if values else ""


def _said(request: Request) -> str | None:
    words = SAID.get(request.query_params.get("problem", ""))
    return gettext(words) if words else None


def _noticed(request: Request) -> str:
    words = NOTICES.get(request.query_params.get("notice", ""))
    return gettext(words) if words else ""


def ways_of(values: FormData | dict[str, str]) -> Ways:
    """Read where somebody wants to go then; only to pages of ours."""
    return Ways(local_path(str(values.get("next", ""))[:MAX_FIELD], ""))


async def login(request: Request) -> Response:
    """Show the form, or go on when somebody is signed in already."""
    ways = ways_of(dict(request.query_params))
    actor = await browser_actor(request)
    if actor is not None:
        return RedirectResponse(ways.next or home_of(actor), SEE_OTHER)
    error = _said(request)
    chosen = demo_people.chosen(request.query_params.get("as", ""))
    html = sign_in_html.login_page(
        error,
        chosen.email,
        ways.next,
        password=chosen.password,
        notice=_noticed(request),
        fonts=sign_in_html.built_fonts(),
        demo=demo_people.logins(lambda email: SIGN_IN_PAGE + ways.query(**{"as": email})),
        passkey=passkey_html.sign_in_form(passkey_html.elsewhere(_host(request)), ways.next),
        sso=sso_html.login_link(ways.query()) if await sso_places.is_offered() else "",
    )
    return _page(html)


async def check_password(request: Request) -> Response:
    """Take e-mail and password."""
    form = await request.form(max_files=0, max_fields=10)
    ways, previous = ways_of(form), cookies.secret_in(request.scope["headers"])
    email, password = str(form.get("email", "")), str(form.get("password", ""))
    try:
        step = await sign_in.with_password(email, password, visitor_of(request), previous=previous)
    except TooMany as error:
        return too_many(error, ways, email)
    except BackofficeError as error:
        return RedirectResponse(SIGN_IN_PAGE + ways.query(problem=error.code), SEE_OTHER)
    return went_well(request, step, ways)


def too_many(error: TooMany, ways: Ways, email: str = "") -> Response:
    """Show the form with how long to wait."""
    html = sign_in_html.login_page(str(error), email[:MAX_FIELD], ways.next, fonts=sign_in_html.built_fonts())
    return _page(html, error)


async def code_page(request: Request) -> Response:
    """Show the form of the second step; without a first one begin there."""
    waiting = await sign_in.waiting_for_code(cookies.secret_in(request.scope["headers"]), visitor_of(request))
    if waiting is None:
        return RedirectResponse(SIGN_IN_PAGE, SEE_OTHER)
    error = _said(request)
    ways, fonts = ways_of(dict(request.query_params)), sign_in_html.built_fonts()
    if waiting.totp_seed:
        return _page(enrolment_page(waiting.totp_seed, waiting.email, error, ways.next, fonts=fonts))
    away = passkey_html.elsewhere(_host(request)) if waiting.has_passkey or waiting.makes_passkey else ""
    if waiting.makes_passkey:
        return _page(passkey_html.making_page(error, ways.next, away=away, fonts=fonts))
    if not waiting.has_app:
        return _page(passkey_html.second_step_page(error, ways.next, away=away, fonts=fonts))
    passkey = passkey_html.second_step_form(away, ways.next, is_alone=False) if waiting.has_passkey else ""
    demo, recovery = demo_people.code(waiting.email), RECOVERY_PAGE + ways.query()
    html = sign_in_html.mfa_page(error, ways.next, fonts=fonts, demo_code=demo, recovery_url=recovery, passkey=passkey)
    return _page(html)


def _host(request: Request) -> str:
    return request.url.hostname or ""


async def check_code(request: Request) -> Response:
    """Take the code of the second factor."""
    form = await request.form(max_files=0, max_fields=10)
    ways, secret = ways_of(form), cookies.secret_in(request.scope["headers"])
    try:
        step = await sign_in.with_code(secret, str(form.get("code", ""))[:MAX_FIELD], visitor_of(request))
    except TooMany as error:
        return _page(sign_in_html.mfa_page(str(error), ways.next, fonts=sign_in_html.built_fonts()), error)
    except BackofficeError as error:
        place = CODE_PAGE if error.code in {"wrong_code", passkey_roles.CODE} else SIGN_IN_PAGE
        return RedirectResponse(place + ways.query(problem=error.code), SEE_OTHER)
    return went_well(request, step, ways)


async def recovery_page(request: Request) -> Response:
    """Show the form of the second step without the app; without a first one, or where no code is taken, begin there."""
    waiting = await sign_in.waiting_for_code(cookies.secret_in(request.scope["headers"]), visitor_of(request))
    ways = ways_of(dict(request.query_params))
    if waiting is None or waiting.totp_seed or not waiting.has_app:
        return RedirectResponse(SIGN_IN_PAGE if waiting is None else CODE_PAGE + ways.query(), SEE_OTHER)
    fonts, back = sign_in_html.built_fonts(), CODE_PAGE + ways.query()
    return _page(sign_in_html.recovery_page(_said(request), ways.next, fonts=fonts, code_url=back))


async def check_recovery_code(request: Request) -> Response:
    """Take a recovery code."""
    form = await request.form(max_files=0, max_fields=10)
    ways, secret = ways_of(form), cookies.secret_in(request.scope["headers"])
    try:
        step = await sign_in.with_recovery_code(secret, str(form.get("code", ""))[:MAX_FIELD], visitor_of(request))
    except TooMany as error:
        html = sign_in_html.recovery_page(str(error), ways.next, fonts=sign_in_html.built_fonts(), code_url=CODE_PAGE)
        return _page(html, error)
    except BackofficeError as error:
        place = {"wrong_recovery_code": RECOVERY_PAGE, passkey_roles.CODE: CODE_PAGE}.get(error.code, SIGN_IN_PAGE)
        return RedirectResponse(place + ways.query(problem=error.code), SEE_OTHER)
    return went_well(request, step, ways)


async def leave(request: Request) -> Response:
    """Sign out, in every tab, and leave nothing behind."""
    await sign_in.sign_out(cookies.secret_in(request.scope["headers"]), visitor_of(request))
    response = RedirectResponse(SIGN_IN_PAGE, SEE_OTHER)
    cookies.drop(response)
    return response


def went_well(request: Request, step: Step, ways: Ways) -> Response:
    """Give the browser its new secret and lead on."""
    there = (ways.next or home_of(step.actor)) if step.is_complete else CODE_PAGE + ways.query()
    response = RedirectResponse(there, SEE_OTHER)
    cookies.keep(response, step.secret)
    if step.browser:
        cookies.keep_browser(response, step.browser)
    if step.is_complete and step.language:
        languages.keep(response, step.language)
    elif step.is_complete and languages.COOKIE in request.cookies:
        languages.forget(response)
    return response


def _page(html: str, error: TooMany | None = None) -> Response:
    headers = {"Cache-Control": "no-store"}
    if error is None:
        return HTMLResponse(html, headers=headers)
    return HTMLResponse(html, error.status, headers | {"Retry-After": str(error.retry_after)})


def denied_page(sentence: str) -> str:
    """Say which role would open a page."""
    title, fonts = gettext("Not open to your role"), sign_in_html.built_fonts()
    return sign_in_html.message_page(403, title, sentence, fonts=fonts)


def missing_page() -> str:
    """Say that there is no page with an address."""
    title, fonts = gettext("Page not found"), sign_in_html.built_fonts()
    sentence = gettext("There is no page with this address. Look at it again, or go on from the start page.")
    return sign_in_html.message_page(404, title, sentence, fonts=fonts)


def _both(path: str) -> tuple[str, str]:
    """Serve a page with and without the slash that static servers add."""
    return path, f"{path}/"


routes = [
    *(Route(path, login, methods=["GET"]) for path in _both(SIGN_IN_PAGE)),
    *(Route(path, code_page, methods=["GET"]) for path in _both(CODE_PAGE)),
    *(Route(path, recovery_page, methods=["GET"]) for path in _both(RECOVERY_PAGE)),
    Route("/auth/recovery", check_recovery_code, methods=["POST"]),
    Route("/auth/login", check_password, methods=["POST"]),
    Route("/auth/mfa", check_code, methods=["POST"]),
    Route("/auth/logout", leave, methods=["POST"]),
]
