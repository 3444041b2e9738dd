"""The review team as leads see it: who works now, what waits in each queue, how the day goes, and targets kept.

Only live documents count, and only partners from which the reader is not barred.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.base import floor_id
from backoffice.models.members import Member
from backoffice.models.partners import Plan
from backoffice.models.quality_counts import Rate
from backoffice.models.review_metrics import ReviewMetric
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.models.reviewers import Availability, Reviewer
from backoffice.models.sla import Lane, SlaResult
from backoffice.models.team_counts import Attainment, Burn, LaneCount, Worker
from backoffice.services import agreement, conflicts, reviewers
from backoffice.services.access import Actor, Permission
from backoffice.services.review_queue import DUE_SOON
from backoffice.services.review_tasks import is_open

HOUR = timedelta(hours=1)
BACK = 24
MOST_DAYS = 365


async def lanes(session: AsyncSession, actor: Actor) -> list[LaneCount]:
    """Count open live tasks by queue."""
    actor.require(Permission.QUEUE_MANAGE)
    due, paused = col(ReviewTask.due_at), col(ReviewTask.sla_paused_at).is_not(None)
    is_held = and_(col(ReviewTask.claimed_by).is_not(None), col(ReviewTask.claim_expires_at) > now())
    counts: list[Any] = [
        func.count(),
        func.count().filter(is_held),
        func.count().filter(~paused, due > now(), due <= now() + DUE_SOON),
        func.count().filter(~paused, due <= now()),
        func.count().filter(paused),
        func.min(col(ReviewTask.created_at)),
    ]
    statement = (
        select(col(ReviewTask.lane), *counts)
        .where(is_open(), col(ReviewTask.livemode), conflicts.clear_of(actor, col(ReviewTask.partner_id)))
        .group_by(col(ReviewTask.lane))
    )
    found = {row[0]: LaneCount(Lane(row[0]), *tuple[Any, ...](row[1:])) for row in await session.execute(statement)}
    return [found.get(lane, LaneCount(lane)) for lane in Lane]


async def workers(session: AsyncSession, actor: Actor) -> list[Worker]:
    """List those who are there, hold a task or decided within the day, by name: it is no ranking."""
    actor.require(Permission.QUEUE_MANAGE)
    holding, done = await _holding(session, actor), await _decided(session)
    loads = await reviewers.loads(session)
    statement = (
        select(col(Member.id), col(Member.name), func.coalesce(col(Reviewer.availability), Availability.AWAY))
        .outerjoin(Reviewer, col(Reviewer.member_id) == col(Member.id))
        .where(col(Member.role).in_(reviewers.WHO_REVIEW), col(Member.disabled_at).is_(None))
        .order_by(col(Member.name), col(Member.id))
    )
    rows = [
        Worker(
            row[0],
            row[1],
            row[2] == Availability.AVAILABLE,
            *holding.get(row[0], (None, None)),
            loads.get(row[0], 0),
            *done.get(row[0], (0, 0)),
        )
        for row in await session.execute(statement)
    ]
    return [one for one in rows if one.is_available or one.task_id or one.decided_day]


async def _holding(session: AsyncSession, actor: Actor) -> dict[Any, tuple[Any, Any]]:
    """Say what each person works on, of several the one that was opened last; nothing that the reader is barred from.

    Their counts stay whole: who is busy is busy, and a number names no partner.
    """
    statement = (
        select(col(ReviewTask.claimed_by), col(ReviewTask.id), col(ReviewTask.first_seen_at))
        .where(conflicts.clear_of(actor, col(ReviewTask.partner_id)))
        .where(is_open(), col(ReviewTask.claimed_by).is_not(None), col(ReviewTask.claim_expires_at) > now())
        .order_by(col(ReviewTask.first_seen_at).asc().nulls_first())
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(statement)}


async def _decided(session: AsyncSession) -> dict[Any, tuple[int, int]]:
    """Count live verdicts of the last hour and day that were not taken back."""
    at, live = col(ReviewMetric.decided_at), col(ReviewTask.livemode)
    statement = (
        select(col(ReviewMetric.reviewer_id), func.count().filter(at > now() - HOUR), func.count())
        .join(ReviewTask, col(ReviewTask.id) == col(ReviewMetric.task_id))
        .where(at > now() - BACK * HOUR, at <= now(), ~col(ReviewMetric.undone), live)
        .group_by(col(ReviewMetric.reviewer_id))
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(statement)}


async def burn(session: AsyncSession, actor: Actor) -> Burn:
    """Count open live tasks at each of the last hours, walking back from now by what came and what went.

    A task that another clock says ended before it began never waited: no hour counts it.
    """
    actor.require(Permission.QUEUE_MANAGE)
    moment = now()
    created_at, completed_at = col(ReviewTask.created_at), col(ReviewTask.completed_at)
    still_open = and_(completed_at.is_(None), col(ReviewTask.status) != TaskStatus.COMPLETED)
    has_waited = or_(still_open, completed_at > created_at)
    mine = and_(col(ReviewTask.livemode), has_waited, conflicts.clear_of(actor, col(ReviewTask.partner_id)))
    waiting = select(func.count()).where(mine, col(ReviewTask.status) != TaskStatus.COMPLETED, created_at <= moment)
    open_now = (await session.execute(waiting)).scalar_one()
    since = moment - BACK * HOUR
    later = select(func.count()).where(mine, completed_at > moment, created_at <= moment)
    ahead = (await session.execute(later)).scalar_one()
    ended = and_(mine, completed_at > since, completed_at <= moment, created_at <= moment)
    created = and_(mine, col(ReviewTask.id) >= floor_id(since - HOUR), created_at > since, created_at <= moment)
    came = await _by_hour(session, moment, created_at, created)
    went = await _by_hour(session, moment, completed_at, ended)
    points, left = [(moment, open_now)], open_now + ahead  # what another clock says is over was open until now
    for hour in range(BACK):
        left += went.get(hour, 0) - came.get(hour, 0)
        points.append((moment - (hour + 1) * HOUR, left))
    return Burn(tuple(reversed(points)), came.get(0, 0), went.get(0, 0))


async def _by_hour(session: AsyncSession, moment: datetime, column: Any, condition: Any) -> dict[int, int]:  # noqa: ANN401 a column of times
    """Count per hour back from a moment: 0 is the hour that ends with it, its end included and its beginning not."""
    hour: Any = func.floor(func.extract("epoch", literal(moment) - column) / HOUR.total_seconds()).label("hour")
    statement = select(hour, func.count()).where(condition, column <= moment).group_by(hour)
    return {int(row[0]): row[1] for row in await session.execute(statement)}


async def attainment(session: AsyncSession, actor: Actor, *, days: int) -> list[Attainment]:
    """Count how often each plan's queues were left in time, over the last days; queues that nobody left are not named.

    What a person of the staff is barred from as a reviewer is in it: it names no partner.
    """
    actor.require(Permission.POLICIES_READ)
    days = min(max(days, 1), MOST_DAYS)
    in_time = col(SlaResult.ended_at) <= col(SlaResult.due_at)
    statement = (
        select(col(SlaResult.plan), col(SlaResult.lane), func.count().filter(in_time), func.count())
        .where(col(SlaResult.ended_at) > now() - timedelta(days=days), col(SlaResult.ended_at) <= now())
        .group_by(col(SlaResult.plan), col(SlaResult.lane))
    )
    found = [
        Attainment(Plan(row[0]), Lane(row[1]), Rate(row[2], row[3], agreement.share(row[2], row[3])))
        for row in await session.execute(statement)
    ]
    return sorted(found, key=lambda one: (list(reversed(Plan)).index(one.plan), list(Lane).index(one.lane)))
