"""File masks: what must not be kept leaves the store with the transaction that writes what was found.

The masked encoding is stored first, under a name of its own; then one transaction lets the file's row name it, masks
what was declared, and writes down which object is left over. Deleting that one is done again until it is gone, so that
a worker may die anywhere. What nobody could read is not shown: `files.refuse_unmasked`.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.adapters.storage import Object
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, DocumentStatus, File, Masking
from backoffice.models.exports import ExportKind
from backoffice.models.partners import Partner
from backoffice.screening import masking_rules
from backoffice.screening.types import Declared, MaskedFile, Screening
from backoffice.services import applicants, audit, documents, exports, files, regions
from backoffice.services.access import Actor, Permission

DISCARD_JOB = "file.discard_replaced"
BATCH = 100


def place_of(file: File) -> str:
    """Name the object of a masked file: always the same, so that a second run replaces it."""
    return f"{file.partner_id}/{file.document_id}/{uuid5(file.id, 'masked')}"


def beside(found: Sequence[Object]) -> list[Object]:
    """Name where masked files of these objects would be: a worker may have died before a row named one."""
    places: list[Object] = []
    for one in found:
        folder, _, name = one.key.rpartition("/")
        with suppress(ValueError):
            places.append(Object(one.region, f"{folder}/{uuid5(UUID(name), 'masked')}"))
    return places


async def store(sent: Sequence[File], key: bytes, screening: Screening) -> list[Object]:
    """Keep the masked files before any row names them; answers where they are."""
    stored: list[Object] = []
    for made in screening.masked:
        file = sent[made.file_index]
        at = place_of(file)
        if file.storage_key == at:
            continue
        region = await regions.of_partner(file.partner_id)
        await (await regions.storage_of(file.partner_id)).put(at, files.seal_file(key, file.id, made.data))
        stored.append(Object(region, at))
    return stored


@dataclass(frozen=True, slots=True)
class Looked:
    """What screening was given, and what it made of it."""

    document_id: UUID
    sent: Sequence[File]
    declared: Declared
    screening: Screening


async def keep(session: AsyncSession, actor: Actor, looked: Looked) -> Document:
    """Let the masked files take the place of what was sent, whatever became of the document meanwhile; it is locked.

    Locks the applicant first, as everybody does, where the number that was declared of them is masked, too.
    """
    actor.require(Permission.SYSTEM)
    screening, declared = looked.screening, looked.declared
    if screening.masked and declared.document_number:
        seen = await documents.get(session, actor, looked.document_id)
        await applicants.mask_number(session, actor, seen.applicant_id)
    document = await documents.get(session, actor, looked.document_id, lock=True)
    if document.status == DocumentStatus.REDACTED:
        return document
    made = {one.file_index: one for one in screening.masked}
    for index, file in enumerate(looked.sent):
        row = await session.get_one(File, file.id, populate_existing=True)
        if index in made and not row.is_masked:
            await _replace(session, actor, row, made[index], screening.masking[index])
        elif not row.is_masked:
            row.masking = _known(screening, index, declared)
    if made:
        await job_queue.enqueue(session, DISCARD_JOB, {}, dedupe_key=DISCARD_JOB)
        await _forget_exports(session, actor, document)
    await session.flush()
    return document


async def _forget_exports(session: AsyncSession, actor: Actor, document: Document) -> None:
    """Lose what was written of the document before: the unmasked file may be in it."""
    paper = ("document", public_id(Prefix.DOCUMENT, document.id))
    person = ("applicant", public_id(Prefix.APPLICANT, document.applicant_id))
    await exports.forget_about(session, actor, document.partner_id, ExportKind.EVIDENCE, [paper])
    await exports.forget_about(session, actor, document.partner_id, ExportKind.PERSON, [person])


def _known(screening: Screening, index: int, declared: Declared) -> str:
    """Say what is known of a file that was not masked; where nothing could be read, it may be under a rule."""
    if index < len(screening.masking):
        return screening.masking[index]
    rule = masking_rules.may_concern(declared.issuing_country, declared.type)
    return Masking.UNKNOWN if rule else Masking.NONE


async def _replace(session: AsyncSession, actor: Actor, row: File, made: MaskedFile, rule: str) -> None:
    row.replaced_key, row.storage_key = row.storage_key, place_of(row)
    row.masking, row.mime_type, row.width, row.height = rule, made.mime_type, made.width, made.height
    await audit.record(
        session,
        actor,
        "file.masked",
        subject_type="document",
        subject_id=row.document_id,
        partner_id=row.partner_id,
        changes={"file_id": public_id(Prefix.FILE, row.id), "rule": rule},
    )


async def unkept(session: AsyncSession, actor: Actor, stored: Sequence[Object]) -> list[Object]:
    """Name the masked files that no row came to name: the document was erased, or somebody else was faster."""
    actor.require(Permission.SYSTEM)
    statement = select(col(File.storage_key)).where(col(File.storage_key).in_([one.key for one in stored]))
    kept = set((await session.execute(statement)).scalars())
    return [one for one in stored if one.key not in kept]


async def replaced(session: AsyncSession, actor: Actor, *, without: Collection[str] = ()) -> list[tuple[UUID, Object]]:
    """Find a batch of objects whose place was taken; leaves those of some regions out: their stores are away."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(col(File.id), col(File.replaced_key), col(Partner.region))
        .join(Partner, col(Partner.id) == col(File.partner_id))
        .where(col(File.replaced_key).is_not(None), col(Partner.region).not_in(without))
        .order_by(col(File.id))
        .limit(BATCH)
    )
    return [(file_id, Object(region, key or "")) for file_id, key, region in await session.execute(statement)]


async def forget(session: AsyncSession, actor: Actor, gone: Sequence[tuple[UUID, Object]]) -> None:
    """Write down that objects are gone."""
    actor.require(Permission.SYSTEM)
    for file_id, one in gone:
        statement = update(File).where(col(File.id) == file_id, col(File.replaced_key) == one.key)
        await session.execute(statement.values(replaced_key=None))
