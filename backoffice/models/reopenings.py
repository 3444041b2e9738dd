"""A reopening: a decided document is looked at again, for a reason; an appeal is one that its partner asked for."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, sealed, tenant_key, tenant_unique, timestamp


class ReopeningKind(StrEnum):
    """Why a decision is looked at again."""

    CORRECTION = "correction"
    QUALITY = "quality"
    FRAUD = "fraud"
    APPEAL = "appeal"


class ReopeningResult(StrEnum):
    """How it ended; withdrawn when the document went away before anybody decided."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"


class Reopening(TenantRow, table=True):
    """One decision looked at again; the decision itself never changes, a later one may supersede it."""

    __tablename__ = "reopenings"
    __table_args__ = (
        tenant_unique(),
        tenant_key("document_id", "documents"),
        tenant_key("decision_id", "decisions"),
        tenant_key("review_task_id", "review_tasks"),
        CheckConstraint("(closed_at is null) = (result is null)", name="end_whole"),
        Index("uq_reopenings_open", "document_id", unique=True, postgresql_where="closed_at is null"),
        Index("uq_reopenings_appeal", "decision_id", unique=True, postgresql_where="kind = 'appeal'"),
        Index("ix_reopenings_document", "document_id", "id"),
        Index("ix_reopenings_task", "review_task_id"),
    )

    document_id: UUID
    decision_id: UUID
    """What was in force and is questioned."""
    review_task_id: UUID
    kind: str
    why_box: bytes | None = sealed()
    """The words of whoever asked, who may name the person."""
    opened_by_type: str
    opened_by: UUID | None = None
    closed_at: datetime | None = timestamp(nullable=True)
    result: str | None = Field(default=None)
