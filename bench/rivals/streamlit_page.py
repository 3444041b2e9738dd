"""Streamlit: six numbers of a partner on a page; a script that never ends writes them again when a POST comes.

Streamlit has no push of its own: the session's script waits for the change, which is the quickest that one can write.
"""

import os
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import streamlit as st

NAMES = ("received", "in progress", "awaiting review", "approved", "median decision", "webhooks taken")


class Totals:
    """What came, for all sessions of this process."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.of: defaultdict[str, int] = defaultdict(int)

    def take(self, partner: str) -> None:
        with self.changed:
            self.of[partner] += 1
            self.changed.notify_all()

    def after(self, partner: str, known: int) -> int:
        with self.changed:
            self.changed.wait_for(lambda: self.of[partner] != known)
            return self.of[partner]


@st.cache_resource
def totals() -> Totals:
    """Open the door for POSTs with the first session."""
    kept = Totals()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            kept.take(self.path.rpartition("/")[2])
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["BENCH_DOOR"])), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return kept


kept, partner, known = totals(), str(st.query_params.get("partner", "0")), -1
places = [column.empty() for column in st.columns(len(NAMES))]
while True:
    known = kept.after(partner, known)
    for place, name in zip(places, NAMES, strict=True):
        place.metric(name, known)
