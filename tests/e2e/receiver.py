"""A partner's server, written with the independent `standardwebhooks` library."""

import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks import Webhook


class Receiver:
    """Takes webhooks; what comes before it was told its secret waits until it is."""

    def __init__(self) -> None:
        self._secret = ""
        self._is_told = threading.Event()
        self.path = f"/hooks/{uuid.uuid4().hex}"
        self.events: list[dict[str, Any]] = []
        self.refused: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if self.path != receiver.path:  # of a receiver that had this port before
                    self.send_response(410)
                    self.end_headers()
                    return
                receiver._is_told.wait(10)
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    Webhook(receiver.secret).verify(body, {name.lower(): value for name, value in self.headers.items()})
                except Exception as error:
                    receiver.refused.append(repr(error))
                    self.send_response(401)
                else:
                    receiver.events.append({"webhook-id": self.headers["webhook-id"], **json.loads(body)})
                    self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object, **__: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def secret(self) -> str:
        return self._secret

    @secret.setter
    def secret(self, told: str) -> None:
        self._secret = told
        self._is_told.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{self.path}"

    def of(self, document_id: str, type_: str | None = None) -> list[dict[str, Any]]:
        return [
            event
            for event in list(self.events)
            if event["subject"]["id"] == document_id and (type_ is None or event["type"] == type_)
        ]

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
