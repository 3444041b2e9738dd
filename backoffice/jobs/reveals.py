"""Sealing what was written beside reveals before it was sealed at once."""

from backoffice.db import transaction
from backoffice.services import reveals
from backoffice.services.access import Actor

SYSTEM = Actor.system(name="reveals")


async def seal() -> None:
    """Seal all that is left; with the last one there is nothing to do."""
    is_left = True
    while is_left:
        async with transaction(SYSTEM.tenancy) as session:
            is_left = await reveals.seal(session, SYSTEM) > 0
