"""The erasure ledger: who was erased, kept beside the objects of their region and not in the database.

A database that comes back from a backup knows people who were erased since. The ledger names them, by ids alone, so
that they are erased again before anybody is let in (GDPR article 17; security policy: backups against erasure).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters.storage import storage_for
from backoffice.models.applicants import Applicant
from backoffice.models.erasure_requests import ErasureRequest
from backoffice.services import erasures, regions
from backoffice.services.access import Actor, Permission

FOLDER = "ledger/erasures"


@dataclass(frozen=True, slots=True)
class Erased:
    """One line of the ledger."""

    applicant_id: UUID
    partner_id: UUID


async def write(session: AsyncSession, actor: Actor, request_id: UUID) -> None:
    """Note whom a request erases, before the request is done: an erasure that is not noted never counts as done.

    Raises Unavailable when the storage does not answer.
    """
    actor.require(Permission.SYSTEM)
    row = await session.get_one(ErasureRequest, request_id)
    line = {
        "applicant_id": str(row.applicant_id),
        "partner_id": str(row.partner_id),
        "requested_at": str(row.created_at),
    }
    store = storage_for(await regions.of(session, row.partner_id))
    await store.put(f"{FOLDER}/{row.applicant_id.hex}.json", json.dumps(line).encode())


async def entries(places: Sequence[str]) -> list[Erased]:
    """Read the whole ledger of these regions.

    Raises Unavailable when one of them cannot be asked: then nobody knows who was erased there.
    """
    stores = [storage_for(region) for region in places]
    lines = [json.loads(await store.get(key)) for store in stores for key in await store.keys(FOLDER)]
    return [Erased(UUID(line["applicant_id"]), UUID(line["partner_id"])) for line in lines]


async def returned(session: AsyncSession, actor: Actor) -> list[Erased]:
    """Answer who is in the ledger and in the database, not erased."""
    actor.require(Permission.SYSTEM)
    known = await entries(await regions.every(session, actor))
    if not known:
        return []
    statement = select(col(Applicant.id)).where(
        col(Applicant.id) == any_(bindparam("erased", [one.applicant_id for one in known], ARRAY(Uuid()))),
        col(Applicant.erased_at).is_(None),
    )
    alive = set((await session.execute(statement)).scalars())
    return [one for one in known if one.applicant_id in alive]


async def request_again(session: AsyncSession, actor: Actor, erased: Erased) -> UUID:
    """Ask once more for the erasure of who came back; answers the request."""
    actor.require(Permission.SYSTEM)
    partner = Actor.system(erased.partner_id, name=actor.name)
    return (await erasures.request(session, partner, erased.applicant_id)).id
