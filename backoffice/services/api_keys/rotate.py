"""Rotates a key's secret without an outage: the new one takes over when it is used first (as Paddle does it)."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now, present
from backoffice.db import execute
from backoffice.errors import Conflict, Invalid
from backoffice.models.api_keys import ApiKey, ApiKeySecret, SecretState
from backoffice.services.access import Actor
from backoffice.services.api_keys import rules
from backoffice.services.api_keys.change import hold
from backoffice.services.api_keys.create import secret
from backoffice.services.api_keys.telling import note, tell
from backoffice.services.api_keys.tokens import make_token

DEFAULT_GRACE = timedelta(hours=24)
MAX_GRACE = timedelta(days=7)
ACTIVATE = """
with pending as (
    select id, key_id, grace_seconds from api_key_secrets where id = %s and state = 'pending'
), retired as (
    update api_key_secrets old set state = 'retiring', ends_at = %s + pending.grace_seconds * interval '1 second'
    from pending where old.key_id = pending.key_id and old.state = 'active' returning old.ends_at)
update api_key_secrets new set state = 'active', activated_at = %s
from retired where new.id = %s and new.state = 'pending' returning new.lookup, new.last_four, retired.ends_at"""
"""Both secrets change or none does; the old one first, because a key has one active secret at every moment."""


async def rotate(
    session: AsyncSession, actor: Actor, key_id: UUID, *, grace: timedelta = DEFAULT_GRACE
) -> tuple[ApiKey, str]:
    """Make a new secret and answer it once; nothing changes for the old one until the new one is used.

    A secret that was made earlier and never used is gone with this. Raises NotFound, NotAllowed, Invalid for a grace
    outside of 0 to 7 days, Conflict for a key that has ended.
    """
    if not timedelta() <= grace <= MAX_GRACE:
        raise Invalid("The grace must lie between 0 seconds and 7 days.", code="out_of_range", pointer="/grace_seconds")
    key, _ = await hold(session, actor, key_id)
    actor.require_fresh()
    rules.refuse_beyond_role(actor, key)
    if key.expires_at is not None and key.expires_at <= present():
        raise Conflict("This API key has expired. Make a new one.", code="api_key_ended")
    unused = await session.execute(
        delete(ApiKeySecret)
        .where(col(ApiKeySecret.key_id) == key.id, col(ApiKeySecret.state) == SecretState.PENDING)
        .returning(col(ApiKeySecret.id))
        .execution_options(synchronize_session=False)
    )
    is_again = unused.first() is not None
    _, token = make_token(livemode=key.livemode)
    seconds = int(grace.total_seconds())
    session.add(secret(key, token, SecretState.PENDING, grace_seconds=seconds))
    key.version += 1
    await session.flush()
    await note(session, actor, key, "rotation_started", {"grace_seconds": seconds, "replaces_unused": is_again})
    return key, token


async def activate(session: AsyncSession, actor: Actor, secret_id: UUID) -> bool:
    """Let a pending secret take over on its first use, and its predecessor retire; False when somebody was faster.

    The lock on the key lines up with everything else that moves its secrets.
    """
    statement = select(ApiKey).where(col(ApiKey.id) == actor.id, col(ApiKey.revoked_at).is_(None)).with_for_update()
    key = (await session.execute(statement)).scalar_one_or_none()
    moment = now()
    rows = await execute(session, ACTIVATE, (secret_id, moment, moment, secret_id)) if key else ()
    if key is None or not rows:
        return False
    key.lookup, key.last_four, ends_at = rows[0]
    key.version += 1
    await session.flush()
    await tell(session, actor, key, "rotated", {"old_secret_ends_at": ends_at.isoformat()})
    return True
