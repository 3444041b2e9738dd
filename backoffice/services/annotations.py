"""Annotations: what reviewers mark on a page, with a note for later reviewers and never for partners.

While two people have to sign, each sees their own marks only; a lead who settles a dispute sees both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.annotations import Annotation
from backoffice.models.base import Prefix, public_id
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.documents import Document, File, Rendition, RenditionKind
from backoffice.models.members import Member
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.services import audit, blindness, conflicts, documents, reasons, review_tasks, vault
from backoffice.services.access import Actor, Permission, found

NOTE_COLUMN = "note_box"
MAX_NOTE = 2_000
MAX_MARKS = 50
"""Of one person on one document: nobody is refused, or told, because of marks that they do not see."""
LEAST_SIDE = 0.002
"""Of the page; less is a slip of the hand."""
PLACES = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark with who made it; the note is for the eyes of those who review."""

    annotation: Annotation
    by: str
    note: str = field(repr=False)
    picture_id: UUID | None
    """The picture on which it is drawn; None where the page has none any more."""


def box_of(box: Sequence[float]) -> list[float]:
    """Check one box and round it.

    Raises Invalid for what is no rectangle within the page.
    """
    values = [float(value) for value in box]
    if len(values) != PLACES or not all(math.isfinite(value) for value in values):
        raise Invalid("A mark is four numbers: left, top, width and height.", code="box_invalid", pointer="/box")
    left, top, width, height = (round(value, 4) for value in values)
    if min(width, height) < LEAST_SIDE:
        raise Invalid("This mark is too small. Draw it again.", code="box_too_small", pointer="/box")
    if left < 0 or top < 0 or left + width > 1 + 1e-9 or top + height > 1 + 1e-9:
        raise Invalid("A mark lies within the page.", code="box_outside", pointer="/box")
    return [left, top, width, height]


async def add(session: AsyncSession, actor: Actor, task_id: UUID, *, picture_id: UUID, box: Sequence[float]) -> UUID:
    """Mark a rectangle of a page of the task that the actor holds; answers the mark's id.

    Raises Conflict when the claim is lost or the actor has too many marks there, Invalid for a wrong box, NotFound for
    a page of another document.
    """
    task = await _held(session, actor, task_id)
    values = box_of(box)
    picture = await page_of(session, task.document_id, picture_id)
    is_there = (col(Annotation.document_id) == task.document_id) & col(Annotation.removed_at).is_(None)
    is_there &= col(Annotation.member_id) == actor.id
    total = (await session.execute(select(func.count()).select_from(Annotation).where(is_there))).scalar_one()
    if total >= MAX_MARKS:
        raise Conflict(
            f"You can keep at most {MAX_MARKS} marks on a document. Remove one first.", code="too_many_marks"
        )
    row = Annotation(
        partner_id=task.partner_id,
        document_id=task.document_id,
        review_task_id=task.id,
        file_id=picture.file_id,
        page=picture.page,
        box=values,
        member_id=review_tasks.reviewer(actor),
    )
    session.add(row)
    await session.flush()
    await _record(session, actor, task, row, "marked", box=values)
    return row.id


async def page_of(session: AsyncSession, document_id: UUID, picture_id: UUID) -> Rendition:
    """Find the page that a picture of this document shows.

    Raises NotFound.
    """
    statement = (
        select(Rendition)
        .join(File, col(File.id) == col(Rendition.file_id))
        .where(col(Rendition.id) == picture_id, col(File.document_id) == document_id)
        .where(col(Rendition.kind) == RenditionKind.VIEW)
    )
    return found((await session.execute(statement)).scalar_one_or_none(), "picture")


async def change(  # noqa: PLR0913 a mark is explained by a note and a reason
    session: AsyncSession, actor: Actor, task_id: UUID, mark_id: UUID, *, note: str = "", reason: str = ""
) -> None:
    """Write what one's own mark means; an empty note or reason takes it away.

    Raises Invalid for a note that is too long or a reason that cannot be given.
    """
    task = await _held(session, actor, task_id)
    row = await _own(session, actor, task, mark_id)
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise Invalid(f"The note is longer than {MAX_NOTE} characters.", code="note_too_long", pointer="/note")
    refuse_card_number(note, "/note")
    if reason and reason not in {one.code for one in await reasons.catalogue(session, actor)}:
        raise Invalid(f"{reason[:40]!r} is not a reason that can be given.", code="reason_unknown", pointer="/reason")
    document = await session.get_one(Document, task.document_id)
    key = await vault.data_key(session, document.applicant_id)
    row.note_box = vault.seal_json(key, note, row=row.id, column=NOTE_COLUMN) if note else None
    row.reason, row.changed_at = reason or None, now()
    await session.flush()
    await _record(session, actor, task, row, "mark_changed", reason=row.reason, has_note=bool(note))


