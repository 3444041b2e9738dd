"""How the parts of the installation do: plain values for the service that asks and the screen that shows."""

from dataclasses import dataclass
from enum import StrEnum


class PartStatus(StrEnum):
    """How one part does."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Part:
    """One part, as it answered a moment ago."""

    name: str
    status: PartStatus
    detail: str
    milliseconds: float
