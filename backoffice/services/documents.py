"""Documents: find them, read what belongs to them, and move them by the state machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.adapters import live
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.document_tags import DocumentTag
from backoffice.models.documents import Check, Document, DocumentStatus, File, Masking, Rendition
from backoffice.models.events import Event
from backoffice.models.review_tasks import Decision
from backoffice.services import audit, conflicts, deadlines, events, retention_dates, search_tokens, verifications
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, created_within, read_cursor, walk
from backoffice.services.rows import visible

LAST_LETTER = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows, none means everything the actor may see."""

    livemode: bool | None = None
    statuses: tuple[DocumentStatus, ...] = ()
    type: str | None = None
    applicant_id: UUID | None = None
    verification_id: UUID | None = None
    external_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    completed_after: datetime | None = None
    tag: str | None = None
    ids: tuple[UUID, ...] = ()
    q: str | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


async def get(session: AsyncSession, actor: Actor, document_id: UUID, *, lock: bool = False) -> Document:
    """Find one document that the actor may see.

    Raises NotFound for one that does not exist, of another partner or of the other mode.
    """
    actor.require(Permission.DOCUMENTS_READ)
    return await _find(session, actor, document_id, lock=lock)


async def _find(session: AsyncSession, actor: Actor, document_id: UUID, *, lock: bool = False) -> Document:
    statement = visible(actor, Document).where(col(Document.id) == document_id)
    if lock:
        statement = statement.with_for_update(of=Document)
    return found((await session.execute(statement)).scalar_one_or_none(), "document")


def _seen(actor: Actor) -> Select[Document]:
    """Leave out, for those who decide, what a conflict of interest keeps from them."""
    statement = visible(actor, Document)
    if actor.can(Permission.DOCUMENTS_DECIDE):
        statement = statement.where(conflicts.clear_of(actor, col(Document.partner_id)))
    return statement


async def page(session: AsyncSession, actor: Actor, filter_: Filter) -> Page[Document]:
    """List documents newest first.

    Raises Invalid for a limit out of range or a foreign cursor.
    """
    statement = await matching(session, actor, filter_)
    return await walk(session, Document, statement, prefix=Prefix.DOCUMENT, limit=filter_.limit, cursor=filter_.cursor)


async def matching(session: AsyncSession, actor: Actor, filter_: Filter) -> Select[Document]:
    """Select what a list holds; whoever counts or picks from it asks for the same."""
    actor.require(Permission.DOCUMENTS_READ)
    named = await search_tokens.find(session, actor, filter_.q, livemode=filter_.livemode) if filter_.q else []
    return _narrow(_seen(actor), filter_, named)


async def some(session: AsyncSession, actor: Actor, document_ids: Iterable[UUID]) -> list[Document]:
    """Read several documents again, newest first; those that the actor may not see are left out."""
    actor.require(Permission.DOCUMENTS_READ)
    statement = _seen(actor).where(col(Document.id).in_(list(document_ids)))
    return list((await session.execute(statement.order_by(col(Document.id).desc()))).scalars())


def _narrow(statement: Select[Document], by: Filter, named: Sequence[UUID]) -> Select[Document]:
    exact = (
        (col(Document.livemode), by.livemode),
        (col(Document.type), by.type),
        (col(Document.applicant_id), by.applicant_id),
        (col(Document.verification_id), by.verification_id),
        (col(Document.external_id), by.external_id),
    )
    for column, value in exact:
        if value is not None:
            statement = statement.where(column == value)
    if by.statuses:
        statement = statement.where(col(Document.status).in_(by.statuses))
    statement = statement.where(*created_within(Document, by.created_after, by.created_before))
    if by.completed_after:
        statement = statement.where(col(Document.completed_at) >= by.completed_after)
    if by.ids:
        statement = statement.where(col(Document.id).in_(by.ids))
    if by.tag:
        statement = _tagged(statement, by.tag, read_cursor(Prefix.DOCUMENT, by.cursor))
    if not by.q:
        return statement
    return statement.where(or_(matches(by.q), col(Document.id).in_(named)) if named else matches(by.q))


def _tagged(statement: Select[Document], tag: str, last: UUID | None) -> Select[Document]:
    """Walk the index of the tag, and begin where the last page ended there, too."""
    statement = statement.join(DocumentTag, col(DocumentTag.document_id) == col(Document.id)).where(
        col(DocumentTag.partner_id) == col(Document.partner_id),
        col(DocumentTag.livemode) == col(Document.livemode),
        col(DocumentTag.tag) == tag,
    )
    return statement.where(col(DocumentTag.document_id) < last) if last else statement


def matches(q: str) -> ColumnElement[bool]:
    """Match an id exactly, or the start of the partner's own id.

    The start is a range and no pattern: row-level security lets only leakproof operators reach an index.
    """
    wanted = q.strip()
    try:
        return col(Document.id) == parse_public_id(Prefix.DOCUMENT, wanted)
    except NotFound:
        own_id = col(Document.external_id)
        return and_(own_id.op("~>=~")(wanted), own_id.op("~<=~")(wanted + LAST_LETTER))


async def history(session: AsyncSession, actor: Actor, document_id: UUID) -> list[Event]:
    """Read every event of one document, oldest first."""
    document = await get(session, actor, document_id)
    statement = select(Event).where(col(Event.subject_id) == document.id).order_by(col(Event.sequence))
    return list((await session.execute(statement)).scalars())


async def files_of(session: AsyncSession, document_ids: Iterable[UUID]) -> dict[UUID, list[File]]:
    """Read the files of several documents with one query, in the order in which they were sent."""
    statement = (
        select(File)
        .where(col(File.document_id).in_(list(document_ids)))
        .order_by(col(File.document_id), col(File.position))
    )
    grouped: dict[UUID, list[File]] = {}
    for file in (await session.execute(statement)).scalars():
        grouped.setdefault(file.document_id, []).append(file)
    return grouped


