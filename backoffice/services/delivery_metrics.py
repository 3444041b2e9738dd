"""How sending goes, in numbers for Prometheus: how late we are, what waits, what came of tries."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.services import delivery_sql
from backoffice.services.delivery_attempts import Tried

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds between the change and the first try of telling it."""
MOST = 100_000
"""Where counting stops: a scrape must not read a long backlog."""
ATTEMPTS = "webhook_attempts:"
FIRST = "webhook_first_attempt:"
STANDING = text("""
with recursive owed as (
    (select endpoint_id from deliveries where state = 'pending' order by endpoint_id limit 1)
    union all
    select (
        select d.endpoint_id from deliveries d where d.state = 'pending' and d.endpoint_id > owed.endpoint_id
        order by d.endpoint_id limit 1
    ) from owed where owed.endpoint_id is not null
), endpoint as materialized (
    select e.id, e.failing_since is not null as fails, e.is_paused or e.status <> 'enabled' as is_held,
        e.max_per_second is not null as is_throttled,
        statement_timestamp() + case when e.livemode then interval '0'
            else least(p.test_clock_seconds, :far) * interval '1 second' end as moment
    from owed join webhook_endpoints e on e.id = owed.endpoint_id join partners p on p.id = e.partner_id
), late as (
    select endpoint.fails, max(extract(epoch from endpoint.moment - oldest.at)) as lag
    from endpoint cross join lateral (
        select d.next_attempt_at as at from deliveries d
        where d.endpoint_id = endpoint.id and d.state = 'pending' and d.next_attempt_at <= endpoint.moment
            and (d.lease_until is null or d.lease_until <= statement_timestamp())
        order by d.next_attempt_at, d.id limit 1
    ) oldest
    where not endpoint.is_held and not endpoint.is_throttled
    group by endpoint.fails
)
select
    coalesce((select lag from late where not fails), 0)::float as lag,
    coalesce((select lag from late where fails), 0)::float as lag_failing,
    (select count(*) from (
        select 1 from endpoint join deliveries d on d.endpoint_id = endpoint.id and d.state = 'pending'
        where not endpoint.is_held and d.next_attempt_at <= endpoint.moment limit :most) due) as due,
    (select count(*) from (select 1 from deliveries where state = 'pending' limit :most) pending) as pending,
    (select count(*) from (
        select 1 from deliveries where lease_until > statement_timestamp() limit :most) under_way) as under_way
""")


async def lag(session: AsyncSession) -> float:
    """Say for how many seconds the oldest delivery that nothing holds has been due, without counting a backlog."""
    return float((await session.execute(STANDING, {"most": 0, "far": delivery_sql.FAR})).one().lag)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the queue stands right now; counts end at `MOST`."""

    lag_seconds: float
    """Age of the oldest delivery that is due, to endpoints that take what we send: how late we are."""
    failing_lag_seconds: float
    """The same for endpoints that fail: how late they are."""
    due: int
    pending: int
    under_way: int


async def standing(session: AsyncSession) -> Standing:
    """Look at the queue; what partners paused, throttled or switched off is not late."""
    row = (await session.execute(STANDING, {"most": MOST, "far": delivery_sql.FAR})).one()
    return Standing(*row)


def counts(tries: Iterable[Tried]) -> Mapping[str, float]:
    """Count what came of tries, and how soon the first ones followed the change."""
    counted = Counter[str]()
    seconds = 0.0
    for each in tries:
        counted[f"{ATTEMPTS}{each.outcome}"] += 1
        if each.claim.number == 1 and each.claim.door.is_steady:
            took = max((each.started_at - each.claim.owed_at).total_seconds(), 0.0)
            counted[f"{FIRST}{bisect_left(BOUNDS, took)}"] += 1
            seconds += took
    return counted if not seconds else {**counted, f"{FIRST}sum": seconds}


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of all tries since counting began, over all workers."""

    attempts: dict[str, float]
    """By outcome."""
    first: list[float]
    """First attempts by how soon they came: one for each of `BOUNDS`, and what took longer."""
    first_seconds: float


def sent(tallies: Mapping[str, float]) -> Sent:
    """Read the shared counts back."""
    outcomes = {name.removeprefix(ATTEMPTS): many for name, many in tallies.items() if name.startswith(ATTEMPTS)}
    first = [tallies.get(f"{FIRST}{place}", 0.0) for place in range(len(BOUNDS) + 1)]
    return Sent(outcomes, first, tallies.get(f"{FIRST}sum", 0.0))
