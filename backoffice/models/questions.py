"""A question: what a reviewer must know from the partner before deciding, and the answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, sealed, tenant_key, tenant_unique, timestamp


class Question(TenantRow, table=True):
    """One question about a document; both texts may name the person, so both are sealed."""

    __tablename__ = "questions"
    __table_args__ = (
        tenant_unique(),
        tenant_key("document_id", "documents"),
        tenant_key("review_task_id", "review_tasks"),
        CheckConstraint("(answer_box is null) or (closed_at is not null)", name="answer_closes"),
        Index("uq_questions_open", "document_id", unique=True, postgresql_where="closed_at is null"),
        Index("ix_questions_document", "document_id", "id"),
        Index("ix_questions_waiting", "expires_at", postgresql_where="closed_at is null"),
    )

    document_id: UUID
    review_task_id: UUID
    text_box: bytes | None = sealed()
    asked_by: UUID = Field(foreign_key="members.id")
    expires_at: datetime = timestamp()
    """When the review goes on without an answer."""
    answer_box: bytes | None = sealed()
    answered_by_type: str | None = None
    answered_by: UUID | None = None
    closed_at: datetime | None = timestamp(nullable=True)
    """When it was answered, or waited for no longer."""
