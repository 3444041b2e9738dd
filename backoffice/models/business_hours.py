"""Business hours: how long something took, and when it is due, counted in a calendar's opening hours only.

Hours are wall-clock times of the calendar's time zone; what is counted are real seconds. A day on which the clocks
change is an hour longer or shorter where it is open over the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
DAYS = 7
MOST_DAYS_AHEAD = 3_700
"""A deadline beyond some ten years is a mistake, and no reason to count for ever."""
Hours = tuple[tuple[int, int], ...]
"""Spans of one day in minutes after midnight, in order, such as ((540, 720), (780, 1020))."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people are there: a time zone, the hours of each weekday from Monday on, and days that are off."""

    time_zone: str
    week: tuple[Hours, ...]
    holidays: frozenset[date] = field(default_factory=frozenset[date])

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """List the opening hours of one local day as moments in UTC."""
        if day in self.holidays:
            return
        for begin, end in self.week[day.weekday()]:
            opens, closes = self._moment(day, begin), self._moment(day, end)
            if opens < closes:
                yield opens, closes

    def _moment(self, day: date, minutes: int) -> datetime:
        """Answer when it is so late on this local day; a time that the change of clocks skips is when it is over."""
        day += timedelta(days=minutes // DAY_MINUTES)
        hour, minute = divmod(minutes % DAY_MINUTES, 60)
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.time_zone)).astimezone(UTC)

    def open_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """List what is left of the opening hours from a moment on."""
        day = moment.astimezone(ZoneInfo(self.time_zone)).date()
        for offset in range(-1, MOST_DAYS_AHEAD):
            for opens, closes in self.spans(day + timedelta(days=offset)):
                if closes > moment:
                    yield max(opens, moment), closes


def after(calendar: Calendar | None, moment: datetime, length: timedelta) -> datetime:
    """Answer when so much time has been counted since a moment; without a calendar every second counts.

    Raises ValueError where no hours are open for years.
    """
    if calendar is None or length <= timedelta():
        return moment + max(length, timedelta())
    for opens, closes in calendar.open_from(moment):
        if length <= closes - opens:
            return opens + length
        length -= closes - opens
    raise ValueError("the calendar is never open")


def between(calendar: Calendar | None, begin: datetime, end: datetime) -> timedelta:
    """Count the time between two moments; none when the second is not later."""
    if end <= begin:
        return timedelta()
    if calendar is None:
        return end - begin
    total = timedelta()
    for opens, closes in calendar.open_from(begin):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total
