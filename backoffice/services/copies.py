"""Copies for export: a page with boxes burnt into it, and the case file; who asked, why, and what they got is kept.

Only the wish is stored. The bytes are made when the short-lived link is opened, from what is there and may be seen
then, so that no second copy of a person lies around to be erased.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import cache
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.copies import Copy, CopyKind
from backoffice.models.documents import Document, File, Rendition, RenditionKind
from backoffice.screening.decode import Decoder, UndecodableError
from backoffice.services import (
    annotations,
    audit,
    blindness,
    case_files,
    conflicts,
    documents,
    files,
    regions,
    review_tasks,
    tokens,
    vault,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.case_files import Layout
from backoffice.services.files import Sealed, Served

WHY_COLUMN = "why_box"
MAX_WHY = 300
MAX_BOXES = annotations.MAX_MARKS
_SECONDS = 10.0


@cache
def decoder() -> Decoder:
    """Start the limited process in which pictures are opened, once."""
    return Decoder(seconds=_SECONDS)


def close() -> None:
    """End that process with ours; the next copy starts another."""
    if decoder.cache_info().currsize:
        decoder().close()
        decoder.cache_clear()


async def redact(  # noqa: PLR0913 a redaction is a page, boxes and a purpose
    session: AsyncSession,
    actor: Actor,
    document_id: UUID,
    *,
    picture_id: UUID,
    boxes: Sequence[Sequence[float]],
    why: str,
) -> str:
    """Order a copy of one page with these boxes blackened; answers the path of its link.

    Raises Invalid without boxes or a purpose, NotFound for a page of another document.
    """
    document = await _seen(session, actor, document_id)
    why = why.strip()
    if not why or len(why) > MAX_WHY:
        raise Invalid(f"Say what the copy is for in 1 to {MAX_WHY} characters.", code="why_needed", pointer="/why")
    if not 1 <= len(boxes) <= MAX_BOXES:
        raise Invalid(f"Choose 1 to {MAX_BOXES} areas to blacken.", code="boxes_needed", pointer="/boxes")
    values = [annotations.box_of(box) for box in boxes]
    picture = await annotations.page_of(session, document.id, picture_id)
    key = await vault.data_key(session, document.applicant_id)
    row = Copy(
        id=new_id(),
        partner_id=document.partner_id,
        document_id=document.id,
        kind=CopyKind.REDACTION,
        file_id=picture.file_id,
        page=picture.page,
        boxes=values,
        member_id=review_tasks.reviewer(actor),
    )
    row.why_box = vault.seal_json(key, why, row=row.id, column=WHY_COLUMN)
    session.add(row)
    await session.flush()
    place = {"file_id": public_id(Prefix.FILE, picture.file_id), "page": picture.page + 1}
    await _record(session, actor, row, "page_redacted", areas=len(values), **place)
    return files.copy_link(actor, row.id)


async def file_case(session: AsyncSession, actor: Actor, document_id: UUID) -> str:
    """Order the case file of one document; answers the path of its link.

    Raises NotFound, also for an erased document, and NotAllowed for who judges the document blind.
    """
    document = await _seen(session, actor, document_id)
    row = Copy(
        partner_id=document.partner_id,
        document_id=document.id,
        kind=CopyKind.CASE,
        member_id=review_tasks.reviewer(actor),
    )
    session.add(row)
    await session.flush()
    await _record(session, actor, row, "case_filed")
    return files.copy_link(actor, row.id)


async def why(session: AsyncSession, actor: Actor, copy_id: UUID) -> str:
    """Read what a copy was made for; empty when the applicant was erased."""
    row = await _own(session, actor, copy_id)
    document = await documents.get(session, actor, row.document_id)
    key = (await vault.data_keys(session, {document.applicant_id})).get(document.applicant_id)
    return cast("str | None", vault.open_json(key, row.why_box, row=row.id, column=WHY_COLUMN)) or ""


async def _seen(session: AsyncSession, actor: Actor, document_id: UUID) -> Document:
    """Find a document that this reviewer may take something out of."""
    member_id = review_tasks.reviewer(actor)
    actor.require(Permission.PERSONAL_READ)
    document = await documents.get(session, actor, document_id)
    await conflicts.refuse(session, member_id, document.partner_id, "document")
    await blindness.refuse(session, member_id, document.id)
    if document.redacted_at is not None:
        raise NotFound("This document has been erased.", code="erased")
    return document


async def _own(session: AsyncSession, actor: Actor, copy_id: UUID) -> Copy:
    row = await session.get(Copy, copy_id)
    if row is None or row.member_id != actor.id:
        raise tokens.no_such_link()
    return row


async def fetch(actor: Actor, copy_id: UUID, layout: Layout) -> Served:
    """Make the bytes of a copy for who ordered it, and write down their hash; opens its own short transactions.

    Raises NotFound for anybody else's, Conflict when the page cannot be opened.
    """
    async with transaction(actor.tenancy) as session:
        row = await _own(session, actor, copy_id)
        await _seen(session, actor, row.document_id)
    served = await (_case(actor, row, layout) if row.kind == CopyKind.CASE else _redacted(actor, row))
    digest = hashlib.sha256(served.data).hexdigest()
    async with transaction(actor.tenancy) as session:
        await _record(session, actor, row, "copy_fetched", sha256=digest, bytes=len(served.data))
    return served


async def _case(actor: Actor, row: Copy, layout: Layout) -> Served:
    async with transaction(actor.tenancy) as session:
        case = await case_files.read(session, actor, row.document_id)
        pages = await case_files.pages(session, case)
    return await case_files.write(case, pages, decoder(), layout)


async def _page(session: AsyncSession, row: Copy) -> Sealed:
    statement = (
        select(Rendition, File, Document)
        .join(File, col(File.id) == col(Rendition.file_id))
        .join(Document, col(Document.id) == col(File.document_id))
        .where(col(Rendition.file_id) == row.file_id, col(Rendition.page) == row.page)
        .where(col(Rendition.kind) == RenditionKind.VIEW)
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise tokens.no_such_link()
    rendition, file, document = found
    files.refuse_unknown(file)
    key = await vault.data_key(session, document.applicant_id)
    name = f"{file.side}-{rendition.page + 1}-redacted.jpg"
    at = await regions.object_of(session, rendition)
    return Sealed(at, key, vault.aad(rendition.id, files.RENDITION_COLUMN), "image/jpeg", name)


async def _redacted(actor: Actor, row: Copy) -> Served:
    async with transaction(actor.tenancy) as session:
        page = await _page(session, row)
    served = await files.read(page)
    try:
        data = await asyncio.to_thread(decoder().redacted, served.data, served.mime_type, row.boxes)
    except UndecodableError:
        raise Conflict("This page cannot be opened to blacken it. Try again.", code="page_unreadable") from None
    return Served(data, served.mime_type, served.filename)


async def _record(session: AsyncSession, actor: Actor, row: Copy, what: str, **changes: object) -> None:
    await audit.record(
        session,
        actor,
        f"review.{what}",
        subject_type="document",
        subject_id=row.document_id,
        partner_id=row.partner_id,
        changes={"copy_id": str(row.id), "kind": row.kind, **changes},
    )
