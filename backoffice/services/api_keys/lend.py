"""Lends keys: a person gets a test key with the rights of another key, for a quarter of an hour, in no list."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.models.api_keys import ApiKey, ApiKeySecret, SecretState
from backoffice.models.base import Prefix, public_id
from backoffice.services.access import Actor, Permission
from backoffice.services.api_keys import rules
from backoffice.services.api_keys.create import secret
from backoffice.services.api_keys.telling import note
from backoffice.services.api_keys.tokens import lookup_in, make_token
from backoffice.services.permissions import SCOPES

LIVES = timedelta(minutes=15)
NEVER_LENT = frozenset({Permission.AUDIT_READ, Permission.KEYS_WRITE})
"""The audit trail is one for live and test data; and a lent key must not make keys that last."""


async def lend(session: AsyncSession, actor: Actor, like: UUID, *, name: str) -> tuple[str, datetime]:
    """Lend a test key with the rights of the key `like`, and answer its new secret and when it ends.

    Of a lent key that key is meant whose rights it has. A person has one for each such key, renewed each time, so that
    there is one limit of requests; secrets of before work as long as was promised. The audit trail tells of it, no
    event does. Raises NotAllowed.
    """
    actor.require(Permission.KEYS_WRITE)
    partner_id, until = actor.require_partner(), present() + LIVES
    source = await _own(session, partner_id, like)
    for_ = source.lent_for if source and source.lent_for else like
    source = source if for_ == like else await _own(session, partner_id, for_)
    _, token = make_token(livemode=False)
    key = await _held(session, actor, for_)
    if key is None:
        key = ApiKey(partner_id=partner_id, name=name, livemode=False, created_by=actor.id, lent_for=for_)
    else:
        await _retire(session, key)
    scopes = (set(source.scopes) if source else {str(scope) for scope in SCOPES}) - NEVER_LENT
    key.scopes = rules.checked_scopes(scopes & rules.handed_on(actor) or {Permission.EVENTS_READ})
    rules.refuse_beyond_role(actor, key)
    key.denied_attributes = list(source.denied_attributes) if source else []
    key.lookup, key.last_four, key.expires_at = lookup_in(token), token[-4:], until
    session.add(key)
    await session.flush()
    session.add(secret(key, token, SecretState.ACTIVE))
    await session.flush()
    told: dict[str, object] = {
        "scopes": key.scopes,
        "like": public_id(Prefix.API_KEY, for_),
        "until": until.isoformat(),
    }
    await note(session, actor, key, "lent", told)
    return token, until


async def _own(session: AsyncSession, partner_id: UUID, key_id: UUID) -> ApiKey | None:
    statement = select(ApiKey).where(col(ApiKey.partner_id) == partner_id, col(ApiKey.id) == key_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def _held(session: AsyncSession, actor: Actor, for_: UUID) -> ApiKey | None:
    """Find the person's own and hold it; two tabs that ask for the first one stand in line."""
    name = f"lent:{actor.id}:{for_}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    statement = select(ApiKey).where(col(ApiKey.created_by) == actor.id, col(ApiKey.lent_for) == for_)
    return (await session.execute(statement.with_for_update())).scalar_one_or_none()


async def _retire(session: AsyncSession, key: ApiKey) -> None:
    """Let the secret in use end when it was promised to, and forget those that have ended."""
    mine = col(ApiKeySecret.key_id) == key.id
    retired = update(ApiKeySecret).where(mine, col(ApiKeySecret.state) == SecretState.ACTIVE)
    retired = retired.values(state=SecretState.RETIRING, ends_at=_promised(key))
    await session.execute(retired.execution_options(synchronize_session=False))
    ended = delete(ApiKeySecret).where(mine, col(ApiKeySecret.ends_at) <= present())
    await session.execute(ended.execution_options(synchronize_session=False))


def _promised(key: ApiKey) -> datetime:
    return key.expires_at or present()
