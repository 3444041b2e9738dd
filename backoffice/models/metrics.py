"""A partner's figures: derived from the tables, never stored."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where a partner's documents and webhooks stand; today is a day in UTC."""

    as_of: datetime
    has_documents: bool
    received: int
    awaiting_upload: int
    submitted: int
    processing: int
    awaiting_review: int
    oldest_seconds: float | None
    """Age of the oldest document that waits for a person."""
    approved: int
    rejected: int
    resubmission_requested: int
    median_seconds: float | None
    p95_seconds: float | None
    webhooks_delivered: int
    webhooks_failed: int
    webhooks_failing: int
    """Endpoints that fail now or were switched off."""

    @property
    def in_progress(self) -> int:
        """Documents that machines work on."""
        return self.submitted + self.processing

    @property
    def decided(self) -> int:
        """Documents decided today that are still decided."""
        return self.approved + self.rejected + self.resubmission_requested

    @property
    def approved_share(self) -> float | None:
        """Approved per decided today."""
        return self.approved / self.decided if self.decided else None

    @property
    def webhook_success(self) -> float | None:
        """Delivered per tried in the last day."""
        tried = self.webhooks_delivered + self.webhooks_failed
        return self.webhooks_delivered / tried if tried else None


@dataclass(frozen=True, slots=True)
class Point:
    """One hour or day of the throughput chart."""

    start: datetime
    received: int
    approved: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint did over the last day, by the deliveries that became due in it; times in milliseconds."""

    delivered: int = 0
    failed: int = 0
    """Tried and not delivered so far, or given up."""
    waiting: int = 0
    p95_ms: int | None = None

    @property
    def success(self) -> float | None:
        """Delivered per tried, None before the first try."""
        tried = self.delivered + self.failed
        return self.delivered / tried if tried else None
