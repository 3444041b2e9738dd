"""What a key may be, and what one key may do to another."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.api_keys import ApiKey
from backoffice.screening.types import EXTRACTED_NAMES
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.applicants import PERSONAL_NAMES
from backoffice.services.permissions import SCOPES

MAX_NAME = 80
WRITTEN_ALONG = frozenset({Permission.APPLICANTS_WRITE, Permission.VERIFICATIONS_WRITE})
"""What no person of a partner's does by itself: whoever submits documents does it in the course of that."""
MAX_ADDRESSES = 50
DENIABLE = frozenset(EXTRACTED_NAMES) | frozenset(PERSONAL_NAMES)
"""The names of personal data that can be kept from a key."""


REVEALED_BY = {
    "given_names": ("full_name",),
    "surname": ("full_name",),
    "full_name": ("given_names", "surname"),
    "postal_code": ("address",),
    "address": ("postal_code",),
    "date_of_birth": ("personal_number",),
}
"""What shows an attribute under another name; many a personal number begins with the day of birth."""


def withheld(names: Collection[str]) -> frozenset[str]:
    """Add to what is kept from a key whatever would show it all the same."""
    return frozenset(names).union(*(REVEALED_BY.get(name, ()) for name in names))


def checked_name(name: str) -> str:
    """Take a name that can be read on one line."""
    tidy = name.strip()
    if not tidy or len(tidy) > MAX_NAME or not tidy.isprintable():
        raise Invalid(f"A key needs a name of 1 to {MAX_NAME} printable letters.", code="invalid_name", pointer="/name")
    return tidy


def checked_scopes(scopes: Collection[str]) -> list[str]:
    """Take scopes that keys can have, at least one."""
    if not scopes or not set(scopes) <= SCOPES:
        allowed = ", ".join(sorted(SCOPES))
        raise Invalid(f"Choose scopes among: {allowed}.", code="invalid_scope", pointer="/scopes")
    return sorted({str(scope) for scope in scopes})


def checked_addresses(addresses: Collection[str]) -> list[str]:
    """Take addresses and networks; none means from everywhere."""
    if len(addresses) > MAX_ADDRESSES:
        raise Invalid(f"At most {MAX_ADDRESSES} addresses.", code="too_many_addresses", pointer="/ip_allowlist")
    try:
        return [str(ipaddress.ip_network(address.strip(), strict=False)) for address in addresses]
    except ValueError:
        raise Invalid(
            "An address must be an IP address or a network such as 203.0.113.0/24.",
            code="invalid_address",
            pointer="/ip_allowlist",
        ) from None


def checked_attributes(names: Collection[str]) -> list[str]:
    """Take names of personal data that exist: a misspelt one would protect nothing."""
    unknown = set(names) - DENIABLE
    if unknown:
        known = ", ".join(sorted(DENIABLE))
        raise Invalid(f"Choose attributes among: {known}.", code="unknown_attribute", pointer="/denied_attributes")
    return sorted(set(names))


def checked_expiry(expires_at: datetime | None) -> datetime | None:
    """Take a time to come; a key lives by the outside world's clock, whatever a test clock says."""
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= present()):
        raise Invalid("The expiry must be a time to come, with its zone.", code="invalid_expiry", pointer="/expires_at")
    return expires_at


@dataclass(frozen=True, slots=True)
class Maker:
    """The key that acts on other keys, as it was before it did: what it hands on is bounded by what it is."""

    id: UUID
    livemode: bool
    scopes: frozenset[str]
    denied_attributes: frozenset[str]
    ip_allowlist: tuple[str, ...]
    expires_at: datetime | None


async def maker_of(session: AsyncSession, actor: Actor) -> Maker | None:
    """Answer the key that acts, None when a person does."""
    if actor.type != ActorType.API_KEY:
        return None
    statement = select(ApiKey).where(col(ApiKey.id) == actor.id)
    key = found((await session.execute(statement)).scalar_one_or_none(), "API key")
    return Maker(
        key.id,
        key.livemode,
        frozenset(key.scopes),
        frozenset(key.denied_attributes),
        tuple(key.ip_allowlist),
        key.expires_at,
    )


def refuse_wider(maker: Maker | None, key: ApiKey) -> None:
    """Keep a key from making, changing or renewing one that may do more than itself, or itself into more.

    Raises NotAllowed.
    """
    if maker is None:
        return
    lacking = sorted(set(key.scopes) - maker.scopes)
    if lacking:
        raise NotAllowed(f"This API key lacks the scope {lacking[0]} and cannot hand it on.", code="insufficient_scope")
    if not maker.denied_attributes <= set(key.denied_attributes):
        raise NotAllowed("This API key may not read some attributes that the other one may.", code="wider_key")
    if maker.ip_allowlist and not _is_within(key.ip_allowlist, maker.ip_allowlist):
        raise NotAllowed("This API key is bound to addresses, and the other one reaches further.", code="wider_key")
    if maker.expires_at and (key.expires_at is None or key.expires_at > maker.expires_at):
        raise NotAllowed("This API key expires, and the other one lives longer.", code="wider_key")


def handed_on(actor: Actor) -> frozenset[str]:
    """Say which scopes somebody can give a key: with a role of their company's own those that it grants.

    Our own roles with keys:write make keys for a company's systems, which may do more than any person: theirs can also
    write applicants and verifications, which whoever submits documents does in their course.
    """
    if not actor.role_name:
        return frozenset(SCOPES)
    along = WRITTEN_ALONG if actor.can(Permission.DOCUMENTS_WRITE) else frozenset[Permission]()
    return frozenset(SCOPES & (actor.permissions | along))


def refuse_beyond_role(actor: Actor, key: ApiKey) -> None:
    """Keep people from holding a key that reads personal data or the audit trail when they may not.

    A test key reads nobody's personal data; the trail is one for live and test. Raises NotAllowed.
    """
    if actor.type != ActorType.MEMBER:
        return
    if beyond := sorted(set(key.scopes) - handed_on(actor)):
        raise NotAllowed(
            f"Your role lets you do less than {beyond[0]}, so a key of yours cannot have it.", code="wider_key"
        )
    if Permission.AUDIT_READ in key.scopes and not actor.can(Permission.AUDIT_READ):
        raise NotAllowed(
            "Your role does not read the audit trail, so a key of yours cannot have audit:read.", code="wider_key"
        )
    reads = key.livemode and Permission.PERSONAL_READ in key.scopes
    if reads and not actor.can(Permission.PERSONAL_READ):
        raise NotAllowed(
            "Your role reads no personal data, so a live key of yours cannot have personal:read. "
            "A partner admin can make it.",
            code="wider_key",
        )


def _is_within(inner: Collection[str], outer: Collection[str]) -> bool:
    return bool(inner) and all(any(_holds(network, each) for network in outer) for each in inner)


def _holds(outer: str, inner: str) -> bool:
    wide, narrow = ipaddress.ip_network(outer), ipaddress.ip_network(inner)
    if isinstance(wide, ipaddress.IPv4Network) and isinstance(narrow, ipaddress.IPv4Network):
        return narrow.subnet_of(wide)
    if isinstance(wide, ipaddress.IPv6Network) and isinstance(narrow, ipaddress.IPv6Network):
        return narrow.subnet_of(wide)
    return False
