"""All partners at a glance: one round trip, every part of it bounded or read from a roll-up."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.models.audit_entries import AuditEntry, Shown
from backoffice.models.base import floor_id
from backoffice.models.fleet_counts import FleetLine
from backoffice.models.plans import terms
from backoffice.models.webhooks import BY_HAND
from backoffice.services import audit
from backoffice.services.access import Actor, Permission, found

MOST = 500
"""Partners that a list shows; a search reaches the others."""
SAMPLE = 2_000
"""The newest requests and deliveries of each that its shares are counted of."""
DAYS = 7
RECENT = timedelta(hours=24)
LINES = text("""
with p as materialized (
    select id, name, slug, plan, status, region, created_at, exceptions from partners
    where (cast(:ids as uuid[]) is null or id = any (:ids))
        and (:q = '' or name ilike :like or slug ilike :like)
    order by lower(name), id limit :most
), days as (
    select partner_id, sum(received) filter (where day >= :first) as received,
        sum(received) filter (where day < :first) as before, sum(approved) filter (where day >= :first) as approved,
        sum(approved + rejected + resubmission_requested) filter (where day >= :first) as decided
    from day_counts where livemode and day between :earlier and :last group by partner_id
), by_day as (
    select partner_id, jsonb_object_agg(day, received) as received from (
        select partner_id, day, sum(received) as received from day_counts
        where livemode and day between :first and :last group by partner_id, day) one
    group by partner_id
), sla as (
    select partner_id, count(*) as tasks, count(*) filter (where ended_at <= due_at) as kept from sla_results
    where ended_at > :week group by partner_id
), late as (
    select partner_id, count(*) as tasks from review_tasks
    where status <> 'completed' and livemode and due_at < :moment group by partner_id
), used as (
    select partner_id, used from usage_counters where livemode and metric = 'documents' and month = :month
), alerting as (
    select partner_id, count(*) as alerts from alerts where state = 'open' group by partner_id
)
select p.id, p.name, p.slug, p.plan, p.status, p.region, p.created_at, coalesce(by_day.received, '{}'),
    coalesce(days.before, 0), coalesce(days.approved, 0), coalesce(days.decided, 0), asked.requests, asked.refused,
    sent.told, sent.untold, sent.failing, coalesce(sla.tasks, 0), coalesce(sla.kept, 0), coalesce(late.tasks, 0),
    coalesce(used.used, 0), coalesce(alerting.alerts, 0), p.exceptions
from p
left join days on days.partner_id = p.id left join by_day on by_day.partner_id = p.id
left join sla on sla.partner_id = p.id left join late on late.partner_id = p.id
left join used on used.partner_id = p.id left join alerting on alerting.partner_id = p.id
cross join lateral (
    select count(*) as requests, count(*) filter (where status >= 400) as refused from (
        select status from api_requests where partner_id = p.id and livemode and id >= :recent
        order by id desc limit :sample) newest
) asked
cross join lateral (
    select coalesce(sum(tried.told), 0) as told, coalesce(sum(tried.untold), 0) as untold,
        count(*) filter (where e.failing_since is not null
            or e.status = 'disabled' and e.disabled_reason not in ('', :by_hand)) as failing
    from webhook_endpoints e cross join lateral (
        select count(*) filter (where state = 'delivered') as told,
            count(*) filter (where state = 'exhausted' or state in ('pending', 'canceled') and attempts > 0) as untold
        from (select state, attempts from deliveries where endpoint_id = e.id and id >= :recent
            order by id desc limit :sample) newest
    ) tried
    where e.partner_id = p.id and e.livemode and e.deleted_at is null
) sent
order by lower(p.name), p.id
""")


async def lines(session: AsyncSession, actor: Actor, *, q: str = "") -> list[FleetLine]:
    """List partners by name with what operators look at first; `q` is a part of a name."""
    return await _read(session, actor, q=q)


async def line(session: AsyncSession, actor: Actor, partner_id: UUID) -> FleetLine:
    """Read the same of one partner.

    Raises NotFound.
    """
    rows = await of(session, actor, [partner_id])
    return found(rows[0] if rows else None, "partner")


async def of(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> list[FleetLine]:
    """Read the same of these partners."""
    return await _read(session, actor, ids=ids)


async def _read(
    session: AsyncSession, actor: Actor, *, q: str = "", ids: Sequence[UUID] | None = None
) -> list[FleetLine]:
    actor.require(Permission.PARTNERS_READ)
    moment = present()
    days = [moment.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    like = q.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    given: dict[str, object] = {
        "ids": None if ids is None else list(ids), "q": q.strip(), "like": f"%{like}%",
        "most": MOST if ids is None else len(ids), "sample": SAMPLE, "moment": moment,
        "first": days[0], "last": days[-1], "earlier": days[0] - timedelta(days=DAYS),
        "week": moment - timedelta(days=DAYS), "month": moment.date().replace(day=1),
        "recent": floor_id(moment - RECENT), "by_hand": BY_HAND,
    }  # fmt: skip
    return [_line(row, days, moment) for row in await session.execute(LINES, given)]


def _line(row: Row[Any], days: list[date], moment: datetime) -> FleetLine:
    values: list[Any] = list(row)
    partner_id, name, slug, plan, status, region, since, received, *counts, exceptions = values
    by_day = tuple((day, int(received.get(day.isoformat(), 0))) for day in days)
    held = terms(plan, exceptions, moment)
    return FleetLine(partner_id, name, slug, held.plan, status, region, since, by_day, *map(int, counts), terms=held)


async def trail(
    session: AsyncSession, actor: Actor, partner_id: UUID, *, is_read_again: bool = False, limit: int = 50
) -> list[Shown]:
    """List what was done at a partner lately, by whomever; the reading is written down once, not with every news."""
    actor.require(Permission.PARTNERS_READ)
    actor.require(Permission.AUDIT_READ)
    statement = select(AuditEntry).where(col(AuditEntry.partner_id) == partner_id)
    rows = (await session.execute(statement.order_by(col(AuditEntry.id).desc()).limit(limit))).scalars().all()
    if not is_read_again:
        changes: dict[str, object] = {"filters": ["partner_id"], "entries": len(rows)}
        await audit.record(session, actor, "audit.read", subject_type="partner", subject_id=partner_id, changes=changes)
    return [shown(row) for row in rows]


def shown(row: AuditEntry) -> Shown:
    """Show an entry to our own people, who see who it was."""
    return Shown(row, row.actor_type, row.actor_id, row.actor_name or None, row.changes, row.ip or None)
