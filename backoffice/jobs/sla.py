"""What is said by the clock of reviews that take long."""

from backoffice.db import transaction
from backoffice.services import sla
from backoffice.services.access import Actor


async def check(*, batch: int = sla.BATCH) -> None:
    """Go through everything that became due, a batch to a transaction."""
    actor = Actor.system(name="sla")
    while True:
        async with transaction(actor.tenancy) as session:
            told = await sla.check(session, actor, batch=batch)
        if told < batch:
            return
