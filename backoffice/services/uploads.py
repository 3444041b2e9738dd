"""Uploads: a document whose files come apart from it, each to its own address, until it is submitted.

What arrives is not believed and belongs to nobody's document before `keep`: it waits in a staging object, sealed when
it came through us, and is read, admitted and sealed anew on submission. A staging object outlives its document by no
more than the addresses to it: `ended` finds what is left, so that a crash anywhere leaves nothing behind.
"""

import asyncio
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import cipher, storage
from backoffice.adapters.storage import Storage
from backoffice.clock import now, wall
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, DocumentStatus, File, Side, Upload
from backoffice.models.partners import Partner, Plan
from backoffice.screening.thresholds import FILE_BYTES
from backoffice.services import deadlines, documents, intake, references, regions, sla_clocks, tokens, vault
from backoffice.services.access import Actor, Permission, found
from backoffice.services.intake import Case, Stored, Submission
from backoffice.services.references import References
from backoffice.services.rows import visible

STAGED_COLUMN = "staged"
LINK_LIFE = timedelta(minutes=30)
LINK_PATH = "/uploads"
TOKEN_PURPOSE = "upload-link:1"  # noqa: S105 what a link is signed for
BODY = struct.Struct(">16s16sI")
LATE = timedelta(minutes=30)
"""How long a PUT that began within its address's life may still be running."""
SWEEP_LIMIT = 100
MOST_BYTES = int(FILE_BYTES.most)


@dataclass(frozen=True, slots=True)
class Address:
    """Where one file of a document is to be sent."""

    upload: Upload
    url: str | None
    """Of the storage itself; None when it is `path` below our own API."""
    path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """What an address of our own stands for, while its document waits."""

    upload_id: UUID
    partner_id: UUID
    document_id: UUID
    side: Side
    storage_key: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """The files of one document, admitted and stored; `keep` makes them its own."""

    document_id: UUID
    files: Sequence[File]
    sent_at: Mapping[UUID, datetime | None]
    """When each place had received what was read, as far as it came through us."""


def reserve(actor: Actor, submission: Submission, case: Case, sides: Sequence[Side]) -> Stored[Upload]:
    """Draw up a document that waits for its files, with a place for each."""
    actor.require(Permission.DOCUMENTS_WRITE)
    document = intake.document_of(actor, submission, case)
    document.status = DocumentStatus.AWAITING_UPLOAD
    document.expires_at = now() + deadlines.WAITS[DocumentStatus.AWAITING_UPLOAD]
    places = [
        Upload(
            partner_id=document.partner_id,
            document_id=document.id,
            position=index,
            side=side,
            storage_key="",
            expires_at=wall() + LINK_LIFE,
        )
        for index, side in enumerate(sides)
    ]
    for place in places:
        place.storage_key = f"staging/{document.partner_id}/{document.id}/{place.id}"
    return Stored(submission, document, places, case.draft)


