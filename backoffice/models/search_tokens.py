"""Search tokens: by what people find a document, without keeping what it says."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_key


class TokenField(StrEnum):
    """What a token was made of."""

    WORD = "word"
    """One whole word of a name, as given or as read."""
    NUMBER = "number"


class SearchToken(TenantRow, table=True):
    """A keyed hash of one word of a name, or of a document's number (`services/search_tokens.py`)."""

    __tablename__ = "search_tokens"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        Index("uq_search_tokens_value", "document_id", "field", "value", unique=True),
        Index("ix_search_tokens_value", "partner_id", "livemode", "field", "value", "document_id"),
    )

    livemode: bool
    document_id: UUID
    field: str
    value: bytes = Field(repr=False)
