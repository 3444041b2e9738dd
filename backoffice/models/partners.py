"""A partner: the tenant, a company that integrates with us."""

from enum import StrEnum

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from backoffice.models.base import Row, json_column


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

    name: str
    slug: str = Field(unique=True)
    plan: str = Plan.STANDARD
    status: str = PartnerStatus.ACTIVE
    settings: dict[str, object] = json_column()
    test_clock_seconds: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    """How far this partner's test data lives ahead of the present."""
