"""Bulk actions: each task signed once, as at the desk, with a word on each, over kills, races and second presses."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import bulk_actions as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.bulk_actions import MOST_TASKS, BulkRow, BulkStatus, RowStatus
from backoffice.models.events import Event
from backoffice.models.members import Member, Role
from backoffice.models.review_tasks import Outcome
from backoffice.models.reviewers import ReviewBar
from backoffice.models.samples import Sample
from backoffice.services import (
    assignments,
    bulk_actions,
    bulk_walks,
    decisions,
    review_claims,
    review_tasks,
)
from backoffice.services.bulk_actions import Press
from tests.services.bulk_cast import EVERYONE, call, fetched, finalized, press, progress, run, signed, world
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.test_second_reviews import begun, verdict

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.OPERATOR, Role.AUDITOR])
async def test_who_may_not_decide_may_not_decide_many(role):
    cast, _, tasks = await world(1)
    person = await member(cast, role)
    for work in (
        call(bulk_actions.begin, person, press(tasks)), call(bulk_actions.newest, person),
        call(bulk_actions.progress, person, uuid4()), call(bulk_actions.undo_all, person, uuid4()),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            await work
    with pytest.raises(NotAllowed):
        await call(bulk_actions.begin, SYSTEM, press(tasks))


async def test_anothers_action_is_not_there():
    cast, kim, tasks = await world(1)
    lead, action = await member(cast, Role.REVIEW_LEAD), await run(kim, tasks)
    for act in (bulk_actions.progress, bulk_actions.stop, bulk_actions.undo_all):
        with pytest.raises(NotFound):
            await call(act, lead, action.id)
    assert await call(bulk_actions.newest, lead) is None
    with pytest.raises(NotAllowed):
        await call(bulk_actions.step, kim, action.id)


async def test_many_are_rejected_as_one_would_be():
    _, kim, tasks = await world(3)
    action = await run(kim, tasks, Outcome.REJECTED, "image_blurred", "image_glare")
    got = await progress(kim, action)
    assert (got.action.status, got.counts) == (BulkStatus.DONE, {RowStatus.DONE: 3})
    assert got.undo_until > now()
    async with transaction(EVERYONE) as session:
        told = select(func.count()).where(Event.type == "document.rejected", Event.partner_id == tasks[0].partner_id)
        assert (await session.execute(told)).scalar_one() == 0, "nothing leaves inside the window"
    for task in tasks:
        decision = await finalized(task)
        assert (decision.outcome, decision.member_id) == (Outcome.REJECTED, kim.id)
        assert decision.reasons == ["image_blurred", "image_glare"]
    async with transaction(EVERYONE) as session:
        assert (await session.execute(told)).scalar_one() == 3
        actions = select(AuditEntry.action).where(AuditEntry.subject_id == action.id).order_by(AuditEntry.sequence)
        assert list((await session.execute(actions)).scalars()) == ["bulk_action.started", "bulk_action.done"]


async def test_resubmission_is_asked_for_and_the_last_attempt_is_rejected():
    _, kim, tasks = await world(2)
    async with transaction(EVERYONE) as session:
        await session.execute(
            text("update documents set attempt = max_attempts where id = :id"), {"id": tasks[1].document_id}
        )
    await run(kim, tasks, Outcome.RESUBMISSION_REQUESTED)
    assert [(await fetched(task)).verdict_outcome for task in tasks] == ["resubmission_requested", "rejected"]


@pytest.mark.parametrize(
    ("outcome", "codes", "count", "code"),
    [
        (Outcome.APPROVED, ("image_blurred",), 1, "outcome_not_allowed"),
        (Outcome.REJECTED, ("abandoned",), 1, "reason_unknown"),
        (Outcome.REJECTED, ("nonsense",), 1, "reason_unknown"),
        (Outcome.REJECTED, ("other",), 1, "note_missing"),
        (Outcome.REJECTED, ("image_blurred",), 0, "too_many"),
        (Outcome.REJECTED, ("image_blurred",), MOST_TASKS + 1, "too_many"),
    ],
)
async def test_what_cannot_be_done_to_many_is_refused(outcome, codes, count, code):
    kim = await member(await make_cast(), Role.REVIEWER)
    wanted = Press(uuid4(), outcome, codes, [uuid4() for _ in range(count)])
    with pytest.raises(Invalid) as caught:
        await call(bulk_actions.begin, kim, wanted)
    assert caught.value.code == code


async def test_each_task_that_cannot_be_decided_says_why():
    cast, kim, tasks = await world(6)
    lena, joe = await member(cast, Role.REVIEW_LEAD), await member(cast, Role.REVIEWER, "Joe Park")
    free, held, decided, escalated, kept, closed = tasks
    await call(review_claims.start, joe, held.id)
    started = await call(review_claims.start, joe, decided.id)
    await call(decisions.sign, joe, decided.id, outcome=Outcome.APPROVED, version=started.version)
    await call(review_claims.claim, joe, escalated.id)
    await call(review_claims.escalate, joe, escalated.id)
    await call(assignments.assign, lena, kept.id, joe.id)
    action = await call(bulk_actions.begin, kim, press(tasks))
    await call(review_tasks.close, [closed.document_id])
    await jobs.run(str(action.id))
    got = await progress(kim, action)
    assert got.counts == {RowStatus.DONE: 1, RowStatus.SKIPPED: 5}
    said = [one.refusal for one in got.skipped]
    assert said[0] == "Joe Park is working on this task."
    assert said[1].startswith("Decided by Joe Park")
    assert "role: review lead" in said[2]
    assert "assigned to Joe Park" in said[3]
    assert said[4] == "This task was closed without a decision."
    assert (await fetched(free)).verdict_by == kim.id
    for task in tasks[1:]:
        assert (await fetched(task)).verdict_by != kim.id
    assert (await fetched(held)).claimed_by == joe.id


async def test_a_lead_decides_what_is_escalated_or_kept():
    cast, lena, tasks = await world(2, Role.REVIEW_LEAD)
    joe = await member(cast, Role.REVIEWER)
    await call(review_claims.claim, joe, tasks[0].id)
    await call(review_claims.escalate, joe, tasks[0].id)
    await call(assignments.assign, lena, tasks[1].id, joe.id)
    assert (await progress(lena, await run(lena, tasks))).counts == {RowStatus.DONE: 2}


async def test_four_eyes_hold_for_each():
    task, kim, joe, _ = await begun()
    await verdict(kim, task, Outcome.REJECTED, "name_mismatch")
    got = await progress(kim, await run(kim, [task]))
    assert [one.refusal for one in got.skipped] == ["You signed this first. Somebody else has to sign second."]
    assert (await progress(joe, await run(joe, [task]))).counts == {RowStatus.DONE: 1}
    assert (await finalized(task)).second_member_id == joe.id


async def test_what_has_moved_to_another_queue_since_is_left_alone():
    task, kim, joe, _ = await begun()
    action = await call(bulk_actions.begin, joe, press([task]))
    await verdict(kim, task, Outcome.APPROVED)
    await jobs.run(str(action.id))
    got = await progress(joe, action)
    assert "gone to another queue" in got.skipped[0].refusal
    assert (await fetched(task)).claimed_by is None, "the claim went with the rest"


async def test_a_bar_hides_and_protects():
    cast, kim, tasks = await world(2)
    other = await in_review(await make_cast())
    action = await call(bulk_actions.begin, kim, press([*tasks, other]))
    async with transaction(EVERYONE) as session:
        session.add(ReviewBar(partner_id=cast.partner.id, member_id=kim.id, reason="A relative"))
    await jobs.run(str(action.id))
    got = await progress(kim, action)
    assert (got.counts[RowStatus.DONE], got.counts[RowStatus.SKIPPED], got.skipped) == (1, 2, ())
    with pytest.raises(NotFound):
        await call(bulk_actions.begin, kim, press(tasks))
    assert (await call(bulk_actions.begin, kim, press([tasks[0], await in_review(await make_cast())]))).total == 1


async def test_who_judges_a_document_blind_does_not_decide_it_by_the_dozen():
    cast, kim, tasks = await world(1)
    decided = await in_review(cast)
    joe = await member(cast, Role.REVIEWER)
    started = await call(review_claims.start, joe, decided.id)
    signed_ = await call(decisions.sign, joe, decided.id, outcome=Outcome.APPROVED, version=started.version)
    with at(signed_.final_at + timedelta(seconds=1)):
        decision = await call(decisions.finalize, SYSTEM, decided.id, signed_.id)
    async with transaction(EVERYONE) as session:
        session.add(
            Sample(
                partner_id=cast.partner.id, document_id=tasks[0].document_id, decision_id=decision.id, band="low",
                signers=[joe.id], taken_by=kim.id, taken_until=now() + timedelta(hours=1),
            )
        )  # fmt: skip
    got = await progress(kim, await run(kim, tasks))
    assert "judging this document blind" in got.skipped[0].refusal


async def test_a_second_press_is_the_same_and_another_tab_waits():
    _, kim, tasks = await world(2)
    wanted = press(tasks)
    both = await asyncio.gather(*(call(bulk_actions.begin, kim, wanted) for _ in range(3)))
    assert len({action.id for action in both}) == 1
    with pytest.raises(Conflict, match="still running"):
        await call(bulk_actions.begin, kim, press(tasks))
    await asyncio.gather(*(jobs.run(str(both[0].id)) for _ in range(3)))
    assert await signed(tasks) == [1, 1]
    assert (await call(bulk_actions.begin, kim, wanted)).id == both[0].id
    assert await signed(tasks) == [1, 1]


async def test_killed_in_the_middle_it_goes_on_and_signs_nothing_twice():
    _, kim, tasks = await world(5)
    action = await call(bulk_actions.begin, kim, press(tasks))
    for _ in range(2):
        assert await call(bulk_actions.step, SYSTEM, action.id)
    with pytest.raises(ZeroDivisionError):
        async with transaction(EVERYONE) as session:
            await bulk_actions.step(session, SYSTEM, action.id)
            raise ZeroDivisionError
    assert sum(await signed(tasks)) == 2
    assert (await progress(kim, action)).counts == {RowStatus.DONE: 2, RowStatus.WAITING: 3}
    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from pgqueuer where entrypoint = 'review.bulk'"))
    with at(now() + timedelta(minutes=2)):
        await jobs.enqueue_lost()
    async with transaction(EVERYONE) as session:
        waiting = text("select count(*) from pgqueuer where dedupe_key = :key")
        assert (await session.execute(waiting, {"key": f"{bulk_walks.JOB}:{action.id}"})).scalar_one() == 1
    await jobs.run(str(action.id))
    assert await signed(tasks) == [1] * 5
    assert (await progress(kim, action)).action.status == BulkStatus.DONE


async def test_people_who_decide_meanwhile_win_or_lose_each_task_whole():
    cast, kim, tasks = await world(8)
    joe = await member(cast, Role.REVIEWER)
    action = await call(bulk_actions.begin, kim, press(tasks))

    async def by_hand():
        won = 0
        for task in reversed(tasks):
            try:
                started = await call(review_claims.start, joe, task.id)
                await call(decisions.sign, joe, task.id, outcome=Outcome.APPROVED, version=started.version)
                won += 1
            except Conflict:
                continue
        return won

    won, _ = await asyncio.gather(by_hand(), jobs.run(str(action.id)))
    counts = (await progress(kim, action)).counts
    assert await signed(tasks) == [1] * 8
    assert counts[RowStatus.DONE] + won == 8
    assert counts[RowStatus.SKIPPED] == won


async def test_undo_takes_back_what_is_not_final_and_stops_the_rest():
    _, kim, tasks = await world(4)
    action = await call(bulk_actions.begin, kim, press(tasks))
    for _ in range(3):
        await call(bulk_actions.step, SYSTEM, action.id)
    assert await finalized(tasks[0])
    assert await call(bulk_actions.undo_all, kim, action.id) == (2, 1)
    await jobs.run(str(action.id))
    got = await progress(kim, action)
    assert (got.action.status, got.undo_until) == (BulkStatus.STOPPED, None)
    assert got.counts == {RowStatus.DONE: 1, RowStatus.UNDONE: 2, RowStatus.WAITING: 1}
    for task in tasks[1:]:
        row = await fetched(task)
        assert (row.verdict_id, row.claimed_by, row.status) == (None, None, "queued")
    assert await call(bulk_actions.undo_all, kim, action.id) == (0, 1)
    assert (await run(kim, tasks[1:])).id != action.id


async def test_stopped_it_leaves_the_rest_alone():
    _, kim, tasks = await world(3)
    action = await call(bulk_actions.begin, kim, press(tasks))
    await call(bulk_actions.step, SYSTEM, action.id)
    await call(bulk_actions.stop, kim, action.id)
    await jobs.run(str(action.id))
    assert await signed(tasks) == [1, 0, 0]


async def test_an_account_that_is_closed_decides_nothing_more():
    _, kim, tasks = await world(2)
    action = await call(bulk_actions.begin, kim, press(tasks))
    await call(bulk_actions.step, SYSTEM, action.id)
    async with transaction(EVERYONE) as session:
        await session.execute(update(Member).where(Member.id == kim.id).values(disabled_at=now()))
    await jobs.run(str(action.id))
    assert await signed(tasks) == [1, 0]
    async with transaction(EVERYONE) as session:
        rows = select(BulkRow.refusal).where(BulkRow.action_id == action.id, BulkRow.status == RowStatus.SKIPPED)
        assert list((await session.execute(rows)).scalars()) == ["The account that started this was closed."]


async def test_a_partner_sees_none_of_anothers_rows():
    _, kim, tasks = await world(1)
    await run(kim, tasks)
    other = await make_cast()
    async with transaction(Tenancy.of(other.partner.id)) as session:
        assert (await session.execute(select(func.count()).select_from(BulkRow))).scalar_one() == 0