async def renditions_of(session: AsyncSession, document_id: UUID) -> list[Rendition]:
    """Read the pictures that a browser may see of one document, in page order; of unknown files it may see none."""
    statement = (
        select(Rendition)
        .join(File, col(File.id) == col(Rendition.file_id))
        .where(col(File.document_id) == document_id, col(File.masking).is_distinct_from(Masking.UNKNOWN))
        .order_by(col(File.position), col(Rendition.page), col(Rendition.kind))
    )
    return list((await session.execute(statement)).scalars())


async def checks_of(session: AsyncSession, document_ids: Iterable[UUID]) -> dict[UUID, list[Check]]:
    """Read the newest run of checks of several documents with one query."""
    statement = (
        select(Check)
        .where(col(Check.document_id).in_(list(document_ids)))
        .order_by(col(Check.document_id), col(Check.run).desc(), col(Check.id))
    )
    grouped: dict[UUID, list[Check]] = {}
    for check in (await session.execute(statement)).scalars():
        rows = grouped.setdefault(check.document_id, [])
        if not rows or rows[0].run == check.run:
            rows.append(check)
    return grouped


async def decisions_of(session: AsyncSession, document_ids: Iterable[UUID]) -> dict[UUID, Decision]:
    """Read the decision in force of several documents with one query.

    What a later one supersedes is left out by name: people and test clocks do not live in the same time.
    """
    later = aliased(Decision)
    superseded = exists().where(
        col(later.document_id) == col(Decision.document_id), col(later.supersedes_id) == col(Decision.id)
    )
    statement = (
        select(Decision)
        .where(col(Decision.document_id).in_(list(document_ids)), ~superseded)
        .ext(distinct_on(col(Decision.document_id)))
        .order_by(col(Decision.document_id), col(Decision.id).desc())
    )
    return {decision.document_id: decision for decision in (await session.execute(statement)).scalars()}


def snapshot(document: Document, decision: Decision | None = None) -> dict[str, object]:
    """Write what an event tells of a document: ids, codes and numbers, never personal data."""
    return {
        "id": public_id(Prefix.DOCUMENT, document.id),
        "object": "document",
        "applicant_id": public_id(Prefix.APPLICANT, document.applicant_id),
        "verification_id": public_id(Prefix.VERIFICATION, document.verification_id),
        "external_id": document.external_id,
        "type": document.type,
        "status": document.status,
        "version": document.version,
        "attempt": document.attempt,
        "decision": decision
        and {"id": public_id(Prefix.DECISION, decision.id), "outcome": decision.outcome, "reasons": decision.reasons},
    }


def subject(document: Document, decision: Decision | None = None) -> events.Subject:
    """Say what a document's event is about."""
    return events.Subject("document", document.id, document.partner_id, document.livemode, snapshot(document, decision))


async def announce_created(session: AsyncSession, actor: Actor, document: Document) -> None:
    """Write the audit entry and the event of a new document, and its verification's status with it."""
    await tell_created(session, actor, document)
    await verifications.refresh(session, actor, document.verification_id)


async def tell_created(session: AsyncSession, actor: Actor, document: Document) -> None:
    """Write the audit entries and the events of a new document alone."""
    await _tell(session, actor, document, "created")
    if document.status == DocumentStatus.SUBMITTED:
        await _tell(session, actor, document, "submitted")


async def change_status(  # noqa: PLR0913 a move, and what is told with it
    session: AsyncSession,
    actor: Actor,
    document: Document,
    status: DocumentStatus,
    *,
    decision: Decision | None = None,
    event: str | None = None,
) -> None:
    """Move a locked document, and write audit entry, event and the verification's status with it.

    Raises Conflict when the state machine has no such move.
    """
    await move(session, actor, document, status, decision=decision, event=event)
    await verifications.refresh(session, actor, document.verification_id)


async def move(  # noqa: PLR0913 a move, and what is told with it
    session: AsyncSession,
    actor: Actor,
    document: Document,
    status: DocumentStatus,
    *,
    decision: Decision | None = None,
    event: str | None = None,
) -> None:
    """Move one of several locked documents; the caller refreshes their verification when all have moved.

    Raises Conflict when the state machine has no such move.
    """
    previous = document.status
    document.move_to(status)
    document.expires_at = await deadlines.expiry(session, document)
    document.delete_after = await retention_dates.delete_after(session, document)
    if previous == DocumentStatus.AWAITING_UPLOAD and status != DocumentStatus.SUBMITTED:
        document.replaces_id = None  # it never came to be, so that another one may replace that document
    await session.flush()
    await _tell(session, actor, document, event or status, decision=decision, previous={"status": previous})


async def tell(session: AsyncSession, actor: Actor, document: Document, what: str) -> None:
    """Tell what happened to a locked document that stays where it is."""
    await _tell(session, actor, document, what, previous={"status": document.status})


async def _tell(  # noqa: PLR0913 one fact, told once
    session: AsyncSession,
    actor: Actor,
    document: Document,
    what: str,
    *,
    decision: Decision | None = None,
    previous: dict[str, object] | None = None,
) -> None:
    name = f"document.{what}"
    await audit.record(
        session,
        actor,
        name,
        subject_type="document",
        subject_id=document.id,
        partner_id=document.partner_id,
        changes={"status": [previous and previous["status"], document.status]},
    )
    await events.emit(session, actor, name, subject(document, decision), previous=previous)
    live.announce(session, "queue:main")
