"""Related documents: what the same applicant sent before, and what other applicants have in common with it.

They are looked for among one partner's documents of one mode, and only for who reviews that document.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.documents import Document, DocumentStatus, File, Rendition, RenditionKind
from backoffice.models.fingerprints import Fingerprint
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.samples import Sample
from backoffice.services import audit, blindness, conflicts, documents, review_tasks
from backoffice.services.access import Actor, Permission, found

MOST = 10
"""Of each kind."""


class Tie(StrEnum):
    """What ties a document to the one on the desk."""

    REPLACED = "replaced"
    APPLICANT = "applicant"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Related:
    """One related document with how many pictures it has."""

    document: Document
    tie: Tie
    pictures: list[tuple[Rendition, str, int]] = field(default_factory=list[tuple[Rendition, str, int]])
    """The views of its pages, the side each shows, and how many pages its file has."""


async def of_task(session: AsyncSession, actor: Actor, task_id: UUID) -> list[Related]:
    """List what is related to the task's document: what it replaces, the applicant's others, duplicates.

    Raises NotFound, and NotAllowed for who judges the document blind.
    """
    document = await _of_desk(session, actor, task_id)
    ties: dict[UUID, Related] = {}
    for tie, statement in (
        (Tie.REPLACED, await _replaced(session, document)),
        (Tie.APPLICANT, _by_applicant(document)),
        (Tie.DUPLICATE, _duplicates(document)),
    ):
        wanted = statement.where(*_may_be_seen(actor, document)).order_by(col(Document.id).desc()).limit(MOST)
        for row in (await session.execute(wanted)).scalars():
            ties.setdefault(row.id, Related(row, tie))
    pictures = await _pictures(session, list(ties))
    for document_id, one in ties.items():
        one.pictures.extend(pictures.get(document_id, []))
    return list(ties.values())


async def open_one(session: AsyncSession, actor: Actor, task_id: UUID, document_id: UUID) -> Related:
    """Open one related document to compare it; that is written down, because its pictures are shown.

    Raises NotFound for a document that is not related.
    """
    wanted = next((one for one in await of_task(session, actor, task_id) if one.document.id == document_id), None)
    related = found(wanted, "document")
    await audit.record(
        session,
        actor,
        "document.opened",
        subject_type="document",
        subject_id=related.document.id,
        partner_id=related.document.partner_id,
    )
    return related


async def _of_desk(session: AsyncSession, actor: Actor, task_id: UUID) -> Document:
    member_id = review_tasks.reviewer(actor)
    actor.require(Permission.PERSONAL_READ)
    task = found(await session.get(ReviewTask, task_id), "review task")
    await conflicts.refuse(session, member_id, task.partner_id)
    await blindness.refuse(session, member_id, task.document_id)
    return await documents.get(session, actor, task.document_id)


def _may_be_seen(actor: Actor, document: Document):  # noqa: ANN202 conditions say nothing by their type
    judged = exists().where(
        col(Sample.document_id) == col(Document.id),
        col(Sample.taken_by) == actor.id,
        col(Sample.answered_at).is_(None),
    )
    return (
        col(Document.partner_id) == document.partner_id,
        col(Document.livemode) == document.livemode,
        col(Document.id) != document.id,
        col(Document.status) != DocumentStatus.REDACTED,
        ~judged,
    )


async def _replaced(session: AsyncSession, document: Document) -> Select[Document]:
    """Follow what the document replaces, and what that replaced."""
    chain: list[UUID] = []
    following = document.replaces_id
    while following is not None and following not in chain and len(chain) < MOST:
        chain.append(following)
        statement = select(col(Document.replaces_id)).where(col(Document.id) == following)
        following = (await session.execute(statement)).scalar_one_or_none()
    return select(Document).where(col(Document.id).in_(chain))


def _by_applicant(document: Document) -> Select[Document]:
    return select(Document).where(col(Document.applicant_id) == document.applicant_id)


def _duplicates(document: Document) -> Select[Document]:
    """Find what shares a file or a fingerprint with another applicant's document."""
    mine = select(col(Fingerprint.field), col(Fingerprint.value)).where(col(Fingerprint.document_id) == document.id)
    by_value = select(col(Fingerprint.document_id)).where(
        col(Fingerprint.partner_id) == document.partner_id,
        col(Fingerprint.livemode) == document.livemode,
        tuple_(col(Fingerprint.field), col(Fingerprint.value)).in_(mine),
    )
    hashes = select(col(File.sha256)).where(col(File.document_id) == document.id, col(File.sha256) != "")
    by_file = select(col(File.document_id)).where(
        col(File.partner_id) == document.partner_id, col(File.sha256).in_(hashes)
    )
    return select(Document).where(
        col(Document.applicant_id) != document.applicant_id,
        or_(col(Document.id).in_(by_value), col(Document.id).in_(by_file)),
    )


async def _pictures(
    session: AsyncSession, document_ids: Sequence[UUID]
) -> dict[UUID, list[tuple[Rendition, str, int]]]:
    statement = (
        select(Rendition, File)
        .join(File, col(File.id) == col(Rendition.file_id))
        .where(col(File.document_id).in_(document_ids), col(Rendition.kind) == RenditionKind.VIEW)
        .order_by(col(File.position), col(Rendition.page))
    )
    shown: dict[UUID, list[tuple[Rendition, str, int]]] = {}
    for picture, file in await session.execute(statement):
        shown.setdefault(file.document_id, []).append((picture, file.side, file.pages))
    return shown
