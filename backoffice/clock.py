"""The only source of the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Read the time, aware and in UTC, so that nobody ever compares naive times."""
    return datetime.now(UTC)
