"""What a partner used: counted in the transaction of the thing itself, so that the number is exact."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field

from backoffice.models.base import NamedTable, TenantRow, json_column, timestamp


class Metric(StrEnum):
    """What is counted."""

    DOCUMENTS = "documents"
    """By calendar month: what the quota is about."""
    DOCUMENTS_BY_DAY = "documents_by_day"


class UsageCounter(NamedTable, table=True):
    """One partner's count of one thing in one calendar month or day (UTC); its row lock makes the count exact."""

    __tablename__ = "usage_counters"

    partner_id: UUID = Field(foreign_key="partners.id", primary_key=True)
    livemode: bool = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    month: date = Field(primary_key=True)
    """Its first day; the day itself for what is counted by day."""
    used: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    told_percent: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The highest soft cap that the partner was told of."""
    exceeded_at: datetime | None = timestamp(nullable=True)
    """When the first request was refused over it."""


class ApiRequest(TenantRow, table=True):
    """One answered API request; no body, no query, no header: what a partner's developer and an auditor need."""

    __tablename__ = "api_requests"
    __table_args__ = (
        Index("ix_api_requests_newest", "partner_id", "livemode", "id"),
        Index("ix_api_requests_key", "key_id", "id"),
        Index("ix_api_requests_request", "partner_id", "request_id"),
        Index("ix_api_requests_age", "created_at"),
    )

    livemode: bool
    key_id: UUID
    method: str
    route: str
    """The template, `/documents/{document_id}`."""
    path: str
    status: int
    code: str = ""
    """The problem's code of a refusal."""
    duration_ms: float
    ip: str = ""
    request_id: str = ""
    request_bytes: int = 0
    is_replay: bool = False
    """Whether an Idempotency-Key gave an earlier answer again."""
    detail: dict[str, object] = json_column()
    """The wrong places of a refusal by JSON pointer and code, never a value."""
