"""Bulk actions: one verdict on many tasks, each signed as a person at the desk would sign it, never by a side door.

`bulk_walks.py` goes from task to task. What the person may not decide, or somebody else has taken, is skipped with the
sentence that the desk would show. Every verdict has the same undo window as any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import BackofficeError, Conflict, Invalid
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.bulk_actions import (
    MOST_TASKS,
    BulkAction,
    BulkProgress,
    BulkRow,
    BulkStatus,
    RowStatus,
    Skipped,
)
from backoffice.models.documents import Document
from backoffice.models.review_tasks import Outcome, ReviewTask, TaskStatus
from backoffice.services import (
    blindness,
    bulk_texts,
    bulk_walks,
    conflicts,
    decision_texts,
    decisions,
    document_actions,
    review_claims,
    review_tasks,
)
from backoffice.services import reasons as catalogue
from backoffice.services.access import Actor, Permission, found
from backoffice.services.bulk_texts import Texts
from backoffice.services.bulk_walks import SHOWN, Way

OUTCOMES = (Outcome.REJECTED, Outcome.RESUBMISSION_REQUESTED)


@dataclass(frozen=True, slots=True)
class Press:
    """What a person has chosen; `key` was made when they were asked."""

    key: UUID
    outcome: Outcome
    reasons: Sequence[str]
    task_ids: Sequence[UUID]
    texts: Texts = field(default_factory=Texts)
    """Written with each decision, as at the desk."""


async def begin(session: AsyncSession, actor: Actor, press: Press) -> BulkAction:
    """Let a job decide these tasks; the same press again answers the same action.

    Raises Invalid for no tasks, too many, an approval, texts that are too long, or reasons that cannot be given without
    a note; Conflict while another action of this person runs.
    """
    member_id = review_tasks.reviewer(actor)
    chosen = list(dict.fromkeys(press.task_ids))
    _refuse(press, len(chosen))
    codes = await catalogue.checked(session, press.reasons, press.texts.note)
    row = BulkAction(
        id=new_id(), started_by=member_id, press=press.key, outcome=press.outcome, reasons=codes, total=len(chosen),
        session_id=actor.session_id, ip=actor.ip, request_id=actor.request_id,
    )  # fmt: skip
    await bulk_texts.keep(row, press.texts)
    if earlier := await bulk_walks.open_(session, row):
        return earlier
    row.total = await _add_rows(session, actor, row, chosen)
    await session.flush()
    await bulk_walks.record(session, actor, row, "started", tasks=row.total, reasons=codes)
    await bulk_walks.enqueue(session, row)
    return row


def _refuse(press: Press, count: int) -> None:
    if press.outcome not in OUTCOMES:
        raise Invalid("Documents are approved one by one.", code="outcome_not_allowed", pointer="/outcome")
    if not 1 <= count <= MOST_TASKS:
        raise Invalid(f"From 1 to {MOST_TASKS} tasks at a time.", code="too_many", pointer="/tasks")
    decision_texts.refuse_note(press.texts.note)
    decision_texts.refuse_message(press.outcome, press.texts.message)


async def _add_rows(session: AsyncSession, actor: Actor, action: BulkAction, chosen: Sequence[UUID]) -> int:
    """Write down the tasks in the order in which they were chosen; what the actor is barred from is not there."""
    statement = select(col(ReviewTask.id), col(ReviewTask.partner_id), col(ReviewTask.lane)).where(
        col(ReviewTask.id).in_(chosen), conflicts.clear_of(actor, col(ReviewTask.partner_id))
    )
    known = {row.id: row for row in await session.execute(statement)}
    if not known:
        found(None, "review task")
    for task_id in chosen:
        if task_id in known:
            one = known[task_id]
            session.add(BulkRow(partner_id=one.partner_id, action_id=action.id, task_id=task_id, lane=one.lane))
    await session.flush()
    return len(known)


async def enqueue_lost(session: AsyncSession, actor: Actor) -> None:
    """Go on with actions whose job was lost."""
    actor.require(Permission.SYSTEM)
    await bulk_walks.enqueue_lost(session)


async def step(session: AsyncSession, actor: Actor, action_id: UUID) -> bool:
    """Do the next row of an action; answers False when there is none.

    The action's row is locked, so that two workers never go through it at once, and an undo waits for one row only.
    """
    actor.require(Permission.SYSTEM)
    action = await bulk_walks.locked(session, action_id)
    return await bulk_walks.step(session, actor, action, WAY if action.partner_id is None else document_actions.WAY)


async def _refuse_waiting(session: AsyncSession, task_id: UUID) -> None:
    """Leave alone what waits for a moment or for an answer: taking it back could not restore that."""
    task = await review_tasks.locked(session, task_id)
    if task.status == TaskStatus.ON_HOLD:
        raise Conflict("It is on hold. Open it to decide.", code="on_hold")


async def _sign(session: AsyncSession, person: Actor, action: BulkAction, row: BulkRow) -> None:
    """Claim and sign one task as the person who pressed.

    Raises as `review_claims.start` and `decisions.sign` do, and Conflict for a task that has moved on.
    """
    task_id = found(row.task_id, "review task")
    await _refuse_waiting(session, task_id)
    task = await review_claims.start(session, person, task_id)
    if task.lane != row.lane:
        raise Conflict("It has gone to another queue since you chose it. Look at it first.", code="moved_on")
    await blindness.refuse(session, person.id, task.document_id)
    texts, outcome = await bulk_texts.read(action), Outcome(action.outcome)
    verdict = await decisions.sign(
        session, person, task_id, outcome=outcome, reasons=action.reasons, version=task.version,
        note=texts.note, message=texts.message,
    )  # fmt: skip
    row.verdict_id = verdict.id


WAY = Way(_sign)


async def stop(session: AsyncSession, actor: Actor, action_id: UUID) -> BulkAction:
    """Leave what waits alone; what was signed stands.

    Raises NotFound for another's action.
    """
    action = await bulk_walks.own(session, review_tasks.reviewer(actor), action_id)
    if action.status == BulkStatus.RUNNING:
        await bulk_walks.finish(session, actor, action, BulkStatus.STOPPED)
    return action


async def undo_all(session: AsyncSession, actor: Actor, action_id: UUID) -> tuple[int, int]:
    """Stop, and take back every verdict that is not final yet; answers how many were, and how many were too late.

    Raises NotFound for another's action.
    """
    action = await stop(session, actor, action_id)
    statement = (
        select(BulkRow)
        .where(col(BulkRow.action_id) == action_id, col(BulkRow.status) == RowStatus.DONE)
        .order_by(col(BulkRow.task_id))
    )
    taken = late = 0
    for row in (await session.execute(statement)).scalars().all():
        try:
            async with session.begin_nested():
                task = await decisions.undo(session, actor, found(row.verdict_id, "verdict"))
                await review_claims.release(session, actor, task.id)
            row.status, taken = RowStatus.UNDONE, taken + 1
        except BackofficeError:
            late += 1
    await session.flush()
    await bulk_walks.record(session, actor, action, "undone", undone=taken, too_late=late)
    live.announce(session, review_tasks.QUEUE)
    return taken, late


async def newest(session: AsyncSession, actor: Actor) -> BulkAction | None:
    """Read the actor's last action, if it was today."""
    return await bulk_walks.newest(session, review_tasks.reviewer(actor))


