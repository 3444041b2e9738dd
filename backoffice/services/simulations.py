"""Simulations: a partner says what becomes of a test document, and it goes there by the usual moves."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.review_tasks import Outcome
from backoffice.services import audit, decisions, documents, review_tasks, test_clocks
from backoffice.services import reasons as catalogue
from backoffice.services.access import Actor, Permission
from backoffice.services.review_tasks import Brief
from backoffice.services.screenings import DUE_WITHOUT_SLA

S = DocumentStatus
UNDECIDED = frozenset({S.SUBMITTED, S.PROCESSING, S.IN_REVIEW})


class Fate(StrEnum):
    """What a test document can be made to become."""

    APPROVED = "approved"
    REJECTED = "rejected"
    RESUBMISSION_REQUESTED = "resubmission_requested"
    IN_REVIEW = "in_review"
    EXPIRED = "expired"


FROM: Mapping[Fate, frozenset[DocumentStatus]] = {
    Fate.APPROVED: UNDECIDED,
    Fate.REJECTED: UNDECIDED,
    Fate.RESUBMISSION_REQUESTED: UNDECIDED,
    Fate.IN_REVIEW: frozenset({S.SUBMITTED, S.PROCESSING}),
    Fate.EXPIRED: frozenset({S.AWAITING_UPLOAD, S.RESUBMISSION_REQUESTED}),
}
"""Where each can begin."""
USUAL_REASON = {Fate.REJECTED: "data_inconsistent", Fate.RESUBMISSION_REQUESTED: "image_blurred"}
"""Given when the partner names none: one that forbids another try, and one that allows it."""


async def force(
    session: AsyncSession, actor: Actor, document_id: UUID, fate: Fate, codes: Sequence[str] = ()
) -> Document:
    """Let a test document meet its fate now; every move on the way is told as always.

    Raises NotFound, NotAllowed for a live document, Invalid for reasons that do not fit, Conflict when the document
    has gone past it.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    hand = Actor.system(test_clocks.require_test(actor), name="simulation", request_id=actor.request_id)
    document = await _test_document(session, hand, document_id)
    wanted = await _reasons(session, fate, codes)
    if document.status not in FROM[fate]:
        raise Conflict(f"A document that is {document.status} cannot become {fate}.", code="illegal_move")
    await audit.record(
        session,
        actor,
        "document.simulated",
        subject_type="document",
        subject_id=document.id,
        partner_id=document.partner_id,
        changes={"outcome": fate, "reasons": wanted},
    )
    if fate == Fate.EXPIRED:
        await documents.change_status(session, hand, document, S.EXPIRED)
        return document
    await _bring_to_review(session, hand, document)
    if fate == Fate.IN_REVIEW:
        await review_tasks.create(session, hand, document, _brief(document))
    else:
        await decisions.impose(session, hand, document, Outcome(fate), wanted)
    return document


async def _test_document(session: AsyncSession, hand: Actor, document_id: UUID) -> Document:
    """Find and lock one of the partner's test documents; a live one is looked at and left alone."""
    statement = select(col(Document.livemode)).where(
        col(Document.id) == document_id, col(Document.partner_id) == hand.partner_id
    )
    is_live = (await session.execute(statement)).scalar_one_or_none()
    if is_live is None:
        raise NotFound("There is no document with this id.", pointer="/document_id")
    if is_live:
        raise NotAllowed("This is a live document. Only test documents can be simulated.", code="test_only")
    return await documents.get(session, hand, document_id, lock=True)


async def _reasons(session: AsyncSession, fate: Fate, codes: Sequence[str]) -> list[str]:
    """Check the reasons: any of the catalogue, because the sandbox stands for rules and the clock, too."""
    if fate not in USUAL_REASON:
        if codes:
            raise Invalid("This outcome takes no reasons.", code="reasons_not_allowed", pointer="/reasons")
        return []
    wanted = list(dict.fromkeys(codes)) or [USUAL_REASON[fate]]
    known = await catalogue.by_code(session, wanted)
    strangers = [index for index, code in enumerate(codes) if code not in known]
    if strangers:
        raise Invalid("There is no such reason.", code="reason_unknown", pointer=f"/reasons/{strangers[0]}")
    return wanted


async def _bring_to_review(session: AsyncSession, hand: Actor, document: Document) -> None:
    """Walk the moves that are left; a screening that runs meanwhile finds the document gone on and writes nothing."""
    if document.status == S.SUBMITTED:
        await documents.change_status(session, hand, document, S.PROCESSING)
    if document.status == S.PROCESSING:
        await documents.change_status(session, hand, document, S.IN_REVIEW)


def _brief(document: Document) -> Brief:
    return Brief(why="The sandbox asks for a person", due_at=document.due_at or now() + DUE_WITHOUT_SLA)
