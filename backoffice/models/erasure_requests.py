"""A request to erase one person, and the signed receipt that says it was done."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index

from backoffice.models.base import TenantRow, json_column, tenant_key, tenant_unique, timestamp


class ErasureStatus(StrEnum):
    """Where an erasure stands."""

    RECEIVED = "received"
    ON_HOLD = "on_hold"
    """It waits: a hold or a duty to keep stands before it, and it goes on by itself after that."""
    PROCESSING = "processing"
    COMPLETED = "completed"


class ErasureRequest(TenantRow, table=True):
    """One applicant's erasure; asking twice gives the same request."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        tenant_unique(),
        tenant_key("applicant_id", "applicants"),
        Index("uq_erasure_requests_applicant", "applicant_id", unique=True),
        Index("ix_erasure_requests_newest", "partner_id", "livemode", "id"),
        Index(
            "ix_erasure_requests_pages", "id", postgresql_where="status = 'completed' and pages_forgotten_at is null"
        ),
        Index("ix_erasure_requests_completed", "completed_at"),
        Index("ix_erasure_requests_held", "partner_id", postgresql_where="status = 'on_hold'"),
    )

    livemode: bool
    applicant_id: UUID
    status: str = ErasureStatus.RECEIVED
    requested_by_type: str = ""
    requested_by_id: UUID | None = None
    held_until: datetime | None = timestamp(nullable=True)
    """Until when it waits; None while nobody can say."""
    hold_basis: str = ""
    """The law or order that it waits for."""
    completed_at: datetime | None = timestamp(nullable=True)
    pages_forgotten_at: datetime | None = timestamp(nullable=True)
    """When pages that were open on the person had lost what they held; it comes after the rest."""
    receipt: dict[str, object] | None = json_column(nullable=True)
    """What was erased, when, and a signature over it; never what it said."""
