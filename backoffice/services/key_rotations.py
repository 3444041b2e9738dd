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

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import kms
from backoffice.adapters.cipher import Tampered
from backoffice.clock import now
from backoffice.db import execute
from backoffice.errors import Conflict, Invalid, Unavailable
from backoffice.models.applicants import DataKey
from backoffice.models.bulk_actions import BulkAction
from backoffice.models.exports import Export
from backoffice.services import audit, vault
from backoffice.services.access import Actor, Permission

AT_ONCE = 1_000
TOGETHER = 50
"""Calls that are under way at once; a key file answers none of them later than at once."""
SETTLED = timedelta(hours=1)
"""How long a key stays after it was replaced: what was wrapped just before may not be written down yet."""
KEEP = """
with told as (select * from unnest(%s::uuid[], %s::bytea[], %s::bytea[]) as t (applicant_id, before, wrapped)),
held as (
    select d.applicant_id, told.wrapped from data_keys d join told using (applicant_id)
    where d.wrapped = told.before order by d.applicant_id for update of d
)
update data_keys set wrapped = held.wrapped, wrapped_by = %s from held where data_keys.applicant_id = held.applicant_id
returning data_keys.applicant_id"""
"""Locks in one order, so that two walks wait for each other and never for ever."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many data keys each key-encryption key wraps, and which one wraps now."""

    newest: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Count all data keys."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Count the data keys that an older key wraps."""
        return self.total - self.counts.get(self.newest, 0)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it stands in its row."""

    applicant_id: UUID
    partner_id: UUID
    wrapped: bytes


async def standing(session: AsyncSession, actor: Actor) -> Standing:
    """Count the data keys by the key that wraps them."""
    actor.require(Permission.JOBS_READ)
    statement = select(col(DataKey.wrapped_by), func.count()).group_by(col(DataKey.wrapped_by))
    rows = (await session.execute(statement)).all()
    return Standing(kms.key_encryption().newest_id(), {str(name): int(count) for name, count in rows})


async def is_done(session: AsyncSession, actor: Actor) -> bool:
    """Say quickly whether the newest key wraps everything."""
    actor.require(Permission.SYSTEM)
    newest, by = kms.key_encryption().newest_id(), col(DataKey.wrapped_by)
    older = exists(select(by).where(or_(by < newest, by > newest)))  # two ends of an index, where `!=` reads all of it
    return not (await session.execute(select(older))).scalar_one()


async def rotate(session: AsyncSession, actor: Actor) -> str:
    """Add a key to the key file; it wraps from now on, and the job wraps everything else again. Answers its id.

    Raises Invalid where the keys are in a key service: there they turn by themselves, or under another address.
    """
    actor.require(Permission.SYSTEM)
    file = kms.key_file()
    if file is None:
        raise Invalid(
            "The keys are in a key service, which turns them by itself. To move to another key, set BACKOFFICE_KEK_URL "
            "to it and BACKOFFICE_KEK_PREVIOUS_URL to the one before.",
            code="key_service",
        )
    before = file.ids()[-1]
    key_id = await asyncio.to_thread(file.add_key)
    await audit.record(
        session, actor, "encryption_key.added", subject_type="encryption_key", changes={"key": [before, key_id]}
    )
    return key_id


async def older(session: AsyncSession, actor: Actor, after: UUID | None) -> list[Wrapped]:
    """Read the next data keys that an older key wraps, by id."""
    actor.require(Permission.SYSTEM)
    statement = select(DataKey).where(col(DataKey.wrapped_by) != kms.key_encryption().newest_id())
    if after is not None:
        statement = statement.where(col(DataKey.applicant_id) > after)
    rows = (await session.execute(statement.order_by(col(DataKey.applicant_id)).limit(AT_ONCE))).scalars()
    return [Wrapped(row.applicant_id, row.partner_id, row.wrapped) for row in rows]


async def wrap(rows: Sequence[Wrapped]) -> tuple[str, list[tuple[Wrapped, bytes]], list[UUID]]:
    """Wrap data keys anew, outside of any transaction; answers by which key, and which rows cannot be opened."""
    keys = kms.key_encryption()
    key_id, gate = keys.newest_id(), asyncio.Semaphore(TOGETHER)

    async def again(row: Wrapped) -> bytes | None:
        told = vault.context(row.partner_id, row.applicant_id)
        async with gate:
            try:
                return await keys.wrap(await keys.unwrap(row.wrapped, told), told)
            except (Tampered, Unavailable) as error:
                if isinstance(error, Unavailable) and error.code != "key_missing":
                    raise
                return None

    boxes = await asyncio.gather(*(again(row) for row in rows))
    done = [(row, box) for row, box in zip(rows, boxes, strict=True) if box is not None]
    broken = [row.applicant_id for row, box in zip(rows, boxes, strict=True) if box is None]
    return key_id, done, broken


async def keep(session: AsyncSession, actor: Actor, key_id: str, done: Sequence[tuple[Wrapped, bytes]]) -> int:
    """Write back what was wrapped, where the row is still as it was read: erased stays erased. Answers how many."""
    actor.require(Permission.SYSTEM)
    ids = [row.applicant_id for row, _ in done]
    values = (ids, [row.wrapped for row, _ in done], [box for _, box in done], key_id)
    return len(await execute(session, KEEP, values)) if done else 0


async def note_done(session: AsyncSession, actor: Actor, key_id: str, *, rewrapped: int, broken: int) -> None:
    """Write down that a walk came to its end."""
    actor.require(Permission.SYSTEM)
    changes: dict[str, object] = {"key": key_id, "rewrapped": rewrapped, "cannot_be_opened": broken}
    await audit.record(session, actor, "encryption_key.rotated", subject_type="encryption_key", changes=changes)


async def retire(session: AsyncSession, actor: Actor, key_id: str) -> None:
    """Take an old key out of the key file, so that no old copy of the database opens any more by it.

    Raises Conflict while it wraps something or was replaced within the hour, Invalid for keys in a key service,
    NotFound for an id that there is not.
    """
    actor.require(Permission.SYSTEM)
    file = kms.key_file()
    if file is None:
        raise Invalid("The keys are in a key service. Retire them there.", code="key_service")
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


async def _uses(session: AsyncSession, key_id: str) -> int:
    """Count what a key of the file still wraps; what ends by itself, exports and bulk actions, is asked by its form."""
    by_row = select(func.count()).select_from(DataKey).where(col(DataKey.wrapped_by).in_([key_id, ""]))
    head = kms.head_of(key_id)
    short_lived = (col(Export.wrapped), col(BulkAction.texts_key))
    by_form = [select(func.count()).where(func.substring(column, 1, len(head)) == head) for column in short_lived]
    return sum([(await session.execute(statement)).scalar_one() for statement in (by_row, *by_form)])
