"""Second looks are drawn by the clock, a little after decisions are final."""

from backoffice.db import transaction
from backoffice.services import samples
from backoffice.services.access import Actor


async def draw() -> None:
    """Consider every decision that nobody considered yet."""
    actor, considered = Actor.system(name="samples"), samples.BATCH
    while considered == samples.BATCH:
        async with transaction(actor.tenancy) as session:
            considered = await samples.draw(session, actor)
