"""Single sign-on of a partner: the provider its people sign in at, the mail domains that are proven, and who is who."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from backoffice.i18n import N_
from backoffice.models.base import TenantRow, sealed, text_array, timestamp
from backoffice.models.members import Role

GIVEN_ROLES = (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER)
"""What a person who comes for the first time may become: nobody becomes an administrator by signing in."""
MAX_DOMAINS = 20
MAX_ISSUER, MAX_CLIENT, MAX_SECRET, MAX_DOMAIN, MAX_SUBJECT = 500, 255, 1_000, 190, 255
RECORD_HOST = "_partner-backoffice"
RECORD_START = "partner-backoffice-domain="
MISSING = N_("SAML is not installed here. Whoever runs this installation adds the extra “saml”.")
WARN = timedelta(days=30)
"""So long before its end people are told of a certificate."""
WAY = "sso"
"""How a session says that its person came by a provider."""


class Kind(StrEnum):
    """The language that a provider speaks."""

    OIDC = "oidc"
    SAML = "saml"


class SsoConnection(TenantRow, table=True):
    """The one provider of a partner."""

    __tablename__ = "sso_connections"
    __table_args__ = (
        UniqueConstraint("partner_id"),
        CheckConstraint("role in ('partner_analyst', 'partner_developer')", name="role_given"),
        CheckConstraint("is_on or not is_only_way", name="only_way_is_on"),
        CheckConstraint("kind = 'oidc' or (kind = 'saml' and saml_url <> '')", name="kind_is_whole"),
    )

    version: int = 1
    changed_at: datetime = timestamp(default_now=True)
    changed_by: UUID | None = Field(default=None, foreign_key="members.id")
    kind: str = Field(default=Kind.OIDC, sa_column_kwargs={"server_default": "oidc"})
    issuer: str
    """In SAML the entity id of the provider."""
    client_id: str
    secret_box: bytes | None = sealed()
    saml_url: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where a provider that speaks SAML asks people who they are."""
    certificates: list[str] = text_array()
    """With which of them it signs, as PEM: public, and two while one follows the other."""
    role: str = Role.PARTNER_ANALYST
    asks_second_factor: bool = False
    """The provider asks for a second factor, says the partner: ours is not asked for beside it."""
    is_only_way: bool = False
    is_on: bool = True


class SsoDomain(TenantRow, table=True):
    """A mail domain that a partner claims; it counts once an operator has seen its record in the DNS."""

    __tablename__ = "sso_domains"
    __table_args__ = (
        UniqueConstraint("partner_id", "domain"),
        Index("uq_sso_domains_proven", "domain", unique=True, postgresql_where=text("confirmed_at is not null")),
        CheckConstraint("domain = lower(domain)", name="domain_lower"),
    )

    domain: str
    token: str
    """What the record says; nothing secret."""
    confirmed_at: datetime | None = timestamp(nullable=True)
    confirmed_by: str = ""
    """The name of the operator, or of the command line."""


class SsoIdentity(TenantRow, table=True):
    """Who a member is at the provider: by issuer and subject, never by address (OpenID Connect Core §5.7)."""

    __tablename__ = "sso_identities"
    __table_args__ = (UniqueConstraint("partner_id", "issuer", "subject"), UniqueConstraint("member_id"))

    member_id: UUID = Field(foreign_key="members.id")
    issuer: str
    subject: str
    last_used_at: datetime | None = timestamp(nullable=True)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants a connection to be; an empty secret keeps the one that is there."""

    issuer: str
    client_id: str
    secret: str = ""
    role: str = Role.PARTNER_ANALYST
    asks_second_factor: bool = False
    is_only_way: bool = False
    version: int = 0
    kind: str = Kind.OIDC
    saml_url: str = ""
    certificates: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as a provider has vouched for in an answer that was checked."""

    issuer: str
    subject: str
    email: str
    name: str = ""
    amr: tuple[str, ...] = ()
    auth_time: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a test of a connection looked at."""

    is_good: bool
    words: str


@dataclass(frozen=True, slots=True)
class SamlPlaces:
    """Who we are to the SAML provider of one partner."""

    entity_id: str = ""
    """Our metadata is there."""
    acs_url: str = ""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What people want to know of a certificate."""

    subject: str
    ends: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Sso:
    """What a partner's administrators see of their single sign-on."""

    connection: SsoConnection | None = None
    domains: tuple[SsoDomain, ...] = ()
    people: int = 0
    """How many members have signed in by it."""
    redirect_uri: str = ""
    sign_in_url: str = ""
    saml: SamlPlaces = SamlPlaces()
    certificates: tuple[CertificateFacts, ...] = ()
    has_saml: bool = True
    """What it needs is installed."""


def record_of(domain: SsoDomain) -> tuple[str, str]:
    """Say which TXT record proves a domain: its name and its text."""
    return f"{RECORD_HOST}.{domain.domain}", f"{RECORD_START}{domain.token}"
