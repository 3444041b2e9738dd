"""The operators' first page: all partners together, and who needs somebody now."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.clock import present
from backoffice.models.audit_entries import AuditEntry, Shown
from backoffice.models.fleet_counts import FleetLine, Overview
from backoffice.models.members import Member, Role
from backoffice.services import fleet
from backoffice.services.access import Actor, Permission

DAYS = 7
LOOKED_AT = 20_000
"""Entries that the last acts of operators are looked for in."""
READING = ("audit.read", "event.refused", "session.revoked", "viewing.page_opened")
BY_DAY = text("""
select day, sum(received) from day_counts where livemode and day between :first and :last group by day
""")
REVIEWS = text("""
select count(*), count(*) filter (where due_at < :moment)
from review_tasks where status <> 'completed' and livemode
""")


async def read(session: AsyncSession, actor: Actor) -> Overview:
    """Read everything that the first page shows."""
    actor.require(Permission.PARTNERS_READ)
    lines, jobs = await fleet.lines(session, actor), await job_queue.queue_state(session)
    waiting, late = await _reviews(session)
    days = await _days(session, present().date())
    return Overview(
        days=tuple(days[DAYS:]),
        before=tuple(days[:DAYS]),
        waiting=waiting,
        late=late,
        tasks=sum(one.tasks for one in lines),
        kept=sum(one.kept for one in lines),
        failing=sum(one.failing for one in lines),
        told=sum(one.told for one in lines),
        untold=sum(one.untold for one in lines),
        jobs_waiting=jobs.waiting,
        jobs_failed=jobs.failed,
        jobs_lag=jobs.lag_seconds,
        partners=len(lines),
        trouble=tuple(_trouble(lines)),
    )


def _trouble(lines: Iterable[FleetLine]) -> list[FleetLine]:
    """Choose who needs somebody, the most urgent first."""
    found = [one for one in lines if one.failing or one.late or one.alerts or one.is_near]
    return sorted(found, key=lambda one: (-one.failing, -one.late, -one.quota, -one.alerts))


async def _reviews(session: AsyncSession) -> tuple[int, int]:
    row = (await session.execute(REVIEWS, {"moment": present()})).one()
    return row[0], row[1]


async def _days(session: AsyncSession, today: date) -> Sequence[tuple[date, int]]:
    first = today - timedelta(days=2 * DAYS - 1)
    rows = await session.execute(BY_DAY, {"first": first, "last": today})
    counts = {row[0]: int(row[1]) for row in rows}
    days = [first + timedelta(days=number) for number in range(2 * DAYS)]
    return [(day, counts.get(day, 0)) for day in days]


async def acts(session: AsyncSession, actor: Actor, *, limit: int = 10) -> list[Shown]:
    """List what operators did last, reading left out; for who may read the trail."""
    actor.require(Permission.PARTNERS_READ)
    actor.require(Permission.AUDIT_READ)
    newest = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(LOOKED_AT)
    near = aliased(AuditEntry, newest.subquery())
    operators = select(col(Member.id)).where(col(Member.role) == Role.OPERATOR)
    statement = (
        select(near)
        .where(col(near.actor_id).in_(operators), col(near.action).not_in(READING))
        .where(col(near.action).not_like("member.sign%"))
        .order_by(col(near.id).desc())
        .limit(limit)
    )
    return [fleet.shown(row) for row in (await session.execute(statement)).scalars()]
