"""The queue as reviewers see it: what waits, in which order, who has it; `queue_counts` says how much."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner, Plan
from backoffice.models.review_counts import View
from backoffice.models.review_priorities import Risk
from backoffice.models.review_tasks import Decision, ReviewTask, TaskStatus
from backoffice.services import conflicts, documents, regions, test_clocks
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import Page, cut, read_cursor
from backoffice.services.review_tasks import ORDER, is_open, reviewer

PAGE_SIZE = 50
DUE_SOON = timedelta(minutes=30)
Statement = Any
"""A `Select` of any width: which columns it reads is for its caller to know."""
ASIDE = (TaskStatus.ON_HOLD, TaskStatus.ESCALATED)


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows any view; the fields that are given must all hold."""

    partner_id: UUID | None = None
    document_type: str | None = None
    country: str | None = None
    flag: str | None = None
    plan: Plan | None = None
    risk: Risk | None = None
    assignee: UUID | None = None
    region: str = ""
    q: str = ""
    """A document's id, or the start of the partner's own."""


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One waiting task with what its row shows."""

    task: ReviewTask
    document: Document
    partner: str
    plan: str
    holder: str
    """Who works on it now; empty when nobody does."""
    assignee: str
    """Whose it is to be."""
    ahead: timedelta = timedelta()
    """How far the document lives ahead of its reviewer."""

    @property
    def id(self) -> UUID:
        """The key that pages are cut by."""
        return self.task.id


@dataclass(frozen=True, slots=True)
class Pace:
    """One reviewer's day so far; the median is in seconds and None before the first decision."""

    decided: int
    median_seconds: float | None


