"""Security alerts: what a rule found in the audit trail that our own operators should look at."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index
from sqlmodel import Field

from backoffice.models.base import NamedTable, Row, json_column, keys_array, timestamp

KEPT = timedelta(days=2)
"""How long a mark is kept: the longest window is a day."""
ALERTS_KEPT = timedelta(days=365)
MOST_ENTRIES = 200
"""Audit entries that one alert names."""
LEARNING = timedelta(days=1)
"""How long a key's networks are learned before a further one is news."""


class SecurityState(StrEnum):
    """Whether an operator has looked."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"


class SecurityAlert(Row, table=True):
    """One thing that one rule found about one subject in one window; more of it moves its figures on."""

    __tablename__ = "security_alerts"
    __table_args__ = (
        CheckConstraint("state in ('open', 'acknowledged')", name="state_known"),
        CheckConstraint(
            "(state = 'acknowledged') = (acknowledged_at is not null) and (state = 'acknowledged') = (note <> '')",
            name="answer_whole",
        ),
        CheckConstraint("affected >= 1", name="counted"),
        Index("uq_security_alerts_window", "kind", "subject", "window_from", unique=True),
        Index("ix_security_alerts_state", "state", "id"),
        Index("ix_security_alerts_partner", "partner_id", "last_seen_at", postgresql_where="partner_id is not null"),
    )

    kind: str
    subject: str
    """The id of an account, a person, a key or a partner, or a network."""
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id")
    """Whose person, key or data it is; none for what is about strangers or about our own people."""
    window_from: datetime = timestamp()
    """When the window began; a later one may have an alert of its own."""
    window_until: datetime = timestamp()
    last_seen_at: datetime = timestamp()
    affected: int = Field(sa_column=Column(BigInteger, nullable=False))
    threshold: int
    detail: dict[str, Any] = json_column()
    """Kinds and counts, never personal data."""
    entry_ids: list[UUID] = keys_array()
    state: str = SecurityState.OPEN
    acknowledged_at: datetime | None = timestamp(nullable=True)
    acknowledged_by: UUID | None = Field(default=None, foreign_key="members.id")
    note: str = Field(default="", sa_column_kwargs={"server_default": ""})


class SecurityMark(Row, table=True):
    """One observation that a rule counts, with the audit entry that it was read from."""

    __tablename__ = "security_marks"
    __table_args__ = (
        Index("ix_security_marks_window", "kind", "subject", "created_at"),
        Index("ix_security_marks_age", "created_at"),
    )

    kind: str
    subject: str
    value: str
    """What is told apart: an account, a document, a network."""
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id")
    entry_id: UUID | None = None
    weight: int = 1


class SecurityRule(NamedTable, table=True):
    """What operators changed of a rule; without a row its own values hold."""

    __tablename__ = "security_rules"
    __table_args__ = (
        CheckConstraint("threshold >= 1 and minutes between 1 and 1440", name="within"),
    )  # fmt: skip

    kind: str = Field(primary_key=True)
    threshold: int
    minutes: int
    is_on: bool = True
    version: int = 1
    changed_at: datetime = timestamp()
    changed_by: UUID | None = Field(default=None, foreign_key="members.id")


class SecurityCursor(NamedTable, table=True):
    """How far the audit trail was looked at: one row."""

    __tablename__ = "security_cursors"

    id: int = Field(default=1, primary_key=True)
    transaction_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))


class KeyNetwork(NamedTable, table=True):
    """A network that an API key was used from."""

    __tablename__ = "key_networks"
    __table_args__ = (Index("ix_key_networks_new", "first_seen_at", postgresql_where="not is_looked_at"),)

    key_id: UUID = Field(primary_key=True)
    network: str = Field(primary_key=True)
    partner_id: UUID = Field(foreign_key="partners.id")
    first_seen_at: datetime = timestamp()
    request_id: str = ""
    is_looked_at: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
