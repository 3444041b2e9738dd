"""What people type of targets and calendars, read and written: 1 h 30 min; 09:00-12:00, 13:00-17:00; 2026-12-25."""

import re
from datetime import date, timedelta

from backoffice.errors import Invalid
from backoffice.models.business_hours import Hours

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS = {"d": 1_440, "h": 60, "min": 1, "m": 1}
LENGTH = re.compile(r"(\d{1,5})\s*(d|h|min|m)")
SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")  # noqa: RUF001 people paste dashes
MINUTES = 60


def read_length(text: str) -> timedelta:
    """Read a length of time.

    Raises Invalid.
    """
    rest = text.strip().lower()
    found = LENGTH.findall(rest)
    if not found or LENGTH.sub("", rest).strip():
        raise Invalid("Write a time like 4 h, 90 min or 1 d 2 h.", code="length_wrong", pointer="/length")
    return timedelta(minutes=sum(int(number) * UNITS[unit] for number, unit in found))


def length_text(length: timedelta) -> str:
    """Write a length of time as it is read."""
    left = int(length.total_seconds() // 60)
    hours, minutes = divmod(left, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part) or "0 min"


def read_hours(day: str, text: str) -> Hours:
    """Read one day's opening hours; nothing is closed.

    Raises Invalid.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = [SPAN.fullmatch(part) for part in parts]
    spans = [tuple(int(number) for number in match.groups()) for match in found if match]
    if len(spans) != len(parts) or any(span[1] >= MINUTES or span[3] >= MINUTES for span in spans):
        raise Invalid(f"{day}: write hours like 09:00-18:00.", code="hours_wrong", pointer="/week")
    return tuple((one[0] * MINUTES + one[1], one[2] * MINUTES + one[3]) for one in spans)


def hours_text(hours: Hours) -> str:
    """Write one day's opening hours as they are read."""
    return ", ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in hours)


def _clock(minutes: int) -> str:
    return f"{minutes // MINUTES:02d}:{minutes % MINUTES:02d}"


def read_holidays(text: str) -> frozenset[date]:
    """Read days off, one a line; what follows the date is not kept.

    Raises Invalid.
    """
    days: set[date] = set()
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            days.add(date.fromisoformat(line.split()[0]))
        except ValueError:
            message = f"{line.strip()[:20]!r} is no date like 2026-12-25."
            raise Invalid(message, code="date_wrong", pointer="/holidays") from None
    return frozenset(days)
