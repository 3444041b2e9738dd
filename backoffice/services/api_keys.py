"""API keys: made once, shown once, recognised by an HMAC, and refused as soon as they are revoked."""

import hashlib
import hmac
import ipaddress
import re
import secrets
import string
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters.derive import derive_key
from backoffice.clock import now
from backoffice.db import execute
from backoffice.errors import Invalid, NotAllowed, NotSignedIn
from backoffice.models.api_keys import ApiKey, ApiKeySecret, SecretState
from backoffice.models.base import Prefix, public_id
from backoffice.models.partners import PartnerStatus, Plan
from backoffice.services import audit, events
from backoffice.services.access import SCOPES, Actor, ActorType, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, cut, read_cursor

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
LOOKUP_LENGTH = 12
SECRET_LENGTH = 27
"""27 letters of 62 carry 160 bits."""
CHECKSUM_LENGTH = 6
PEPPER_VERSION = 1
TOUCH_EVERY = timedelta(minutes=1)
MAX_NAME = 80
MAX_ADDRESSES = 50
TOKEN = re.compile(r"kyc_(live|test)_([0-9A-Za-z]{12})_([0-9A-Za-z]{27})_([0-9A-Za-z]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a key stands for, the plan whose limits apply, and the time that its data lives in."""

    actor: Actor
    plan: Plan
    ahead: timedelta = timedelta()
    """How far the partner's test clock is ahead; nothing for live keys."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is asked of a key with every request, in the order of `KNOWN`."""

    id: UUID
    partner_id: UUID
    name: str
    livemode: bool
    scopes: list[str]
    ip_allowlist: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    denied_attributes: list[str]
    secret_id: UUID
    secret_hmac: str
    pepper_version: int
    secret_state: str
    secret_ends_at: datetime | None
    partner_status: str
    plan: str
    test_clock_seconds: int


KNOWN = """
select k.id, k.partner_id, k.name, k.livemode, k.scopes, k.ip_allowlist, k.expires_at, k.revoked_at, k.last_used_at,
       k.denied_attributes, s.id, s.secret_hmac, s.pepper_version, s.state, s.ends_at, p.status, p.plan,
       p.test_clock_seconds
from api_keys k join api_key_secrets s on s.key_id = k.id join partners p on p.id = k.partner_id"""


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def checksum(text: str) -> str:
    """Write the CRC-32 of a key's front part in base62, so that a typo is refused before any database is asked."""
    number = zlib.crc32(text.encode())
    letters: list[str] = []
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(BASE62))
        letters.append(BASE62[rest])
    return "".join(reversed(letters))


def _hmac(token: str, version: int) -> str:
    return hmac.new(derive_key(f"api-key-pepper:{version}"), token.encode(), hashlib.sha256).hexdigest()


def _make_token(*, livemode: bool) -> tuple[str, str]:
    lookup = _random(LOOKUP_LENGTH)
    front = f"kyc_{'live' if livemode else 'test'}_{lookup}_{_random(SECRET_LENGTH)}"
    return lookup, f"{front}_{checksum(front)}"


