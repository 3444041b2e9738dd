"""Gold documents: decided documents whose right answer a lead has settled, handed out among the samples."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import Conflict, Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.review_tasks import Outcome
from backoffice.models.samples import GoldDocument, Sample
from backoffice.services import audit, conflicts, documents, reasons
from backoffice.services.access import Actor, Permission, found
from backoffice.services.review_tasks import reviewer


async def of(session: AsyncSession, actor: Actor, document_id: UUID) -> GoldDocument | None:
    """Read whether a document is gold: leads know, reviewers must not."""
    actor.require(Permission.QUEUE_MANAGE)
    return (await session.execute(_current(document_id))).scalar_one_or_none()


def _current(document_id: UUID) -> Select[GoldDocument]:
    is_current = col(GoldDocument.retired_at).is_(None)
    return select(GoldDocument).where(col(GoldDocument.document_id) == document_id, is_current)


async def mark(
    session: AsyncSession, actor: Actor, document_id: UUID, *, outcome: Outcome, codes: Sequence[str] = ()
) -> GoldDocument:
    """Settle the right answer of a live, decided document; it may differ from what was decided, which stays.

    Raises NotFound, Conflict for one that is gold already or not decided, Invalid for reasons that do not fit.
    """
    actor.require(Permission.QUEUE_MANAGE)
    member_id = reviewer(actor)
    document = await documents.get(session, actor, document_id, lock=True)
    await conflicts.refuse(session, member_id, document.partner_id, "document")
    decision = (await documents.decisions_of(session, [document.id])).get(document.id)
    if decision is None or not document.livemode or document.redacted_at is not None:
        raise Conflict("Only a decided live document can be gold.", code="not_decided")
    if await of(session, actor, document_id) is not None:
        raise Conflict("This document is gold already.", code="already_gold")
    row = GoldDocument(
        partner_id=document.partner_id,
        document_id=document.id,
        decision_id=decision.id,
        outcome=outcome,
        reasons=await _checked(session, outcome, codes),
        marked_by=member_id,
    )
    session.add(row)
    await session.flush()
    await _record(session, actor, row, document, "marked")
    return row


async def _checked(session: AsyncSession, outcome: Outcome, codes: Sequence[str]) -> list[str]:
    """Check the reasons as a decision's; one that only a note explains cannot be a right answer."""
    if outcome == Outcome.APPROVED:
        if codes:
            raise Invalid("An approval takes no reasons.", code="reasons_not_allowed", pointer="/reasons")
        return []
    return await reasons.checked(session, codes, None)


async def retire(session: AsyncSession, actor: Actor, document_id: UUID) -> None:
    """Hand a gold document out no more; what was answered stays.

    Raises NotFound for a document that is not gold.
    """
    actor.require(Permission.QUEUE_MANAGE)
    document = await documents.get(session, actor, document_id, lock=True)
    await conflicts.refuse(session, actor.id, document.partner_id, "document")
    row = found(await of(session, actor, document_id), "gold document")
    row.retired_at = now()
    await session.flush()
    await session.execute(delete(Sample).where(col(Sample.gold_id) == row.id, col(Sample.answered_at).is_(None)))
    await _record(session, actor, row, document, "retired")


async def _record(session: AsyncSession, actor: Actor, row: GoldDocument, document: Document, what: str) -> None:
    changes: dict[str, object] = {
        "document_id": public_id(Prefix.DOCUMENT, document.id),
        "outcome": row.outcome,
        "reasons": row.reasons,
    }
    await audit.record(session, actor, f"gold.{what}", subject_type="gold_document", subject_id=row.id, changes=changes)
