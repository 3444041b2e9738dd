"""Stored masks: documents that ended before anybody looked at them, and those from before masking was.

One document at a time is read outside of any transaction. What is known of each file is written with the change, so
that a walk that dies goes on where it stopped.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.adapters.storage import Object
from backoffice.clock import wall
from backoffice.errors import NotFound
from backoffice.models.applicants import Applicant
from backoffice.models.documents import Document, DocumentStatus, File, Masking, Rendition
from backoffice.screening import masking_rules
from backoffice.screening.types import Screening
from backoffice.services import (
    applicants,
    documents,
    file_masks,
    regions,
    screenings,
    vault,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.file_masks import Looked
from backoffice.services.screenings import EXTRACTED_COLUMN, Assignment

JOB = "document.mask"
LATE = timedelta(minutes=1)
SWEEP_LIMIT = 20
"""Documents that one sweep puts into the queue: reading them takes a worker's time from what comes in."""
NOT_OVER = (
    DocumentStatus.AWAITING_UPLOAD,
    DocumentStatus.SUBMITTED,
    DocumentStatus.PROCESSING,
    DocumentStatus.REDACTED,
)
"""What screening is still to read, and what is gone."""
OLD = (Masking.BEFORE, Masking.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the stored documents are."""

    masked: int
    left: int
    unknown: int


async def enqueue_missed(session: AsyncSession, actor: Actor) -> None:
    """Let documents be looked at that ended unscreened, as those that their partner withdrew at once."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(col(Document.id))
        .join(File, col(File.document_id) == col(Document.id))
        .where(col(File.masking).is_(None), col(Document.status).not_in(NOT_OVER))
        .where(col(File.created_at) < wall() - LATE)
        .where(job_queue.not_waiting(literal(f"{JOB}:") + cast(col(Document.id), Text)))
        .distinct()
        .limit(SWEEP_LIMIT)
    )
    for document_id in (await session.execute(statement)).scalars():
        arguments = {"document_id": str(document_id)}
        await job_queue.enqueue(session, JOB, arguments, dedupe_key=f"{JOB}:{document_id}")


async def begin(session: AsyncSession, actor: Actor, document_id: UUID) -> Assignment | None:
    """Put together what looking at a stored document takes; None for one that needs it no more, or is gone."""
    actor.require(Permission.SYSTEM)
    document = await documents.get(session, actor, document_id)
    if document.status in NOT_OVER:
        return None
    try:
        assignment = await screenings.assignment_of(session, actor, document)
    except NotFound:
        return None
    return assignment if any(file.masking in {None, *OLD} for file in assignment.files) else None


async def complete(
    session: AsyncSession, actor: Actor, assignment: Assignment, screening: Screening, pictures: Sequence[Rendition]
) -> list[Object]:
    """Let what is masked take the place of what was stored: files, pictures, values, and what was made of them.

    Answers the objects of old pictures that nobody may see any more: they go after the commit.
    """
    actor.require(Permission.SYSTEM)
    looked = Looked(assignment.document_id, assignment.files, assignment.declared, screening)
    document = await file_masks.keep(session, actor, looked)
    if document.status == DocumentStatus.REDACTED:
        return []
    await screenings.write_pictures(session, pictures)
    left = await _without_old(session, document.id, {picture.id for picture in pictures})
    if screening.masked:
        _mask_values(document, assignment, screening)
    return left


async def _without_old(session: AsyncSession, document_id: UUID, new: Collection[UUID]) -> list[Object]:
    """Delete the rows of pictures that were made before their file was masked, or found to be unknown."""
    statement = (
        select(Rendition)
        .join(File, col(File.id) == col(Rendition.file_id))
        .where(col(File.document_id) == document_id, col(Rendition.id).not_in(new))
        .where(col(File.masking).not_in((Masking.NONE, Masking.BEFORE)))
    )
    old = (await session.execute(statement)).scalars().all()
    left = [await regions.object_of(session, row) for row in old]
    await session.execute(delete(Rendition).where(col(Rendition.id).in_([row.id for row in old])))
    return left


