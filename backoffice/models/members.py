"""A member: a person with a login, of a partner or of staff; and the sessions they hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import Row, json_column, sealed, tenant_key, text_array, timestamp


class Role(StrEnum):
    """What a member is; `services/permissions.py` says what each may do."""

    PARTNER_ADMIN = "partner_admin"
    PARTNER_DEVELOPER = "partner_developer"
    PARTNER_ANALYST = "partner_analyst"
    REVIEWER = "reviewer"
    REVIEW_LEAD = "review_lead"
    OPERATOR = "operator"
    AUDITOR = "auditor"


PARTNER_ROLES = frozenset({Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST})
STAFF_ROLES = frozenset(Role) - PARTNER_ROLES
SECOND_FACTOR_ROLES = STAFF_ROLES | {Role.PARTNER_ADMIN}


class Member(Row, table=True):
    """A person who signs in; staff belong to no partner."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("(role like 'partner\\_%') = (partner_id is not null)", name="role_matches_partner"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("custom_role_id is null or role = 'partner_analyst'", name="custom_role_on_least"),
        tenant_key("custom_role_id", "custom_roles"),
        Index("ix_members_custom_role_id", "custom_role_id", postgresql_where="custom_role_id is not null"),
    )

    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    email: str = Field(unique=True)
    name: str
    role: str
    custom_role_id: UUID | None = None
    """A role of their company's own; `role` is the least then, and what counts is `granted`."""
    granted: list[str] | None = text_array(nullable=True)
    """The permissions of that role: a copy that the database keeps, never written from here."""
    role_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The name of that role: a copy as well."""
    password_hash: str
    totp_secret_box: bytes | None = sealed()
    totp_last_step: int = 0
    passkey_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many passkeys this person has: whoever has one needs it, or a code, after the password."""
    had_known_browser: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Whether a browser was ever known for this login: from then on its person hears of each that is not."""
    disabled_at: datetime | None = timestamp(nullable=True)
    last_sign_in_at: datetime | None = timestamp(nullable=True)
    time_zone: str = "UTC"
    language: str = ""
    """A code of BCP 47; empty is what the browser asks for, and English in letters."""
    muted_letters: list[str] = text_array()
    """Kinds of optional letters that this person does not want."""
    alert_letters: dict[str, str] = json_column()
    """How this person hears of alerts, by kind; what is missing is the rule's own."""
    alerts_seen_at: datetime | None = timestamp(nullable=True)
    """When this person last looked at the alerts."""
    hotkeys: dict[str, object] = json_column()
    """Whether single keys are on, and which of them were moved: {"on": true, "keys": {"approve": "g"}}."""
    list_looks: dict[str, object] = json_column()
    """How lists look to this person: {"documents": {"hidden": ["id"], "density": "compact"}}."""

    @property
    def has_second_factor(self) -> bool:
        """Whether something beside the password proves who this is."""
        return self.totp_secret_box is not None or self.passkey_count > 0


class Session(Row, table=True):
    """One signed-in browser; only the hash of its secret is kept."""

    __tablename__ = "sessions"

    member_id: UUID = Field(foreign_key="members.id", index=True)
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id")
    token_hash: str = Field(unique=True)
    is_complete: bool = False
    """False between the password and the second factor."""
    totp_seed_box: bytes | None = sealed()
    """The seed that an authenticator app gets in the second step of who has none yet."""
    confirmed_at: datetime | None = timestamp(nullable=True)
    """When its person last proved who they are: dangerous acts ask for a proof that is fresh."""
    last_seen_at: datetime = timestamp(default_now=True)
    expires_at: datetime = timestamp()
    revoked_at: datetime | None = timestamp(nullable=True)
    ip: str = ""
    user_agent: str = ""
    way: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """How its person came in: "sso" by their company's provider; empty by password or passkey."""
    amr: list[str] = text_array()
    """What the provider says it asked for (RFC 8176)."""
    has_outside_factor: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """The provider asked for a second factor, as the company says: no one of ours is asked for."""
    awaits_passkey: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """All was proven but what the role asks for: its person makes their first passkey now."""
    known_browser_id: UUID | None = None
    """Which known browser it is in; no foreign key, since that one may be forgotten while this goes on."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How somebody came in; a session keeps it from the first step to the last."""

    way: str = ""
    amr: tuple[str, ...] = ()
    has_outside_factor: bool = False
