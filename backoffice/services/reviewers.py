"""Reviewers: who is there, what they are skilled for, how much they take at once, and how much they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Invalid
from backoffice.models.base import new_id
from backoffice.models.documents import DocumentType
from backoffice.models.members import Member, Role
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.models.reviewers import MOST_AT_ONCE, Availability, Reviewer
from backoffice.services import audit, review_rooms, review_tasks, skills
from backoffice.services.access import Actor, Permission, found

WHO_REVIEW = (Role.REVIEWER, Role.REVIEW_LEAD)
MOST_SKILLS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Skills:
    """What a reviewer is asked to read; an empty field is everything."""

    document_types: Sequence[str] = ()
    countries: Sequence[str] = ()
    languages: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One person who reviews, with what is set for them and how many open tasks they have."""

    member: Member
    profile: Reviewer
    load: int


async def member_who_reviews(session: AsyncSession, member_id: UUID) -> Member:
    """Find a person who may be given tasks.

    Raises NotFound for anybody else.
    """
    statement = select(Member).where(col(Member.id) == member_id, col(Member.role).in_(WHO_REVIEW))
    row = await session.execute(statement.where(col(Member.disabled_at).is_(None)))
    return found(row.scalar_one_or_none(), "reviewer")


async def roster(session: AsyncSession, actor: Actor) -> list[Listed]:
    """List everybody who reviews, by name."""
    actor.require(Permission.QUEUE_READ)
    statement = (
        select(Member, Reviewer)
        .outerjoin(Reviewer, col(Reviewer.member_id) == col(Member.id))
        .where(col(Member.role).in_(WHO_REVIEW), col(Member.disabled_at).is_(None))
        .order_by(col(Member.name), col(Member.id))
    )
    have = await loads(session)
    return [
        Listed(member, profile or Reviewer(member_id=member.id), have.get(member.id, 0))
        for member, profile in await session.execute(statement)
    ]


async def loads(session: AsyncSession) -> Mapping[UUID, int]:
    """Count whose tasks are how many: who works on one has it, else whom it is assigned to; on hold it is no work."""
    whose = func.coalesce(col(ReviewTask.claimed_by), col(ReviewTask.assigned_to))
    is_somebodys = or_(col(ReviewTask.claimed_by).is_not(None), col(ReviewTask.assigned_to).is_not(None))
    is_work = and_(review_tasks.is_open(), col(ReviewTask.status) != TaskStatus.ON_HOLD, is_somebodys)
    statement = select(whose, func.count()).where(is_work).group_by(whose)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def availability(session: AsyncSession, actor: Actor) -> Availability:
    """Say whether the actor is given tasks by themselves."""
    actor.require(Permission.QUEUE_READ)
    statement = select(col(Reviewer.availability)).where(col(Reviewer.member_id) == actor.id)
    return Availability((await session.execute(statement)).scalar_one_or_none() or Availability.AWAY)


async def set_availability(session: AsyncSession, actor: Actor, member_id: UUID, wanted: Availability) -> None:
    """Come or go: who is away is given nothing, and what they were assigned is free for others.

    Raises NotAllowed for somebody else's without lead.
    """
    actor.require(Permission.DOCUMENTS_DECIDE)
    if member_id != actor.id:
        actor.require(Permission.QUEUE_MANAGE)
    row = await _profile(session, member_id)
    if row.availability == wanted:
        return
    before, row.availability, row.changed_at = row.availability, wanted, now()
    await session.flush()
    await _record(session, actor, member_id, "reviewer.availability_set", {"availability": [before, wanted]})
    if wanted == Availability.AVAILABLE:
        await review_tasks.ask_to_assign(session)


async def configure(session: AsyncSession, actor: Actor, member_id: UUID, wanted: Skills, *, capacity: int) -> None:
    """Set what a reviewer is asked to read, and how many tasks at once.

    Raises Invalid for a type, country or language that there is not, and for a capacity out of range.
    """
    actor.require(Permission.QUEUE_MANAGE)
    if not 0 <= capacity <= MOST_AT_ONCE:
        raise Invalid(f"From 0 to {MOST_AT_ONCE} tasks at once.", code="out_of_range", pointer="/capacity")
    row = await _profile(session, member_id)
    fields = {
        "document_types": _known("document type", wanted.document_types, frozenset(DocumentType)),
        "countries": _known("country", wanted.countries, frozenset(skills.languages())),
        "languages": _known("language", wanted.languages, skills.known_languages()),
    }
    changes: dict[str, object] = {
        name: [getattr(row, name), value]
        for name, value in {**fields, "capacity": capacity}.items()
        if getattr(row, name) != value
    }
    if not changes:
        return
    for name, value in fields.items():
        setattr(row, name, value)
    row.capacity = capacity
    await session.flush()
    await _record(session, actor, member_id, "reviewer.configured", changes)
    await review_tasks.ask_to_assign(session)


def _known(what: str, values: Sequence[str], there_are: frozenset[str]) -> list[str]:
    """Keep each once, in order.

    Raises Invalid, naming the first that there is not.
    """
    kept = sorted(set(values))
    strange = next((value for value in kept if value not in there_are), None)
    if strange is not None:
        raise Invalid(f"There is no {what} {strange[:20]!r}.", code="skill_unknown", pointer="/skills")
    if len(kept) > MOST_SKILLS:
        raise Invalid(f"At most {MOST_SKILLS} of a kind.", code="too_many", pointer="/skills")
    return kept


async def _profile(session: AsyncSession, member_id: UUID) -> Reviewer:
    """Read and lock what is set for a person, making it first if nothing was."""
    await member_who_reviews(session, member_id)
    fresh = Reviewer(member_id=member_id)
    values = {
        "id": new_id(),
        "created_at": now(),
        "member_id": member_id,
        "capacity": fresh.capacity,
        "availability": fresh.availability,
        "changed_at": now(),
    }
    await session.execute(insert(Reviewer).values(values).on_conflict_do_nothing())
    return (
        await session.execute(select(Reviewer).where(col(Reviewer.member_id) == member_id).with_for_update())
    ).scalar_one()


async def _record(session: AsyncSession, actor: Actor, member_id: UUID, what: str, changes: dict[str, object]) -> None:
    await audit.record(session, actor, what, subject_type="member", subject_id=member_id, changes=changes)
    live.announce(session, review_rooms.TOPIC)
