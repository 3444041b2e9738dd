"""Assignments: whose a task is to be. Said by a lead, by a reviewer of oneself, or by a job that knows who is there.

An assignment is no lease: the task waits in the queue and its assignee is given it first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import BackofficeError, Conflict, Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Member, Role
from backoffice.models.review_priorities import BAND_MINUTES, Band, Risk, minutes
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.models.reviewers import Availability, ReviewBar, Reviewer
from backoffice.services import (
    blindness,
    conflicts,
    partners,
    review_claims,
    review_rooms,
    review_tasks,
    reviewers,
    skills,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.permissions import ROLE_PERMISSIONS
from backoffice.services.review_tasks import ORDER

MAX_REASON = 200
MOST_TOGETHER = 200
"""Tasks that one press assigns, and that one round of the job hands out."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of several; `refusal` is the sentence why not."""

    task_id: UUID
    refusal: str = ""


async def assign(session: AsyncSession, actor: Actor, task_id: UUID, member_id: UUID) -> ReviewTask:
    """Let a task be somebody's: oneself's, or, said by a lead, anybody's; a transfer ends the lease that stood.

    Raises Conflict when it is decided, kept for or held by another, or the assignee has signed it; NotAllowed for
    other people's without lead; NotFound, and Conflict for an assignee who is barred from the partner.
    """
    review_tasks.reviewer(actor)
    is_lead = actor.can(Permission.QUEUE_MANAGE)
    if member_id != actor.id:
        actor.require(Permission.QUEUE_MANAGE)
    task = await _open(session, actor, task_id)
    member = await reviewers.member_who_reviews(session, member_id)
    await _refuse_unfit(session, task, member)
    if not is_lead:
        await _refuse_others(session, task, member_id)
    before = task.assigned_to
    if before != member_id:
        task.assigned_to, task.assigned_at = member_id, now()
    if task.claimed_by is not None and task.claimed_by != member_id:
        review_tasks.let_go(task)
        await review_tasks.changed(session, actor, task, "released", event="released")
    await session.flush()
    await _record(session, actor, task, "assigned", was=before)
    return task


async def assign_all(session: AsyncSession, actor: Actor, task_ids: Sequence[UUID], member_id: UUID) -> list[Result]:
    """Assign several; one that cannot be is refused by itself and keeps nothing from the others.

    Raises Invalid for more than one press may assign.
    """
    if len(task_ids) > MOST_TOGETHER:
        raise Invalid(f"At most {MOST_TOGETHER} tasks at a time.", code="too_many", pointer="/tasks")
    results: list[Result] = []
    for task_id in sorted(set(task_ids)):
        try:
            await assign(session, actor, task_id, member_id)
            results.append(Result(task_id))
        except BackofficeError as error:
            results.append(Result(task_id, str(error)))
    return results


