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
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.applicants import Applicant, UnmovedKey
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.models.partners import Partner
from backoffice.services.access import Actor, Permission

log = getLogger(__name__)
AT_ONCE = 1_000
SETTLED = timedelta(days=36)
"""How old a key of nobody has to be. It opens nothing and may wait until no backup is left that has its applicant:
the main database may be one that was restored to too early a time."""
LATE = timedelta(days=2)
SAMPLE = 20
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


async def lose(actor: Actor, applicant_ids: Collection[UUID], walked: int | None = None) -> int:
    """Lose the keys of who is erased, where the key store does not know it (any more).

    So many of the keys `walked` over that it looks like another database's are left, and said; None knows of a restore.
    """
    actor.require(Permission.SYSTEM)
    if not applicant_ids or (walked is not None and _does_not_fit("erased", applicant_ids, walked)):
        return 0
    log.warning("erased_keys_lost_again", extra={"count": len(applicant_ids)})
    return await key_store.lose(Tenancy.everyone(), applicant_ids)


async def drop(actor: Actor, applicant_ids: Collection[UUID], walked: int) -> int:
    """Take keys of nobody away; so many that it looks like another database's are left, and said."""
    actor.require(Permission.SYSTEM)
    if not applicant_ids or _does_not_fit("orphans", applicant_ids, walked):
        return 0
    return await key_store.drop(applicant_ids)


def _does_not_fit(what: str, applicant_ids: Collection[UUID], walked: int) -> bool:
    is_other = len(applicant_ids) > max(FEW, walked * SHARE)
    if is_other:
        log.error("key_store_does_not_fit", extra={"what": what, "count": len(applicant_ids), "keys": walked})
    return is_other


async def erased_of_late(session: AsyncSession, actor: Actor) -> set[UUID]:
    """List who was erased in the last days, by whichever process."""
    actor.require(Permission.SYSTEM)
    statement = select(col(ErasureRequest.applicant_id)).where(
        col(ErasureRequest.status) == ErasureStatus.COMPLETED, col(ErasureRequest.completed_at) > now() - LATE
    )
    return set((await session.execute(statement)).scalars())


async def lose_again(actor: Actor, applicant_ids: Collection[UUID]) -> int:
    """Lose keys of a few, where they live; answers how many did."""
    actor.require(Permission.SYSTEM)
    found = await key_store.read(Tenancy.everyone(), applicant_ids) if applicant_ids else []
    return await lose(actor, {one.applicant_id for one in found if one.wrapped is not None})


async def fits(actor: Actor) -> bool:
    """Say whether the key store has the keys of this database: of half of its oldest and newest people at least."""
    actor.require(Permission.JOBS_READ)
    async with transaction(Tenancy.everyone()) as session:
        return await _fits(session)


async def _fits(session: AsyncSession) -> bool:
    is_known = (col(Applicant.erased_at).is_(None), col(Applicant.personal_box).is_not(None))
    living = select(col(Applicant.id)).where(*is_known)
    both = [living.order_by(order).limit(SAMPLE) for order in (col(Applicant.id), col(Applicant.id).desc())]
    asked = {found for statement in both for found in (await session.execute(statement)).scalars()}
    unmoved = select(col(UnmovedKey.applicant_id)).where(col(UnmovedKey.applicant_id).in_(asked))
    known = set((await session.execute(unmoved)).scalars()) if asked else set[UUID]()
    known |= {one.applicant_id for one in await key_store.read(Tenancy.everyone(), asked)} if asked else set()
    return 2 * len(known) >= len(asked)


async def rewrite(actor: Actor) -> None:
    """Write the key store's table anew without what was lost."""
    actor.require(Permission.SYSTEM)
    await key_store.rewrite()
