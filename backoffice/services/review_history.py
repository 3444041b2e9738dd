"""History: the decisions of people, newest first; reviewers see their own, leads everybody's."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.base import Prefix
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.review_metrics import ReviewMetric
from backoffice.models.review_tasks import DeciderType, Decision, Outcome
from backoffice.services import conflicts, quality
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import Page, cut, read_cursor

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which decisions are listed; every field narrows."""

    person: UUID | None = None
    outcome: Outcome | None = None
    is_overturned: bool = False
    days: int = 30
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """One decision with what its row shows."""

    decision: Decision
    document: Document
    partner: str
    first: str
    second: str | None
    is_overturned: bool
    took: timedelta | None

    @property
    def id(self) -> UUID:
        """The key that pages are cut by."""
        return self.decision.id


async def page(session: AsyncSession, actor: Actor, by: Filter, *, limit: int = PAGE_SIZE) -> Page[Past]:
    """List decisions, newest first.

    Raises NotAllowed for a colleague's, Invalid for a foreign cursor or a span out of range.
    """
    person = quality.whose(actor, by.person)
    changed = _is_overturned()
    statement = _rows(changed).where(
        col(Decision.created_at) >= quality.since(by.days), conflicts.clear_of(actor, col(Decision.partner_id))
    )
    if person:
        statement = statement.where(or_(col(Decision.member_id) == person, col(Decision.second_member_id) == person))
    if by.outcome:
        statement = statement.where(col(Decision.outcome) == by.outcome)
    if by.is_overturned:
        statement = statement.where(changed)
    last = read_cursor(Prefix.DECISION, by.cursor)
    if last:
        statement = statement.where(col(Decision.id) < last)
    rows = await session.execute(statement.order_by(col(Decision.id).desc()).limit(limit + 1))
    return cut([Past(*row) for row in rows], limit, Prefix.DECISION)


def _is_overturned() -> ColumnElement[bool]:
    later = aliased(Decision)
    return exists().where(col(later.supersedes_id) == col(Decision.id), col(later.outcome) != col(Decision.outcome))


def _rows(
    changed: ColumnElement[bool],
) -> Select[Decision, Document, str, str, str | None, bool, timedelta | None]:
    first, second = aliased(Member), aliased(Member)
    beside: ColumnElement[str | None] = col(second.name).label("second")
    took: ColumnElement[timedelta | None] = col(ReviewMetric.decided_at) - col(ReviewMetric.shown_at)
    return (
        select(Decision, Document, col(Partner.name), col(first.name), beside, changed, took)
        .join(Document, col(Document.id) == col(Decision.document_id))
        .join(Partner, col(Partner.id) == col(Decision.partner_id))
        .join(first, col(first.id) == col(Decision.member_id))
        .outerjoin(second, col(second.id) == col(Decision.second_member_id))
        .outerjoin(ReviewMetric, col(ReviewMetric.verdict_id) == col(Decision.id))
        .where(col(Decision.decided_by_type) == DeciderType.REVIEWER)
    )


async def colleagues(session: AsyncSession, actor: Actor) -> list[tuple[UUID, str]]:
    """List who has decided in the last year, by name, for a lead to choose from."""
    actor.require(Permission.QUEUE_MANAGE)
    recent = exists().where(
        or_(col(Decision.member_id) == col(Member.id), col(Decision.second_member_id) == col(Member.id)),
        col(Decision.created_at) >= now() - timedelta(days=365),
    )
    statement = select(col(Member.id), col(Member.name)).where(col(Member.partner_id).is_(None), recent)
    rows = await session.execute(statement.order_by(col(Member.name), col(Member.id)))
    return [(row.id, row.name) for row in rows]
