"""In which language a browser is answered: the one it chose, else the first of its wishes that we have.

The API, and what staff see, are English.
"""

from contextlib import suppress
from pathlib import Path

from babel import negotiate_locale
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
ENGLISH_PATHS = (API_PATH, "/files/", "/exports/", "/billing/")
"""The API, and the files that it and the pages point at."""
YEAR_SECONDS = 365 * 24 * 60 * 60
FALLBACK = "__spa-fallback.html"
"""What Reflex serves for pages whose address has an id in it."""
SEE_OTHER = 303


def wanted(headers: Headers, raw: list[tuple[bytes, bytes]]) -> str:
    """Read which language a browser wants."""
    chosen = cookies.read(raw, COOKIE)
    if chosen in catalogues():
        return chosen
    return negotiate_locale(_wishes(headers.get("accept-language", "")), list(catalogues()), sep="-") or ENGLISH


def _wishes(header: str) -> list[str]:
    """Read the languages of `Accept-Language` (RFC 9110, 12.5.4), the most wanted first."""
    found: list[tuple[float, str]] = []
    for wish in header.split(",")[:20]:
        code, _, weight = wish.strip().partition(";q=")
        with suppress(ValueError):
            found.append((float(weight or 1), code.strip()))
    return [code for weight, code in sorted(found, key=lambda one: -one[0]) if weight > 0]


class Languages:
    """Lets the answer to a browser speak its language, and the API English, also to our own pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose the language before anything says a word."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_api = scope["path"].startswith(ENGLISH_PATHS)
        with speaking(ENGLISH if is_api else wanted(Headers(scope=scope), scope["headers"])):
            await self.app(scope, receive, send)


class TranslatedPages:
    """Serves the copy of a compiled page that speaks the request's language, at once and not behind a redirect."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.files = frozenset(str(page.relative_to(folder)) for page in folder.rglob("*.html"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for another file; the address stays, and caches are told what it depends on."""
        if scope["type"] != "http" or not _is_translated(scope["path"]):
            await self.app(scope, receive, send)
            return
        if path := self._file(scope["path"]):
            scope = {**scope, "path": path, "raw_path": path.encode()}

        async def varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Cookie, Accept-Language")
            await send(message)

        await self.app(scope, receive, varied)

    def _file(self, path: str) -> str:
        """Name the file of a page; "" for one that is found by its address alone."""
        folder = "" if language() == ENGLISH else language()
        own = "/".join(part for part in (folder, path.strip("/"), "index.html") if part)
        if own not in self.files and folder:
            own = f"{folder}/{FALLBACK}"
        return f"/{own}" if own in self.files else ""


def _is_translated(path: str) -> bool:
    """Answer whether an address is a page behind the sign-in; those before it speak by themselves."""
    audience = pages.audience_of(path)
    return audience is not None and not audience.is_public


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


def forget(response: Response) -> None:
    """Let a browser ask for what it wants again: somebody else chose before."""
    response.delete_cookie(COOKIE, path="/", secure=settings().is_secure, samesite="lax")


def keep(response: Response, code: str) -> None:
    """Let the browser remember its language for a year."""
    response.set_cookie(COOKIE, code, max_age=YEAR_SECONDS, path="/", secure=settings().is_secure, samesite="lax")


routes = [Route("/auth/language", choose, methods=["POST"])]
