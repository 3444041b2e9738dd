"""What ends by the clock: documents that wait for their partner, and what was staged for documents that do not."""

from backoffice import clock
from backoffice.db import transaction
from backoffice.services import expiries, regions, uploads
from backoffice.services.access import Actor


async def expire_documents() -> None:
    """Expire what nobody sent in time; running twice changes nothing."""
    actor = Actor.system(name="expiry")
    async with transaction(actor.tenancy) as session:
        overdue = await expiries.overdue(session, actor)
    for one in overdue:
        with clock.shifted(one.ahead):
            async with transaction(actor.tenancy) as session:
                await expiries.expire(session, actor, one.document_id)
    if overdue:
        await uploads.drop(actor, [one.document_id for one in overdue])


async def discard_uploads() -> None:
    """Delete staged objects that nothing refers to any more, then forget them; dying in between repeats it."""
    actor = Actor.system(name="expiry")
    async with transaction(actor.tenancy) as session:
        places = await uploads.ended(session, actor)
    for place in places:
        await (await regions.storage_of(place.partner_id)).delete(place.storage_key)
    if places:
        async with transaction(actor.tenancy) as session:
            await uploads.forget(session, actor, places)
