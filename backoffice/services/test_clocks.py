"""Test clocks: a partner's test data lives ahead of the present by as much as the partner has moved it, never back.

Going back is not offered: what was made meanwhile would lie in the future, below newer rows in every list and out of
reach of every deadline.
"""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, case, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.adapters import job_queue, live
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.partners import Partner
from backoffice.services import audit
from backoffice.services.access import Actor, Permission

MOST_AT_ONCE = timedelta(days=90)
MOST = timedelta(days=3_650)
"""In all: beyond it every specimen has expired, and one partner's number must not make dates overflow for all."""
CATCH_UP_JOB = "test_clock.catch_up"
KNOWN = "test_clocks"
"""What a transaction has read of them already."""


def require_test(actor: Actor) -> UUID:
    """Answer the partner whose test data this is about.

    Raises NotAllowed with the code `test_only` for everybody but a test key.
    """
    if actor.livemode is not False:
        raise NotAllowed("This works with test keys and on test data only.", code="test_only")
    return actor.require_partner()


async def read(session: AsyncSession, actor: Actor) -> timedelta:
    """Say how far the actor's test data lives ahead of the present."""
    actor.require(Permission.DOCUMENTS_READ)
    return await lead(session, require_test(actor), livemode=False)


async def advance(session: AsyncSession, actor: Actor, by: timedelta) -> timedelta:
    """Move the time of the actor's test data on, and let what became due happen; answers how far it is ahead now.

    Raises Invalid when it would be too far ahead in all.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    partner_id, seconds = require_test(actor), int(by.total_seconds())
    if not 1 <= seconds <= MOST_AT_ONCE.total_seconds():
        raise Invalid(f"From 1 second to {MOST_AT_ONCE.days} days.", code="out_of_range", pointer="/seconds")
    moved = col(Partner.test_clock_seconds) + seconds
    statement = (
        update(Partner)
        .where(col(Partner.id) == partner_id, moved <= int(MOST.total_seconds()))
        .values(test_clock_seconds=moved)
        .returning(col(Partner.test_clock_seconds))
        .execution_options(synchronize_session=False)
    )
    ahead = (await session.execute(statement)).scalar_one_or_none()
    if ahead is None:
        raise Invalid(f"A test clock goes {MOST.days} days ahead at most.", code="out_of_range", pointer="/seconds")
    _known(session)[partner_id] = timedelta(seconds=ahead)
    await audit.record(
        session,
        actor,
        "test_clock.advanced",
        subject_type="partner",
        subject_id=partner_id,
        changes={"seconds": seconds, "ahead_seconds": ahead},
    )
    await job_queue.enqueue(session, CATCH_UP_JOB, {})
    live.announce(session, "deliveries:due", f"partner:{partner_id}")
    return timedelta(seconds=ahead)


async def lead(session: AsyncSession, partner_id: UUID, *, livemode: bool) -> timedelta:
    """Say how far a partner's data lives ahead of the present; live data never does. Asked once per transaction."""
    if livemode:
        return timedelta()
    known = _known(session)
    if partner_id not in known:
        statement = select(col(Partner.test_clock_seconds)).where(col(Partner.id) == partner_id)
        with session.no_autoflush:
            known[partner_id] = timedelta(seconds=(await session.execute(statement)).scalar_one())
    return known[partner_id]


def _known(session: AsyncSession) -> dict[UUID, timedelta]:
    return session.info.setdefault(KNOWN, {})


async def time_of(session: AsyncSession, partner_id: UUID, *, livemode: bool) -> AbstractContextManager[None]:
    """Let a block live in the time of this data, for those who come from elsewhere: workers, staff, sweeps."""
    return clock.shifted(await lead(session, partner_id, livemode=livemode))


def lead_for(livemode: SQLColumnExpression[bool]) -> ColumnElement[timedelta]:
    """Say the same in SQL for each row; its partner is joined."""
    return case((livemode, literal(timedelta())), else_=col(Partner.test_clock_seconds) * literal(timedelta(seconds=1)))


def now_for(livemode: SQLColumnExpression[bool]) -> ColumnElement[datetime]:
    """Say in SQL what time it is for a row; its partner is joined."""
    return literal(clock.now()) + lead_for(livemode)
