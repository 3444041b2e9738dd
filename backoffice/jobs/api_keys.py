"""What keys' clocks bring."""

from backoffice.db import transaction
from backoffice.services import api_keys
from backoffice.services.access import Actor

ACTOR = Actor.system(name="keys")


async def tell_expiring() -> None:
    """Tell of each key that expires within a week, once, a batch per transaction."""
    told = 1
    while told:
        async with transaction(ACTOR.tenancy) as session:
            told = await api_keys.tell_expiring(session, ACTOR)
