"""What ends by the clock: documents that wait for their partner, and what was staged for documents that do not."""

from collections.abc import Sequence
from logging import getLogger

from backoffice import clock
from backoffice.adapters.storage import storage_for
from backoffice.db import transaction
from backoffice.errors import Unavailable
from backoffice.models.documents import Upload
from backoffice.services import expiries, regions, uploads
from backoffice.services.access import Actor

log = getLogger(__name__)


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
    """Delete staged objects that nothing refers to any more, then forget them; dying in between repeats it.

    A region whose store is away keeps its own until the next run, and nobody else's.
    """
    actor, away = Actor.system(name="expiry"), set[str]()
    while True:
        async with transaction(actor.tenancy) as session:
            places = await uploads.ended(session, actor, without=away)
        gone, failed = await _discard(places)
        if gone:
            async with transaction(actor.tenancy) as session:
                await uploads.forget(session, actor, gone)
        if not failed or len(places) < uploads.SWEEP_LIMIT:
            return
        away |= failed


async def _discard(places: Sequence[Upload]) -> tuple[list[Upload], set[str]]:
    """Delete objects; answers the places that are empty now, and the regions whose store is away."""
    gone, away = list[Upload](), set[str]()
    for place in places:
        region = await regions.of_partner(place.partner_id)
        if region in away:
            continue
        try:
            await storage_for(region).delete(place.storage_key)
        except Unavailable:
            log.warning("region_away", extra={"region": region})
            away.add(region)
        else:
            gone.append(place)
    return gone, away
