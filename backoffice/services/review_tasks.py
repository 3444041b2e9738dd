"""Review tasks: the human work on one document, how it comes and goes, and what is written and told of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, all_, and_, exists, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.errors import Conflict, NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.members import Member
from backoffice.models.questions import Question
from backoffice.models.reopenings import Reopening, ReopeningResult
from backoffice.models.review_priorities import BAND_MINUTES, Band, minutes, risk_band
from backoffice.models.review_tasks import Decision, ReviewTask, TaskStatus
from backoffice.models.reviewers import Availability, Reviewer
from backoffice.models.sla import Lane
from backoffice.services import audit, events, partners, review_rooms, sla_clocks
from backoffice.services.access import Actor, ActorType, Permission, found

QUEUE = "queue:main"
HELD_BY_ONE = frozenset({TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS})
ESCALATED_PRIORITY = BAND_MINUTES["urgent"]
ORDER = (col(ReviewTask.rank_at), col(ReviewTask.id))
"""Everywhere the same; `models/review_priorities.py` says how a rank comes about."""
ASSIGN_JOB = "review.assign"
UNDECIDED = "This task was closed without a decision."
CLOSED: dict[str, str] = {
    DocumentStatus.REDACTED: "This document has been erased as its applicant asked. There is nothing left to decide.",
    DocumentStatus.CANCELED: "The partner has taken this document back. There is nothing left to decide.",
}
OUTCOME_WORDS = {
    "approved": "Approved",
    "rejected": "Rejected",
    "resubmission_requested": "Asked for a new document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Why a person must look at a document, and how soon."""

    why: str
    flags: Sequence[str] = ()
    band: Band = "normal"
    due_at: datetime
    needs_second: bool = False
    decided_before: Sequence[UUID] = ()
    """Who may not sign it."""


def reviewer(actor: Actor) -> UUID:
    """Answer the member who decides: neither a job nor an API key ever signs.

    Raises NotAllowed.
    """
    actor.require(Permission.DOCUMENTS_DECIDE)
    if actor.type != ActorType.MEMBER or actor.id is None:
        raise NotAllowed("Only a person can do this.", code="person_needed")
    return actor.id


async def create(session: AsyncSession, actor: Actor, document: Document, brief: Brief) -> ReviewTask:
    """Queue the human work on a document; the database refuses a second open task."""
    actor.require(Permission.SYSTEM)
    plan, risk = await partners.plan_of(session, document.partner_id), risk_band(document.risk_score)
    task = ReviewTask(
        partner_id=document.partner_id,
        document_id=document.id,
        livemode=document.livemode,
        document_type=document.type,
        issuing_country=document.issuing_country,
        risk=risk,
        priority=minutes(brief.band, plan=plan, risk=risk, livemode=document.livemode),
        why=brief.why,
        flags=list(brief.flags),
        due_at=brief.due_at,
        needs_second=brief.needs_second or await _is_drawn(session, document, brief),
        decided_before=list(brief.decided_before),
    )
    await sla_clocks.begin(session, task, document)
    session.add(task)
    await session.flush()
    await record(session, actor, task, "queued")
    await ask_to_assign(session)
    return task


async def _is_drawn(session: AsyncSession, document: Document, brief: Brief) -> bool:
    """Whether chance wants two people: live documents only, for a sandbox answers the same every time."""
    return document.livemode and not brief.decided_before and await review_rooms.is_drawn(session, document.id)


async def ask_to_assign(session: AsyncSession) -> None:
    """Let a worker hand tasks out, if there is anybody to hand them to."""
    someone = exists().where(col(Reviewer.availability) == Availability.AVAILABLE)
    if (await session.execute(select(someone))).scalar_one():
        await job_queue.enqueue(session, ASSIGN_JOB, {}, dedupe_key=ASSIGN_JOB)


