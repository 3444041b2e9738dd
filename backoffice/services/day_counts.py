"""Analytics: what became of the documents that came in a period, from counts that a job keeps beside them.

The job looks at the documents that events told of since it last ran, and counts the whole days again on which they
came. So a count is what a recount of that moment finds, however late a decision comes. What a test clock lets happen in
the future is counted when the present gets there.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Invalid
from backoffice.models.base import floor_id
from backoffice.models.day_counts import Figures, RollUp, Span, Tally, Turnaround
from backoffice.services.access import Actor, Permission

NAME = "day_counts"
OVERLAP = timedelta(minutes=5)
"""Looked at twice: a transaction may be written down later than it says."""
MOST_DAYS = 366
MOST_REASONS = 20
TOUCHED = text("""
select distinct d.partner_id, d.livemode, (d.created_at at time zone 'utc')::date as day
from events e join documents d on d.partner_id = e.partner_id and d.id = e.subject_id
where e.subject_type = 'document' and e.id >= :first and e.id < :last
order by 1, 2, 3
""")
EVERY = text("""
select distinct partner_id, livemode, (created_at at time zone 'utc')::date as day from documents order by 1, 2, 3
""")
FORCE = """
of_day as (
    select d.id, coalesce(d.type, '') as type, coalesce(d.issuing_country, '') as country, d.attempt,
        exists (select 1 from checks k where k.document_id = d.id) as was_screened,
        f.outcome, f.reasons, f.decided_by_type
    from documents d left join lateral (
        select c.outcome, c.reasons, c.decided_by_type from decisions c
        where c.document_id = d.id and d.status <> 'in_review' and not exists (
            select 1 from decisions later where later.document_id = d.id and later.supersedes_id = c.id)
        order by c.id desc limit 1
    ) f on true
    where d.partner_id = :partner and d.livemode = :livemode
        and d.created_at >= :start and d.created_at < :end and d.id >= :first and d.id <= :last
)
"""
"""A day's documents, each with the decision in force; one that is looked at again has none for now."""
COUNT = text(f"""
with {FORCE}
insert into day_counts (partner_id, livemode, day, type, country, received, screened, approved, rejected,
                        resubmission_requested, by_policy, later, later_approved)
select :partner, :livemode, :day, type, country, count(*),
    count(*) filter (where was_screened),
    count(*) filter (where outcome = 'approved'), count(*) filter (where outcome = 'rejected'),
    count(*) filter (where outcome = 'resubmission_requested'),
    count(*) filter (where outcome is not null and decided_by_type <> 'reviewer'),
    count(*) filter (where attempt > 1), count(*) filter (where attempt > 1 and outcome = 'approved')
from of_day group by type, country
""")  # noqa: S608 our own text
COUNT_REASONS = text(f"""
with {FORCE}
insert into day_reasons (partner_id, livemode, day, outcome, reason, documents)
select :partner, :livemode, :day, outcome, reason, count(*)
from of_day, unnest(reasons) as reason where outcome is not null group by outcome, reason
""")  # noqa: S608 our own text
FORGET = (
    text("delete from day_counts where partner_id = :partner and livemode = :livemode and day = :day"),
    text("delete from day_reasons where partner_id = :partner and livemode = :livemode and day = :day"),
)
LOCK = text("select pg_advisory_xact_lock(hashtextextended('day_counts', 0))")
SUMS = ", ".join(f"sum({one.name})" for one in fields(Tally))
READ = text(f"""
select day, type, country, {SUMS} from day_counts
where partner_id = :partner and livemode = :livemode and day between :first and :last
group by day, type, country
""")  # noqa: S608 our own names
REASONS = text("""
select outcome, reason, sum(documents) from day_reasons
where partner_id = :partner and livemode = :livemode and day between :first and :last
group by outcome, reason order by 3 desc, 1, 2 limit :most
""")
TURNAROUND = text("""
select percentile_cont(array[0.5, 0.95]) within group (
        order by extract(epoch from completed_at - coalesce(submitted_at, created_at))), count(*)
from documents
where partner_id = :partner and livemode = :livemode and completed_at >= :start
    and created_at >= :start and created_at < :end
    and status in ('approved', 'rejected', 'resubmission_requested', 'superseded')
""")
Day = tuple[UUID, bool, date]


def topic(partner_id: UUID) -> str:
    """Name what changes with the counts of a partner."""
    return f"day_counts:{partner_id}"


