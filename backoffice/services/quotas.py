"""How many live documents a partner may send in a month: counted where the document is written, so exact."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now, present
from backoffice.db import execute, transaction
from backoffice.errors import Invalid, TooMany
from backoffice.models.base import Prefix, public_id
from backoffice.models.plans import SOFT_CAPS, LimitName, Terms
from backoffice.models.usage import Metric, UsageCounter
from backoffice.services import audit, events, partners
from backoffice.services.access import Actor, Permission
from backoffice.services.partners import terms_of

POLICY = "documents_per_month"
MAX_DAYS = 92
COUNT = """
insert into usage_counters as u (partner_id, livemode, metric, month, used)
values (%(partner)s, true, 'documents', %(month)s, 1), (%(partner)s, true, 'documents_by_day', %(day)s, 1)
on conflict (partner_id, livemode, metric, month) do update set used = u.used + 1
where u.metric <> 'documents' or u.used < %(cap)s
returning metric, used, told_percent"""
"""Both rows are locked until the transaction ends, the month's always first."""
HOLD = """
select 1 from usage_counters
where partner_id = %(partner)s and livemode and metric = 'documents' and month = %(month)s for update"""
MEASURE = """
update usage_counters u set
    told_percent = least(u.told_percent, coalesce(
        (select max(step) from unnest(%(steps)s::int[]) step where u.used::bigint * 100 >= step * %(cap)s::bigint), 0)),
    exceeded_at = case when u.used < %(cap)s then null else u.exceeded_at end
where u.partner_id = %(partner)s and u.livemode and u.metric = 'documents' and u.month = %(month)s
returning u.used"""
EXCEEDED = """
update usage_counters set exceeded_at = %(moment)s
where partner_id = %(partner)s and livemode and metric = 'documents' and month = %(month)s and exceeded_at is null
    and used >= %(cap)s
returning used"""


class QuotaExceeded(TooMany):
    """The month's documents are used up."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a partner stands in the present month."""

    terms: Terms
    starts: datetime
    ends: datetime
    used: int

    @property
    def included(self) -> int:
        """How many documents are included."""
        return self.terms.limits.documents_per_month

    @property
    def remaining(self) -> int:
        """How many may still come."""
        return max(0, self.included - self.used)


@dataclass(frozen=True, slots=True)
class Usage:
    """Live documents by calendar month and by day, oldest first; a day without any is there too."""

    first: date
    last: date
    months: tuple[tuple[date, int], ...]
    days: tuple[tuple[date, int], ...]


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """Answer when a month began and when the next one does, in UTC."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def is_used_up(actor: Actor, terms: Terms, used: int) -> bool:
    """Say early what `count` would say, by a number that was read a moment ago."""
    return bool(actor.livemode) and used >= terms.limits.documents_per_month


async def count(session: AsyncSession, actor: Actor, terms: Terms) -> None:
    """Count one live document: the last thing that a transaction does, because everybody else's next one waits here.

    Raises QuotaExceeded, after which nothing of the transaction may be kept; `refuse` then tells of it.
    """
    if not actor.livemode:
        return
    moment, partner_id, cap = now(), actor.require_partner(), terms.limits.documents_per_month
    start, _ = month_of(moment)
    arguments = {"partner": partner_id, "month": start.date(), "day": moment.date(), "cap": cap}
    counted = {metric: (used, told) for metric, used, told in await execute(session, COUNT, arguments)}
    used, told = counted.get(Metric.DOCUMENTS, (cap, 0))
    if not _reached(told, used, cap):
        return
    # The row is held now, and a body took its time: whoever moved the cap meanwhile has done so by now.
    terms = await partners.terms_for(session, partner_id)
    cap = terms.limits.documents_per_month
    if Metric.DOCUMENTS not in counted:
        rows = await execute(session, COUNT, arguments | {"cap": cap})
        counted = {metric: (used, told) for metric, used, told in rows}
    if Metric.DOCUMENTS not in counted:
        raise _exceeded(terms)
    used, told = counted[Metric.DOCUMENTS]
    if reached := _reached(told, used, cap):
        await _tell_reached(session, actor, Standing(terms, *month_of(moment), used), reached)


def _reached(told: int, used: int, cap: int) -> list[int]:
    return [percent for percent in SOFT_CAPS if told < percent and used * 100 >= percent * cap]


async def _tell_reached(session: AsyncSession, actor: Actor, standing: Standing, reached: list[int]) -> None:
    partner_id = actor.require_partner()
    await session.execute(
        update(UsageCounter)
        .where(
            col(UsageCounter.partner_id) == partner_id,
            col(UsageCounter.livemode).is_(True),
            col(UsageCounter.metric) == Metric.DOCUMENTS,
            col(UsageCounter.month) == standing.starts.date(),
        )
        .values(told_percent=reached[-1])
        .execution_options(synchronize_session=False)
    )
    for percent in reached:
        subject = _subject(partner_id, standing, percent=percent)
        await events.emit(session, actor, "quota.threshold_reached", subject)


async def hold(session: AsyncSession, partner_id: UUID) -> None:
    """Hold the month's count before anything is told of: whoever counts tells of it while holding it."""
    start, _ = month_of(present())
    await execute(session, HOLD, {"partner": partner_id, "month": start.date()})


