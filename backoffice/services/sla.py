"""SLA: says once of each deadline that it is near, and once that it is over; exact when nobody looks."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.models.documents import Document
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import events, review_tasks, sla_alerts, sla_clocks, sla_rules, test_clocks
from backoffice.services.access import Actor, Permission

BATCH = 100


class _Late(NamedTuple):
    """One task that something is to be said of, and the time that it lives in."""

    task: ReviewTask
    is_breached: bool
    ahead: timedelta


async def check(session: AsyncSession, actor: Actor, *, batch: int = BATCH) -> int:
    """Warn of what is nearly due and tell what is late, each once and in this order; answers how many tasks.

    Several at once share the tasks: each locks its own, and the marks on them keep anything from being told twice. The
    version stays, so that nobody's signature is refused because the clock went on.
    """
    actor.require(Permission.SYSTEM)
    rows = [_Late(*row) for row in await session.execute(_late(batch))]
    async with events.together(session):
        for late in rows:
            with clock.shifted(late.ahead):
                await _tell(session, actor, late)
    await session.flush()
    await sla_alerts.gather(session, [late.task for late in rows if late.is_breached and late.task.livemode])
    return len(rows)


def _late(batch: int) -> Select[ReviewTask, bool, timedelta]:
    """Find open tasks whose clock has something to say, by the time in which their document lives."""
    following = col(ReviewTask.sla_next_at)
    ahead, moment = test_clocks.lead_for(col(ReviewTask.livemode)), test_clocks.now_for(col(ReviewTask.livemode))
    furthest: Any = func.least(func.max(col(Partner.test_clock_seconds)), int(test_clocks.MOST.total_seconds()))
    latest: Any = literal(clock.now()) + select(furthest * timedelta(seconds=1)).scalar_subquery()
    is_breached = moment > col(ReviewTask.due_at)
    return (
        select(ReviewTask, is_breached, ahead)
        .join(Partner, col(Partner.id) == col(ReviewTask.partner_id))
        .where(following <= latest, following <= moment)
        .where(is_breached | col(ReviewTask.sla_warned_at).is_(None))
        .order_by(following)
        .limit(batch)
        .with_for_update(of=ReviewTask, skip_locked=True)
        .execution_options(populate_existing=True)
    )


async def _lock_documents(session: AsyncSession, task_ids: list[UUID]) -> None:
    """Lock the documents before their tasks and in the order of their keys, as everybody does who changes both."""
    statement = (
        select(col(Document.id))
        .join(ReviewTask, col(ReviewTask.document_id) == col(Document.id))
        .where(col(ReviewTask.id).in_(task_ids))
        .order_by(col(Document.id))
        .with_for_update(of=Document)
    )
    await session.execute(statement)


async def _tell(session: AsyncSession, actor: Actor, late: _Late) -> None:
    task, said = late.task, list[str]()
    if task.sla_warned_at is None:
        task.sla_warned_at = clock.now()
        said.append("sla_warning")
    if late.is_breached:
        task.sla_breached_at = clock.now()
        said.append("sla_breached")
    subject = await review_tasks.subject(session, task)
    for what in said:
        await review_tasks.record(session, actor, task, what)
        await events.emit(session, actor, f"review.{what}", subject)


async def apply(session: AsyncSession, actor: Actor, version: int, *, batch: int = BATCH) -> int:
    """Move the deadlines of some open tasks to where a version of the rules puts them; answers how many it looked at.

    What is done carries the version's number, so that one that dies goes on where it stopped.
    """
    actor.require(Permission.SYSTEM)
    rules = await sla_rules.numbered(session, version)
    found = await sla_clocks.outdated(session, version, batch=batch)
    await _lock_documents(session, found)
    for task_id in found:
        task = await review_tasks.locked(session, task_id)
        before = task.due_at
        if await sla_clocks.recount(session, task, rules):
            moved = [moment.isoformat() if moment else None for moment in (before, task.due_at)]
            await review_tasks.record(session, actor, task, "due_moved", due_at=moved, sla_version=version)
    await session.flush()
    return len(found)