async def begin(session: AsyncSession, actor: Actor, reserved: Stored[Upload]) -> Document:
    """Write a reserved document, its events and its audit entries, in the caller's transaction.

    Raises Conflict or Invalid when what it belongs to has changed since.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    await intake.follow(session, actor, reserved)
    await intake.write(session, actor, reserved)
    return reserved.document


async def addresses(session: AsyncSession, actor: Actor, document_id: UUID) -> list[Address]:
    """Sign fresh addresses for the files of a document; none when it does not wait for them any more."""
    actor.require(Permission.DOCUMENTS_WRITE)
    document = await _own(session, actor, document_id)
    if document.status != DocumentStatus.AWAITING_UPLOAD:
        return []
    ends = wall() + LINK_LIFE
    rows = await _places(session, document.id)
    await session.execute(update(Upload).where(col(Upload.document_id) == document.id).values(expires_at=ends))
    store = storage.storage_for(await regions.of(session, document.partner_id))
    return [await _address(store, row, ends) for row in rows]


async def _address(store: Storage, row: Upload, ends: datetime) -> Address:
    url = await store.upload_url(row.storage_key, seconds=int(LINK_LIFE.total_seconds()))
    token = tokens.write(TOKEN_PURPOSE, BODY.pack(row.id.bytes, row.partner_id.bytes, int(ends.timestamp())))
    return Address(row, url, f"{LINK_PATH}/{token}", ends)


async def _own(session: AsyncSession, actor: Actor, document_id: UUID, *, lock: bool = False) -> Document:
    statement = visible(actor, Document).where(col(Document.id) == document_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "document")


async def _places(session: AsyncSession, document_id: UUID) -> Sequence[Upload]:
    statement = select(Upload).where(col(Upload.document_id) == document_id).order_by(col(Upload.position))
    return (await session.execute(statement)).scalars().all()


def _refuse_unless_waiting(document: Document) -> None:
    if document.status != DocumentStatus.AWAITING_UPLOAD:
        raise Conflict(f"This document is {document.status} and takes no files any more.", code="not_awaiting_upload")


async def place_of(token: str) -> Place:
    """Find what an address of our own stands for; it needs no key.

    Raises NotFound for one that we did not write or that has ended, Conflict when its document does not wait any more.
    """
    upload_id, partner_id, ends = BODY.unpack(tokens.read(TOKEN_PURPOSE, token, BODY.size))
    if datetime.fromtimestamp(ends, UTC) <= wall():
        raise tokens.no_such_link()
    async with transaction(Tenancy.of(UUID(bytes=partner_id))) as session:
        statement = (
            select(Upload, Document)
            .join(Document, col(Document.id) == col(Upload.document_id))
            .where(col(Upload.id) == UUID(bytes=upload_id))
        )
        row = (await session.execute(statement)).one_or_none()
        if row is None:
            raise tokens.no_such_link()
        upload, document = row.Upload, row.Document
        _refuse_unless_waiting(document)
        key = await vault.data_key(session, document.applicant_id)
        return Place(upload.id, upload.partner_id, document.id, Side(upload.side), upload.storage_key, key)


async def put(place: Place, data: bytes) -> None:
    """Seal and stage what was received, in the place of what was sent there before.

    Raises Conflict when the document was submitted or withdrawn meanwhile; nothing stays then.
    """
    aad = vault.aad(place.upload_id, STAGED_COLUMN)
    box = await asyncio.to_thread(cipher.seal, place.key, data, aad)
    store = await regions.storage_of(place.partner_id)
    await store.put(place.storage_key, box)
    try:
        async with transaction(Tenancy.of(place.partner_id)) as session:
            statement = select(Document).where(col(Document.id) == place.document_id).with_for_update(read=True)
            _refuse_unless_waiting((await session.execute(statement)).scalar_one())
            await session.execute(update(Upload).where(col(Upload.id) == place.upload_id).values(received_at=wall()))
    except Conflict:
        await store.delete(place.storage_key)
        raise


async def store(actor: Actor, document_id: UUID) -> Received:
    """Read, admit, seal and store every file that was sent; opens its own short transaction to find them.

    One file at a time is in memory. Raises NotFound, Conflict when the document does not wait or a file is missing,
    and Invalid, TooLarge, Unsupported for a file that is not accepted; nothing stays then, and each may be sent again.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    async with transaction(actor.tenancy) as session:
        document = await _own(session, actor, document_id)
        _refuse_unless_waiting(document)
        places = await _places(session, document.id)
        key = await vault.data_key(session, document.applicant_id)
    await _refuse_missing(places)
    stored: list[File] = []
    try:
        for place in places:
            data = await _staged(key, place)
            row = intake.file_of(
                document, place.position, place.side, await intake.admit(place.position, data), file_id=place.id
            )
            stored.append(row)
            await intake.seal(key, row, lambda data=data: data)
    except BaseException:
        await intake.discard(stored)
        raise
    return Received(document.id, stored, {place.id: place.received_at for place in places})


async def _refuse_missing(places: Sequence[Upload]) -> None:
    missing = [
        place for place in places if not await (await regions.storage_of(place.partner_id)).exists(place.storage_key)
    ]
    if missing:
        raise _missing(missing)


