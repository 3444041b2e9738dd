"""Withdrawals: a partner takes back what is not decided yet, and nobody works on it any more."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import Conflict
from backoffice.models.documents import OPEN, Document, DocumentStatus
from backoffice.models.verifications import Verification, VerificationStatus
from backoffice.services import documents, reopenings, review_tasks, verifications
from backoffice.services.access import Actor, Permission, found
from backoffice.services.rows import visible

DECIDED = frozenset({VerificationStatus.APPROVED, VerificationStatus.REJECTED})


async def cancel_document(session: AsyncSession, actor: Actor, document_id: UUID) -> Document:
    """Withdraw a document that is not decided yet, and take it off the reviewers' queue.

    Raises NotFound, and Conflict when it is decided already.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    statement = visible(actor, Document).where(col(Document.id) == document_id).with_for_update()
    document = found((await session.execute(statement)).scalar_one_or_none(), "document")
    await _refuse_reopened(session, [document])
    await documents.change_status(session, actor, document, DocumentStatus.CANCELED)
    await review_tasks.close(session, [document.id])
    return document


async def cancel_verification(session: AsyncSession, actor: Actor, verification_id: UUID) -> Verification:
    """Withdraw a verification with every document of it that is not decided yet.

    Raises NotFound, and Conflict when everything is decided, or when a document joined at this very moment.
    """
    actor.require(Permission.VERIFICATIONS_WRITE)
    await verifications.find(session, actor, verification_id)
    rows = await _open_documents(session, verification_id)
    verification = await verifications.find(session, actor, verification_id, lock=True)
    if {row.id for row in rows} != {row.id for row in await _open_documents(session, verification_id, lock=False)}:
        raise Conflict("A document joined this verification just now. Try again.", code="stale_version")
    await _refuse_reopened(session, rows)
    is_decided = not rows and verification.status in DECIDED
    if is_decided or verification.canceled_at is not None or verification.status == VerificationStatus.REDACTED:
        raise Conflict(f"A verification that is {verification.status} cannot be canceled.", code="illegal_move")
    for row in rows:
        await documents.move(session, actor, row, DocumentStatus.CANCELED)
    await review_tasks.close(session, [row.id for row in rows])
    verification.canceled_at = now()
    await verifications.record(session, actor, verification, "canceled")
    await verifications.refresh(session, actor, verification.id)
    return verification


async def _refuse_reopened(session: AsyncSession, rows: list[Document]) -> None:
    if await reopenings.is_open(session, [row.id for row in rows]):
        raise Conflict("A decided document that is looked at again cannot be canceled.", code="illegal_move")


async def _open_documents(session: AsyncSession, verification_id: UUID, *, lock: bool = True) -> list[Document]:
    """Read what is not decided, locked in the one order that keeps everybody from waiting for each other."""
    statement = (
        select(Document)
        .where(col(Document.verification_id) == verification_id, col(Document.status).in_(OPEN))
        .order_by(col(Document.id))
    )
    return list((await session.execute(statement.with_for_update() if lock else statement)).scalars())
