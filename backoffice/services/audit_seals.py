"""Sealing: audit entries go into a Merkle tree in the order of their transactions, and its head is signed.

One sealer at a time: an advisory lock ends with its transaction, and the place of a leaf is a primary key, so that a
second one could not fork the tree even without it. Where it dies, nothing has happened.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.adapters import signing
from backoffice.adapters.merkle import Frontier
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
UNSEALED = """
select id, transaction_id, sequence, leaf from audit_entries
where (transaction_id, sequence) > (%s, %s)
  and transaction_id < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
  and not exists (select from audit_leaves where entry_id = audit_entries.id)
order by transaction_id, sequence limit %s"""
"""Below the horizon every transaction has ended, so that nothing can appear behind the cursor (decision 0008).

What somebody deleted and wrote again under its old id is passed over: it may not stop the sealer."""
WAITS = """
select created_at from audit_entries where (transaction_id, sequence) > (%s, %s)
order by transaction_id, sequence limit 1"""
KEEP_LEAVES = """
insert into audit_leaves (index, entry_id, leaf)
select * from unnest(%s::bigint[], %s::uuid[], %s::bytea[])"""
KEEP_NODES = """
insert into audit_nodes (height, index, hash) select * from unnest(%s::smallint[], %s::bigint[], %s::bytea[])"""
Row = tuple[UUID, int, int, bytes | None]


async def seal(session: AsyncSession, actor: Actor, *, at_most: int = AT_ONCE) -> int:
    """Seal what was written since the last time; answers how many entries, none when another one is at it."""
    actor.require(Permission.SYSTEM)
    [(is_alone,)] = await execute(session, LOCK, ())
    if not is_alone:
        return 0
    last = await newest(session)
    cursor = (last.last_transaction, last.last_sequence) if last else (0, 0)
    rows: Sequence[Any] = await execute(session, UNSEALED, (*cursor, at_most))
    if rows:
        frontier = Frontier(last.size, list(last.peaks)) if last else Frontier()
        await _append(session, frontier, rows)
        session.add(_checkpoint(frontier, rows[-1]))
        await session.flush()
    return len(rows)


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


async def _append(session: AsyncSession, frontier: Frontier, rows: Sequence[Row]) -> None:
    older = await _leaves_of_older(session, [entry_id for entry_id, _, _, leaf in rows if leaf is None])
    first, leaves = frontier.size, [leaf or older[entry_id] for entry_id, _, _, leaf in rows]
    whole = [node for leaf in leaves for node in frontier.append(leaf)]
    kept = [(height, index, made) for (height, index), made in whole if height and height % STEP == 0]
    places = list(range(first, frontier.size))
    await execute(session, KEEP_LEAVES, (places, [row[0] for row in rows], leaves))
    if kept:
        await execute(session, KEEP_NODES, tuple(map(list, zip(*kept, strict=True))))


async def _leaves_of_older(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Hash what was written before there was a log."""
    if not ids:
        return {}
    entries = (await session.execute(select(AuditEntry).where(col(AuditEntry.id).in_(ids)))).scalars()
    return {entry.id: audit_leaves.leaf_of_entry(entry) for entry in entries}


def _checkpoint(frontier: Frontier, last: Row) -> AuditCheckpoint:
    signed = Checkpoint(signing.log_key().name, frontier.size, frontier.root())
    with clock.shifted(timedelta()):
        moment = clock.now()
    return AuditCheckpoint(
        size=signed.size,
        created_at=moment,
        root=signed.root,
        note=signing.sign_note(signed.text()),
        peaks=list(frontier.peaks),
        last_transaction=last[1],
        last_sequence=last[2],
    )
