"""Reading documents again after an engine was upgraded: one at a time, behind everything that somebody waits for."""

from uuid import UUID

from backoffice.db import transaction
from backoffice.jobs.documents import SCREEN_SECONDS, screener
from backoffice.services import rescreens, screenings
from backoffice.services.access import Actor


async def rescreen(rescreen_id: str) -> None:
    """Walk one rescreen to its end; dying half-way costs one reading."""
    actor, key = Actor.system(name="engines"), UUID(rescreen_id)
    while True:
        async with transaction(actor.tenancy) as session:
            chosen = await rescreens.following(session, actor, key)
        if chosen is None:
            return
        screening = await screenings.run(chosen.assignment, screener(), timeout=SCREEN_SECONDS)
        async with transaction(actor.tenancy) as session:
            await rescreens.record(session, actor, key, chosen, screening)


async def enqueue_lost() -> None:
    """Go on with rescreens whose worker died."""
    actor = Actor.system(name="engines")
    async with transaction(actor.tenancy) as session:
        await rescreens.enqueue_lost(session, actor)
