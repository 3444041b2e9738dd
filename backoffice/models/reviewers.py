"""Who reviews what: skills, capacity and availability, whom a person must not judge, and the room's settings."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import Row, TenantRow, text_array, timestamp

MOST_AT_ONCE = 100


class Availability(StrEnum):
    """Whether a person is given tasks."""

    AVAILABLE = "available"
    AWAY = "away"


class Reviewer(Row, table=True):
    """What is known of a member who reviews; who has no such row is given nothing by itself and may take anything."""

    __tablename__ = "reviewers"
    __table_args__ = (
        CheckConstraint(f"capacity between 0 and {MOST_AT_ONCE}", name="capacity_in_range"),
        Index("ix_reviewers_available", "member_id", postgresql_where="availability = 'available'"),
    )

    member_id: UUID = Field(foreign_key="members.id", unique=True)
    document_types: list[str] = text_array()
    """Empty is all of them; so it is with countries and languages together."""
    countries: list[str] = text_array()
    languages: list[str] = text_array()
    """ISO 639-1: the documents of every country that has one of them officially."""
    capacity: int = 5
    """How many tasks one holds at once before no more are given."""
    availability: str = Availability.AWAY
    changed_at: datetime = timestamp(default_now=True)
    last_given_at: datetime | None = timestamp(nullable=True)


class ReviewBar(TenantRow, table=True):
    """A conflict of interest: this member never gets, sees or opens this partner's tasks."""

    __tablename__ = "review_bars"
    __table_args__ = (Index("uq_review_bars_member", "member_id", "partner_id", unique=True),)

    member_id: UUID = Field(foreign_key="members.id")
    reason: str
    set_by: UUID | None = Field(default=None, foreign_key="members.id")


class ReviewRoom(Row, table=True):
    """What holds for everybody in the review room; there is one row."""

    __tablename__ = "review_rooms"
    __table_args__ = (
        CheckConstraint("kept_minutes between 0 and 1440", name="kept_in_range"),
        CheckConstraint("second_percent between 0 and 100", name="second_in_range"),
    )

    name: str = Field(unique=True)
    kept_minutes: int = 15
    """How long an assigned task is kept for its assignee before others may take it."""
    second_percent: int = 0
    """The share of tasks that chance gives to two people, beside those that a policy does."""
    changed_by: UUID | None = Field(default=None, foreign_key="members.id")
    changed_at: datetime = timestamp(default_now=True)
