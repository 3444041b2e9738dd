"""What a sample shows: blind while it is judged, then both verdicts side by side; to leads, all disagreements."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import Decision, ReviewTask
from backoffice.models.samples import GoldDocument, Look, Sample
from backoffice.services import audit, conflicts, samples, workspaces
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import Page, cut, read_cursor
from backoffice.services.review_tasks import reviewer
from backoffice.services.workspaces import Workspace

PAGE_SIZE = 25


class View(StrEnum):
    """Which looks are listed."""

    MINE = "mine"
    DISAGREEMENTS = "disagreements"


async def enter(session: AsyncSession, actor: Actor, sample_id: UUID) -> tuple[Sample, Workspace]:
    """Read a sample's document as on the desk, without its verdict; the opening is written down.

    Raises NotFound, NotAllowed for somebody else's sample, Conflict for one that is answered.
    """
    actor.require(Permission.PERSONAL_READ)
    sample = await samples.held(session, actor, sample_id)
    changes: dict[str, object] = {"document_id": public_id(Prefix.DOCUMENT, sample.document_id)}
    await audit.record(session, actor, "sample.opened", subject_type="sample", subject_id=sample.id, changes=changes)
    return sample, await _document(session, actor, sample)


async def _document(session: AsyncSession, actor: Actor, sample: Sample) -> Workspace:
    statement = (
        select(ReviewTask)
        .join(Decision, col(Decision.review_task_id) == col(ReviewTask.id))
        .where(col(Decision.id) == sample.decision_id)
    )
    task = found((await session.execute(statement)).scalar_one_or_none(), "review task")
    return await workspaces.read(session, actor, task, "")


async def reveal(session: AsyncSession, actor: Actor, sample_id: UUID) -> tuple[Look, Sample, Workspace]:
    """Read an answered sample with both verdicts and its document: for whoever looked, and for leads.

    Raises NotFound, also for a sample that is not answered.
    """
    member_id = reviewer(actor)
    statement = _looks(member_id).where(col(Sample.id) == sample_id, conflicts.clear_of(actor, col(Sample.partner_id)))
    if not actor.can(Permission.QUEUE_MANAGE):
        statement = statement.where(col(Sample.taken_by) == member_id)
    row = found((await session.execute(statement)).one_or_none(), "sample")
    sample = found(await session.get(Sample, sample_id), "sample")
    options: dict[str, object] = {"sample_id": public_id(Prefix.SAMPLE, sample.id)}
    await audit.record(
        session,
        actor,
        "document.opened",
        subject_type="document",
        subject_id=sample.document_id,
        partner_id=sample.partner_id,
        changes=options,
    )
    return Look(*row), sample, await _document(session, actor, sample)


async def page(
    session: AsyncSession, actor: Actor, view: View, *, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[Look]:
    """List answered samples, last answered first: one's own, or for leads every disagreement.

    Raises Invalid for a foreign cursor.
    """
    member_id = reviewer(actor)
    if view == View.DISAGREEMENTS:
        actor.require(Permission.QUEUE_MANAGE)
    order = (col(Sample.answered_at), col(Sample.id))
    statement = _looks(member_id).where(_wanted(view, member_id), conflicts.clear_of(actor, col(Sample.partner_id)))
    last = read_cursor(Prefix.SAMPLE, cursor)
    if last:
        before = select(*order).where(col(Sample.id) == last).scalar_subquery()
        statement = statement.where(tuple_(*order) < before)
    rows = await session.execute(statement.order_by(*(one.desc() for one in order)).limit(limit + 1))
    return cut([Look(*row) for row in rows], limit, Prefix.SAMPLE)


def _wanted(view: View, member_id: UUID) -> ColumnElement[bool]:
    if view == View.MINE:
        return col(Sample.taken_by) == member_id
    return col(Sample.outcome) != _first_outcome()


def _first_outcome() -> ColumnElement[str]:
    return func.coalesce(col(GoldDocument.outcome), col(Decision.outcome))


def _looks(member_id: UUID) -> Select[*tuple[Any, ...]]:
    maker, looker = aliased(Member), aliased(Member)
    return (
        select(
            col(Sample.id),
            Document,
            col(Partner.name),
            col(Sample.band),
            col(Sample.gold_id).is_not(None),
            col(Sample.taken_by) == member_id,
            _first_outcome(),
            func.coalesce(col(GoldDocument.reasons), col(Decision.reasons)),
            col(maker.name),
            col(Decision.created_at),
            col(Sample.outcome),
            col(Sample.reasons),
            col(looker.name),
            col(Sample.answered_at),
            func.coalesce(col(Sample.cause), ""),
        )
        .join(Document, col(Document.id) == col(Sample.document_id))
        .join(Partner, col(Partner.id) == col(Sample.partner_id))
        .join(Decision, col(Decision.id) == col(Sample.decision_id))
        .join(looker, col(looker.id) == col(Sample.taken_by))
        .outerjoin(maker, col(maker.id) == col(Decision.member_id))
        .outerjoin(GoldDocument, col(GoldDocument.id) == col(Sample.gold_id))
        .where(col(Sample.answered_at).is_not(None))
    )
