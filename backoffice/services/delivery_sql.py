"""The queries that share deliveries out: each finds what it needs by an index and never reads a backlog."""

from datetime import timedelta

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
PARKED_AT_ONCE = 100
"""How many one claim parks: it costs others some milliseconds, and a long queue is through in a few hundred claims."""
FAR = 100 * 366 * 86_400
"""Seconds at which a test clock ends, so that one partner's number cannot stop the claims of all."""
NUMBERS: dict[str, object] = {
    "at_once": AT_ONCE,
    "tries": TRIES,
    "patience": PATIENCE,
    "burst": BURST,
    "skew": SKEW,
    "window": WINDOW,
    "parked": PARKED_AT_ONCE,
    "far": FAR,
}
"""What the queries below name."""

OPEN = """
with recursive owed as (
    (select endpoint_id from deliveries where state = 'pending' order by endpoint_id limit 1)
    union all
    select (
        select d.endpoint_id from deliveries d where d.state = 'pending' and d.endpoint_id > owed.endpoint_id
        order by d.endpoint_id limit 1
    ) from owed where owed.endpoint_id is not null
)
select e.id, e.partner_id, e.url, e.secret_box, e.previous_secret_box, e.previous_secret_until,
    e.fifo, e.fails, e.is_throttled, e.ahead, e.wait, under_way.many
from owed
cross join lateral (
    select e.*, e.failing_since is not null as fails, e.max_per_second is not null as is_throttled,
        case when e.livemode then interval '0' else (
            select least(p.test_clock_seconds, %(far)s) * interval '1 second' from partners p where p.id = e.partner_id
        ) end as ahead,
        case when e.max_per_second is null then 0 else extract(epoch from greatest(
            e.throttle_from, statement_timestamp() - greatest(%(burst)s, interval '1 second' / e.max_per_second)
        ) + interval '1 second' / e.max_per_second - statement_timestamp()) end::float as wait
    from webhook_endpoints e
    where e.id = owed.endpoint_id and e.status = 'enabled' and e.deleted_at is null and not e.is_paused
        and (e.paused_until is null or e.paused_until <= statement_timestamp())
    limit 1
) e
cross join lateral (
    select count(*) as many from (
        select 1 from deliveries d where d.endpoint_id = e.id and d.lease_until > statement_timestamp()
        order by d.lease_until limit %(at_once)s
    ) leased
    having count(*) < case when e.fails then 1 else %(at_once)s end
) under_way
cross join lateral (
    select d.next_attempt_at as since from deliveries d
    where d.endpoint_id = e.id and d.state = 'pending'
        and d.next_attempt_at <= statement_timestamp() + %(skew)s + e.ahead
        and (d.lease_until is null or d.lease_until <= statement_timestamp())
    order by d.next_attempt_at, d.id limit 1
) oldest
order by e.wait > 0, under_way.many, e.fails, oldest.since
limit %(wanted)s
"""
"""Endpoints that something can be sent to now, the one that waited longest first; then those that a throttle holds.

The recursion hops from endpoint to endpoint over the index of what is pending, so it costs what there are endpoints
that are owed something, however much that is. The limits of one are for the planner: whatever it believes of the
tables' sizes, each endpoint is looked up by its key.
"""

ALLOW = """
select e.id, spent.upto,
    floor(extract(epoch from statement_timestamp() - spent.upto) * e.max_per_second + 0.001)::int as allowance
from webhook_endpoints e
cross join lateral (
    select greatest(
        e.throttle_from, statement_timestamp() - greatest(%(burst)s, interval '1 second' / e.max_per_second)) as upto
) spent
where e.id = any (%(ids)s) and not e.is_paused
order by e.id
for no key update of e skip locked
"""
"""What throttles allow now; their rows stay locked until this worker has written what it takes."""

