"""What stands around every answer: the request id, safe headers, the rate limit, and one line in the log."""

import re
import traceback
from logging import getLogger
from time import perf_counter
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.api.problems import internal_error
from backoffice.models.base import new_id

log = getLogger(__name__)
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{7,99}", re.ASCII)
CLIENT_GONE = 499
"""What the log says when nobody waited for the answer."""
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


class Envelope:
    """ASGI middleware, written plainly so that it costs little and never buffers a body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request inside its envelope; an exception becomes a 500 that says nothing."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id_of(scope)
        started, answered = perf_counter(), [0]

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered[0] = message["status"]
                _dress(MutableHeaders(scope=message), state)
            await send(message)

        try:
            await self.app(scope, receive, wrapped)
        except ClientDisconnect:
            answered[0] = answered[0] or CLIENT_GONE
        except Exception as error:  # noqa: BLE001 the last door: nothing may leave it unanswered
            _report(state, error)
            if not answered[0]:
                await internal_error(Request(scope))(scope, receive, wrapped)
        finally:
            _note(scope, state, answered[0], perf_counter() - started)


def _dress(headers: MutableHeaders, state: dict[str, Any]) -> None:
    headers["X-Request-Id"] = state["request_id"]
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
    for name, value in state.get("rate_headers", {}).items():
        headers[name] = value


def _report(state: dict[str, Any], error: Exception) -> None:
    """Log where it broke, not the message: a driver's message repeats what was sent."""
    log.error(
        "request_failed",
        extra={
            "request_id": state["request_id"],
            "error": type(error).__name__,
            "trace": "".join(traceback.format_tb(error.__traceback__)),
        },
    )


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
