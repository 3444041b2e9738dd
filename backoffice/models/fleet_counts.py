"""All partners as operators see them: plain values for the service that reads and the screens that show."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice.models.partners import Plan
from backoffice.models.plans import Terms

NEARLY = 0.8
"""Of a quota: where operators are told."""


@dataclass(frozen=True, slots=True)
class FleetLine:
    """One partner with the figures of its live data."""

    id: UUID
    name: str
    slug: str
    plan: Plan
    status: str
    region: str
    since: datetime
    days: tuple[tuple[date, int], ...]
    """Documents of each of the last seven days, oldest first."""
    before: int
    """Documents of the seven days before."""
    approved: int
    decided: int
    """Of the documents of these seven days."""
    requests: int
    refused: int
    """Answered with 400 or above, of the newest requests of the last day."""
    told: int
    untold: int
    """Deliveries of the last day: taken, and tried in vain so far."""
    failing: int
    """Endpoints that do not take what we send."""
    tasks: int
    kept: int
    """Reviews that left a queue in these seven days, and those in time."""
    late: int
    """Open reviews past their deadline."""
    used: int
    """Documents of the month."""
    alerts: int
    terms: Terms

    @property
    def volume(self) -> int:
        """Count the documents of the last seven days."""
        return sum(count for _, count in self.days)

    @property
    def included(self) -> int:
        """How many documents a month are included."""
        return self.terms.limits.documents_per_month

    @property
    def is_near(self) -> bool:
        """Whether the quota is nearly used, or all of it."""
        return self.quota >= NEARLY

    @property
    def approval(self) -> float | None:
        """Approved per decided."""
        return _share(self.approved, self.decided)

    @property
    def errors(self) -> float | None:
        """Refused per request."""
        return _share(self.refused, self.requests)

    @property
    def webhooks(self) -> float | None:
        """Taken per tried."""
        return _share(self.told, self.told + self.untold)

    @property
    def sla(self) -> float | None:
        """In time per review."""
        return _share(self.kept, self.tasks)

    @property
    def quota(self) -> float:
        """Used per included."""
        return self.used / self.included


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Onboarding:
    """How far a new partner has come, read from what is there."""

    invited: int = 0
    admins: int = 0
    keys: int = 0
    requests: int = 0
    endpoints: int = 0
    told: int = 0
    documents: int = 0
    live_documents: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """All partners together, by their live data."""

    days: tuple[tuple[date, int], ...]
    """Documents of the last seven days, oldest first; the last one is today."""
    before: tuple[tuple[date, int], ...]
    """Documents of the seven days before."""
    waiting: int
    """Open reviews."""
    late: int
    tasks: int
    kept: int
    failing: int
    """Endpoints that do not take what we send."""
    told: int
    untold: int
    jobs_waiting: int
    jobs_failed: int
    jobs_lag: float
    """Seconds since the oldest job that is due was to run."""
    partners: int
    near: int
    """Partners whose quota is nearly used, or all of it."""
    trouble: tuple[FleetLine, ...]
    """Who needs somebody, the most urgent first."""
