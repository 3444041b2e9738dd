"""Evidence packs: one document as a ZIP of a PDF, its JSON, and a signed list of what the ZIP holds.

A pack is an export: a job writes it, it is sealed under a key of its own, it can be fetched for a day, and each fetch
is written down. Personal data is in it only for who said what for, and while that holds; such a pack goes to nobody
else, and its key is lost with the person.
"""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import case_pdf, live, signing
from backoffice.adapters.case_pdf import Jpeg, Sheet
from backoffice.adapters.cipher import Tampered
from backoffice.clock import present
from backoffice.errors import BackofficeError, NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.case_files import CaseFile
from backoffice.models.documents import Document, File, RenditionKind
from backoffice.models.evidence_packs import EvidencePack
from backoffice.models.exports import END, UNDER_WAY, Asked, Export, ExportFormat, ExportKind, ExportStatus
from backoffice.models.partners import Partner
from backoffice.screening.decode import UndecodableError
from backoffice.services import (
    audit,
    case_files,
    copies,
    document_tags,
    documents,
    dossiers,
    export_parts,
    exports,
    files,
    reveals,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.check_shapes import check_shape
from backoffice.services.export_parts import Part
from backoffice.services.files import Sealed

VERSION = 1
PERSONAL = "personal"
Layout = Callable[[EvidencePack, Mapping[UUID, Jpeg]], Sheet]
"""Puts a pack and its pictures into words; it belongs to the screens, so the job brings it along."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What is read for a pack before it is written outside of any transaction."""

    pack: EvidencePack
    pictures: Mapping[UUID, Sealed]
    person: Actor
    """Whose name the pictures carry."""


async def ask(
    session: AsyncSession, actor: Actor, document_id: UUID, *, press: UUID, key: tuple[UUID, bytes]
) -> Export:
    """Let a job write the pack of a document; `key` is of `exports.wrap_key`.

    Raises NotFound, also for an erased document, and as `exports.begin` does.
    """
    document = await documents.get(session, actor, document_id, lock=True)  # wholly before an erasure, or after it
    _refuse_erased(document)
    shown = await reveals.until(session, actor, document.id) if reveals.is_asked(actor) else None
    filters = {"document": public_id(Prefix.DOCUMENT, document.id)} | ({PERSONAL: "yes"} if shown else {})
    asked = Asked(press, ExportKind.EVIDENCE, ExportFormat.ZIP, document.livemode, filters)
    row = await exports.begin(session, actor, asked, key)
    if row.id == key[0]:
        await audit.record(
            session, actor, "document.evidence_asked", subject_type="document", subject_id=document.id,
            partner_id=document.partner_id,
            changes={"export_id": public_id(Prefix.EXPORT, row.id), "personal_data": bool(shown)},
        )  # fmt: skip
    return row


def _is_agreed(row: Export) -> bool:
    """Whether a second person agreed to personal data that was shown to the first when they asked."""
    return row.has_personal and row.decided_by is not None


def _refuse_erased(document: Document) -> None:
    if document.redacted_at is not None:
        raise NotFound("The personal data of this document has been erased.", code="erased")


async def newest(session: AsyncSession, actor: Actor, document_id: UUID) -> Export | None:
    """Find the actor's last pack of a document, as long as there is something to say of it."""
    return await exports.newest_of(
        session, actor, ExportKind.EVIDENCE, "document", public_id(Prefix.DOCUMENT, document_id)
    )


async def begin(session: AsyncSession, actor: Actor, export_id: UUID) -> Begun | None:
    """Read what a pack holds, with what the person who asked may see now; None when there is nothing to write."""
    actor.require(Permission.SYSTEM)
    row = await exports.locked(session, export_id)
    if row.status not in UNDER_WAY:
        return None
    row.status = ExportStatus.RUNNING
    live.announce(session, exports.topic(row.partner_id))
    try:
        person = await exports.person_of(session, row)
        return await _read(session, person, row)
    except BackofficeError as error:
        await exports.end(session, actor, row, ExportStatus.FAILED, str(error))
        return None


async def _read(session: AsyncSession, person: Actor, row: Export) -> Begun:
    key, is_agreed = parse_public_id(Prefix.DOCUMENT, row.filters["document"]), _is_agreed(row)
    dossier = await dossiers.read(session, person, key, is_agreed=is_agreed)
    document, has_personal = dossier.document, row.has_personal
    _refuse_erased(document)
    if has_personal and (dossier.is_hidden or dossier.is_erased or not person.can(Permission.PERSONAL_READ)):
        raise NotFound("Its personal data is hidden again. Say what for once more, and ask again.", code="hidden")
    case = CaseFile(
        document=document,
        partner=(await session.get_one(Partner, document.partner_id)).name,
        files=dossier.files,
        renditions=[one for one in dossier.renditions if one.kind == RenditionKind.VIEW] if has_personal else [],
        given=dossier.given if has_personal else {},
        extracted=dossier.extracted if has_personal else {},
        checks=dossier.checks if has_personal else [(check, "") for check, _ in dossier.checks],
        decisions=[], marks=[], past=[], questions=[], entries=[], is_cut=False,
        labels=dossier.labels, made_by=person.name, made_at=present(),
    )  # fmt: skip
    tags = (await document_tags.of_documents(session, [document.id])).get(document.id, [])
    pictures = await case_files.pages(session, case) if case.renditions else {}
    return Begun(EvidencePack(case, dossier.decision, dossier.history, tags, has_personal), pictures, person)


async def write(begun: Begun, layout: Layout) -> bytes:
    """Write the ZIP outside of any transaction; a picture that cannot be opened is named and left out."""
    jpegs: dict[UUID, Jpeg] = {}
    for key, one in begun.pictures.items():
        data = await _data(one)
        opened = data and await asyncio.to_thread(_opened, data)
        if opened:
            width, height, jpeg = opened
            jpegs[key] = width, height, await files.marked(jpeg, begun.person)
    pdf = await asyncio.to_thread(lambda: case_pdf.write(layout(begun.pack, jpegs)))
    return bound(begun.pack, {"report.pdf": pdf, "evidence.json": _json(evidence(begun.pack))})


async def _data(one: Sealed) -> bytes | None:
    """Read a picture; one that is not stored any more, or does not open under its key, is left out."""
    try:
        return (await files.read(one)).data
    except (NotFound, Tampered):
        return None


def _opened(data: bytes) -> Jpeg | None:
    try:
        return copies.decoder().jpegs(data, "image/jpeg", long_side=case_files.LONG_SIDE)[0]
    except UndecodableError:
        return None


def bound(pack: EvidencePack, parts: Mapping[str, bytes]) -> bytes:
    """Bind parts with a list of their hashes, which is signed; the same ones give the same bytes."""
    case = pack.case
    listed = [
        {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in parts.items()
    ]
    manifest = _json(
        {
            "object": "evidence_manifest",
            "version": VERSION,
            "document_id": public_id(Prefix.DOCUMENT, case.document.id),
            "made_at": case.made_at.isoformat(),
            "files": listed,
        }
    )
    whole = {**parts, "manifest.json": manifest, "manifest.jws": signing.sign(manifest).encode()}
    made, box = case.made_at.timetuple()[:6], io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in whole.items():
            book.writestr(zipfile.ZipInfo(name, made), data, zipfile.ZIP_DEFLATED)
    return box.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def evidence(pack: EvidencePack) -> dict[str, object]:
    """Write what is known of the document for a program."""
    case, decision = pack.case, pack.decision
    document = case.document
    said: dict[str, object] = {
        "object": "evidence_pack",
        "version": VERSION,
        "made_at": case.made_at.isoformat(),
        "made_by": case.made_by,
        "personal_data": pack.has_personal,
        "document": documents.snapshot(document)
        | {
            "livemode": document.livemode,
            "issuing_country": document.issuing_country,
            "max_attempts": document.max_attempts,
            "risk_score": document.risk_score,
            "created_at": _time(document.created_at),
            "submitted_at": _time(document.submitted_at),
            "completed_at": _time(document.completed_at),
        },
        "decision": decision
        and {
            "id": public_id(Prefix.DECISION, decision.id),
            "outcome": decision.outcome,
            "reasons": decision.reasons,
            "decided_by": decision.decided_by_type,
            "policy_version": decision.policy_version,
            "decided_at": _time(decision.created_at),
        },
        "checks": [check_shape(check) | ({"summary": words} if words else {}) for check, words in case.checks],
        "files": [_file(file) for file in case.files],
        "events": [
            {
                "id": public_id(Prefix.EVENT, event.id),
                "type": event.type,
                "sequence": event.sequence,
                "created_at": _time(event.created_at),
            }
            for event in pack.history
        ],
        "tags": pack.tags,
    }
    return said | ({"given": case.given, "extracted": case.extracted} if pack.has_personal else {})


def _file(file: File) -> dict[str, object]:
    return {
        "id": public_id(Prefix.FILE, file.id),
        "side": file.side,
        "mime_type": file.mime_type,
        "bytes": file.bytes,
        "pages": file.pages,
        "sha256": file.sha256,
        "masked": file.masking if file.is_masked else None,
    }


async def finish(session: AsyncSession, actor: Actor, export_id: UUID, data: bytes) -> None:
    """Keep the written pack; one that was stopped meanwhile, or whose document was erased, is dropped."""
    actor.require(Permission.SYSTEM)
    row = await exports.locked(session, export_id)
    if row.status not in UNDER_WAY:
        return
    await export_parts.put(row, await export_parts.key_of(row), Part.FINAL, 0, data)
    row.parts, row.size, row.rows, row.cursor = 1, len(data), 1, END
    live.announce(session, exports.topic(row.partner_id))
    await exports.ready(session, actor, row)


async def fail(session: AsyncSession, actor: Actor, export_id: UUID, failure: str) -> None:
    """End a pack that cannot be written."""
    actor.require(Permission.SYSTEM)
    row = await exports.locked(session, export_id)
    if row.status in UNDER_WAY:
        await exports.end(session, actor, row, ExportStatus.FAILED, failure)


async def forget(session: AsyncSession, actor: Actor, partner_id: UUID, document_ids: Sequence[UUID]) -> None:
    """Lose the keys of packs of documents that are redacted in this transaction."""
    subjects = [("document", public_id(Prefix.DOCUMENT, one)) for one in document_ids]
    await exports.forget_about(session, actor, partner_id, ExportKind.EVIDENCE, subjects)
