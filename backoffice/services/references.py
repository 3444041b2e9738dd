"""References: what a submission says it belongs to, checked once before its files and again with its rows."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Conflict, Invalid, NotFound
from backoffice.models.applicants import Applicant
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.verifications import Verification, VerificationStatus
from backoffice.services import applicants, verifications
from backoffice.services.access import Actor, found
from backoffice.services.rows import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The ids that a submission names, and the document that names them when it is there already."""

    applicant_id: UUID | None = None
    verification_id: UUID | None = None
    replaces_id: UUID | None = None
    document_id: UUID | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing earlier is named, so that applicant and verification are made anew."""
        return not (self.applicant_id or self.verification_id or self.replaces_id)


@dataclass(frozen=True, slots=True)
class Settled:
    """What the ids stand for; they agree on one applicant, who is not erased."""

    applicant_id: UUID
    previous: Document | None
    """The document that is to be replaced."""


async def settle(session: AsyncSession, actor: Actor, named: References, *, lock: bool = False) -> Settled:
    """Find what a submission belongs to, and with `lock` keep it as it is until the transaction ends.

    Everybody locks in this order: applicant, documents, verification. Raises NotFound for what the actor cannot see,
    Invalid when the ids disagree, Conflict for what takes no document any more.
    """
    previous = await _previous(session, actor, named) if named.replaces_id else None
    verification_id = named.verification_id or (previous.verification_id if previous else None)
    if previous and verification_id != previous.verification_id:
        raise Invalid(
            "The replaced document belongs to another verification.",
            code="verification_conflict",
            pointer="/verification_id",
        )
    verification = await _verification(session, actor, verification_id) if verification_id else None
    applicant_id = _agreed(named, previous, verification)
    await applicant(session, actor, applicant_id, lock=lock)
    if lock and named.replaces_id:
        previous = await _previous(session, actor, named, lock=True)
    if lock and verification_id:
        await _verification(session, actor, verification_id, lock=True)
    return Settled(applicant_id, previous)


def _agreed(named: References, previous: Document | None, verification: Verification | None) -> UUID:
    """Answer the one applicant that all ids name."""
    places = (
        ("/applicant_id", named.applicant_id),
        ("/verification_id", verification.applicant_id if verification and named.verification_id else None),
        ("/replaces", previous.applicant_id if previous else None),
    )
    known = [(pointer, applicant_id) for pointer, applicant_id in places if applicant_id]
    for pointer, applicant_id in known[1:]:
        if applicant_id != known[0][1]:
            raise Invalid(
                "This belongs to another applicant than the other ids do.", code="applicant_conflict", pointer=pointer
            )
    return known[0][1]


async def applicant(session: AsyncSession, actor: Actor, applicant_id: UUID, *, lock: bool = False) -> Applicant:
    """Find the applicant whom a body names, and with `lock` let nobody erase them meanwhile.

    Raises NotFound and Conflict with their place in the body.
    """
    try:
        return await applicants.usable(session, actor, applicant_id, lock=lock)
    except (NotFound, Conflict) as error:
        error.pointer = "/applicant_id"
        raise


async def _verification(
    session: AsyncSession, actor: Actor, verification_id: UUID, *, lock: bool = False
) -> Verification:
    try:
        verification = await verifications.find(session, actor, verification_id, lock=lock)
    except NotFound as error:
        error.pointer = "/verification_id"
        raise
    if verification.canceled_at is not None or verification.status == VerificationStatus.REDACTED:
        raise Conflict(
            "This verification is canceled or erased; start another one.",
            code="verification_closed",
            pointer="/verification_id",
        )
    return verification


async def _previous(session: AsyncSession, actor: Actor, named: References, *, lock: bool = False) -> Document:
    """Find the document that is to be replaced, and check that it waits for it."""
    statement = visible(actor, Document).where(col(Document.id) == named.replaces_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    try:
        previous = found((await session.execute(statement)).scalar_one_or_none(), "document")
    except NotFound as error:
        error.pointer = "/replaces"
        raise
    if previous.status != DocumentStatus.RESUBMISSION_REQUESTED:
        raise _not_replaceable(
            f"The document to replace is {previous.status}; only one that waits for a resubmission can be replaced."
        )
    if previous.attempt >= previous.max_attempts:
        raise Invalid(
            f"All {previous.max_attempts} attempts are used up.",
            code="resubmission_limit_exceeded",
            pointer="/replaces",
        )
    others = select(col(Document.id)).where(col(Document.replaces_id) == previous.id)
    if named.document_id:
        others = others.where(col(Document.id) != named.document_id)
    if (await session.execute(others)).first():
        raise _not_replaceable("Another document that replaces this one waits for its files. Cancel that one first.")
    return previous


def _not_replaceable(message: str) -> Conflict:
    return Conflict(message, code="not_replaceable", pointer="/replaces")
