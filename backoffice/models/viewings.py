"""Viewings: for a while one operator's session may look at one partner's workspace, for a purpose that is kept."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from backoffice.models.base import TenantRow, timestamp

LASTS = timedelta(minutes=30)
MIN_PURPOSE, MAX_PURPOSE = 10, 300
NOTHING_CHANGES = "You look at this company as an operator: nothing can be changed."


class Viewing(TenantRow, table=True):
    """One look; it ends by itself, by a press, by the next one, and with the session that it belongs to."""

    __tablename__ = "viewings"
    __table_args__ = (
        CheckConstraint("until > created_at", name="until_later"),
        Index("uq_viewings_open", "session_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_viewings_due", "until", postgresql_where=text("ended_at is null")),
    )

    member_id: UUID = Field(foreign_key="members.id")
    session_id: UUID
    purpose: str
    until: datetime = timestamp()
    ended_at: datetime | None = timestamp(nullable=True)
    ended_by: str = ""
    """What ended it: stopped, replaced, time, session or suspended."""
