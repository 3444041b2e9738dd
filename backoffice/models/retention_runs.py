"""A run of the retention job: the proof of what went, in numbers."""

from datetime import datetime

from backoffice.models.base import Row, json_column, timestamp


class RetentionRun(Row, table=True):
    """What one run deleted; each document is counted in the transaction that ends it, once."""

    __tablename__ = "retention_runs"

    ended_at: datetime | None = timestamp(nullable=True)
    """None for a run that goes on, or died: what it had not done is in a later one."""
    documents: int = 0
    objects: int = 0
    held: int = 0
    """Documents whose time was over, and that a hold kept."""
    by_partner: dict[str, object] = json_column()
    """Documents by partner id."""