def _mask_values(document: Document, assignment: Assignment, screening: Screening) -> None:
    kept: dict[str, Any] | None = vault.open_json(
        assignment.key, document.extracted_box, row=document.id, column=EXTRACTED_COLUMN
    )
    rule = masking_rules.BY_NAME[screening.masking[screening.masked[0].file_index]]
    if kept:
        values = {
            name: one | {"value": masking_rules.masked_value(name, str(one["value"]), rule)}
            for name, one in kept.items()
        }
        document.extracted_box = vault.seal_json(assignment.key, values, row=document.id, column=EXTRACTED_COLUMN)


def needs_pictures(assignment: Assignment, screening: Screening) -> bool:
    """Say whether pictures are stored anew: of masked files, and of those that nobody could read before."""
    return bool(screening.masked) or any(file.masking == Masking.UNKNOWN for file in assignment.files)


async def after(
    session: AsyncSession, actor: Actor, last: UUID | None, *, limit: int, is_again: bool
) -> Sequence[UUID]:
    """List the next stored documents to look at, in the order of their ids; `is_again` takes those that failed."""
    actor.require(Permission.SYSTEM)
    statement = select(col(Document.id)).where(_old(is_again=is_again)).order_by(col(Document.id)).limit(limit)
    if last:
        statement = statement.where(col(Document.id) > last)
    return (await session.execute(statement)).scalars().all()


def _old(*, is_again: bool) -> ColumnElement[bool]:
    wanted = OLD if is_again else (Masking.BEFORE,)
    old = exists().where(col(File.document_id) == col(Document.id), col(File.masking).in_(wanted))
    return old & col(Document.status).not_in(NOT_OVER)


async def applicants_after(session: AsyncSession, actor: Actor, last: UUID | None, *, limit: int) -> Sequence[UUID]:
    """List the next applicants of whom something is known, in the order of their ids."""
    actor.require(Permission.SYSTEM)
    statement = select(col(Applicant.id)).where(
        col(Applicant.personal_box).is_not(None), col(Applicant.number_token).is_(None)
    )
    if last:
        statement = statement.where(col(Applicant.id) > last)
    return (await session.execute(statement.order_by(col(Applicant.id)).limit(limit))).scalars().all()


async def mask_declared(session: AsyncSession, actor: Actor, applicant_id: UUID) -> None:
    """Mask a number that was declared before it would have been masked, unless their documents are of elsewhere."""
    actor.require(Permission.SYSTEM)
    theirs = select(col(Document.issuing_country)).where(col(Document.applicant_id) == applicant_id).distinct()
    countries = {country for country in (await session.execute(theirs)).scalars() if country}
    under = {rule.country for rule in masking_rules.RULES}
    country = next(iter(sorted(countries)), None) if not countries & under else None
    await applicants.mask_number(session, actor, applicant_id, country=country)


async def count(session: AsyncSession, actor: Actor, *, is_again: bool) -> int:
    """Count the stored documents that `after` lists, for who waits for a walk over them."""
    actor.require(Permission.SYSTEM)
    statement = select(func.count()).select_from(Document).where(_old(is_again=is_again))
    return (await session.execute(statement)).scalar_one()


async def progress(session: AsyncSession, actor: Actor) -> Progress:
    """Count how the stored files stand; for people who look on, not for a hot path."""
    actor.require(Permission.SYSTEM)
    statement = select(col(File.masking), func.count()).where(col(File.masking) != Masking.NONE)
    rows = await session.execute(statement.group_by(col(File.masking)))
    counts = {row[0]: row[1] for row in rows}
    rules = sum(counts.get(name, 0) for name in masking_rules.BY_NAME)
    return Progress(rules, counts.get(Masking.BEFORE, 0), counts.get(Masking.UNKNOWN, 0))
