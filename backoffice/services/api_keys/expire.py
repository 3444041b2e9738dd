"""Tells of keys that are about to expire."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.api_keys import ApiKey
from backoffice.services.access import Actor, Permission
from backoffice.services.api_keys.telling import tell

AHEAD = timedelta(days=7)
BATCH = 100


async def tell_expiring(session: AsyncSession, actor: Actor) -> int:
    """Tell once of each key that expires within a week; answer how many, at most a batch."""
    actor.require(Permission.SYSTEM)
    moment = now()
    statement = (
        select(ApiKey)
        .where(col(ApiKey.expires_at) > moment, col(ApiKey.expires_at) <= moment + AHEAD)
        .where(col(ApiKey.revoked_at).is_(None), col(ApiKey.expiring_told_at).is_(None))
        .where(col(ApiKey.lent_for).is_(None))
        .order_by(col(ApiKey.expires_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    keys = (await session.execute(statement)).scalars().all()
    for key in keys:
        key.expiring_told_at = moment
        await session.flush()
        ends = key.expires_at.isoformat() if key.expires_at else ""
        await tell(session, actor, key, "expiring", {"expires_at": ends})
    return len(keys)