async def locked(session: AsyncSession, task_id: UUID) -> ReviewTask:
    """Read a task and keep others from changing it until the transaction ends.

    Raises NotFound.
    """
    statement = select(ReviewTask).where(col(ReviewTask.id) == task_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return found(row, "review task")


async def open_of(session: AsyncSession, document_id: UUID) -> ReviewTask | None:
    """Read the open task of a locked document, if there is one, and keep others from changing it."""
    statement = (
        select(ReviewTask)
        .where(col(ReviewTask.document_id) == document_id, col(ReviewTask.status) != TaskStatus.COMPLETED)
        .with_for_update()
    )
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


def is_live(task: ReviewTask) -> bool:
    """Whether somebody's claim still holds."""
    return task.claimed_by is not None and task.claim_expires_at is not None and task.claim_expires_at > now()


def no_live_claim() -> ColumnElement[bool]:
    """Say the same in SQL, the other way round."""
    return or_(col(ReviewTask.claimed_by).is_(None), col(ReviewTask.claim_expires_at) <= now())


def is_open() -> ColumnElement[bool]:
    """Leave out signed tasks, which wait for nobody although they are not complete yet."""
    return and_(col(ReviewTask.status) != TaskStatus.COMPLETED, col(ReviewTask.verdict_id).is_(None))


def has_signed(task: ReviewTask, member_id: UUID | None) -> bool:
    """Whether somebody had their say on this already: as one of two, or in the decision that an appeal questions."""
    return member_id in {task.first_by, task.second_by, *task.decided_before}


def not_signed_by(member_id: UUID | None) -> ColumnElement[bool]:
    """Say the same in SQL, the other way round."""
    signers = (col(ReviewTask.first_by), col(ReviewTask.second_by))
    before = literal(member_id, type_=Uuid()) != all_(col(ReviewTask.decided_before))
    return and_(before, *(or_(signer.is_(None), signer != member_id) for signer in signers))


def let_go(task: ReviewTask) -> None:
    """End the lease on a task, which goes back to where it waited."""
    task.claimed_by = task.claim_expires_at = None
    if task.status in HELD_BY_ONE:
        task.status = waiting_status(task)


def is_for_leads(task: ReviewTask) -> bool:
    """Whether only a lead may decide: it was escalated, or two signed differently, wherever it stands now."""
    return sla_clocks.lane_of(task) == Lane.ESCALATED


def waiting_status(task: ReviewTask) -> TaskStatus:
    """Name where a task waits that nobody works on; what leads decide goes back to them."""
    if is_for_leads(task):
        return TaskStatus.ESCALATED
    return TaskStatus.SECOND_REVIEW if task.first_by else TaskStatus.QUEUED


async def close(session: AsyncSession, document_ids: Collection[UUID]) -> None:
    """End the work on documents that their partner took back; a verdict that was not final yet falls with it."""
    closed = await session.execute(
        update(ReviewTask)
        .where(col(ReviewTask.document_id).in_(document_ids), col(ReviewTask.status) != TaskStatus.COMPLETED)
        .values(
            status=TaskStatus.COMPLETED,
            version=col(ReviewTask.version) + 1,
            completed_at=now(),
            verdict_id=None,
            verdict_by=None,
            verdict_final_at=None,
            verdict_note_box=None,
            verdict_message_box=None,
            first_note_box=None,
            first_message_box=None,
            claimed_by=None,
            claim_expires_at=None,
            snoozed_until=None,
            waits_for="",
        )
        .returning(col(ReviewTask.id))
    )
    live.announce(session, QUEUE, *(f"review:{task_id}" for task_id in closed.scalars()))
    for table, values in ((Question, {}), (Reopening, {"result": ReopeningResult.WITHDRAWN})):
        is_open = (col(table.document_id).in_(document_ids), col(table.closed_at).is_(None))
        await session.execute(update(table).where(*is_open).values(closed_at=now(), **values))


async def refuse_decided(session: AsyncSession, task: ReviewTask) -> None:
    """Say who decided and when; where two sign, not what the first of them said.

    Raises Conflict with the code `already_decided` for a task that is signed or completed.
    """
    if task.verdict_id is not None and task.needs_second:
        message = f"{await name_of(session, task.verdict_by)} signed this just now; two people sign it."
        raise Conflict(message, code="already_decided")
    if task.verdict_id is not None:
        raise Conflict(
            await _decided(session, task.verdict_by, task.verdict_at, task.verdict_outcome), code="already_decided"
        )
    if task.status != TaskStatus.COMPLETED:
        return
    statement = select(Decision).where(col(Decision.review_task_id) == task.id)
    decision = (await session.execute(statement)).scalar_one_or_none()
    if decision is None:
        document = await session.get(Document, task.document_id)
        raise Conflict(CLOSED.get(document.status, UNDECIDED) if document else UNDECIDED, code="task_closed")
    message = await _decided(session, decision.member_id, task.verdict_at or decision.created_at, decision.outcome)
    raise Conflict(message, code="already_decided")


async def _decided(session: AsyncSession, member_id: UUID | None, at: datetime | None, outcome: str | None) -> str:
    seconds = max(0, round((now() - at).total_seconds())) if at else 0
    name = await name_of(session, member_id) if member_id else "the sandbox"
    return f"Decided by {name} {ago(seconds)}: {OUTCOME_WORDS[outcome or '']}."


def ago(seconds: int) -> str:
    """Say how long ago in one short word or two."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


async def name_of(session: AsyncSession, member_id: UUID | None) -> str:
    """Read what a reviewer is called."""
    statement = select(col(Member.name)).where(col(Member.id) == member_id)
    return (await session.execute(statement)).scalar_one_or_none() or "Somebody"


async def subject(session: AsyncSession, task: ReviewTask) -> events.Subject:
    """Say what a task's event is about: never who works on it, which is no partner's business."""
    statement = select(col(Document.livemode), col(Document.external_id)).where(col(Document.id) == task.document_id)
    document = (await session.execute(statement)).one()
    data: dict[str, object] = {
        "id": public_id(Prefix.REVIEW_TASK, task.id),
        "object": "review_task",
        "document_id": public_id(Prefix.DOCUMENT, task.document_id),
        "external_id": document.external_id,
        "status": task.status,
    }
    return events.Subject("review", task.id, task.partner_id, document.livemode, data)


async def changed(session: AsyncSession, actor: Actor, task: ReviewTask, what: str, *, event: str) -> None:
    """Count the change, write it down and tell it."""
    task.version += 1
    await session.flush()
    await record(session, actor, task, what)
    await events.emit(session, actor, f"review.{event}", await subject(session, task))


async def record(session: AsyncSession, actor: Actor, task: ReviewTask, what: str, **changes: object) -> None:
    """Write the audit entry of a task's change, keep its clock, and tell the screens that show it."""
    await sla_clocks.follow(session, task)
    document_id = public_id(Prefix.DOCUMENT, task.document_id)
    await audit.record(
        session,
        actor,
        f"review.{what}",
        subject_type="review_task",
        subject_id=task.id,
        partner_id=task.partner_id,
        changes={"document_id": document_id, "status": task.status, **changes},
    )
    live.announce(session, QUEUE, f"review:{task.id}", f"document:{task.document_id}")
