"""What a partner sees of its usage: meters with a projection, what was billed by day, type and key, and headroom.

Developers and analysts see all of it: nothing here is money.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import fmean, pstdev
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.models.base import floor_id
from backoffice.models.invoices import Month
from backoffice.models.usage_counts import Breakdown, KeyLoad, Load, Meter, Projection
from backoffice.models.usage_records import UsageKind, UsageRecord
from backoffice.services import api_keys, partners, quotas
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import MAX_LIMIT

LOOKED_BACK = 14
LEAST_DAYS = 3
SPREAD = 1.2816
"""Standard deviations within which four of five values of a normal distribution lie."""
LOAD = text("""
with newest as (
    select created_at, key_id, status, code, duration_ms from api_requests
    where partner_id = :partner and livemode = :livemode and id >= :first order by id desc limit :most
), seconds as (
    select key_id, date_trunc('second', created_at) as at, count(*) as requests from newest group by 1, 2
), busiest as (
    select coalesce(max(requests), 0) as peak,
        coalesce(percentile_disc(0.95) within group (order by requests), 0) as p95 from seconds
), keys as (
    select key_id, count(*) as requests, count(*) filter (where status >= 500) as failed,
        count(*) filter (where status = 429 and code <> 'quota_exceeded') as throttled,
        percentile_cont(0.95) within group (order by duration_ms) as p95 from newest group by 1
)
select (select min(created_at) from newest), busiest.peak, busiest.p95,
    coalesce((select jsonb_agg(jsonb_build_array(key_id, requests, failed, throttled, p95) order by requests desc)
        from keys), '[]')
from busiest""")
DAY = timedelta(hours=24)
MOST_REQUESTS = 100_000
"""The newest requests that are looked at; a busier partner sees fewer hours, and since when."""
MOST_KEYS = 20


async def meter(session: AsyncSession, actor: Actor) -> Meter:
    """Say how many documents of the month are used, and where that leads."""
    standing = await quotas.standing(session, actor)
    today = present().date()
    usage = await quotas.usage(session, actor, first=today - timedelta(days=LOOKED_BACK), last=today)
    days = [count for day, count in usage.days if day < today]
    while days and days[0] == 0:
        days = days[1:]
    return Meter(
        standing.used,
        standing.included,
        standing.starts,
        standing.ends,
        project(standing.used, standing.included, days, present(), standing.ends),
    )


def project(used: int, limit: int, days: Sequence[int], moment: datetime, ends: datetime) -> Projection | None:
    """Go on as the last whole days went; None while there are too few of them to say anything."""
    if len(days) < LEAST_DAYS:
        return None
    left, mean = (ends - moment) / DAY, fmean(days)
    spread = SPREAD * pstdev(days) * math.sqrt(left)
    expected = used + mean * left
    reached = None
    if used >= limit:
        reached = moment.date()
    elif mean > 0 and expected >= limit:
        reached = min(moment + DAY * ((limit - used) / mean), ends - timedelta(seconds=1)).date()
    return Projection(round(expected), max(used, round(expected - spread)), round(expected + spread), reached)


def ahead(days: Sequence[int], moment: datetime, ends: datetime) -> tuple[int, int]:
    """Say how many more will come by the end, at the least and at the most."""
    found = project(0, 1, days, moment, ends)
    return (found.low, found.high) if found else (0, 0)


async def breakdown(session: AsyncSession, actor: Actor, month: Month) -> Breakdown:
    """Count the records of a month by day, type and key; every count has its list of records."""
    actor.require(Permission.USAGE_READ)
    last = min(month.ends, present())
    days = tuple(month.first + timedelta(days=number) for number in range(max(0, _days(month, last))))
    statement = (
        select(
            func.date(func.timezone("UTC", col(UsageRecord.created_at))),
            col(UsageRecord.kind),
            col(UsageRecord.document_type),
            col(UsageRecord.key_id),
            func.count(),
        )
        .where(
            col(UsageRecord.partner_id) == actor.require_partner(),
            col(UsageRecord.created_at) >= month.starts,
            col(UsageRecord.created_at) < month.ends,
        )
        .group_by(text("1"), col(UsageRecord.kind), col(UsageRecord.document_type), col(UsageRecord.key_id))
    )
    by_day: dict[tuple[date, str], int] = defaultdict(int)
    by_type: dict[str, dict[UsageKind, int]] = defaultdict(lambda: defaultdict(int))
    by_key: dict[UUID | None, dict[UsageKind, int]] = defaultdict(lambda: defaultdict(int))
    for day, kind, type_, key_id, count in await session.execute(statement):
        by_day[day, kind] += count
        by_type[type_ or ""][UsageKind(kind)] += count
        by_key[key_id][UsageKind(kind)] += count
    return Breakdown(
        days,
        {kind: tuple(by_day[day, kind] for day in days) for kind in UsageKind},
        tuple(sorted(by_type.items(), key=_most_first)),
        tuple(sorted(by_key.items(), key=_most_first)[:MOST_KEYS]),
    )


def _days(month: Month, last: datetime) -> int:
    return math.ceil((last - month.starts) / DAY)


def _most_first(row: tuple[Any, Mapping[UsageKind, int]]) -> int:
    return -sum(row[1].values())


async def load(session: AsyncSession, actor: Actor, *, livemode: bool) -> Load:
    """Say how near the last day's requests came to the limit of a key."""
    actor.require(Permission.USAGE_READ)
    allowed = (await partners.terms_for(session, actor.require_partner())).limits
    since = present() - DAY
    values = {
        "partner": actor.require_partner(),
        "livemode": livemode,
        "first": floor_id(since),
        "most": MOST_REQUESTS,
    }
    oldest, peak, p95, keys = (await session.execute(LOAD, values)).one()
    rows = tuple(KeyLoad(UUID(one[0]), one[1], one[2], one[3], float(one[4])) for one in keys[:MOST_KEYS])
    is_cut = sum(one.requests for one in rows) >= MOST_REQUESTS
    throttled = sum(one.throttled for one in rows)
    return Load(oldest if is_cut else since, allowed.per_second, allowed.requests[0].quota, peak, p95, throttled, rows)