TAKE = """
with relaxed as materialized (
    select set_config('synchronous_commit', 'off', true)
), endpoint as materialized (
    select e.* from relaxed, unnest(%(ids)s::uuid[], %(rooms)s::int[], %(turns)s::int[], %(fifo)s::bool[],
        %(fails)s::bool[], %(ahead)s::interval[]) as e (id, room, turns, fifo, fails, ahead)
), due as materialized (
    select e.id as endpoint_id, mine.id, mine.next_attempt_at
    from endpoint e cross join lateral (
        select d.id, d.next_attempt_at from deliveries d
        where d.endpoint_id = e.id and d.state = 'pending'
            and d.next_attempt_at <= statement_timestamp() + %(skew)s + e.ahead
            and (d.lease_until is null or d.lease_until <= statement_timestamp())
        order by d.next_attempt_at, d.id limit %(at_once)s
    ) mine
    where not e.fifo
    union all
    select e.id, mine.id, mine.next_attempt_at
    from endpoint e cross join lateral (
        select d.id, d.next_attempt_at from (
            select d.id, d.next_attempt_at, d.event_id from deliveries d
            where d.endpoint_id = e.id and d.state = 'pending'
                and d.next_attempt_at <= statement_timestamp() + %(skew)s + e.ahead
                and (d.lease_until is null or d.lease_until <= statement_timestamp())
            order by d.next_attempt_at, d.id limit %(window)s
        ) d
        where not exists (
            select 1 from events this cross join lateral (
                select o.state, o.attempts from events earlier
                join deliveries o on o.event_id = earlier.id and o.endpoint_id = e.id
                where earlier.subject_id = this.subject_id and earlier.sequence < this.sequence
                order by earlier.sequence desc limit 1
            ) before
            where this.id = d.event_id and before.state = 'pending'
                and (before.attempts < %(patience)s or before.attempts >= %(tries)s)
        )
        order by d.next_attempt_at, d.id limit %(at_once)s
    ) mine
    where e.fifo
), turn as (
    select due.*, row_number() over (partition by endpoint_id order by next_attempt_at, id) as place from due
), chosen as (
    select turn.id from turn join endpoint e on e.id = turn.endpoint_id
    where turn.place <= e.room
    order by turn.place + e.turns, e.fails, turn.next_attempt_at, turn.id
    limit %(wanted)s
), locked as materialized (
    select d.id, d.state, d.lease_until from deliveries d where d.id = any (array(select id from chosen))
    for update skip locked
), claimed as (
    update deliveries d set lease_until = clock_timestamp() + %(lease)s, lease_token = gen_random_uuid()
    where d.id = any (array(
        select id from locked where state = 'pending' and (lease_until is null or lease_until <= statement_timestamp())
    ))
    returning d.id, d.lease_token, d.attempts, d.endpoint_id, d.created_at, d.event_id
)
select claimed.*, v.created_at, v.livemode, v.type, v.subject_type, v.subject_id, v.sequence, v.data::text,
    v.request_id
from claimed cross join lateral (select * from events v where v.id = claimed.event_id limit 1) v
order by claimed.id
"""
"""Fair by turn: every endpoint's first due delivery comes before anybody's second, however long a backlog is.

A lease is not worth waiting for the disk: one that is lost with the database is a message that comes twice.

In order means: not before the one before it, of the same subject, is settled or has used up our patience. Rows are
locked by their key alone and looked at afterwards: with the state in the same condition an old statistic could make
the planner read the index of all that is pending.
"""

SPEND = """
update webhook_endpoints e set throttle_from = taken.upto + taken.many * interval '1 second' / e.max_per_second
from unnest(%(ids)s::uuid[], %(upto)s::timestamptz[], %(many)s::int[]) as taken (id, upto, many)
where e.id = taken.id
"""

PARK = """
with long as materialized (
    select e.* from unnest(%(ids)s::uuid[], %(ahead)s::interval[]) as e (id, ahead)
    where %(window)s < (select count(*) from (
        select 1 from deliveries d
        where d.endpoint_id = e.id and d.state = 'pending'
            and d.next_attempt_at <= statement_timestamp() + %(skew)s + e.ahead
        limit %(window)s + 1
    ) queue)
), due as materialized (
    select mine.* from long cross join lateral (
        select d.id, d.event_id, d.endpoint_id from deliveries d
        where d.endpoint_id = long.id and d.state = 'pending'
            and d.next_attempt_at <= statement_timestamp() + %(skew)s + long.ahead
            and (d.lease_until is null or d.lease_until <= statement_timestamp())
        order by d.next_attempt_at, d.id limit %(parked)s
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
    select o.id, o.state, o.attempts from deliveries o where o.id = any (array(select before_id from waiting))
    for share skip locked
)
update deliveries d set next_attempt_at = null
where d.id = any (array(
    select waiting.id from waiting join pinned on pinned.id = waiting.before_id
    where pinned.state = 'pending' and (pinned.attempts < %(patience)s or pinned.attempts >= %(tries)s)
))
returning d.id
"""
"""Take what waits for others out of a long queue in order, so that no claim reads it again.

The one it waits for is locked meanwhile: whoever settles that one does so afterwards and finds this one to release.
"""

RELEASE = """
with next as materialized (
    select o.id, o.next_attempt_at
    from unnest(%(endpoint_ids)s::uuid[], %(event_ids)s::uuid[]) as done (endpoint_id, event_id)
    join events this on this.id = done.event_id
    cross join lateral (
        select o.id, o.next_attempt_at from events later
        join deliveries o on o.event_id = later.id and o.endpoint_id = done.endpoint_id
        where later.subject_id = this.subject_id and later.sequence > this.sequence and o.state = 'pending'
        order by later.sequence limit 1
    ) o
)
update deliveries d set next_attempt_at = statement_timestamp()
where d.id = any (array(select id from next where next_attempt_at is null))
"""
"""Let the parked delivery that comes next go; when it is not parked it is due anyway."""
