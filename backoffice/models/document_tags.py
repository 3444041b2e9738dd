"""Tags: the partner's own words on a document, by which its people find it again."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_key

MOST_TAGS = 10
"""On one document."""
LONGEST_TAG = 32


class DocumentTag(TenantRow, table=True):
    """One word on one document; mode and document stand in the index by which the list is narrowed."""

    __tablename__ = "document_tags"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        Index("uq_document_tags_tag", "document_id", "tag", unique=True),
        Index("ix_document_tags_list", "partner_id", "livemode", "tag", "document_id"),
    )

    livemode: bool
    document_id: UUID
    tag: str = Field(max_length=LONGEST_TAG)
