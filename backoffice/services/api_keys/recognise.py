"""Says whom a key stands for, with every request: one query, one HMAC, and a write only when there is news."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters.derive import is_live_pepper, pepper_versions
from backoffice.clock import now, present
from backoffice.db import Tenancy, execute, glance, transaction
from backoffice.errors import NotAllowed, NotSignedIn
from backoffice.models.api_keys import SecretState
from backoffice.models.partners import PartnerStatus
from backoffice.models.plans import Terms, terms
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType
from backoffice.services.api_keys.rotate import activate
from backoffice.services.api_keys.rules import withheld
from backoffice.services.api_keys.tokens import hmac_of, lookup_in
from backoffice.services.networks import is_within
from backoffice.services.permissions import SCOPES

TOUCH_EVERY = timedelta(minutes=1)
KNOWN = """
select k.id, k.partner_id, k.name, k.livemode, k.scopes, k.ip_allowlist, k.expires_at, k.revoked_at, k.last_used_at,
       k.denied_attributes, s.id, s.secret_hmac, s.pepper_version, s.state, s.ends_at, p.status, p.plan,
       p.exceptions, p.test_clock_seconds, (
           select u.used from usage_counters u
           where u.partner_id = k.partner_id and u.livemode = k.livemode and u.metric = 'documents' and u.month = %s)
from api_keys k join api_key_secrets s on s.key_id = k.id join partners p on p.id = k.partner_id"""
TOUCH = """
with before as (select id, last_used_at from api_keys where id = %s for update), touched as (
    update api_keys k set last_used_at = %s, last_used_ip = %s from before b
    where k.id = b.id and (b.last_used_at is null or b.last_used_at <= %s) returning b.last_used_at is null as is_first)
update api_key_secrets set last_used_at = %s, last_used_ip = %s from touched where id = %s returning touched.is_first"""
MOVE = """
update api_key_secrets set secret_hmac = %s, pepper_version = %s where id = %s and secret_hmac = %s"""
"""Once for each key after the pepper was turned; of many requests at once the first one does it."""
COUNT_LATE = """
update api_key_secrets set late_uses = late_uses + 1, last_used_at = %s, last_used_ip = %s
from (select set_config('synchronous_commit', 'off', true)) as quickly where id = %s"""
"""Exact, and cheap: the row is held for a moment, and nobody waits for the disk on behalf of a counter."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose secret was shown, whether or not it may be used now."""

    key_id: UUID
    partner_id: UUID
    livemode: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a key stands for, the terms whose limits apply, and the time that its data lives in."""

    actor: Actor
    proven: Proven
    terms: Terms
    ahead: timedelta = timedelta()
    """How far the partner's test clock is ahead; nothing for live keys."""
    documents_used: int = 0
    """Documents of this month as of now, for a first look at the quota."""


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
    exceptions: dict[str, object]
    test_clock_seconds: int
    documents_used: int | None

    @property
    def proven(self) -> Proven:
        """Say whose it is."""
        return Proven(self.id, self.partner_id, self.livemode)


async def recognise(
    token: str, ip: str, request_id: str = "", *, proven: Callable[[Proven], None] | None = None
) -> Caller:
    """Say whom a key stands for, as `authenticate` does, with one round trip unless there is something to write."""
    rows = await glance(Tenancy.everyone(), f"{KNOWN} where s.lookup = %s", (_month(), lookup_in(token)))
    key = _checked(rows, token)
    if proven:
        proven(key.proven)
    _usable(key, ip)
    if key.secret_state == SecretState.ACTIVE and not _is_stale(key) and not _is_outdated(key):
        return _caller(key, ip, request_id)
    async with transaction(Tenancy.everyone()) as session:
        return await authenticate(session, token, ip, request_id)


async def authenticate(session: AsyncSession, token: str, ip: str, request_id: str = "") -> Caller:
    """Say whom a key stands for, and write down its use; needs a session that sees every partner.

    Raises NotSignedIn for a key that is unknown, replaced, revoked or expired, NotAllowed for a strange address or a
    suspended partner. What is wrong is told only to who holds the whole secret.
    """
    key = await _proven(session, token)
    _usable(key, ip)
    caller = _caller(key, ip, request_id)
    if key.secret_state == SecretState.PENDING and not await activate(session, caller.actor, key.secret_id):
        key = await _proven(session, token)
        _usable(key, ip)
    if key.secret_state == SecretState.RETIRING:
        await execute(session, COUNT_LATE, (now(), ip, key.secret_id))
    await _touch(session, key, caller.actor)
    await _move(session, key, token)
    return caller


