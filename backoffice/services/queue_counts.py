"""Counts of the queue: one pass over the open tasks for everybody, from which each reviewer's own totals are summed.

A screen may keep what was counted for a second and share it with every other screen (`state/review/numbers`), so that
a busy queue is counted once a second and process, however many look at it.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.base import floor_id
from backoffice.models.partners import Partner
from backoffice.models.review_counts import Choices, Counted, Standing, Totals, View
from backoffice.models.review_tasks import DeciderType, Decision, ReviewTask
from backoffice.services import conflicts, test_clocks
from backoffice.services.access import Actor, Permission
from backoffice.services.review_queue import EVERYTHING, Filter, condition, narrowed, wanted
from backoffice.services.review_tasks import is_open

SHARED = tuple(view for view in View if view != View.MINE)
MOST_CHOICES = 30
PACE_SPAN = timedelta(hours=1)
_THIS_MOMENT = timedelta(seconds=1)
"""Decisions dated later were made on a test clock."""


async def count(session: AsyncSession, actor: Actor, *, by: Filter = EVERYTHING, q: str = "") -> Counted:
    """Count the open tasks of every partner by view, in one pass."""
    actor.require(Permission.QUEUE_READ)
    columns: list[Any] = [col(ReviewTask.partner_id).label("partner_id")]
    columns += [func.count().filter(condition(view, actor)).label(view) for view in SHARED]
    waits_since: Any = func.min(col(ReviewTask.created_at) - test_clocks.lead_for(col(ReviewTask.livemode)))
    oldest: Any = waits_since.filter(condition(View.UNASSIGNED, actor)).label("oldest")
    statement = (
        select(*columns, oldest)
        .join(Partner, col(Partner.id) == col(ReviewTask.partner_id))
        .where(is_open(), *narrowed(by, q))
        .group_by(col(ReviewTask.partner_id))
    )
    rows = (await session.execute(statement)).mappings().all()
    standings = [Standing(row["partner_id"], {view: row[view] for view in SHARED}, row["oldest"]) for row in rows]
    return Counted(standings, await _decided(session))


async def _decided(session: AsyncSession) -> int:
    statement = (
        select(func.count())
        .select_from(Decision)
        .where(col(Decision.id) >= floor_id(now() - PACE_SPAN), col(Decision.id) < floor_id(now() + _THIS_MOMENT))
        .where(col(Decision.decided_by_type) == DeciderType.REVIEWER)
    )
    return (await session.execute(statement)).scalar_one()


async def choices(session: AsyncSession, actor: Actor) -> Choices:
    """Name what the queue can be narrowed by: what most of the open tasks have."""
    actor.require(Permission.QUEUE_READ)
    partner, flag = col(ReviewTask.partner_id), func.unnest(col(ReviewTask.flags))
    ids = await _most(session, partner)
    names = select(col(Partner.id), col(Partner.name)).where(col(Partner.id).in_(ids)).order_by(col(Partner.name))
    return Choices(
        partners=tuple((row[0], row[1]) for row in await session.execute(names)),
        countries=tuple(sorted(await _most(session, col(ReviewTask.issuing_country)))),
        flags=tuple(await _most(session, flag)),
    )


async def including(session: AsyncSession, actor: Actor, found: Choices, by: Filter) -> Choices:
    """Add the partner that the filter names, when too few open tasks are theirs to be offered."""
    actor.require(Permission.QUEUE_READ)
    if by.partner_id is None or any(key == by.partner_id for key, _ in found.partners):
        return found
    named = select(col(Partner.id), col(Partner.name)).where(col(Partner.id) == by.partner_id)
    return replace(found, partners=(*found.partners, *((row[0], row[1]) for row in await session.execute(named))))


async def _most(session: AsyncSession, column: Any) -> list[Any]:  # noqa: ANN401 a column or a set of values
    statement: Any = (
        select(column.label("value"), func.count().label("amount"))
        .where(is_open())
        .group_by("value")
        .order_by(func.count().desc())
        .limit(MOST_CHOICES)
    )
    return [row.value for row in await session.execute(statement) if row.value]


async def totals(
    session: AsyncSession, actor: Actor, *, by: Filter = EVERYTHING, q: str = "", counted: Counted | None = None
) -> Totals:
    """Sum up what the actor may see; what is barred is not counted."""
    counted = counted or await count(session, actor, by=by, q=q)
    hidden = await conflicts.barred(session, actor.id)
    seen = [one for one in counted.standings if one.partner_id not in hidden]
    by_view = {view: sum(one.by_view[view] for one in seen) for view in SHARED}
    mine = wanted(select(func.count()), actor, View.MINE, by, q)
    by_view[View.MINE] = (await session.execute(mine)).scalar_one()
    oldest = min((one.oldest for one in seen if one.oldest), default=None)
    left = by_view[View.ALL] - by_view[View.ON_HOLD]
    pace = counted.decided_last_hour / PACE_SPAN.total_seconds()
    return Totals(by_view, oldest, left / pace if pace else None)
