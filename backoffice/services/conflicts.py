"""Conflicts of interest: whose documents a reviewer never gets, sees or opens. `review_bars` sets and lifts them."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.reviewers import ReviewBar
from backoffice.services.access import Actor, found


def clear_of(actor: Actor, partner_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Leave out in SQL what belongs to partners from which the actor is barred."""
    barred = select(col(ReviewBar.partner_id)).where(col(ReviewBar.member_id) == actor.id)
    return partner_id.not_in(barred)


async def barred(session: AsyncSession, member_id: UUID | None) -> frozenset[UUID]:
    """Name the partners from which a member is barred."""
    statement = select(col(ReviewBar.partner_id)).where(col(ReviewBar.member_id) == member_id)
    return frozenset((await session.execute(statement)).scalars())


async def refuse(session: AsyncSession, member_id: UUID | None, partner_id: UUID, what: str = "review task") -> None:
    """Say that there is nothing, as for any id that does not exist: even that a task waits is not theirs to know.

    Raises NotFound.
    """
    where = exists().where(col(ReviewBar.member_id) == member_id, col(ReviewBar.partner_id) == partner_id)
    if (await session.execute(select(where))).scalar_one():
        found(None, what)
