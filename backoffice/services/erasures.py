"""Erasures: everything that says who an applicant is goes away for good, and a signed receipt says so.

The work has three parts: end whatever is still open and refuse anything new, delete the objects, lose the key. Each
part is fenced by the rows it finds, so that a worker may die anywhere and another one may begin again.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ScalarSelect, Text, and_, cast, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live, signing
from backoffice.adapters.storage import Object
from backoffice.clock import now, present
from backoffice.errors import Unavailable
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check, Document, File
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.models.partners import Partner
from backoffice.models.retention_rules import end_of, rule_for
from backoffice.models.review_tasks import Decision
from backoffice.models.verifications import Verification, VerificationStatus
from backoffice.services import (
    applicants,
    audit,
    exports,
    key_sweeps,
    legal_holds,
    person_exports,
    redactions,
    retention_dates,
    test_clocks,
    vault,
    verifications,
)
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, created_within, walk
from backoffice.services.rows import visible

JOB = "applicant.erase"
SWEEP_LIMIT = 100
RECEIPT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    statuses: tuple[ErasureStatus, ...] = ()
    applicant_id: UUID | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


async def request(session: AsyncSession, actor: Actor, applicant_id: UUID, *, ordered: str = "") -> ErasureRequest:
    """Ask for one applicant's erasure; asking again answers the same request.

    From the commit on nothing can be added to the applicant. `ordered` is the reason of an operator, who orders by
    another right than the partner's own people and leaves it in the partner's audit trail. Raises NotFound.
    """
    actor.require(Permission.RETENTION_WRITE if ordered else Permission.APPLICANTS_ERASE)
    actor.require_fresh()
    applicant = await applicants.locked(session, actor, applicant_id)
    earlier = select(ErasureRequest).where(col(ErasureRequest.applicant_id) == applicant.id)
    row = (await session.execute(earlier)).scalar_one_or_none()
    if row is not None:
        return row
    row = ErasureRequest(
        partner_id=applicant.partner_id,
        livemode=applicant.livemode,
        applicant_id=applicant.id,
        requested_by_type=actor.type,
        requested_by_id=actor.id,
    )
    session.add(row)
    await session.flush()
    await _waits(session, row)
    changes: dict[str, object] = {"request_id": public_id(Prefix.ERASURE_REQUEST, row.id)}
    await _record(
        session, actor, row, "applicant.erasure_requested", changes | ({"reason": ordered} if ordered else {})
    )
    await _enqueue(session, row.id)
    return row


async def get(session: AsyncSession, actor: Actor, request_id: UUID) -> ErasureRequest:
    """Find one erasure request that the actor may see.

    Raises NotFound.
    """
    actor.require(Permission.APPLICANTS_READ)
    statement = visible(actor, ErasureRequest).where(col(ErasureRequest.id) == request_id)
    return found((await session.execute(statement)).scalar_one_or_none(), "erasure request")


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[ErasureRequest]:
    """List erasure requests newest first.

    Raises Invalid for a limit out of range or a foreign cursor.
    """
    actor.require(Permission.APPLICANTS_READ)
    statement = visible(actor, ErasureRequest).where(
        *created_within(ErasureRequest, by.created_after, by.created_before)
    )
    if by.statuses:
        statement = statement.where(col(ErasureRequest.status).in_(by.statuses))
    if by.applicant_id is not None:
        statement = statement.where(col(ErasureRequest.applicant_id) == by.applicant_id)
    return await walk(
        session, ErasureRequest, statement, prefix=Prefix.ERASURE_REQUEST, limit=by.limit, cursor=by.cursor
    )


async def lead(session: AsyncSession, actor: Actor, request_id: UUID) -> timedelta:
    """Say how far the partner's data lives ahead of the present."""
    actor.require(Permission.SYSTEM)
    row = await session.get_one(ErasureRequest, request_id)
    return await test_clocks.lead(session, row.partner_id, livemode=row.livemode)


async def begin(
    session: AsyncSession, actor: Actor, request_id: UUID, *, despite_holds: bool = False
) -> list[Object] | None:
    """Redact every document and end all open work; answers the objects to delete.

    None when all is done, and when a hold or a duty to keep stands before it: then the request says so and waits.
    `despite_holds` is for who was erased before and came back with a backup: that erasure was lawful and is over.
    """
    actor.require(Permission.SYSTEM)
    row = await _locked(session, actor, request_id)
    if row.status == ErasureStatus.COMPLETED:
        return None
    if not despite_holds and await _waits(session, row):
        return None
    row.status, row.held_until, row.hold_basis = ErasureStatus.PROCESSING, None, ""
    statement = select(Document).where(col(Document.applicant_id) == row.applicant_id).order_by(col(Document.id))
    papers = (await session.execute(statement.with_for_update())).scalars().all()
    await redactions.redact(session, actor, row.partner_id, papers)
    await _forget_exports(session, actor, row)  # of who has no document, too
    await _close_verifications(session, actor, row.applicant_id)
    return await redactions.objects(session, _papers(row.applicant_id))


