"""A real HTTP server that takes what Sentry's client sends, and keeps every byte of it."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """What came: headers and bodies as they were, events as they can be read."""

    def __init__(self) -> None:
        self.raw: list[str] = []
        self._came = threading.Condition()
        self.port = 0

    @property
    def dsn(self) -> str:
        return f"http://publickey@127.0.0.1:{self.port}/7"

    def take(self, headers: str, body: bytes) -> None:
        with self._came:
            self.raw.append(f"{headers}\n{body.decode()}")
            self._came.notify_all()

    def events(self) -> list[dict[str, Any]]:
        """Every event: the third line of an envelope of one."""
        return [json.loads(one.splitlines()[-1]) for one in self.raw if '"type":"event"' in one]

    def until(self, holds, seconds: float = 20) -> None:
        with self._came:
            assert self._came.wait_for(lambda: holds(self.events()), seconds), self.raw


@contextmanager
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_packed = self.headers.get("Content-Encoding") == "gzip"
            kept.take(f"{self.path}\n{self.headers}", gzip.decompress(body) if is_packed else body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
