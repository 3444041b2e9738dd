"""What is told of usage: plain values for services and screens alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backoffice.models.usage_records import UsageKind


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a count will be at the end of its month, if days go on like the last ones: four times of five within."""

    expected: int
    low: int
    high: int
    exhausted_on: date | None
    """The day on which the limit will be reached; None when it will not."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a month's limit is used."""

    used: int
    limit: int
    starts: datetime
    ends: datetime
    projection: Projection | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What was counted in one month: by day and kind, by type of document, by API key."""

    days: tuple[date, ...]
    by_day: Mapping[UsageKind, tuple[int, ...]]
    by_type: tuple[tuple[str, Mapping[UsageKind, int]], ...]
    by_key: tuple[tuple[UUID | None, Mapping[UsageKind, int]], ...]

    def total(self, kind: UsageKind) -> int:
        """Count one kind."""
        return sum(self.by_day[kind])


@dataclass(frozen=True, slots=True)
class KeyLoad:
    """What one key asked in the last day."""

    key_id: UUID
    requests: int
    failed: int
    throttled: int
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Load:
    """How near the requests of the last day came to the limit, which counts per key."""

    since: datetime
    per_second: int
    burst: int
    peak: int = 0
    p95: int = 0
    """Of the seconds in which the busiest key asked at all."""
    throttled: int = 0
    keys: tuple[KeyLoad, ...] = field(default=())
