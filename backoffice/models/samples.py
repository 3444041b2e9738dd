"""Samples: decided documents that a second person judges blind, and gold documents whose right answer is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Uuid
from sqlmodel import Field

from backoffice.models.base import Row, TenantRow, sealed, tenant_key, tenant_unique, text_array, timestamp
from backoffice.models.documents import Document


class Band(StrEnum):
    """How much was at stake, by the document's risk score."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Cause(StrEnum):
    """Why two people judged one document differently."""

    GUIDELINE = "guideline"
    IMAGE = "image"
    ATTENTION = "attention"


class SampleSettings(Row, table=True):
    """The one row that says how many decisions are looked at again, in percent by band."""

    __tablename__ = "sample_settings"
    __table_args__ = (
        CheckConstraint(
            "low between 0 and 100 and medium between 0 and 100 and high between 0 and 100 and gold between 0 and 100",
            name="percents",
        ),
    )

    version: int = 1
    low: int = 5
    medium: int = 10
    high: int = 25
    gold: int = 10
    """Gold documents among the samples: so many for each hundred drawn."""


class SampleDraw(TenantRow, table=True):
    """That a decision was considered once, under which percentage, and whether it was drawn."""

    __tablename__ = "sample_draws"
    __table_args__ = (
        tenant_key("decision_id", "decisions"),
        Index("uq_sample_draws_decision_id", "decision_id", unique=True),
    )

    decision_id: UUID
    band: str
    percent: int
    is_drawn: bool


class GoldDocument(TenantRow, table=True):
    """A decided document whose right outcome and reasons a lead has settled."""

    __tablename__ = "gold_documents"
    __table_args__ = (
        tenant_unique(),
        tenant_key("document_id", "documents"),
        tenant_key("decision_id", "decisions"),
        Index("uq_gold_documents_document_id", "document_id", unique=True, postgresql_where="retired_at is null"),
    )

    document_id: UUID
    decision_id: UUID
    outcome: str
    reasons: list[str] = text_array()
    marked_by: UUID = Field(foreign_key="members.id")
    retired_at: datetime | None = timestamp(nullable=True)


class Sample(TenantRow, table=True):
    """One blind second look, waiting, taken or answered; the database refuses whoever signed the decision."""

    __tablename__ = "samples"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        tenant_key("decision_id", "decisions"),
        tenant_key("gold_id", "gold_documents"),
        Index("uq_samples_decision_id", "decision_id", unique=True, postgresql_where="gold_id is null"),
        Index("ix_samples_waiting", "created_at", "id", postgresql_where="answered_at is null"),
        Index("ix_samples_taken_by", "taken_by", "answered_at"),
        Index("ix_samples_document_id", "document_id"),
        CheckConstraint("taken_by is null or taken_by <> all (signers)", name="looked_by_another"),
        CheckConstraint("(answered_at is null) = (outcome is null)", name="answer_whole"),
        CheckConstraint("answered_at is null or taken_by is not null", name="answer_signed"),
        CheckConstraint("cause is null or answered_at is not null", name="cause_after_answer"),
    )

    document_id: UUID
    decision_id: UUID
    gold_id: UUID | None = None
    signers: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid()), nullable=False, server_default="{}")
    )
    """Everybody who signed anything on this document: none of them ever gets it."""
    band: str
    taken_by: UUID | None = Field(default=None, foreign_key="members.id")
    taken_until: datetime | None = timestamp(nullable=True)
    answered_at: datetime | None = timestamp(nullable=True)
    outcome: str | None = None
    reasons: list[str] = text_array()
    note_box: bytes | None = sealed()
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One answered sample beside what it is compared with."""

    id: UUID
    document: Document
    partner: str
    band: str
    is_gold: bool
    is_mine: bool
    first_outcome: str
    """The decision's, or a gold document's right answer."""
    first_reasons: Sequence[str]
    first_by: str
    decided_at: datetime
    outcome: str
    reasons: Sequence[str]
    looked_by: str
    answered_at: datetime
    cause: str
