"""Keeps the key store true to the main database, for the two commit apart.

A key store that was restored from its backup has keys again of who was erased since. A submission that failed leaves
a key of nobody. And where PostgreSQL writes a row anew, the old one stays in the file until the file is written anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from logging import getLogger
from uuid import UUID

from sqlalchemy import ARRAY, CollectionAggregate, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import key_store
from backoffice.db import Tenancy
from backoffice.models.applicants import Applicant
from backoffice.models.partners import Partner
from backoffice.services.access import Actor, Permission

log = getLogger(__name__)
AT_ONCE = 1_000
SETTLED = timedelta(days=1)
"""How old a key of nobody has to be: whoever it was made for is there by then, or never comes."""
FEW, SHARE = 100, 0.01
"""More orphans than both are no failed submissions: it is the wrong database, or an old one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose key there is, and whether it is older than a submission may take."""

    applicant_id: UUID
    partner_id: UUID
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with a batch of keys."""

    erased: set[UUID] = field(default_factory=set[UUID])
    orphans: set[UUID] = field(default_factory=set[UUID])


async def next_keys(actor: Actor, after: UUID | None) -> list[Kept]:
    """Read whose keys there are next, by id."""
    actor.require(Permission.SYSTEM)
    return [Kept(*row) for row in await key_store.alive(after, AT_ONCE, settled=SETTLED)]


async def judged(session: AsyncSession, actor: Actor, keys: Sequence[Kept]) -> Judged:
    """Find those whose applicant is erased, and those whose applicant never came; of our own partners only.

    A partner that is not known says that the key store belongs to another database, and nothing of it is touched.
    """
    actor.require(Permission.SYSTEM)
    applicants = select(col(Applicant.id), col(Applicant.erased_at)).where(
        col(Applicant.id) == _one_of([key.applicant_id for key in keys])
    )
    known = {row.id: row.erased_at is not None for row in await session.execute(applicants)}
    gone = [key for key in keys if key.is_settled and key.applicant_id not in known]
    owners = {key.partner_id for key in gone}
    partners = select(col(Partner.id)).where(col(Partner.id) == _one_of(list(owners)))
    ours = set((await session.execute(partners)).scalars()) if owners else set[UUID]()
    return Judged(
        erased={applicant_id for applicant_id, is_erased in known.items() if is_erased},
        orphans={key.applicant_id for key in gone if key.partner_id in ours},
    )


def _one_of(ids: list[UUID]) -> CollectionAggregate[bool]:
    return any_(bindparam(None, ids, ARRAY(Uuid())))


async def lose(actor: Actor, applicant_ids: Collection[UUID]) -> int:
    """Lose the keys of who is erased, where the key store does not know it (any more)."""
    actor.require(Permission.SYSTEM)
    if not applicant_ids:
        return 0
    log.warning("erased_keys_lost_again", extra={"count": len(applicant_ids)})
    return await key_store.lose(Tenancy.everyone(), applicant_ids)


async def drop(actor: Actor, applicant_ids: Collection[UUID], walked: int) -> int:
    """Take keys of nobody away; so many that it looks like another database's are left, and said."""
    actor.require(Permission.SYSTEM)
    if len(applicant_ids) > max(FEW, walked * SHARE):
        log.error("key_store_does_not_fit", extra={"orphans": len(applicant_ids), "keys": walked})
        return 0
    return await key_store.drop(applicant_ids) if applicant_ids else 0


async def rewrite(actor: Actor) -> None:
    """Write the key store's table anew without what was lost."""
    actor.require(Permission.SYSTEM)
    await key_store.rewrite()
