"""Ends keys."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import wall
from backoffice.errors import NotAllowed
from backoffice.models.api_keys import ApiKey, ApiKeySecret, SecretState
from backoffice.services.access import Actor
from backoffice.services.api_keys import rules
from backoffice.services.api_keys.find import locked
from backoffice.services.api_keys.telling import tell


async def revoke(session: AsyncSession, actor: Actor, key_id: UUID) -> ApiKey:
    """Refuse every secret of the key from the next request on; revoking twice changes nothing.

    Raises NotFound, NotAllowed, also for a key that would revoke itself.
    """
    key = await locked(session, actor, key_id)
    maker = await rules.maker_of(session, actor)
    rules.refuse_wider(maker, key)
    if maker and maker.id == key.id:
        raise NotAllowed("A key cannot revoke itself. Do it with another key or on the page.", code="own_key")
    if key.revoked_at is None:
        key.revoked_at = wall()
        key.version += 1
        await session.flush()
        await session.execute(
            delete(ApiKeySecret)
            .where(col(ApiKeySecret.key_id) == key.id, col(ApiKeySecret.state) == SecretState.PENDING)
            .execution_options(synchronize_session=False)
        )
        await tell(session, actor, key, "revoked", {"scopes": key.scopes, "livemode": key.livemode})
    return key
