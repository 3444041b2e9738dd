"""What stands around every answer: the request id, safe headers, the rate limit, and one line in the log."""

import asyncio
import contextlib
import re
from http import HTTPStatus
from logging import getLogger
from time import perf_counter
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice import clock
from backoffice.api.auth import client_ip
from backoffice.api.problems import internal_error, unread
from backoffice.models.base import new_id
from backoffice.services.request_log import Line, request_log
from backoffice.settings import SettingsError

log = getLogger(__name__)
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{7,99}", re.ASCII)
CLIENT_GONE = 499
"""What the log says when nobody waited for the answer."""
LINGER_SECONDS = 30
LINGER_IDLE_SECONDS = 2
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def request_id_of(scope: Scope) -> str:
    """Take over the caller's id when it is harmless to print, else make one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            if REQUEST_ID.fullmatch(text):
                return text
    return f"req_{new_id().hex}"


class _Body:
    """Knows whether the request was read to its end, and reads on for a while after a refusal.

    A socket that is closed with unread bytes resets, and many a client then loses the answer that it was sent.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        names = {name for name, value in scope["headers"] if value != b"0"}
        self.is_read = not names & {b"content-length", b"transfer-encoding"}
        self.bytes = 0
        self._receive = receive

    async def receive(self) -> Message:
        """Pass on the next piece."""
        message = await self._receive()
        self.bytes += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.is_read = True
        return message

    async def linger(self) -> None:
        """Throw away what still comes; the answer is out already."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self.is_read:
                    async with asyncio.timeout(LINGER_IDLE_SECONDS):
                        await self.receive()


class Envelope:
    """ASGI middleware, written plainly so that it costs little and never buffers a body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request inside its envelope; an exception becomes a 500 that says nothing."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: dict[str, Any] = {**scope.get("state", {}), "request_id": request_id_of(scope)}
        scope["state"] = state
        started, answered, seconds = perf_counter(), [0], [0.0]
        body = _Body(scope, receive)

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered[0] = message["status"]
                _dress(MutableHeaders(scope=message), state, is_read=body.is_read)
            is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
            seconds[0] = perf_counter() - started
            if is_last and not body.is_read:
                await send({**message, "more_body": True})
                await body.linger()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        try:
            with clock.kept():
                await self.app(scope, body.receive, wrapped)
        except ClientDisconnect:
            if not answered[0]:
                await unread(Request(scope))(scope, receive, wrapped)
                answered[0] = CLIENT_GONE
        except (Exception, SettingsError) as error:  # noqa: BLE001 the last door: nothing may leave it unanswered
            _report(state, error)
            if not answered[0]:
                await internal_error(Request(scope))(scope, receive, wrapped)
        finally:
            _note(scope, state, answered[0], seconds[0] or perf_counter() - started)
            _keep(scope, state, answered[0], seconds[0], body.bytes)


def _dress(headers: MutableHeaders, state: dict[str, Any], *, is_read: bool) -> None:
    if not is_read:
        # The server hangs up as soon as a counted answer is out, so an early one goes uncounted.
        del headers["Content-Length"]
    headers["X-Request-Id"] = state["request_id"]
    state["is_replay"] = "Idempotent-Replayed" in headers
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
    for name, value in state.get("rate_headers", {}).items():
        headers[name] = value


def _report(state: dict[str, Any], error: BaseException) -> None:
    """Log where it broke, not the message: a driver's message repeats what was sent."""
    log.error("request_failed", extra={"request_id": state["request_id"]}, exc_info=error)


def _keep(scope: Scope, state: dict[str, Any], status: int, seconds: float, size: int) -> None:
    """Hand a request of a known key to the log that its partner reads.

    A signed link is as good as a key, so it is not written down.
    """
    if "proven" not in state:
        return
    route = getattr(scope.get("route"), "path", "")
    refusal: dict[str, Any] = state.get("refusal", {}) if status >= HTTPStatus.BAD_REQUEST else {}
    line = Line(
        proven=state["proven"],
        method=scope["method"],
        route=route,
        path=route if "{token}" in route else scope["path"],
        status=status,
        seconds=seconds,
        ip=client_ip(Request(scope)),
        request_id=state["request_id"],
        request_bytes=size,
        is_replay=state.get("is_replay", False),
        code=refusal.get("code", ""),
        errors=refusal.get("errors", ()),
    )
    request_log.note(line)


def _note(scope: Scope, state: dict[str, Any], status: int, seconds: float) -> None:
    """Write one line; only these keys, so no header, query or body can slip in."""
    route = scope.get("route")
    log.info(
        "request",
        extra={
            "request_id": state["request_id"],
            "method": scope["method"],
            "route": getattr(route, "path", ""),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "key_id": state.get("key_id", ""),
        },
    )
