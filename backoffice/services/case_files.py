"""Case files: everything about one document in one reading, under the rules of its timeline.

What a second signer or a blind judge must not know yet is left out or refused by the services that are asked here.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import case_pdf
from backoffice.adapters.case_pdf import Jpeg, Sheet
from backoffice.clock import present
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.case_files import CaseFile
from backoffice.models.documents import Document, RenditionKind
from backoffice.models.review_tasks import Decision
from backoffice.screening.decode import Decoder, UndecodableError
from backoffice.services import (
    annotations,
    decision_texts,
    dossiers,
    files,
    questions,
    regions,
    reopenings,
    review_timelines,
    vault,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.files import Sealed, Served
from backoffice.services.review_timelines import Signed

LONG_SIDE = 1_600
"""Pixels of a printed picture: some 210 per inch at the width of the page."""
MOST_PICTURES = 40
_AT_ONCE = 2
"""Case files that one process writes at the same time."""
Layout = Callable[[CaseFile, Mapping[UUID, Jpeg]], Sheet]
"""Puts a case and its pictures into words; it belongs to the screens, so the door brings it along."""


@cache
def _gate() -> asyncio.Semaphore:
    return asyncio.Semaphore(_AT_ONCE)


async def read(session: AsyncSession, actor: Actor, document_id: UUID) -> CaseFile:
    """Read the whole case; it counts as opening the document's timeline and is written down.

    Raises NotFound, also for an erased document, and NotAllowed for who judges the document blind.
    """
    actor.require(Permission.PERSONAL_READ)
    story = await review_timelines.read(session, actor, document_id, is_opening=True)
    document = story.document
    if document.redacted_at is not None:
        raise NotFound("This document has been erased.", code="erased")
    dossier = await dossiers.read(session, actor, document_id)
    return CaseFile(
        document=document,
        partner=story.partner,
        files=dossier.files,
        renditions=[row for row in dossier.renditions if row.kind == RenditionKind.VIEW],
        given=dossier.given,
        extracted=dossier.extracted,
        checks=story.checks,
        decisions=await _decisions(session, actor, document, story.decisions),
        marks=[
            (one.annotation, one.by, one.note, one.picture_id)
            for one in await annotations.of_document(session, actor, document_id)
        ],
        past=[
            (one.reopening, one.decision, one.why, one.by)
            for one in await reopenings.of_document(session, actor, document)
        ],
        questions=[
            (one.question, one.text, one.answer) for one in await questions.of_document(session, actor, document_id)
        ],
        entries=[(one.entry, one.changes) for one in reversed(story.entries)],
        is_cut=len(story.entries) >= review_timelines.MOST,
        labels=story.labels,
        made_by=actor.name,
        made_at=present(),
    )


async def _decisions(
    session: AsyncSession, actor: Actor, document: Document, signed: list[Signed]
) -> list[tuple[Decision, list[str], str, str]]:
    """Add to each final decision the texts of its signers."""
    rows: list[tuple[Decision, list[str], str, str]] = []
    for one in signed:
        note = await decision_texts.note_of(session, actor, one.decision)
        written = {document.id: (document.applicant_id, one.decision)}
        message = (await decision_texts.messages_of(session, actor, written)).get(document.id, "")
        rows.append((one.decision, one.signers, note, message))
    return rows


async def pages(session: AsyncSession, case: CaseFile) -> dict[UUID, Sealed]:
    """Find the pictures of a case, each by its rendition."""
    key = await vault.data_key(session, case.document.applicant_id)
    return {
        row.id: Sealed(
            await regions.object_of(session, row), key, vault.aad(row.id, files.RENDITION_COLUMN), "image/jpeg", ""
        )
        for row in case.renditions[:MOST_PICTURES]
    }


async def write(case: CaseFile, sealed: Mapping[UUID, Sealed], decoder: Decoder, layout: Layout) -> Served:
    """Write the file outside of any transaction; a picture that cannot be opened is named and left out."""
    async with _gate():
        jpegs: dict[UUID, Jpeg] = {}
        for key, one in sealed.items():
            served = await files.read(one)
            jpegs |= await asyncio.to_thread(_opened, decoder, key, served.data)
        data = await asyncio.to_thread(lambda: case_pdf.write(layout(case, jpegs)))
    return Served(data, "application/pdf", f"case-{public_id(Prefix.DOCUMENT, case.document.id)}.pdf")


def _opened(decoder: Decoder, key: UUID, data: bytes) -> dict[UUID, Jpeg]:
    try:
        return {key: decoder.jpegs(data, "image/jpeg", long_side=LONG_SIDE)[0]}
    except UndecodableError:
        return {}
