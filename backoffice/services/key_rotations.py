"""Key rotation: every applicant's data key is wrapped again by the newest key-encryption key, while everything runs.

No sealed data is touched: only the 32 bytes that open it are wrapped anew. A walk reads some rows, wraps them outside
of any transaction, as a key service may be far away, and writes each one back only where nobody has changed or erased
it in between. Where it dies, the rows say by themselves what is left (ASVS 5.0 11.2.2).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import key_store, kms
from backoffice.adapters.cipher import Tampered
from backoffice.adapters.key_file import KeyFile
from backoffice.adapters.key_store import WrappedKey
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, Unavailable
from backoffice.models.applicants import UnmovedKey
from backoffice.models.bulk_actions import BulkAction
from backoffice.models.exports import Export
from backoffice.services import audit, regions, vault
from backoffice.services.access import Actor, Permission
from backoffice.settings import DEFAULT_REGION, SettingsError, settings

AT_ONCE = 1_000
TOGETHER = 50
"""Calls that are under way at once; a key file answers none of them later than at once."""
SETTLED = timedelta(hours=1)
"""How long a key stays after it was replaced: what was wrapped just before may not be written down yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many data keys of a region each key-encryption key wraps, and which one wraps now."""

    newest: str
    """Empty when the region's keys cannot be used."""
    counts: dict[str, int]
    region: str = DEFAULT_REGION

    @property
    def total(self) -> int:
        """Count all data keys."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Count the data keys that an older key wraps."""
        return self.total - self.counts.get(self.newest, 0)


async def standing(session: AsyncSession, actor: Actor) -> list[Standing]:
    """Count the data keys of each region by the key that wraps them, the default region first."""
    actor.require(Permission.JOBS_READ)
    counts: dict[str, dict[str, int]] = {region: {} for region in await regions.every(session, actor)}
    for region, name, count in await key_store.counts():
        counts.setdefault(region, {})[name] = count
    return [Standing(_newest(region), found, region) for region, found in counts.items()]


def _newest(region: str) -> str:
    try:
        return kms.key_encryption(region).newest_id()
    except Unavailable:
        return ""


async def is_done(actor: Actor, region: str) -> bool:
    """Say quickly whether the newest key of a region wraps everything of it.

    Raises Unavailable when the region's keys cannot be used.
    """
    actor.require(Permission.SYSTEM)
    return not await key_store.is_left(region, kms.key_encryption(region).newest_id())


async def rotate(session: AsyncSession, actor: Actor, region: str = DEFAULT_REGION) -> str:
    """Add a key to a region's key file; it wraps from now on, and the job wraps the rest again. Answers its id.

    Raises Invalid where the keys are in a key service: there they turn by themselves, or under another address.
    """
    actor.require(Permission.SYSTEM)
    file = kms.key_file(region)
    if file is None:
        of = "" if region == DEFAULT_REGION else f"_{region.upper()}"
        raise Invalid(
            "The keys are in a key service, which turns them by itself. To move to another key, set "
            f"BACKOFFICE_KEK_URL{of} to it and BACKOFFICE_KEK_PREVIOUS_URL{of} to the one before.",
            code="key_service",
        )
    before = file.ids()[-1]
    key_id = await asyncio.to_thread(file.add_key)
    changes: dict[str, object] = {"key": [before, key_id], "region": region}
    await audit.record(session, actor, "encryption_key.added", subject_type="encryption_key", changes=changes)
    return key_id


async def older(actor: Actor, region: str, after: UUID | None) -> list[WrappedKey]:
    """Read the next data keys of a region that an older key wraps, by id."""
    actor.require(Permission.SYSTEM)
    return await key_store.older(region, kms.key_encryption(region).newest_id(), after, AT_ONCE)


async def wrap(rows: Sequence[WrappedKey]) -> tuple[str, list[tuple[WrappedKey, bytes]], list[UUID]]:
    """Wrap data keys of one region anew, outside of any transaction.

    Answers by which key, and which rows cannot be opened.
    """
    keys = kms.key_encryption(rows[0].region if rows else DEFAULT_REGION)
    key_id, gate = keys.newest_id(), asyncio.Semaphore(TOGETHER)

    async def again(row: WrappedKey) -> bytes | None:
        told = vault.context(row.partner_id, row.applicant_id)
        async with gate:
            try:
                return await keys.wrap(await keys.unwrap(row.wrapped or b"", told), told)
            except (Tampered, Unavailable) as error:
                if isinstance(error, Unavailable) and error.code != "key_missing":
                    raise
                return None

    boxes = await asyncio.gather(*(again(row) for row in rows))
    done = [(row, box) for row, box in zip(rows, boxes, strict=True) if box is not None]
    broken = [row.applicant_id for row, box in zip(rows, boxes, strict=True) if box is None]
    return key_id, done, broken


async def keep(actor: Actor, key_id: str, done: Sequence[tuple[WrappedKey, bytes]]) -> int:
    """Write back what was wrapped, where the row is still as it was read: erased stays erased. Answers how many."""
    actor.require(Permission.SYSTEM)
    return await key_store.keep(key_id, done)


async def note_done(session: AsyncSession, actor: Actor, key_id: str, *, rewrapped: int, broken: int) -> None:
    """Write down that a walk came to its end."""
    actor.require(Permission.SYSTEM)
    changes: dict[str, object] = {"key": key_id, "rewrapped": rewrapped, "cannot_be_opened": broken}
    await audit.record(session, actor, "encryption_key.rotated", subject_type="encryption_key", changes=changes)


async def retire(session: AsyncSession, actor: Actor, key_id: str) -> None:
    """Take an old key out of its region's key file, so that no old copy of the database opens any more by it.

    Raises Conflict while it wraps something or was replaced within the hour, Invalid for keys in a key service,
    NotFound for an id that there is not.
    """
    actor.require(Permission.SYSTEM)
    files = [file for region in settings().regions if (file := _file_of(region)) is not None]
    if not files:
        raise Invalid("The keys are in a key service. Retire them there.", code="key_service")
    file = next((one for one in files if key_id in one.ids()), files[0])
    successor = file.successor_of(key_id)
    if successor is not None and now() - successor < SETTLED:
        raise Conflict("This key was replaced within the last hour. Retire it later.", code="key_in_use")
    used = await _uses(session, key_id)
    if used:
        raise Conflict(f"{used:,} keys are still wrapped by it. Run: backoffice keys rewrap", code="key_in_use")
    await asyncio.to_thread(file.drop_key, key_id)
    await audit.record(
        session, actor, "encryption_key.retired", subject_type="encryption_key", changes={"key": [key_id, None]}
    )


def _file_of(region: str) -> KeyFile | None:
    """Open the key file of a region; None when it has none, or one that cannot be used."""
    try:
        return kms.key_file(region)
    except SettingsError:
        if region == DEFAULT_REGION:
            raise
        return None


async def _uses(session: AsyncSession, key_id: str) -> int:
    """Count what a key of the file still wraps; what ends by itself, exports and bulk actions, is asked by its form."""
    stored = sum(count for _, name, count in await key_store.counts() if name in {key_id, ""})
    unmoved = select(func.count()).select_from(UnmovedKey).where(col(UnmovedKey.wrapped_by).in_([key_id, ""]))
    head = kms.head_of(key_id)
    short_lived = (col(Export.wrapped), col(BulkAction.texts_key))
    by_form = [select(func.count()).where(func.substring(column, 1, len(head)) == head) for column in short_lived]
    return stored + sum([(await session.execute(statement)).scalar_one() for statement in (unmoved, *by_form)])
