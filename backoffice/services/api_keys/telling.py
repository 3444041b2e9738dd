"""Writes down what happens to keys: always for the audit, and as an event where a partner's server may want to know."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import live
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, public_id
from backoffice.services import audit, events
from backoffice.services.access import Actor


def subject(key: ApiKey) -> events.Subject:
    """Say what a key's event is about."""
    data: dict[str, object] = {
        "id": public_id(Prefix.API_KEY, key.id),
        "object": "api_key",
        "name": key.name,
        "livemode": key.livemode,
        "scopes": key.scopes,
        "last_four": key.last_four,
        "expires_at": key.expires_at.isoformat().replace("+00:00", "Z") if key.expires_at else None,
    }
    return events.Subject("api_key", key.id, key.partner_id, key.livemode, data)


async def tell(session: AsyncSession, actor: Actor, key: ApiKey, what: str, changes: dict[str, object]) -> None:
    """Write the audit entry and the event."""
    await note(session, actor, key, what, changes)
    await events.emit(session, actor, f"api_key.{what}", subject(key))


async def note(session: AsyncSession, actor: Actor, key: ApiKey, what: str, changes: dict[str, object]) -> None:
    """Write the audit entry alone, and let open screens look again."""
    await audit.record(
        session,
        actor,
        f"api_key.{what}",
        subject_type="api_key",
        subject_id=key.id,
        partner_id=key.partner_id,
        changes=changes,
    )
    live.announce(session, f"partner:{key.partner_id}")
