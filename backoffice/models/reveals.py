"""Reveals: for a while one person may see one document's personal data, for a purpose that was written down."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, sealed, tenant_key, timestamp

LASTS = timedelta(minutes=15)
MIN_NOTE, MAX_NOTE = 10, 300
FIELDS = frozenset(
    {
        "full_name", "given_names", "surname", "date_of_birth", "document_number", "nationality", "issuing_country",
        "issued_on", "expires_on", "sex", "personal_number", "address", "postal_code", "father_name", "account_number",
    }
)  # fmt: skip
"""What may be shown by itself: the fields of a document that pages have."""
TOGETHER = {"full_name": ("given_names", "surname")}
"""Of what a value is made: it is shown with it."""


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
        Index("ix_reveals_document_id", "document_id"),
        Index("ix_reveals_unsealed", "id", postgresql_where="note <> ''"),
    )

    document_id: UUID
    member_id: UUID = Field(foreign_key="members.id")
    session_id: UUID
    field: str = ""
    """Which value alone; empty is all of the document."""
    purpose: str
    note: str = ""
    """Of before notes were sealed: a job seals it and empties this one, where nothing is written any more."""
    note_box: bytes | None = sealed()
    """What somebody wrote about it, under the applicant's key: it goes with the person."""
    expires_at: datetime = timestamp()
