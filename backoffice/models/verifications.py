"""A verification: one attempt group for one applicant; its status follows from its documents."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_key, tenant_unique, text_array, timestamp


class VerificationStatus(StrEnum):
    """Derived by `services/verifications.py`, never written by hand."""

    CREATED = "created"
    PENDING = "pending"
    PROCESSING = "processing"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    RESUBMISSION_REQUESTED = "resubmission_requested"
    EXPIRED = "expired"
    CANCELED = "canceled"
    REDACTED = "redacted"


class Verification(TenantRow, table=True):
    """Groups the documents that together answer one question about one applicant."""

    __tablename__ = "verifications"
    __table_args__ = (
        tenant_unique(),
        tenant_key("applicant_id", "applicants"),
        Index("ix_verifications_newest", "partner_id", "livemode", "id"),
    )

    livemode: bool
    applicant_id: UUID = Field(index=True)
    external_id: str | None = None
    required_types: list[str] = text_array()
    status: str = VerificationStatus.CREATED
    updated_at: datetime = timestamp(default_now=True)
    canceled_at: datetime | None = timestamp(nullable=True)
