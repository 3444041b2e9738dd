"""Letters to people about what happened."""

from uuid import UUID

from backoffice.db import transaction
from backoffice.jobs import letters
from backoffice.services import notices
from backoffice.services.access import Actor


async def mail(event_id: str, member_id: str) -> None:
    """Send one notice to one person; a mail server that is away is asked again later."""
    actor = Actor.system(name="notices")
    async with transaction(actor.tenancy) as session:
        found = await notices.addressed(session, actor, UUID(event_id), UUID(member_id))
    await letters.send(found)
