"""Data keys move to the newest key-encryption key of their region by themselves, a thousand at a time."""

from collections.abc import Callable
from logging import getLogger

from backoffice.adapters import kms
from backoffice.db import transaction
from backoffice.errors import Unavailable
from backoffice.services import key_rotations, regions
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="key rotation")


async def rewrap() -> None:
    """Wrap again what an older key wraps."""
    await walk()


async def walk(tell: Callable[[int], None] = lambda _: None) -> int:
    """Wrap again what an older key of its region wraps, and answer how many; `tell` hears of each batch.

    Two walks at once are no harm: each row is written where it is as it was read. A region whose keys are away keeps
    no other one from its turn.
    """
    async with transaction(ACTOR.tenancy) as session:
        places = await regions.every(session, ACTOR)
    done = 0
    for region in places:
        try:
            done += await _walk(region, tell)
        except Unavailable:
            log.exception("region_not_rewrapped", extra={"region": region})
            if len(places) == 1:
                raise
    return done


async def _walk(region: str, tell: Callable[[int], None]) -> int:
    async with transaction(ACTOR.tenancy) as session:
        if await key_rotations.is_done(session, ACTOR, region):
            return 0
    done, broken, after = 0, 0, None
    while True:
        async with transaction(ACTOR.tenancy) as session:
            rows = await key_rotations.older(session, ACTOR, region, after)
        if not rows:
            break
        key_id, wrapped, failed = await key_rotations.wrap(rows)
        async with transaction(ACTOR.tenancy) as session:
            kept = await key_rotations.keep(session, ACTOR, key_id, wrapped)
        done, broken, after = done + kept, broken + len(failed), rows[-1].applicant_id
        if failed:
            log.error("data_keys_cannot_be_opened", extra={"count": len(failed), "first": str(failed[0])})
        tell(kept)
    if done:
        async with transaction(ACTOR.tenancy) as session:
            key_id = kms.key_encryption(region).newest_id()
            await key_rotations.note_done(session, ACTOR, key_id, rewrapped=done, broken=broken)
    return done