def _missing(places: Sequence[Upload]) -> Conflict:
    names = ", ".join(f"{place.side} ({public_id(Prefix.FILE, place.id)})" for place in places)
    return Conflict(f"Not sent yet: {names}.", code="upload_missing", pointer=f"/files/{places[0].position}")


async def _staged(key: bytes, place: Upload) -> bytes:
    """Read what was sent, and no more of it than a file may have."""
    store, pointer = await regions.storage_of(place.partner_id), f"/files/{place.position}"
    try:
        if store.takes_uploads:
            data = await store.get(place.storage_key, at_most=MOST_BYTES + 1)
        else:
            data = cipher.open_(key, await store.get(place.storage_key), vault.aad(place.id, STAGED_COLUMN))
    except (NotFound, cipher.Tampered):
        raise _missing([place]) from None
    if not data:
        raise Invalid("The file is empty.", code="file_empty", pointer=pointer)
    if len(data) > MOST_BYTES:
        raise TooLarge("A file is larger than 15 MB.", pointer=pointer)
    return data


async def keep(session: AsyncSession, actor: Actor, received: Received, *, plan: Plan) -> Document:
    """Submit a document with the files that were stored for it, in the caller's transaction.

    Raises Conflict when somebody else was faster, or when what it belongs to has changed since.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    seen = await _own(session, actor, received.document_id)
    _refuse_unless_waiting(seen)
    named = References(
        applicant_id=seen.applicant_id,
        verification_id=seen.verification_id,
        replaces_id=seen.replaces_id,
        document_id=seen.id,
    )
    previous = (await references.settle(session, actor, named, lock=True)).previous
    document = await _own(session, actor, received.document_id, lock=True)
    _refuse_unless_waiting(document)
    await _refuse_changed(session, received)
    document.due_at = await sla_clocks.promised(session, document, plan)
    session.add_all(received.files)
    await documents.change_status(session, actor, document, DocumentStatus.SUBMITTED)
    await intake.screen(session, actor, document, previous)
    return document


async def _refuse_changed(session: AsyncSession, received: Received) -> None:
    """Keep what was answered to be received: a file that came again after it was read would be lost in silence."""
    statement = select(col(Upload.id), col(Upload.received_at)).where(col(Upload.document_id) == received.document_id)
    if {row.id: row.received_at for row in await session.execute(statement)} != received.sent_at:
        raise Conflict("A file was sent again meanwhile. Submit the document again.", code="upload_changed")


async def drop(actor: Actor, document_ids: Sequence[UUID]) -> None:
    """Remove what was staged for documents that do not wait any more; what cannot be removed now `ended` finds."""
    async with transaction(actor.tenancy) as session:
        statement = (
            select(Upload)
            .join(Document, col(Document.id) == col(Upload.document_id))
            .where(col(Document.id).in_(document_ids), col(Document.status) != DocumentStatus.AWAITING_UPLOAD)
        )
        left = [await regions.object_of(session, place) for place in (await session.execute(statement)).scalars()]
    try:
        await storage.remove(left)
    except Unavailable:
        return


async def ended(session: AsyncSession, actor: Actor, *, without: Collection[str] = ()) -> Sequence[Upload]:
    """Find places that nobody can write to any more and whose document does not wait; their objects are garbage.

    Leaves those of some regions out: their stores are away.
    """
    actor.require(Permission.SYSTEM)
    statement = (
        select(Upload)
        .join(Document, col(Document.id) == col(Upload.document_id))
        .join(Partner, col(Partner.id) == col(Upload.partner_id))
        .where(col(Upload.expires_at) < wall() - LATE, col(Document.status) != DocumentStatus.AWAITING_UPLOAD)
        .where(col(Partner.region).not_in(without))
        .order_by(col(Upload.expires_at))
        .limit(SWEEP_LIMIT)
    )
    return (await session.execute(statement)).scalars().all()


async def forget(session: AsyncSession, actor: Actor, places: Sequence[Upload]) -> None:
    """Remove the rows of places whose objects are gone."""
    actor.require(Permission.SYSTEM)
    await session.execute(delete(Upload).where(col(Upload.id).in_([place.id for place in places])))
