"""Bars: leads and operators say whom a conflict of interest keeps from a partner's documents, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.reviewers import ReviewBar
from backoffice.services import audit, review_rooms, review_tasks, reviewers
from backoffice.services.access import Actor, Permission, found

MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Barred:
    """One bar, with the partner's name."""

    bar: ReviewBar
    partner: str


def _require_keeper(actor: Actor, member_id: UUID) -> None:
    """Let leads and operators keep bars, but nobody their own."""
    if not actor.can(Permission.QUEUE_MANAGE):
        actor.require(Permission.PARTNERS_WRITE)
    if actor.id == member_id:
        raise NotAllowed("Somebody else has to say what you must not review.", code="own_conflict")


async def bar(session: AsyncSession, actor: Actor, *, member_id: UUID, partner_id: UUID, reason: str) -> None:
    """Keep a member from a partner from now on: what they hold or were assigned goes back to the queue.

    Raises Invalid without a reason, Conflict when the bar stands already, NotFound, NotAllowed for one's own.
    """
    _require_keeper(actor, member_id)
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid(f"Say why in 1 to {MAX_REASON} characters.", code="reason_needed", pointer="/reason")
    await review_rooms.locked(session)
    await reviewers.member_who_reviews(session, member_id)
    found(await session.get(Partner, partner_id), "partner")
    values = {"id": new_id(), "created_at": now(), "member_id": member_id, "partner_id": partner_id}
    statement = insert(ReviewBar).values(**values, reason=reason, set_by=actor.id).on_conflict_do_nothing()
    made = (await session.execute(statement.returning(col(ReviewBar.id)))).scalar_one_or_none()
    if made is None:
        raise Conflict("This bar stands already.", code="already_barred")
    await _record(session, actor, "review_bar.set", member_id, partner_id, reason=reason)
    await _take_away(session, actor, member_id, partner_id)


async def lift(session: AsyncSession, actor: Actor, *, member_id: UUID, partner_id: UUID) -> None:
    """Let a member review a partner's documents again.

    Raises NotFound when there is no such bar.
    """
    _require_keeper(actor, member_id)
    statement = select(ReviewBar).where(col(ReviewBar.member_id) == member_id, col(ReviewBar.partner_id) == partner_id)
    row = found((await session.execute(statement)).scalar_one_or_none(), "bar")
    await session.delete(row)
    await session.flush()
    await _record(session, actor, "review_bar.lifted", member_id, partner_id)


async def standing(session: AsyncSession, actor: Actor) -> Sequence[Barred]:
    """List the bars that stand."""
    if not actor.can(Permission.QUEUE_MANAGE):
        actor.require(Permission.PARTNERS_WRITE)
    statement = (
        select(ReviewBar, col(Partner.name))
        .join(Partner, col(Partner.id) == col(ReviewBar.partner_id))
        .order_by(col(Partner.name))
    )
    return [Barred(*row) for row in await session.execute(statement)]


async def _record(
    session: AsyncSession, actor: Actor, what: str, member_id: UUID, partner_id: UUID, **changes: object
) -> None:
    said: dict[str, object] = {"partner_id": public_id(Prefix.PARTNER, partner_id), **changes}
    await audit.record(session, actor, what, subject_type="member", subject_id=member_id, changes=said)
    live.announce(session, review_rooms.TOPIC, review_tasks.QUEUE)


async def _take_away(session: AsyncSession, actor: Actor, member_id: UUID, partner_id: UUID) -> None:
    """End leases and assignments; a signed verdict stands, because it was given before."""
    is_theirs = or_(col(ReviewTask.claimed_by) == member_id, col(ReviewTask.assigned_to) == member_id)
    statement = (
        select(ReviewTask)
        .where(review_tasks.is_open(), col(ReviewTask.partner_id) == partner_id, is_theirs)
        .order_by(col(ReviewTask.id))
        .with_for_update()
    )
    for task in (await session.execute(statement)).scalars().all():
        if task.assigned_to == member_id:
            task.assigned_to = task.assigned_at = None
        if task.claimed_by == member_id:
            review_tasks.let_go(task)
            await review_tasks.changed(session, actor, task, "released", event="released")
        else:
            await session.flush()
            await review_tasks.record(session, actor, task, "unassigned")
