"""Legal holds: what must be kept although its time is over or its person asks for erasure.

Placing a hold and deleting meet at one lock per partner: whoever deletes shares it until the commit, whoever places a
hold has it alone. So a hold is either seen by the deletion, or refused because the deletion was first.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now, present
from backoffice.errors import Conflict, Invalid
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, new_id, parse_public_id, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.models.legal_holds import HoldSubject, LegalHold
from backoffice.models.partners import Partner
from backoffice.services import audit, retention_rules
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.retention_rules import TOPIC

ERASE_JOB = "applicant.erase"
MAX_TEXT = 500
MOST_LISTED = 200
MOST_WAKED = 200
LONGEST = timedelta(days=36_500)
SUBJECTS = {
    Prefix.DOCUMENT: HoldSubject.DOCUMENT,
    Prefix.APPLICANT: HoldSubject.APPLICANT,
    Prefix.PARTNER: HoldSubject.PARTNER,
}
PREFIXES = {subject: prefix for prefix, subject in SUBJECTS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A hold that somebody wants."""

    subject: str
    """A public id: `doc_…`, `app_…` or `ptr_…`."""
    owner: str
    reason: str
    basis: str
    ends_at: datetime | None = None


async def fence(session: AsyncSession, partner_id: UUID) -> None:
    """Let nobody place a hold on anything of this partner before the transaction ends; then look for holds."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(func.hashtextextended(_lock(partner_id), 0))))


def _lock(partner_id: UUID) -> str:
    return f"legal_holds:{partner_id}"


def _stands(moment: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(
        col(LegalHold.released_at).is_(None), or_(col(LegalHold.ends_at).is_(None), col(LegalHold.ends_at) > moment)
    )


def keeps(document: type[Document], moment: datetime | SQLColumnExpression[datetime]) -> ColumnElement[bool]:
    """Say in SQL that a hold stands over a document at a moment."""
    over = (col(document.id), col(document.applicant_id), col(document.partner_id))
    return exists().where(
        col(LegalHold.partner_id) == col(document.partner_id),
        col(LegalHold.subject_id).in_(over),
        _stands(moment),  # pyright: ignore[reportArgumentType] a column's expression
    )


async def over(session: AsyncSession, subject_ids: Collection[UUID]) -> Sequence[LegalHold]:
    """List the holds that stand now, by the time of the data, over any of these things."""
    if not subject_ids:
        return []
    statement = select(LegalHold).where(col(LegalHold.subject_id).in_(list(subject_ids)), _stands(now()))
    return (await session.execute(statement)).scalars().all()


async def held(session: AsyncSession, documents: Iterable[Document]) -> set[UUID]:
    """Answer which of these documents a hold stands over: their own, their applicant's or their partner's."""
    rows = list(documents)
    subjects = {key for row in rows for key in (row.id, row.applicant_id, row.partner_id)}
    kept = {hold.subject_id for hold in await over(session, subjects)}
    return {row.id for row in rows if kept & {row.id, row.applicant_id, row.partner_id}}


async def listed(session: AsyncSession, actor: Actor, *, with_ended: bool = False) -> Sequence[LegalHold]:
    """List holds newest first: those that stand, or all."""
    actor.require(Permission.RETENTION_READ)
    statement = select(LegalHold).order_by(col(LegalHold.id).desc()).limit(MOST_LISTED)
    if not with_ended:
        statement = statement.where(_stands(present()))
    return (await session.execute(statement)).scalars().all()


async def place(session: AsyncSession, actor: Actor, draft: Draft) -> LegalHold:
    """Keep one document, one applicant or everything of one partner, whatever anybody asks.

    Raises Invalid, NotFound, and Conflict with the code `deleted_already` when a deletion was faster.
    """
    actor.require(Permission.RETENTION_WRITE)
    subject, key = _subject(draft.subject)
    owner, reason, basis = (_said(name, getattr(draft, name)) for name in ("owner", "reason", "basis"))
    if draft.ends_at is not None and not present() < draft.ends_at <= present() + LONGEST:
        raise Invalid("A hold ends in the future, or is open.", code="out_of_range", pointer="/ends_at")
    partner_id = await _partner_of(session, subject, key)
    await _alone(session, partner_id)
    await _refuse_deleted(session, subject, key)
    row = LegalHold(
        id=new_id(), created_at=present(), partner_id=partner_id, subject_type=subject, subject_id=key,
        ends_at=draft.ends_at, placed_by=_person(actor), owner=owner, reason=reason,
        basis=basis,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    changes: dict[str, object] = {"basis": row.basis, "ends_at": row.ends_at.isoformat() if row.ends_at else None}
    await _tell(session, actor, row, "placed", changes)
    return row


async def release(session: AsyncSession, actor: Actor, hold_id: UUID, *, why: str) -> LegalHold:
    """End a hold before its date; erasures that waited for it go on.

    Raises Invalid, NotFound, and Conflict when it has ended already.
    """
    actor.require(Permission.RETENTION_WRITE)
    actor.require_fresh()
    why = _said("why", why)
    peek = select(col(LegalHold.partner_id)).where(col(LegalHold.id) == hold_id)
    await _alone(session, found((await session.execute(peek)).scalar_one_or_none(), "legal hold"))
    statement = select(LegalHold).where(col(LegalHold.id) == hold_id).with_for_update()
    row = found((await session.execute(statement)).scalar_one_or_none(), "legal hold")
    if row.released_at is not None:
        raise Conflict("Somebody has released this hold already.", code="stale_version")
    row.released_at, row.released_by, row.release_reason = present(), _person(actor), why
    await session.flush()
    await _tell(session, actor, row, "released", {"basis": row.basis, "why": why})
    waiting = select(col(ErasureRequest.id)).where(
        col(ErasureRequest.partner_id) == row.partner_id, col(ErasureRequest.status) == ErasureStatus.ON_HOLD
    )
    await retention_rules.wake(session, row.partner_id)
    for key in (await session.execute(waiting.limit(MOST_WAKED))).scalars():
        await job_queue.enqueue(session, ERASE_JOB, {"request_id": str(key)}, dedupe_key=f"{ERASE_JOB}:{key}")
    return row


async def _alone(session: AsyncSession, partner_id: UUID) -> None:
    """Wait until no deletion of this partner is under way, and let none begin before the change is seen."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_lock(partner_id), 0))))


