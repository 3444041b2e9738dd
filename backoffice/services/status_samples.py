"""What was told of how we do, for ninety days: the worst of every five minutes, nothing where nobody looked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import present
from backoffice.models.status_samples import KEPT_DAYS, LEVELS, SLOT_SECONDS, Component, DayStatus, ServiceStatus
from backoffice.services import status_facts, status_words
from backoffice.services.access import Actor, Permission

A_DAY = 24 * 3600 // SLOT_SECONDS
Known = Mapping[Component, ServiceStatus]
History = Mapping[Component, Sequence[DayStatus]]


async def look(actor: Actor) -> Known:
    """Measure now and say of each component how it does."""
    return status_words.states(await status_facts.measure(actor))


async def keep(session: AsyncSession, actor: Actor, known: Known) -> None:
    """Write down what was seen; of several looks in five minutes the worst stays."""
    actor.require(Permission.SYSTEM)
    moment = present()
    statement = text("""
        insert into status_samples (slot, component, level, measured_at) values (:slot, :component, :level, :moment)
        on conflict (slot, component) do update set
            level = greatest(status_samples.level, excluded.level), measured_at = excluded.measured_at""")
    seen = [
        {"slot": slot_of(moment), "component": component, "level": LEVELS.index(status), "moment": moment}
        for component, status in sorted(known.items())
        if status in LEVELS
    ]
    if seen:
        await session.execute(statement, seen)


async def history(session: AsyncSession, actor: Actor) -> History:
    """Count the last ninety days, the oldest first; a day that nobody measured has no counts."""
    actor.require(Permission.JOBS_READ)
    moment = present()
    first = moment.date() - timedelta(days=KEPT_DAYS - 1)
    statement = text("""
        select component, slot / :a_day as day, level, count(*) from status_samples
        where slot >= :since group by component, day, level""")
    rows = await session.execute(statement, {"a_day": A_DAY, "since": _number(first) * A_DAY})
    found = {(row[0], row[1], row[2]): row[3] for row in rows}
    days = [first + timedelta(days=number) for number in range(KEPT_DAYS)]
    return {
        component: [DayStatus(day, _counts(found, component, day), _slots(day, moment)) for day in days]
        for component in Component
    }


async def forget(session: AsyncSession, actor: Actor) -> int:
    """Delete what is older than ninety days; answers how many."""
    actor.require(Permission.SYSTEM)
    oldest = (_number(present().date()) - KEPT_DAYS + 1) * A_DAY
    gone = await session.execute(
        text("delete from status_samples where slot < :oldest returning 1"), {"oldest": oldest}
    )
    return len(gone.all())


def slot_of(moment: datetime) -> int:
    """Say in which five minutes since 1970 a moment lies."""
    return int(moment.timestamp()) // SLOT_SECONDS


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _counts(found: Mapping[tuple[str, int, int], int], component: str, day: date) -> dict[ServiceStatus, int]:
    counted = {status: found.get((component, _number(day), level), 0) for level, status in enumerate(LEVELS)}
    return {status: count for status, count in counted.items() if count}


def _slots(day: date, moment: datetime) -> int:
    """Count a day's five minutes, of today those that have begun."""
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return min(A_DAY, int((moment - begins).total_seconds()) // SLOT_SECONDS + 1)
