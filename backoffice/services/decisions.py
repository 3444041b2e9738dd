"""Decisions: a verdict is signed, may be undone for a few seconds, and then becomes a decision that never changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.base import new_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.review_tasks import DeciderType, Decision, Outcome, ReviewTask, TaskStatus
from backoffice.screening.policy_rulings import LIMIT_REASON
from backoffice.services import (
    conflicts,
    decision_texts,
    documents,
    questions,
    reopenings,
    review_metrics,
    review_tasks,
    rulings,
    second_reviews,
    test_clocks,
    usage_records,
)
from backoffice.services import reasons as catalogue
from backoffice.services.access import Actor, Permission, found
from backoffice.services.rulings import Ruled
from backoffice.services.second_reviews import VERDICT_MESSAGE_COLUMN, VERDICT_NOTE_COLUMN
from backoffice.settings import settings

SWEEP_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """A signed verdict inside its undo window; `outcome` is what will stand, after the limit of attempts."""

    id: UUID
    task_id: UUID
    document_id: UUID
    outcome: Outcome
    reasons: tuple[str, ...]
    final_at: datetime


async def sign(  # noqa: PLR0913 a verdict is an outcome with its reasons
    session: AsyncSession,
    actor: Actor,
    task_id: UUID,
    *,
    outcome: Outcome,
    reasons: Sequence[str] = (),
    note: str | None = None,
    message: str | None = None,
    version: int,
) -> Verdict:
    """Put a verdict on the task; nothing leaves before the undo window ends.

    The note stays with the team; the message goes to the applicant, beside what the reasons say.

    Raises Conflict when somebody decided before, the claim is lost or the task changed; Invalid for missing or
    unknown reasons.
    """
    member_id = review_tasks.reviewer(actor)
    document = await _document_of(session, task_id)
    await conflicts.refuse(session, member_id, document.partner_id)
    outcome, codes = await settled(session, document, outcome, reasons, note)
    decision_texts.refuse_message(outcome, message)
    verdict = Verdict(new_id(), task_id, document.id, outcome, tuple(codes), _window_end())
    values: dict[str, object] = {
        "verdict_id": verdict.id,
        "verdict_outcome": outcome,
        "verdict_reasons": codes,
        "verdict_note_box": await decision_texts.sealed(session, document, task_id, VERDICT_NOTE_COLUMN, note),
        "verdict_message_box": await decision_texts.sealed(session, document, task_id, VERDICT_MESSAGE_COLUMN, message),
        "verdict_by": member_id,
        "verdict_at": now(),
        "verdict_final_at": verdict.final_at,
    }
    task = await _write_once(session, task_id, member_id, version, values)
    if task is None:
        raise await _refusal(session, task_id, member_id)
    await review_tasks.record(session, actor, task, "signed", outcome=outcome, reasons=codes)
    await review_metrics.begin(session, task)
    arguments = {"task_id": str(task_id), "verdict_id": str(verdict.id)}
    await job_queue.enqueue(session, "decision.finalize", arguments, run_at=verdict.final_at)
    return verdict


def _window_end() -> datetime:
    return now() + timedelta(seconds=settings().undo_seconds)


async def _document_of(session: AsyncSession, task_id: UUID) -> Document:
    statement = (
        select(Document)
        .join(ReviewTask, col(ReviewTask.document_id) == col(Document.id))
        .where(col(ReviewTask.id) == task_id)
    )
    return found((await session.execute(statement)).scalar_one_or_none(), "review task")


async def settled(
    session: AsyncSession, document: Document, outcome: Outcome, codes: Sequence[str], note: str | None
) -> tuple[Outcome, list[str]]:
    """Check the reasons; the last attempt cannot be asked for again, so it is rejected."""
    decision_texts.refuse_note(note)
    if outcome == Outcome.APPROVED:
        if codes:
            raise Invalid("An approval takes no reasons.", code="reasons_not_allowed", pointer="/reasons")
        return outcome, []
    return _within_attempts(document, outcome, await catalogue.checked(session, codes, note))


def _within_attempts(document: Document, outcome: Outcome, codes: list[str]) -> tuple[Outcome, list[str]]:
    if outcome == Outcome.RESUBMISSION_REQUESTED and document.attempt >= document.max_attempts:
        return Outcome.REJECTED, [*codes, LIMIT_REASON]
    return outcome, codes


async def _write_once(
    session: AsyncSession, task_id: UUID, member_id: UUID, version: int, values: dict[str, object]
) -> ReviewTask | None:
    """Of all who sign at once exactly one changes the row: the condition is part of the write."""
    statement = (
        update(ReviewTask)
        .where(col(ReviewTask.id) == task_id, col(ReviewTask.version) == version, col(ReviewTask.verdict_id).is_(None))
        .where(col(ReviewTask.status) != TaskStatus.COMPLETED)
        .where(col(ReviewTask.claimed_by) == member_id, col(ReviewTask.claim_expires_at) > now())
        .values(**values, version=col(ReviewTask.version) + 1)
        .returning(ReviewTask)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def _refusal(session: AsyncSession, task_id: UUID, member_id: UUID) -> Conflict:
    """Find out why the write did not happen.

    Raises Conflict with the code `already_decided` when somebody was faster.
    """
    task = await review_tasks.locked(session, task_id)
    await review_tasks.refuse_decided(session, task)
    if task.claimed_by != member_id:
        holder = review_tasks.is_live(task) and await review_tasks.name_of(session, task.claimed_by)
        if holder:
            return Conflict(f"{holder} is working on this task.", code="claimed_by_other")
        return Conflict("This task is not yours any more. Claim it again to decide.", code="claim_lost")
    if not review_tasks.is_live(task):
        return Conflict("Your claim on this task has ended. Claim it again to decide.", code="claim_expired")
    return Conflict("This task has changed since you opened it. Look again, then decide.", code="stale_version")


async def undo(session: AsyncSession, actor: Actor, verdict_id: UUID) -> ReviewTask:
    """Take one's own verdict back before it is final; the task is claimed again.

    Raises Conflict when the window has ended, NotAllowed for another reviewer's verdict.
    """
    member_id = review_tasks.reviewer(actor)
    statement = select(ReviewTask).where(col(ReviewTask.verdict_id) == verdict_id).with_for_update()
    task = (await session.execute(statement)).scalar_one_or_none()
    if task is None or task.verdict_final_at is None or task.verdict_final_at <= now():
        raise Conflict("It is too late to undo: the decision is final.", code="undo_too_late")
    if task.verdict_by != member_id:
        raise NotAllowed("Only the reviewer who signed can undo this.", code="not_the_signer")
    await conflicts.refuse(session, member_id, task.partner_id)
    outcome = task.verdict_outcome
    _clear(task)
    task.version += 1
    task.claimed_by = member_id
    task.claim_expires_at = now() + timedelta(seconds=settings().claim_seconds)
    await session.flush()
    await review_tasks.record(session, actor, task, "undone", outcome=outcome)
    await review_metrics.undo(session, verdict_id)
    return task


def _clear(task: ReviewTask) -> None:
    """Forget the verdict; `verdict_at` stays on a completed task, because pace counts up to it."""
    task.verdict_id = task.verdict_by = task.verdict_final_at = task.verdict_at = None
    task.verdict_outcome, task.verdict_reasons = None, []
    task.verdict_note_box = task.verdict_message_box = None


async def finalize(session: AsyncSession, actor: Actor, task_id: UUID, verdict_id: UUID) -> Decision | None:
    """Turn a verdict whose window has ended into the decision; None when it was undone, is early or done already.

    Locks the document before its task, as everybody does who changes both.
    """
    actor.require(Permission.SYSTEM)
    document = await documents.get(session, actor, (await _document_of(session, task_id)).id, lock=True)
    task = await review_tasks.locked(session, task_id)
    if task.verdict_id != verdict_id or task.verdict_final_at is None or task.verdict_final_at > now():
        return None
    decision = None
    if document.status == DocumentStatus.IN_REVIEW:
        with await test_clocks.time_of(session, document.partner_id, livemode=document.livemode):
            if await _needs_others(session, actor, document, task):
                return None
            decision = await _signed(session, task, document)
            await _decide(session, actor, document, decision)
            await usage_records.reviewed(session, document)
    await _close(session, actor, task, decision)
    return decision


async def _needs_others(session: AsyncSession, actor: Actor, document: Document, task: ReviewTask) -> bool:
    """Pass the task on where one verdict is not enough: to a second person, or to a lead when two disagree."""
    if second_reviews.is_first(task):
        await second_reviews.keep_first(session, document, task)
    elif second_reviews.is_disputed(task):
        await second_reviews.dispute(session, actor, task)
    else:
        return False
    _clear(task)
    task.claimed_by = task.claim_expires_at = task.first_seen_at = None
    task.assigned_to = task.assigned_at = None
    task.version += 1
    await session.flush()
    await review_tasks.record(session, actor, task, "passed_on")
    await review_tasks.ask_to_assign(session)
    await second_reviews.tell(session, actor, document, task)
    return True


async def _signed(session: AsyncSession, task: ReviewTask, document: Document) -> Decision:
    """Make the decision under the verdict's own key: the database refuses a second one."""
    signer, second = second_reviews.signers(task)
    decision = Decision(
        id=task.verdict_id or new_id(),
        partner_id=task.partner_id,
        document_id=document.id,
        review_task_id=task.id,
        outcome=task.verdict_outcome or "",
        reasons=second_reviews.reasons(task),
        decided_by_type=DeciderType.REVIEWER,
        member_id=signer,
        second_member_id=second,
        policy_version=await rulings.sender_of(session, document.id),
    )
    await decision_texts.keep(session, task, document, decision)
    return decision


