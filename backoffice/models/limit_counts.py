"""Plans side by side, and the exceptions from them: plain values for services and screens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice.models.partners import Plan
from backoffice.models.plans import LimitException, LimitName
from backoffice.models.prices import PriceList
from backoffice.models.sla import Rules


@dataclass(frozen=True, slots=True)
class Granted:
    """One exception that holds, with whose it is."""

    partner_id: UUID
    partner: str
    plan: Plan
    name: LimitName
    usual: int
    exception: LimitException


@dataclass(frozen=True, slots=True)
class PlanCount:
    """Who is on a plan, and what they sent this month."""

    partners: int = 0
    suspended: int = 0
    documents: int = 0
    """Live documents of the month."""
    near: int = 0
    """Partners whose quota is nearly used, or all of it."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """Everything that hangs on a plan."""

    counts: Mapping[Plan, PlanCount]
    targets: Rules
    prices: PriceList | None
    coming: PriceList | None
    """Prices that are published and have not begun: the next ones."""
    granted: Sequence[Granted]
