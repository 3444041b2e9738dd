"""Document files: sealed at rest, shown by short-lived links that are bound to who asked for them."""

import asyncio
import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import cipher, watermark
from backoffice.adapters.storage import Object, storage_for
from backoffice.clock import present
from backoffice.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from backoffice.models.documents import Document, File, Masking, Rendition, RenditionKind
from backoffice.screening import masking_rules
from backoffice.services import api_keys, audit, file_hosts, regions, reveals, sessions, tokens, vault
from backoffice.services.access import Actor, ActorType, Permission, found

FILE_COLUMN = "file"
RENDITION_COLUMN = "rendition"
NOT_MASKED = "file_not_masked"
LINK_LIFE = timedelta(minutes=5)
LINK_STEP = 60
"""Seconds by which expiry is rounded up, so that a page drawn twice asks for the same address."""
LINK_PATH = "/files"
TOKEN_PURPOSE = "file-link:2"  # noqa: S105 what a link is signed for
BODY = struct.Struct(">cc16s16sI8s")
SUFFIX = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/tiff": "tif",
    "application/pdf": "pdf",
}


class Target(StrEnum):
    """What a link shows: the file as it was sent, a re-encoded picture of one page, or a copy for export."""

    ORIGINAL = "o"
    RENDITION = "r"
    COPY = "c"
    """What `services/copies.py` makes when it is fetched."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: what it shows, to whom, until when."""

    target: Target
    target_id: UUID
    viewer: ActorType
    viewer_id: UUID
    expires_at: datetime
    mark: str = ""
    """Under which secret of their session a person was when it was written."""


