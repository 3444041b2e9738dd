"""Sealing: audit entries go into a Merkle tree in the order of their transactions, and its head is signed.

One sealer at a time: an advisory lock ends with its transaction, and the place of a leaf is a primary key, so that a
second one could not fork the tree even without it. Where it dies, nothing has happened.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.adapters import signing
from backoffice.adapters.merkle import HASH_BYTES, Frontier
from backoffice.adapters.signed_notes import Checkpoint
from backoffice.db import execute
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.audit_log import AuditCheckpoint
from backoffice.services import audit_leaves
from backoffice.services.access import Actor, Permission

AT_ONCE = 5_000
"""Entries that one transaction seals."""
STEP = 8
"""Of the subtrees, only those of every eighth height are kept: 1/256 of the leaves."""
LOCK = "select pg_try_advisory_xact_lock(hashtext('audit-seal'))"
SEAL = """
with unsealed as (
    select id, transaction_id, sequence, leaf from audit_entries
    where (transaction_id, sequence) > (%s, %s)
      and transaction_id < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
      and not exists (select from audit_leaves where entry_id = audit_entries.id)
    order by transaction_id, sequence limit %s
), placed as (
    select *, %s + row_number() over (order by transaction_id, sequence) - 1 as index from unsealed
), kept as (
    insert into audit_leaves (index, entry_id, leaf) select index, id, leaf from placed where leaf is not null
)
select max(array[transaction_id, sequence]), string_agg(coalesce(leaf, %s), '' order by index),
    coalesce(array_agg(index) filter (where leaf is null), '{}'),
    coalesce(array_agg(id) filter (where leaf is null), '{}')
from placed having count(*) > 0"""
"""Give the leaves their places where they are; those of before there was a log have theirs to be hashed first.

Below the horizon every transaction has ended, so that nothing can appear behind the cursor (decision 0008).

What somebody deleted and wrote again under its old id is passed over: it may not stop the sealer."""
WAITS = """
select created_at from audit_entries where (transaction_id, sequence) > (%s, %s)
order by transaction_id, sequence limit 1"""
KEEP_LEAVES = """
insert into audit_leaves (index, entry_id, leaf)
select * from unnest(%s::bigint[], %s::uuid[], %s::bytea[])"""
KEEP_NODES = """
insert into audit_nodes (height, index, hash) select * from unnest(%s::smallint[], %s::bigint[], %s::bytea[])"""
UNHASHED = bytes(HASH_BYTES)
"""Stands for the leaf of an entry that has none yet."""


async def seal(session: AsyncSession, actor: Actor, *, at_most: int = AT_ONCE) -> int:
    """Seal what was written since the last time; answers how many entries, none when another one is at it."""
    actor.require(Permission.SYSTEM)
    [(is_alone,)] = await execute(session, LOCK, ())
    if not is_alone:
        return 0
    last = await newest(session)
    cursor = (last.last_transaction, last.last_sequence) if last else (0, 0)
    frontier = Frontier(last.size, list(last.peaks)) if last else Frontier()
    found = await execute(session, SEAL, (*cursor, at_most, frontier.size, UNHASHED))
    if not found:
        return 0
    [(end, packed, places, ids)] = found
    leaves = [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)]
    older = await _keep_older(session, dict(zip(ids, places, strict=True))) if ids else {}
    for place, leaf in older.items():
        leaves[place - frontier.size] = leaf
    await _append(session, frontier, leaves)
    session.add(_checkpoint(frontier, end))
    await session.flush()
    return len(leaves)


async def newest(session: AsyncSession) -> AuditCheckpoint | None:
    """Find the head of the log."""
    statement = select(AuditCheckpoint).order_by(col(AuditCheckpoint.size).desc()).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def lag(session: AsyncSession, actor: Actor) -> float:
    """Say for how many seconds the oldest entry has waited to be sealed; 0 when none waits."""
    actor.require(Permission.JOBS_READ)
    last = await newest(session)
    cursor = (last.last_transaction, last.last_sequence) if last else (0, 0)
    found = await execute(session, WAITS, cursor)
    return max(0.0, (clock.now() - found[0][0]).total_seconds()) if found else 0.0


async def _append(session: AsyncSession, frontier: Frontier, leaves: Sequence[bytes]) -> None:
    for height, start, nodes in frontier.extend(leaves):
        if height and height % STEP == 0:
            places = list(range(start, start + len(nodes)))
            await execute(session, KEEP_NODES, ([height] * len(nodes), places, nodes))


async def _keep_older(session: AsyncSession, places: Mapping[UUID, int]) -> dict[int, bytes]:
    """Hash what was written before there was a log, and keep it in its place."""
    entries = (await session.execute(select(AuditEntry).where(col(AuditEntry.id).in_(places)))).scalars()
    leaves = {entry.id: audit_leaves.leaf_of_entry(entry) for entry in entries}
    values = [places[entry_id] for entry_id in leaves], list(leaves), list(leaves.values())
    await execute(session, KEEP_LEAVES, values)
    return {places[entry_id]: leaf for entry_id, leaf in leaves.items()}


def _checkpoint(frontier: Frontier, end: Sequence[int]) -> AuditCheckpoint:
    signed = Checkpoint(signing.log_key().name, frontier.size, frontier.root())
    with clock.shifted(timedelta()):
        moment = clock.now()
    return AuditCheckpoint(
        size=signed.size,
        created_at=moment,
        root=signed.root,
        note=signing.sign_note(signed.text()),
        peaks=list(frontier.peaks),
        last_transaction=end[0],
        last_sequence=end[1],
    )
