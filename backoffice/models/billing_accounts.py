"""How a partner is billed and warned: currency, thresholds, and what was told of them."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Index, Integer
from sqlmodel import Field

from backoffice.models.base import NamedTable, TenantRow, tenant_unique
from backoffice.models.money import DEFAULT_CURRENCY

MOST_THRESHOLDS = 5


class BillingAccount(NamedTable, table=True):
    """One partner's; without a row everything is as it stands here."""

    __tablename__ = "billing_accounts"

    partner_id: UUID = Field(foreign_key="partners.id", primary_key=True)
    currency: str = DEFAULT_CURRENCY
    usage_percents: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(Integer), nullable=False, server_default="{}")
    )
    """Percent of the plan's documents at which people are told."""
    spend_amounts: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}")
    )
    """Minor units of the month's cost at which people are told."""


class ThresholdKind(StrEnum):
    """What a threshold is about."""

    USAGE = "usage"
    SPEND = "spend"


class BillingNotice(TenantRow, table=True):
    """A threshold that was reached: told once in its month, whatever happens afterwards."""

    __tablename__ = "billing_notices"
    __table_args__ = (
        tenant_unique(),
        Index("uq_billing_notices_once", "partner_id", "month", "kind", "threshold", "currency", unique=True),
    )

    month: date
    kind: str
    threshold: int = Field(sa_column=Column(BigInteger, nullable=False))
    reached: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Documents, or minor units, when it was noticed."""
    currency: str
