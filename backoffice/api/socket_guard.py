"""Guards the websocket's handshake: its origin, its session, and which state it may reach."""

import asyncio
import hashlib
import re
from logging import getLogger
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.api import cookies, languages
from backoffice.api.auth import client_ip
from backoffice.db import Tenancy, transaction
from backoffice.models.members import Session
from backoffice.models.viewings import Viewing
from backoffice.services import sessions, viewings
from backoffice.services.sessions import (
    ADDRESS_HEADER,
    LANGUAGE_HEADER,
    MARK_HEADER,
    REFERENCE_HEADER,
    VIEWING_HEADER,
)
from backoffice.settings import settings

log = getLogger(__name__)
SOCKET_PATH = "/_event"
POLICY_VIOLATION = 1008
NORMAL = 1000
GOODBYE = "1"
"""The packet `close` of engine.io, protocol 4."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
OURS = frozenset(
    name.encode() for name in (REFERENCE_HEADER, MARK_HEADER, ADDRESS_HEADER, LANGUAGE_HEADER, VIEWING_HEADER)
)
SWAPPED = frozenset({b"cookie", b"authorization", b"reflex-client-token"}) | OURS
"""What never gets past the handshake: Reflex keeps headers in its state, and its state in Redis."""


class SocketGuard:
    """Swaps the secret cookie for a reference that is worth nothing, and binds the tab's state to it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a handshake from our own pages through, rewritten; refuse every other one with 403."""
        is_socket_path = scope["type"] in {"http", "websocket"} and _is_socket_path(scope["path"])
        if scope["type"] == "websocket":
            if is_socket_path and _is_welcome(scope):
                await self._connect(await _rewritten(scope), Line(receive, send))
                return
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        elif is_socket_path:
            await PlainTextResponse("This address speaks websocket only.", 400)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _connect(self, scope: Scope, line: "Line") -> None:
        """Let the library talk; what it cannot read ends the connection, in one line of the log and without a trace."""
        try:
            await self.app(scope, line.receive, line.send)
        except Exception as error:  # noqa: BLE001 a client may send anything at all
            log.warning("socket_broken", extra={"error": type(error).__name__})


class Line:
    """A connection that ends when the server says goodbye: its own library leaves that to the client's good will."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._ended = asyncio.get_running_loop().create_future()

    async def receive(self) -> Message:
        """Wait for the client or for the end."""
        waiting = asyncio.ensure_future(self._receive())
        await asyncio.wait((waiting, self._ended), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        return {"type": "websocket.disconnect", "code": NORMAL}

    async def send(self, message: Message) -> None:
        """Pass a message on; after a goodbye nothing more is read."""
        await self._send(message)
        if message.get("text") == GOODBYE and not self._ended.done():
            self._ended.set_result(None)


def _is_socket_path(path: str) -> bool:
    return path == SOCKET_PATH or path.startswith(f"{SOCKET_PATH}/")


def _is_welcome(scope: Scope) -> bool:
    """Take exactly our own origin, never a missing one: every browser sends it with a handshake."""
    return Headers(scope=scope).get("origin") in settings().origins and bool(TOKEN.fullmatch(_token(scope)))


def _token(scope: Scope) -> str:
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]


async def _rewritten(scope: Scope) -> Scope:
    address = client_ip(HTTPConnection(scope))
    found, viewing = await _session_of(cookies.secret_in(scope["headers"]), address)
    reference, looks = str(found.id if found else ""), str(viewing.id if viewing else "")
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    query["token"] = bound(reference + looks, query["token"])
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in SWAPPED]
    headers.append((ADDRESS_HEADER.encode(), address.encode()))
    if found:
        headers.append((REFERENCE_HEADER.encode(), reference.encode()))
        headers.append((MARK_HEADER.encode(), sessions.mark_of(found.token_hash).encode()))
    if viewing:
        headers.append((VIEWING_HEADER.encode(), looks.encode()))
    if found and found.partner_id is not None:
        headers.append((LANGUAGE_HEADER.encode(), languages.wanted(Headers(scope=scope), scope["headers"]).encode()))
    return {**scope, "headers": headers, "query_string": urlencode(query).encode()}


async def _session_of(secret: str, address: str) -> tuple[Session | None, Viewing | None]:
    """Find the session of a cookie, and what it looks at: a tab's state is of one look, as it is of one session."""
    if not secret:
        return None, None
    async with transaction(Tenancy.everyone()) as session:
        found = await sessions.by_secret(session, secret, ip=address)
        looks = await viewings.of_session(session, found[0].id) if found and found[0].partner_id is None else None
    return (found[0] if found else None), looks


def bound(reference: str, token: str) -> str:
    """Derive the state's key from session and tab: who knows a tab's token but lacks its cookie gets a blank state."""
    return hashlib.sha256(f"{reference}:{token}".encode()).hexdigest()[:32]
