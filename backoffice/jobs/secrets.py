"""Sealed secrets move to the newest root by themselves, and what is under a pepper ends on its last day."""

from collections.abc import Callable
from logging import getLogger
from uuid import UUID

from backoffice.adapters import roots
from backoffice.db import transaction
from backoffice.models.secret_roots import RootFamily
from backoffice.services import secret_boxes, secret_rotations
from backoffice.services.access import Actor
from backoffice.services.secret_boxes import COLUMNS, Sealed

log = getLogger(__name__)
ACTOR = Actor.system(name="secret rotation")


async def tend() -> None:
    """Seal again what an older root seals, and end what has had its last day."""
    await walk()
    async with transaction(ACTOR.tenancy) as session:
        ended = await secret_rotations.end_overdue(session, ACTOR)
    if ended:
        log.warning("pepper_ended", extra={"ended": ended})


async def walk(tell: Callable[[int], None] = lambda _: None) -> int:
    """Seal again what an older root seals, and answer how many; `tell` hears of each batch.

    Two walks at once are no harm: each row is written where it is as it was read.
    """
    if len(roots.ring().versions(RootFamily.WORKING)) == 1:
        return 0
    done, broken = 0, 0
    for column in COLUMNS:
        resealed, failed = await _walk(column, tell)
        done, broken = done + resealed, broken + failed
    if done:
        async with transaction(ACTOR.tenancy) as session:
            await secret_boxes.note_done(session, ACTOR, resealed=done, broken=broken)
    return done


async def _walk(column: Sealed, tell: Callable[[int], None]) -> tuple[int, int]:
    done, broken, after = 0, 0, None
    while True:
        async with transaction(ACTOR.tenancy) as session:
            rows = await secret_boxes.older(session, ACTOR, column, after)
        if not rows:
            return done, broken
        sealed, failed = secret_boxes.sealed_again(column, rows)
        async with transaction(ACTOR.tenancy) as session:
            kept = await secret_boxes.keep(session, ACTOR, column, sealed)
        done, broken, after = done + kept, broken + len(failed), rows[-1].id
        _report(column, failed)
        tell(kept)


def _report(column: Sealed, failed: list[UUID]) -> None:
    if failed:
        about = {"table": column.table, "column": column.column, "ids": [str(one) for one in failed[:20]]}
        log.error("boxes_cannot_be_opened", extra=about)
