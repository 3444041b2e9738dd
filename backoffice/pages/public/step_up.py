"""`/auth/step-up`: a fresh proof of who sits at a signed-in browser, for the dialog as JSON and for forms as a page."""

from dataclasses import asdict
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.adapters.authenticators import MOST_BYTES
from backoffice.api import cookies
from backoffice.api.visitors import browser_actor, visitor_of
from backoffice.errors import BackofficeError, NotSignedIn, TooMany
from backoffice.i18n import speak
from backoffice.i18n.catalogue import ENGLISH
from backoffice.pages.public import passkey_html, sign_in_html, step_up_html
from backoffice.pages.public.passkeys import NO_STORE, options
from backoffice.services import step_up, tab_passes
from backoffice.services.access import Actor
from backoffice.services.audiences import SIGN_IN_PAGE, local_path
from backoffice.services.step_up import Proof

SEE_OTHER = 303
MAX_FIELD = 1_000
JSON = "application/json"


async def _whose(request: Request) -> Actor | None:
    actor = await browser_actor(request)
    if actor is not None and actor.partner_id is None:
        speak(ENGLISH)
    return actor


def _nobody() -> Response:
    error = NotSignedIn("Your session has ended. Sign in again.")
    return JSONResponse({"error": str(error), "code": error.code}, error.status, NO_STORE)


async def ways(request: Request) -> Response:
    """Say how the person can confirm who they are."""
    actor = await _whose(request)
    if actor is None:
        return _nobody()
    found = await step_up.proofs(actor)
    return JSONResponse(asdict(found) | {"none": not any(asdict(found).values())}, headers=NO_STORE)


async def passkey_options(request: Request) -> Response:
    """Ask for one of the person's passkeys."""
    actor = await _whose(request)
    return _nobody() if actor is None else await options(step_up.begin_passkey(actor))


async def tab_pass(request: Request) -> Response:
    """Give an open tab, whose browser has the session's newest secret, the pass that says so."""
    actor = await _whose(request)
    if actor is None or actor.session_id is None:
        return _nobody()
    token = tab_passes.write(actor.session_id, cookies.secret_in(request.scope["headers"]))
    return JSONResponse({"pass": token}, headers=NO_STORE)


async def check(request: Request) -> Response:
    """Take a proof; the browser goes on under a fresh secret."""
    actor, form = await _whose(request), await request.form(max_files=0, max_fields=10)
    is_dialog = request.headers.get("accept") == JSON
    there = local_path(str(form.get("next", ""))[:MAX_FIELD], "/account/security")
    if actor is None:
        way = f"{SIGN_IN_PAGE}?{urlencode({'next': there})}"
        return _nobody() if is_dialog else RedirectResponse(way, SEE_OTHER)
    try:
        secret = await step_up.confirm(actor, _proof(form), visitor_of(request))
    except BackofficeError as error:
        return _refused(error) if is_dialog else await page(request, actor, there, error)
    response = JSONResponse({"confirmed": True}, headers=NO_STORE) if is_dialog else RedirectResponse(there, SEE_OTHER)
    cookies.keep(response, secret)
    return response


def _proof(form: FormData) -> Proof:
    passkey = str(form.get("passkey", ""))[: MOST_BYTES + 1]
    code, password = (str(form.get(name, ""))[:MAX_FIELD] for name in ("code", "password"))
    return Proof(passkey, code, password)


def _refused(error: BackofficeError) -> Response:
    waits = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return JSONResponse({"error": str(error), "code": error.code}, error.status, NO_STORE | waits)


async def page(request: Request, actor: Actor, there: str, error: BackofficeError | None = None) -> Response:
    """Ask on a page of its own, for pages without the dialog."""
    found, away = await step_up.proofs(actor), passkey_html.elsewhere(request.url.hostname or "")
    problem = str(error) if error else None
    html = step_up_html.step_up_page(found, there, problem, away=away, fonts=sign_in_html.built_fonts())
    waits = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return HTMLResponse(html, error.status if error else 200, NO_STORE | waits)


routes = [
    Route("/auth/step-up", ways, methods=["GET"]),
    Route("/auth/step-up/options", passkey_options, methods=["POST"]),
    Route("/auth/step-up", check, methods=["POST"]),
    Route("/auth/step-up/pass", tab_pass, methods=["POST"]),
]
