"""SLA: how soon each queue is to be done with a document of each plan, whose hours count, and how it went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import Row, TenantRow, json_column, tenant_key, timestamp
from backoffice.models.business_hours import Calendar
from backoffice.models.partners import Plan

WARN_AT = 0.8
"""The share of the time after which a warning is due."""


class Lane(StrEnum):
    """The queues within the queue, in the order in which a task goes through them; it never goes back."""

    STANDARD = "standard"
    SECOND_REVIEW = "second_review"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Target:
    """How soon, and by which calendar; without one every hour counts."""

    length: timedelta
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All targets and calendars at one time; a queue without a target keeps the deadline that the task came with."""

    version: int = 0
    targets: Mapping[tuple[Plan, Lane], Target] = field(default_factory=dict[tuple[Plan, Lane], Target])
    calendars: Mapping[str, Calendar] = field(default_factory=dict[str, Calendar])

    def target(self, plan: Plan, lane: Lane) -> Target | None:
        """Answer the target of a plan's queue, if it has one of its own."""
        return self.targets.get((plan, lane))

    def calendar(self, plan: Plan, lane: Lane) -> Calendar | None:
        """Answer whose hours count there; None is every hour."""
        target = self.target(plan, lane) or self.target(plan, Lane.STANDARD)
        return self.calendars.get(target.calendar) if target else None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions: what, before, after."""

    what: str
    before: str
    after: str


class SlaVersion(Row, table=True):
    """One version of the rules; a version never changes, and each task keeps the number of its own."""

    __tablename__ = "sla_versions"

    version: int = Field(unique=True)
    targets: dict[str, Any] = json_column()
    """Plan, then queue: minutes and the calendar's name."""
    calendars: dict[str, Any] = json_column()
    """Name: time zone, hours of each weekday in minutes after midnight, ISO days off."""
    made_by: UUID | None = Field(default=None, foreign_key="members.id")


class SlaResult(TenantRow, table=True):
    """How one live task went through one queue; written once, when it leaves it."""

    __tablename__ = "sla_results"
    __table_args__ = (
        tenant_key("task_id", "review_tasks"),
        Index("uq_sla_results_task", "task_id", "lane", unique=True),
        Index("ix_sla_results_ended", "ended_at"),
    )

    task_id: UUID
    lane: str
    plan: str
    began_at: datetime = timestamp()
    due_at: datetime = timestamp()
    ended_at: datetime = timestamp()


class SlaAlert(Row, table=True):
    """What leads are told of late tasks: one alert gathers until it is sent, the next one gathers after that."""

    __tablename__ = "sla_alerts"
    __table_args__ = (
        CheckConstraint("breached >= 0", name="counted"),
        Index("uq_sla_alerts_open", "is_open", unique=True, postgresql_where="is_open"),
    )

    is_open: bool = True
    breached: int = 0
    by_lane: dict[str, int] = json_column()
    last_at: datetime = timestamp(default_now=True)
    sent_at: datetime | None = timestamp(nullable=True)
