"""Erasing a person, until it is done."""

from contextlib import suppress
from uuid import UUID

from backoffice import clock
from backoffice.adapters import live, shown
from backoffice.db import transaction
from backoffice.services import erasure_ledger, erasures, redactions
from backoffice.services.access import Actor
from backoffice.settings import SettingsError

ACTOR = Actor.system(name="erasures")


async def erase(request_id: str) -> None:
    """Erase one applicant, unless a hold keeps them; it may die anywhere and run again, and is done once.

    Pages that are open on the person lose what they hold at the end, also when an earlier run died before that.
    """
    await _erase(request_id, despite_holds=False)
    await _forget_pages(UUID(request_id))


async def _forget_pages(key: UUID) -> None:
    """Take who was erased from open pages, and note it: the sweep comes back for whom it could not reach."""
    async with transaction(ACTOR.tenancy) as session:
        applicant_id = await erasures.erased(session, ACTOR, key)
    if applicant_id is None:
        return
    await shown.forget(applicant_id)
    async with transaction(ACTOR.tenancy) as session:
        await erasures.pages_forgotten(session, ACTOR, key)


async def _erase(request_id: str, *, despite_holds: bool) -> None:
    key = UUID(request_id)
    async with transaction(ACTOR.tenancy) as session:
        ahead = await erasures.lead(session, ACTOR, key)
    with clock.shifted(ahead):
        async with transaction(ACTOR.tenancy) as session:
            objects = await erasures.begin(session, ACTOR, key, despite_holds=despite_holds)
        if objects is None:
            return
        await redactions.delete_objects(objects)
        async with transaction(ACTOR.tenancy) as session:
            await erasure_ledger.write(session, ACTOR, key)
            await erasures.complete(session, ACTOR, key)


async def erase_returned() -> int:
    """Erase again whom a restored backup brought back; answers how many. It may die anywhere and run again."""
    async with transaction(ACTOR.tenancy) as session:
        back = await erasure_ledger.returned(session, ACTOR)
    for one in back:
        async with transaction(ACTOR.tenancy) as session:
            request_id = await erasure_ledger.request_again(session, ACTOR, one)
        await _erase(str(request_id), despite_holds=True)
        with suppress(live.Away, SettingsError):  # a restored installation may have no Redis yet; the sweep comes back
            await _forget_pages(request_id)
    return len(back)


async def enqueue_lost() -> None:
    """Go on with erasures whose job was lost or failed too often."""
    async with transaction(ACTOR.tenancy) as session:
        await erasures.enqueue_lost(session, ACTOR)
