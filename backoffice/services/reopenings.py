"""Reopenings: a decision is looked at again for a reason; it stands in the record, and a new one may supersede it.

A reviewer corrects their own decision for a while, a lead opens any, and a partner appeals against a rejection once.
Whoever signed what an appeal questions never decides it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.applicants import Applicant
from backoffice.models.base import new_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.partners import Partner
from backoffice.models.reopenings import Reopening, ReopeningKind, ReopeningResult
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import (
    applicants,
    blindness,
    conflicts,
    documents,
    questions,
    reasons,
    review_tasks,
    sla_clocks,
    test_clocks,
    vault,
)
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.questions import Asked, letters
from backoffice.services.review_tasks import Brief
from backoffice.services.rows import visible
from backoffice.settings import settings

WHY_COLUMN = "why_box"
MIN_WHY, MAX_WHY = 10, 2_000
REOPENABLE = frozenset({DocumentStatus.APPROVED, DocumentStatus.REJECTED})
BY_REVIEW = frozenset({ReopeningKind.CORRECTION, ReopeningKind.QUALITY, ReopeningKind.FRAUD})
WORDS = {
    ReopeningKind.CORRECTION: "Opened again to correct a decision",
    ReopeningKind.QUALITY: "Opened again after a quality check",
    ReopeningKind.FRAUD: "Opened again: fraud found later",
    ReopeningKind.APPEAL: "The partner appeals against the rejection",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One reopening with its reason in the clear and the decision it questions."""

    reopening: Reopening
    decision: Decision
    why: str
    """Empty once the applicant was erased."""
    by: str


async def reopen(session: AsyncSession, actor: Actor, document_id: UUID, *, kind: ReopeningKind, why: str) -> Reopening:
    """Put a decided document back on the queue: a lead any of them, a reviewer what they decided a while ago.

    Raises NotAllowed for a colleague's decision or after the time for corrections, Conflict when it is not decided,
    Invalid without a reason.
    """
    member_id = review_tasks.reviewer(actor)
    document = await documents.get(session, actor, document_id, lock=True)
    await conflicts.refuse(session, member_id, document.partner_id, "document")
    await blindness.refuse(session, member_id, document.id)
    decision = await _in_force(session, document)
    if kind not in BY_REVIEW:
        raise Invalid("Only the partner appeals.", code="kind_unknown", pointer="/kind")
    if not actor.can(Permission.QUEUE_MANAGE):
        await _refuse_not_own(session, document, decision, (member_id, kind))
    return await _open(session, actor, document, decision, (kind, why))


@dataclass(frozen=True, slots=True)
class Standing:
    """What was said of a document before, and why this reviewer may have it looked at again."""

    past: list[Told] = field(repr=False)
    questions: list[Asked] = field(repr=False)
    kinds: tuple[ReopeningKind, ...]
    labels: dict[str, str]


async def standing(session: AsyncSession, actor: Actor, document_id: UUID) -> Standing:
    """Read what a reviewer may know and do about the decisions on one document.

    Raises NotFound, and NotAllowed while they are judging it blind.
    """
    member_id = review_tasks.reviewer(actor)
    document = await documents.get(session, actor, document_id)
    await conflicts.refuse(session, member_id, document.partner_id, "document")
    await blindness.refuse(session, member_id, document.id)
    return Standing(
        await of_document(session, actor, document),
        await questions.of_document(session, actor, document.id),
        await _kinds(session, actor, document),
        await reasons.labels(session),
    )


async def _kinds(session: AsyncSession, actor: Actor, document: Document) -> tuple[ReopeningKind, ...]:
    decision = (await documents.decisions_of(session, [document.id])).get(document.id)
    if document.status not in REOPENABLE or decision is None:
        return ()
    if actor.can(Permission.QUEUE_MANAGE):
        return tuple(kind for kind in ReopeningKind if kind in BY_REVIEW)
    return (ReopeningKind.CORRECTION,) if await may_correct(session, document, decision, actor.id) else ()


