"""What was told of how we do is kept for ninety days."""

from backoffice.db import transaction
from backoffice.services import status_samples
from backoffice.services.access import Actor


async def forget() -> None:
    """Delete what is older."""
    actor = Actor.system(name="status")
    async with transaction(actor.tenancy) as session:
        await status_samples.forget(session, actor)
