"""Fingerprints: by what a document is found again, without keeping what it says."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_key


class FingerprintField(StrEnum):
    """What a fingerprint was made of."""

    NUMBER = "number"
    PERSON = "person"


class Fingerprint(TenantRow, table=True):
    """A keyed hash of a document's number, or of its holder's name and birth date (`services/fingerprints.py`)."""

    __tablename__ = "fingerprints"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        Index("uq_fingerprints_field", "document_id", "field", unique=True),
        Index("ix_fingerprints_value", "partner_id", "livemode", "field", "value"),
    )

    livemode: bool
    document_id: UUID
    field: str
    value: bytes = Field(repr=False)
