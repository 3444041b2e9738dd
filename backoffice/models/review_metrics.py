"""Review metrics: what one verdict cost its reviewer in time, keys and clicks; never what was typed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_key, text_array, timestamp


class ReviewMetric(TenantRow, table=True):
    """One signed verdict; what the browser counts stays empty when its tally never came."""

    __tablename__ = "review_metrics"
    __table_args__ = (
        tenant_key("task_id", "review_tasks"),
        Index("uq_review_metrics_verdict_id", "verdict_id", unique=True),
        Index("ix_review_metrics_reviewer", "reviewer_id", "decided_at"),
        Index("ix_review_metrics_decided", "decided_at"),
        CheckConstraint("active_ms >= 0 and keys >= 0 and clicks >= 0", name="counted"),
    )

    verdict_id: UUID
    """The key of the decision that the verdict becomes."""
    task_id: UUID
    reviewer_id: UUID = Field(foreign_key="members.id")
    outcome: str
    reason_codes: list[str] = text_array()
    disagreed_with_engine: bool = False
    """Approved although a check failed, or not approved although every check passed."""
    shown_at: datetime | None = timestamp(nullable=True)
    first_input_at: datetime | None = timestamp(nullable=True)
    decided_at: datetime = timestamp()
    undone: bool = False
    active_ms: int | None = None
    """Without hidden tabs, and without what goes beyond 30 seconds of idling."""
    keys: int | None = None
    clicks: int | None = None
    images_opened: int | None = None
    zoom_used: bool | None = None
    checks_opened: int | None = None
    connection_lost_ms: int | None = None
