"""An audit entry: who did what to which thing, from where, with what result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index
from sqlmodel import Field

from backoffice.models.base import Row, json_column, sealed, transaction_id


class AuditEntry(Row, table=True):
    """Append-only; holds ids and field names, never personal data."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_partner", "partner_id", "id"),
        Index("ix_audit_entries_subject", "subject_id", "id"),
        Index("ix_audit_entries_written", "transaction_id", "sequence"),
    )

    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    """In what order entries were written; no index by itself, since each costs every change of everything."""
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id")
    actor_type: str
    actor_id: UUID | None = None
    actor_name: str = ""
    session_id: UUID | None = None
    ip: str = ""
    action: str
    subject_type: str = ""
    subject_id: UUID | None = None
    result: str = "ok"
    changes: dict[str, object] = json_column()
    request_id: str = ""
    transaction_id: int | None = transaction_id()
    leaf: bytes | None = sealed()
    """The hash under which the entry goes into the sealed log; none for those that are older than the log."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as its reader may see it: our own people have neither name nor address for a partner."""

    entry: AuditEntry
    actor_type: str
    actor_id: UUID | None
    actor_name: str | None
    changes: Mapping[str, Any]
    ip: str | None
