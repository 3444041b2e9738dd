"""An invitation: a login that waits for its person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import Row, sealed, tenant_key, timestamp


class Invitation(Row, table=True):
    """One person who may join in one role; only the hash of the link's secret is kept."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("(role like 'partner\\_%') = (partner_id is not null)", name="role_matches_partner"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("custom_role_id is null or role = 'partner_analyst'", name="custom_role_on_least"),
        tenant_key("custom_role_id", "custom_roles"),
        Index(
            "uq_invitations_open",
            "partner_id",
            "email",
            unique=True,
            postgresql_where="accepted_at is null and ended_at is null",
            postgresql_nulls_not_distinct=True,
        ),
    )

    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    email: str
    name: str
    role: str
    custom_role_id: UUID | None = None
    """A role of the company's own; `role` is the least then."""
    token_hash: str = Field(unique=True)
    totp_secret_box: bytes | None = sealed()
    """The seed that the authenticator app gets while joining, where the role needs one."""
    letter_box: bytes | None = sealed()
    """The link's secret, until its letter is sent."""
    invited_by: UUID | None = Field(default=None, foreign_key="members.id")
    expires_at: datetime = timestamp()
    accepted_at: datetime | None = timestamp(nullable=True)
    ended_at: datetime | None = timestamp(nullable=True)
    """When it was taken back, or replaced by a newer one."""
