"""Masking what is stored: documents that nobody read, those from before, and the objects that masked ones replaced."""

from collections.abc import Callable
from logging import getLogger
from uuid import UUID

from backoffice.adapters import storage
from backoffice.db import transaction
from backoffice.errors import BackofficeError, Unavailable
from backoffice.jobs.documents import SCREEN_SECONDS, screener
from backoffice.services import file_masks, screenings, stored_masks
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="masking")


async def enqueue_unmasked() -> None:
    """Look at what ended before its screening."""
    async with transaction(ACTOR.tenancy) as session:
        await stored_masks.enqueue_missed(session, ACTOR)


async def mask(document_id: str) -> None:
    """Look at one stored document and mask what is under a rule; running twice changes nothing."""
    async with transaction(ACTOR.tenancy) as session:
        assignment = await stored_masks.begin(session, ACTOR, UUID(document_id))
    if assignment is None:
        return
    screening = await screenings.run(assignment, screener(), timeout=SCREEN_SECONDS)
    masked = await screenings.store_masked(assignment, screening)
    is_pictured = stored_masks.needs_pictures(assignment, screening)
    pictures = await screenings.store_pictures(assignment, screening) if is_pictured else []
    async with transaction(ACTOR.tenancy) as session:
        left = await stored_masks.complete(session, ACTOR, assignment, screening, pictures)
        left += await screenings.unkept(session, ACTOR, pictures, masked)
    await storage.remove(left)


async def walk(step: Callable[[], None], *, is_again: bool) -> int:
    """Look at every stored document from before, one after another; answers how many. Dying costs one reading."""
    last, done = None, 0
    while True:
        async with transaction(ACTOR.tenancy) as session:
            found = await stored_masks.after(session, ACTOR, last, limit=file_masks.BATCH, is_again=is_again)
        if not found:
            return done
        for document_id in found:
            await mask(str(document_id))
            last, done = document_id, done + 1
            step()


async def walk_applicants(step: Callable[[], None]) -> None:
    """Mask what was declared of people before; walking them again changes nothing."""
    last = None
    while True:
        async with transaction(ACTOR.tenancy) as session:
            found = await stored_masks.applicants_after(session, ACTOR, last, limit=file_masks.BATCH)
        if not found:
            return
        for applicant_id in found:
            try:
                async with transaction(ACTOR.tenancy) as session:
                    await stored_masks.mask_declared(session, ACTOR, applicant_id)
            except BackofficeError as error:  # whose key cannot be opened keeps nobody else waiting
                log.warning("declared_not_masked", extra={"applicant": str(applicant_id), "error": error.code})
            last = applicant_id
            step()


async def discard_replaced() -> None:
    """Delete what masked files took the place of; dying in between repeats it.

    A region whose store is away keeps its own until the next run, and nobody else's.
    """
    away = set[str]()
    while True:
        async with transaction(ACTOR.tenancy) as session:
            found = await file_masks.replaced(session, ACTOR, without=away)
        gone = [one for one in found if await _is_gone(one[1], away)]
        async with transaction(ACTOR.tenancy) as session:
            await file_masks.forget(session, ACTOR, gone)
        if len(found) < file_masks.BATCH:
            return


async def _is_gone(one: storage.Object, away: set[str]) -> bool:
    if one.region in away:
        return False
    try:
        await storage.remove([one])
    except Unavailable:
        log.warning("region_away", extra={"region": one.region})
        away.add(one.region)
        return False
    return True
