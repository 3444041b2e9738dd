"""Invoices: one a month, written whole when it is final, and never changed; drafts are computed and never kept."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Numeric
from sqlmodel import Field

from backoffice.errors import NotFound
from backoffice.models.base import TenantRow, tenant_key, tenant_unique, timestamp
from backoffice.models.partners import Plan

GRACE = timedelta(hours=2)
"""After a month's end; until then its figures are provisional."""
_RANDOM = (1 << 74) - 1


class InvoiceStatus(StrEnum):
    """Where an invoice stands; only final ones are rows."""

    DRAFT = "draft"
    FINALIZED = "finalized"


class LineKind(StrEnum):
    """What a line is about; the kinds of usage are kinds of lines, too."""

    PLAN_FEE = "plan_fee"
    DOCUMENT_SCREENED = "document_screened"
    FACE_MATCH = "face_match"
    HUMAN_REVIEW = "human_review"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC."""

    first: date

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """Answer the month of a moment."""
        return cls(moment.astimezone(UTC).date().replace(day=1))

    @property
    def starts(self) -> datetime:
        """Say when it begins."""
        return datetime(self.first.year, self.first.month, 1, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """Say when the next one begins."""
        return (self.starts + timedelta(days=32)).replace(day=1)

    @property
    def final_at(self) -> datetime:
        """Say from when on its invoice is final."""
        return self.ends + GRACE

    @property
    def next(self) -> "Month":
        """Answer the month after."""
        return Month.of(self.ends)

    @property
    def previous(self) -> "Month":
        """Answer the month before."""
        return Month.of(self.starts - timedelta(days=1))

    @property
    def label(self) -> str:
        """Write it as the API does."""
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, of a draft or a final invoice alike: `amount` is `quantity` times `unit_price`, rounded once."""

    position: int
    kind: LineKind
    description: str
    quantity: int
    unit_price: Decimal
    amount: int
    starts: datetime
    ends: datetime
    since: datetime
    """From when on its records count: earlier than it starts for what came too late for the month before."""
    plan: Plan | None = None
    skipped: int = 0
    """How many units of its kind and stretch come before its first one."""
    tier_from: int | None = None
    """Which unit of the month its tier begins with, counted from 1."""
    tier_to: int | None = None
    credit_id: UUID | None = None
    id: UUID | None = None
    """Of a final one."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A whole invoice with its lines; the total is their sum."""

    id: UUID
    month: Month
    number: str
    status: InvoiceStatus
    currency: str
    plan: Plan
    lines: tuple[Line, ...]
    finalized_at: datetime | None = None
    livemode: bool = True

    @property
    def total(self) -> int:
        """Add the lines up."""
        return sum(line.amount for line in self.lines)

    def line(self, position: int) -> Line:
        """Find a line by its place.

        Raises NotFound.
        """
        found = next((line for line in self.lines if line.position == position), None)
        if found is None:
            raise NotFound("This invoice has no such line.", pointer="/line")
        return found


def invoice_id(partner_id: UUID, month: Month) -> UUID:
    """Answer the one id that a partner's invoice of a month has, as a draft and when it is final.

    It sorts by month like every key here, and two that finalize at once write the same key.
    """
    digest = int.from_bytes(sha256(f"{partner_id}:{month.first}".encode()).digest()) & _RANDOM
    milliseconds = int(month.starts.timestamp() * 1000)
    high, low = digest >> 62, digest & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (high << 64) | (2 << 62) | low)


class Invoice(TenantRow, table=True):
    """A final invoice; the database lets nobody change it, nor add a line that its total does not hold."""

    __tablename__ = "invoices"
    __table_args__ = (
        tenant_unique(),
        CheckConstraint("lines >= 0", name="lines_counted"),
        Index("uq_invoices_month", "partner_id", "livemode", "month", unique=True),
        Index("uq_invoices_number", "partner_id", "number", unique=True),
    )

    livemode: bool = True
    month: date
    number: str
    currency: str
    plan: str
    """At the month's end."""
    partner_name: str
    total: int = Field(sa_column=Column(BigInteger, nullable=False))
    lines: int
    finalized_at: datetime = timestamp()


class InvoiceLine(TenantRow, table=True):
    """One line of a final invoice; usage records point at the line that counts them."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        tenant_unique(),
        tenant_key("invoice_id", "invoices"),
        tenant_key("credit_id", "invoice_credits"),
        CheckConstraint("quantity >= 0", name="quantity_counted"),
        Index("uq_invoice_lines_position", "invoice_id", "position", unique=True),
        Index("uq_invoice_lines_credit", "credit_id", unique=True, postgresql_where="credit_id is not null"),
    )

    invoice_id: UUID
    position: int
    kind: str
    description: str
    quantity: int = Field(sa_column=Column(BigInteger, nullable=False))
    unit_price: Decimal = Field(sa_column=Column(Numeric(20, 6), nullable=False))
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    starts_at: datetime = timestamp()
    ends_at: datetime = timestamp()
    plan: str | None = None
    tier_from: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    tier_to: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    credit_id: UUID | None = Field(default=None)


class InvoiceCredit(TenantRow, table=True):
    """What an operator gives back of a final invoice; the next invoice has it as a negative line, once."""

    __tablename__ = "invoice_credits"
    __table_args__ = (
        tenant_unique(),
        tenant_key("invoice_id", "invoices"),
        CheckConstraint("amount > 0", name="gives_back"),
        Index("ix_invoice_credits_invoice", "invoice_id"),
        Index("ix_invoice_credits_partner", "partner_id", "id"),
    )

    invoice_id: UUID
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str
    reason: str
    member_id: UUID | None = Field(default=None, foreign_key="members.id")
