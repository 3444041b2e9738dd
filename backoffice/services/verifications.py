"""Verifications: their status follows from their documents, and nothing else writes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.db import insert
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.verifications import Verification, VerificationStatus
from backoffice.services import audit, events
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, created_within, walk
from backoffice.services.rows import visible

D = DocumentStatus
V = VerificationStatus
IGNORED = frozenset({D.SUPERSEDED})
COVERS_NOTHING = IGNORED | {D.CANCELED, D.EXPIRED}
FIRST_MATCH: tuple[tuple[frozenset[DocumentStatus], VerificationStatus], ...] = (
    (frozenset({D.REJECTED}), V.REJECTED),
    (frozenset({D.RESUBMISSION_REQUESTED}), V.RESUBMISSION_REQUESTED),
    (frozenset({D.IN_REVIEW}), V.IN_REVIEW),
    (frozenset({D.PROCESSING, D.SUBMITTED}), V.PROCESSING),
    (frozenset({D.AWAITING_UPLOAD}), V.PENDING),
)
"""The first row with a document in it names the status: what needs somebody comes first."""


def derive(
    required_types: Sequence[str], documents: Sequence[tuple[str | None, str]], *, is_canceled: bool = False
) -> VerificationStatus:
    """Say where a verification stands from its documents' types and statuses.

    Approved means that nothing is undecided and every required type is; what expired counts only until then.
    """
    present = [(type_, D(status)) for type_, status in documents if status not in IGNORED]
    statuses = {status for _, status in present}
    if statuses == {D.REDACTED}:
        return V.REDACTED
    if is_canceled or statuses == {D.CANCELED}:
        return V.CANCELED
    if not present:
        return V.CREATED
    for some, status in FIRST_MATCH:
        if statuses & some:
            return status
    approved = {type_ for type_, status in present if status == D.APPROVED}
    if approved and set(required_types) <= approved:
        return V.APPROVED
    return V.EXPIRED if D.EXPIRED in statuses else V.PENDING


def missing(required_types: Sequence[str], documents: Sequence[tuple[str | None, str]]) -> list[str]:
    """List the required types of which no document is there, nor on its way."""
    covered = {type_ for type_, status in documents if status not in COVERS_NOTHING}
    return [type_ for type_ in required_types if type_ not in covered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    statuses: tuple[VerificationStatus, ...] = ()
    applicant_id: UUID | None = None
    external_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


class Part(NamedTuple):
    """One document of a verification, as far as its verification cares."""

    id: UUID
    type: str | None
    status: str


async def get(session: AsyncSession, actor: Actor, verification_id: UUID) -> Verification:
    """Find one verification that the actor may see.

    Raises NotFound for one that does not exist, of another partner or of the other mode.
    """
    actor.require(Permission.VERIFICATIONS_READ)
    return await find(session, actor, verification_id)


async def find(session: AsyncSession, actor: Actor, verification_id: UUID, *, lock: bool = False) -> Verification:
    """Find one verification of the actor's partner and mode, for a service that has asked for its own permission."""
    statement = visible(actor, Verification).where(col(Verification.id) == verification_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "verification")


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[Verification]:
    """List verifications newest first.

    Raises Invalid for a limit out of range or a foreign cursor.
    """
    actor.require(Permission.VERIFICATIONS_READ)
    statement = visible(actor, Verification).where(*created_within(Verification, by.created_after, by.created_before))
    if by.statuses:
        statement = statement.where(col(Verification.status).in_(by.statuses))
    if by.applicant_id is not None:
        statement = statement.where(col(Verification.applicant_id) == by.applicant_id)
    if by.external_id is not None:
        statement = statement.where(col(Verification.external_id) == by.external_id)
    return await walk(session, Verification, statement, prefix=Prefix.VERIFICATION, limit=by.limit, cursor=by.cursor)


async def parts_of(session: AsyncSession, verification_ids: Iterable[UUID]) -> dict[UUID, list[Part]]:
    """Read the documents of several verifications with one query, oldest first."""
    statement = (
        select(col(Document.verification_id), col(Document.id), col(Document.type), col(Document.status))
        .where(col(Document.verification_id).in_(list(verification_ids)))
        .order_by(col(Document.id))
    )
    grouped: dict[UUID, list[Part]] = {}
    for verification_id, document_id, type_, status in await session.execute(statement):
        grouped.setdefault(verification_id, []).append(Part(document_id, type_, status))
    return grouped


async def create(
    session: AsyncSession,
    actor: Actor,
    applicant: Applicant,
    *,
    required_types: Sequence[str] = (),
    external_id: str | None = None,
) -> Verification:
    """Begin a verification that waits for its documents."""
    actor.require(Permission.VERIFICATIONS_WRITE)
    verification = Verification(
        partner_id=applicant.partner_id,
        livemode=applicant.livemode,
        applicant_id=applicant.id,
        required_types=list(required_types),
        external_id=external_id,
    )
    await _begin(session, actor, verification)
    return verification


async def open_for(session: AsyncSession, actor: Actor, document: Document) -> Verification:
    """Begin a verification for a new document; `settle` it when the document has told of itself."""
    verification = Verification(
        id=document.verification_id,
        partner_id=document.partner_id,
        livemode=document.livemode,
        applicant_id=document.applicant_id,
        required_types=[document.type] if document.type else [],
    )
    await _begin(session, actor, verification)
    return verification


async def _begin(session: AsyncSession, actor: Actor, verification: Verification) -> None:
    await insert(session, verification)
    await record(session, actor, verification, "created")
    await events.emit(session, actor, "verification.created", subject(verification))


async def record(session: AsyncSession, actor: Actor, verification: Verification, what: str) -> None:
    """Write the audit entry of what somebody did to a verification itself."""
    await audit.record(
        session,
        actor,
        f"verification.{what}",
        subject_type="verification",
        subject_id=verification.id,
        partner_id=verification.partner_id,
    )


async def settle(session: AsyncSession, actor: Actor, verification: Verification, document: Document) -> None:
    """Derive the status of a new verification from its only document, while neither is written yet."""
    await _move(session, actor, verification, [(document.type, document.status)])


async def refresh(session: AsyncSession, actor: Actor, verification_id: UUID) -> None:
    """Derive the status again after a document changed, and tell when it moved."""
    statement = select(Verification).where(col(Verification.id) == verification_id).with_for_update()
    verification = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()
    rows = await session.execute(
        select(col(Document.type), col(Document.status)).where(col(Document.verification_id) == verification_id)
    )
    await _move(session, actor, verification, [(type_, each) for type_, each in rows])


async def _move(
    session: AsyncSession, actor: Actor, verification: Verification, documents: Sequence[tuple[str | None, str]]
) -> None:
    status = derive(verification.required_types, documents, is_canceled=verification.canceled_at is not None)
    if status == verification.status:
        return
    previous, verification.status, verification.updated_at = verification.status, status, now()
    await events.emit(session, actor, f"verification.{status}", subject(verification), previous={"status": previous})


def subject(verification: Verification) -> events.Subject:
    """Say what a verification's event is about."""
    data: dict[str, object] = {
        "id": public_id(Prefix.VERIFICATION, verification.id),
        "object": "verification",
        "applicant_id": public_id(Prefix.APPLICANT, verification.applicant_id),
        "external_id": verification.external_id,
        "status": verification.status,
    }
    return events.Subject("verification", verification.id, verification.partner_id, verification.livemode, data)
