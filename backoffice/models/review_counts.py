"""How much waits for people: what the service counts and the screens show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class View(StrEnum):
    """The saved views of the queue, in the order in which they stand."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    DUE_SOON = "due_soon"
    SECOND_REVIEW = "second_review"
    ESCALATED = "escalated"
    ON_HOLD = "on_hold"


@dataclass(frozen=True, slots=True)
class Standing:
    """The open tasks of one partner by view, of which `mine` differs from person to person."""

    partner_id: UUID
    by_view: Mapping[View, int]
    oldest: datetime | None
    """Since when the longest waiting one waits."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The whole queue at one moment, for everybody who looks at it."""

    standings: Sequence[Standing] = ()
    decided_last_hour: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """What the queue can be narrowed by at present."""

    partners: Sequence[tuple[UUID, str]] = ()
    countries: Sequence[str] = ()
    flags: Sequence[str] = ()
    """Reason codes, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How much waits for one reviewer, by view, since when, and how long it will take at the present pace."""

    by_view: Mapping[View, int] = field(default_factory=dict[View, int])
    oldest: datetime | None = None
    clear_seconds: float | None = None
    """None when nobody decided anything in the last hour."""
