"""Rescreens: documents of the past read again by today's engines, and compared with what was found then.

Nothing that was decided or shown changes: the comparison alone is kept. One document at a time is read outside of any
transaction; how far a rescreen came is written with what was found, so that one that dies goes on where it stopped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotFound
from backoffice.models.base import floor_id
from backoffice.models.documents import Check, Document, DocumentStatus
from backoffice.models.engines import Rescreen, RescreenStatus
from backoffice.screening.types import AMONG_DOCUMENTS, Screening
from backoffice.services import audit, documents, engines, screenings, vault
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.screenings import Assignment

JOB = "check.rescreen"
TOPIC = "rescreens"
MOST_DAYS = 366
MOST_DOCUMENTS = 5_000
LATE = timedelta(minutes=2)
KEPT = 10
OF_THE_ORIGINAL = frozenset({"barcode", "data_consistency", "originality", "tampering"})
"""Checks of what a masked file does not show any more: its code, and its own history."""
UNREADABLE = (DocumentStatus.AWAITING_UPLOAD, DocumentStatus.REDACTED)


@dataclass(frozen=True, slots=True)
class Next:
    """The document that is to be read, and the place in the walk from which it was chosen."""

    assignment: Assignment
    after: UUID | None


async def begin(
    session: AsyncSession, actor: Actor, *, days: int, limit: int, partner_id: UUID | None = None
) -> Rescreen:
    """Start reading the documents of the last days again, at most `limit` of them, oldest first.

    Raises Invalid for a span or number out of range, Conflict while another rescreen runs.
    """
    actor.require(Permission.POLICIES_WRITE)
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"From 1 to {MOST_DAYS} days.", code="out_of_range", pointer="/days")
    if not 1 <= limit <= MOST_DOCUMENTS:
        raise Invalid(f"From 1 to {MOST_DOCUMENTS:,} documents.", code="out_of_range", pointer="/limit")
    until = now()
    row = Rescreen(
        partner_id=partner_id,
        since=until - timedelta(days=days),
        until=until,
        started_by=actor.id if actor.type == ActorType.MEMBER else None,
    )
    covered = select(col(Document.id)).where(_covered(row)).limit(limit).subquery()
    row.total = (await session.execute(select(func.count()).select_from(covered))).scalar_one()
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        message = "Documents are being read again already. Wait for the end, or stop it."
        raise Conflict(message, code="rescreen_runs") from None
    await _record(session, actor, row, "started")
    await _enqueue(session, row.id)
    return row


async def _enqueue(session: AsyncSession, rescreen_id: UUID) -> None:
    await job_queue.enqueue(session, JOB, {"rescreen_id": str(rescreen_id)}, dedupe_key=f"{JOB}:{rescreen_id}")


def _covered(row: Rescreen) -> ColumnElement[bool]:
    screened = exists().where(col(Check.document_id) == col(Document.id))
    span = and_(col(Document.id) >= floor_id(row.since), col(Document.id) < floor_id(row.until))
    covered = and_(span, col(Document.livemode), col(Document.status).not_in(UNREADABLE), screened)
    return and_(covered, col(Document.partner_id) == row.partner_id) if row.partner_id else covered


async def following(session: AsyncSession, actor: Actor, rescreen_id: UUID) -> Next | None:
    """Answer the next document to read; None when the rescreen is over. What cannot be read is counted and passed."""
    actor.require(Permission.SYSTEM)
    row = await _locked(session, rescreen_id)
    while row.status == RescreenStatus.RUNNING:
        document = await _document_after(session, row) if row.done < row.total else None
        if document is None:
            row.status, row.finished_at, row.total = RescreenStatus.DONE, now(), row.done
            break
        try:
            return Next(await screenings.assignment_of(session, actor, document), row.cursor)
        except NotFound:
            row.cursor, row.done, row.failed = document.id, row.done + 1, row.failed + 1
    await session.flush()
    live.announce(session, TOPIC)
    return None


async def _document_after(session: AsyncSession, row: Rescreen) -> Document | None:
    statement = select(Document).where(_covered(row)).order_by(col(Document.id)).limit(1)
    if row.cursor:
        statement = statement.where(col(Document.id) > row.cursor)
    return (await session.execute(statement)).scalar_one_or_none()


async def record(session: AsyncSession, actor: Actor, rescreen_id: UUID, chosen: Next, screening: Screening) -> None:
    """Write how a document reads today beside how it read; nothing when somebody else has done it meanwhile."""
    actor.require(Permission.SYSTEM)
    row = await _locked(session, rescreen_id)
    if row.status != RescreenStatus.RUNNING or row.cursor != chosen.after:
        return
    document = chosen.assignment.document
    before = (await documents.checks_of(session, [document.id])).get(document.id, [])
    is_masked = any(file.is_masked for file in chosen.assignment.files)
    without = AMONG_DOCUMENTS | OF_THE_ORIGINAL if is_masked else AMONG_DOCUMENTS
    again = [finding for finding in screening.findings if finding.name not in without]
    await engines.note(session, document, before, again, rescreen_id=row.id)
    known = _values(chosen.assignment)
    if is_masked:  # what stood where it is covered now, and what was found by it, is there as it was read
        known = {name: value for name, value in known.items() if screening.value(name) is not None}
    row.fields = _compared(row.fields, known, screening)
    row.cursor, row.done = document.id, row.done + 1
    await session.flush()
    live.announce(session, TOPIC)


def _values(assignment: Assignment) -> dict[str, str]:
    document = assignment.document
    column = screenings.EXTRACTED_COLUMN
    kept: Mapping[str, Any] = (
        vault.open_json(assignment.key, document.extracted_box, row=document.id, column=column) or {}
    )
    return {name: str(one["value"]) for name, one in kept.items()}


def _compared(
    counted: Mapping[str, Mapping[str, int]], before: Mapping[str, str], screening: Screening
) -> dict[str, dict[str, int]]:
    """Count per field whether today's value is the same, another, new or gone."""
    after: dict[str, str] = {}
    for value in screening.extracted:
        after.setdefault(value.name, value.value)
    result = {name: dict(counts) for name, counts in counted.items()}
    for name in before.keys() | after.keys():
        way = _way(before.get(name), after.get(name))
        counts = result.setdefault(name, {})
        counts[way] = counts.get(way, 0) + 1
    return result


