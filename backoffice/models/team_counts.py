"""The review team at one moment as plain values: who works, what waits where, how the day went and goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice.models.partners import Plan
from backoffice.models.quality_counts import Rate
from backoffice.models.sla import Lane


@dataclass(frozen=True, slots=True)
class LaneCount:
    """The open live tasks of one queue."""

    lane: Lane
    open: int = 0
    claimed: int = 0
    due_soon: int = 0
    breached: int = 0
    paused: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """One person who reviews, with what they hold and what they did."""

    id: UUID
    name: str
    is_available: bool
    task_id: UUID | None
    """What they work on now."""
    since: datetime | None
    assigned: int
    decided_hour: int
    decided_day: int


@dataclass(frozen=True, slots=True)
class Burn:
    """Open live tasks by the hour, and the pace of the last hour."""

    points: Sequence[tuple[datetime, int]] = ()
    """The oldest first; the last one is now."""
    arrived_hour: int = 0
    closed_hour: int = 0


@dataclass(frozen=True, slots=True)
class Attainment:
    """How many of a plan's tasks left a queue before they were due."""

    plan: Plan
    lane: Lane
    rate: Rate


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many tasks wait, how many come, how long one takes a person, and how many people there are."""

    open: int
    arrivals: float
    """Per hour."""
    minutes: float
    """Of one person for one task."""
    people: int

    @property
    def capacity(self) -> float:
        """Answer how many tasks an hour these people close."""
        return self.people * 60 / self.minutes

    @property
    def hours(self) -> float | None:
        """Answer after how many hours nothing waits any more; None when that never comes."""
        if not self.open:
            return 0.0
        net = self.capacity - self.arrivals
        return self.open / net if net > 0 else None
