"""The parts of an export: sealed objects, each bound to its place."""

from enum import StrEnum
from uuid import UUID

from backoffice.adapters import cipher, kms
from backoffice.models.exports import Export
from backoffice.services import regions


class Part(StrEnum):
    """What a part is for."""

    DRAFT = "draft"
    FINAL = "final"


def context(partner_id: UUID, export_id: UUID) -> dict[str, str]:
    """Say what the key of an export is bound to."""
    return {"partner_id": str(partner_id), "export_id": str(export_id)}


async def key_of(row: Export) -> bytes:
    """Unwrap the key of an export that has one still."""
    keys = kms.key_encryption(await regions.of_partner(row.partner_id))
    return await keys.unwrap(row.wrapped or b"", context(row.partner_id, row.id))


def _place(row: Export, part: Part, number: int) -> str:
    return f"{row.partner_id}/exports/{row.id}/{part}-{number}"


def _aad(export_id: UUID, part: Part, number: int) -> bytes:
    return f"export:{export_id}:{part}:{number}".encode()


async def put(row: Export, key: bytes, part: Part, number: int, data: bytes) -> None:
    """Seal and keep one part; again replaces it."""
    storage = await regions.storage_of(row.partner_id)
    await storage.put(_place(row, part, number), cipher.seal(key, data, _aad(row.id, part, number)))


async def get(row: Export, key: bytes, part: Part, number: int) -> bytes:
    """Read one part in the clear."""
    storage = await regions.storage_of(row.partner_id)
    return cipher.open_(key, await storage.get(_place(row, part, number)), _aad(row.id, part, number))


async def delete(row: Export) -> None:
    """Remove every part that may be there; a step that was killed may have written more than it noted."""
    storage = await regions.storage_of(row.partner_id)
    for part, count in ((Part.DRAFT, row.drafts), (Part.FINAL, row.parts)):
        number = 0
        while number <= count or await storage.exists(_place(row, part, number)):
            await storage.delete(_place(row, part, number))
            number += 1