async def measure_again(session: AsyncSession, partner_id: UUID, terms: Terms) -> None:
    """Let a partner whose cap has moved be told of what is reached from now on; for who moves it.

    What more room makes untrue is forgotten, so that it is told anew; what less room makes true is told by the next
    document.
    """
    start, _ = month_of(present())
    cap = terms.limits.documents_per_month
    arguments = {"partner": partner_id, "month": start.date(), "cap": cap, "steps": list(SOFT_CAPS)}
    await execute(session, MEASURE, arguments)


async def refuse(actor: Actor, terms: Terms) -> NoReturn:
    """Tell of the month's first refusal, in a transaction of its own, and refuse.

    Raises QuotaExceeded, always.
    """
    moment, partner_id = now(), actor.require_partner()
    start, end = month_of(moment)
    async with transaction(actor.tenancy) as session:
        terms = await partners.terms_for(session, partner_id)
        cap = terms.limits.documents_per_month
        arguments = {"moment": moment, "partner": partner_id, "month": start.date(), "cap": cap}
        rows = await execute(session, EXCEEDED, arguments)
        if rows:
            subject = _subject(partner_id, Standing(terms, start, end, rows[0][0]))
            changes: dict[str, object] = {"plan": terms.plan, "included": terms.limits.documents_per_month}
            await audit.record(
                session, actor, "quota.exceeded", subject_type="partner", subject_id=partner_id, changes=changes
            )
            await events.emit(session, actor, "quota.exceeded", subject)
    raise _exceeded(terms)


def _exceeded(terms: Terms) -> QuotaExceeded:
    moment = now()
    _, end = month_of(moment)
    included = terms.limits.documents_per_month
    whose = "You have" if LimitName.DOCUMENTS_PER_MONTH in terms.exceptions else f"The plan {terms.plan} includes"
    return QuotaExceeded(
        f"{whose} {included:,} live documents a month, and all are used. The count starts anew on "
        f"{end:%Y-%m-%d} at 00:00 UTC; test keys go on working. Ask us for a larger plan to go on now.",
        code="quota_exceeded",
        retry_after=max(1, int((end - moment).total_seconds())),
        policies=(POLICY,),
    )


def _subject(partner_id: UUID, standing: Standing, **more: object) -> events.Subject:
    data: dict[str, object] = {
        "id": public_id(Prefix.PARTNER, partner_id),
        "object": "quota",
        "metric": Metric.DOCUMENTS,
        "plan": standing.terms.plan,
        "included": standing.included,
        "used": standing.used,
        "resets_at": standing.ends.isoformat().replace("+00:00", "Z"),
        **more,
    }
    return events.Subject("partner", partner_id, partner_id, livemode=True, data=data)


async def standing(session: AsyncSession, actor: Actor) -> Standing:
    """Say where the actor's partner stands in the present month."""
    actor.require(Permission.USAGE_READ)
    partner = await partners.get(session, actor, actor.require_partner())
    start, end = month_of(now())
    counts = await _counts(session, actor, Metric.DOCUMENTS, start.date(), start.date())
    return Standing(terms_of(partner), start, end, counts.get(start.date(), 0))


async def usage(session: AsyncSession, actor: Actor, *, first: date | None = None, last: date | None = None) -> Usage:
    """Count the actor's live documents by month and day: the present month unless said otherwise.

    Raises Invalid for a range that ends before it begins or spans more than 92 days.
    """
    actor.require(Permission.USAGE_READ)
    last = last or now().date()
    first = first or last.replace(day=1)
    if last < first:
        raise Invalid("The range ends before it begins.", code="out_of_range", pointer="/to")
    if (last - first).days >= MAX_DAYS:
        raise Invalid(f"A range spans at most {MAX_DAYS} days.", code="out_of_range", pointer="/from")
    by_month = await _counts(session, actor, Metric.DOCUMENTS, first.replace(day=1), last)
    by_day = await _counts(session, actor, Metric.DOCUMENTS_BY_DAY, first, last)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    months = dict.fromkeys(day.replace(day=1) for day in days)
    return Usage(
        first,
        last,
        tuple((month, by_month.get(month, 0)) for month in months),
        tuple((day, by_day.get(day, 0)) for day in days),
    )


async def _counts(session: AsyncSession, actor: Actor, metric: Metric, first: date, last: date) -> dict[date, int]:
    if actor.livemode is False:
        return {}
    statement = select(col(UsageCounter.month), col(UsageCounter.used)).where(
        col(UsageCounter.partner_id) == actor.require_partner(),
        col(UsageCounter.livemode).is_(True),
        col(UsageCounter.metric) == metric,
        col(UsageCounter.month) >= first,
        col(UsageCounter.month) <= last,
    )
    return {row[0]: row[1] for row in await session.execute(statement)}
