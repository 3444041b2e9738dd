"""A legal hold: while it stands, neither retention nor an erasure deletes."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_unique, timestamp


class HoldSubject(StrEnum):
    """What a hold keeps."""

    DOCUMENT = "document"
    APPLICANT = "applicant"
    PARTNER = "partner"


class LegalHold(TenantRow, table=True):
    """One reason to keep one thing, whatever anybody asks; it ends at its date or when somebody releases it."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        tenant_unique(),
        CheckConstraint("subject_type in ('document', 'applicant', 'partner')", name="subject_known"),
        CheckConstraint("(released_at is null) = (release_reason = '')", name="release_whole"),
        Index("ix_legal_holds_standing", "subject_id", postgresql_where="released_at is null"),
        Index("ix_legal_holds_newest", "partner_id", "id"),
    )

    subject_type: str
    subject_id: UUID
    owner: str
    """Who asked for it and answers questions: a department or a person."""
    reason: str
    """What it is about; never shown to the partner, because it may be about the partner or its customer."""
    basis: str
    """The law or order; a partner whose erasure waits is told this."""
    ends_at: datetime | None = timestamp(nullable=True)
    placed_by: UUID | None = Field(default=None, foreign_key="members.id")
    released_at: datetime | None = timestamp(nullable=True)
    released_by: UUID | None = Field(default=None, foreign_key="members.id")
    release_reason: str = ""
