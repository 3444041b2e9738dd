"""The shapes of usage and quota."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from backoffice.api.v1.schemas import In, IsoDate
from backoffice.models.partners import Plan


class UsageQuery(In):
    """Which days: `from` and `to` are included, at most 92 of them; without them the present month."""

    first: IsoDate | None = Field(default=None, alias="from")
    last: IsoDate | None = Field(default=None, alias="to")


class PeriodOut(BaseModel):
    """A calendar month in UTC."""

    starts_at: datetime
    ends_at: datetime


class DocumentQuotaOut(BaseModel):
    """Live documents of the present month; null for test keys, whose documents are not counted."""

    included: int | None
    used: int
    remaining: int | None
    resets_at: datetime


class RequestPolicyOut(BaseModel):
    """So many requests at once, per key, or for all keys together (`partner`).

    What is used comes back steadily, all of it within so many seconds.
    """

    name: str
    quota: int
    seconds: int
    counts: Literal["all", "writes"]


class QuotaOut(BaseModel):
    """What the plan allows and what is left of it."""

    object: Literal["quota"] = "quota"
    livemode: bool
    plan: Plan
    period: PeriodOut
    documents: DocumentQuotaOut
    requests: list[RequestPolicyOut]


class MonthOut(BaseModel):
    """One calendar month, in whole, also when the range begins within it."""

    month: str = Field(pattern=r"^\d{4}-\d\d$")
    documents: int


class DayOut(BaseModel):
    """One day in UTC."""

    date: date
    documents: int


class UsageOut(BaseModel):
    """Live documents by month and by day, oldest first; all zero for test keys."""

    model_config = ConfigDict(populate_by_name=True)

    object: Literal["usage"] = "usage"
    livemode: bool
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    months: list[MonthOut]
    days: list[DayOut]
