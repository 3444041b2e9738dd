"""Verifications: their status follows from their documents, and nothing else writes it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.db import insert
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.verifications import Verification, VerificationStatus
from backoffice.services import audit, events
from backoffice.services.access import Actor

D = DocumentStatus
V = VerificationStatus
IGNORED = frozenset({D.SUPERSEDED})
FIRST_MATCH: tuple[tuple[frozenset[DocumentStatus], VerificationStatus], ...] = (
    (frozenset({D.REJECTED}), V.REJECTED),
    (frozenset({D.RESUBMISSION_REQUESTED}), V.RESUBMISSION_REQUESTED),
    (frozenset({D.IN_REVIEW}), V.IN_REVIEW),
    (frozenset({D.PROCESSING, D.SUBMITTED}), V.PROCESSING),
    (frozenset({D.AWAITING_UPLOAD}), V.PENDING),
    (frozenset({D.EXPIRED}), V.EXPIRED),
)
"""The first row with a document in it names the status: what needs somebody comes first."""


def derive(required_types: Sequence[str], documents: Sequence[tuple[str | None, str]]) -> VerificationStatus:
    """Say where a verification stands from its documents' types and statuses."""
    present = [(type_, D(status)) for type_, status in documents if status not in IGNORED]
    if not present:
        return V.CREATED
    statuses = {status for _, status in present}
    if statuses == {D.REDACTED}:
        return V.REDACTED
    if statuses == {D.CANCELED}:
        return V.CANCELED
    for some, status in FIRST_MATCH:
        if statuses & some:
            return status
    approved = {type_ for type_, status in present if status == D.APPROVED}
    return V.APPROVED if approved and set(required_types) <= approved else V.PENDING


async def open_for(session: AsyncSession, actor: Actor, document: Document) -> Verification:
    """Begin a verification for a new document; `settle` it when the document has told of itself."""
    verification = Verification(
        id=document.verification_id,
        partner_id=document.partner_id,
        livemode=document.livemode,
        applicant_id=document.applicant_id,
        required_types=[document.type] if document.type else [],
    )
    await insert(session, verification)
    await audit.record(session, actor, "verification.created", subject_type="verification", subject_id=verification.id)
    await events.emit(session, actor, "verification.created", subject(verification))
    return verification


async def settle(session: AsyncSession, actor: Actor, verification: Verification, document: Document) -> None:
    """Derive the status of a new verification from its only document, while neither is written yet."""
    await _move(session, actor, verification, [(document.type, document.status)])


async def refresh(session: AsyncSession, actor: Actor, verification_id: UUID) -> None:
    """Derive the status again after a document changed, and tell when it moved."""
    statement = select(Verification).where(col(Verification.id) == verification_id).with_for_update()
    verification = (await session.execute(statement)).scalar_one()
    rows = await session.execute(
        select(col(Document.type), col(Document.status)).where(col(Document.verification_id) == verification_id)
    )
    await _move(session, actor, verification, [(type_, each) for type_, each in rows])


async def _move(
    session: AsyncSession, actor: Actor, verification: Verification, documents: Sequence[tuple[str | None, str]]
) -> None:
    status = derive(verification.required_types, documents)
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