async def page(  # noqa: PLR0913 what to list and where to go on
    session: AsyncSession,
    actor: Actor,
    view: View = View.ALL,
    *,
    by: Filter = EVERYTHING,
    q: str = "",
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[QueueItem]:
    """List waiting tasks, most urgent first.

    `q` finds by document id or the start of the partner's own id. Raises Invalid for a foreign cursor, and with the
    code `crosses_regions` for a text that would be looked for in several regions.
    """
    await _refuse_crossing(session, actor, by, q)
    chosen = wanted(select(col(ReviewTask.id)), actor, view, by, q)
    after = read_cursor(Prefix.REVIEW_TASK, cursor)
    if after:
        last = select(*ORDER).where(col(ReviewTask.id) == after).scalar_subquery()
        chosen = chosen.where(tuple_(*ORDER) > last)
    chosen = chosen.order_by(*ORDER).limit(limit + 1)
    return cut(await _items(session, col(ReviewTask.id).in_(chosen)), limit, Prefix.REVIEW_TASK)


async def _refuse_crossing(session: AsyncSession, actor: Actor, by: Filter, q: str = "") -> None:
    """Let a text be looked for in one region; the id of a document names one document, and so one region."""
    text = (q or by.q).strip()
    try:
        parse_public_id(Prefix.DOCUMENT, text)
    except NotFound:
        if text:
            await regions.refuse_crossing(session, actor, partner_id=by.partner_id, region=by.region)


async def matching(
    session: AsyncSession, actor: Actor, view: View, *, by: Filter = EVERYTHING, limit: int
) -> list[UUID]:
    """List the keys of the first tasks of a view, most urgent first, whatever page is on the screen.

    Raises Invalid as `page` does.
    """
    await _refuse_crossing(session, actor, by)
    statement = wanted(select(col(ReviewTask.id)), actor, view, by).order_by(*ORDER).limit(limit)
    return list((await session.execute(statement)).scalars())


async def newest(
    session: AsyncSession, actor: Actor, view: View, *, by: Filter = EVERYTHING, besides: Collection[UUID]
) -> int:
    """Count what would stand on the first page and is not on screen."""
    statement = wanted(select(col(ReviewTask.id)), actor, view, by).order_by(*ORDER).limit(PAGE_SIZE)
    return sum(task_id not in besides for task_id in (await session.execute(statement)).scalars())


async def some(session: AsyncSession, actor: Actor, task_ids: Sequence[UUID]) -> list[QueueItem]:
    """Read tasks that are on screen again, in their places, whatever became of them."""
    actor.require(Permission.QUEUE_READ)
    allowed = conflicts.clear_of(actor, col(ReviewTask.partner_id))
    found = await _items(session, col(ReviewTask.id).in_(list(task_ids)), allowed)
    places = {task_id: place for place, task_id in enumerate(task_ids)}
    return sorted(found, key=lambda item: places[item.id])


_Holder, _Assignee = aliased(Member), aliased(Member)


async def _items(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[QueueItem]:
    """Read a few rows with what other tables say of them: lists are cut before anything is joined."""
    names: dict[str, Any] = {
        "partner": col(Partner.name),
        "plan": col(Partner.plan),
        "holder": col(_Holder.name),
        "assignee": col(_Assignee.name),
        "ahead": test_clocks.lead_for(col(ReviewTask.livemode)),
    }
    live_holder = and_(col(_Holder.id) == col(ReviewTask.claimed_by), col(ReviewTask.claim_expires_at) > now())
    statement: Statement = (
        select(ReviewTask, Document, *(column.label(name) for name, column in names.items()))
        .join(Document, col(Document.id) == col(ReviewTask.document_id))
        .join(Partner, col(Partner.id) == col(ReviewTask.partner_id))
        .outerjoin(_Holder, live_holder)
        .outerjoin(_Assignee, col(_Assignee.id) == col(ReviewTask.assigned_to))
        .where(*conditions)
        .order_by(*ORDER)
    )
    return [
        QueueItem(row.ReviewTask, row.Document, row.partner, row.plan, row.holder or "", row.assignee or "", row.ahead)
        for row in await session.execute(statement)
    ]


def wanted(statement: Statement, actor: Actor, view: View, by: Filter = EVERYTHING, q: str = "") -> Statement:
    """Narrow a statement on tasks and their partners to what one view of one reviewer holds: lists and counts alike."""
    actor.require(Permission.QUEUE_READ)
    allowed = conflicts.clear_of(actor, col(ReviewTask.partner_id))
    named = statement.select_from(ReviewTask).join(Partner, col(Partner.id) == col(ReviewTask.partner_id))
    return named.where(is_open(), allowed, condition(view, actor), *narrowed(by, q))


def condition(view: View, actor: Actor) -> ColumnElement[bool]:
    """Say what belongs to a view; the partner is joined."""
    status, first_by = col(ReviewTask.status), col(ReviewTask.first_by)
    assigned_to, claimed_by = col(ReviewTask.assigned_to), col(ReviewTask.claimed_by)
    is_aside = status.in_(ASIDE)
    conditions: dict[View, ColumnElement[bool]] = {
        View.ALL: status != TaskStatus.COMPLETED,
        View.MINE: or_(assigned_to == actor.id, claimed_by == actor.id),
        View.UNASSIGNED: and_(assigned_to.is_(None), claimed_by.is_(None), ~is_aside),
        View.DUE_SOON: and_(is_due_soon(), ~is_aside),
        View.SECOND_REVIEW: and_(first_by.is_not(None), ~is_aside),
        View.ESCALATED: status == TaskStatus.ESCALATED,
        View.ON_HOLD: status == TaskStatus.ON_HOLD,
    }
    return conditions[view]


def is_due_soon() -> ColumnElement[bool]:
    """Say what is due within half an hour by the time of its data; the first part lets an index begin there."""
    soon = literal(now() + DUE_SOON)
    ahead = func.least(func.max(col(Partner.test_clock_seconds)), int(test_clocks.MOST.total_seconds()))
    furthest: Any = select(ahead * timedelta(seconds=1)).scalar_subquery()
    due = col(ReviewTask.due_at)
    runs = col(ReviewTask.sla_paused_at).is_(None)
    return and_(runs, due <= soon + furthest, due <= soon + test_clocks.lead_for(col(ReviewTask.livemode)))


def narrowed(by: Filter, q: str = "") -> list[ColumnElement[bool]]:
    """Say in SQL what a filter leaves; the partner is joined."""
    given = (
        (col(ReviewTask.partner_id), by.partner_id),
        (col(ReviewTask.document_type), by.document_type),
        (col(ReviewTask.issuing_country), by.country),
        (col(ReviewTask.risk), by.risk),
        (col(ReviewTask.assigned_to), by.assignee),
        (col(Partner.plan), by.plan),
        (col(Partner.region), by.region or None),
    )
    parts: list[ColumnElement[bool]] = [column == value for column, value in given if value is not None]
    if by.flag:
        parts.append(col(ReviewTask.flags).contains([by.flag]))
    if text := (q or by.q).strip():
        found = select(col(Document.id)).where(documents.matches(text)).cte("found").prefix_with("materialized")
        parts.append(col(ReviewTask.document_id).in_(select(found.c.id)))
    return parts


async def pace(session: AsyncSession, actor: Actor, *, since: datetime) -> Pace:
    """Count the actor's own decisions since a moment, and the median time from first sight to signature."""
    member_id = reviewer(actor)
    seconds = func.extract("epoch", col(ReviewTask.verdict_at) - col(ReviewTask.first_seen_at))
    statement = (
        select(func.count().label("decided"), func.percentile_cont(0.5).within_group(seconds).label("median"))
        .select_from(Decision)
        .join(ReviewTask, col(ReviewTask.id) == col(Decision.review_task_id))
        .where(col(Decision.member_id) == member_id, col(Decision.created_at) >= since)
    )
    row = (await session.execute(statement)).one()
    return Pace(row.decided, float(row.median) if row.median is not None else None)
