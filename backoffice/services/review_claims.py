"""Claims: a lease, so that no task is worked on twice and none is lost with a closed laptop."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.documents import Document
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.models.reviewers import Availability, Reviewer
from backoffice.services import blindness, conflicts, review_rooms, review_tasks, skills, sla_clocks
from backoffice.services.access import Actor, Permission
from backoffice.settings import settings

SWEEP_LIMIT = 100
LONGEST_SNOOZE = timedelta(days=7)
WORKABLE = (TaskStatus.QUEUED, TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS, TaskStatus.SECOND_REVIEW)


async def next_task(session: AsyncSession, actor: Actor, *, exclude: Collection[UUID] = ()) -> ReviewTask | None:
    """Claim the best task for this reviewer: what they hold, what is assigned to them, what they are skilled for, any.

    Within each the first by rank. `exclude` are tasks that this reviewer has on the screen or has skipped. None means
    that the queue is clear.
    """
    member_id = review_tasks.reviewer(actor)
    mine = and_(col(ReviewTask.claimed_by) == member_id, col(ReviewTask.claim_expires_at) > now())
    theirs = and_(review_tasks.no_live_claim(), col(ReviewTask.assigned_to) == member_id)
    free = and_(review_tasks.no_live_claim(), await _unassigned(session))
    skilled = await skills.matching(session, member_id)
    first = () if skilled is None else (and_(free, skilled),)
    for condition in (mine, theirs, *first, free):
        statement = (
            select(ReviewTask)
            .where(_takeable(actor), condition, col(ReviewTask.id).not_in(list(exclude)))
            .order_by(*review_tasks.ORDER)
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
    allowed = conflicts.clear_of(actor, col(ReviewTask.partner_id))
    others = and_(review_tasks.not_signed_by(actor.id), blindness.clear_of(actor.id, col(ReviewTask.document_id)))
    return and_(review_tasks.is_open(), col(ReviewTask.status).in_(statuses), allowed, others)


async def claim(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    """Take one task for oneself, also from hold; claiming one's own again renews the lease.

    Raises Conflict when it is decided, another reviewer works on it or it is kept for another, NotAllowed for an
    escalated one without lead and for one that the actor has signed first, NotFound for a barred partner's.
    """
    member_id = review_tasks.reviewer(actor)
    task = await _locked_in_order(session, task_id)
    await conflicts.refuse(session, member_id, task.partner_id)
    await blindness.refuse(session, member_id, task.document_id)
    await review_tasks.refuse_decided(session, task)
    if task.first_by == member_id:
        raise NotAllowed("You signed this first. Somebody else has to sign second.", code="already_signed")
    if task.second_by == member_id:
        raise NotAllowed("You and another person signed differently. A third has to decide.", code="already_signed")
    if member_id in task.decided_before:
        raise NotAllowed("You decided this before. Somebody else decides the appeal.", code="decided_before")
    if review_tasks.is_live(task) and task.claimed_by != member_id:
        raise Conflict(
            f"{await review_tasks.name_of(session, task.claimed_by)} is working on this task.", code="claimed_by_other"
        )
    if review_tasks.is_for_leads(task):
        actor.require(Permission.QUEUE_MANAGE)
    if not actor.can(Permission.QUEUE_MANAGE):
        await refuse_kept(session, task, member_id)
    await _take(session, actor, task, member_id)
    return task


async def _locked_in_order(session: AsyncSession, task_id: UUID) -> ReviewTask:
    """Lock a task, and before it the document whose deadline moves when a clock that stands still goes on."""
    peek = select(col(ReviewTask.document_id), col(ReviewTask.sla_paused_at)).where(col(ReviewTask.id) == task_id)
    seen = (await session.execute(peek)).one_or_none()
    if seen is not None and seen.sla_paused_at is not None:
        await session.execute(select(col(Document.id)).where(col(Document.id) == seen.document_id).with_for_update())
    task = await review_tasks.locked(session, task_id)
    if seen is not None and seen.sla_paused_at is None and task.sla_paused_at is not None:
        raise Conflict("This task has changed just now. Look again.", code="stale_version")
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
        name = await review_tasks.name_of(session, task.assigned_to)
        minutes_left = -(-int(left.total_seconds()) // 60)
        message = f"This task is assigned to {name}. It is free for others in {minutes_left} min."
        raise Conflict(message, code="assigned_to_other")


async def _take(session: AsyncSession, actor: Actor, task: ReviewTask, member_id: UUID) -> None:
    is_new = not (review_tasks.is_live(task) and task.claimed_by == member_id)
    if task.waits_for:
        await sla_clocks.resume(session, task)
    task.claimed_by, task.claim_expires_at = member_id, _lease()
    if not is_new:
        await session.flush()
        return
    if task.assigned_to not in {None, member_id}:
        task.assigned_to = task.assigned_at = None
    if task.status in {TaskStatus.QUEUED, TaskStatus.ON_HOLD, TaskStatus.IN_PROGRESS}:
        task.status = _taken_status(task)
    task.snoozed_until, task.waits_for = None, ""
    await review_tasks.changed(session, actor, task, "claimed", event="claimed")


def _taken_status(task: ReviewTask) -> TaskStatus:
    waits = review_tasks.waiting_status(task)
    return TaskStatus.CLAIMED if waits == TaskStatus.QUEUED else waits


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
    review_tasks.let_go(task)
    await review_tasks.changed(session, actor, task, "released", event="released")


async def skip(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Give a task back because somebody else should look; the caller leaves it out of the next one.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await _mine(session, actor, task_id)
    review_tasks.let_go(task)
    await review_tasks.changed(session, actor, task, "skipped", event="released")


async def hold(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Put a task aside until somebody claims it again.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await aside(session, actor, task_id)
    await review_tasks.changed(session, actor, task, "held", event="released")


async def aside(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    """Let go of a claimed task and put it on hold; the caller says for what and writes it down.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await _mine(session, actor, task_id)
    review_tasks.let_go(task)
    task.status = TaskStatus.ON_HOLD
    return task


