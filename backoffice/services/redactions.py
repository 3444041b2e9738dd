"""Redactions: what personal data a document has, and how it goes; an erasure and the end of retention do the same."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import storage
from backoffice.adapters.storage import Object
from backoffice.models.annotations import Annotation
from backoffice.models.copies import Copy
from backoffice.models.documents import OPEN, Check, Document, DocumentStatus, File, Rendition, Upload
from backoffice.models.questions import Question
from backoffice.models.reopenings import Reopening
from backoffice.models.reveals import Reveal
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import (
    document_actions,
    document_tags,
    documents,
    evidence_packs,
    file_masks,
    fingerprints,
    person_exports,
    regions,
    review_tasks,
    search_tokens,
)
from backoffice.services.access import Actor

Papers = Sequence[UUID] | ScalarSelect[UUID]
"""Keys of documents, or a subquery of them."""


async def redact(session: AsyncSession, actor: Actor, partner_id: UUID, papers: Sequence[Document]) -> None:
    """End all work on locked documents and take away what they are found and read by; their files go after the commit.

    Whatever runs meanwhile finds its document redacted and writes nothing.
    """
    keys = [paper.id for paper in papers]
    await review_tasks.close(session, keys)
    await fingerprints.forget(session, keys)
    await search_tokens.forget(session, keys)
    await document_tags.forget(session, keys)
    await document_actions.forget(session, keys)
    await evidence_packs.forget(session, actor, partner_id, keys)
    await person_exports.forget(session, actor, partner_id, {paper.applicant_id for paper in papers})
    for paper in papers:
        await _redact(session, actor, paper)


async def _redact(session: AsyncSession, actor: Actor, paper: Document) -> None:
    """Empty one document: what was read from it, and what the partner wrote beside it."""
    if paper.status == DocumentStatus.REDACTED:
        return
    paper.extracted_box = None
    paper.partner_metadata = {}
    if paper.status in OPEN:
        await documents.move(session, actor, paper, DocumentStatus.CANCELED)
    await documents.move(session, actor, paper, DocumentStatus.REDACTED)


async def objects(session: AsyncSession, papers: Papers) -> list[Object]:
    """List every object of documents; the rows stay until the end, so that a second run finds the same."""
    files = select(col(File.partner_id), col(File.storage_key)).where(col(File.document_id).in_(papers))
    pictures = (
        select(col(Rendition.partner_id), col(Rendition.storage_key))
        .join(File, col(File.id) == col(Rendition.file_id))
        .where(col(File.document_id).in_(papers))
    )
    replaced = select(col(File.partner_id), col(File.replaced_key)).where(
        col(File.document_id).in_(papers), col(File.replaced_key).is_not(None)
    )
    staged = select(col(Upload.partner_id), col(Upload.storage_key)).where(col(Upload.document_id).in_(papers))
    rows = (await session.execute(files.union_all(pictures, replaced, staged))).all()
    found = [Object(await regions.of(session, partner_id), key) for partner_id, key in rows]
    return sorted(set(found), key=lambda one: one.key)


async def delete_objects(found: Sequence[Object]) -> None:
    """Delete objects, each in its own region, and what a dead worker may have left beside them.

    Raises Unavailable when a store does not answer: trying again later is right.
    """
    await storage.remove([*found, *file_masks.beside(found)])


async def empty(session: AsyncSession, papers: Papers) -> None:
    """Empty the boxes that may change, once the objects are gone.

    Decisions never change: their notes and messages stay as boxes, until the applicant's key goes. The hash of a
    file goes, because whoever has the file could find its owner by it.
    """
    files = select(col(File.id)).where(col(File.document_id).in_(papers)).scalar_subquery()
    notes = {"verdict_note_box": None, "first_note_box": None, "verdict_message_box": None, "first_message_box": None}
    for statement in (
        update(Check).where(col(Check.document_id).in_(papers)).values(summary_box=None),
        update(ReviewTask).where(col(ReviewTask.document_id).in_(papers)).values(**notes),
        update(Question).where(col(Question.document_id).in_(papers)).values(text_box=None, answer_box=None),
        update(Reopening).where(col(Reopening.document_id).in_(papers)).values(why_box=None),
        update(Annotation).where(col(Annotation.document_id).in_(papers)).values(note_box=None),
        update(Copy).where(col(Copy.document_id).in_(papers)).values(why_box=None),
        update(Reveal).where(col(Reveal.document_id).in_(papers)).values(note="", note_box=None),
        delete(Rendition).where(col(Rendition.file_id).in_(files)),
        update(File).where(col(File.document_id).in_(papers)).values(sha256=""),
        update(Document).where(col(Document.id).in_(papers)).values(delete_after=None),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
