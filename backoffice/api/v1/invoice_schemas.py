"""The shapes of invoices and of the records that they count."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backoffice.api.v1.schemas import WHOLE, Out, PageQuery, Text, Time
from backoffice.api.v1.usage_schemas import PeriodOut
from backoffice.models.invoices import InvoiceStatus, LineKind
from backoffice.models.partners import Plan
from backoffice.models.usage_records import UsageKind


class InvoiceQuery(PageQuery):
    """How to walk invoices."""


class UsageRecordQuery(PageQuery):
    """How to narrow the usage records; with an invoice and one of its lines, those that the line counts."""

    kind: UsageKind | None = None
    """What was done."""
    invoice_id: Text | None = None
    """An invoice, which needs the scope `billing:read`; only with `line`."""
    line: Annotated[int, Field(ge=1, le=10_000), WHOLE] | None = None
    """The position of one of the invoice's lines."""
    created_after: Time | None = None
    created_before: Time | None = None


class UsageRecordOut(Out):
    """One billable thing that was done for a live document; each kind at most once per document."""

    id: str
    object: Literal["usage_record"] = "usage_record"
    livemode: bool
    kind: UsageKind
    """What was done."""
    document_id: str
    document_type: str | None
    """What kind of document it was, if that was known when it was counted."""
    key_id: str | None
    """The API key that sent the document."""
    created_at: datetime


class InvoiceLineOut(Out):
    """One line; `amount` is `quantity` times `unit_price`, rounded once."""

    position: int
    """Its place on the invoice, counted from 1."""
    kind: LineKind
    """What it is for."""
    description: str
    """What it is for, in words."""
    quantity: int
    """How many."""
    unit_price: str
    """What one costs, as a decimal number of minor units: `30.5` is 0.305 euro."""
    amount: int
    """Whole minor units; negative for what is given back."""
    plan: Plan | None
    """The plan that was in force."""
    tier_from: int | None
    """Which unit of the month its tier begins with."""
    tier_to: int | None
    """Which unit of the month its tier ends with; null for the last tier."""
    starts_at: datetime
    """When what it counts begins."""
    ends_at: datetime
    """When it ends, exclusively."""


class InvoiceOut(Out):
    """A month's invoice: a draft is provisional and changes with every document, a final one never changes."""

    id: str
    """The same as a draft and when it is final."""
    object: Literal["invoice"] = "invoice"
    livemode: bool
    number: str
    """What is printed on it."""
    month: str = Field(pattern=r"^\d{4}-\d\d$")
    """The calendar month (UTC)."""
    period: PeriodOut
    """When the month begins and ends."""
    status: InvoiceStatus
    """`draft` until two hours after the month, then `finalized`."""
    provisional: bool
    """Whether its figures may still change."""
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """ISO 4217."""
    plan: Plan
    """The plan at the end of the month, or now."""
    total: int
    """The sum of the lines, in whole minor units."""
    lines: list[InvoiceLineOut]
    """Every amount that the total holds."""
    finalized_at: datetime | None
    """When it became final."""
