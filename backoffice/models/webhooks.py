"""Webhook endpoints, the deliveries owed to them and every attempt made."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from backoffice.models.base import TenantRow, json_column, sealed, tenant_key, tenant_unique, text_array, timestamp

BY_HAND = "Switched off by hand."


class EndpointStatus(StrEnum):
    """Whether we send to an endpoint."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    """Where one event's way to one endpoint stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELED = "canceled"


class WebhookEndpoint(TenantRow, table=True):
    """Where a partner wants to be told; the signing secret is sealed and shown once."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (tenant_unique(), Index("ix_webhook_endpoints_partner", "partner_id", "livemode"))

    livemode: bool
    url: str
    description: str = ""
    event_types: list[str] = text_array()
    """Empty means every type."""
    fifo: bool = False
    status: str = EndpointStatus.ENABLED
    disabled_reason: str = ""
    """Why nothing is sent; `BY_HAND` when its owner wants it so."""
    secret_box: bytes | None = sealed(nullable=False)
    previous_secret_box: bytes | None = sealed()
    previous_secret_until: datetime | None = timestamp(nullable=True)
    secret_changed_at: datetime = timestamp(default_now=True)
    failing_since: datetime | None = timestamp(nullable=True)
    failing_told_at: datetime | None = timestamp(nullable=True)
    """When the partner was told that it fails; once per time that it does."""
    paused_until: datetime | None = timestamp(nullable=True)
    """Set by us while a receiver is overloaded."""
    is_paused: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Set by the partner: what is owed waits."""
    max_per_second: int | None = None
    """The partner's throttle."""
    throttle_from: datetime | None = timestamp(nullable=True)
    """The moment up to which the throttle's allowance is spent."""
    version: int = 1
    deleted_at: datetime | None = timestamp(nullable=True)


class Delivery(TenantRow, table=True):
    """One event owed to one endpoint: the truth about it, with a lease and a fencing token."""

    __tablename__ = "deliveries"
    __table_args__ = (
        tenant_unique(),
        tenant_key("endpoint_id", "webhook_endpoints"),
        tenant_key("event_id", "events"),
        Index("uq_deliveries_event", "endpoint_id", "event_id", unique=True),
        Index("ix_deliveries_ready", "endpoint_id", "next_attempt_at", "id", postgresql_where="state = 'pending'"),
        Index("ix_deliveries_leased", "endpoint_id", "lease_until", postgresql_where="lease_until is not null"),
        Index("ix_deliveries_event_id", "event_id"),
        Index("ix_deliveries_endpoint", "endpoint_id", "id"),
    )

    endpoint_id: UUID
    event_id: UUID
    state: str = DeliveryState.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = timestamp(nullable=True)
    lease_until: datetime | None = timestamp(nullable=True)
    lease_token: UUID | None = None
    last_status: int | None = None
    last_error: str = ""
    last_ms: int | None = None
    delivered_at: datetime | None = timestamp(nullable=True)


class Attempt(TenantRow, table=True):
    """One try: what we sent, what came back, how long it took; insert-only."""

    __tablename__ = "attempts"
    __table_args__ = (
        tenant_key("delivery_id", "deliveries"),
        Index("uq_attempts_number", "delivery_id", "number", unique=True),
    )

    delivery_id: UUID
    number: int
    status: int | None = None
    error: str = ""
    duration_ms: int = 0
    connected_ms: int | None = None
    """Name lookup, connection and TLS; 0 on a connection that was open already."""
    first_byte_ms: int | None = None
    address: str = ""
    """Where the connection went."""
    next_attempt_at: datetime | None = timestamp(nullable=True)
    request_headers: dict[str, object] = json_column()
    response_headers: dict[str, object] = json_column()
    response_excerpt: str = ""
