"""What a plan allows: the one place where limits, documentation and screens read the same numbers."""

from dataclasses import dataclass

from backoffice.i18n import N_
from backoffice.models.partners import Plan

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """So many requests at once; what is used comes back steadily, all of it within so many seconds."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """Requests are counted per API key, documents per partner and calendar month in UTC."""

    per_second: int
    """Requests that refill each second."""
    burst: int
    """Requests that may come at once after a quiet while."""
    per_day: int
    documents_per_month: int
    """Live documents; test documents are not counted."""
    streams: int
    """Event streams open at once."""

    @property
    def requests(self) -> tuple[RequestPolicy, RequestPolicy]:
        """Say the same as policies, of which each key has to keep both."""
        burst = RequestPolicy("burst", self.burst, -(-self.burst // self.per_second))
        return burst, RequestPolicy("daily", self.per_day, DAY_SECONDS)


PLANS: dict[Plan, PlanLimits] = {
    Plan.FREE: PlanLimits(5, 20, 5_000, 100, 2),
    Plan.STANDARD: PlanLimits(50, 100, 200_000, 10_000, 10),
    Plan.ENTERPRISE: PlanLimits(300, 600, 5_000_000, 1_000_000, 50),
}
PLAN_WORDS = {Plan.FREE: N_("Free"), Plan.STANDARD: N_("Standard"), Plan.ENTERPRISE: N_("Enterprise")}
SOFT_CAPS = (80, 90, 100)
"""Percent of the month's documents at which the partner is told; the last one is also where it ends."""
