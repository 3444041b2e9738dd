"""The partner API for a real server process in tests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice import db
from backoffice.adapters import live
from backoffice.api.app import partner_api
from backoffice.api.stream_wakes import wakes


async def _listen() -> None:
    async for name in live.listen():
        wakes.heard(name)


@asynccontextmanager
async def _resources(_app: Starlette) -> AsyncIterator[None]:
    """Hear what changes, as the product's live screens do."""
    ear = asyncio.create_task(_listen())
    yield
    ear.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ear
    await live.close()
    await db.close()


app = Starlette(routes=[Mount("/api/v1", partner_api)], lifespan=_resources)
