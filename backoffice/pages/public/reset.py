"""`/reset` and `/reset/<token>`: a new password for who has forgotten theirs; plain HTTP (docs/decisions/0007)."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from backoffice.api.visitors import visitor_of
from backoffice.errors import Invalid, NotFound, Unavailable
from backoffice.i18n import gettext
from backoffice.pages.public import reset_html, sign_in_html
from backoffice.services import password_resets
from backoffice.services.audiences import SIGN_IN_PAGE

SEE_OTHER = 303
MAX_FIELD = 1_000
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""As with invitations: the address holds a secret."""


async def ask(request: Request) -> Response:
    """Ask for the address, or say that a letter is on its way."""
    fonts, is_sent = sign_in_html.built_fonts(), request.query_params.get("sent") == "1"
    html = reset_html.sent_page(fonts=fonts) if is_sent else reset_html.ask_page(fonts=fonts)
    return HTMLResponse(html, headers=HEADERS)


async def send(request: Request) -> Response:
    """Have the letter sent; the answer is the same whoever signs in with the address."""
    form = await request.form(max_files=0, max_fields=10)
    await password_resets.ask(str(form.get("email", ""))[:MAX_FIELD], visitor_of(request))
    return RedirectResponse(f"{password_resets.PATH}?sent=1", SEE_OTHER)


async def show(request: Request) -> Response:
    """Show the form of a link, or say that it does not work any more."""
    return await _form(request.path_params["token"])


async def choose(request: Request) -> Response:
    """Take the new password, and lead to the sign-in."""
    form = await request.form(max_files=0, max_fields=10)
    token, password = (str(form.get(name, ""))[:MAX_FIELD] for name in ("token", "password"))
    try:
        await password_resets.choose(token, password, visitor_of(request))
    except (Invalid, Unavailable) as error:
        return await _form(token, str(error), error.status)
    except NotFound as error:
        return _ended(error)
    return RedirectResponse(f"{SIGN_IN_PAGE}?{urlencode({'notice': 'password_set'})}", SEE_OTHER)


async def _form(token: str, error: str = "", status: int = 200) -> Response:
    try:
        shown = await password_resets.returning(token)
    except NotFound as gone:
        return _ended(gone)
    html = reset_html.choose_page(token, shown, error, fonts=sign_in_html.built_fonts())
    return HTMLResponse(html, status, headers=HEADERS)


def _ended(error: NotFound) -> Response:
    actions = ((gettext("Ask for a new link"), password_resets.PATH), (gettext("Sign in"), SIGN_IN_PAGE))
    title, fonts = gettext("This link has ended"), sign_in_html.built_fonts()
    html = sign_in_html.message_page(error.status, title, str(error), actions=actions, fonts=fonts)
    return HTMLResponse(html, error.status, headers=HEADERS)


routes = [
    Route("/reset", ask, methods=["GET"]),
    Route("/reset/", ask, methods=["GET"]),
    Route("/reset/{token}", show, methods=["GET"]),
    Route("/reset/{token}/", show, methods=["GET"]),
    Route("/auth/reset", send, methods=["POST"]),
    Route("/auth/reset/choose", choose, methods=["POST"]),
]
