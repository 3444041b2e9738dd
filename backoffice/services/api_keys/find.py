"""Finds keys and their secrets; none of them in the clear."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.models.api_keys import ApiKey, ApiKeySecret, SecretState
from backoffice.models.base import Prefix
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, cut, read_cursor


def _visible(actor: Actor) -> Select[ApiKey]:
    """Choose the keys that the actor may see; what was lent to a person is not one of the partner's keys."""
    statement = select(ApiKey).where(col(ApiKey.lent_for).is_(None))
    if not actor.is_staff:
        statement = statement.where(col(ApiKey.partner_id) == actor.partner_id)
    if actor.livemode is not None:
        statement = statement.where(col(ApiKey.livemode) == actor.livemode)
    return statement


async def get(session: AsyncSession, actor: Actor, key_id: UUID) -> ApiKey:
    """Find one key that the actor may see.

    Raises NotFound for one that does not exist, of another partner or of the other mode.
    """
    actor.require(Permission.KEYS_READ)
    statement = _visible(actor).where(col(ApiKey.id) == key_id)
    return found((await session.execute(statement)).scalar_one_or_none(), "API key")


async def locked(session: AsyncSession, actor: Actor, key_id: UUID) -> ApiKey:
    """Find one key that the actor may change, and hold it: every step of a rotation waits here for the one before."""
    actor.require(Permission.KEYS_WRITE)
    statement = _visible(actor).where(col(ApiKey.id) == key_id).with_for_update()
    statement = statement.execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "API key")


async def page(
    session: AsyncSession,
    actor: Actor,
    *,
    livemode: bool | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ApiKey]:
    """List keys newest first, revoked ones too."""
    actor.require(Permission.KEYS_READ)
    statement = _visible(actor).order_by(col(ApiKey.id).desc()).limit(limit + 1)
    if livemode is not None:
        statement = statement.where(col(ApiKey.livemode) == livemode)
    before = read_cursor(Prefix.API_KEY, cursor)
    if before:
        statement = statement.where(col(ApiKey.id) < before)
    return cut((await session.execute(statement)).scalars().all(), limit, Prefix.API_KEY)


async def names_of(session: AsyncSession, actor: Actor, key_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Name keys that are met elsewhere, such as in the log of requests; lent ones, too."""
    actor.require(Permission.KEYS_READ)
    statement = select(col(ApiKey.id), col(ApiKey.name)).where(col(ApiKey.id).in_(list(key_ids)))
    if not actor.is_staff:
        statement = statement.where(col(ApiKey.partner_id) == actor.partner_id)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def secrets_of(session: AsyncSession, key_ids: Iterable[UUID]) -> dict[UUID, list[ApiKeySecret]]:
    """Read the secrets that still work or will, newest first, of several keys with one query."""
    statement = (
        select(ApiKeySecret)
        .where(col(ApiKeySecret.key_id).in_(list(key_ids)))
        .where((col(ApiKeySecret.state) != SecretState.RETIRING) | (col(ApiKeySecret.ends_at) > present()))
        .order_by(col(ApiKeySecret.key_id), col(ApiKeySecret.id).desc())
        .execution_options(populate_existing=True)
    )
    grouped: dict[UUID, list[ApiKeySecret]] = {}
    for row in (await session.execute(statement)).scalars():
        grouped.setdefault(row.key_id, []).append(row)
    return grouped