@dataclass(frozen=True, slots=True)
class Served:
    """Bytes in the clear, on their way to one viewer."""

    data: bytes
    mime_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where the ciphertext stands and what opens it."""

    at: Object
    key: bytes
    aad: bytes
    mime_type: str
    filename: str


_VIEWERS = {ActorType.MEMBER: b"s", ActorType.API_KEY: b"k"}


def storage_key(document: Document, row_id: UUID) -> str:
    """Name the object of a file or rendition; nothing that a person typed is in it."""
    return f"{document.partner_id}/{document.id}/{row_id}"


def seal_file(key: bytes, file_id: UUID, data: bytes) -> bytes:
    """Seal an original for its row."""
    return cipher.seal(key, data, vault.aad(file_id, FILE_COLUMN))


def open_file(key: bytes, file_id: UUID, box: bytes) -> bytes:
    """Open what `seal_file` sealed."""
    return cipher.open_(key, box, vault.aad(file_id, FILE_COLUMN))


def seal_rendition(key: bytes, rendition_id: UUID, data: bytes) -> bytes:
    """Seal a rendition for its row."""
    return cipher.seal(key, data, vault.aad(rendition_id, RENDITION_COLUMN))


def file_link(actor: Actor, rendition: Rendition) -> str:
    """Write the address of a picture for one viewer, good for about five minutes; needs `personal:read`.

    Heat-maps need the right to decide as well: without a reviewer's experience they accuse honest people.
    """
    _require_eye(actor, rendition)
    return _address(actor, Target.RENDITION, rendition.id)


def _require_eye(actor: Actor, rendition: Rendition) -> None:
    if rendition.kind == RenditionKind.FORENSICS:
        actor.require(Permission.DOCUMENTS_DECIDE)


def original_link(actor: Actor, file: File) -> str:
    """Write the address of the file as it was sent; every read of it is audited."""
    return _address(actor, Target.ORIGINAL, file.id)


def copy_link(actor: Actor, copy_id: UUID) -> str:
    """Write the address of a copy for whoever asked for it."""
    return _address(actor, Target.COPY, copy_id)


def expiry() -> datetime:
    """Say when a link that is written now ends, whatever a test clock says."""
    end = int((present() + LINK_LIFE).timestamp())
    return datetime.fromtimestamp(-(-end // LINK_STEP) * LINK_STEP, UTC)


def _require(actor: Actor) -> None:
    """Ask what a picture needs, when its link is written and again when it is opened."""
    actor.require(Permission.PERSONAL_READ)
    if actor.type == ActorType.API_KEY:
        actor.require(Permission.DOCUMENTS_READ)
    if actor.denied_attributes:
        raise NotAllowed(
            "This API key never reads some attributes, and a picture shows them all.", code="attribute_denied"
        )


def _address(actor: Actor, target: Target, target_id: UUID) -> str:
    """Write a path on our own host, or a whole address when files have one of their own."""
    return file_hosts.address(f"{LINK_PATH}/{_token(actor, target, target_id)}")


def _token(actor: Actor, target: Target, target_id: UUID) -> str:
    _require(actor)
    viewer_id = actor.session_id if actor.type == ActorType.MEMBER else actor.id
    if viewer_id is None or actor.type not in _VIEWERS:
        raise NotSignedIn("A picture is shown to a signed-in person or to an API key only.")
    ends = int(expiry().timestamp())
    mark = bytes.fromhex(actor.mark)
    body = BODY.pack(target.encode(), _VIEWERS[actor.type], target_id.bytes, viewer_id.bytes, ends, mark)
    return tokens.write(TOKEN_PURPOSE, body)


def read_token(token: str) -> Link:
    """Read a link back.

    Raises NotFound for one that we did not write or that has ended: whoever asks learns nothing.
    """
    target, viewer, target_id, viewer_id, ends, mark = BODY.unpack(tokens.read(TOKEN_PURPOSE, token, BODY.size))
    expires_at = datetime.fromtimestamp(ends, UTC)
    if expires_at <= present():
        raise tokens.no_such_link()
    type_ = next(type_ for type_, letter in _VIEWERS.items() if letter == viewer)
    return Link(Target(target.decode()), UUID(bytes=target_id), type_, UUID(bytes=viewer_id), expires_at, mark.hex())


async def viewer_of(
    session: AsyncSession, link: Link, *, session_secret: str = "", ip: str = "", request_id: str = ""
) -> Actor | api_keys.Caller:
    """Say who looks, as they stand now: a person, or a key with its plan; needs a session that sees every partner.

    A person's link opens only in the browser that it was written for; on a host of their own, which no cookie
    reaches, files open for as long as the link and the secret of its session live. Raises NotFound elsewhere or after
    sign-out, NotSignedIn or NotAllowed when the key may not any more.
    """
    if link.viewer == ActorType.API_KEY:
        return await api_keys.by_id(session, link.viewer_id, ip, request_id)
    if file_hosts.is_apart():
        actor = await sessions.fetching(session, sessions.Tab(link.viewer_id, link.mark, ip), request_id)
        if actor is None:
            raise tokens.no_such_link()
        return actor
    found_row = await sessions.by_secret(session, session_secret, ip=ip)
    if found_row is None or found_row[0].id != link.viewer_id:
        raise tokens.no_such_link()
    return sessions.actor_of(*found_row, ip=ip, request_id=request_id)


async def locate(session: AsyncSession, actor: Actor, link: Link) -> Sealed:
    """Find what a link shows, within what its viewer may see; reading an original is audited here.

    Raises NotFound, also for the file of an erased applicant; NotAllowed for a key that was narrowed since.
    """
    _require(actor)
    if link.target == Target.COPY:
        raise tokens.no_such_link()
    if link.target == Target.ORIGINAL:
        return await _locate_original(session, actor, link.target_id)
    return await _locate_rendition(session, actor, link.target_id)


async def _locate_original(session: AsyncSession, actor: Actor, file_id: UUID) -> Sealed:
    statement = (
        select(File, Document).join(Document, col(Document.id) == col(File.document_id)).where(col(File.id) == file_id)
    )
    row = (await session.execute(statement)).one_or_none()
    file, document = found(
        row if row and actor.owns(row.File.partner_id, livemode=row.Document.livemode) else None, "file"
    )
    await reveals.refuse_hidden(session, actor, document.id)
    key = await _key_of(session, document)
    refuse_unmasked(document, file)
    await audit.record(
        session,
        actor,
        "file.original_read",
        subject_type="document",
        subject_id=document.id,
        partner_id=document.partner_id,
        changes={"file_id": str(file.id)},
    )
    return Sealed(
        await regions.object_of(session, file),
        key,
        vault.aad(file.id, FILE_COLUMN),
        file.mime_type,
        f"{file.side}.{SUFFIX[file.mime_type]}",
    )


async def _key_of(session: AsyncSession, document: Document) -> bytes:
    """Unwrap the key of a document's files; a redacted one shows none, even while its objects are being deleted."""
    _refuse_redacted(document)
    return await vault.data_key(session, document.applicant_id)


