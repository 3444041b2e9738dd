"""What used the time of tasks that left a queue late, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from backoffice.models.sla import Lane


class Phase(StrEnum):
    """What a task waits for; the partner's time is left out, because no clock counts it."""

    QUEUED = "queued"
    ACTIVE = "active"
    HOLD = "hold"
    SECOND = "second"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Cause:
    """The late tasks of one queue, and how long they spent in which phase, all together."""

    lane: Lane
    tasks: int = 0
    spent: Mapping[Phase, timedelta] = field(default_factory=dict[Phase, timedelta])
