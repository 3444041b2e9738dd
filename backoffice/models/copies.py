"""A copy: one redacted page or case file that left the house and why; its bytes are made when it is fetched."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backoffice.models.base import TenantRow, sealed, tenant_key


class CopyKind(StrEnum):
    """What a copy is."""

    REDACTION = "redaction"
    CASE = "case"


class Copy(TenantRow, table=True):
    """What was asked for; `boxes` are fractions of the page's picture."""

    __tablename__ = "copies"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        tenant_key("file_id", "files"),
        CheckConstraint("(kind = 'redaction') = (file_id is not null)", name="page_named"),
        Index("ix_copies_document", "document_id", "id"),
    )

    document_id: UUID
    kind: str
    file_id: UUID | None = None
    page: int = 0
    boxes: list[list[float]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]"))
    why_box: bytes | None = sealed()
    member_id: UUID = Field(foreign_key="members.id")
