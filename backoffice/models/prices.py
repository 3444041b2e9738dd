"""What things cost, per plan and currency, in versions that begin at a date; none means that nothing is billed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Field

from backoffice.models.base import Row, json_column, timestamp
from backoffice.models.partners import Plan
from backoffice.models.usage_records import UsageKind

FEE = "monthly"


@dataclass(frozen=True, slots=True)
class Tier:
    """What each unit costs up to a bound that counts from the month's first unit; the last tier has no bound."""

    up_to: int | None
    each: Decimal
    """Minor units; a part of one is fine, an amount is rounded once per line."""


@dataclass(frozen=True, slots=True)
class PlanPrices:
    """What one plan costs in one currency."""

    monthly: int = 0
    tiers: Mapping[UsageKind, tuple[Tier, ...]] = field(default_factory=dict[UsageKind, tuple[Tier, ...]])
    """Graduated: each unit costs what its own tier says. A kind that is not named is free."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """One version: currency, then plan."""

    number: int
    valid_from: datetime
    plans: Mapping[str, Mapping[Plan, PlanPrices]]

    def of(self, currency: str, plan: Plan) -> PlanPrices:
        """Answer what a plan costs; a plan that is not named is free."""
        return self.plans.get(currency, {}).get(plan, PlanPrices())


class PriceVersion(Row, table=True):
    """One version as it was published; never changed, another one replaces it from its own date on."""

    __tablename__ = "price_versions"

    number: int = Field(unique=True)
    valid_from: datetime = timestamp()
    prices: dict[str, Any] = json_column()
    note: str = ""
    made_by: UUID | None = Field(default=None, foreign_key="members.id")


def as_json(plans: Mapping[str, Mapping[Plan, PlanPrices]]) -> dict[str, Any]:
    """Write prices as the table keeps them: minor units as texts, so that nothing is a float."""
    return {
        currency: {
            str(plan): {
                FEE: str(prices.monthly),
                **{kind: [[tier.up_to, str(tier.each)] for tier in tiers] for kind, tiers in prices.tiers.items()},
            }
            for plan, prices in by_plan.items()
        }
        for currency, by_plan in plans.items()
    }


def price_list(row: PriceVersion) -> PriceList:
    """Read a version back."""
    return PriceList(
        row.number,
        row.valid_from,
        {
            currency: {Plan(plan): _plan_prices(values) for plan, values in by_plan.items()}
            for currency, by_plan in row.prices.items()
        },
    )


def _plan_prices(values: Mapping[str, Any]) -> PlanPrices:
    tiers = {
        UsageKind(kind): tuple(Tier(up_to, Decimal(each)) for up_to, each in rows)
        for kind, rows in values.items()
        if kind != FEE
    }
    return PlanPrices(int(values[FEE]), tiers)
