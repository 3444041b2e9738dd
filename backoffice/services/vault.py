"""Personal data at rest: sealed under the applicant's own data key, so that shredding one key erases one person."""

import json
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import cipher, kms
from backoffice.errors import NotFound
from backoffice.models.applicants import DataKey
from backoffice.services import regions

opened: ContextVar[set[UUID] | None] = ContextVar("opened", default=None)
"""Whose data was opened in this context, for who keeps what was read: an erasure has to find it there, too."""


def context(partner_id: UUID, applicant_id: UUID) -> dict[str, str]:
    """Say what the data key of an applicant is bound to."""
    return {"partner_id": str(partner_id), "applicant_id": str(applicant_id)}


async def make_key(partner_id: UUID, applicant_id: UUID) -> tuple[bytes, DataKey]:
    """Make a data key in the clear and its wrapped row, outside of any transaction: wrapping may ask a distant KMS."""
    key, region = cipher.new_key(), await regions.of_partner(partner_id)
    keys = kms.key_encryption(region)
    wrapped_by = (
        keys.newest_id()
    )  # asked first: a key that comes in between costs one more wrapping, and no key is lost
    wrapped = await keys.wrap(key, context(partner_id, applicant_id))
    row = DataKey(
        applicant_id=applicant_id, partner_id=partner_id, wrapped=wrapped, wrapped_by=wrapped_by, region=region
    )
    return key, row


async def create_key(session: AsyncSession, partner_id: UUID, applicant_id: UUID) -> bytes:
    """Make the applicant's data key and keep it wrapped by the key-encryption key; answer it in the clear."""
    await regions.of(session, partner_id)  # known from here on: no second connection is wanted inside of this one
    key, row = await make_key(partner_id, applicant_id)
    session.add(row)
    await session.flush()
    return key


async def data_keys(session: AsyncSession, applicant_ids: set[UUID]) -> dict[UUID, bytes]:
    """Unwrap the data keys of several applicants with one query; an erased applicant is absent."""
    found = await session.execute(select(DataKey).where(col(DataKey.applicant_id).in_(applicant_ids)))
    rows, readers = found.scalars().all(), opened.get()
    if readers is not None:
        readers.update(row.applicant_id for row in rows)
    return {
        row.applicant_id: await kms.key_encryption(row.region).unwrap(
            row.wrapped, context(row.partner_id, row.applicant_id)
        )
        for row in rows
    }


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