async def unassign(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    """Let a task be nobody's again: one's own, or, said by a lead, anybody's. A lease stays as it is."""
    member_id = review_tasks.reviewer(actor)
    task = await _open(session, actor, task_id)
    if task.assigned_to is None:
        return task
    if task.assigned_to != member_id:
        actor.require(Permission.QUEUE_MANAGE)
    before, task.assigned_to, task.assigned_at = task.assigned_to, None, None
    await session.flush()
    await _record(session, actor, task, "unassigned", was=before)
    return task


async def reprioritise(session: AsyncSession, actor: Actor, task_id: UUID, band: Band, *, reason: str) -> ReviewTask:
    """Move a task in the queue, and say why; the reason stands on its row.

    Raises Invalid without a reason or for a band that there is not.
    """
    review_tasks.reviewer(actor)
    actor.require(Permission.QUEUE_MANAGE)
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON:
        raise Invalid(f"Say why in 1 to {MAX_REASON} characters.", code="reason_needed", pointer="/reason")
    if band not in BAND_MINUTES:
        raise Invalid("There is no such priority.", code="band_unknown", pointer="/band")
    task = await _open(session, actor, task_id)
    plan, risk = await partners.plan_of(session, task.partner_id), _risk(task.risk)
    before, task.priority = task.priority, minutes(band, plan=plan, risk=risk, livemode=task.livemode)
    task.raised_why = reason
    await session.flush()
    changes: dict[str, object] = {"band": band, "priority": [before, task.priority], "reason": reason}
    await review_tasks.record(session, actor, task, "reprioritised", **changes)
    return task


def _risk(name: str) -> Risk:
    return "high" if name == "high" else "low" if name == "low" else "medium"


async def _open(session: AsyncSession, actor: Actor, task_id: UUID) -> ReviewTask:
    task = await review_tasks.locked(session, task_id)
    await conflicts.refuse(session, actor.id, task.partner_id)
    await review_tasks.refuse_decided(session, task)
    return task


async def _refuse_unfit(session: AsyncSession, task: ReviewTask, member: Member) -> None:
    if task.partner_id in await conflicts.barred(session, member.id):
        raise Conflict(f"{member.name} is barred from this partner.", code="assignee_barred")
    if review_tasks.has_signed(task, member.id):
        raise Conflict(f"{member.name} has signed this already.", code="already_signed")
    if task.status == TaskStatus.ESCALATED and not _leads(member):
        raise Conflict("An escalated task is for leads.", code="lead_needed")


def _leads(member: Member) -> bool:
    return Permission.QUEUE_MANAGE in ROLE_PERMISSIONS[Role(member.role)]


async def _refuse_others(session: AsyncSession, task: ReviewTask, member_id: UUID) -> None:
    if review_tasks.is_live(task) and task.claimed_by != member_id:
        name = await review_tasks.name_of(session, task.claimed_by)
        raise Conflict(f"{name} is working on this task.", code="claimed_by_other")
    await review_claims.refuse_kept(session, task, member_id)


async def _record(session: AsyncSession, actor: Actor, task: ReviewTask, what: str, *, was: UUID | None = None) -> None:
    names = [public_id(Prefix.MEMBER, one) or None for one in (was, task.assigned_to)]
    await review_tasks.record(session, actor, task, what, assigned_to=names)


@dataclass(slots=True)
class _Hand:
    """One available reviewer while tasks are handed out."""

    row: Reviewer
    countries: frozenset[str]
    barred: frozenset[UUID]
    load: int

    def takes(self, task: ReviewTask) -> bool:
        """Whether this task may be given to them."""
        is_free = self.load < self.row.capacity and task.partner_id not in self.barred
        return (
            is_free
            and not review_tasks.has_signed(task, self.row.member_id)
            and skills.fits(self.row, task, self.countries)
        )

    @property
    def turn(self) -> tuple[bool, float, float]:
        """Who comes first: specialists, then who has least to do for what they take, then who waits longest."""
        given = self.row.last_given_at
        return not skills.has_any(self.row), self.load / self.row.capacity, given.timestamp() if given else 0.0


async def hand_out(session: AsyncSession, actor: Actor) -> int:
    """Assign waiting tasks, first by rank, to those who are there and skilled; answers how many.

    The room's row is locked, so that two rounds never fill the same person's hands twice.
    """
    actor.require(Permission.SYSTEM)
    await review_rooms.locked(session)
    hands = await _hands(session)
    given = 0
    for task in await _waiting(session, hands):
        able = [hand for hand in hands if hand.takes(task)]
        if not able:
            continue
        hand = min(able, key=lambda one: one.turn)
        hand.load += 1
        task.assigned_to, task.assigned_at = hand.row.member_id, now()
        hand.row.last_given_at = now()
        given += 1
        await _record(session, actor, task, "assigned")
    await session.flush()
    return given


async def _hands(session: AsyncSession) -> list[_Hand]:
    statement = (
        select(Reviewer)
        .join(Member, col(Member.id) == col(Reviewer.member_id))
        .where(col(Reviewer.availability) == Availability.AVAILABLE, col(Reviewer.capacity) > 0)
        .where(col(Member.disabled_at).is_(None), col(Member.role).in_(reviewers.WHO_REVIEW))
        .order_by(col(Reviewer.member_id))
        .with_for_update(of=Reviewer)
    )
    rows = (await session.execute(statement)).scalars().all()
    have = await reviewers.loads(session)
    bars: dict[UUID, set[UUID]] = {row.member_id: set() for row in rows}
    for bar in (await session.execute(select(ReviewBar).where(col(ReviewBar.member_id).in_(list(bars))))).scalars():
        bars[bar.member_id].add(bar.partner_id)
    hands = [
        _Hand(row, skills.countries_of(row), frozenset(bars[row.member_id]), have.get(row.member_id, 0)) for row in rows
    ]
    return [hand for hand in hands if hand.load < hand.row.capacity]


def _may_take(hand: _Hand) -> ColumnElement[bool]:
    """Say in SQL what one reviewer may be given, so that no task before it keeps them from what they can do."""
    is_other = review_tasks.not_signed_by(hand.row.member_id)
    is_sighted = blindness.clear_of(hand.row.member_id, col(ReviewTask.document_id))
    return and_(skills.condition(hand.row), col(ReviewTask.partner_id).not_in(hand.barred), is_other, is_sighted)


async def _waiting(session: AsyncSession, hands: Sequence[_Hand]) -> Sequence[ReviewTask]:
    """Read the first tasks that one of them may take, as many as they can."""
    room = sum(hand.row.capacity - hand.load for hand in hands)
    if not room:
        return ()
    statement = (
        select(ReviewTask)
        .where(review_tasks.is_open(), col(ReviewTask.status).in_([TaskStatus.QUEUED, TaskStatus.SECOND_REVIEW]))
        .where(col(ReviewTask.assigned_to).is_(None), col(ReviewTask.claimed_by).is_(None))
        .where(or_(*(_may_take(hand) for hand in hands)))
        .order_by(*ORDER)
        .limit(min(2 * room, MOST_TOGETHER))
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalars().all()
