"""Review tasks: a claim is a lease, so that no task is worked on twice and none is lost with a closed laptop."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.errors import Conflict, NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.review_priorities import BAND_MINUTES, Band, minutes, risk_band
from backoffice.models.review_tasks import Decision, ReviewTask, TaskStatus
from backoffice.models.reviewers import Availability, Reviewer
from backoffice.services import audit, conflicts, events, partners, review_rooms, skills
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.settings import settings

QUEUE = "queue:main"
WORKABLE = (TaskStatus.QUEUED, TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS, TaskStatus.SECOND_REVIEW)
HELD_BY_ONE = frozenset({TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS})
ESCALATED_PRIORITY = BAND_MINUTES["urgent"]
ORDER = (col(ReviewTask.rank_at), col(ReviewTask.id))
"""Everywhere the same; `models/review_priorities.py` says how a rank comes about."""
ASSIGN_JOB = "review.assign"
SWEEP_LIMIT = 100
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
        needs_second=brief.needs_second,
    )
    session.add(task)
    await session.flush()
    await record(session, actor, task, "queued")
    await ask_to_assign(session)
    return task


async def ask_to_assign(session: AsyncSession) -> None:
    """Let a worker hand tasks out, if there is anybody to hand them to."""
    someone = exists().where(col(Reviewer.availability) == Availability.AVAILABLE)
    if (await session.execute(select(someone))).scalar_one():
        await job_queue.enqueue(session, ASSIGN_JOB, {})


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


async def next_task(session: AsyncSession, actor: Actor, *, exclude: Collection[UUID] = ()) -> ReviewTask | None:
    """Claim the best task for this reviewer: what they hold, what is assigned to them, what they are skilled for, any.

    Within each the first by rank. `exclude` are tasks that this reviewer has on the screen or has skipped. None means
    that the queue is clear.
    """
    member_id = reviewer(actor)
    mine = and_(col(ReviewTask.claimed_by) == member_id, col(ReviewTask.claim_expires_at) > now())
    theirs = and_(no_live_claim(), col(ReviewTask.assigned_to) == member_id)
    free = and_(no_live_claim(), await _unassigned(session))
    skilled = await skills.matching(session, member_id)
    first = () if skilled is None else (and_(free, skilled),)
    for condition in (mine, theirs, *first, free):
        statement = (
            select(ReviewTask)
            .where(_takeable(actor), condition, col(ReviewTask.id).not_in(list(exclude)))
            .order_by(*ORDER)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        task = (await session.execute(statement)).scalar_one_or_none()
        if task:
            await _take(session, actor, task, member_id)
            return task
    return None


async def _unassigned(session: AsyncSession) -> ColumnElement[bool]:
    """Say in SQL which tasks are kept for nobody: not assigned, for too long, or to somebody who is away."""
    away = select(col(Reviewer.member_id)).where(col(Reviewer.availability) == Availability.AWAY)
    return or_(
        col(ReviewTask.assigned_to).is_(None),
        col(ReviewTask.assigned_at) <= now() - await review_rooms.kept(session),
        col(ReviewTask.assigned_to).in_(away),
    )


def _takeable(actor: Actor) -> ColumnElement[bool]:
    statuses = [*WORKABLE, TaskStatus.ESCALATED] if actor.can(Permission.QUEUE_MANAGE) else list(WORKABLE)
    signers = (col(ReviewTask.first_by), col(ReviewTask.second_by))
    not_mine = [or_(signer.is_(None), signer != actor.id) for signer in signers]
    allowed = conflicts.clear_of(actor, col(ReviewTask.partner_id))
    return and_(is_open(), col(ReviewTask.status).in_(statuses), allowed, *not_mine)


def is_open() -> ColumnElement[bool]:
    """Leave out signed tasks, which wait for nobody although they are not complete yet."""
    return and_(col(ReviewTask.status) != TaskStatus.COMPLETED, col(ReviewTask.verdict_id).is_(None))


async def claim(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    """Take one task for oneself, also from hold; claiming one's own again renews the lease.

    Raises Conflict when it is decided, another reviewer works on it or it is kept for another, NotAllowed for an
    escalated one without lead and for one that the actor has signed first, NotFound for a barred partner's.
    """
    member_id = reviewer(actor)
    task = await locked(session, task_id)
    await conflicts.refuse(session, member_id, task.partner_id)
    await refuse_decided(session, task)
    if task.first_by == member_id:
        raise NotAllowed("You signed this first. Somebody else has to sign second.", code="already_signed")
    if task.second_by == member_id:
        raise NotAllowed("You and another person signed differently. A third has to decide.", code="already_signed")
    if is_live(task) and task.claimed_by != member_id:
        raise Conflict(f"{await name_of(session, task.claimed_by)} is working on this task.", code="claimed_by_other")
    if task.status == TaskStatus.ESCALATED:
        actor.require(Permission.QUEUE_MANAGE)
    if not actor.can(Permission.QUEUE_MANAGE):
        await refuse_kept(session, task, member_id)
    await _take(session, actor, task, member_id)
    return task


async def refuse_kept(session: AsyncSession, task: ReviewTask, member_id: UUID) -> None:
    """Leave a task to whom it is assigned, as long as it is kept for them.

    Raises Conflict with the code `assigned_to_other`.
    """
    if task.assigned_to in {None, member_id} or task.assigned_at is None:
        return
    statement = select(col(Reviewer.availability)).where(col(Reviewer.member_id) == task.assigned_to)
    is_away = (await session.execute(statement)).scalar_one_or_none() == Availability.AWAY
    left = task.assigned_at + await review_rooms.kept(session) - now()
    if not is_away and left > timedelta():
        name = await name_of(session, task.assigned_to)
        minutes_left = -(-int(left.total_seconds()) // 60)
        message = f"This task is assigned to {name}. It is free for others in {minutes_left} min."
        raise Conflict(message, code="assigned_to_other")


async def _take(session: AsyncSession, actor: Actor, task: ReviewTask, member_id: UUID) -> None:
    is_new = not (is_live(task) and task.claimed_by == member_id)
    task.claimed_by, task.claim_expires_at = member_id, _lease()
    if not is_new:
        await session.flush()
        return
    if task.assigned_to not in {None, member_id}:
        task.assigned_to = task.assigned_at = None
    if task.status in {TaskStatus.QUEUED, TaskStatus.ON_HOLD, TaskStatus.IN_PROGRESS}:
        task.status = TaskStatus.CLAIMED
    await changed(session, actor, task, "claimed", event="claimed")


def _lease() -> datetime:
    return now() + timedelta(seconds=settings().claim_seconds)


async def start(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    """Claim the task that is being shown now, and note when it was first seen: pace counts from there."""
    task = await claim(session, actor, task_id)
    is_second = task.status == TaskStatus.SECOND_REVIEW and task.first_seen_at is None
    if task.status == TaskStatus.CLAIMED or is_second:
        task.status = TaskStatus.SECOND_REVIEW if is_second else TaskStatus.IN_PROGRESS
        task.first_seen_at = now()
        await session.flush()
    return task


async def renew(session: AsyncSession, actor: Actor, task_id: UUID) -> datetime:
    """Hold on to a claimed task for another lease; answers when that ends.

    Raises Conflict when somebody else has it, or it is decided.
    """
    task = await _mine(session, actor, task_id)
    task.claim_expires_at = _lease()
    await session.flush()
    return task.claim_expires_at


async def release(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Give a claimed task back to the queue.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await _mine(session, actor, task_id)
    let_go(task)
    await changed(session, actor, task, "released", event="released")


async def skip(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Give a task back because somebody else should look; the caller leaves it out of the next one.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await _mine(session, actor, task_id)
    let_go(task)
    await changed(session, actor, task, "skipped", event="released")


async def hold(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Put a task aside until somebody claims it again.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await _mine(session, actor, task_id)
    let_go(task)
    task.status = TaskStatus.ON_HOLD
    await changed(session, actor, task, "held", event="released")


async def escalate(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Hand a task to the leads, ahead of the queue.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await _mine(session, actor, task_id)
    let_go(task)
    task.assigned_to = task.assigned_at = None
    task.status, task.priority = TaskStatus.ESCALATED, min(task.priority, ESCALATED_PRIORITY)
    await changed(session, actor, task, "escalated", event="escalated")


async def release_expired(session: AsyncSession, actor: Actor) -> int:
    """Give back the tasks whose reviewers went away; answers how many."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(ReviewTask)
        .where(col(ReviewTask.status) != TaskStatus.COMPLETED, col(ReviewTask.claimed_by).is_not(None))
        .where(col(ReviewTask.verdict_id).is_(None), col(ReviewTask.claim_expires_at) <= now())
        .limit(SWEEP_LIMIT)
        .with_for_update(skip_locked=True)
    )
    tasks = (await session.execute(statement)).scalars().all()
    for task in tasks:
        let_go(task)
        await changed(session, actor, task, "released", event="released")
    return len(tasks)


async def _mine(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    member_id = reviewer(actor)
    task = await locked(session, task_id)
    await refuse_decided(session, task)
    await conflicts.refuse(session, member_id, task.partner_id)
    if task.claimed_by != member_id:
        raise Conflict("This task is not yours any more. Claim it again to go on.", code="claim_lost")
    return task


def let_go(task: ReviewTask) -> None:
    """End the lease on a task, which goes back to where it waited."""
    task.claimed_by = task.claim_expires_at = None
    if task.status in HELD_BY_ONE:
        task.status = TaskStatus.SECOND_REVIEW if task.first_by else TaskStatus.QUEUED


async def close(session: AsyncSession, document_ids: Collection[UUID]) -> None:
    """End the work on documents that their partner took back; a verdict that was not final yet falls with it."""
    await session.execute(
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
            first_note_box=None,
            claimed_by=None,
            claim_expires_at=None,
        )
    )


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
        raise Conflict("This task was closed without a decision.", code="task_closed")
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
    """Write the audit entry of a task's change and tell the screens that show it."""
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