def _person(actor: Actor) -> UUID | None:
    return actor.id if actor.type == ActorType.MEMBER else None


def _said(name: str, text: str) -> str:
    tidy = " ".join(text.split())
    if not 1 <= len(tidy) <= MAX_TEXT or not tidy.isprintable():
        raise Invalid(f"Fill in the {name}, in at most {MAX_TEXT} letters.", code="text_needed", pointer=f"/{name}")
    return tidy


def _subject(text: str) -> tuple[HoldSubject, UUID]:
    """Read what a hold is about from its id."""
    head = text.strip().partition("_")[0]
    for prefix, subject in SUBJECTS.items():
        if head == prefix:
            return subject, parse_public_id(prefix, text.strip())
    raise Invalid("Name a document (doc_…), an applicant (app_…) or a partner (ptr_…).", code="invalid_value",
                  pointer="/subject")  # fmt: skip


async def _partner_of(session: AsyncSession, subject: HoldSubject, key: UUID) -> UUID:
    if subject == HoldSubject.PARTNER:
        return found(await session.get(Partner, key), "partner").id
    table = Document if subject == HoldSubject.DOCUMENT else Applicant
    statement = select(col(table.partner_id)).where(col(table.id) == key)
    return found((await session.execute(statement)).scalar_one_or_none(), subject)


async def _refuse_deleted(session: AsyncSession, subject: HoldSubject, key: UUID) -> None:
    """Say that nothing is left to keep: this transaction has the lock, so nobody deletes meanwhile."""
    gone = {
        HoldSubject.DOCUMENT: select(col(Document.id)).where(
            col(Document.id) == key, col(Document.status) == DocumentStatus.REDACTED
        ),
        HoldSubject.APPLICANT: select(col(ErasureRequest.id)).where(
            col(ErasureRequest.applicant_id) == key,
            col(ErasureRequest.status).in_((ErasureStatus.PROCESSING, ErasureStatus.COMPLETED)),
        ),
    }.get(subject)
    if gone is not None and (await session.execute(gone)).first():
        raise Conflict("Its personal data is deleted already: there is nothing left to hold.", code="deleted_already")


async def _tell(session: AsyncSession, actor: Actor, row: LegalHold, what: str, changes: dict[str, object]) -> None:
    """Write it down without the reason, which the partner may not read."""
    subject = public_id(PREFIXES[HoldSubject(row.subject_type)], row.subject_id)
    await audit.record(
        session,
        actor,
        f"legal_hold.{what}",
        subject_type="legal_hold",
        subject_id=row.id,
        partner_id=row.partner_id,
        changes={"subject": subject, **changes},
    )
    live.announce(session, TOPIC)
