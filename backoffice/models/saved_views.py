"""Saved views: lists of documents that one person comes back to, each under a name of its own."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, json_column

MOST_VIEWS = 12
LONGEST_NAME = 40


class SavedView(TenantRow, table=True):
    """One tab of one person's list."""

    __tablename__ = "saved_views"
    __table_args__ = (
        Index("uq_saved_views_name", "member_id", "name", unique=True),
        Index("ix_saved_views_order", "member_id", "position"),
    )

    member_id: UUID = Field(foreign_key="members.id")
    name: str
    filters: dict[str, str] = json_column()
    """As the list's address writes them; never what was searched for, which may be a name."""
    position: int
