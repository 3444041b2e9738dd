"""Keyset pages: newest first and stable while rows arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from backoffice.errors import Invalid, NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id

MAX_LIMIT = 100
DEFAULT_LIMIT = 25


class Keyed(Protocol):
    """Anything that a cursor can point at."""

    @property
    def id(self) -> UUID:
        """The key that the list is sorted by."""
        ...


T = TypeVar("T")
K = TypeVar("K", bound=Keyed)


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
