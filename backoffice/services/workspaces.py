"""The review workspace: everything that one reviewer needs to decide about one document, read in one go."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Conflict, NotAllowed
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check, Document, DocumentStatus, File, Rendition
from backoffice.models.partners import Partner
from backoffice.models.reasons import Reason
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import (
    applicant_messages,
    applicants,
    audit,
    blindness,
    conflicts,
    documents,
    questions,
    reasons,
    reopenings,
    review_claims,
    review_tasks,
    test_clocks,
    vault,
)
from backoffice.services.access import Actor, Permission, found
from backoffice.services.questions import Asked
from backoffice.services.reopenings import Told
from backoffice.services.screenings import EXTRACTED_COLUMN, SUMMARY_COLUMN, UNRESOLVED


@dataclass(frozen=True, slots=True)
class Workspace:
    """One document with what screening found; the values in the clear are for the reviewer's eyes only."""

    task: ReviewTask
    document: Document
    partner: str
    given: dict[str, Any] = field(repr=False)
    extracted: dict[str, dict[str, Any]] = field(repr=False)
    checks: list[tuple[Check, str]] = field(repr=False)
    """Each with its sentence."""
    files: list[File]
    renditions: list[Rendition]
    reasons: list[Reason]
    """Those that fit what was found come first."""
    notice: str
    """Why this reviewer cannot decide now; empty when they can."""
    ahead: timedelta
    """How far the document lives ahead of its reviewer."""
    past: list[Told] = field(repr=False)
    """Why it is looked at again."""
    questions: list[Asked] = field(repr=False)
    labels: dict[str, str]
    language: tuple[str, str]
    """What the applicant reads, as code and name, as far as we have its messages."""
    messages: dict[str, str] = field(repr=False)
    """What the applicant reads of each reason."""


async def enter(session: AsyncSession, actor: Actor, task_id: UUID) -> Workspace:
    """Take the task and read it; one that another reviewer holds or has decided is shown and says so.

    Raises NotFound, and NotAllowed without the permission to decide.
    """
    await _refuse_blind(session, review_tasks.reviewer(actor), task_id)
    try:
        task = await review_claims.start(session, actor, task_id)
        notice = ""
    except (Conflict, NotAllowed) as error:
        task, notice = await review_tasks.locked(session, task_id), str(error)
    await audit.record(
        session,
        actor,
        "review.opened",
        subject_type="review_task",
        subject_id=task.id,
        partner_id=task.partner_id,
        changes={"document_id": public_id(Prefix.DOCUMENT, task.document_id)},
    )
    return await read(session, actor, task, notice)


async def _refuse_blind(session: AsyncSession, member_id: UUID, task_id: UUID) -> None:
    task = await session.get(ReviewTask, task_id)
    if task is not None:
        await blindness.refuse(session, member_id, task.document_id)


async def look(session: AsyncSession, actor: Actor, task_id: UUID) -> Workspace:
    """Read a task again without taking it: its screen is open and something about it changed."""
    member_id = review_tasks.reviewer(actor)
    task = found(await session.get(ReviewTask, task_id), "review task")
    await conflicts.refuse(session, member_id, task.partner_id)
    await blindness.refuse(session, member_id, task.document_id)
    return await read(session, actor, task, await _notice(session, task, member_id))


async def _notice(session: AsyncSession, task: ReviewTask, member_id: UUID) -> str:
    try:
        await review_tasks.refuse_decided(session, task)
    except Conflict as error:
        return str(error)
    if task.claimed_by == member_id:
        return "" if review_tasks.is_live(task) else "Your claim on this task has ended. Claim it again to decide."
    if review_tasks.is_live(task):
        return f"{await review_tasks.name_of(session, task.claimed_by)} is working on this task."
    return "This task is not yours. Claim it to decide."


async def read(session: AsyncSession, actor: Actor, task: ReviewTask, notice: str) -> Workspace:
    """Read everything that stands on the desk of a task, for whoever was found to be allowed to.

    Of a document that is being erased nothing is read, although its objects and its key may still be there.
    """
    actor.require(Permission.PERSONAL_READ)
    document = await documents.get(session, actor, task.document_id)
    applicant = (
        await session.execute(select(Applicant).where(col(Applicant.id) == document.applicant_id))
    ).scalar_one()
    is_erased = document.status == DocumentStatus.REDACTED
    key = None if is_erased else (await vault.data_keys(session, {applicant.id})).get(applicant.id)
    checks = (await documents.checks_of(session, [document.id])).get(document.id, [])
    known = await reasons.catalogue(session, actor)
    language = applicant_messages.spoken(applicant.language)
    unresolved = [code for check in checks if check.status in UNRESOLVED for code in check.reasons]
    return Workspace(
        task=task,
        document=document,
        partner=(
            await session.execute(select(col(Partner.name)).where(col(Partner.id) == document.partner_id))
        ).scalar_one(),
        given=vault.open_json(key, applicant.personal_box, row=applicant.id, column=applicants.PERSONAL_COLUMN) or {},
        extracted=vault.open_json(key, document.extracted_box, row=document.id, column=EXTRACTED_COLUMN) or {},
        checks=[(check, _summary(key, check)) for check in checks],
        files=(await documents.files_of(session, [document.id])).get(document.id, []),
        renditions=[] if is_erased else await documents.renditions_of(session, document.id),
        reasons=reasons.best_first(known, unresolved),
        notice=notice,
        ahead=await test_clocks.lead(session, document.partner_id, livemode=document.livemode),
        past=[] if is_erased else await reopenings.of_document(session, actor, document),
        questions=[] if is_erased else await questions.of_document(session, actor, document.id),
        labels=await reasons.labels(session),
        language=(language, applicant_messages.NAMES[language]),
        messages={row.code: applicant_messages.message(row, language) for row in known},
    )


def _summary(key: bytes | None, check: Check) -> str:
    return vault.open_json(key, check.summary_box, row=check.id, column=SUMMARY_COLUMN) or ""
