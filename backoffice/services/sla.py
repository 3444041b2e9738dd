"""SLA: says once that a review is nearly due, and once that it is late."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.models.documents import Document
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.services import events, review_tasks, test_clocks
from backoffice.services.access import Actor, Permission

WARN_AT = 0.8
"""The share of the time between submission and due time after which a warning is due."""
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
    return len(rows)


def _late(batch: int) -> Select[ReviewTask, bool, timedelta]:
    """Find open tasks past a mark that is not told yet, by the time in which their document lives."""
    due, began = col(ReviewTask.due_at), func.coalesce(col(Document.submitted_at), col(ReviewTask.created_at))
    ahead, moment = test_clocks.lead_for(col(Document.livemode)), test_clocks.now_for(col(Document.livemode))
    is_breached = moment > due
    spent = func.extract("epoch", moment - began) >= func.extract("epoch", due - began) * WARN_AT
    is_near = col(ReviewTask.sla_warned_at).is_(None) & spent
    return (
        select(ReviewTask, is_breached, ahead)
        .join(Document, col(Document.id) == col(ReviewTask.document_id))
        .join(Partner, col(Partner.id) == col(ReviewTask.partner_id))
        .where(col(ReviewTask.status) != TaskStatus.COMPLETED, col(ReviewTask.sla_breached_at).is_(None))
        .where(is_breached | is_near)
        .order_by(due)
        .limit(batch)
        .with_for_update(of=ReviewTask, skip_locked=True)
        .execution_options(populate_existing=True)
    )


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
