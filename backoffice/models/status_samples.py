"""What the public is told of how we do: five things a partner cares about, each in one of five words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger
from sqlmodel import Field

from backoffice.models.base import NamedTable, timestamp

SLOT_SECONDS = 300
"""How long one sample stands for."""
KEPT_DAYS = 90


class Component(StrEnum):
    """What a partner cares about."""

    API = "api"
    SCREENING = "screening"
    REVIEWS = "reviews"
    WEBHOOKS = "webhooks"
    LIVE = "live"


class ServiceStatus(StrEnum):
    """How one of them does; the words get worse, and the last one is no measurement at all."""

    WORKING = "working"
    SLOW = "slow"
    DISTURBED = "disturbed"
    DOWN = "down"
    UNKNOWN = "unknown"


LEVELS = (ServiceStatus.WORKING, ServiceStatus.SLOW, ServiceStatus.DISTURBED, ServiceStatus.DOWN)
"""What a sample says, by its number; what nobody can tell is no sample."""


class StatusSample(NamedTable, table=True):
    """The worst that one component was found in within five minutes; nobody's data and no amounts."""

    __tablename__ = "status_samples"
    __table_args__ = (CheckConstraint("level between 0 and 3", name="level_known"),)

    slot: int = Field(primary_key=True, sa_type=BigInteger)
    """Which five minutes since 1970."""
    component: str = Field(primary_key=True)
    level: int = Field(sa_type=SmallInteger)
    measured_at: datetime = timestamp()


@dataclass(frozen=True, slots=True)
class DayStatus:
    """One component's day in UTC: how many of its five minutes were in which state; the others were not measured."""

    day: date
    counts: dict[ServiceStatus, int]
    slots: int
    """How many there were, for today until now."""

    @property
    def measured(self) -> int:
        """How many were measured."""
        return min(sum(self.counts.values()), self.slots)
