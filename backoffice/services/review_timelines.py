"""Timelines: everything that happened to one document, by person or machine, for those who review.

What the first of two signers said stays hidden while a second is awaited, and who judges a sample blind must judge it
before they read on.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.audit_entries import AuditEntry
from backoffice.models.copies import CopyKind
from backoffice.models.documents import Check, Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import Decision, ReviewTask, TaskStatus
from backoffice.models.samples import GoldDocument
from backoffice.services import blindness, conflicts, documents, dossiers, gold_documents
from backoffice.services.access import Actor, Permission
from backoffice.services.review_tasks import reviewer

READS = frozenset({"document.opened", "review.opened"})
MARKS = frozenset({"review.marked", "review.mark_changed", "review.mark_removed"})
COPIES = frozenset({"review.page_redacted", "review.copy_fetched"})
"""Of pages with areas blackened: where, or how many, may be the marks of whoever made them."""
MOST = 500
OPEN_SHOWS = frozenset({"status", "document_id"})
"""What a task's entries tell while its verdict is not final."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done, with what may be told of it."""

    entry: AuditEntry
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """One decision with the names of its signers."""

    decision: Decision
    signers: list[str]


@dataclass(frozen=True, slots=True)
class Timeline:
    """One document's story."""

    document: Document
    partner: str
    entries: list[Entry]
    decisions: list[Signed]
    checks: list[tuple[Check, str]] = field(repr=False)
    labels: dict[str, str]
    gold: GoldDocument | None
    """For leads only."""


async def read(session: AsyncSession, actor: Actor, document_id: UUID, *, is_opening: bool = False) -> Timeline:
    """Read one document's story, newest first; opening it is written down.

    Raises NotFound, and NotAllowed for who has still to judge the document blind.
    """
    member_id = reviewer(actor)
    document = await documents.get(session, actor, document_id)
    await conflicts.refuse(session, member_id, document.partner_id, "document")
    await blindness.refuse(session, member_id, document.id)
    dossier = await dossiers.read(session, actor, document_id, is_opening=is_opening)
    partner = select(col(Partner.name)).where(col(Partner.id) == document.partner_id)
    return Timeline(
        document=document,
        partner=(await session.execute(partner)).scalar_one(),
        entries=await _entries(session, actor, document),
        decisions=await _decisions(session, document),
        checks=dossier.checks,
        labels=dossier.labels,
        gold=await gold_documents.of(session, actor, document_id) if actor.can(Permission.QUEUE_MANAGE) else None,
    )


async def _entries(session: AsyncSession, actor: Actor, document: Document) -> list[Entry]:
    tasks = select(ReviewTask).where(col(ReviewTask.document_id) == document.id)
    rows = list((await session.execute(tasks)).scalars())
    open_ids = {row.id for row in rows if row.status != TaskStatus.COMPLETED}
    statement = (
        select(AuditEntry)
        .where(col(AuditEntry.subject_id).in_([document.id, *(row.id for row in rows)]))
        .where(col(AuditEntry.action).not_in(READS), col(AuditEntry.result) == "ok")
        .where(not_(_hidden(actor, [row.id for row in rows if row.id in open_ids and row.needs_second])))
        .order_by(col(AuditEntry.sequence).desc())
        .limit(MOST)
    )
    found = (await session.execute(statement)).scalars()
    return [Entry(entry, _told(entry, is_open=entry.subject_id in open_ids)) for entry in found]


def _hidden(actor: Actor, task_ids: list[UUID]) -> ColumnElement[bool]:
    """Leave out the others' marks while two people sign and neither may know of the other, and the copies of them."""
    if not task_ids:
        return false()
    marks = and_(col(AuditEntry.action).in_(MARKS), col(AuditEntry.subject_id).in_(task_ids))
    is_redaction = col(AuditEntry.changes)["kind"].as_string() == CopyKind.REDACTION
    copies = and_(col(AuditEntry.action).in_(COPIES), is_redaction)
    return and_(or_(marks, copies), col(AuditEntry.actor_id) != actor.id)


def _told(entry: AuditEntry, *, is_open: bool) -> dict[str, Any]:
    if not is_open:
        return dict(entry.changes)
    return {name: value for name, value in entry.changes.items() if name in OPEN_SHOWS}


async def _decisions(session: AsyncSession, document: Document) -> list[Signed]:
    statement = select(Decision).where(col(Decision.document_id) == document.id).order_by(col(Decision.id).desc())
    rows = list((await session.execute(statement)).scalars())
    people = {one for row in rows for one in (row.member_id, row.second_member_id) if one}
    found = await session.execute(select(col(Member.id), col(Member.name)).where(col(Member.id).in_(people)))
    names = {row.id: row.name for row in found}
    return [
        Signed(row, [names[one] for one in (row.member_id, row.second_member_id) if one is not None]) for row in rows
    ]
