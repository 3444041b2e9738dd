"""Usage records: written in the transaction of the work they bill, listed for whoever wants to see what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.db import execute
from backoffice.models.base import Prefix, new_id
from backoffice.models.documents import Document
from backoffice.models.invoices import Line
from backoffice.models.usage_records import UsageKind, UsageRecord
from backoffice.screening.types import Finding
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import DEFAULT_LIMIT, Page, created_within, walk
from backoffice.services.rows import visible

FACE_CHECK = "face_match"
COMPARED = frozenset({"passed", "warning", "failed"})
WRITE = """
insert into usage_records (id, created_at, partner_id, livemode, kind, document_id, document_type, key_id)
values (%(id)s, %(moment)s, %(partner)s, true, %(kind)s, %(document)s, %(type)s, (
    select actor_id from audit_entries where subject_id = %(document)s and action = 'document.created'
        and actor_type = 'api_key' order by id limit 1))
on conflict (document_id, kind) do nothing"""


UNREAD = frozenset({"error", "not_applicable"})
OURS = frozenset({"duplicate", "policy", "file_safety"})
"""What says nothing about whether a document could be read."""


async def screened(session: AsyncSession, document: Document, findings: Sequence[Finding]) -> None:
    """Bill a screening that came to an end: not one of which every check failed to run."""
    if any(finding.status not in UNREAD and finding.name not in OURS for finding in findings):
        await _write(session, document, UsageKind.DOCUMENT_SCREENED)
    if any(finding.name == FACE_CHECK and finding.status in COMPARED for finding in findings):
        await _write(session, document, UsageKind.FACE_MATCH)


async def reviewed(session: AsyncSession, document: Document) -> None:
    """Bill a person's final decision: the first of a document, not those after a reopening."""
    await _write(session, document, UsageKind.HUMAN_REVIEW)


async def _write(session: AsyncSession, document: Document, kind: UsageKind) -> None:
    """Write one row unless it is there; test data costs nothing."""
    if not document.livemode:
        return
    values = {
        "id": new_id(),
        "moment": now(),
        "partner": document.partner_id,
        "kind": kind,
        "document": document.id,
        "type": document.type,
    }
    await execute(session, WRITE, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    kind: UsageKind | None = None
    key_id: UUID | None = None
    document_type: str | None = None
    line: Line | None = None
    """Of an invoice that the actor was given."""
    created_after: datetime | None = None
    created_before: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[UsageRecord]:
    """List records of the actor's partner, newest first.

    Raises Invalid for a limit out of range or a foreign cursor.
    """
    actor.require(Permission.USAGE_READ)
    actor.require_partner()
    statement = visible(actor, UsageRecord).where(
        *created_within(UsageRecord, by.created_after, by.created_before),
        *([col(UsageRecord.kind) == by.kind] if by.kind else []),
        *([col(UsageRecord.key_id) == by.key_id] if by.key_id else []),
        *([col(UsageRecord.document_type) == by.document_type] if by.document_type else []),
        *_of_line(actor, by.line),
    )
    return await walk(session, UsageRecord, statement, prefix=Prefix.USAGE_RECORD, limit=by.limit, cursor=by.cursor)


def _of_line(actor: Actor, line: Line | None) -> list[ColumnElement[bool]]:
    """Keep to the records that a line counts: those that point at it, or those that it would take if it were final."""
    if line is None:
        return []
    if line.id is not None:
        return [col(UsageRecord.line_id) == line.id]
    if line.kind not in set(UsageKind):
        return [false()]
    counted = (
        select(col(UsageRecord.id))
        .where(*unbilled(actor.require_partner(), UsageKind(line.kind), line.since, line.ends))
        .order_by(col(UsageRecord.created_at), col(UsageRecord.id))
        .offset(line.skipped)
        .limit(line.quantity)
    )
    return [col(UsageRecord.id).in_(counted)]


def unbilled(partner_id: UUID, kind: UsageKind, since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Say which records no final invoice has counted yet."""
    return [
        col(UsageRecord.partner_id) == partner_id,
        col(UsageRecord.kind) == kind,
        col(UsageRecord.line_id).is_(None),
        col(UsageRecord.created_at) >= since,
        col(UsageRecord.created_at) < until,
    ]
