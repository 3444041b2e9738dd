"""What became of the documents of each day: counted beside the documents, so that long periods read few rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from backoffice.models.base import NamedTable, timestamp


class DayCount(NamedTable, table=True):
    """The documents that one partner sent on one day (UTC), of one type and country, and what became of them since."""

    __tablename__ = "day_counts"

    partner_id: UUID = Field(foreign_key="partners.id", primary_key=True)
    livemode: bool = Field(primary_key=True)
    day: date = Field(primary_key=True)
    type: str = Field(primary_key=True)
    country: str = Field(primary_key=True)
    received: int
    screened: int
    """Came out of screening."""
    approved: int
    rejected: int
    resubmission_requested: int
    by_policy: int
    """Decided without a person."""
    later: int
    """Sent in place of an earlier one."""
    later_approved: int


class DayReason(NamedTable, table=True):
    """How often a reason stands in the decisions on one day's documents."""

    __tablename__ = "day_reasons"

    partner_id: UUID = Field(foreign_key="partners.id", primary_key=True)
    livemode: bool = Field(primary_key=True)
    day: date = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    documents: int


class RollUp(NamedTable, table=True):
    """How far a roll-up has come."""

    __tablename__ = "roll_ups"

    name: str = Field(primary_key=True)
    until: datetime = timestamp()


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of some documents."""

    received: int = 0
    screened: int = 0
    approved: int = 0
    rejected: int = 0
    resubmission_requested: int = 0
    by_policy: int = 0
    later: int = 0
    later_approved: int = 0

    @property
    def decided(self) -> int:
        """How many have a decision in force."""
        return self.approved + self.rejected + self.resubmission_requested


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days in UTC, the last one included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Turnaround:
    """Seconds from having a document's files to its decision; None while nothing was decided."""

    median: float | None
    p95: float | None
    decided: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a period's documents, and the period before it to compare."""

    span: Span
    now: Tally
    before: Tally
    by_day: dict[date, Tally] = field(default_factory=dict[date, Tally])
    before_by_day: dict[date, Tally] = field(default_factory=dict[date, Tally])
    by_type: dict[str, Tally] = field(default_factory=dict[str, Tally])
    by_country: dict[str, Tally] = field(default_factory=dict[str, Tally])
    reasons: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])
    """Outcome, reason and number of documents, the most frequent first."""
    turnaround: Turnaround = Turnaround(None, None, 0)
    turnaround_before: Turnaround = Turnaround(None, None, 0)
    until: datetime | None = None
    """How far the counts have come; None before the first count."""
