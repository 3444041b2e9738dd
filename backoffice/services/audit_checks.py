"""Checks of the sealed log from within: the very lines that an export would hold, read as an auditor reads them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import signing
from backoffice.adapters.audit_proofs import Proofreader, Report
from backoffice.adapters.merkle import is_included
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.audit_log import AuditCheckpoint, AuditLeaf, Place, Verified
from backoffice.services import audit, audit_files, audit_leaves, audit_nodes, audit_seals
from backoffice.services.access import Actor, Permission
from backoffice.services.audit_files import Scope

VERIFIED = "audit.verified"
STEP = 250
"""Items after which others get a turn: the check is arithmetic, and a web process has other tabs."""
KEPT_PROBLEMS = 3
WHOLE = UUID(int=0)
"""In place of a partner's id: what a check of everything is about."""
Tell = Callable[[int, int], Awaitable[None]]


async def begin(session: AsyncSession, actor: Actor) -> AuditCheckpoint:
    """Begin a check up to the newest head; it is written down at once, whatever becomes of it."""
    return await audit_files.begin(session, actor, Scope(), why="audit.verification_started")


async def verify(session: AsyncSession, actor: Actor, head: AuditCheckpoint, tell: Tell) -> Report:
    """Compute everything again that this actor may see, in a transaction that only reads."""
    actor.require(Permission.AUDIT_READ)
    reader, count = Proofreader(signing.log_key()), 0
    try:
        async for item in audit_files.items(session, actor, Scope(), head):
            reader.take(item)
            count += 1
            if count % STEP == 0:
                await tell(int(item.get("index", item.get("to", 0))), head.size)
                await asyncio.sleep(0)
    except audit_nodes.Torn as torn:
        return _torn(reader.report, head, torn)
    return reader.finish(is_file=False)


def _torn(report: Report, head: AuditCheckpoint, torn: audit_nodes.Torn) -> Report:
    """Say that a part of the log itself is gone: a finding like any other, and kept like any other."""
    report.size, report.root = head.size, head.root
    report.wrong += 1
    report.first_bad = min(report.first_bad or head.size, torn.index + 1)
    report.problems.append(str(torn))
    return report


async def keep(session: AsyncSession, actor: Actor, report: Report) -> None:
    """Write down what a check found: whoever opens the page next sees it."""
    actor.require(Permission.AUDIT_READ)
    changes: dict[str, object] = {
        "size": report.size,
        "root": report.root.hex(),
        "entries": report.entries,
        "wrong": report.wrong,
        "first_bad": report.first_bad or 0,
        "problems": report.problems[:KEPT_PROBLEMS],
    }
    result = "ok" if report.is_good else "failed"
    about = _own(actor) or WHOLE
    await audit.record(
        session, actor, VERIFIED, subject_type="audit_log", subject_id=about, result=result, changes=changes
    )


def _own(actor: Actor) -> UUID | None:
    return None if actor.is_staff else actor.require_partner()


async def newest(session: AsyncSession, actor: Actor) -> Verified:
    """Say what the last check of this actor's workspace found."""
    actor.require(Permission.AUDIT_READ)
    head = await audit_seals.newest(session)
    own = _own(actor)
    statement = (
        select(AuditEntry)
        .where(col(AuditEntry.subject_id) == (own or WHOLE), col(AuditEntry.action) == VERIFIED)
        .where(col(AuditEntry.partner_id).is_not_distinct_from(own))
    )
    entry = (await session.execute(statement.order_by(col(AuditEntry.id).desc()).limit(1))).scalar_one_or_none()
    sealed = head.size if head else 0
    if entry is None:
        return Verified(sealed=sealed)
    said: dict[str, Any] = entry.changes
    problem = next(iter(said["problems"]), "")
    found = said["size"], said["root"], said["wrong"], said["first_bad"], problem
    return Verified(entry.created_at, *found, sealed=sealed)


async def place(session: AsyncSession, actor: Actor, entry: AuditEntry) -> Place | None:
    """Prove one entry against the head: its hash anew, and its way up the tree; None while it waits for the seal."""
    actor.require(Permission.AUDIT_READ)
    leaf = await session.execute(select(AuditLeaf).where(col(AuditLeaf.entry_id) == entry.id))
    row, head = leaf.scalar_one_or_none(), await audit_seals.newest(session)
    if row is None or head is None:
        return None
    try:
        proof = await audit_nodes.inclusion(session, row.index, head.size)
    except audit_nodes.Torn:
        return Place(row.index + 1, is_as_sealed=False)
    anew = audit_leaves.leaf_of_entry(entry)
    is_there = is_included(leaf=anew, index=row.index, size=head.size, proof=proof, root=head.root)
    return Place(row.index + 1, is_there)