async def _decide(session: AsyncSession, actor: Actor, document: Document, decision: Decision) -> None:
    """Write the decision over an earlier one, and move the document by it."""
    earlier = (await documents.decisions_of(session, [document.id])).get(document.id)
    decision.supersedes_id = earlier.id if earlier else None
    session.add(decision)
    await session.flush()
    await documents.change_status(session, actor, document, DocumentStatus(decision.outcome), decision=decision)


async def by_policy(session: AsyncSession, actor: Actor, document: Document, ruled: Ruled) -> Decision:
    """Decide a locked document that was just screened as a policy rules; the decision keeps the version for ever."""
    actor.require(Permission.SYSTEM)
    wanted = Outcome(ruled.ruling.outcome)
    outcome, reasons = _within_attempts(document, wanted, list(ruled.ruling.reasons))
    decision = Decision(
        partner_id=document.partner_id,
        document_id=document.id,
        outcome=outcome,
        reasons=reasons,
        decided_by_type=DeciderType.POLICY,
        policy_version=ruled.version,
    )
    await _decide(session, actor, document, decision)
    return decision


async def impose(
    session: AsyncSession, actor: Actor, document: Document, outcome: Outcome, codes: Sequence[str]
) -> Decision:
    """Decide a locked test document under review without a person: the sandbox's own hand.

    Its task is closed, and a verdict that waits on it comes to nothing. Raises NotAllowed for live documents.
    """
    actor.require(Permission.SYSTEM)
    if document.livemode:
        raise NotAllowed("Only test documents are decided by the sandbox.", code="test_only")
    task = await review_tasks.open_of(session, document.id)
    outcome, reasons = _within_attempts(document, outcome, list(codes))
    with await test_clocks.time_of(session, document.partner_id, livemode=False):
        decision = Decision(
            partner_id=document.partner_id,
            document_id=document.id,
            review_task_id=task.id if task else None,
            outcome=outcome,
            reasons=reasons,
            decided_by_type=DeciderType.SIMULATION,
        )
        await _decide(session, actor, document, decision)
    if task:
        await _close(session, actor, task, decision)
    return decision


