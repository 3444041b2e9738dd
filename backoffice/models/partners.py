"""A partner: the tenant, a company that integrates with us."""

from enum import StrEnum

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from backoffice.models.base import Row, json_column
from backoffice.settings import DEFAULT_REGION


class Plan(StrEnum):
    """The tier a partner is on; limits and prices hang on it."""

    FREE = "free"
    STANDARD = "standard"
    ENTERPRISE = "enterprise"


class PartnerStatus(StrEnum):
    """Whether a partner may send documents."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


SUSPENSION = "suspension"
"""The setting that says why and since when a partner is suspended: {"reason": "…", "at": "…", "by": "…"}."""
MAX_REASON = 300


class Partner(Row, table=True):
    """The tenant; every other tenant row carries its key."""

    __tablename__ = "partners"
    __table_args__ = (UniqueConstraint("id", "region"), Index("ix_partners_region", "region"))

    name: str
    slug: str = Field(unique=True)
    plan: str = Plan.STANDARD
    status: str = PartnerStatus.ACTIVE
    settings: dict[str, object] = json_column()
    exceptions: dict[str, object] = json_column()
    """Limits that hold for this partner in place of its plan's, by name; `models/plans.py` reads them."""
    test_clock_seconds: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    """How far this partner's test data lives ahead of the present."""
    region: str = Field(default=DEFAULT_REGION, sa_column_kwargs={"server_default": DEFAULT_REGION})
    """Where its files are and whose key seals its people's data; never changes (trigger `guard_region`)."""
