"""What is told of a partner's bill: plain values for services and screens alike."""

from dataclasses import dataclass
from datetime import datetime

from backoffice.models.billing_accounts import BillingAccount
from backoffice.models.invoices import Bill
from backoffice.models.partners import Plan
from backoffice.models.plans import Terms
from backoffice.models.prices import PlanPrices


@dataclass(frozen=True, slots=True)
class Overview:
    """The present month of who is billed, and what is arranged."""

    terms: Terms
    account: BillingAccount
    bill: Bill | None
    """None where nothing is billed."""
    low: int
    high: int
    """What the month will cost if days go on like the last ones."""
    prices: dict[Plan, PlanPrices] | None
    next_plan: Plan | None
    next_from: datetime | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of plan would do."""

    before: Terms
    after: Terms
    effective_at: datetime
    is_at_once: bool
    currency: str
    total: int | None
    """Of the present month as it stands; None where nothing is billed."""
    total_after: int | None
    """Of the present month with the change, if it is at once."""
