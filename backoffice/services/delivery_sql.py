"""The queries that share deliveries out: each finds what it needs by an index and never reads a backlog."""

from datetime import timedelta

from sqlalchemy import TextClause, text

AT_ONCE = 8
"""On their way to one endpoint at once; to one that fails, a single probe."""
TRIES = 10
"""By the schedule; what was given up and is sent again by hand gets one more each time."""
PATIENCE = 7
"""Where the order is kept, a message that failed so often (after about 18 hours) holds back its subject no longer."""
BURST = timedelta(milliseconds=250)
"""How much of a throttle's allowance may be saved up; never less than one message."""
SKEW = timedelta(milliseconds=250)
"""How far the clocks of web, worker and database may differ without a fresh message waiting for the next look."""
WINDOW = 32
"""Due messages of an endpoint in order that a claim looks at; what waits for others beyond so many is parked."""
PARKED_AT_ONCE = 1_000
FAR = 100 * 366 * 86_400
"""Seconds at which a test clock ends, so that one partner's number cannot stop the claims of all."""
NUMBERS = {
    "at_once": AT_ONCE,
    "tries": TRIES,
    "patience": PATIENCE,
    "burst": BURST,
    "skew": SKEW,
    "window": WINDOW,
    "parked": PARKED_AT_ONCE,
    "far": FAR,
}


def _query(sql: str) -> TextClause:
    """Fill in the numbers that a query names."""
    return text(sql).bindparams(**{name: value for name, value in NUMBERS.items() if f":{name}" in sql})


OPEN = _query("""
with recursive owed as (
    (select endpoint_id from deliveries where state = 'pending' order by endpoint_id limit 1)
    union all
    select (
        select d.endpoint_id from deliveries d where d.state = 'pending' and d.endpoint_id > owed.endpoint_id
        order by d.endpoint_id limit 1
    ) from owed where owed.endpoint_id is not null
)
select e.id, e.fifo, e.failing_since is not null as fails, e.max_per_second is not null as is_throttled, its.ahead,
    under_way.many as under_way, paced.wait, oldest.since
from owed
join webhook_endpoints e on e.id = owed.endpoint_id
join partners p on p.id = e.partner_id
cross join lateral (
    select case when e.livemode then interval '0' else least(p.test_clock_seconds, :far) * interval '1 second' end
        as ahead
) its
cross join lateral (
    select count(*) as many from deliveries d where d.endpoint_id = e.id and d.lease_until > statement_timestamp()
) under_way
cross join lateral (
    select d.next_attempt_at as since from deliveries d
    where d.endpoint_id = e.id and d.state = 'pending'
        and d.next_attempt_at <= statement_timestamp() + :skew + its.ahead
        and (d.lease_until is null or d.lease_until <= statement_timestamp())
    order by d.next_attempt_at, d.id limit 1
) oldest
cross join lateral (
    select case when e.max_per_second is null then 0 else extract(epoch from
        greatest(e.throttle_from, statement_timestamp() - greatest(:burst, interval '1 second' / e.max_per_second))
        + interval '1 second' / e.max_per_second - statement_timestamp())
    end::float as wait
) paced
where e.status = 'enabled' and e.deleted_at is null and not e.is_paused
    and (e.paused_until is null or e.paused_until <= statement_timestamp())
    and under_way.many < case when e.failing_since is null then :at_once else 1 end
order by paced.wait > 0, under_way.many, fails, oldest.since
limit :wanted
""")
"""Endpoints that something can be sent to now, the one that waited longest first; then those that a throttle holds.

The recursion hops from endpoint to endpoint over the index of what is pending, so it costs what there are endpoints
that are owed something, however much that is.
"""

ALLOW = _query("""
select e.id, e.max_per_second as pace, spent.upto,
    floor(extract(epoch from statement_timestamp() - spent.upto) * e.max_per_second + 0.001)::int as allowance
from webhook_endpoints e
cross join lateral (
    select greatest(
        e.throttle_from, statement_timestamp() - greatest(:burst, interval '1 second' / e.max_per_second)) as upto
) spent
where e.id = any (:ids) and not e.is_paused
order by e.id
for no key update of e skip locked
""")
"""What throttles allow now; their rows stay locked until this worker has written what it takes."""

