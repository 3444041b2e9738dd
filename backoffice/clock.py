"""The only source of the time."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_shift: ContextVar[timedelta] = ContextVar("shift", default=timedelta())


def now() -> datetime:
    """Read the time, aware and in UTC, so that nobody ever compares naive times."""
    return _moment.get() or wall() + _shift.get()


def present() -> datetime:
    """Read the time that we share with the world outside of the sandbox, whatever a test clock says."""
    return _moment.get() or wall()


def wall() -> datetime:
    """Read the time of the outside world, whoever moved ours: for leases, signatures and sockets."""
    return datetime.now(UTC)


def is_moved() -> bool:
    """Whether this task tells of another moment than the present."""
    return _moment.get() is not None or bool(_shift.get())


def shift(by: timedelta) -> None:
    """Move this task's time by a partner's test clock, until the surrounding `kept` ends."""
    _shift.set(by)


@contextmanager
def kept() -> Generator[None]:
    """Undo at the end whatever the block did to this task's time."""
    token = _shift.set(_shift.get())
    try:
        yield
    finally:
        _shift.reset(token)


@contextmanager
def shifted(by: timedelta) -> Generator[None]:
    """Let the block live by a partner's test clock."""
    with kept():
        shift(by)
        yield


@contextmanager
def at(moment: datetime) -> Generator[None]:
    """Let this task, and nobody else, live at another moment: the demo's history and tests of time."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
