"""Reveals: for a while one person may see one document's personal data, for a purpose that was written down."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_key, timestamp

LASTS = timedelta(minutes=15)
MIN_NOTE, MAX_NOTE = 10, 300


class Purpose(StrEnum):
    """What for: an answer that an auditor understands."""

    SUPPORT = "support"
    COMPLAINT = "complaint"
    FRAUD = "fraud"
    LEGAL = "legal"
    QUALITY = "quality"
    OTHER = "other"


class Reveal(TenantRow, table=True):
    """One look; it ends by itself, and with the session that asked for it."""

    __tablename__ = "reveals"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        CheckConstraint(
            "purpose in ('support', 'complaint', 'fraud', 'legal', 'quality', 'other')", name="purpose_known"
        ),
        Index("ix_reveals_standing", "session_id", "document_id", "expires_at"),
    )

    document_id: UUID
    member_id: UUID = Field(foreign_key="members.id")
    session_id: UUID
    purpose: str
    note: str = ""
    expires_at: datetime = timestamp()
