"""An event: a fact, written in the same transaction as the change it tells of."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backoffice.models.base import NamedTable, TenantRow, tenant_unique, transaction_id


class Event(TenantRow, table=True):
    """The outbox: webhooks, the event list and live screens all start here; insert-only."""

    __tablename__ = "events"
    __table_args__ = (
        tenant_unique(),
        Index("uq_events_sequence", "subject_id", "sequence", unique=True),
        Index("ix_events_newest", "partner_id", "livemode", "id"),
        Index("ix_events_walk", "partner_id", "livemode", "position", "sequence", "id"),
        Index("ix_events_walk_type", "partner_id", "livemode", "type", "position", "sequence", "id"),
    )

    livemode: bool
    type: str
    subject_type: str
    subject_id: UUID
    sequence: int
    """Counts per subject from 1 without gaps."""
    data: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    request_id: str = ""
    transaction_id: int | None = transaction_id()
    position: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    """Where it stands in the partner's list: never before what its subject told earlier, and never below the horizon
    of transactions that have ended by the time a reader looks (docs/decisions/0008)."""


class EventCounter(NamedTable, table=True):
    """The last sequence given to a subject; its row lock makes the count gapless."""

    __tablename__ = "event_counters"

    subject_id: UUID = Field(primary_key=True)
    partner_id: UUID = Field(foreign_key="partners.id")
    last_sequence: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    last_position: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
