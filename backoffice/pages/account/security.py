"""`/account/security`: one's password, app and recovery codes; plain HTTP like the sign-in (docs/decisions/0007).

What is shown once, and what is typed, is never in the state of a page.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.adapters.authenticators import MOST_BYTES
from backoffice.api import cookies
from backoffice.api.visitors import browser_actor, visitor_of
from backoffice.errors import BackofficeError, StepUpRequired, TooMany
from backoffice.i18n import N_, gettext, speak
from backoffice.i18n.catalogue import ENGLISH
from backoffice.pages.account import security_html
from backoffice.pages.public import passkey_html, sign_in_html, step_up
from backoffice.pages.public.passkeys import options
from backoffice.services import own_logins, passkeys, password_changes
from backoffice.services.access import Actor
from backoffice.services.audiences import SIGN_IN_PAGE

SEE_OTHER = 303
MAX_FIELD = 1_000
PATH = "/account/security"
HEADERS = {"Cache-Control": "no-store"}
DONE = {
    "password": N_("Your password is changed. You are signed out everywhere else."),
    "factor": N_("Your new app gives the codes from now on. You are signed out everywhere else."),
    "passkey": N_("Your new passkey signs you in from now on. You are signed out everywhere else."),
    "passkey_removed": N_("The passkey is removed. You are signed out everywhere else."),
}
"""What the page says after a redirect; only codes travel in the address, never texts."""
Change = Callable[[Request, Actor, FormData], Awaitable[Response]]


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, ""))[:MAX_FIELD]


async def show(request: Request) -> Response:
    """Show what guards one's login."""
    actor = await _whose(request)
    if actor is None:
        return _sign_in()
    if not actor.is_fresh:
        return await step_up.page(request, actor, PATH)
    said = DONE.get(request.query_params.get("done", ""))
    return await _page(request, actor, notice=gettext(said) if said else "")


async def _whose(request: Request) -> Actor | None:
    actor = await browser_actor(request)
    if actor is not None and actor.partner_id is None:
        speak(ENGLISH)
    return actor


def _sign_in() -> Response:
    return RedirectResponse(f"{SIGN_IN_PAGE}?{urlencode({'next': PATH})}", SEE_OTHER)


def _changing(form_name: str, change: Change) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler of one form: somebody is signed in, and what goes wrong is said at the form it was in."""

    async def handler(request: Request) -> Response:
        actor = await _whose(request)
        if actor is None:
            return _sign_in()
        form = await request.form(max_files=0, max_fields=10)
        try:
            return await change(request, actor, form)
        except StepUpRequired:
            return await step_up.page(request, actor, PATH)
        except BackofficeError as error:
            field = (error.pointer or "").strip("/")
            return await _page(request, actor, form_name, str(error), field, error=error)

    return handler


async def _page(
    request: Request,
    actor: Actor,
    form_name: str = "",
    problem: str = "",
    field: str = "",
    *,
    notice: str = "",
    error: BackofficeError | None = None,
) -> Response:
    shown = await own_logins.look(actor)
    wrong = security_html.Wrong(form_name, problem, field)
    away = passkey_html.elsewhere(request.url.hostname or "")
    html = security_html.security_page(shown, wrong, notice=notice, away=away, fonts=sign_in_html.built_fonts())
    waits = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return HTMLResponse(html, error.status if error else 200, HEADERS | waits)


async def _password(request: Request, actor: Actor, form: FormData) -> Response:
    visitor = visitor_of(request)
    kept = await password_changes.change(actor, _text(form, "current"), _text(form, "password"), visitor)
    response = RedirectResponse(f"{PATH}?done=password", SEE_OTHER)
    if kept:
        cookies.keep_browser(response, kept)
    return response


async def _codes(request: Request, actor: Actor, form: FormData) -> Response:
    codes = await own_logins.new_recovery_codes(actor, _text(form, "code"), visitor_of(request))
    return HTMLResponse(security_html.codes_page(codes, fonts=sign_in_html.built_fonts()), headers=HEADERS)


async def _begin(request: Request, actor: Actor, form: FormData) -> Response:
    await own_logins.begin_second_factor(actor, _text(form, "present"), visitor_of(request))
    return RedirectResponse(f"{PATH}#factor", SEE_OTHER)


async def _finish(request: Request, actor: Actor, form: FormData) -> Response:
    await own_logins.finish_second_factor(actor, _text(form, "code"), visitor_of(request))
    return RedirectResponse(f"{PATH}?done=factor", SEE_OTHER)


async def _drop(_request: Request, actor: Actor, _form: FormData) -> Response:
    await own_logins.drop_second_factor(actor)
    return RedirectResponse(PATH, SEE_OTHER)


async def _passkey_options(request: Request) -> Response:
    """Ask a browser for a new passkey; who is not signed in any more reads so."""
    actor = await _whose(request)
    return await options(passkeys.begin(actor or Actor.system()))


async def _add_passkey(_request: Request, actor: Actor, form: FormData) -> Response:
    await passkeys.finish(actor, str(form.get("passkey", ""))[: MOST_BYTES + 1], _text(form, "name"))
    return RedirectResponse(f"{PATH}?done=passkey", SEE_OTHER)


async def _rename_passkey(_request: Request, actor: Actor, form: FormData) -> Response:
    await passkeys.rename(actor, _id(form), _text(form, "name"))
    return RedirectResponse(f"{PATH}#passkey", SEE_OTHER)


async def _remove_passkey(_request: Request, actor: Actor, form: FormData) -> Response:
    await passkeys.remove(actor, _id(form))
    return RedirectResponse(f"{PATH}?done=passkey_removed", SEE_OTHER)


def _id(form: FormData) -> UUID:
    try:
        return UUID(_text(form, "passkey_id"))
    except ValueError:
        return UUID(int=0)


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(f"{PATH}/", show, methods=["GET"]),
    Route("/auth/password", _changing("password", _password), methods=["POST"]),
    Route("/auth/passkeys/options", _passkey_options, methods=["POST"]),
    Route("/auth/passkeys", _changing("passkey", _add_passkey), methods=["POST"]),
    Route("/auth/passkeys/rename", _changing("passkey", _rename_passkey), methods=["POST"]),
    Route("/auth/passkeys/remove", _changing("passkey", _remove_passkey), methods=["POST"]),
    Route("/auth/recovery-codes", _changing("codes", _codes), methods=["POST"]),
    Route("/auth/second-factor", _changing("factor", _begin), methods=["POST"]),
    Route("/auth/second-factor/code", _changing("factor", _finish), methods=["POST"]),
    Route("/auth/second-factor/drop", _changing("factor", _drop), methods=["POST"]),
]
