"""Erasures that an operator orders at the machine: what would go and what stands before it, then the order itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Invalid
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.documents import OPEN, Document, File
from backoffice.models.erasure_requests import ErasureRequest
from backoffice.models.partners import MAX_REASON, Partner
from backoffice.services import applicants, erasures
from backoffice.services.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would take, and what keeps it; counts and laws, nobody's data."""

    applicant_id: UUID
    partner_id: UUID
    partner: str
    livemode: bool
    documents: int
    open_documents: int
    files: int
    keepers: tuple[tuple[datetime | None, str], ...]
    """Until when, and on what basis; None while nobody can say."""
    request: ErasureRequest | None
    """The one that was asked for before."""


async def preview(session: AsyncSession, actor: Actor, applicant_id: UUID) -> Preview:
    """Count what an erasure would take and list what stands before it; nothing changes.

    Raises NotFound.
    """
    actor.require(Permission.RETENTION_READ)
    applicant = await applicants.find(session, actor, applicant_id)
    partner = await session.get_one(Partner, applicant.partner_id)
    theirs = col(Document.applicant_id) == applicant.id
    earlier = select(ErasureRequest).where(col(ErasureRequest.applicant_id) == applicant.id)
    return Preview(
        applicant_id=applicant.id,
        partner_id=partner.id,
        partner=partner.name,
        livemode=applicant.livemode,
        documents=await _count(session, Document, theirs),
        open_documents=await _count(session, Document, theirs, col(Document.status).in_(OPEN)),
        files=await _count(session, File, col(File.document_id).in_(select(col(Document.id)).where(theirs))),
        keepers=tuple(await erasures.keepers(session, partner.id, applicant.id)),
        request=(await session.execute(earlier)).scalar_one_or_none(),
    )


async def order(session: AsyncSession, actor: Actor, applicant_id: UUID, *, reason: str) -> ErasureRequest:
    """Ask for an erasure as an operator; the partner reads who did it and why in its audit trail.

    Raises Invalid without a reason, NotFound.
    """
    return await erasures.request(session, actor, applicant_id, ordered=checked(reason))


def checked(reason: str) -> str:
    """Read a reason.

    Raises Invalid for none, one too long, and one that holds the number of a payment card.
    """
    told = " ".join(reason.split())
    if not told:
        raise Invalid("Say why: the audit trail keeps it, and the partner reads it there.", code="reason_missing")
    if len(told) > MAX_REASON or not told.isprintable():
        raise Invalid(f"A reason has at most {MAX_REASON} printable characters.", code="too_long")
    refuse_card_number(told, "/reason")
    return told


async def _count(session: AsyncSession, table: type[Document | File], *where: ColumnElement[bool]) -> int:
    return (await session.execute(select(func.count()).select_from(table).where(*where))).scalar_one()