async def _close(session: AsyncSession, actor: Actor, task: ReviewTask, decision: Decision | None) -> None:
    signed_by, signed_at = task.verdict_by, task.verdict_at
    _clear(task)
    task.verdict_at = signed_at
    task.claimed_by = task.claim_expires_at = task.snoozed_until = None
    task.waits_for = ""
    task.status, task.completed_at, task.version = TaskStatus.COMPLETED, now(), task.version + 1
    await session.flush()
    await reopenings.close(session, task, decision)
    await questions.close(session, task.document_id)
    outcome = decision.outcome if decision else "closed"
    by = None if decision and decision.member_id is None else str(signed_by)
    await review_tasks.record(session, actor, task, "completed", outcome=outcome, signed_by=by)


async def overdue(session: AsyncSession, actor: Actor, *, late: timedelta) -> list[tuple[UUID, UUID]]:
    """Find verdicts whose job was lost: (task, verdict), final for longer than `late`."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(col(ReviewTask.id), col(ReviewTask.verdict_id))
        .where(col(ReviewTask.verdict_id).is_not(None), col(ReviewTask.verdict_final_at) <= now() - late)
        .order_by(col(ReviewTask.verdict_final_at))
        .limit(SWEEP_LIMIT)
    )
    return [(row.id, row.verdict_id) for row in await session.execute(statement)]
