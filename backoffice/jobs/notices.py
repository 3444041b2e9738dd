"""Letters to people about what happened."""

from uuid import UUID

from backoffice.adapters.mailer import Message, mailer
from backoffice.db import transaction
from backoffice.services import notices
from backoffice.services.access import Actor


async def mail(event_id: str, member_id: str) -> None:
    """Send one notice to one person; a mail server that is away is asked again later."""
    actor = Actor.system(name="notices")
    async with transaction(actor.tenancy) as session:
        found = await notices.addressed(session, actor, UUID(event_id), UUID(member_id))
    if found:
        letter = found.letter
        await mailer().send(
            Message(found.address, letter.subject, letter.as_text(), letter.as_html(), found.message_id)
        )