async def progress(session: AsyncSession, actor: Actor, action_id: UUID) -> BulkProgress:
    """Say how far one's own action has come, and what was left alone and why.

    Raises NotFound for another's.
    """
    action = await bulk_walks.own(session, review_tasks.reviewer(actor), action_id, lock=False)
    last = (
        select(func.max(col(ReviewTask.verdict_final_at)))
        .join(BulkRow, col(BulkRow.verdict_id) == col(ReviewTask.verdict_id))
        .where(col(BulkRow.action_id) == action_id, col(BulkRow.status) == RowStatus.DONE)
        .where(col(ReviewTask.verdict_final_at) > now())
    )
    return BulkProgress(
        action,
        await bulk_walks.counts(session, action_id),
        await _skipped(session, actor, action_id),
        (await session.execute(last)).scalar_one_or_none(),
    )


async def _skipped(session: AsyncSession, actor: Actor, action_id: UUID) -> tuple[Skipped, ...]:
    statement = (
        select(col(Document.external_id), col(Document.id), col(BulkRow.refusal))
        .join(ReviewTask, col(ReviewTask.id) == col(BulkRow.task_id))
        .join(Document, col(Document.id) == col(ReviewTask.document_id))
        .where(col(BulkRow.action_id) == action_id, col(BulkRow.status) == RowStatus.SKIPPED)
        .where(conflicts.clear_of(actor, col(BulkRow.partner_id)))
        .order_by(col(BulkRow.id))
        .limit(SHOWN)
    )
    return tuple(
        Skipped(row[0] or public_id(Prefix.DOCUMENT, row[1]), row[2]) for row in await session.execute(statement)
    )
