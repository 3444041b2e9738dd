"""Whose a task is to be: given once, by skill and in turn; kept for a while; never to who must not see it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.models.review_counts import View
from backoffice.models.review_priorities import BAND_MINUTES
from backoffice.models.review_tasks import Outcome, TaskStatus
from backoffice.services import (
    assignments,
    decisions,
    queue_counts,
    review_bars,
    review_claims,
    review_queue,
    review_rooms,
    reviewers,
    workspaces,
)
from backoffice.services.reviewers import Skills
from tests.services.assignment_cast import AVAILABLE, AWAY, EVERYONE, available, people, urgent
from tests.services.review_cast import SYSTEM, in_review, member
from tests.services.test_review_tasks import call, read

OUTSIDERS = [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.OPERATOR, Role.AUDITOR]


pytestmark = pytest.mark.usefixtures("nobody_there")


async def audited(subject_id, action: str) -> list[dict]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(
            select(AuditEntry)
            .where(AuditEntry.subject_id == subject_id, AuditEntry.action == action)
            .order_by(AuditEntry.id)
        )
        return [row.changes for row in rows.scalars()]


@pytest.mark.parametrize("role", OUTSIDERS)
async def test_who_does_not_review_assigns_nothing_and_sets_nobody(role):
    cast, kim, _, _ = await people()
    (task,) = await urgent(cast)
    outsider = await member(cast, role)
    for function, arguments, options in (
        (assignments.assign, (task.id, outsider.id), {}),
        (assignments.assign, (task.id, kim.id), {}),
        (assignments.unassign, (task.id,), {}),
        (assignments.reprioritise, (task.id, "urgent"), {"reason": "because"}),
        (assignments.hand_out, (), {}),
        (reviewers.set_availability, (outsider.id, AVAILABLE), {}),
        (reviewers.set_availability, (kim.id, AWAY), {}),
        (reviewers.configure, (kim.id, Skills()), {"capacity": 1}),
        (reviewers.roster, (), {}),
        (reviewers.availability, (), {}),
        (review_rooms.change, (), {"kept_minutes": 1, "second_percent": 0}),
        (queue_counts.count, (), {}),
    ):
        with pytest.raises(NotAllowed):
            await call(function, outsider, *arguments, **options)
    assert [one.refusal != "" for one in await call(assignments.assign_all, outsider, [task.id], kim.id)] == [True]
    assert (await read(task)).assigned_to is None


async def test_a_reviewer_does_nothing_that_is_a_leads():
    cast, kim, joe, _ = await people()
    (task,) = await urgent(cast)
    for function, arguments, options in (
        (assignments.assign, (task.id, joe.id), {}),
        (assignments.reprioritise, (task.id, "urgent"), {"reason": "because"}),
        (reviewers.set_availability, (joe.id, AWAY), {}),
        (reviewers.configure, (kim.id, Skills()), {"capacity": 100}),
        (review_rooms.change, (), {"kept_minutes": 1, "second_percent": 0}),
        (review_bars.bar, (), {"member_id": joe.id, "partner_id": cast.partner.id, "reason": "cousin"}),
        (review_bars.lift, (), {"member_id": joe.id, "partner_id": cast.partner.id}),
        (review_bars.standing, (), {}),
    ):
        with pytest.raises(NotAllowed):
            await call(function, kim, *arguments, **options)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.AUDITOR])
async def test_only_leads_and_operators_keep_bars(role):
    cast, kim, _, _ = await people()
    options = {"member_id": kim.id, "partner_id": cast.partner.id}
    outsider = await member(cast, role)
    with pytest.raises(NotAllowed):
        await call(review_bars.bar, outsider, **options, reason="because")
    operator = await member(cast, Role.OPERATOR)
    await call(review_bars.bar, operator, **options, reason="Her sister works there")
    with pytest.raises(NotAllowed):
        await call(review_bars.lift, outsider, **options)
    assert (await audited(kim.id, "review_bar.set"))[0]["reason"] == "Her sister works there"
    with pytest.raises(Conflict):
        await call(review_bars.bar, operator, **options, reason="again")
    await call(review_bars.lift, operator, **options)
    assert len(await audited(kim.id, "review_bar.lifted")) == 1


async def test_nobody_lifts_their_own_bar():
    cast, _, _, lead = await people()
    other = await member(cast, Role.REVIEW_LEAD)
    options = {"member_id": lead.id, "partner_id": cast.partner.id}
    await call(review_bars.bar, other, **options, reason="Owns shares")
    for function, more in ((review_bars.lift, {}), (review_bars.bar, {"reason": "mine"})):
        with pytest.raises(NotAllowed) as refused:
            await call(function, lead, **options, **more)
        assert refused.value.code == "own_conflict"


async def test_who_is_barred_gets_sees_opens_and_counts_nothing_of_the_partner():
    cast, kim, _, lead = await people()
    held, assigned, waiting = await urgent(cast, 3)
    await call(review_claims.start, kim, held.id)
    await call(assignments.assign, lead, assigned.id, kim.id)
    before = (await call(queue_counts.totals, kim)).by_view[View.ALL]
    options = {"member_id": kim.id, "partner_id": cast.partner.id}
    await call(review_bars.bar, lead, **options, reason="Worked there until May")
    assert ((await read(held)).claimed_by, (await read(held)).status) == (None, TaskStatus.QUEUED)
    assert (await read(assigned)).assigned_to is None
    for task in (held, assigned, waiting):
        for function in (
            review_claims.claim, review_claims.start, workspaces.enter, workspaces.look, assignments.unassign,
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await call(function, kim, task.id)
        with pytest.raises(NotFound):
            await call(assignments.assign, kim, task.id, kim.id)
        with pytest.raises(Conflict):
            await call(assignments.assign, lead, task.id, kim.id)
        with pytest.raises((Conflict, NotFound)):
            await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=(await read(task)).version)
    got = await call(review_claims.next_task, kim)
    assert got is None or got.partner_id != cast.partner.id
    if got:
        await call(review_claims.release, kim, got.id)
    by = review_queue.Filter(partner_id=cast.partner.id)
    assert (await call(review_queue.page, kim, by=by)).rows == []
    assert await call(review_queue.some, kim, [held.id]) == []
    assert (await call(queue_counts.totals, kim)).by_view[View.ALL] == before - 3
    assert set((await call(queue_counts.totals, kim, by=by)).by_view.values()) == {0}
    assert len((await call(review_queue.page, lead, by=by)).rows) == 3
    await call(reviewers.set_availability, kim, kim.id, AVAILABLE)
    await call(assignments.hand_out, SYSTEM)
    assert {(await read(task)).assigned_to for task in (held, assigned, waiting)} & {kim.id} == set()


async def test_an_assigned_task_goes_to_its_assignee_and_to_others_only_later():
    cast, kim, joe, lead = await people()
    (task,) = await urgent(cast)
    await call(assignments.assign, lead, task.id, kim.id)
    other = await call(review_claims.next_task, joe)
    assert other is None or other.id != task.id
    with pytest.raises(Conflict, match=r"assigned to Kim Berg.*in 15 min") as refused:
        await call(review_claims.claim, joe, task.id)
    assert refused.value.code == "assigned_to_other"
    with pytest.raises(Conflict):
        await call(assignments.assign, joe, task.id, joe.id)
    assert (await call(review_claims.next_task, kim)).id == task.id
    await call(review_claims.release, kim, task.id)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert (await call(review_claims.claim, joe, task.id)).assigned_to is None
        await call(review_claims.hold, joe, task.id)


async def test_the_assigned_task_comes_before_a_more_urgent_one():
    cast, kim, _, lead = await people()
    more_urgent, theirs = await urgent(cast, 2)
    await call(assignments.assign, lead, theirs.id, kim.id)
    assert (await call(review_claims.next_task, kim)).id == theirs.id
    assert (await call(review_claims.next_task, kim, exclude=[theirs.id])).id == more_urgent.id
    for task in (more_urgent, theirs):
        await call(review_claims.hold, kim, task.id)


async def test_who_is_away_keeps_nothing_from_others():
    cast, kim, joe, lead = await people()
    (task,) = await urgent(cast)
    await call(assignments.assign, lead, task.id, kim.id)
    await available(kim)
    await call(reviewers.set_availability, lead, kim.id, AWAY)
    assert await audited(kim.id, "reviewer.availability_set") == [
        {"availability": ["away", "available"]}, {"availability": ["available", "away"]},
    ]  # fmt: skip
    assert (await call(review_claims.next_task, joe)).id == task.id
    await call(review_claims.hold, joe, task.id)


async def test_the_room_says_how_long_a_task_is_kept():
    cast, kim, joe, lead = await people()
    (task,) = await urgent(cast)
    await call(assignments.assign, lead, task.id, kim.id)
    with pytest.raises(Invalid):
        await call(review_rooms.change, lead, kept_minutes=-1, second_percent=0)
    with pytest.raises(Invalid):
        await call(review_rooms.change, lead, kept_minutes=15, second_percent=101)
    await call(review_rooms.change, lead, kept_minutes=0, second_percent=0)
    try:
        assert (await call(review_claims.claim, joe, task.id)).claimed_by == joe.id
    finally:
        await call(review_rooms.change, lead, kept_minutes=15, second_percent=0)
        await call(review_claims.hold, joe, task.id)
    async with transaction(EVERYONE) as session:
        room = await review_rooms.locked(session)
    assert {"kept_minutes": [15, 0], "second_percent": [0, 0]} in await audited(room.id, "review_room.changed")


async def test_a_transfer_ends_the_old_lease():
    cast, kim, joe, lead = await people()
    (task,) = await urgent(cast)
    mine = await call(review_claims.start, kim, task.id)
    await call(assignments.assign, lead, task.id, joe.id)
    row = await read(task)
    assert (row.claimed_by, row.status, row.assigned_to) == (None, TaskStatus.QUEUED, joe.id)
    with pytest.raises(Conflict) as refused:
        await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=mine.version)
    assert refused.value.code == "claim_lost"
    with pytest.raises(Conflict):
        await call(review_claims.renew, kim, task.id)
    assert (await call(review_claims.next_task, joe)).id == task.id
    await call(review_claims.hold, joe, task.id)


async def test_assigning_to_who_works_on_it_disturbs_nobody():
    cast, kim, _, lead = await people()
    (task,) = await urgent(cast)
    mine = await call(review_claims.start, kim, task.id)
    await call(assignments.assign, lead, task.id, kim.id)
    assert await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=mine.version)
    with pytest.raises(Conflict) as refused:
        await call(assignments.assign, lead, task.id, lead.id)
    assert refused.value.code == "already_decided"


async def test_a_reviewer_takes_tasks_for_later_and_gives_them_back():
    cast, kim, joe, _ = await people()
    free, held = await urgent(cast, 2)
    await call(review_claims.start, joe, held.id)
    await call(assignments.assign, kim, free.id, kim.id)
    with pytest.raises(Conflict) as refused:
        await call(assignments.assign, kim, held.id, kim.id)
    assert refused.value.code == "claimed_by_other"
    with pytest.raises(NotAllowed):
        await call(assignments.unassign, joe, free.id)
    await call(assignments.unassign, kim, free.id)
    assert (await read(free)).assigned_to is None
    await call(review_claims.hold, joe, held.id)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.PARTNER_ADMIN])
async def test_only_who_reviews_is_assigned_anything(role):
    cast, _, _, lead = await people()
    (task,) = await urgent(cast)
    with pytest.raises(NotFound):
        await call(assignments.assign, lead, task.id, (await member(cast, role)).id)
    with pytest.raises(NotFound):
        await call(assignments.assign, lead, task.id, new_id())


async def test_several_are_assigned_with_a_word_on_each():
    cast, kim, joe, lead = await people()
    fine, escalated, decided = await urgent(cast, 3)
    await call(review_claims.start, joe, escalated.id)
    await call(review_claims.escalate, joe, escalated.id)
    mine = await call(review_claims.start, joe, decided.id)
    await call(decisions.sign, joe, decided.id, outcome=Outcome.APPROVED, version=mine.version)
    ids = [fine.id, escalated.id, decided.id, new_id()]
    results = {one.task_id: one.refusal for one in await call(assignments.assign_all, lead, [*ids, fine.id], kim.id)}
    assert results[ids[0]] == ""
    assert results[ids[1]] == "An escalated task is for leads."
    assert results[ids[2]].startswith("Decided by Joe Park")
    assert results[ids[3]] == "There is no review task with this id."
    assert [(await read(task)).assigned_to for task in (fine, escalated, decided)] == [kim.id, None, None]
    with pytest.raises(Invalid):
        await call(assignments.assign_all, lead, [new_id() for _ in range(201)], kim.id)


async def test_a_lead_moves_a_task_and_says_why():
    cast, _, _, lead = await people()
    (task,) = await urgent(cast)
    for reason in ("", "   ", "x" * 201):
        with pytest.raises(Invalid):
            await call(assignments.reprioritise, lead, task.id, "high", reason=reason)
    with pytest.raises(Invalid):
        await call(assignments.reprioritise, lead, task.id, "now!", reason="because")
    moved = await call(assignments.reprioritise, lead, task.id, "high", reason=" The customer waits\n at a desk ")
    assert (moved.priority, moved.raised_why) == (BAND_MINUTES["high"], "The customer waits at a desk")
    assert (await audited(task.id, "review.reprioritised"))[0]["reason"] == "The customer waits at a desk"


async def test_the_rank_is_when_it_is_due_moved_by_the_minutes():
    cast, kim, _, lead = await people()
    tasks = [await in_review(cast) for _ in range(3)]
    bands = ("low", "urgent", "normal")
    for task, band in zip(tasks, bands, strict=True):
        await call(assignments.reprioritise, lead, task.id, band, reason="test")
    by = review_queue.Filter(partner_id=cast.partner.id)
    rows = (await call(review_queue.page, kim, by=by)).rows
    assert [row.task.id for row in rows] == [tasks[1].id, tasks[2].id, tasks[0].id]
    for row in rows:
        assert row.task.rank_at == row.task.due_at + timedelta(minutes=row.task.priority)
