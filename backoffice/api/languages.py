"""In which language a browser is answered: the one it chose, else the first of its wishes that we have.

The API, and what staff see, are English.
"""

from pathlib import Path

from babel import negotiate_locale
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.api import cookies
from backoffice.api.guards import API_PATH
from backoffice.api.visitors import browser_actor
from backoffice.db import transaction
from backoffice.i18n import language, speaking
from backoffice.i18n.catalogue import ENGLISH, catalogues
from backoffice.services import languages
from backoffice.services.audiences import local_path, pages
from backoffice.settings import settings

COOKIE = "language"
YEAR_SECONDS = 365 * 24 * 60 * 60
FALLBACK = "__spa-fallback.html"
"""What Reflex serves for pages whose address has an id in it."""
SEE_OTHER = 303


def wanted(headers: Headers, raw: list[tuple[bytes, bytes]]) -> str:
    """Read which language a browser wants."""
    chosen = cookies.read(raw, COOKIE)
    if chosen in catalogues():
        return chosen
    wishes = [wish.partition(";")[0].strip() for wish in headers.get("accept-language", "").split(",")[:20]]
    return negotiate_locale(wishes, list(catalogues()), sep="-") or ENGLISH


class Languages:
    """Lets the answer to a browser speak its language, and the API English, also to our own pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose the language before anything says a word."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_api = scope["path"].startswith(API_PATH)
        with speaking(ENGLISH if is_api else wanted(Headers(scope=scope), scope["headers"])):
            await self.app(scope, receive, send)


class TranslatedPages:
    """Serves the copy of a compiled page that speaks the request's language."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for another file; the address stays."""
        if scope["type"] == "http" and language() != ENGLISH and (path := self._file(scope["path"])):
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)

    def _file(self, path: str) -> str:
        """Name the file of a page behind the sign-in; "" for everything else."""
        audience = pages.audience_of(path)
        if audience is None or audience.is_public:
            return ""
        own = "/".join(part for part in (language(), path.strip("/"), "index.html") if part)
        found = own if ".." not in own and (self.folder / own).is_file() else f"{language()}/{FALLBACK}"
        return f"/{found}" if (self.folder / found).is_file() else ""


async def choose(request: Request) -> Response:
    """Keep the language that a person chose, for this browser and, when they are signed in, for their letters."""
    form = await request.form(max_files=0, max_fields=5)
    code, actor = str(form.get("language", "")), await browser_actor(request)
    response = RedirectResponse(local_path(str(form.get("next", "")), "/account"), SEE_OTHER)
    if code not in catalogues():
        return response
    if actor is not None:
        async with transaction(actor.tenancy) as session:
            await languages.choose(session, actor, code)
    keep(response, code)
    return response


def keep(response: Response, code: str) -> None:
    """Let the browser remember its language for a year."""
    response.set_cookie(COOKIE, code, max_age=YEAR_SECONDS, path="/", secure=settings().is_secure, samesite="lax")


routes = [Route("/auth/language", choose, methods=["POST"])]
