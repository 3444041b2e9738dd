"""Breaches: what used the time of the live tasks that left a queue late, recounted from the audit trail.

Time counts as the task's deadline does: in its calendar's opening hours, and not while the partner is asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.breach_counts import Cause, Phase
from backoffice.models.business_hours import Calendar, between
from backoffice.models.partners import Plan
from backoffice.models.review_metrics import ReviewMetric
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.models.sla import Lane, SlaResult
from backoffice.models.team_counts import Staffing
from backoffice.services import conflicts, sla_rules, team
from backoffice.services.access import Actor, Permission

MOST = 500
"""The newest breaches that are looked into."""
MOST_DAYS = 365
USUAL_MINUTES = 1.0
"""For one task, where nobody has decided anything within the day."""
_BEGINS = {Lane.STANDARD: Phase.QUEUED, Lane.SECOND_REVIEW: Phase.SECOND, Lane.ESCALATED: Phase.LEAD}
_BY_STATUS = {
    TaskStatus.QUEUED: Phase.QUEUED,
    TaskStatus.SECOND_REVIEW: Phase.SECOND,
    TaskStatus.ESCALATED: Phase.LEAD,
    TaskStatus.ON_HOLD: Phase.HOLD,
}
_WORKS = frozenset({"review.claimed", "review.undone"})
_ASKS = "review.asked"
_LETS_GO = frozenset(
    f"review.{one}"
    for one in ("released", "skipped", "held", "snoozed", "resumed", "escalated", "passed_on", "disputed", "queued")
)


class Step(NamedTuple):
    """One entry of a task's audit trail."""

    at: datetime
    action: str
    status: str


class _Late(NamedTuple):
    result: SlaResult
    version: int | None


def spent(steps: Iterable[Step], result: SlaResult, calendar: Calendar | None) -> dict[Phase, timedelta]:
    """Split the time of a task in one queue by what it waited for."""
    phase: Phase | None = _BEGINS[Lane(result.lane)]
    since, found = result.began_at, defaultdict[Phase, timedelta](timedelta)
    for step in steps:
        if step.at <= result.began_at or step.at >= result.ended_at:
            continue
        following = _phase(step, phase)
        if following != phase:
            if phase is not None:
                found[phase] += between(calendar, since, step.at)
            phase, since = following, step.at
    if phase is not None:
        found[phase] += between(calendar, since, result.ended_at)
    return dict(found)


def _phase(step: Step, before: Phase | None) -> Phase | None:
    """Say what a task waits for after a step; None is the partner."""
    if step.action in _WORKS:
        return Phase.ACTIVE
    if step.action == _ASKS:
        return None
    return _BY_STATUS.get(TaskStatus(step.status), before) if step.action in _LETS_GO else before


async def causes(session: AsyncSession, actor: Actor, *, days: int) -> list[Cause]:
    """Say of each queue that was left late in the last days what used the time; the newest breaches only."""
    actor.require(Permission.QUEUE_MANAGE)
    late = await _late(session, actor, min(max(days, 1), MOST_DAYS))
    steps = await _steps(session, {one.result.task_id for one in late})
    rules = {version: await sla_rules.numbered(session, version) for version in {one.version for one in late}}
    totals = {lane: defaultdict[Phase, timedelta](timedelta) for lane in Lane}
    for result, version in late:
        calendar = rules[version].calendar(Plan(result.plan), Lane(result.lane))
        for phase, length in spent(steps[result.task_id], result, calendar).items():
            totals[Lane(result.lane)][phase] += length
    counts = {lane: sum(one.result.lane == lane for one in late) for lane in Lane}
    return [Cause(lane, counts[lane], dict(totals[lane])) for lane in Lane if counts[lane]]


async def _late(session: AsyncSession, actor: Actor, days: int) -> list[_Late]:
    statement = (
        select(SlaResult, col(ReviewTask.sla_version))
        .join(ReviewTask, col(ReviewTask.id) == col(SlaResult.task_id))
        .where(col(SlaResult.ended_at) > now() - timedelta(days=days), col(SlaResult.ended_at) <= now())
        .where(col(SlaResult.ended_at) > col(SlaResult.due_at))
        .where(conflicts.clear_of(actor, col(SlaResult.partner_id)))
        .order_by(col(SlaResult.ended_at).desc())
        .limit(MOST)
    )
    return [_Late(*row) for row in await session.execute(statement)]


async def _steps(session: AsyncSession, task_ids: set[UUID]) -> Mapping[UUID | None, list[Step]]:
    status: Any = col(AuditEntry.changes)["status"].as_string()
    statement = (
        select(col(AuditEntry.subject_id), col(AuditEntry.created_at), col(AuditEntry.action), status)
        .where(col(AuditEntry.subject_id).in_(task_ids))
        .where(col(AuditEntry.action).in_({*_WORKS, _ASKS, *_LETS_GO}))
        .order_by(col(AuditEntry.sequence))
    )
    found = defaultdict[UUID | None, list[Step]](list)
    for row in await session.execute(statement):
        found[row[0]].append(Step(*row[1:]))
    return found


async def staffing(session: AsyncSession, actor: Actor) -> Staffing:
    """Measure what "what if" begins with: what waits and came, how long one task takes, and who is at work."""
    day, people = await team.burn(session, actor), await team.workers(session, actor)
    took = func.extract("epoch", col(ReviewMetric.decided_at) - col(ReviewMetric.shown_at))
    middle: Any = func.percentile_cont(0.5).within_group(took)
    statement = (
        select(middle)
        .join(ReviewTask, col(ReviewTask.id) == col(ReviewMetric.task_id))
        .where(col(ReviewTask.livemode), ~col(ReviewMetric.undone), col(ReviewMetric.decided_at) <= now())
        .where(col(ReviewMetric.decided_at) > now() - timedelta(days=1), col(ReviewMetric.shown_at).is_not(None))
    )
    seconds = (await session.execute(statement)).scalar_one_or_none()
    minutes = max(float(seconds) / 60, 0.1) if seconds else USUAL_MINUTES
    return Staffing(day.points[-1][1], float(day.arrived_hour), minutes, sum(one.task_id is not None for one in people))
