"""Keeping the log of API requests as long as promised, and not longer."""

from backoffice.db import transaction
from backoffice.services import api_requests
from backoffice.services.access import Actor

ACTOR = Actor.system(name="request log")


async def purge() -> None:
    """Forget what is too old, a batch per transaction, so that nobody waits for it."""
    gone = 1
    while gone:
        async with transaction(ACTOR.tenancy) as session:
            gone = await api_requests.purge(session, ACTOR)
