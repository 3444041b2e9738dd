"""Counting marks in windows that slide over them: every mark comes in once and goes out once, however many."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.db import execute
from backoffice.models.security_alerts import MOST_ENTRIES
from backoffice.models.security_facts import SecurityKind
from backoffice.models.security_rules import RULES, Counts

MOST_MARKS = 20_000
"""Of one subject in one run, from the newest on: when there are more, the database counts the last window."""
MOST_APART = 200
"""Of one subject in one run each is a mark; of more, those of one second and value are one mark of their weight."""
MARKS = """
select created_at, value, weight, entry_id from security_marks
where kind = %s and subject = %s and created_at > %s and created_at < %s
order by created_at desc, id desc limit %s"""
WHOLE = """
select count(distinct value), coalesce(sum(weight), 0) from security_marks
where kind = %s and subject = %s and created_at > %s and created_at <= %s"""


@dataclass(frozen=True, slots=True)
class Mark:
    """One observation."""

    kind: SecurityKind
    subject: str
    value: str
    partner_id: UUID | None
    entry_id: UUID | None
    at: datetime
    weight: int = 1


class Kept(NamedTuple):
    """What the windows look at of a mark that was kept."""

    at: datetime
    value: str
    weight: int
    entry_id: UUID | None


class Reached(NamedTuple):
    """A window that reached its threshold: from which mark to which, and how much that is."""

    start: int
    end: int
    amount: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What an alert is made of."""

    mark: Mark
    """Whose window it is."""
    at: datetime
    first: datetime
    amount: int
    entry_ids: list[UUID]


def folded(marks: Iterable[Mark]) -> list[Mark]:
    """Keep the marks of a flood small: nothing is lost of their count, and a second of their time."""
    sizes: Counter[tuple[SecurityKind, str]] = Counter()
    places: dict[tuple[SecurityKind, str, str, int], int] = {}
    kept: list[Mark] = []
    for one in marks:
        sizes[one.kind, one.subject] += 1
        if sizes[one.kind, one.subject] > MOST_APART:
            place = places.setdefault((one.kind, one.subject, one.value, int(one.at.timestamp())), len(kept))
            if place < len(kept):
                kept[place] = replace(kept[place], weight=kept[place].weight + one.weight)
                continue
        kept.append(one)
    return kept


async def read(session: AsyncSession, first: Mark, last: Mark, window: timedelta) -> list[Kept]:
    """Read what shares a window with one of the marks from `first` to `last`, the oldest first."""
    between = first.at - window, last.at + window
    rows = await execute(session, MARKS, (str(first.kind), first.subject, *between, MOST_MARKS))
    return [Kept(*row) for row in reversed(rows)]


def reached(rows: Sequence[Kept], kind: SecurityKind, since: datetime, counts: Counts) -> Iterator[Reached]:
    """Go through the windows that end with a mark from `since` on, and answer those that reach the threshold."""
    values: Counter[str] = Counter()
    total, start, is_distinct = 0, 0, RULES[kind].is_distinct
    for end, row in enumerate(rows):
        values[row.value] += 1
        total += row.weight
        while rows[start].at <= row.at - counts.window:
            total -= rows[start].weight
            values[rows[start].value] -= 1
            if not values[rows[start].value]:
                del values[rows[start].value]
            start += 1
        amount = len(values) if is_distinct else total
        if row.at >= since and amount >= counts.threshold:
            yield Reached(start, end, amount)


async def last_of_many(session: AsyncSession, rows: Sequence[Kept], mark: Mark, counts: Counts) -> Reached | None:
    """Let the database count the last window when not all of its marks were read; None when it stays below."""
    if len(rows) < MOST_MARKS:
        return None
    end, begin = rows[-1].at, rows[-1].at - counts.window
    [(different, total)] = await execute(session, WHOLE, (str(mark.kind), mark.subject, begin, end))
    amount = int(different if RULES[mark.kind].is_distinct else total)
    start = next(place for place, row in enumerate(rows) if row.at > begin)
    return Reached(start, len(rows) - 1, amount) if amount >= counts.threshold else None


def seen(mark: Mark, rows: Sequence[Kept], window: Reached) -> Seen:
    """Describe a window that reached its threshold, with its newest audit entries first."""
    within = (rows[place].entry_id for place in range(window.end, window.start - 1, -1))
    named = list(islice((one for one in within if one is not None), MOST_ENTRIES))
    return Seen(mark, rows[window.end].at, rows[window.start].at, window.amount, named)
