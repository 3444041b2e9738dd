"""Engines: two versions of a check side by side on one document, and documents that were screened again."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import Row, TenantRow, json_column, tenant_key, timestamp


class RescreenStatus(StrEnum):
    """Where a rescreen stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"


class Rescreen(Row, table=True):
    """Documents of a span are read again by today's engines and compared; what was decided stays as it is."""

    __tablename__ = "rescreens"
    __table_args__ = (
        CheckConstraint("done >= 0 and failed >= 0 and done <= total", name="done_within_total"),
        Index("uq_rescreens_running", "status", unique=True, postgresql_where="status = 'running'"),
    )

    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    """Whose documents; None is everybody's."""
    since: datetime = timestamp()
    until: datetime = timestamp()
    status: str = RescreenStatus.RUNNING
    total: int = 0
    done: int = 0
    failed: int = 0
    """Documents that could not be read again, such as those whose applicant was erased meanwhile."""
    cursor: UUID | None = None
    """The last document that was compared."""
    fields: dict[str, dict[str, int]] = json_column()
    """Per extracted field: how often it is the same, another, new or gone. Never what it says."""
    started_by: UUID | None = Field(default=None, foreign_key="members.id")
    finished_at: datetime | None = timestamp(nullable=True)


class CheckTrial(TenantRow, table=True):
    """What another version of a check said of a document, beside the version that counted."""

    __tablename__ = "check_trials"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        Index(
            "uq_check_trials_document",
            "document_id",
            "name",
            "model",
            "rescreen_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_check_trials_rescreen", "rescreen_id", "name"),
        Index("ix_check_trials_name", "created_at", "name"),
    )

    document_id: UUID
    rescreen_id: UUID | None = Field(default=None, foreign_key="rescreens.id")
    """None is a challenger that ran beside the champion."""
    name: str
    champion: str
    """Model and version that counted."""
    champion_status: str
    champion_score: float | None = None
    champion_ms: int = 0
    model: str
    status: str
    score: float | None = None
    duration_ms: int = 0