async def key_names(session: AsyncSession, actor: Actor) -> dict[UUID, str]:
    """Name the live keys for those who may know them; the others see ids."""
    if not actor.can(Permission.KEYS_READ):
        return {}
    page = await api_keys.page(session, actor, livemode=True, limit=MAX_LIMIT)
    return {key.id: key.name for key in page.rows}


async def records_ahead(session: AsyncSession, actor: Actor) -> tuple[dict[UsageKind, int], dict[UsageKind, int]]:
    """Say how many more records of each kind this month will see, at the least and at the most."""
    moment = present()
    month = Month.of(moment)
    counts = await _recent(session, actor, moment)
    ends = {kind: ahead(days, moment, month.ends) for kind, days in counts.items()}
    return {kind: low for kind, (low, _) in ends.items()}, {kind: high for kind, (_, high) in ends.items()}


async def _recent(session: AsyncSession, actor: Actor, moment: datetime) -> dict[UsageKind, list[int]]:
    """Count the last whole days of each kind, from the first one that had any."""
    actor.require(Permission.USAGE_READ)
    today = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=LOOKED_BACK)
    statement = (
        select(func.date(func.timezone("UTC", col(UsageRecord.created_at))), col(UsageRecord.kind), func.count())
        .where(
            col(UsageRecord.partner_id) == actor.require_partner(),
            col(UsageRecord.created_at) >= first,
            col(UsageRecord.created_at) < today,
        )
        .group_by(text("1"), col(UsageRecord.kind))
    )
    found = {(day, kind): count for day, kind, count in await session.execute(statement)}
    days = [(first + timedelta(days=number)).date() for number in range(LOOKED_BACK)]
    recent = dict[UsageKind, list[int]]()
    for kind in UsageKind:
        counts = [found.get((day, kind), 0) for day in days]
        begins = next((place for place, count in enumerate(counts) if count), len(counts))
        recent[kind] = counts[begins:]
    return recent
