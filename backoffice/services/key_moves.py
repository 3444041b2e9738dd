"""The move of data keys into the key store, while processes of before may still read and write where they were.

That is the main database's own table of before there was a key store, and nothing else: which key store is another
one's successor is for people to say. A key is copied first. Its old row goes when the copy has been there for a while:
until then a process of before finds it, and who looked into the key store just before the copy does, too.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import key_store
from backoffice.db import execute
from backoffice.models.applicants import UnmovedKey
from backoffice.services.access import Actor, Permission

AT_ONCE = 1_000
SETTLED = timedelta(minutes=15)
"""How long the old row stays beside its copy: a rolling restart is over by then."""
READ = """
select applicant_id, partner_id, region, wrapped, wrapped_by, created_at, null::timestamptz from data_keys
where %s::uuid is null or applicant_id > %s::uuid order by applicant_id limit %s for update"""
CLEAR = "delete from data_keys where applicant_id = any(%s::uuid[]) returning applicant_id"


async def copy(session: AsyncSession, actor: Actor, after: UUID | None) -> list[UUID]:
    """Copy the next old rows and answer whose they are.

    They stay locked until the copy is durable: an erasure waits for it, and then loses it.
    """
    actor.require(Permission.SYSTEM)
    rows = await execute(session, READ, (after, after, AT_ONCE))
    if rows:
        await key_store.take(rows)
    return [row[0] for row in rows]


async def clear(session: AsyncSession, actor: Actor, applicant_ids: Collection[UUID]) -> int:
    """Delete old rows whose copy is durable and has been there for a while; answers how many."""
    actor.require(Permission.SYSTEM)
    ready = await key_store.moved(applicant_ids, SETTLED)
    return len(await execute(session, CLEAR, (list(ready),))) if ready else 0


async def is_over(session: AsyncSession, actor: Actor) -> bool:
    """Say whether nothing is left in the table of before."""
    actor.require(Permission.JOBS_READ)
    return not (await session.execute(select(exists(select(UnmovedKey))))).scalar_one()