async def touched(session: AsyncSession, actor: Actor) -> tuple[datetime, list[Day]]:
    """Say until when this look counts, and on which days documents came that something happened to since the last."""
    actor.require(Permission.SYSTEM)
    moment = present()
    mark = await session.get(RollUp, NAME)
    if mark is None:
        rows = await session.execute(EVERY)
    else:
        rows = await session.execute(
            TOUCHED, {"first": floor_id(mark.until - OVERLAP), "last": floor_id(moment + OVERLAP)}
        )
    return moment, [(row[0], row[1], row[2]) for row in rows]


async def count(session: AsyncSession, actor: Actor, day: Day) -> None:
    """Count one day of one partner again, as it is now."""
    actor.require(Permission.SYSTEM)
    await session.execute(LOCK)
    start = _midnight(day[2])
    end = start + timedelta(days=1)
    given: dict[str, Any] = {
        "partner": day[0],
        "livemode": day[1],
        "day": day[2],
        "start": start,
        "end": end,
        "first": floor_id(start - timedelta(days=1)),
        "last": floor_id(end + timedelta(days=1)),
    }
    for statement in (*FORGET, COUNT, COUNT_REASONS):
        await session.execute(statement, given)
    live.announce(session, topic(day[0]))


async def finish(session: AsyncSession, actor: Actor, moment: datetime) -> None:
    """Note how far the counts have come."""
    actor.require(Permission.SYSTEM)
    await session.merge(RollUp(name=NAME, until=moment))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def figures(session: AsyncSession, actor: Actor, span: Span, *, livemode: bool) -> Figures:
    """Read a period and the one of the same length before it.

    Raises Invalid for a period without days or of more than a year.
    """
    actor.require(Permission.METRICS_READ)
    if not 1 <= span.days <= MOST_DAYS:
        raise Invalid(f"A period has from 1 to {MOST_DAYS} days.", code="out_of_range", pointer="/days")
    earlier = Span(span.first - timedelta(days=span.days), span.first - timedelta(days=1))
    partner_id = actor.require_partner()
    here, there = [await _rows(session, partner_id, one, livemode=livemode) for one in (span, earlier)]
    mark = await session.get(RollUp, NAME)
    return Figures(
        span=span,
        now=_sum(tally for _, tally in here),
        before=_sum(tally for _, tally in there),
        by_day=_by(here, 0),
        before_by_day=_by(there, 0),
        by_type=_by(here, 1),
        by_country=_by(here, 2),
        reasons=await _reasons(session, partner_id, span, livemode=livemode),
        turnaround=await _turnaround(session, partner_id, span, livemode=livemode),
        turnaround_before=await _turnaround(session, partner_id, earlier, livemode=livemode),
        until=mark.until if mark else None,
    )


Keyed = list[tuple[tuple[date, str, str], Tally]]


async def _rows(session: AsyncSession, partner_id: UUID, span: Span, *, livemode: bool) -> Keyed:
    given = {"partner": partner_id, "livemode": livemode, "first": span.first, "last": span.last}
    return [((row[0], row[1], row[2]), Tally(*row[3:])) for row in await session.execute(READ, given)]


def _by(rows: Keyed, place: int) -> dict[Any, Tally]:
    grouped: defaultdict[Any, list[Tally]] = defaultdict(list)
    for key, tally in rows:
        grouped[key[place]].append(tally)
    return {key: _sum(tallies) for key, tallies in grouped.items()}


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = dict.fromkeys((one.name for one in fields(Tally)), 0)
    for tally in tallies:
        for name in total:
            total[name] += getattr(tally, name)
    return Tally(**total)


async def _reasons(
    session: AsyncSession, partner_id: UUID, span: Span, *, livemode: bool
) -> list[tuple[str, str, int]]:
    given = {
        "partner": partner_id, "livemode": livemode, "first": span.first, "last": span.last, "most": MOST_REASONS,
    }  # fmt: skip
    return [(row[0], row[1], int(row[2])) for row in await session.execute(REASONS, given)]


async def _turnaround(session: AsyncSession, partner_id: UUID, span: Span, *, livemode: bool) -> Turnaround:
    """Read what the index of decided documents knows: percentiles do not add up from counts."""
    given = {
        "partner": partner_id, "livemode": livemode,
        "start": _midnight(span.first), "end": _midnight(span.last) + timedelta(days=1),
    }  # fmt: skip
    row = (await session.execute(TURNAROUND, given)).one()
    seconds = row[0] or [None, None]
    return Turnaround(seconds[0], seconds[1], row[1])
