"""The operators' first page: all partners together, and who needs somebody now."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.clock import present
from backoffice.models.audit_entries import AuditEntry, Shown
from backoffice.models.base import floor_id
from backoffice.models.fleet_counts import NEARLY, FleetLine, Overview
from backoffice.models.members import Member, Role
from backoffice.models.plans import PLANS
from backoffice.models.webhooks import BY_HAND
from backoffice.services import fleet
from backoffice.services.access import Actor, Permission
from backoffice.services.fleet import MOST, RECENT

DAYS = 7
LOOKED_AT = 20_000
"""The newest entries that the last acts of operators are looked for in, and the newest deliveries that are counted."""
READING = ("audit.read", "event.refused", "session.revoked", "viewing.page_opened")
BY_DAY = text("""
select day, sum(received) from day_counts where livemode and day between :first and :last group by day
""")
TOTALS = text("""
select (select count(*) from partners) as partners, sla.tasks, sla.kept, sent.told, sent.untold
from (
    select count(*) as tasks, count(*) filter (where ended_at <= due_at) as kept from sla_results where ended_at > :week
) sla, (
    select count(*) filter (where state = 'delivered') as told,
        count(*) filter (where state = 'exhausted' or state in ('pending', 'canceled') and attempts > 0) as untold
    from (
        select endpoint_id, state, attempts from deliveries where id >= :recent order by id desc limit :looked_at
    ) newest join webhook_endpoints e on e.id = newest.endpoint_id and e.livemode and e.deleted_at is null
) sent
""")
"""What holds for all partners together, however many there are; deliveries are the newest of the last day."""
TROUBLED = text("""
with failing as (
    select partner_id, count(*) as many from webhook_endpoints
    where livemode and deleted_at is null
        and (failing_since is not null or status = 'disabled' and disabled_reason not in ('', :by_hand))
    group by partner_id
), late as (
    select partner_id, count(*) as many from review_tasks
    where status <> 'completed' and livemode and due_at < :moment group by partner_id
), used as (
    select u.partner_id, u.used / greatest(1, case
        when p.exceptions #>> '{documents_per_month,value}' is not null
            and coalesce((p.exceptions #>> '{documents_per_month,until}')::timestamptz > :moment, true)
        then (p.exceptions #>> '{documents_per_month,value}')::numeric
        else (cast(:included as jsonb) ->> p.plan)::numeric end) as share
    from usage_counters u join partners p on p.id = u.partner_id
    where u.livemode and u.metric = 'documents' and u.month = :month
), near as (
    select partner_id, share from used where share >= :nearly
), alerting as (
    select partner_id, count(*) as many from alerts where state = 'open' group by partner_id
), troubled as (
    select partner_id from failing union select partner_id from late
    union select partner_id from near union select partner_id from alerting
)
select partner_id, (select coalesce(sum(many), 0) from failing) as failing, (select count(*) from near) as near
from troubled left join failing using (partner_id) left join late using (partner_id)
left join near using (partner_id) left join alerting using (partner_id)
order by coalesce(failing.many, 0) desc, coalesce(late.many, 0) desc, coalesce(near.share, 0) desc,
    coalesce(alerting.many, 0) desc, partner_id
limit :most
""")
"""Who needs somebody, the most urgent first, among all partners: a list by name would end before some of them."""
REVIEWS = text("""
select count(*), count(*) filter (where due_at < :moment)
from review_tasks where status <> 'completed' and livemode
""")


async def read(session: AsyncSession, actor: Actor) -> Overview:
    """Read everything that the first page shows."""
    actor.require(Permission.PARTNERS_READ)
    moment = present()
    given = {"week": moment - timedelta(days=DAYS), "recent": floor_id(moment - RECENT), "looked_at": LOOKED_AT}
    all_of_them = (await session.execute(TOTALS, given)).mappings().one()
    trouble, failing, near = await troubled(session, actor)
    jobs, (waiting, late) = await job_queue.queue_state(session), await _reviews(session)
    days = await _days(session, moment.date())
    return Overview(
        days=tuple(days[DAYS:]),
        before=tuple(days[:DAYS]),
        waiting=waiting,
        late=late,
        failing=failing,
        jobs_waiting=jobs.waiting,
        jobs_failed=jobs.failed,
        jobs_lag=jobs.lag_seconds,
        near=near,
        trouble=tuple(trouble),
        **{name: int(count) for name, count in all_of_them.items()},
    )


async def listed(session: AsyncSession, actor: Actor, *, q: str = "") -> list[FleetLine]:
    """List partners by name as `fleet.lines` does, and where that ends before all of them whoever needs somebody."""
    lines = await fleet.lines(session, actor, q=q)
    if len(lines) < MOST:
        return lines
    known, wanted = {one.id for one in lines}, q.strip().casefold()
    trouble, _, _ = await troubled(session, actor)
    more = [one for one in trouble if one.id not in known and wanted in f"{one.name} {one.slug}".casefold()]
    return sorted([*lines, *more], key=lambda one: (one.name.lower(), one.id))


async def troubled(session: AsyncSession, actor: Actor) -> tuple[list[FleetLine], int, int]:
    """Read who needs somebody, the most urgent first; and of all: endpoints that fail, partners near their quota."""
    moment = present()
    given: dict[str, object] = {
        "moment": moment, "month": moment.date().replace(day=1), "by_hand": BY_HAND, "nearly": NEARLY, "most": MOST,
        "included": json.dumps({plan: limits.documents_per_month for plan, limits in PLANS.items()}),
    }  # fmt: skip
    rows = (await session.execute(TROUBLED, given)).all()
    place = {row[0]: number for number, row in enumerate(rows)}
    lines = await fleet.of(session, actor, list(place))
    return sorted(lines, key=lambda one: place[one.id]), int(rows[0][1]) if rows else 0, rows[0][2] if rows else 0


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
