"""Figures of reviewing as plain values: counts, shares with intervals, and what is too little to say."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

LEAST = 30
"""Below so many nothing is shown: a share of a few says more about chance than about a person."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many."""

    part: int = 0
    whole: int = 0
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """First decisions beside blind second looks."""

    rate: Rate = field(default_factory=Rate)
    kappa: Interval | None = None
    """None where all verdicts are alike: then chance explains everything."""
    false_approvals: Rate = field(default_factory=Rate)
    """Approvals that the second look did not approve."""
    false_refusals: Rate = field(default_factory=Rate)
    """What was not approved, and the second look would have."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from first sight to signature."""

    count: int = 0
    p50: float = 0.0
    p75: float = 0.0
    p95: float = 0.0


@dataclass(frozen=True, slots=True)
class Effort:
    """What browsers counted, per decision."""

    count: int = 0
    active_p50: float = 0.0
    """Seconds."""
    active_p95: float = 0.0
    keys: float = 0.0
    clicks: float = 0.0
    zoomed: float = 0.0
    """The share of decisions for which the picture was zoomed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """How often a reason that was given is given by the second look as well."""

    code: str
    confirmed: Rate


@dataclass(frozen=True, slots=True)
class Week:
    """Agreement at the end of one week, over that week and the three before it."""

    start: date
    rate: Rate


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is shown of one person's work, or of everybody's."""

    decided: int = 0
    agreement: Agreement = field(default_factory=Agreement)
    overturned: Rate = field(default_factory=Rate)
    gold: Rate = field(default_factory=Rate)
    in_time: Rate = field(default_factory=Rate)
    against_engine: Rate = field(default_factory=Rate)
    undone: Rate = field(default_factory=Rate)
    pace: Pace = field(default_factory=Pace)
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True, slots=True)
class Person:
    """One reviewer's line among everybody's."""

    id: UUID
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class CheckRate:
    """How often people gave the reason that a version of a check had raised."""

    name: str
    model: str
    confirmed: Rate
    weeks: tuple[Week, ...] = ()
