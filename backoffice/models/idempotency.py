"""Answers already given, so that a repeated POST does its work once."""

from datetime import datetime

from sqlalchemy import Index

from backoffice.models.base import TenantRow, sealed, timestamp


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
    body_box: bytes | None = sealed(nullable=False)
    """Sealed, because an answer may hold a secret that is shown once."""
    expires_at: datetime = timestamp()