def _way(before: str | None, after: str | None) -> str:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    return "same" if before == after else "other"


async def _locked(session: AsyncSession, rescreen_id: UUID) -> Rescreen:
    statement = select(Rescreen).where(col(Rescreen.id) == rescreen_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return found(row, "rescreen")


async def newest(session: AsyncSession, actor: Actor) -> Rescreen | None:
    """Read the last rescreen."""
    actor.require(Permission.POLICIES_READ)
    statement = select(Rescreen).order_by(col(Rescreen.id).desc()).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def cancel(session: AsyncSession, actor: Actor, rescreen_id: UUID) -> Rescreen:
    """Stop a rescreen where it is; what it compared so far stays.

    Raises Conflict when it has ended.
    """
    actor.require(Permission.POLICIES_WRITE)
    row = await _locked(session, rescreen_id)
    if row.status != RescreenStatus.RUNNING:
        raise Conflict("This rescreen has ended already.", code="already_ended")
    row.status, row.finished_at = RescreenStatus.CANCELED, now()
    await session.flush()
    await _record(session, actor, row, "canceled")
    return row


async def enqueue_lost(session: AsyncSession, actor: Actor) -> None:
    """Go on with rescreens whose job was lost."""
    actor.require(Permission.SYSTEM)
    statement = select(col(Rescreen.id)).where(
        col(Rescreen.status) == RescreenStatus.RUNNING, col(Rescreen.created_at) < now() - LATE
    )
    for rescreen_id in (await session.execute(statement.limit(KEPT))).scalars():
        await _enqueue(session, rescreen_id)


async def _record(session: AsyncSession, actor: Actor, row: Rescreen, what: str) -> None:
    await audit.record(
        session,
        actor,
        f"rescreen.{what}",
        subject_type="rescreen",
        subject_id=row.id,
        partner_id=row.partner_id,
        changes={"since": row.since.isoformat(), "until": row.until.isoformat(), "documents": row.total},
    )
    live.announce(session, TOPIC)
