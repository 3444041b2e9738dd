"""What is counted of engines; plain values that every room may hold."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EngineUse:
    """How one version of one check did on live documents."""

    name: str
    model: str
    since: datetime
    until: datetime
    documents: int
    passed: int
    warning: int
    failed: int
    error: int
    not_applicable: int
    median_ms: float
    p95_ms: float
    mean_score: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two versions of a check say the same of a document."""

    name: str
    champion: str
    model: str
    documents: int
    same: int
    score_difference: float | None
    """Mean of the challenger's score less the champion's."""
    champion_ms: float
    model_ms: float
    moves: dict[str, int] = field(default_factory=dict[str, int])
    """`champion's status>challenger's`: how many documents."""
    examples: dict[str, str] = field(default_factory=dict[str, str])
    """For each move that changes something: one document."""