def _refuse_redacted(document: Document) -> None:
    """Stop for a document whose personal data is gone.

    Raises NotFound with the code `erased`.
    """
    if document.redacted_at is not None:
        raise NotFound("This file has been erased.", code="erased")


def refuse_unmasked(document: Document, file: File) -> None:
    """Stop for a file that may be under a rule of masking, as long as nobody has looked, or where nobody could.

    Raises Conflict with the code `file_not_masked`.
    """
    refuse_unknown(file)
    if not is_clear(document, file):
        raise Conflict("This file was not read yet. It may show a number that is covered first.", code=NOT_MASKED)


def refuse_unknown(file: File) -> None:
    """Stop for a file that may be under a rule of masking and that nobody could read, and for its old pictures.

    Raises Conflict with the code `file_not_masked`.
    """
    if file.masking == Masking.UNKNOWN:
        raise Conflict("This file could not be read. It may show a number that is covered first.", code=NOT_MASKED)


def is_clear(document: Document, file: File) -> bool:
    """Say whether a file may be shown: nothing on it has to be covered, or it was.

    One that nobody has read yet is kept from its own sender only where they said that it is of a rule's country.
    """
    if file.masking is None:
        return not masking_rules.is_named(document.issuing_country, document.type)
    return file.masking != Masking.UNKNOWN


async def _locate_rendition(session: AsyncSession, actor: Actor, rendition_id: UUID) -> Sealed:
    statement = (
        select(Rendition, File, Document)
        .join(File, col(File.id) == col(Rendition.file_id))
        .join(Document, col(Document.id) == col(File.document_id))
        .where(col(Rendition.id) == rendition_id)
    )
    row = (await session.execute(statement)).one_or_none()
    mine = row if row and actor.owns(row.File.partner_id, livemode=row.Document.livemode) else None
    rendition, file, document = found(mine, "picture")
    _require_eye(actor, rendition)
    await reveals.refuse_hidden(session, actor, document.id)
    key = await _key_of(session, document)
    refuse_unknown(file)
    name = f"{file.side}-{rendition.page + 1}-{rendition.kind}.jpg"
    at = await regions.object_of(session, rendition)
    return Sealed(at, key, vault.aad(rendition.id, RENDITION_COLUMN), "image/jpeg", name)


async def read_for(sealed: Sealed, actor: Actor) -> Served:
    """Fetch and open for one viewer: over what partners' people see stands who looks, and when."""
    served = await read(sealed)
    return replace(served, data=await marked(served.data, actor)) if reveals.is_asked(actor) else served


async def marked(jpeg: bytes, actor: Actor) -> bytes:
    """Write over one of our own pictures for whom it is, and when."""
    words = f"{actor.name} · {present():%Y-%m-%d %H:%M} UTC"
    return await asyncio.to_thread(watermark.mark, jpeg, words)


async def read(sealed: Sealed) -> Served:
    """Fetch and open; outside of any transaction, because the store may be far away."""
    box = await storage_for(sealed.at.region).get(sealed.at.key)
    return Served(cipher.open_(sealed.key, box, sealed.aad), sealed.mime_type, sealed.filename)


async def file_of(
    session: AsyncSession, actor: Actor, document_id: UUID, file_id: UUID, *, is_whole: bool = False
) -> tuple[File, Rendition | None]:
    """Find one file of a document that the actor may see, with the picture of its first page if there is one yet.

    Raises NotFound, with the code `erased` for the file of a redacted document; and Conflict when the file itself is
    wanted (`is_whole`) and may show what must be covered first.
    """
    actor.require(Permission.DOCUMENTS_READ)
    actor.require(Permission.PERSONAL_READ)
    statement = (
        select(File, Document)
        .join(Document, col(Document.id) == col(File.document_id))
        .where(col(File.id) == file_id, col(Document.id) == document_id)
    )
    row = (await session.execute(statement)).one_or_none()
    file, document = found(
        row if row and actor.owns(row.File.partner_id, livemode=row.Document.livemode) else None, "file"
    )
    _refuse_redacted(document)
    if is_whole:
        refuse_unmasked(document, file)
    else:
        refuse_unknown(file)
    picture = select(Rendition).where(
        col(Rendition.file_id) == file.id, col(Rendition.page) == 0, col(Rendition.kind) == RenditionKind.VIEW
    )
    return file, (await session.execute(picture)).scalar_one_or_none()