async def may_correct(session: AsyncSession, document: Document, decision: Decision, member_id: UUID | None) -> bool:
    """Whether this reviewer may still open their own decision again, by the clock that the decision was dated by."""
    if member_id is None or member_id not in {decision.member_id, decision.second_member_id}:
        return False
    with await test_clocks.time_of(session, document.partner_id, livemode=document.livemode):
        return now() <= decision.created_at + timedelta(hours=settings().correction_hours)


async def _refuse_not_own(
    session: AsyncSession, document: Document, decision: Decision, wanted: tuple[UUID, ReopeningKind]
) -> None:
    member_id, kind = wanted
    if kind != ReopeningKind.CORRECTION or not await may_correct(session, document, decision, member_id):
        hours = settings().correction_hours
        message = f"You can correct your own decisions for {hours} hours. Ask a lead to open this one again."
        raise NotAllowed(message, code="not_correctable")


async def appeal(session: AsyncSession, actor: Actor, document_id: UUID, *, why: str) -> Document:
    """Let the partner question a rejection, once; somebody who did not sign it decides.

    Raises NotFound, Conflict with the code `not_appealable`, Invalid without a reason.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    statement = visible(actor, Document).where(col(Document.id) == document_id).with_for_update()
    document = found((await session.execute(statement)).scalar_one_or_none(), "document")
    decision = await _in_force(session, document)
    await _refuse_appeal(session, document, decision)
    await _open(session, actor, document, decision, (ReopeningKind.APPEAL, why))
    return document


async def can_appeal(session: AsyncSession, actor: Actor, document_id: UUID) -> bool:
    """Whether an appeal would be taken now."""
    document = await documents.get(session, actor, document_id)
    try:
        await _refuse_appeal(session, document, await _in_force(session, document))
    except Conflict:
        return False
    return actor.can(Permission.DOCUMENTS_WRITE)


async def _refuse_appeal(session: AsyncSession, document: Document, decision: Decision) -> None:
    if decision.outcome != Outcome.REJECTED:
        raise Conflict("Only a rejection can be appealed against.", code="not_appealable")
    days = settings().appeal_days
    with await test_clocks.time_of(session, document.partner_id, livemode=document.livemode):
        if now() > decision.created_at + timedelta(days=days):
            raise Conflict(f"An appeal is possible for {days} days after the decision.", code="not_appealable")
    earlier = select(col(Reopening.id)).where(
        col(Reopening.document_id) == document.id, col(Reopening.kind) == ReopeningKind.APPEAL
    )
    if (await session.execute(earlier)).first():
        raise Conflict("This document was appealed for before. A second appeal is not possible.", code="not_appealable")


async def _in_force(session: AsyncSession, document: Document) -> Decision:
    decision = (await documents.decisions_of(session, [document.id])).get(document.id)
    if document.status not in REOPENABLE or decision is None:
        status = document.status.replace("_", " ")
        message = f"Only an approved or rejected document can be looked at again; this one is {status}."
        raise Conflict(message, code="not_reopenable")
    return decision


async def _open(
    session: AsyncSession, actor: Actor, document: Document, decision: Decision, cause: tuple[ReopeningKind, str]
) -> Reopening:
    kind, why = cause[0], cause[1].strip()
    if letters(why) < MIN_WHY or len(why) > MAX_WHY:
        raise Invalid(f"Say why in {MIN_WHY} to {MAX_WHY:,} characters.", code="reason_length", pointer="/reason")
    await applicants.refuse_erased(session, await session.get_one(Applicant, document.applicant_id))
    with await test_clocks.time_of(session, document.partner_id, livemode=document.livemode):
        due_at = await sla_clocks.promised(session, document)
        await documents.change_status(
            session, actor, document, DocumentStatus.IN_REVIEW, decision=decision, event="reopened"
        )
        task = await _queue(session, document, kind, due_at)
        row = Reopening(
            id=new_id(), partner_id=document.partner_id, document_id=document.id, decision_id=decision.id,
            review_task_id=task.id, kind=kind, opened_by_type=actor.type, opened_by=actor.id,
        )  # fmt: skip
        key = await vault.data_key(session, document.applicant_id)
        row.why_box = vault.seal_json(key, why, row=row.id, column=WHY_COLUMN)
        session.add(row)
        await session.flush()
    await review_tasks.record(session, actor, task, "reopened", kind=kind)
    return row


async def _queue(session: AsyncSession, document: Document, kind: ReopeningKind, due_at: datetime) -> ReviewTask:
    is_appeal = kind == ReopeningKind.APPEAL
    brief = Brief(
        why=WORDS[kind],
        flags=(kind,),
        band="high",
        due_at=due_at,
        decided_before=await _signers(session, document.id) if is_appeal else await _kept_out(session, document.id),
        needs_second=await _needs_second(session, document.id),
    )
    task = await review_tasks.create(session, Actor.system(name="reopening"), document, brief)
    document.due_at = due_at
    return task


async def _kept_out(session: AsyncSession, document_id: UUID) -> list[UUID]:
    """Name whom an earlier appeal keeps from deciding: opening the document again does not let them back in."""
    rows = select(col(ReviewTask.decided_before)).where(col(ReviewTask.document_id) == document_id)
    return sorted({one for before in (await session.execute(rows)).scalars() for one in before})


async def _needs_second(session: AsyncSession, document_id: UUID) -> bool:
    """Whether two people signed, or should have, before: one alone does not overturn them."""
    statement = select(col(ReviewTask.id)).where(
        col(ReviewTask.document_id) == document_id,
        or_(col(ReviewTask.needs_second), col(ReviewTask.first_by).is_not(None)),
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def _signers(session: AsyncSession, document_id: UUID) -> list[UUID]:
    """Name everybody who signed any decision on the document, or lost a dispute about one."""
    rows = (await session.execute(select(Decision).where(col(Decision.document_id) == document_id))).scalars()
    decided = {one for row in rows for one in (row.member_id, row.second_member_id)}
    tasks = (await session.execute(select(ReviewTask).where(col(ReviewTask.document_id) == document_id))).scalars()
    decided |= {one for row in tasks for one in (row.first_by, row.second_by)}
    return sorted(one for one in decided if one is not None)


async def close(session: AsyncSession, task: ReviewTask, decision: Decision | None) -> None:
    """End the reopening that a task came from: what was questioned stands, or was overturned."""
    statement = select(Reopening).where(col(Reopening.review_task_id) == task.id, col(Reopening.closed_at).is_(None))
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        return
    before = await session.get_one(Decision, row.decision_id)
    result = ReopeningResult.WITHDRAWN
    if decision is not None:
        is_same = decision.outcome == before.outcome
        result = ReopeningResult.UPHELD if is_same else ReopeningResult.OVERTURNED
    end = update(Reopening).where(col(Reopening.id) == row.id).values(closed_at=now(), result=result)
    await session.execute(end)


async def is_open(session: AsyncSession, document_ids: list[UUID]) -> bool:
    """Whether any of these documents is being looked at again."""
    statement = select(col(Reopening.id)).where(
        col(Reopening.document_id).in_(document_ids), col(Reopening.closed_at).is_(None)
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def of_document(session: AsyncSession, actor: Actor, document: Document) -> list[Told]:
    """Read how often a document was opened again and why, newest first; for whoever may read personal data."""
    actor.require(Permission.PERSONAL_READ)
    statement = (
        select(Reopening, Decision)
        .join(Decision, col(Decision.id) == col(Reopening.decision_id))
        .where(col(Reopening.document_id) == document.id)
        .order_by(col(Reopening.id).desc())
    )
    key = (await vault.data_keys(session, {document.applicant_id})).get(document.applicant_id)
    return [
        Told(
            row,
            decision,
            vault.open_json(key, row.why_box, row=row.id, column=WHY_COLUMN) or "",
            await _name(session, row),
        )
        for row, decision in await session.execute(statement)
    ]


async def _name(session: AsyncSession, row: Reopening) -> str:
    if row.kind == ReopeningKind.APPEAL:
        statement = select(col(Partner.name)).where(col(Partner.id) == row.partner_id)
        return (await session.execute(statement)).scalar_one()
    if row.opened_by_type == ActorType.MEMBER:
        return await review_tasks.name_of(session, row.opened_by)
    return "the system"
