"""An API key: how a partner's application proves who it is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_key, tenant_unique, text_array, timestamp


class ApiKey(TenantRow, table=True):
    """A key: what may be done with it. How it is proven stands in its secrets, of which one is in use."""

    __tablename__ = "api_keys"
    __table_args__ = (
        tenant_unique(),
        Index("uq_api_keys_lent", "created_by", "lent_for", unique=True, postgresql_where="lent_for is not null"),
    )

    name: str
    livemode: bool
    version: int = 1
    lookup: str = ""
    """The public part of the secret in use, to recognise it by."""
    last_four: str = ""
    scopes: list[str] = text_array()
    ip_allowlist: list[str] = text_array()
    denied_attributes: list[str] = text_array()
    """Names in `extracted` and of applicants that this key never reads."""
    expires_at: datetime | None = timestamp(nullable=True)
    expiring_told_at: datetime | None = timestamp(nullable=True)
    last_used_at: datetime | None = timestamp(nullable=True)
    last_used_ip: str = ""
    revoked_at: datetime | None = timestamp(nullable=True)
    created_by: UUID | None = Field(default=None, foreign_key="members.id")
    lent_for: UUID | None = None
    """The key whose rights this one was lent with, to its maker and for a while; a lent key is in no list."""


class SecretState(StrEnum):
    """Where a secret stands in a rotation."""

    PENDING = "pending"
    """Made and shown, not used yet; its first use activates it."""
    ACTIVE = "active"
    RETIRING = "retiring"
    """Replaced; it works until its grace ends."""


class ApiKeySecret(TenantRow, table=True):
    """One secret of a key, shown once and kept as an HMAC under a versioned pepper."""

    __tablename__ = "api_key_secrets"
    __table_args__ = (
        tenant_key("key_id", "api_keys"),
        Index("uq_api_key_secrets_state", "key_id", "state", unique=True, postgresql_where="state <> 'retiring'"),
        Index("ix_api_key_secrets_key", "key_id", "id"),
    )

    key_id: UUID
    lookup: str = Field(unique=True)
    """The public part of the token, by which it is found."""
    secret_hmac: str
    pepper_version: int = 1
    last_four: str = ""
    state: str = SecretState.ACTIVE
    grace_seconds: int = 0
    """How long the secret before this one lives on after this one is used first."""
    activated_at: datetime | None = timestamp(nullable=True)
    ends_at: datetime | None = timestamp(nullable=True)
    """Set while it retires."""
    late_uses: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    """Requests that still came with it after it was replaced."""
    last_used_at: datetime | None = timestamp(nullable=True)
    last_used_ip: str = ""