async def remove(session: AsyncSession, actor: Actor, task_id: UUID, mark_id: UUID) -> None:
    """Take one's own mark off the page; that it was there stays in the audit trail."""
    task = await _held(session, actor, task_id)
    row = await _own(session, actor, task, mark_id)
    row.removed_at, row.removed_by = now(), actor.id
    await session.flush()
    await _record(session, actor, task, row, "mark_removed")


async def _held(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    """Read the locked task that the actor holds now."""
    member_id = review_tasks.reviewer(actor)
    task = await review_tasks.locked(session, task_id)
    await conflicts.refuse(session, member_id, task.partner_id)
    await blindness.refuse(session, member_id, task.document_id)
    await review_tasks.refuse_decided(session, task)
    if task.claimed_by != member_id or not review_tasks.is_live(task):
        raise Conflict("This task is not yours any more. Claim it again to mark.", code="claim_lost")
    document = await session.get_one(Document, task.document_id)
    if document.redacted_at is not None:
        raise Conflict("This document has been erased. Nothing can be marked on it.", code="erased")
    return task


async def _own(session: AsyncSession, actor: Actor, task: ReviewTask, mark_id: UUID) -> Annotation:
    row = await session.get(Annotation, mark_id)
    is_there = row is not None and row.document_id == task.document_id and row.removed_at is None
    mark = found(row if is_there else None, "mark")
    if mark.member_id != actor.id:
        if task.needs_second and mark.review_task_id == task.id:
            found(None, "mark")
        raise NotAllowed("Only who made a mark changes or removes it.", code="not_your_mark")
    return mark


async def of_task(session: AsyncSession, actor: Actor, task_id: UUID) -> list[Mark]:
    """List the marks that a reviewer may see while this task is on the desk, oldest first."""
    task = found(await session.get(ReviewTask, task_id), "review task")
    return await of_document(session, actor, task.document_id)


async def of_document(session: AsyncSession, actor: Actor, document_id: UUID) -> list[Mark]:
    """List the marks on a document that a reviewer may see, oldest first.

    Raises NotFound, and NotAllowed for who judges the document blind.
    """
    actor.require(Permission.PERSONAL_READ)
    member_id = review_tasks.reviewer(actor)
    document = await documents.get(session, actor, document_id)
    await conflicts.refuse(session, member_id, document.partner_id, "document")
    await blindness.refuse(session, member_id, document.id)
    statement = (
        select(Annotation, col(Member.name), col(Rendition.id))
        .join(Member, col(Member.id) == col(Annotation.member_id))
        .join(ReviewTask, col(ReviewTask.id) == col(Annotation.review_task_id))
        .outerjoin(
            Rendition,
            and_(
                col(Rendition.file_id) == col(Annotation.file_id),
                col(Rendition.page) == col(Annotation.page),
                col(Rendition.kind) == RenditionKind.VIEW,
            ),
        )
        .where(col(Annotation.document_id) == document.id, col(Annotation.removed_at).is_(None))
        .where(or_(col(Annotation.member_id) == member_id, told_freely()))
        .order_by(col(Annotation.id))
    )
    rows = (await session.execute(statement)).all()
    key = (await vault.data_keys(session, {document.applicant_id})).get(document.applicant_id) if rows else None
    return [Mark(row, name, _note(key, row), picture_id) for row, name, picture_id in rows]


def told_freely() -> ColumnElement[bool]:
    """Leave out in SQL what stays hidden while two people sign the task and neither knows of the other."""
    return or_(col(ReviewTask.status) == TaskStatus.COMPLETED, col(ReviewTask.needs_second).is_(False))


def _note(key: bytes | None, row: Annotation) -> str:
    return cast("str | None", vault.open_json(key, row.note_box, row=row.id, column=NOTE_COLUMN)) or ""


async def _record(
    session: AsyncSession, actor: Actor, task: ReviewTask, row: Annotation, what: str, **changes: object
) -> None:
    """Write the audit entry; the note is not in it, and the queue is not told, because nothing of it changed."""
    place = {"mark_id": str(row.id), "file_id": public_id(Prefix.FILE, row.file_id), "page": row.page + 1}
    await audit.record(
        session,
        actor,
        f"review.{what}",
        subject_type="review_task",
        subject_id=task.id,
        partner_id=task.partner_id,
        changes={"document_id": public_id(Prefix.DOCUMENT, task.document_id), **place, **changes},
    )
    live.announce(session, f"review:{task.id}", f"document:{task.document_id}")
