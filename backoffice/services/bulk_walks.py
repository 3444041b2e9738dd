"""The walk of a bulk action from row to row, the same for verdicts and for what partners do to their documents.

Each row is a transaction of its own together with what is done to it: what a killed worker did is done, the rest
waits, and nothing is done twice. What cannot be done is skipped with the sentence that the person would read.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.errors import BackofficeError, Conflict, NotAllowed, Unavailable
from backoffice.models.bulk_actions import UNDER_WAY, BulkAction, BulkRow, BulkStatus, RowStatus
from backoffice.models.members import Member
from backoffice.services import audit, bulk_texts
from backoffice.services.access import Actor, found

JOB = "bulk"
LATE = timedelta(minutes=1)
SHOWN = 50
SWEEP = 20


@dataclass(frozen=True, slots=True)
class Way:
    """How a row is done and taken back, as the person who pressed; both raise what the person would read."""

    do: Callable[[AsyncSession, Actor, BulkAction, BulkRow], Awaitable[None]]
    undo: Callable[[AsyncSession, Actor, BulkAction, BulkRow], Awaitable[None]] | None = None


def topic(action_id: UUID) -> str:
    """Name what changes with the progress of an action."""
    return f"bulk:{action_id}"


async def open_(session: AsyncSession, action: BulkAction) -> BulkAction | None:
    """Write a new action down; answers the earlier one when its press was pressed before.

    Raises Conflict while another action of this person is under way.
    """
    try:
        async with session.begin_nested():
            session.add(action)
    except IntegrityError:
        statement = select(BulkAction).where(
            col(BulkAction.started_by) == action.started_by, col(BulkAction.press) == action.press
        )
        row = (await session.execute(statement)).scalar_one_or_none()
        if row is None:
            raise busy() from None
        return row
    return None


def busy() -> Conflict:
    """Say that a person has one action at a time."""
    return Conflict("Your last bulk action is still running. Wait for its end, or stop it.", code="bulk_runs")


async def enqueue(session: AsyncSession, action: BulkAction) -> None:
    """Let a job walk an action; partners' have a name of their own, of which few run at once."""
    arguments, key = {"action_id": str(action.id)}, f"{JOB}:{action.id}"
    if action.partner_id is None:
        await job_queue.enqueue(session, "review.bulk", arguments, dedupe_key=key)
    else:
        await job_queue.enqueue(session, "document.bulk", arguments, dedupe_key=key)


async def enqueue_lost(session: AsyncSession) -> None:
    """Go on with actions whose job was lost."""
    statement = (
        select(BulkAction)
        .where(col(BulkAction.status).in_(UNDER_WAY), col(BulkAction.created_at) < now() - LATE)
        .where(job_queue.not_waiting(literal(f"{JOB}:") + cast(col(BulkAction.id), Text)))
        .order_by(col(BulkAction.id))
        .limit(SWEEP)
    )
    for action in (await session.execute(statement)).scalars():
        await enqueue(session, action)


async def step(session: AsyncSession, actor: Actor, action: BulkAction, way: Way) -> bool:
    """Do the next row of a locked action, or take it back; answers False when there is none."""
    if action.status not in UNDER_WAY:
        return False
    is_undo = action.status == BulkStatus.UNDOING
    row = await _next(session, action, RowStatus.DONE if is_undo else RowStatus.WAITING)
    act = way.undo if is_undo else way.do
    if row is None or act is None:
        await finish(session, actor, action, BulkStatus.DONE)
        return False
    try:
        async with session.begin_nested():
            await act(session, await _person(session, action), action, row)
            row.status = RowStatus.UNDONE if is_undo else RowStatus.DONE
            await session.flush()
    except Unavailable:
        raise  # the key service is away: the job comes again
    except BackofficeError as error:
        row.status, row.refusal = RowStatus.SKIPPED, str(error)
        await session.flush()
    live.announce(session, topic(action.id))
    return True


async def _next(session: AsyncSession, action: BulkAction, status: RowStatus) -> BulkRow | None:
    statement = select(BulkRow).where(col(BulkRow.action_id) == action.id, col(BulkRow.status) == status)
    return (await session.execute(statement.order_by(col(BulkRow.id)).limit(1))).scalar_one_or_none()


async def _person(session: AsyncSession, action: BulkAction) -> Actor:
    """Answer who pressed, with what they may do now."""
    member = await session.get(Member, action.started_by)
    if member is None or member.disabled_at is not None or action.partner_id not in {None, member.partner_id}:
        raise NotAllowed("The account that started this was closed.", code="account_closed")
    return Actor.of(member, session_id=action.session_id, ip=action.ip, request_id=action.request_id)


async def own(session: AsyncSession, member_id: UUID, action_id: UUID, *, lock: bool = True) -> BulkAction:
    """Find one's own action.

    Raises NotFound for another's.
    """
    statement = select(BulkAction).where(col(BulkAction.id) == action_id, col(BulkAction.started_by) == member_id)
    statement = statement.with_for_update() if lock else statement
    row = await session.execute(statement.execution_options(populate_existing=True))
    return found(row.scalar_one_or_none(), "bulk action")


async def newest(session: AsyncSession, member_id: UUID) -> BulkAction | None:
    """Read somebody's last action, if it was today."""
    statement = select(BulkAction).where(
        col(BulkAction.started_by) == member_id, col(BulkAction.created_at) > now() - timedelta(days=1)
    )
    return (await session.execute(statement.order_by(col(BulkAction.id).desc()).limit(1))).scalar_one_or_none()


async def locked(session: AsyncSession, action_id: UUID) -> BulkAction:
    """Lock an action, so that two workers never walk it at once."""
    statement = select(BulkAction).where(col(BulkAction.id) == action_id).with_for_update()
    row = await session.execute(statement.execution_options(populate_existing=True))
    return found(row.scalar_one_or_none(), "bulk action")


async def counts(session: AsyncSession, action_id: UUID) -> Counter[RowStatus]:
    """Count what became of the rows."""
    statement = select(col(BulkRow.status), func.count()).where(col(BulkRow.action_id) == action_id)
    rows = await session.execute(statement.group_by(col(BulkRow.status)))
    return Counter({RowStatus(row[0]): row[1] for row in rows})


async def finish(session: AsyncSession, actor: Actor, action: BulkAction, status: BulkStatus) -> None:
    """End a walk, and forget what was written for it."""
    action.status, action.finished_at = status, now()
    bulk_texts.forget(action)
    await session.flush()
    await record(session, actor, action, status, **await counts(session, action.id))


async def record(session: AsyncSession, actor: Actor, action: BulkAction, what: str, **changes: object) -> None:
    """Write an entry about an action, and wake who watches it."""
    await audit.record(
        session,
        actor,
        f"bulk_action.{what}",
        subject_type="bulk_action",
        subject_id=action.id,
        partner_id=action.partner_id,
        changes={"outcome": action.outcome, **changes},
    )
    live.announce(session, topic(action.id))