async def snooze(session: AsyncSession, actor: Actor, task_id: UUID, until: datetime) -> None:
    """Put a task aside until a moment; then it goes back by itself, first to whoever put it aside.

    Raises Conflict when the claim is not the actor's any more, Invalid for a moment in the past or too far away.
    """
    if not now() < until <= now() + LONGEST_SNOOZE:
        raise Invalid(f"Choose a time within {LONGEST_SNOOZE.days} days.", code="out_of_range", pointer="/until")
    task = await aside(session, actor, task_id)
    task.snoozed_until = until
    task.assigned_to, task.assigned_at = review_tasks.reviewer(actor), now()
    await review_tasks.changed(session, actor, task, "snoozed", event="released")


async def wake(session: AsyncSession, actor: Actor) -> int:
    """Put back the tasks whose time has come; answers how many."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(ReviewTask)
        .where(col(ReviewTask.snoozed_until) <= now())
        .limit(SWEEP_LIMIT)
        .with_for_update(skip_locked=True)
    )
    tasks = (await session.execute(statement)).scalars().all()
    for task in tasks:
        task.snoozed_until = None
        if task.status == TaskStatus.ON_HOLD:
            task.status = review_tasks.waiting_status(task)
            task.assigned_at = now() if task.assigned_to else None
            await review_tasks.changed(session, actor, task, "resumed", event="released")
    await session.flush()
    return len(tasks)


async def ask_second(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Have two people sign this task, before it is signed.

    Raises Conflict when the claim is not the actor's any more, or when that is settled already.
    """
    task = await _mine(session, actor, task_id)
    if task.needs_second or review_tasks.is_for_leads(task):
        words = "Two people sign this already." if task.needs_second else "A lead decides this one."
        raise Conflict(words, code="second_settled")
    task.needs_second = True
    task.version += 1
    await session.flush()
    await review_tasks.record(session, actor, task, "second_asked")


async def escalate(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Hand a task to the leads, ahead of the queue.

    Raises Conflict when the claim is not the actor's any more.
    """
    task = await _mine(session, actor, task_id)
    review_tasks.let_go(task)
    task.assigned_to = task.assigned_at = None
    task.status, task.priority = TaskStatus.ESCALATED, min(task.priority, review_tasks.ESCALATED_PRIORITY)
    await review_tasks.changed(session, actor, task, "escalated", event="escalated")


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
        review_tasks.let_go(task)
        await review_tasks.changed(session, actor, task, "released", event="released")
    return len(tasks)


async def _mine(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    member_id = review_tasks.reviewer(actor)
    task = await review_tasks.locked(session, task_id)
    await review_tasks.refuse_decided(session, task)
    await conflicts.refuse(session, member_id, task.partner_id)
    if task.claimed_by != member_id:
        raise Conflict("This task is not yours any more. Claim it again to go on.", code="claim_lost")
    return task
