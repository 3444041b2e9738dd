"""A password reset: a link for who has forgotten theirs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backoffice.models.base import Row, timestamp


class PasswordReset(Row, table=True):
    """One way back in for one member; only the hash of the link's secret is kept."""

    __tablename__ = "password_resets"
    __table_args__ = (
        Index(
            "uq_password_resets_open",
            "member_id",
            unique=True,
            postgresql_where="used_at is null and ended_at is null",
        ),
    )

    member_id: UUID = Field(foreign_key="members.id", index=True)
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    token_hash: str = Field(unique=True)
    expires_at: datetime = timestamp()
    used_at: datetime | None = timestamp(nullable=True)
    ended_at: datetime | None = timestamp(nullable=True)
    """When a newer one took its place."""
