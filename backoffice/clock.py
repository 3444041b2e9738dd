"""The only source of the time."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """Read the time, aware and in UTC, so that nobody ever compares naive times."""
    return _moment.get() or datetime.now(UTC)


def is_moved() -> bool:
    """Whether this task tells of another moment than the present."""
    return _moment.get() is not None


@contextmanager
def at(moment: datetime) -> Generator[None]:
    """Let this task, and nobody else, live at another moment: the demo's history and tests of time."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
