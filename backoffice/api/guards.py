"""ASGI guards around the whole product: safe headers, bounded bodies, the origin of forms, ids of requests.

Each is a plain class that takes the next app, so that nothing buffers and nothing hides an exception.
"""

import asyncio
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.api.envelope import request_id_of
from backoffice.settings import settings

API_PATH = "/api/"
MAX_FORM_BYTES = 64 * 1024
SAML_ANSWERS, MAX_ANSWER_BYTES = "/auth/sso/acs/", 120 * 1024
"""Forms that another site sends, by design: they ride on no cookie, are laid by unread, and hold a signed document."""
FORM_SECONDS = 10.0
"""A form is small; who sends one slower than this holds a place without needing it."""
SHUT = ("/_upload", "/_all_routes", "/_health", "/ping", "/auth-codespace")
"""Reflex's own HTTP endpoints: uploads need no session there, and the others are nobody's business outside."""
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOT_MODIFIED = 304
YEAR_SECONDS = 365 * 24 * 60 * 60
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

BARE_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For what is no page: a script or a picture obeys the page that loads it, and opened by itself may load nothing.

The policy of pages names each inline script by its hash: some 5 kB that would travel with every file.
"""


class SafeHeaders:
    """Puts our headers on every answer, whoever made it; what an answer says itself stays."""

    def __init__(self, app: ASGIApp, content_policy: str) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        self.content_policy = content_policy
        if settings().is_secure:
            self.headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request with a request id, and dress its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                own = self.content_policy if _is_page(scope["path"], message["status"], headers) else BARE_POLICY
                headers.setdefault("Content-Security-Policy", own)
                headers.setdefault("X-Request-Id", request_id)
                headers.setdefault("Cache-Control", _caching(scope["path"], headers.get("content-type", "")))
                _stay_here(scope, headers)
            await send(message)

        await self.app(scope, receive, dressed)


def _is_page(path: str, status: int, headers: Headers) -> bool:
    """Answer whether a browser shows this as a page.

    One that did not change (304) says no type, and its headers replace those that the browser kept.
    """
    if status == NOT_MODIFIED:
        return not _is_file(path)
    return headers.get("content-type", "").startswith("text/html")


def _is_file(path: str) -> bool:
    return "." in path.rsplit("/", 1)[-1]


def _stay_here(scope: Scope, headers: MutableHeaders) -> None:
    """Write a redirect to ourselves as a path.

    Frameworks build it from the Host header, which anybody may invent, and from a scheme that a proxy makes wrong.
    """
    target = urlsplit(headers.get("location", ""))
    if target.netloc and target.netloc == Headers(scope=scope).get("host"):
        headers["location"] = "/" + target._replace(scheme="", netloc="").geturl().lstrip("/")


def _caching(path: str, content_type: str) -> str:
    """Keep what carries a hash in its name for ever, ask again for other files, and keep nothing else."""
    if path.startswith("/assets/"):
        return f"public, max-age={YEAR_SECONDS}, immutable"
    return "no-cache" if _is_file(path) or content_type.startswith("text/html") else "no-store"


class Shut:
    """Hides what Reflex serves by itself and we do not offer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404, as if it did not exist."""
        if scope["type"] == "http" and _is_under(scope["path"], SHUT):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_under(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in roots)


class FormGuard:
    """Takes changes by cookie from our own pages only, and no more bytes than a form has; the API guards itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a foreign or oversized request before anything reads it."""
        if scope["type"] != "http" or scope["method"] not in UNSAFE_METHODS or scope["path"].startswith(API_PATH):
            await self.app(scope, receive, send)
            return
        is_foreign = scope["path"].startswith(SAML_ANSWERS)
        most = MAX_ANSWER_BYTES if is_foreign else MAX_FORM_BYTES
        refusal = _refusal(Headers(scope=scope), most, is_foreign=is_foreign)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            async with asyncio.timeout(FORM_SECONDS):
                body = await _read(receive, most)
        except TimeoutError:
            await _too_slow()(scope, receive, send)
            return
        await (_too_large() if body is None else self.app)(scope, _replayed(body or b"", receive), send)


def _too_large() -> Response:
    return PlainTextResponse("The request is too large.", 413, {"Connection": "close"})


def _too_slow() -> Response:
    return PlainTextResponse("The form came in too slowly.", 408, {"Connection": "close"})


def _refusal(headers: Headers, most: int, *, is_foreign: bool) -> Response | None:
    if not is_foreign and not is_own_origin(headers):
        return PlainTextResponse("This form was not sent from our own pages.", 403)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        return _too_large()
    return None


def is_own_origin(headers: Headers) -> bool:
    """Compare the origin with ours, exactly.

    Browsers always send one with a form; a program sends neither it nor fetch metadata, and rides on nobody's cookie.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") in {None, "same-origin"}
    return origin in settings().origins


async def _read(receive: Receive, most: int) -> bytes | None:
    """Read a whole form, which is small; None for one that says nothing about its length and does not end."""
    body = b""
    while len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body
    return None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give what was read to who comes next."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
