"""A mail server that the product is set to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backoffice.adapters.mailer import mailer
from backoffice.settings import settings
from tests.mail_server import MailServer, mail_server


@asynccontextmanager
async def post_office(monkeypatch) -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        monkeypatch.setenv("BACKOFFICE_SMTP_URL", f"smtp://127.0.0.1:{server.port}?from=robot@kyc.example")
        settings.cache_clear()
        mailer.cache_clear()
        try:
            yield server
        finally:
            monkeypatch.undo()
            settings.cache_clear()
            mailer.cache_clear()
