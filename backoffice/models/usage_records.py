"""What is billed: one row for each thing that cost us work, written where the work was done, never twice."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.i18n import N_
from backoffice.models.base import TenantRow, tenant_key, tenant_unique


class UsageKind(StrEnum):
    """What is counted; each at most once per document, however often it is read again or reopened."""

    DOCUMENT_SCREENED = "document_screened"
    """Screening came to an end with at least one check that could run."""
    FACE_MATCH = "face_match"
    """A portrait was compared with a selfie."""
    HUMAN_REVIEW = "human_review"
    """A person's decision became final."""


KIND_WORDS = {
    UsageKind.DOCUMENT_SCREENED: N_("Documents screened"),
    UsageKind.FACE_MATCH: N_("Faces compared"),
    UsageKind.HUMAN_REVIEW: N_("Human reviews"),
}


class UsageRecord(TenantRow, table=True):
    """One billable thing of a live document; what bills it is written once and never changed."""

    __tablename__ = "usage_records"
    __table_args__ = (
        tenant_unique(),
        tenant_key("document_id", "documents"),
        tenant_key("line_id", "invoice_lines"),
        CheckConstraint("livemode", name="live_only"),
        Index("uq_usage_records_once", "document_id", "kind", unique=True),
        Index("ix_usage_records_newest", "partner_id", "id"),
        Index("ix_usage_records_kind", "partner_id", "kind", "created_at", "id"),
        Index("ix_usage_records_unbilled", "partner_id", "created_at", postgresql_where="line_id is null"),
        Index("ix_usage_records_line", "line_id", "id", postgresql_where="line_id is not null"),
    )

    livemode: bool = True
    kind: str
    document_id: UUID
    document_type: str | None = None
    key_id: UUID | None = Field(default=None)
    """The API key that sent the document."""
    line_id: UUID | None = Field(default=None)
    """The line of the final invoice that counts it."""
