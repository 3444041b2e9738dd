"""The review room: the settings that hold for everybody in it, changed by leads."""

import hashlib
from datetime import timedelta
from uuid import UUID

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
WHOLE = 100


async def kept(session: AsyncSession) -> timedelta:
    """Say how long an assigned task is kept for its assignee."""
    statement = select(col(ReviewRoom.kept_minutes)).where(col(ReviewRoom.name) == MAIN)
    return timedelta(minutes=(await session.execute(statement)).scalar_one())


async def read(session: AsyncSession, actor: Actor) -> ReviewRoom:
    """Read what holds for everybody."""
    actor.require(Permission.QUEUE_READ)
    return (await session.execute(select(ReviewRoom).where(col(ReviewRoom.name) == MAIN))).scalar_one()


async def locked(session: AsyncSession) -> ReviewRoom:
    """Read the room and let nobody else in who does the same: assigning goes one at a time."""
    return (
        await session.execute(select(ReviewRoom).where(col(ReviewRoom.name) == MAIN).with_for_update())
    ).scalar_one()


async def is_drawn(session: AsyncSession, document_id: UUID) -> bool:
    """Whether chance gives this document to two people: by its id alone, so that nobody can choose."""
    statement = select(col(ReviewRoom.second_percent)).where(col(ReviewRoom.name) == MAIN)
    drawn = int.from_bytes(hashlib.sha256(b"second:" + document_id.bytes).digest()[:4]) % 100
    return drawn < (await session.execute(statement)).scalar_one()


async def change(session: AsyncSession, actor: Actor, *, kept_minutes: int, second_percent: int) -> None:
    """Set how long an assigned task is kept, and the share of tasks that two people sign.

    Raises Invalid for a number out of range.
    """
    actor.require(Permission.QUEUE_MANAGE)
    if not 0 <= kept_minutes <= MOST_MINUTES:
        raise Invalid(f"From 0 to {MOST_MINUTES} minutes.", code="out_of_range", pointer="/kept_minutes")
    if not 0 <= second_percent <= WHOLE:
        raise Invalid("From 0 to 100 percent.", code="out_of_range", pointer="/second_percent")
    room = await locked(session)
    changes: dict[str, object] = {
        "kept_minutes": [room.kept_minutes, kept_minutes],
        "second_percent": [room.second_percent, second_percent],
    }
    room.kept_minutes, room.second_percent = kept_minutes, second_percent
    room.changed_by, room.changed_at = actor.id, now()
    await session.flush()
    await audit.record(
        session, actor, "review_room.changed", subject_type="review_room", subject_id=room.id, changes=changes
    )
    live.announce(session, TOPIC)