async def create(  # noqa: PLR0913 a key has this many properties
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    livemode: bool,
    scopes: Collection[Permission],
    ip_allowlist: Collection[str] = (),
    expires_at: datetime | None = None,
    partner_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and answer it with its secret, which nobody sees again.

    Staff name the partner; a partner's member makes keys for their own. Raises Invalid, NotAllowed.
    """
    actor.require(Permission.KEYS_WRITE)
    lookup, token = _make_token(livemode=livemode)
    key = ApiKey(
        partner_id=_whose(actor, partner_id),
        name=_checked_name(name),
        livemode=livemode,
        lookup=lookup,
        last_four=token[-4:],
        scopes=_checked_scopes(scopes),
        ip_allowlist=_checked_addresses(ip_allowlist),
        expires_at=_checked_expiry(expires_at),
        created_by=actor.id if actor.type == ActorType.MEMBER else None,
    )
    session.add(key)
    await session.flush()
    session.add(_secret(key, token, SecretState.ACTIVE))
    await session.flush()
    await _tell(session, actor, key, "created")
    return key, token


def _secret(key: ApiKey, token: str, state: SecretState) -> ApiKeySecret:
    return ApiKeySecret(
        partner_id=key.partner_id,
        key_id=key.id,
        lookup=token.split("_")[2],
        secret_hmac=_hmac(token, PEPPER_VERSION),
        pepper_version=PEPPER_VERSION,
        last_four=token[-4:],
        state=state,
        activated_at=now() if state == SecretState.ACTIVE else None,
    )


def _whose(actor: Actor, partner_id: UUID | None) -> UUID:
    if actor.is_staff and partner_id is not None:
        return partner_id
    own = actor.require_partner()
    if partner_id not in (None, own):
        raise NotAllowed("Keys are made for your own company only.")
    return own


def _checked_name(name: str) -> str:
    tidy = name.strip()
    if not tidy or len(tidy) > MAX_NAME or not tidy.isprintable():
        raise Invalid(f"A key needs a name of 1 to {MAX_NAME} printable letters.", code="invalid_name", pointer="/name")
    return tidy


def _checked_scopes(scopes: Collection[Permission]) -> list[str]:
    if not scopes or not set(scopes) <= SCOPES:
        allowed = ", ".join(sorted(SCOPES))
        raise Invalid(f"Choose scopes among: {allowed}.", code="invalid_scope", pointer="/scopes")
    return sorted({str(scope) for scope in scopes})


def _checked_addresses(addresses: Collection[str]) -> list[str]:
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


def _checked_expiry(expires_at: datetime | None) -> datetime | None:
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now()):
        raise Invalid("The expiry must be a time to come, with its zone.", code="invalid_expiry", pointer="/expires_at")
    return expires_at


async def revoke(session: AsyncSession, actor: Actor, key_id: UUID) -> ApiKey:
    """Refuse the key from the next request on; revoking twice changes nothing.

    Raises NotFound, NotAllowed.
    """
    actor.require(Permission.KEYS_WRITE)
    statement = select(ApiKey).where(col(ApiKey.id) == key_id).with_for_update()
    if not actor.is_staff:
        statement = statement.where(col(ApiKey.partner_id) == actor.partner_id)
    key = found((await session.execute(statement)).scalar_one_or_none(), "API key")
    if key.revoked_at is None:
        key.revoked_at = now()
        await session.flush()
        await _tell(session, actor, key, "revoked")
    return key


async def page(
    session: AsyncSession,
    actor: Actor,
    *,
    livemode: bool | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ApiKey]:
    """List keys newest first, revoked ones too; none holds its secret."""
    actor.require(Permission.KEYS_READ)
    statement = select(ApiKey).order_by(col(ApiKey.id).desc()).limit(limit + 1)
    if not actor.is_staff:
        statement = statement.where(col(ApiKey.partner_id) == actor.partner_id)
    if livemode is not None:
        statement = statement.where(col(ApiKey.livemode) == livemode)
    before = read_cursor(Prefix.API_KEY, cursor)
    if before:
        statement = statement.where(col(ApiKey.id) < before)
    return cut((await session.execute(statement)).scalars().all(), limit, Prefix.API_KEY)


async def _tell(session: AsyncSession, actor: Actor, key: ApiKey, what: str) -> None:
    data: dict[str, object] = {
        "id": public_id(Prefix.API_KEY, key.id),
        "object": "api_key",
        "name": key.name,
        "livemode": key.livemode,
        "scopes": key.scopes,
        "last_four": key.last_four,
    }
    await audit.record(
        session,
        actor,
        f"api_key.{what}",
        subject_type="api_key",
        subject_id=key.id,
        partner_id=key.partner_id,
        changes={"scopes": key.scopes, "livemode": key.livemode},
    )
    subject = events.Subject("api_key", key.id, key.partner_id, key.livemode, data)
    await events.emit(session, actor, f"api_key.{what}", subject)


async def authenticate(session: AsyncSession, token: str, ip: str, request_id: str = "") -> Caller:
    """Say whom a key stands for; needs a session that sees every partner.

    Raises NotSignedIn for a key that is unknown, revoked or expired, NotAllowed for a strange address or a
    suspended partner. What is wrong is told only to who holds the whole secret.
    """
    key = await _known(session, "s.lookup = %s", _well_formed(token))
    mac = _hmac(token, key.pepper_version if key else PEPPER_VERSION)
    if not hmac.compare_digest(mac, key.secret_hmac if key else "") or key is None:
        raise NotSignedIn("This API key is not known.", code="invalid_api_key")
    _usable(key, ip)
    await _touch(session, key, ip)
    return _caller(key, ip, request_id)


async def by_id(session: AsyncSession, key_id: UUID, ip: str, request_id: str = "") -> Caller:
    """Say whom a key stands for now that a signed link names it; needs a session that sees every partner.

    Raises as `authenticate` does.
    """
    key = await _known(session, "s.state = 'active' and k.id = %s", key_id)
    if key is None:
        raise NotSignedIn("This API key is not known.", code="invalid_api_key")
    _usable(key, ip)
    return _caller(key, ip, request_id)


def _caller(key: _Known, ip: str, request_id: str) -> Caller:
    ahead = timedelta() if key.livemode else timedelta(seconds=key.test_clock_seconds)
    return Caller(_actor(key, ip, request_id), Plan(key.plan), ahead)


async def _known(session: AsyncSession, condition: LiteralString, value: str | UUID) -> _Known | None:
    """Read a key without a model object: it is asked for with every request."""
    rows = await execute(session, f"{KNOWN} where {condition}", (value,))
    return _Known(*rows[0]) if rows else None


def _well_formed(token: str) -> str:
    match = TOKEN.fullmatch(token)
    if not match or not hmac.compare_digest(checksum(token.rpartition("_")[0]), match[4]):
        raise NotSignedIn("This is not an API key, or it was not copied whole.", code="invalid_api_key")
    return match[2]


def _usable(key: _Known, ip: str) -> None:
    if key.revoked_at is not None:
        raise NotSignedIn("This API key has been revoked.", code="api_key_revoked")
    if key.expires_at is not None and key.expires_at <= now():
        raise NotSignedIn("This API key has expired.", code="api_key_expired")
    if key.ip_allowlist and not _is_allowed(ip, key.ip_allowlist):
        raise NotAllowed("This API key may not be used from this address.", code="ip_not_allowed")
    if key.partner_status == PartnerStatus.SUSPENDED:
        raise NotAllowed("This partner is suspended. Please contact us.", code="partner_suspended")


def _is_allowed(ip: str, networks: Collection[str]) -> bool:
    """Compare as addresses; an IPv4 address that arrives inside IPv6 counts as IPv4."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in ipaddress.ip_network(network) for network in networks)


async def _touch(session: AsyncSession, key: _Known, ip: str) -> None:
    """Remember the last use at most once a minute, so that a busy key does not write with every read."""
    stale = now() - TOUCH_EVERY
    if key.last_used_at is not None and key.last_used_at > stale:
        return
    await session.execute(
        update(ApiKey)
        .where(col(ApiKey.id) == key.id, or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) <= stale))
        .values(last_used_at=now(), last_used_ip=ip)
        .execution_options(synchronize_session=False)
    )


def _actor(key: _Known, ip: str, request_id: str) -> Actor:
    return Actor(
        type=ActorType.API_KEY,
        id=key.id,
        name=key.name,
        permissions=frozenset(scope for scope in SCOPES if scope in key.scopes),
        partner_id=key.partner_id,
        livemode=key.livemode,
        denied_attributes=frozenset(key.denied_attributes),
        ip=ip,
        request_id=request_id,
    )