async def _proven(session: AsyncSession, token: str) -> _Known:
    rows = await execute(session, f"{KNOWN} where s.lookup = %s", (_month(), lookup_in(token)))
    return _checked(rows, token)


def _checked(rows: Sequence[tuple[Any, ...]], token: str) -> _Known:
    """Compare what is kept with what was shown; the time it takes does not tell whether somebody has such a key."""
    key = _Known(*rows[0]) if rows else None
    pepper = key.pepper_version if key and is_live_pepper(key.pepper_version) else pepper_versions()[0]
    is_same = hmac.compare_digest(hmac_of(token, pepper), key.secret_hmac if key else "")
    if key is None or not is_same:
        raise NotSignedIn("This API key is not known.", code="invalid_api_key")
    return key


async def by_id(session: AsyncSession, key_id: UUID, ip: str, request_id: str = "") -> Caller:
    """Say whom a key stands for now that a signed link names it; needs a session that sees every partner.

    Raises as `authenticate` does.
    """
    rows = await execute(session, f"{KNOWN} where s.state = 'active' and k.id = %s", (_month(), key_id))
    key = _Known(*rows[0]) if rows else None
    if key is None:
        raise NotSignedIn("This API key is not known.", code="invalid_api_key")
    _usable(key, ip)
    return _caller(key, ip, request_id)


def _caller(key: _Known, ip: str, request_id: str) -> Caller:
    ahead = timedelta() if key.livemode else timedelta(seconds=key.test_clock_seconds)
    held = terms(key.plan, key.exceptions, present())
    return Caller(_actor(key, ip, request_id), key.proven, held, ahead, key.documents_used or 0)


def _month() -> date:
    return now().date().replace(day=1)


def _usable(key: _Known, ip: str) -> None:
    if key.revoked_at is not None:
        raise NotSignedIn("This API key has been revoked.", code="api_key_revoked")
    if key.expires_at is not None and key.expires_at <= now():
        raise NotSignedIn("This API key has expired.", code="api_key_expired")
    if key.secret_ends_at is not None and key.secret_ends_at <= now():
        raise NotSignedIn(
            "This secret was replaced, and its grace has ended. Use the new one.", code="api_key_replaced"
        )
    if key.ip_allowlist and not is_within(ip, key.ip_allowlist):
        raise NotAllowed("This API key may not be used from this address.", code="ip_not_allowed")
    if key.partner_status == PartnerStatus.SUSPENDED:
        raise NotAllowed("This partner is suspended. Please contact us.", code="partner_suspended")


async def _touch(session: AsyncSession, key: _Known, actor: Actor) -> None:
    """Remember the last use at most once a minute, so that a busy key does not write with every read.

    The very first use is in the audit trail, once, whoever comes first of several at once.
    """
    if not _is_stale(key):
        return
    moment, ip = now(), actor.ip
    rows = await execute(session, TOUCH, (key.id, moment, ip, moment - TOUCH_EVERY, moment, ip, key.secret_id))
    if rows and rows[0][0]:
        await audit.record(session, actor, "api_key.first_used", subject_type="api_key", subject_id=key.id)


async def _move(session: AsyncSession, key: _Known, token: str) -> None:
    """Keep the secret under the newest pepper from now on: only who holds it can write that."""
    if _is_outdated(key):
        pepper = pepper_versions()[0]
        await execute(session, MOVE, (hmac_of(token, pepper), pepper, key.secret_id, key.secret_hmac))


def _is_outdated(key: _Known) -> bool:
    return key.pepper_version < pepper_versions()[0]


def _is_stale(key: _Known) -> bool:
    return key.last_used_at is None or key.last_used_at <= now() - TOUCH_EVERY


def _actor(key: _Known, ip: str, request_id: str) -> Actor:
    return Actor(
        type=ActorType.API_KEY,
        id=key.id,
        name=key.name,
        permissions=frozenset(scope for scope in SCOPES if scope in key.scopes),
        partner_id=key.partner_id,
        livemode=key.livemode,
        denied_attributes=withheld(key.denied_attributes),
        ip=ip,
        request_id=request_id,
    )
