"""Bulk actions: one verdict on many tasks, each signed as a person at the desk would sign it, never by a side door.

A job claims and signs task by task, each in a transaction of its own together with its row: what a killed worker did is
done, the rest waits, and nothing is signed twice. What the person may not decide, or somebody else has taken, is
skipped with the sentence that the desk would show. Every verdict has the same undo window as any other.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.errors import BackofficeError, Conflict, Invalid, NotAllowed, Unavailable
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
from backoffice.models.members import Member, Role
from backoffice.models.review_tasks import Outcome, ReviewTask, TaskStatus
from backoffice.services import (
    audit,
    blindness,
    bulk_texts,
    conflicts,
    decision_texts,
    decisions,
    review_claims,
    review_tasks,
)
from backoffice.services import reasons as catalogue
from backoffice.services.access import Actor, Permission, found
from backoffice.services.bulk_texts import Texts

JOB = "review.bulk"
LATE = timedelta(minutes=1)
SHOWN = 50
SWEEP = 20
OUTCOMES = (Outcome.REJECTED, Outcome.RESUBMISSION_REQUESTED)


def topic(action_id: UUID) -> str:
    """Name what changes with the progress of an action."""
    return f"bulk:{action_id}"


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
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return await _same_press(session, member_id, press.key)
    row.total = await _add_rows(session, actor, row, chosen)
    await session.flush()
    await _record(session, actor, row, "started", tasks=row.total, reasons=codes)
    await _enqueue(session, row.id)
    return row


def _refuse(press: Press, count: int) -> None:
    if press.outcome not in OUTCOMES:
        raise Invalid("Documents are approved one by one.", code="outcome_not_allowed", pointer="/outcome")
    if not 1 <= count <= MOST_TASKS:
        raise Invalid(f"From 1 to {MOST_TASKS} tasks at a time.", code="too_many", pointer="/tasks")
    decision_texts.refuse_note(press.texts.note)
    decision_texts.refuse_message(press.outcome, press.texts.message)


async def _same_press(session: AsyncSession, member_id: UUID, key: UUID) -> BulkAction:
    statement = select(BulkAction).where(col(BulkAction.started_by) == member_id, col(BulkAction.press) == key)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise Conflict("Your last bulk action is still running. Wait for its end, or stop it.", code="bulk_runs")
    return row


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


async def _enqueue(session: AsyncSession, action_id: UUID) -> None:
    await job_queue.enqueue(session, JOB, {"action_id": str(action_id)}, dedupe_key=f"{JOB}:{action_id}")


async def enqueue_lost(session: AsyncSession, actor: Actor) -> None:
    """Go on with actions whose job was lost."""
    actor.require(Permission.SYSTEM)
    statement = select(col(BulkAction.id)).where(
        col(BulkAction.status) == BulkStatus.RUNNING, col(BulkAction.created_at) < now() - LATE
    )
    for action_id in (await session.execute(statement.limit(SWEEP))).scalars():
        await _enqueue(session, action_id)


async def step(session: AsyncSession, actor: Actor, action_id: UUID) -> bool:
    """Decide the next task of an action; answers False when there is none.

    The action's row is locked, so that two workers never go through it at once, and an undo waits for one task only.
    """
    actor.require(Permission.SYSTEM)
    action = await _locked(session, action_id)
    if action.status != BulkStatus.RUNNING:
        return False
    statement = (
        select(BulkRow)
        .where(col(BulkRow.action_id) == action_id, col(BulkRow.status) == RowStatus.WAITING)
        .order_by(col(BulkRow.id))
        .limit(1)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        await _finish(session, actor, action, BulkStatus.DONE)
        return False
    try:
        async with session.begin_nested():
            verdict_id = await _sign(session, action, row)
        row.status, row.verdict_id = RowStatus.DONE, verdict_id
    except Unavailable:
        raise  # the key service is away: the job comes again
    except BackofficeError as error:
        row.status, row.refusal = RowStatus.SKIPPED, str(error)
    await session.flush()
    live.announce(session, topic(action_id))
    return True


async def _refuse_waiting(session: AsyncSession, task_id: UUID) -> None:
    """Leave alone what waits for a moment or for an answer: taking it back could not restore that."""
    task = await review_tasks.locked(session, task_id)
    if task.status == TaskStatus.ON_HOLD:
        raise Conflict("It is on hold. Open it to decide.", code="on_hold")


async def _sign(session: AsyncSession, action: BulkAction, row: BulkRow) -> UUID:
    """Claim and sign one task as the person who pressed, with what they may do now.

    Raises as `review_claims.start` and `decisions.sign` do, and Conflict for a task that has moved on.
    """
    person = await _person(session, action)
    await _refuse_waiting(session, row.task_id)
    task = await review_claims.start(session, person, row.task_id)
    if task.lane != row.lane:
        raise Conflict("It has gone to another queue since you chose it. Look at it first.", code="moved_on")
    await blindness.refuse(session, person.id, task.document_id)
    texts, outcome = await bulk_texts.read(action), Outcome(action.outcome)
    verdict = await decisions.sign(
        session, person, row.task_id, outcome=outcome, reasons=action.reasons, version=task.version,
        note=texts.note, message=texts.message,
    )  # fmt: skip
    return verdict.id


async def _person(session: AsyncSession, action: BulkAction) -> Actor:
    member = await session.get(Member, action.started_by)
    if member is None or member.disabled_at is not None:
        raise NotAllowed("The account that started this was closed.", code="account_closed")
    return Actor.member(
        id=member.id,
        name=member.name,
        role=Role(member.role),
        partner_id=member.partner_id,
        session_id=action.session_id,
        ip=action.ip,
        request_id=action.request_id,
    )


async def stop(session: AsyncSession, actor: Actor, action_id: UUID) -> BulkAction:
    """Leave what waits alone; what was signed stands.

    Raises NotFound for another's action.
    """
    action = await _own(session, actor, action_id)
    if action.status == BulkStatus.RUNNING:
        await _finish(session, actor, action, BulkStatus.STOPPED)
    return action


async def undo_all(session: AsyncSession, actor: Actor, action_id: UUID) -> tuple[int, int]:
    """Stop, and take back every verdict that is not final yet; answers how many were, and how many were too late.

    Raises NotFound for another's action.
    """
    action = await _own(session, actor, action_id)
    if action.status == BulkStatus.RUNNING:
        await _finish(session, actor, action, BulkStatus.STOPPED)
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
    await _record(session, actor, action, "undone", undone=taken, too_late=late)
    live.announce(session, topic(action_id), review_tasks.QUEUE)
    return taken, late


async def newest(session: AsyncSession, actor: Actor) -> BulkAction | None:
    """Read the actor's last action, if it was today."""
    member_id = review_tasks.reviewer(actor)
    statement = select(BulkAction).where(
        col(BulkAction.started_by) == member_id, col(BulkAction.created_at) > now() - timedelta(days=1)
    )
    return (await session.execute(statement.order_by(col(BulkAction.id).desc()).limit(1))).scalar_one_or_none()


