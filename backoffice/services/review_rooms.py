"""The review room: the settings that hold for everybody in it, changed by leads."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Invalid
from backoffice.models.reviewers import ReviewRoom
from backoffice.services import audit
from backoffice.services.access import Actor, Permission

MAIN = "main"
TOPIC = "review:room"
MOST_MINUTES = 24 * 60


async def kept(session: AsyncSession) -> timedelta:
    """Say how long an assigned task is kept for its assignee."""
    statement = select(col(ReviewRoom.kept_minutes)).where(col(ReviewRoom.name) == MAIN)
    return timedelta(minutes=(await session.execute(statement)).scalar_one())


async def locked(session: AsyncSession) -> ReviewRoom:
    """Read the room and let nobody else in who does the same: assigning goes one at a time."""
    return (
        await session.execute(select(ReviewRoom).where(col(ReviewRoom.name) == MAIN).with_for_update())
    ).scalar_one()


async def change(session: AsyncSession, actor: Actor, *, kept_minutes: int) -> None:
    """Set how long an assigned task is kept.

    Raises Invalid for a time out of range.
    """
    actor.require(Permission.QUEUE_MANAGE)
    if not 0 <= kept_minutes <= MOST_MINUTES:
        raise Invalid(f"From 0 to {MOST_MINUTES} minutes.", code="out_of_range", pointer="/kept_minutes")
    room = await locked(session)
    before, room.kept_minutes = room.kept_minutes, kept_minutes
    room.changed_by, room.changed_at = actor.id, now()
    await session.flush()
    changes: dict[str, object] = {"kept_minutes": [before, kept_minutes]}
    await audit.record(
        session, actor, "review_room.changed", subject_type="review_room", subject_id=room.id, changes=changes
    )
    live.announce(session, TOPIC)
