"""An API key: how a partner's application proves who it is."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_unique, text_array, timestamp


class ApiKey(TenantRow, table=True):
    """A key; the secret is shown once and kept as an HMAC under a versioned pepper."""

    __tablename__ = "api_keys"
    __table_args__ = (tenant_unique(),)

    name: str
    livemode: bool
    lookup: str = Field(unique=True)
    """The public part of the key, by which it is found."""
    secret_hmac: str
    pepper_version: int = 1
    last_four: str = ""
    scopes: list[str] = text_array()
    ip_allowlist: list[str] = text_array()
    expires_at: datetime | None = timestamp(nullable=True)
    last_used_at: datetime | None = timestamp(nullable=True)
    last_used_ip: str = ""
    revoked_at: datetime | None = timestamp(nullable=True)
    created_by: UUID | None = Field(default=None, foreign_key="members.id")
