"""`/invite/<token>`: where an invited person makes their login; plain HTTP like the sign-in (docs/decisions/0007)."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.api import cookies
from backoffice.api.visitors import visitor_of
from backoffice.errors import BackofficeError, Conflict, Invalid, NotAllowed, NotFound, Unavailable
from backoffice.i18n import gettext
from backoffice.pages.public import invite_html, sign_in_html
from backoffice.pages.public.sign_in import CODE_PAGE
from backoffice.services import invitations
from backoffice.services.audiences import SIGN_IN_PAGE, home_of

SEE_OTHER = 303
MAX_FIELD = 1_000
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""The address holds a secret: no cache keeps it and no other site learns it.

With `no-referrer` browsers send forms with `Origin: null`, which the guard of forms refuses.
"""


async def show(request: Request) -> Response:
    """Show the form, or say that the link does not work any more."""
    token = request.path_params["token"]
    try:
        shown = await invitations.welcome(token)
    except NotFound as error:
        return _ended(error)
    return HTMLResponse(invite_html.invite_page(token, shown, fonts=sign_in_html.built_fonts()), headers=HEADERS)


async def join(request: Request) -> Response:
    """Take password and code, make the login, sign in."""
    form = await request.form(max_files=0, max_fields=10)
    token, password, code = (str(form.get(name, ""))[:MAX_FIELD] for name in ("token", "password", "code"))
    previous = cookies.secret_in(request.scope["headers"])
    try:
        step = await invitations.accept(token, password, code, visitor_of(request), previous=previous)
    except (Invalid, Unavailable) as error:
        return await _again(token, error)
    except (NotFound, Conflict) as error:
        return _ended(error)
    except NotAllowed as error:
        title, fonts = gettext("Not from here"), sign_in_html.built_fonts()
        html = sign_in_html.message_page(error.status, title, str(error), fonts=fonts)
        return HTMLResponse(html, error.status, headers=HEADERS)
    response = RedirectResponse(home_of(step.actor) if step.is_complete else CODE_PAGE, SEE_OTHER)
    cookies.keep(response, step.secret)
    if step.browser:
        cookies.keep_browser(response, step.browser)
    return response


async def _again(token: str, error: Invalid | Unavailable) -> Response:
    try:
        shown = await invitations.welcome(token)
    except NotFound as gone:
        return _ended(gone)
    field = (error.pointer or "/password").strip("/")
    html = invite_html.invite_page(token, shown, str(error), field, fonts=sign_in_html.built_fonts())
    return HTMLResponse(html, error.status, headers=HEADERS)


def _ended(error: BackofficeError) -> Response:
    actions = ((gettext("Sign in"), SIGN_IN_PAGE),)
    title, fonts = gettext("This invitation has ended"), sign_in_html.built_fonts()
    html = sign_in_html.message_page(error.status, title, str(error), actions=actions, fonts=fonts)
    return HTMLResponse(html, error.status, headers=HEADERS)


routes = [
    Route("/invite/{token}", show, methods=["GET"]),
    Route("/invite/{token}/", show, methods=["GET"]),
    Route("/auth/invite", join, methods=["POST"]),
]