async def _forget_exports(session: AsyncSession, actor: Actor, row: ErasureRequest) -> None:
    await person_exports.forget(session, actor, row.partner_id, {row.applicant_id})
    await exports.forget_waiting(session, actor, row.partner_id, row.applicant_id)


async def _waits(session: AsyncSession, row: ErasureRequest) -> bool:
    """Say whether something keeps the applicant, and write down until when and on what basis."""
    if row.status == ErasureStatus.PROCESSING:
        return False
    await legal_holds.fence(session, row.partner_id)
    reasons = await keepers(session, row.partner_id, row.applicant_id)
    if not reasons:
        return False
    ends = [until for until, _ in reasons]
    row.held_until = None if None in ends else max(until for until in ends if until)
    row.hold_basis = "; ".join(sorted({basis for _, basis in reasons}))
    row.status = ErasureStatus.ON_HOLD
    live.announce(session, legal_holds.TOPIC)
    return True


async def keepers(session: AsyncSession, partner_id: UUID, applicant_id: UUID) -> list[tuple[datetime | None, str]]:
    """List what keeps an applicant: holds, and rules that are a duty, with their ends."""
    statement = select(Document).where(col(Document.applicant_id) == applicant_id)
    papers = (await session.execute(statement)).scalars().all()
    over = await legal_holds.over(session, {partner_id, applicant_id, *(paper.id for paper in papers)})
    reasons: list[tuple[datetime | None, str]] = [(hold.ends_at, hold.basis) for hold in over]
    rules = await retention_dates.in_force(session)
    for paper in papers:
        rule = rule_for(rules, paper)
        until = end_of(rule, paper)
        if rule and rule.is_duty and until and until > now():
            reasons.append((until, rule.basis))
    return reasons


async def _locked(session: AsyncSession, actor: Actor, request_id: UUID) -> ErasureRequest:
    """Lock the applicant, as everybody does before what belongs to them, then read the request as it stands."""
    row = await session.get_one(ErasureRequest, request_id)
    await applicants.locked(session, actor, row.applicant_id)
    await session.refresh(row)
    return row


async def _close_verifications(session: AsyncSession, actor: Actor, applicant_id: UUID) -> None:
    """Let verifications follow their documents; one that never had any is canceled."""
    statement = (
        select(Verification)
        .where(col(Verification.applicant_id) == applicant_id)
        .order_by(col(Verification.id))
        .with_for_update()
    )
    for row in (await session.execute(statement)).scalars().all():
        if row.canceled_at is None and row.status == VerificationStatus.CREATED:
            row.canceled_at = now()
        await verifications.refresh(session, actor, row.id)


def _papers(applicant_id: UUID) -> ScalarSelect[UUID]:
    return select(col(Document.id)).where(col(Document.applicant_id) == applicant_id).scalar_subquery()


async def complete(session: AsyncSession, actor: Actor, request_id: UUID) -> ErasureRequest | None:
    """Lose the key, empty what it sealed, tell of it and sign the receipt; None when somebody else was faster.

    The key store loses it before the caller commits: who dies in between finds it lost, and counts it all the same.
    """
    actor.require(Permission.SYSTEM)
    row = await _locked(session, actor, request_id)
    if row.status == ErasureStatus.COMPLETED:
        return None
    row.status, row.completed_at = ErasureStatus.COMPLETED, now()
    await _forget_exports(session, actor, row)  # asked for since it began
    lost = await vault.lose(session, row.applicant_id)
    if not lost and not await key_sweeps.fits(actor):
        raise Unavailable("The key store has no keys of this database. Nothing was erased yet.")
    row.receipt = await _receipt(session, row, lost)
    await _empty(session, row.applicant_id)
    applicant = await session.get_one(Applicant, row.applicant_id)
    applicant.number_token = None
    applicant.personal_box, applicant.erased_at, applicant.updated_at = None, row.completed_at, row.completed_at
    applicant.version += 1
    await session.flush()
    changes: dict[str, object] = {"request_id": public_id(Prefix.ERASURE_REQUEST, row.id)}
    await applicants.tell(session, actor, applicant, "erased", changes=changes)
    return row


