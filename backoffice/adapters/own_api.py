"""Asks our own API inside this process: a request takes every step that one from outside takes, but for the network."""

import asyncio
import secrets
from collections.abc import Mapping, MutableMapping
from contextvars import Context
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message, Scope

SECONDS = 8
"""Less than a tab may be held (ten): who waits for an answer from a page keeps the tab's lock meanwhile."""
MOST_KEPT = 200_000
"""Bytes of an answer that are kept; the rest is counted."""
ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Picture:
    """One file to post."""

    filename: str
    data: bytes = field(repr=False)


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    size: int = 0
    seconds: float = 0

    async def hear(self, message: Message) -> None:
        """Take one piece of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            piece = message.get("body", b"")
            self.size += len(piece)
            self.body += piece[: max(0, MOST_KEPT - len(self.body))]


class OwnApi:
    """The API, once the product has been built."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def serve(self, app: ASGIApp) -> None:
        """Say what answers; it takes paths as they are outside, from `/api/v1` on."""
        self._app = app

    async def ask(  # noqa: PLR0913 a request has this many parts
        self,
        method: str,
        path: str,
        *,
        token: str,
        once: str = "",
        query: str = "",
        ip: str = "",
        form: tuple[Mapping[str, str], Picture] | None = None,
    ) -> Answer:
        """Ask with an API key, in a task of its own: what the API sets for one request stays there.

        A POST with the same `once` does its work one time. Raises ConnectionError where no API runs, TimeoutError when
        it takes too long.
        """
        if self._app is None:
            raise ConnectionError("No API runs in this process.")
        kind, body = _multipart(*form) if form else ("", b"")
        headers = {"host": "localhost", "authorization": f"Bearer {token}", "accept": "application/json"}
        headers |= {"idempotency-key": once} if once and method == "POST" else {}
        headers |= {"content-type": kind} if kind else {}
        headers |= {"content-length": str(len(body))} if body or method == "POST" else {}
        return await asyncio.create_task(
            _run(self._app, _scope(method, path, query, headers, ip), body), context=Context()
        )


def _scope(method: str, path: str, query: str, headers: Mapping[str, str], ip: str) -> MutableMapping[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": quote(query, safe="=&+%,:;@!$'()*~-._/?").encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": (ip or "127.0.0.1", 0),
        "server": ("localhost", 80),
        "state": {},
    }


async def _run(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    answer, asked = Answer(), asyncio.Event()

    async def receive() -> Message:
        if asked.is_set():
            await asyncio.Event().wait()  # nobody leaves before the answer
        asked.set()
        return {"type": "http.request", "body": body, "more_body": False}

    begun = perf_counter()
    async with asyncio.timeout(SECONDS):
        await app(scope, receive, answer.hear)
    answer.seconds = perf_counter() - begun
    return answer


def _multipart(fields: Mapping[str, str], picture: Picture) -> tuple[str, bytes]:
    """Write a form (RFC 7578) with one file in `files`."""
    mark = secrets.token_hex(16)
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{picture.filename}"\r\n'
    parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", picture.data, f"\r\n--{mark}--\r\n".encode()]
    return f"multipart/form-data; boundary={mark}", b"".join(parts)


own_api = OwnApi()
"""This process's own."""
