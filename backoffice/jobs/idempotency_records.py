"""Keeping answers for those who send again as long as promised, and not longer: they may hold personal data."""

from backoffice.db import transaction
from backoffice.services import idempotency
from backoffice.services.access import Actor

ACTOR = Actor.system(name="idempotency")


async def purge() -> None:
    """Forget what has expired, a batch per transaction, so that nobody waits for it."""
    gone = 1
    while gone:
        async with transaction(ACTOR.tenancy) as session:
            gone = await idempotency.purge(session, ACTOR)