async def erased(session: AsyncSession, actor: Actor, request_id: UUID) -> UUID | None:
    """Answer who was erased by a request; None while it is not done."""
    actor.require(Permission.SYSTEM)
    row = await session.get_one(ErasureRequest, request_id)
    return row.applicant_id if row.status == ErasureStatus.COMPLETED else None


async def pages_forgotten(session: AsyncSession, actor: Actor, request_id: UUID) -> None:
    """Note that no open page holds the person any more."""
    actor.require(Permission.SYSTEM)
    (await session.get_one(ErasureRequest, request_id, with_for_update=True)).pages_forgotten_at = present()


async def _empty(session: AsyncSession, applicant_id: UUID) -> None:
    """Empty what may change; the rest are boxes whose key is lost."""
    await redactions.empty(session, _papers(applicant_id))
    statement = update(Applicant).where(col(Applicant.id) == applicant_id).values(language=None)
    await session.execute(statement.execution_options(synchronize_session=False))


async def _receipt(session: AsyncSession, row: ErasureRequest, lost: int) -> dict[str, object]:
    """Write what was erased and sign it; it names things and never says what they held."""
    statement = await _statement(session, row, lost)
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    return {"statement": statement, "jws": signing.sign(payload)}


async def _statement(session: AsyncSession, row: ErasureRequest, lost: int) -> dict[str, object]:
    papers = _papers(row.applicant_id)
    ids = select(col(Document.id)).where(col(Document.applicant_id) == row.applicant_id).order_by(col(Document.id))
    document_ids = [public_id(Prefix.DOCUMENT, key) for key in (await session.execute(ids)).scalars()]
    objects = await redactions.objects(session, papers)
    counts = {
        "files": select(func.count()).select_from(File).where(col(File.document_id).in_(papers)),
        "check_summaries": select(func.count())
        .select_from(Check)
        .where(col(Check.document_id).in_(papers), col(Check.summary_box).is_not(None)),
        "notes": select(func.count())
        .select_from(Decision)
        .where(col(Decision.document_id).in_(papers), col(Decision.note_box).is_not(None)),
    }
    return {
        "object": "erasure_receipt",
        "version": RECEIPT_VERSION,
        "request_id": public_id(Prefix.ERASURE_REQUEST, row.id),
        "partner_id": public_id(Prefix.PARTNER, row.partner_id),
        "applicant_id": public_id(Prefix.APPLICANT, row.applicant_id),
        "livemode": row.livemode,
        "requested_at": row.created_at.isoformat(),
        "completed_at": row.completed_at.isoformat() if row.completed_at else None,
        "erased": {name: (await session.execute(count)).scalar_one() for name, count in counts.items()}
        | {"data_keys": lost, "documents": len(document_ids), "objects": len(objects)},
        "document_ids": document_ids,
        "object_keys_sha256": [hashlib.sha256(one.key.encode()).hexdigest() for one in objects],
    }


async def enqueue_lost(session: AsyncSession, actor: Actor) -> None:
    """Put erasures into the queue again that are not done and wait nowhere, and those whose hold has ended.

    Whose pages were not reached, also.
    """
    actor.require(Permission.SYSTEM)
    statement = (
        select(col(ErasureRequest.id))
        .join(Partner, col(Partner.id) == col(ErasureRequest.partner_id))
        .where(
            or_(
                col(ErasureRequest.status).in_((ErasureStatus.RECEIVED, ErasureStatus.PROCESSING)),
                and_(
                    col(ErasureRequest.status) == ErasureStatus.COMPLETED,
                    col(ErasureRequest.pages_forgotten_at).is_(None),
                ),
                and_(
                    col(ErasureRequest.status) == ErasureStatus.ON_HOLD,
                    col(ErasureRequest.held_until) <= test_clocks.now_for(col(ErasureRequest.livemode)),
                ),
            )
        )
        .where(job_queue.not_waiting(literal(f"{JOB}:") + cast(col(ErasureRequest.id), Text)))
        .order_by(col(ErasureRequest.id))
        .limit(SWEEP_LIMIT)
    )
    for lost in (await session.execute(statement)).scalars():
        await _enqueue(session, lost)


async def _enqueue(session: AsyncSession, request_id: UUID) -> None:
    key = f"{JOB}:{request_id}"
    await job_queue.enqueue(session, JOB, {"request_id": str(request_id)}, dedupe_key=key)


async def _record(
    session: AsyncSession, actor: Actor, row: ErasureRequest, action: str, changes: dict[str, object]
) -> None:
    await audit.record(
        session,
        actor,
        action,
        subject_type="applicant",
        subject_id=row.applicant_id,
        partner_id=row.partner_id,
        changes=changes,
    )
