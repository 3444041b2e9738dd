"""Changes what a key may do; its secret stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import Conflict
from backoffice.models.api_keys import ApiKey
from backoffice.services.access import Actor
from backoffice.services.api_keys import rules
from backoffice.services.api_keys.find import locked
from backoffice.services.api_keys.telling import note


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be changed; what is None stays as it is."""

    name: str | None = None
    scopes: Sequence[str] | None = None
    ip_allowlist: Sequence[str] | None = None
    denied_attributes: Sequence[str] | None = None
    expires_at: datetime | None = None
    never_expires: bool = False
    """Take the expiry away."""


async def hold(session: AsyncSession, actor: Actor, key_id: UUID) -> tuple[ApiKey, rules.Maker | None]:
    """Find and hold a key that this actor may touch; answer it and the key that acts, if one does.

    Raises NotFound, NotAllowed, and Conflict for a revoked key.
    """
    key = await locked(session, actor, key_id)
    maker = await rules.maker_of(session, actor)
    rules.refuse_wider(maker, key)
    if key.revoked_at is not None:
        raise Conflict("This API key has been revoked. Make a new one.", code="api_key_ended")
    return key, maker


async def change(session: AsyncSession, actor: Actor, key_id: UUID, wanted: Change) -> ApiKey:
    """Change what is given, from the next request on.

    A key may narrow itself, never widen itself. Raises NotFound, NotAllowed, Invalid, Conflict for a revoked key.
    """
    key, maker = await hold(session, actor, key_id)
    before: dict[str, Any] = {}
    for name, value in _values(wanted).items():
        if getattr(key, name) != value:
            before[name] = getattr(key, name)
            setattr(key, name, value)
    if "expires_at" in before:
        key.expiring_told_at = None
    rules.refuse_wider(maker, key)
    if "scopes" in before and not set(key.scopes) <= set(before["scopes"]):
        rules.refuse_beyond_role(actor, key)
    if before:
        key.version += 1
        await session.flush()
        await note(session, actor, key, "changed", {name: _told(key, name, old) for name, old in before.items()})
    return key


def _values(wanted: Change) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if wanted.name is not None:
        values["name"] = rules.checked_name(wanted.name)
    if wanted.scopes is not None:
        values["scopes"] = rules.checked_scopes(wanted.scopes)
    if wanted.ip_allowlist is not None:
        values["ip_allowlist"] = rules.checked_addresses(wanted.ip_allowlist)
    if wanted.denied_attributes is not None:
        values["denied_attributes"] = rules.checked_attributes(wanted.denied_attributes)
    if wanted.never_expires or wanted.expires_at is not None:
        values["expires_at"] = None if wanted.never_expires else rules.checked_expiry(wanted.expires_at)
    return values


def _told(key: ApiKey, name: str, old: object) -> list[object]:
    return [one.isoformat() if isinstance(one, datetime) else one for one in (old, getattr(key, name))]
