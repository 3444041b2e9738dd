"""An applicant: the end user whose identity is checked; and keys that are still to be moved to the key store."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from backoffice.models.base import NamedTable, TenantRow, sealed, tenant_key, tenant_unique, timestamp
from backoffice.settings import DEFAULT_REGION


class Applicant(TenantRow, table=True):
    """An end user; personal data stands in `personal_box` only, sealed under the applicant's own key."""

    __tablename__ = "applicants"
    __table_args__ = (
        tenant_unique(),
        Index("ix_applicants_external", "partner_id", "livemode", "external_id"),
        Index("ix_applicants_newest", "partner_id", "livemode", "id"),
    )

    livemode: bool
    external_id: str | None = None
    language: str | None = None
    """What the applicant reads, as BCP 47 (`pt-BR`); messages are written in it where we have them."""
    personal_box: bytes | None = sealed()
    number_token: bytes | None = Field(default=None, repr=False)
    """The keyed hash of a document number that is kept masked, as search finds it."""
    version: int = 1
    updated_at: datetime = timestamp(default_now=True)
    erased_at: datetime | None = timestamp(nullable=True)


class UnmovedKey(NamedTable, table=True):
    """A wrapped data key from before there was a key store; processes of before write here until they are stopped."""

    __tablename__ = "data_keys"
    __table_args__ = (
        tenant_key("applicant_id", "applicants"),
        ForeignKeyConstraint(["partner_id", "region"], ["partners.id", "partners.region"]),
        Index("ix_data_keys_region", "region", "wrapped_by"),
    )

    applicant_id: UUID = Field(primary_key=True)
    partner_id: UUID = Field(foreign_key="partners.id")
    wrapped: bytes
    wrapped_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Which key-encryption key did it; empty is older than this column."""
    region: str = Field(default=DEFAULT_REGION, sa_column_kwargs={"server_default": DEFAULT_REGION})
    """Whose keys wrap it: its partner's region."""
    created_at: datetime = timestamp(default_now=True)