TAKE = _query("""
with endpoint as materialized (
    select * from unnest(cast(:ids as uuid[]), cast(:rooms as int[]), cast(:turns as int[]), cast(:fifo as bool[]),
        cast(:fails as bool[]), cast(:ahead as interval[])) as e (id, room, turns, fifo, fails, ahead)
), due as materialized (
    select e.id as endpoint_id, mine.id, mine.next_attempt_at
    from endpoint e cross join lateral (
        select d.id, d.next_attempt_at from deliveries d
        where d.endpoint_id = e.id and d.state = 'pending'
            and d.next_attempt_at <= statement_timestamp() + :skew + e.ahead
            and (d.lease_until is null or d.lease_until <= statement_timestamp())
        order by d.next_attempt_at, d.id limit :at_once
    ) mine
    where not e.fifo
    union all
    select e.id, mine.id, mine.next_attempt_at
    from endpoint e cross join lateral (
        select d.id, d.next_attempt_at from (
            select d.id, d.next_attempt_at, d.event_id from deliveries d
            where d.endpoint_id = e.id and d.state = 'pending'
                and d.next_attempt_at <= statement_timestamp() + :skew + e.ahead
                and (d.lease_until is null or d.lease_until <= statement_timestamp())
            order by d.next_attempt_at, d.id limit :window
        ) d
        where not exists (
            select 1 from events this cross join lateral (
                select o.state, o.attempts from events earlier
                join deliveries o on o.event_id = earlier.id and o.endpoint_id = e.id
                where earlier.subject_id = this.subject_id and earlier.sequence < this.sequence
                order by earlier.sequence desc limit 1
            ) before
            where this.id = d.event_id and before.state = 'pending'
                and (before.attempts < :patience or before.attempts >= :tries)
        )
        order by d.next_attempt_at, d.id limit :at_once
    ) mine
    where e.fifo
), turn as (
    select due.*, row_number() over (partition by endpoint_id order by next_attempt_at, id) as place from due
), chosen as (
    select turn.id from turn join endpoint e on e.id = turn.endpoint_id
    where turn.place <= e.room
    order by turn.place + e.turns, e.fails, turn.next_attempt_at, turn.id
    limit :wanted
), picked as materialized (
    select d.id from deliveries d
    where d.id = any (array(select id from chosen))
        and d.state = 'pending' and (d.lease_until is null or d.lease_until <= statement_timestamp())
    for update skip locked
)
update deliveries d set lease_until = clock_timestamp() + :lease, lease_token = gen_random_uuid()
where d.id = any (array(select id from picked))
returning d.id, d.lease_token, d.attempts, d.endpoint_id, d.event_id, d.created_at
""")
"""Fair by turn: every endpoint's first due delivery comes before anybody's second, however long a backlog is.

In order means: not before the one before it, of the same subject, is settled or has used up our patience.
"""

SPEND = text("""
update webhook_endpoints e set throttle_from = taken.upto + taken.many * interval '1 second' / e.max_per_second
from unnest(cast(:ids as uuid[]), cast(:upto as timestamptz[]), cast(:many as int[])) as taken (id, upto, many)
where e.id = taken.id
""")

PARK = _query("""
with long as materialized (
    select e.* from unnest(cast(:ids as uuid[]), cast(:ahead as interval[])) as e (id, ahead)
    where :window < (select count(*) from (
        select 1 from deliveries d
        where d.endpoint_id = e.id and d.state = 'pending'
            and d.next_attempt_at <= statement_timestamp() + :skew + e.ahead
        limit :window + 1
    ) queue)
), due as materialized (
    select mine.* from long cross join lateral (
        select d.id, d.event_id, d.endpoint_id from deliveries d
        where d.endpoint_id = long.id and d.state = 'pending'
            and d.next_attempt_at <= statement_timestamp() + :skew + long.ahead
            and (d.lease_until is null or d.lease_until <= statement_timestamp())
        order by d.next_attempt_at, d.id limit :parked
        for update skip locked
    ) mine
), waiting as materialized (
    select due.id, before.id as before_id from due
    join events this on this.id = due.event_id
    cross join lateral (
        select o.id from events earlier
        join deliveries o on o.event_id = earlier.id and o.endpoint_id = due.endpoint_id
        where earlier.subject_id = this.subject_id and earlier.sequence < this.sequence
        order by earlier.sequence desc limit 1
    ) before
), pinned as materialized (
    select o.id from deliveries o
    where o.id = any (array(select before_id from waiting))
        and o.state = 'pending' and (o.attempts < :patience or o.attempts >= :tries)
    for share skip locked
)
update deliveries d set next_attempt_at = null from waiting
where d.id = waiting.id and waiting.before_id = any (array(select id from pinned))
""")
"""Take what waits for others out of a long queue in order, so that no claim reads it again.

The one it waits for is locked meanwhile: whoever settles that one does so afterwards and finds this one to release.
"""

RELEASE = text("""
update deliveries d set next_attempt_at = statement_timestamp()
where d.next_attempt_at is null and d.state = 'pending' and d.id = any (array(
    select next.id
    from unnest(cast(:endpoint_ids as uuid[]), cast(:event_ids as uuid[])) as done (endpoint_id, event_id)
    join events this on this.id = done.event_id
    cross join lateral (
        select o.id from events later
        join deliveries o on o.event_id = later.id and o.endpoint_id = done.endpoint_id
        where later.subject_id = this.subject_id and later.sequence > this.sequence and o.state = 'pending'
        order by later.sequence limit 1
    ) next
))
""")
"""Let the parked delivery that comes next go; when it is not parked it is due anyway."""
