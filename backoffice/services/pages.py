"""Keyset pages: newest first and stable while rows arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Invalid, NotFound
from backoffice.models.base import Prefix, Row, floor_id, parse_public_id, public_id

MAX_LIMIT = 100
DEFAULT_LIMIT = 25
CLOCKS_APART = timedelta(minutes=1)
"""A key is drawn a moment before its row's time."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Keyed(Protocol):
    """Anything that a cursor can point at."""

    @property
    def id(self) -> UUID:
        """The key that the list is sorted by."""
        ...


T = TypeVar("T")
K = TypeVar("K", bound=Keyed)
R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is None on the last one."""

    rows: Sequence[T]
    next_cursor: str | None

    @property
    def has_more(self) -> bool:
        """Whether asking with `next_cursor` finds more."""
        return self.next_cursor is not None


def read_cursor(prefix: Prefix, cursor: str | None) -> UUID | None:
    """Read where the last page ended.

    Raises Invalid for a cursor that we did not hand out.
    """
    if not cursor:
        return None
    try:
        return parse_public_id(prefix, cursor)
    except NotFound:
        raise Invalid(
            "The cursor is not one that a list handed out. Start again without it.",
            code="invalid_cursor",
            pointer="/cursor",
        ) from None


def cut(rows: Sequence[K], limit: int, prefix: Prefix) -> Page[K]:
    """Cut a page from `limit + 1` rows whose `id` sorts as the list does."""
    if len(rows) <= limit:
        return Page(rows, None)
    kept = rows[:limit]
    return Page(kept, public_id(prefix, kept[-1].id))


async def walk(  # noqa: PLR0913 a list, and where in it
    session: AsyncSession, model: type[R], statement: Select[R], *, prefix: Prefix, limit: int, cursor: str | None
) -> Page[R]:
    """Read one page of what a statement selects, newest first.

    Raises Invalid for a limit out of range or a cursor that we did not hand out.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(f"The limit must lie between 1 and {MAX_LIMIT}.", code="out_of_range", pointer="/limit")
    last = read_cursor(prefix, cursor)
    if last:
        statement = statement.where(col(model.id) < last)
    rows = await session.execute(statement.order_by(col(model.id).desc()).limit(limit + 1))
    return cut(rows.scalars().all(), limit, prefix)


def created_within(model: type[Row], after: datetime | None, before: datetime | None) -> Sequence[ColumnElement[bool]]:
    """Say when a row was made; the bounds by key let the index of the walk begin and end there."""
    bounds: list[ColumnElement[bool]] = []
    if after:
        bounds += [col(model.created_at) >= after, col(model.id) >= _key_near(after, -CLOCKS_APART)]
    if before:
        bounds += [col(model.created_at) < before, col(model.id) <= _key_near(before, CLOCKS_APART)]
    return bounds


def _key_near(moment: datetime, by: timedelta) -> UUID:
    """Answer the key of a moment nearby; one before 1970 or after the last year there is becomes the nearest key."""
    if moment.year <= EPOCH.year:
        return floor_id(EPOCH)
    return floor_id(moment + by) if moment.year < MAXYEAR else UUID(int=(1 << 128) - 1)
