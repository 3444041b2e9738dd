"""A recovery code: the second step of who has lost their phone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backoffice.models.base import Row, timestamp


class RecoveryCode(Row, table=True):
    """One code, good for one sign-in; only its keyed hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("uq_recovery_codes_code", "member_id", "code_hash", unique=True),)

    member_id: UUID = Field(foreign_key="members.id")
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    code_hash: str
    pepper_version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    used_at: datetime | None = timestamp(nullable=True)