async def progress(session: AsyncSession, actor: Actor, action_id: UUID) -> BulkProgress:
    """Say how far one's own action has come, and what was left alone and why.

    Raises NotFound for another's.
    """
    action = await _own(session, actor, action_id, lock=False)
    mine = col(BulkRow.action_id) == action_id
    statement = select(col(BulkRow.status), func.count()).where(mine).group_by(col(BulkRow.status))
    counts = Counter({RowStatus(row[0]): row[1] for row in await session.execute(statement)})
    last = (
        select(func.max(col(ReviewTask.verdict_final_at)))
        .join(BulkRow, col(BulkRow.verdict_id) == col(ReviewTask.verdict_id))
        .where(mine, col(BulkRow.status) == RowStatus.DONE, col(ReviewTask.verdict_final_at) > now())
    )
    return BulkProgress(
        action, counts, await _skipped(session, actor, action_id), (await session.execute(last)).scalar_one_or_none()
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


async def _own(session: AsyncSession, actor: Actor, action_id: UUID, *, lock: bool = True) -> BulkAction:
    member_id = review_tasks.reviewer(actor)
    statement = select(BulkAction).where(col(BulkAction.id) == action_id, col(BulkAction.started_by) == member_id)
    statement = statement.with_for_update() if lock else statement
    row = await session.execute(statement.execution_options(populate_existing=True))
    return found(row.scalar_one_or_none(), "bulk action")


async def _locked(session: AsyncSession, action_id: UUID) -> BulkAction:
    statement = select(BulkAction).where(col(BulkAction.id) == action_id).with_for_update()
    row = await session.execute(statement.execution_options(populate_existing=True))
    return found(row.scalar_one_or_none(), "bulk action")


async def _finish(session: AsyncSession, actor: Actor, action: BulkAction, status: BulkStatus) -> None:
    action.status, action.finished_at = status, now()
    bulk_texts.forget(action)
    await session.flush()
    statement = select(col(BulkRow.status), func.count()).where(col(BulkRow.action_id) == action.id)
    counts = {row[0]: row[1] for row in await session.execute(statement.group_by(col(BulkRow.status)))}
    await _record(session, actor, action, status, **counts)


async def _record(session: AsyncSession, actor: Actor, action: BulkAction, what: str, **changes: object) -> None:
    await audit.record(
        session,
        actor,
        f"bulk_action.{what}",
        subject_type="bulk_action",
        subject_id=action.id,
        changes={"outcome": action.outcome, **changes},
    )
    live.announce(session, topic(action.id))
