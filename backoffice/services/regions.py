"""Regions: where the files of a partner are and whose keys seal its people's data, given once and never changed.

A partner's region never changes, in the database too (trigger `guard_region`), so a process may remember it. Whatever
has a partner finds its region here; nothing falls back to another region.
"""

from collections import OrderedDict
from typing import Protocol
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import kms, storage
from backoffice.adapters.storage import Object, Storage, storage_for
from backoffice.db import Tenancy, glance
from backoffice.errors import BackofficeError, Invalid
from backoffice.models.partners import Partner
from backoffice.services.access import Actor, Permission, found
from backoffice.settings import DEFAULT_REGION, PREFIX, SettingsError, settings

MOST_KNOWN = 50_000
CROSSES = "crosses_regions"
UNUSABLE = "region_unavailable"
_known = OrderedDict[UUID, str]()


class Stored(Protocol):
    """A row that names an object of its partner's."""

    partner_id: UUID
    storage_key: str


async def of(session: AsyncSession, partner_id: UUID) -> str:
    """Say in which region a partner's data are.

    Raises NotFound for a partner that there is not, or that the session may not see.
    """
    region = _known.get(partner_id)
    if region is None:
        statement = select(col(Partner.region)).where(col(Partner.id) == partner_id)
        region = _remember(partner_id, (await session.execute(statement)).scalar_one_or_none())
    return region


async def of_partner(partner_id: UUID) -> str:
    """Say the same where no transaction is open."""
    region = _known.get(partner_id)
    if region is None:
        rows = await glance(Tenancy.of(partner_id), "select region from partners where id = %s", (partner_id,))
        region = _remember(partner_id, str(rows[0][0]) if rows else None)
    return region


def _remember(partner_id: UUID, region: str | None) -> str:
    _known[partner_id] = found(region, "partner")
    if len(_known) > MOST_KNOWN:
        _known.popitem(last=False)
    return _known[partner_id]


async def storage_of(partner_id: UUID) -> Storage:
    """Answer the store of a partner's files; no transaction may be open.

    Raises Unavailable with the code `region_unavailable` where its region has none.
    """
    return storage_for(await of_partner(partner_id))


async def object_of(session: AsyncSession, row: Stored) -> Object:
    """Say where the object of a row is."""
    return Object(await of(session, row.partner_id), row.storage_key)


def checked(region: str) -> str:
    """Tidy the region of a new partner.

    Raises Invalid for one that this installation has no store or no key for.
    """
    tidy = region.strip().lower() or DEFAULT_REGION
    if tidy not in settings().regions:
        known = ", ".join(settings().regions)
        raise Invalid(f"There is no region {tidy[:40]}. There are: {known}.", code="unknown_region", pointer="/region")
    wrong = missing(tidy)
    if wrong:
        raise Invalid(f"Nobody can be taken on in the region {tidy}: {wrong}", code=UNUSABLE, pointer="/region")
    return tidy


def _has_storage(region: str) -> bool:
    try:
        storage_for(region)
    except BackofficeError:
        return False
    return True


def missing(region: str) -> str:
    """Say which setting a region lacks, and what to set; nothing when it has both."""
    name = region.upper()
    if not _has_storage(region):
        return (
            f"Set {PREFIX}STORAGE_URL_{name} to where the files of the region {region} are: s3://bucket/prefix or a "
            "folder."
        )
    if kms.address_of(region) is None:
        return (
            f"Set {PREFIX}KEK_URL_{name} to the key of the region {region}: aws-kms://<key> or the path of a key file, "
            f"made once by `backoffice keys create --region {region}`."
        )
    try:
        kms.key_encryption(region).newest_id()
    except (BackofficeError, SettingsError):
        return (
            f"The key of the region {region} cannot be used. Restore the key file that {PREFIX}KEK_URL_{name} names "
            f"(chmod 600), or make the first one by `backoffice keys create --region {region}`."
        )
    return ""


def shared() -> list[str]:
    """Say where two regions are in truth one place."""
    said: list[str] = []
    for setting, address_of in (("STORAGE_URL", storage.address_of), ("KEK_URL", kms.address_of)):
        seen = dict[str, str]()
        for region in settings().regions:
            address = address_of(region)
            if address and address in seen:
                names = f"{seen[address]} and {region}"
                said.append(f"The regions {names} have the same {PREFIX}{setting}: give each its own.")
            elif address:
                seen[address] = region
    return said


async def in_use(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """Count the partners of each region."""
    if not actor.can(Permission.JOBS_READ):
        actor.require(Permission.PARTNERS_READ)
    rows = await session.execute(select(col(Partner.region), func.count()).group_by(col(Partner.region)))
    return {str(region): int(count) for region, count in rows}


async def every(session: AsyncSession, actor: Actor) -> list[str]:
    """Name the regions that have partners or a setting, the default one first."""
    names = {*settings().regions, *await in_use(session, actor)}
    return sorted(names, key=lambda name: (name != DEFAULT_REGION, name))


async def findings(session: AsyncSession, actor: Actor) -> list[str]:
    """Say what is wrong with the regions, each with what to do."""
    used = await in_use(session, actor)
    wrong = [
        f"{said} {used[region]:,} of its partners get 503 until then." if used.get(region) else said
        for region in await every(session, actor)
        if region != DEFAULT_REGION and (said := missing(region))
    ]
    return [*wrong, *shared()]


def partners_of(region: str) -> Select[UUID]:
    """Select the partners of a region."""
    return select(col(Partner.id)).where(col(Partner.region) == region)


async def named(session: AsyncSession) -> list[str]:
    """Name the regions that have partners, for who may choose among them; one alone is no choice."""
    rows = await session.execute(select(col(Partner.region)).distinct().order_by(col(Partner.region)))
    return list(rows.scalars())


async def refuse_crossing(
    session: AsyncSession, actor: Actor, *, partner_id: UUID | None = None, region: str = ""
) -> None:
    """Stop a search for somebody's data that would look into more than one region.

    Raises Invalid with the code `crosses_regions`. A partner's own people look into one region always.
    """
    if actor.partner_id is not None or partner_id is not None or region:
        return
    first, last = (await session.execute(select(func.min(col(Partner.region)), func.max(col(Partner.region))))).one()
    if first != last:
        raise Invalid(
            "The data of different regions are not searched together. Choose one region or one partner, then search.",
            code=CROSSES,
            pointer="/region",
        )
