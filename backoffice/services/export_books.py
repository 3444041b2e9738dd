"""Workbooks of exports: a workbook cannot be cut into parts, so it is made once all of its rows are there.

That may take minutes, so it happens outside of any transaction: nothing is locked, and people can stop it. Whoever
makes it again, after a crash or at the same time, writes the same bytes over what is there.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import sheets
from backoffice.models.exports import END, UNDER_WAY, Export, ExportFormat, ExportKind
from backoffice.services import export_parts
from backoffice.services.access import Actor, Permission
from backoffice.services.export_parts import Part
from backoffice.services.export_sources import SOURCES


@dataclass(frozen=True, slots=True)
class Bound:
    """A workbook that stands in so many parts, with its size in bytes."""

    parts: int
    size: int


async def waiting(session: AsyncSession, actor: Actor, export_id: UUID) -> Export | None:
    """Answer an export whose rows are all there and wait to be bound; None for any other."""
    actor.require(Permission.SYSTEM)
    row = await session.get(Export, export_id)
    is_due = row and row.format == ExportFormat.XLSX and row.cursor == END and row.status in UNDER_WAY
    return row if is_due else None


async def bind(row: Export) -> Bound:
    """Make the workbook and keep it in parts."""
    key, parts, size = await export_parts.key_of(row), 0, 0
    columns = SOURCES[ExportKind(row.kind)].columns
    book = await asyncio.to_thread(sheets.Workbook, columns, row.kind, row.created_at)
    try:
        for place in range(row.drafts):
            await asyncio.to_thread(book.add, await export_parts.get(row, key, Part.DRAFT, place))
        pieces = book.pieces()
        while piece := await asyncio.to_thread(next, pieces, b""):
            await export_parts.put(row, key, Part.FINAL, parts, piece)
            parts, size = parts + 1, size + len(piece)
    finally:
        await asyncio.to_thread(book.discard)
    return Bound(parts, size)
