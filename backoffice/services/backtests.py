"""Back-tests: stored checks of the past are ruled again under a draft, to see what would change before it does.

A back-test is walked in slices, oldest document first; each slice writes what it counted together with how far it
came, so that one that dies goes on where it stopped and counts every document once.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid
from backoffice.models import policy_counts
from backoffice.models.base import floor_id
from backoffice.models.documents import Check, Document
from backoffice.models.policies import Backtest, BacktestStatus
from backoffice.models.policy_counts import Summary, Tally
from backoffice.screening import policy_rulings
from backoffice.services import audit, past_rulings, policies, rulings
from backoffice.services.access import Actor, ActorType, Permission, found

JOB = "policy.backtest"
TOPIC = "backtests"
SLICE = 500
MOST_DAYS = 366
LATE = timedelta(minutes=1)
KEPT = 20


async def begin(  # noqa: PLR0913 what is tried, on what, by whom
    session: AsyncSession,
    actor: Actor,
    *,
    source: str,
    days: int,
    partner_id: UUID | None = None,
    version_id: UUID | None = None,
    is_queued: bool = True,
) -> Backtest:
    """Start a back-test of a wording over the last days, live documents only; a job walks it unless the caller does.

    Raises Invalid for a wrong wording or span, Conflict while the version is being back-tested.
    """
    actor.require(Permission.POLICIES_WRITE)
    if version_id:
        await _refuse_second(session, actor, version_id)
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"From 1 to {MOST_DAYS} days.", code="out_of_range", pointer="/days")
    await policies.read(session, source)
    until = now()
    row = Backtest(
        version_id=version_id,
        partner_id=partner_id,
        source=source,
        since=until - timedelta(days=days),
        until=until,
        started_by=actor.id if actor.type == ActorType.MEMBER else None,
    )
    row.total = (await session.execute(select(func.count()).select_from(Document).where(_covered(row)))).scalar_one()
    session.add(row)
    await session.flush()
    await _record(session, actor, row, "started")
    if is_queued:
        await _enqueue(session, row.id)
    return row


async def _refuse_second(session: AsyncSession, actor: Actor, version_id: UUID) -> None:
    """Keep a version to one back-test at a time: the page shows the newest and can stop that one only."""
    await policies.get(session, actor, version_id, lock=True)
    running = select(col(Backtest.id)).where(
        col(Backtest.version_id) == version_id, col(Backtest.status) == BacktestStatus.RUNNING
    )
    if (await session.execute(running.limit(1))).first():
        message = "This version is being back-tested already. Wait for the end, or stop it."
        raise Conflict(message, code="backtest_runs")


async def _enqueue(session: AsyncSession, backtest_id: UUID) -> None:
    await job_queue.enqueue(session, JOB, {"backtest_id": str(backtest_id)}, dedupe_key=f"{JOB}:{backtest_id}")


def _covered(row: Backtest) -> ColumnElement[bool]:
    """Say which documents are replayed: live ones of the span that were screened."""
    screened = exists().where(col(Check.document_id) == col(Document.id))
    span = and_(col(Document.id) >= floor_id(row.since), col(Document.id) < floor_id(row.until))
    covered = and_(span, col(Document.livemode), screened)
    return and_(covered, col(Document.partner_id) == row.partner_id) if row.partner_id else covered


async def advance(session: AsyncSession, actor: Actor, backtest_id: UUID, *, limit: int = SLICE) -> Backtest:
    """Rule the next slice and add it to the tally; a finished or canceled one stays as it is."""
    actor.require(Permission.SYSTEM)
    row = await _locked(session, backtest_id)
    if row.status != BacktestStatus.RUNNING:
        return row
    statement = select(Document).where(_covered(row)).order_by(col(Document.id)).limit(limit)
    if row.cursor:
        statement = statement.where(col(Document.id) > row.cursor)
    documents = list((await session.execute(statement)).scalars())
    tally = Tally.model_validate(row.tally)
    policy = rulings.wording(row.source)
    for one in await past_rulings.of(session, documents):
        ruling = policy_rulings.rule(policy, one.facts)
        tally.add(one.past, ruling.outcome, ruling.rule)
    row.cursor = documents[-1].id if documents else row.cursor
    row.done += len(documents)
    row.total = max(row.total, row.done)
    row.tally = tally.model_dump(mode="json")
    if len(documents) < limit:
        row.status, row.finished_at, row.total = BacktestStatus.DONE, now(), row.done
    await session.flush()
    live.announce(session, TOPIC)
    return row


async def _locked(session: AsyncSession, backtest_id: UUID) -> Backtest:
    statement = select(Backtest).where(col(Backtest.id) == backtest_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return found(row, "back-test")


async def get(session: AsyncSession, actor: Actor, backtest_id: UUID) -> Backtest:
    """Find one back-test.

    Raises NotFound.
    """
    actor.require(Permission.POLICIES_READ)
    return found(await session.get(Backtest, backtest_id), "back-test")


async def newest(session: AsyncSession, actor: Actor, version_id: UUID) -> Backtest | None:
    """Read the last back-test of a version."""
    actor.require(Permission.POLICIES_READ)
    statement = select(Backtest).where(col(Backtest.version_id) == version_id)
    return (await session.execute(statement.order_by(col(Backtest.id).desc()).limit(1))).scalar_one_or_none()


async def cancel(session: AsyncSession, actor: Actor, backtest_id: UUID) -> Backtest:
    """Stop a back-test where it is; what it counted so far stays.

    Raises Conflict when it has ended.
    """
    actor.require(Permission.POLICIES_WRITE)
    row = await _locked(session, backtest_id)
    if row.status != BacktestStatus.RUNNING:
        raise Conflict("This back-test has ended already.", code="already_ended")
    row.status, row.finished_at = BacktestStatus.CANCELED, now()
    await session.flush()
    await _record(session, actor, row, "canceled")
    return row


async def summary(session: AsyncSession, actor: Actor, row: Backtest) -> Summary:
    """Read a tally as people do: what moves, how often people agree, how many hours it saves."""
    actor.require(Permission.POLICIES_READ)
    typical = await past_rulings.typical_seconds(session, since=row.since, until=row.until, partner_id=row.partner_id)
    return policy_counts.summary(Tally.model_validate(row.tally), typical)


async def enqueue_lost(session: AsyncSession, actor: Actor) -> None:
    """Go on with back-tests whose job was lost."""
    actor.require(Permission.SYSTEM)
    statement = select(col(Backtest.id)).where(
        col(Backtest.status) == BacktestStatus.RUNNING, col(Backtest.created_at) < now() - LATE
    )
    for backtest_id in (await session.execute(statement.limit(KEPT))).scalars():
        await _enqueue(session, backtest_id)


async def _record(session: AsyncSession, actor: Actor, row: Backtest, what: str) -> None:
    await audit.record(
        session,
        actor,
        f"backtest.{what}",
        subject_type="backtest",
        subject_id=row.id,
        partner_id=row.partner_id,
        changes={"since": row.since.isoformat(), "until": row.until.isoformat(), "documents": row.total},
    )
    live.announce(session, TOPIC)
