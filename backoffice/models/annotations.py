"""An annotation: a rectangle that a reviewer marked on a page, kept as evidence also after it is removed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backoffice.models.base import TenantRow, sealed, tenant_key, timestamp


class Annotation(TenantRow, table=True):
    """One mark with a note; `box` is left, top, width and height as fractions of the page's picture."""

    __tablename__ = "annotations"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        tenant_key("review_task_id", "review_tasks"),
        tenant_key("file_id", "files"),
        CheckConstraint("jsonb_array_length(box) = 4", name="box_whole"),
        CheckConstraint("(removed_at is null) = (removed_by is null)", name="removal_whole"),
        Index("ix_annotations_document", "document_id", "id"),
    )

    document_id: UUID
    review_task_id: UUID
    file_id: UUID
    page: int = 0
    box: list[float] = Field(sa_column=Column(JSONB, nullable=False))
    reason: str | None = None
    note_box: bytes | None = sealed()
    member_id: UUID = Field(foreign_key="members.id")
    changed_at: datetime | None = timestamp(nullable=True)
    removed_at: datetime | None = timestamp(nullable=True)
    removed_by: UUID | None = Field(default=None, foreign_key="members.id")
