"""The move of data keys into the key store, while processes of before may still read and write where they were.

That is the main database's own table of before there was a key store, and the key store in the main database once it
has a database of its own. A key is copied first. Its old row goes when the copy has been there for a while: until then
a process of before finds it, and who looked into the key store just before the copy does, too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import key_store
from backoffice.adapters.key_store import Apart
from backoffice.db import execute
from backoffice.models.applicants import UnmovedKey
from backoffice.services.access import Actor, Permission

AT_ONCE = 1_000
SETTLED = timedelta(minutes=15)
"""How long the old row stays beside its copy: a rolling restart is over by then."""
IS_THERE = "select to_regclass('keystore.data_keys') is not null"


@dataclass(frozen=True, slots=True)
class Place:
    """Where keys were, in the main database."""

    read: str
    clear: str


OLD = Place(
    """
    select applicant_id, partner_id, region, wrapped, wrapped_by, created_at, null::timestamptz from data_keys
    where %s::uuid is null or applicant_id > %s::uuid order by applicant_id limit %s for update""",
    "delete from data_keys where applicant_id = any(%s::uuid[]) returning applicant_id",
)
INSIDE = Place(
    """
    select applicant_id, partner_id, region, wrapped, wrapped_by, created_at, lost_at from keystore.data_keys
    where %s::uuid is null or applicant_id > %s::uuid order by applicant_id limit %s for update""",
    "delete from keystore.data_keys where applicant_id = any(%s::uuid[]) returning applicant_id",
)


async def places(session: AsyncSession, actor: Actor) -> list[Place]:
    """Say where keys may be left."""
    actor.require(Permission.SYSTEM)
    if key_store.apart() is Apart.NOT:
        return [OLD]
    [(is_there,)] = await execute(session, IS_THERE, ())
    return [OLD, INSIDE] if is_there else [OLD]


async def copy(session: AsyncSession, actor: Actor, place: Place, after: UUID | None) -> list[UUID]:
    """Copy the next old rows and answer whose they are.

    They stay locked until the copy is durable: an erasure waits for it, and then loses it.
    """
    actor.require(Permission.SYSTEM)
    rows = await execute(session, place.read, (after, after, AT_ONCE))
    if rows:
        await key_store.take(rows)
    return [row[0] for row in rows]


async def clear(session: AsyncSession, actor: Actor, place: Place, applicant_ids: Collection[UUID]) -> int:
    """Delete old rows whose copy is durable and has been there for a while; answers how many."""
    actor.require(Permission.SYSTEM)
    ready = await key_store.moved(applicant_ids, SETTLED)
    return len(await execute(session, place.clear, (list(ready),))) if ready else 0


async def is_over(session: AsyncSession, actor: Actor) -> bool:
    """Say whether nothing is left in the table of before."""
    actor.require(Permission.JOBS_READ)
    return not (await session.execute(select(exists(select(UnmovedKey))))).scalar_one()
