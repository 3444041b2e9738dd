"""The move of data keys out of the main database, while processes of before may still read and write them there.

A key is copied first. Its old row goes when the copy has been there for a while: until then a process of before finds
it, and who looked into the key store just before the copy does, too.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import key_store
from backoffice.adapters.key_store import WrappedKey
from backoffice.models.applicants import UnmovedKey
from backoffice.services.access import Actor, Permission

AT_ONCE = 1_000
SETTLED = timedelta(minutes=15)
"""How long the old row stays beside its copy: a rolling restart is over by then."""


async def copy(session: AsyncSession, actor: Actor, after: UUID | None) -> list[UUID]:
    """Copy the next old rows and answer whose they are.

    They stay locked until the copy is durable: an erasure waits for it, and then loses it.
    """
    actor.require(Permission.SYSTEM)
    statement = select(UnmovedKey).order_by(col(UnmovedKey.applicant_id)).limit(AT_ONCE)
    if after is not None:
        statement = statement.where(col(UnmovedKey.applicant_id) > after)
    rows = (await session.execute(statement.with_for_update())).scalars().all()
    keys = [WrappedKey(row.applicant_id, row.partner_id, row.region, row.wrapped, row.wrapped_by) for row in rows]
    if keys:
        await key_store.take(keys, [row.created_at for row in rows])
    return [key.applicant_id for key in keys]


async def clear(session: AsyncSession, actor: Actor, applicant_ids: Collection[UUID]) -> int:
    """Delete old rows whose copy is durable and has been there for a while; answers how many."""
    actor.require(Permission.SYSTEM)
    ready = await key_store.moved(applicant_ids, SETTLED)
    if not ready:
        return 0
    statement = delete(UnmovedKey).where(col(UnmovedKey.applicant_id).in_(ready))
    done = await session.execute(statement.returning(col(UnmovedKey.applicant_id)))
    return len(done.all())


async def is_over(session: AsyncSession, actor: Actor) -> bool:
    """Say whether nothing is left in the main database."""
    actor.require(Permission.JOBS_READ)
    return not (await session.execute(select(exists(select(UnmovedKey))))).scalar_one()
