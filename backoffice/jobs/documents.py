"""Reading a document after it was submitted."""

from asyncio import Semaphore
from functools import lru_cache
from uuid import UUID

from backoffice.adapters import storage
from backoffice.db import transaction
from backoffice.screening.runner import Screener
from backoffice.services import screenings
from backoffice.services.access import Actor
from backoffice.settings import settings

SCREEN_SECONDS = 60.0
AT_ONCE = 2
"""Documents whose bytes are in memory; the reading itself has its own limits."""


@lru_cache(1)
def screener() -> Screener:
    """Start the reader once per process: its models take a second or two to load."""
    return Screener(challengers=settings().challengers)


@lru_cache(1)
def _turn() -> Semaphore:
    return Semaphore(AT_ONCE)


async def screen(document_id: str, *, has_waited: bool = False) -> None:
    """Screen one document and queue it for review; running twice, or again after a crash, is harmless."""
    actor = Actor.system(name="screening")
    async with _turn():
        async with transaction(actor.tenancy) as session:
            assignment = await screenings.begin(session, actor, UUID(document_id))
            is_later = assignment and not has_waited and await screenings.postpone(session, assignment)
        if assignment is None or is_later:
            return
        screening = await screenings.run(assignment, screener(), timeout=SCREEN_SECONDS)
        masked = await screenings.store_masked(assignment, screening)
        pictures = await screenings.store_pictures(assignment, screening)
        async with transaction(actor.tenancy) as session:
            await screenings.complete(session, actor, assignment, screening, pictures)
            unkept = await screenings.unkept(session, actor, pictures, masked)
        await storage.remove(unkept)


async def warm() -> None:
    """Load the models ahead of the first document."""
    await screener().warm()


async def close() -> None:
    """End the reader's processes with the worker."""
    if screener.cache_info().currsize:
        await screener().close()
        screener.cache_clear()
