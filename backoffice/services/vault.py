"""Personal data at rest: sealed under the applicant's own data key, so that shredding one key erases one person."""

import json
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import cipher, key_store, kms
from backoffice.adapters.key_store import WrappedKey
from backoffice.db import tenancy_of
from backoffice.errors import NotFound
from backoffice.models.applicants import UnmovedKey
from backoffice.services import regions

opened: ContextVar[set[UUID] | None] = ContextVar("opened", default=None)
"""Whose data was opened in this context, for who keeps what was read: an erasure has to find it there, too."""


def context(partner_id: UUID, applicant_id: UUID) -> dict[str, str]:
    """Say what the data key of an applicant is bound to."""
    return {"partner_id": str(partner_id), "applicant_id": str(applicant_id)}


async def wrapped_key(partner_id: UUID, applicant_id: UUID) -> tuple[bytes, WrappedKey]:
    """Draw a data key and wrap it, outside of any transaction: wrapping may ask a distant KMS."""
    key, region = cipher.new_key(), await regions.of_partner(partner_id)
    keys = kms.key_encryption(region)
    # Asked first: a key that comes in between costs one more wrapping, and no key is lost.
    wrapped_by = keys.newest_id()
    wrapped = await keys.wrap(key, context(partner_id, applicant_id))
    return key, WrappedKey(applicant_id, partner_id, region, wrapped, wrapped_by)


async def make_key(partner_id: UUID, applicant_id: UUID) -> bytes:
    """Make the data key of a new applicant and answer it in the clear; it is durable before anything is sealed by it.

    An applicant who then does not come to be leaves a key that opens nothing, and a sweep takes it away.
    """
    key, row = await wrapped_key(partner_id, applicant_id)
    await key_store.add(row)
    return key


async def data_keys(session: AsyncSession, applicant_ids: set[UUID]) -> dict[UUID, bytes]:
    """Unwrap the data keys of several applicants with one query; an erased applicant is absent."""
    rows = await _wrapped(session, applicant_ids)
    readers = opened.get()
    if readers is not None:
        readers.update(rows)
    return {
        applicant_id: await kms.key_encryption(region).unwrap(wrapped, context(partner_id, applicant_id))
        for applicant_id, (partner_id, region, wrapped) in rows.items()
    }


async def _wrapped(session: AsyncSession, applicant_ids: set[UUID]) -> dict[UUID, tuple[UUID, str, bytes]]:
    """Look into the key store, and for who is not there into the table of before."""
    found = await key_store.read(tenancy_of(session), applicant_ids) if applicant_ids else []
    rows = {one.applicant_id: (one.partner_id, one.region, one.wrapped) for one in found if one.wrapped is not None}
    unknown = applicant_ids - {one.applicant_id for one in found}
    if unknown:
        statement = select(UnmovedKey).where(col(UnmovedKey.applicant_id).in_(unknown))
        for row in (await session.execute(statement)).scalars():
            rows[row.applicant_id] = (row.partner_id, row.region, row.wrapped)
    return rows


async def lose(session: AsyncSession, applicant_id: UUID) -> int:
    """Lose the data key of an applicant for good, whom the caller has locked; answers 1 where there was one.

    It is lost before the caller's transaction ends. Who dies in between does it again, and gets the same answer.
    """
    old = delete(UnmovedKey).where(col(UnmovedKey.applicant_id) == applicant_id).returning(col(UnmovedKey.applicant_id))
    # First: it waits for who is moving this row, and what they moved is lost with the rest.
    unmoved = len((await session.execute(old.execution_options(synchronize_session=False))).all())
    return max(unmoved, await key_store.lose(tenancy_of(session), {applicant_id}))


async def data_key(session: AsyncSession, applicant_id: UUID) -> bytes:
    """Unwrap one applicant's data key.

    Raises NotFound with the code `erased` when the key is gone: so is the person's data.
    """
    keys = await data_keys(session, {applicant_id})
    if applicant_id not in keys:
        raise NotFound("This applicant's data has been erased.", code="erased")
    return keys[applicant_id]


def aad(row: UUID, column: str) -> bytes:
    """Bind ciphertext to its row and column: moved elsewhere it does not open."""
    return f"{row}:{column}".encode()


def seal_json(key: bytes, value: Any, *, row: UUID, column: str) -> bytes:  # noqa: ANN401 any JSON value
    """Seal one JSON value for one place."""
    return cipher.seal(key, json.dumps(value, ensure_ascii=False).encode(), aad(row, column))


def open_json(key: bytes | None, box: bytes | None, *, row: UUID, column: str) -> Any:  # noqa: ANN401 any JSON value
    """Open what `seal_json` sealed; None stays None, and so does everything of an erased applicant."""
    if key is None or box is None:
        return None
    return json.loads(cipher.open_(key, box, aad(row, column)))
