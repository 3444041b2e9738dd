"""A mail server that the whole product writes to, run beside the tests in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage

from tests.mail_server import MailServer, mail_server

SECONDS = 90.0


class Mailbox:
    """What came so far."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._server.port}?from=robot@kyc.example"

    def wait_for(self, address: str, subject: str) -> EmailMessage:
        """The first letter to somebody with these words in its subject."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for mail in self._server.to(address):
                if subject in mail["Subject"]:
                    return mail
            time.sleep(0.1)
        raise AssertionError(f"{address} got {[mail['Subject'] for mail in self._server.to(address)]}")


@contextmanager
def post_office() -> Generator[Mailbox]:
    ready, ends, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    servers: list[MailServer] = []

    async def serve() -> None:
        async with mail_server() as server:
            servers.append(server)
            ready.set()
            await ends.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield Mailbox(servers[0])
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join(10)
        loop.close()
