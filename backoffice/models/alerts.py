"""Alerts: what a partner's people should look at, found by rules over what is stored anyway."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from backoffice.models.base import (
    NamedTable,
    TenantRow,
    json_column,
    tenant_key,
    tenant_unique,
    text_array,
    timestamp,
)
from backoffice.models.security_facts import SecurityFact

KEPT = timedelta(days=90)
"""How long an alert that is over stays in the list."""
AGAIN = timedelta(hours=1)
"""What comes back within this time is the same alert, and nobody is written to about it again."""


class AlertKind(StrEnum):
    """What is watched."""

    WEBHOOK_FAILING = "webhook_failing"
    API_ERRORS = "api_errors"
    QUOTA = "quota"
    SLA_RISK = "sla_risk"
    KEY_EXPIRING = "key_expiring"
    REJECTIONS = "rejections"
    SECURITY = "security"


class AlertState(StrEnum):
    """Where an alert stands; it is resolved by what it watches, never by a person."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How soon somebody should look, the most urgent first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Its place, from 0 for the most urgent."""
        return list(Severity).index(self)


class Rhythm(StrEnum):
    """How somebody hears of alerts of one kind by e-mail."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    OFF = "off"


class Mute(StrEnum):
    """For how long an alert is silent."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


MUTES = {Mute.HOUR: timedelta(hours=1), Mute.DAY: timedelta(days=1), Mute.WEEK: timedelta(days=7)}


class Alert(TenantRow, table=True):
    """One thing that one rule found; however often it comes back, only one of them is not over."""

    __tablename__ = "alerts"
    __table_args__ = (
        tenant_unique(),
        CheckConstraint("state in ('open', 'acknowledged', 'muted', 'resolved')", name="state_known"),
        CheckConstraint("severity in ('critical', 'warning', 'info')", name="severity_known"),
        CheckConstraint("(state = 'resolved') = (resolved_at is not null)", name="resolution_whole"),
        CheckConstraint("state <> 'muted' or muted_until is not null", name="mute_ends"),
        CheckConstraint("times >= 1 and affected >= 0", name="counted"),
        Index("uq_alerts_standing", "partner_id", "kind", "subject_id", unique=True,
              postgresql_where="state <> 'resolved'"),
        Index("ix_alerts_newest", "partner_id", "id"),
        Index("ix_alerts_resolved", "partner_id", "resolved_at", postgresql_where="state = 'resolved'"),
        Index("ix_alerts_over", "resolved_at", postgresql_where="state = 'resolved'"),
    )  # fmt: skip

    kind: str
    subject_id: UUID
    """The endpoint or the key; the partner for what concerns all of it."""
    severity: str
    state: str = AlertState.OPEN
    affected: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    detail: dict[str, Any] = json_column()
    """The figures behind it, and the name of its subject; never personal data."""
    times: int = 1
    """How often it came back within an hour of being over."""
    opened_at: datetime = timestamp(default_now=True)
    """When it last began; `created_at` is when it first did."""
    last_seen_at: datetime = timestamp(default_now=True)
    acted_by: UUID | None = Field(default=None, foreign_key="members.id")
    """Who acknowledged or muted it last."""
    muted_until: datetime | None = timestamp(nullable=True)
    """Outlives a resolution, so that what comes back meanwhile is silent, too."""
    resolved_at: datetime | None = timestamp(nullable=True)
    told_at: datetime | None = timestamp(nullable=True)
    """When people were last to be written to."""
    told_severity: str | None = None
    """How urgent it was then: only what is worse than that is news before an hour is over."""
    news_at: datetime = timestamp(default_now=True)
    """When it was last something new: as it began, came back, got worse or was not muted any more."""


class AlertRules(TenantRow, table=True):
    """What a partner set of its rules; without a row every rule is on with its own threshold."""

    __tablename__ = "alert_rules"
    __table_args__ = (UniqueConstraint("partner_id"),)

    version: int = 1
    changed_at: datetime = timestamp(default_now=True)
    changed_by: UUID | None = Field(default=None, foreign_key="members.id")
    off: list[str] = text_array()
    """Kinds that are not watched."""
    thresholds: dict[str, int] = json_column()
    """Only those that differ from the rule's own."""


class AlertWatch(NamedTable, table=True):
    """When one partner's rules were last gone through: workers share partners by it."""

    __tablename__ = "alert_watches"
    __table_args__ = (Index("ix_alert_watches_checked", "checked_at"),)

    partner_id: UUID = Field(foreign_key="partners.id", primary_key=True)
    checked_at: datetime = timestamp()


class AlertLetter(TenantRow, table=True):
    """One letter to one person, with every alert that waited for it."""

    __tablename__ = "alert_letters"
    __table_args__ = (tenant_unique(), Index("ix_alert_letters_member", "member_id", "created_at"))

    member_id: UUID = Field(foreign_key="members.id")
    rhythm: str


class AlertNotice(TenantRow, table=True):
    """That one person is to hear of one alert; it waits until a letter takes it along."""

    __tablename__ = "alert_notices"
    __table_args__ = (
        tenant_key("alert_id", "alerts"),
        tenant_key("letter_id", "alert_letters"),
        Index("uq_alert_notices_waiting", "alert_id", "member_id", unique=True, postgresql_where="letter_id is null"),
        Index("ix_alert_notices_waiting", "partner_id", "member_id", postgresql_where="letter_id is null"),
        Index("ix_alert_notices_letter", "letter_id"),
        Index("ix_alert_notices_alert", "alert_id"),
    )

    alert_id: UUID
    member_id: UUID = Field(foreign_key="members.id")
    rhythm: str
    letter_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found just now."""

    kind: AlertKind
    subject_id: UUID
    severity: Severity
    affected: int
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """How many alerts stand where, of those that one person may see."""

    open: int = 0
    acknowledged: int = 0
    muted: int = 0
    unread: int = 0
    """Open ones that began since the person last looked."""
    last_resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndpointFact:
    """An endpoint that does not take what we send."""

    id: UUID
    name: str
    failing_since: datetime | None
    is_disabled: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class KeyFact:
    """A key that ends."""

    id: UUID
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the rules look at, of one partner and its live data."""

    as_of: datetime
    partner_id: UUID
    has_rules: bool = False
    """Whether the partner set any; like the next two, it spares a partner at rest what it does not need."""
    has_alerts: bool = False
    """Whether any stands, may come back as the same one, or is muted beyond its end."""
    has_waiting: bool = False
    """Whether anybody is still to be written to."""
    requests: int = 0
    refused: int = 0
    """Answered with 400 or above."""
    failed: int = 0
    """Answered with 500 or above."""
    used: int = 0
    included: int = 0
    near: int = 0
    """Reviews that have used most of their time."""
    over: int = 0
    """Reviews that are past it."""
    decided: int = 0
    rejected: int = 0
    usual_decided: int = 0
    usual_rejected: int = 0
    endpoints: tuple[EndpointFact, ...] = field(default=())
    keys: tuple[KeyFact, ...] = field(default=())
    security: tuple[SecurityFact, ...] = field(default=())
    """What was found about the partner's own people and keys."""
