"""SLA clocks: when a task is due, by the target of the queue that it is in.

The standard queue counts from when the document was submitted, the others from when the task came to them; a queue
without a target of its own keeps the deadline that the task came with. What was counted stays: newer rules move it only
when somebody applies them. While a clock is paused it says nothing, and afterwards as much time is left as there was:
by the plan that it was counted by, and the rules that were applied last, also when that was during the pause.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.models.base import new_id
from backoffice.models.business_hours import after, between
from backoffice.models.documents import Document
from backoffice.models.partners import Plan
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.models.sla import WARN_AT, Lane, Rules, SlaResult
from backoffice.services import partners, sla_rules, test_clocks

ORDER = tuple(Lane)


async def promised(session: AsyncSession, document: Document, plan: Plan | None = None) -> datetime:
    """Say when a document that is submitted now is to be decided; who knows the partner's plan already says it."""
    plan = plan or await partners.plan_of(session, document.partner_id)
    rules = await sla_rules.current(session)
    return due(rules, plan, Lane.STANDARD, clock.now())


def due(rules: Rules, plan: Plan, lane: Lane, since: datetime, spent: timedelta = timedelta()) -> datetime:
    """Count a deadline by the target of a queue, or else of the standard one."""
    target = rules.target(plan, lane) or rules.targets[plan, Lane.STANDARD]
    return after(rules.calendars.get(target.calendar), since, target.length - spent)


async def begin(session: AsyncSession, task: ReviewTask, document: Document) -> None:
    """Start the clock of a new task; a deadline of its own, as an appeal's, counts from now."""
    plan, rules = await partners.plan_of(session, task.partner_id), await sla_rules.current(session)
    moment = await _now(session, task)
    is_promise = task.due_at == document.due_at and document.submitted_at is not None
    task.lane, task.lane_at = Lane.STANDARD, moment
    task.sla_from, task.sla_version = document.submitted_at if is_promise else moment, rules.version
    task.sla_plan = plan
    _warn(task, rules, plan)


def _warn(task: ReviewTask, rules: Rules, plan: Plan) -> None:
    """Say when a warning is due: after so much of the whole time, as its calendar counts it."""
    if task.due_at is None or task.sla_from is None:
        return
    calendar, spent = rules.calendar(plan, Lane(task.lane)), timedelta(seconds=task.sla_spent_seconds)
    whole = between(calendar, task.sla_from, task.due_at) + spent
    task.warn_at = after(calendar, task.sla_from, whole * WARN_AT - spent)


async def _now(session: AsyncSession, task: ReviewTask) -> datetime:
    """Answer the time in which the task's document lives, whoever acts."""
    if clock.is_moved():
        return clock.now()
    return clock.now() + await test_clocks.lead(session, task.partner_id, livemode=task.livemode)


def lane_of(task: ReviewTask) -> Lane:
    """Say in which queue a task is by where it stands; it never goes back to an earlier one."""
    if task.status == TaskStatus.ESCALATED or task.second_by is not None:
        return Lane.ESCALATED
    here = Lane.SECOND_REVIEW if task.first_by is not None else Lane.STANDARD
    return max(here, Lane(task.lane), key=ORDER.index)


async def follow(session: AsyncSession, task: ReviewTask) -> None:
    """Keep the clock of a task that has changed: end what it left, begin what it came to."""
    lane = lane_of(task)
    if task.status == TaskStatus.COMPLETED:
        await _end(session, task, task.verdict_at or task.completed_at)
    elif lane != task.lane:
        moment = await _now(session, task)
        await _end(session, task, task.first_at if task.lane == Lane.STANDARD and task.first_at else moment)
        await _enter(session, task, lane, moment)
        await session.flush()


async def _end(session: AsyncSession, task: ReviewTask, ended: datetime | None) -> None:
    """Write down how a live task went through its queue, once."""
    if not task.livemode or task.due_at is None or ended is None:
        return
    values = {
        "id": new_id(),
        "created_at": clock.now(),
        "partner_id": task.partner_id,
        "task_id": task.id,
        "lane": task.lane,
        "plan": await partners.plan_of(session, task.partner_id),
        "began_at": task.lane_at or task.created_at,
        "due_at": task.due_at,
        "ended_at": ended,
    }
    await session.execute(insert(SlaResult).values(values).on_conflict_do_nothing())


