"""The queue as reviewers see it: what waits, why now, who works on it, and how fast it goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import Decision, ReviewTask, TaskStatus
from backoffice.services import test_clocks
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import Page, cut, read_cursor
from backoffice.services.review_tasks import no_live_claim, reviewer

PAGE_SIZE = 50
ORDER = (col(ReviewTask.priority), col(ReviewTask.due_at), col(ReviewTask.id))
DUE_SOON = timedelta(minutes=30)


class View(StrEnum):
    """The saved views of the queue."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    DUE_SOON = "due_soon"
    ON_HOLD = "on_hold"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One waiting task with what its row shows."""

    task: ReviewTask
    document: Document
    partner: str
    holder: str
    """Who works on it now; empty when nobody does."""
    ahead: timedelta = timedelta()
    """How far the document lives ahead of its reviewer."""

    @property
    def id(self) -> UUID:
        """The key that pages are cut by."""
        return self.task.id


@dataclass(frozen=True, slots=True)
class Totals:
    """How much waits, by view, and since when."""

    by_view: dict[View, int]
    oldest: datetime | None


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
    q: str = "",
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[QueueItem]:
    """List waiting tasks, most urgent first.

    `q` finds by document id or the start of the partner's own id. Raises Invalid for a foreign cursor.
    """
    actor.require(Permission.QUEUE_READ)
    statement = _rows().where(_open(), _condition(view, actor))
    if q.strip():
        statement = statement.where(_matches(q.strip()))
    after = read_cursor(Prefix.REVIEW_TASK, cursor)
    if after:
        statement = statement.where(
            tuple_(*ORDER) > select(*ORDER).where(col(ReviewTask.id) == after).scalar_subquery()
        )
    found = await session.execute(statement.order_by(*ORDER).limit(limit + 1))
    items = [QueueItem(row.ReviewTask, row.Document, row.partner, row.holder or "", row.ahead) for row in found]
    return cut(items, limit, Prefix.REVIEW_TASK)


def _rows() -> Select[ReviewTask, Document, str, str | None, timedelta]:
    partner: ColumnElement[str] = col(Partner.name).label("partner")
    holder: ColumnElement[str | None] = col(Member.name).label("holder")
    ahead = test_clocks.lead_for(col(Document.livemode)).label("ahead")
    live_holder = and_(col(Member.id) == col(ReviewTask.claimed_by), col(ReviewTask.claim_expires_at) > now())
    return (
        select(ReviewTask, Document, partner, holder, ahead)
        .join(Document, col(Document.id) == col(ReviewTask.document_id))
        .join(Partner, col(Partner.id) == col(ReviewTask.partner_id))
        .outerjoin(Member, live_holder)
    )


def _open() -> ColumnElement[bool]:
    """Leave out signed tasks, which wait for nobody although they are not complete yet."""
    return and_(col(ReviewTask.status) != TaskStatus.COMPLETED, col(ReviewTask.verdict_id).is_(None))


def _condition(view: View, actor: Actor) -> ColumnElement[bool]:
    aside = col(ReviewTask.status).in_([TaskStatus.ON_HOLD, TaskStatus.ESCALATED])
    match view:
        case View.ALL:
            return col(ReviewTask.status).is_not(None)
        case View.MINE:
            return and_(col(ReviewTask.claimed_by) == actor.id, col(ReviewTask.claim_expires_at) > now())
        case View.UNASSIGNED:
            return and_(no_live_claim(), ~aside)
        case View.DUE_SOON:
            return and_(col(ReviewTask.due_at) <= test_clocks.now_for(col(Document.livemode)) + DUE_SOON, ~aside)
        case View.ON_HOLD:
            return col(ReviewTask.status) == TaskStatus.ON_HOLD
        case View.ESCALATED:
            return col(ReviewTask.status) == TaskStatus.ESCALATED


def _matches(q: str) -> ColumnElement[bool]:
    try:
        return col(Document.id) == parse_public_id(Prefix.DOCUMENT, q)
    except NotFound:
        return or_(col(Document.external_id) == q, col(Document.external_id).startswith(q, autoescape=True))


async def totals(session: AsyncSession, actor: Actor) -> Totals:
    """Count every view in one pass over the open tasks, which are few beside the finished ones."""
    actor.require(Permission.QUEUE_READ)
    counts = [func.count().filter(_condition(view, actor)).label(view) for view in View]
    submitted_at = col(Document.submitted_at) - test_clocks.lead_for(col(Document.livemode))
    waiting_since = func.min(submitted_at).filter(_condition(View.UNASSIGNED, actor)).label("oldest")
    statement = (
        select(*counts, waiting_since)
        .join(Document, col(Document.id) == col(ReviewTask.document_id))
        .join(Partner, col(Partner.id) == col(ReviewTask.partner_id))
        .where(_open())
    )
    row = (await session.execute(statement)).mappings().one()
    return Totals({view: row[view] for view in View}, row["oldest"])


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
