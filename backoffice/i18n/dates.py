"""How people write days and moments, each in the language of their screen or letter."""

from datetime import UTC, date, datetime

from babel.dates import format_date, format_skeleton

from backoffice.i18n import ENGLISH, gettext, language, locale


def month_words(day: date) -> str:
    """Name a month: November 2026."""
    return f"{day:%B %Y}" if language() == ENGLISH else format_skeleton("yMMMM", day, locale=locale())


def short_month(day: date) -> str:
    """Name a month in short: Nov 2026."""
    return f"{day:%b %Y}" if language() == ENGLISH else format_skeleton("yMMM", day, locale=locale())


def day_words(day: date) -> str:
    """Name a day: 7 Nov 2026."""
    return f"{day:%-d %b %Y}" if language() == ENGLISH else format_skeleton("yMMMd", day, locale=locale())


def long_day(day: date) -> str:
    """Name a day in full: 7 November 2026."""
    return f"{day:%-d %B %Y}" if language() == ENGLISH else format_date(day, "long", locale=locale())


def short_day(day: date, digits: int = 1) -> str:
    """Name a day of this year: 7 Nov, or 07 Nov with two digits."""
    if language() == ENGLISH:
        return f"{day.day:0{digits}} {day:%b}"
    return format_skeleton("MMMd", day, locale=locale())


def moment_words(moment: datetime) -> str:
    """Name a moment: 2026-11-07 08:05 UTC, or 7 novembre 2026 à 08:05 UTC."""
    if language() == ENGLISH:
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    return gettext("{day} at {time} UTC", day=long_day(moment), time=f"{moment:%H:%M}")


def kept_moment(text: str) -> str:
    """Name a moment that was kept as ISO 8601 writes it."""
    return moment_words(datetime.fromisoformat(text).astimezone(UTC)) if text else text