async def _enter(session: AsyncSession, task: ReviewTask, lane: Lane, moment: datetime) -> None:
    plan, rules = await partners.plan_of(session, task.partner_id), await sla_rules.current(session)
    task.lane, task.lane_at = lane, moment
    if rules.target(plan, lane) is None:
        return
    task.sla_from, task.sla_spent_seconds, task.sla_version, task.sla_plan = moment, 0, rules.version, plan
    task.sla_paused_at = task.sla_warned_at = task.sla_breached_at = None
    task.due_at = due(rules, plan, lane, moment)
    _warn(task, rules, plan)


async def pause(session: AsyncSession, task: ReviewTask) -> None:
    """Let the clock of a locked task stand still: its partner has to do something first."""
    if task.sla_paused_at is None:
        task.sla_paused_at = await _now(session, task)
        await session.flush()


async def resume(session: AsyncSession, task: ReviewTask) -> None:
    """Let the clock of a locked task go on with as much time as was left; what was late stays late.

    What the partner was promised for the document moves along.
    """
    paused, task.sla_paused_at = task.sla_paused_at, None
    if paused is None or task.due_at is None:
        return
    moment = await _now(session, task)
    plan = Plan(task.sla_plan) if task.sla_plan else await partners.plan_of(session, task.partner_id)
    rules = await sla_rules.numbered(session, task.sla_version)
    calendar, since = rules.calendar(plan, Lane(task.lane)), task.sla_from or task.created_at
    document = await session.get(Document, task.document_id)
    if document and document.due_at and document.due_at > paused:
        usual = rules.calendar(plan, Lane.STANDARD)
        document.due_at = after(usual, moment, between(usual, paused, document.due_at))
    if task.due_at > paused:
        task.sla_spent_seconds += int(between(calendar, since, paused).total_seconds())
        task.due_at = after(calendar, moment, between(calendar, paused, task.due_at))
        task.sla_from = moment
        _warn(task, rules, plan)
    await session.flush()


async def outdated(session: AsyncSession, version: int, *, batch: int) -> list[UUID]:
    """Find open tasks whose deadline older rules counted, also those whose clock stands still."""
    statement = (
        select(col(ReviewTask.id))
        .where(col(ReviewTask.status) != TaskStatus.COMPLETED)
        .where(or_(col(ReviewTask.sla_version).is_(None), col(ReviewTask.sla_version) < version))
        .order_by(col(ReviewTask.id))
        .limit(batch)
    )
    return list((await session.execute(statement)).scalars())


async def recount(session: AsyncSession, task: ReviewTask, rules: Rules) -> bool:
    """Count the deadline of a locked open task again by these rules; answers whether it moved.

    A clock that stands still is counted up to where it stands, so that what is left when it goes on is left by these
    rules. A task that was told to be late and is not any more may be warned of anew.
    """
    if task.status == TaskStatus.COMPLETED:
        return False
    before, lane = task.due_at, Lane(task.lane)
    plan, document = await partners.plan_of(session, task.partner_id), await session.get(Document, task.document_id)
    task.sla_version, task.sla_plan = rules.version, plan
    if lane != Lane.STANDARD and rules.target(plan, lane) is None:
        return False
    since, spent = task.sla_from or task.created_at, timedelta(seconds=task.sla_spent_seconds)
    if task.lane_at and lane != Lane.STANDARD and since < task.lane_at:
        since, spent = task.lane_at, timedelta()
        task.sla_from, task.sla_spent_seconds = since, 0
    task.due_at = due(rules, plan, lane, since, spent)
    _warn(task, rules, plan)
    if document and lane == Lane.STANDARD and document.due_at == before:
        document.due_at = task.due_at
    if task.due_at > (task.sla_paused_at or await _now(session, task)):
        task.sla_warned_at = task.sla_breached_at = None
    await session.flush()
    return task.due_at != before
