"""Answers already given, so that a repeated POST does its work once."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backoffice.models.base import TenantRow, timestamp


class IdempotencyRecord(TenantRow, table=True):
    """One idempotency key of one partner, mode, method and route (IETF draft-07), kept 24 hours."""

    __tablename__ = "idempotency_records"
    __table_args__ = (
        Index("uq_idempotency_records_key", "partner_id", "livemode", "route", "key", unique=True),
        Index("ix_idempotency_records_expires", "expires_at"),
    )

    livemode: bool
    route: str
    """Method and route template."""
    key: str
    fingerprint: str
    status: int
    body: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    expires_at: datetime = timestamp()
