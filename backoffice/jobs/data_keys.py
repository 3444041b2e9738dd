"""Data keys are wrapped again by the newest key of their region, and the key store is kept true to the database."""

from collections.abc import Callable
from logging import getLogger
from uuid import UUID

from backoffice.adapters import kms
from backoffice.db import transaction
from backoffice.errors import Unavailable
from backoffice.services import key_moves, key_rotations, key_sweeps, regions
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="key rotation")
KEEPER = Actor.system(name="key store")


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
    if await key_rotations.is_done(ACTOR, region):
        return 0
    done, broken, after = 0, 0, None
    while True:
        rows = await key_rotations.older(ACTOR, region, after)
        if not rows:
            break
        key_id, wrapped, failed = await key_rotations.wrap(rows)
        kept = await key_rotations.keep(ACTOR, key_id, wrapped)
        done, broken, after = done + kept, broken + len(failed), rows[-1].applicant_id
        if failed:
            log.error("data_keys_cannot_be_opened", extra={"count": len(failed), "first": str(failed[0])})
        tell(kept)
    if done:
        async with transaction(ACTOR.tenancy) as session:
            key_id = kms.key_encryption(region).newest_id()
            await key_rotations.note_done(session, ACTOR, key_id, rewrapped=done, broken=broken)
    return done


async def move(*, copies_only: bool = False) -> int:
    """Take what processes of before wrote into the key store, and answer how many rows there were.

    `copies_only` leaves the old rows: whoever still runs of before goes on reading them.
    """
    copied, after = 0, None
    while True:
        async with transaction(KEEPER.tenancy) as session:
            ids = await key_moves.copy(session, KEEPER, after)
        if not ids:
            return copied
        copied, after = copied + len(ids), ids[-1]
        if not copies_only:
            async with transaction(KEEPER.tenancy) as session:
                await key_moves.clear(session, KEEPER, ids)


async def tend() -> None:
    """Move, by the clock; who was erased of late, maybe by a process of before, loses a copy that came too late."""
    await move()
    async with transaction(KEEPER.tenancy) as session:
        late = await key_sweeps.erased_of_late(session, KEEPER)
    await key_sweeps.lose_again(KEEPER, late)


async def compare(*, is_restored: bool = False) -> tuple[int, int]:
    """Lose keys of who is erased, and take away those of nobody; answers how many of both.

    After a restore the erased may be many, and nobody's key is judged by a database that is older than it was.
    """
    erased, orphans, walked, after = set[UUID](), set[UUID](), 0, None
    while batch := await key_sweeps.next_keys(KEEPER, after):
        async with transaction(KEEPER.tenancy) as session:
            found = await key_sweeps.judged(session, KEEPER, batch)
        erased |= found.erased
        orphans |= found.orphans
        walked, after = walked + len(batch), batch[-1].applicant_id
    if is_restored:
        return await key_sweeps.lose(KEEPER, erased), 0
    lost = await key_sweeps.lose(KEEPER, erased, walked)
    return lost, await key_sweeps.drop(KEEPER, orphans, walked)


async def sweep() -> None:
    """Compare the key store with the database, by the clock."""
    await compare()


async def rewrite() -> None:
    """Take what was lost out of the key store's files, too."""
    await key_sweeps.rewrite(KEEPER)
