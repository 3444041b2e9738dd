"""The queue: most urgent first, one holder at a time, nothing lost with a closed laptop."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.review_counts import View
from backoffice.models.review_tasks import Outcome, ReviewTask, TaskStatus
from backoffice.services import decisions, queue_counts, review_claims, review_queue, workspaces
from tests.services.review_cast import SYSTEM, front, in_review, make_cast, member

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


async def call(function, *args, **options):
    async with transaction(EVERYONE) as session:
        return await function(session, *args, **options)


async def prioritise(task: ReviewTask, priority: int, **fields) -> None:
    async with transaction(EVERYONE) as session:
        row = await session.get(ReviewTask, task.id)
        row.priority = priority
        for name, value in fields.items():
            setattr(row, name, value)


async def read(task: ReviewTask) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await session.get(ReviewTask, task.id)


async def events_of(task: ReviewTask) -> list[str]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Event).where(Event.subject_id == task.id).order_by(Event.sequence))
        events = list(rows.scalars())
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return [event.type for event in events]


async def one():
    cast = await make_cast()
    return await in_review(cast, external_id=f"ext_{new_id()}"), await member(cast, Role.REVIEWER)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.OPERATOR])
async def test_others_see_no_queue_and_take_nothing(role):
    task, _ = await one()
    outsider = await member(await make_cast(), role)
    by_id = (
        review_claims.claim, review_claims.start, review_claims.renew, review_claims.release, review_claims.skip,
        review_claims.hold, review_claims.escalate, workspaces.enter, workspaces.look,
    )  # fmt: skip
    for function in by_id:
        with pytest.raises(NotAllowed):
            await call(function, outsider, task.id)
    for function in (review_queue.page, queue_counts.totals, review_claims.next_task):
        with pytest.raises(NotAllowed):
            await call(function, outsider)
    with pytest.raises(NotAllowed):
        await call(review_queue.pace, outsider, since=clock.now())
    assert (await read(task)).claimed_by is None


@pytest.mark.parametrize("function", [review_claims.release_expired])
async def test_only_the_clock_sweeps(function):
    _, kim = await one()
    with pytest.raises(NotAllowed):
        await call(function, kim)


async def test_an_unknown_task_does_not_exist():
    _, kim = await one()
    with pytest.raises(NotFound):
        await call(review_claims.claim, kim, new_id())
    with pytest.raises(NotFound):
        await call(workspaces.look, kim, new_id())


async def test_the_next_task_is_the_most_urgent_and_stays_ones_own():
    cast = await make_cast()
    later, first = await in_review(cast), await in_review(cast)
    kim = await member(cast, Role.REVIEWER)
    urgent = front()
    await prioritise(later, urgent, due_at=clock.now() + timedelta(hours=2))
    await prioritise(first, urgent, due_at=clock.now() + timedelta(hours=1))
    assert (await call(review_claims.next_task, kim)).id == first.id
    assert (await call(review_claims.next_task, kim)).id == first.id
    assert (await call(review_claims.next_task, kim, exclude=[first.id])).id == later.id
    assert await events_of(first) == ["review.claimed"]
    for task in (first, later):
        await call(review_claims.hold, kim, task.id)


async def test_reviewers_who_ask_at_once_get_different_tasks():
    cast = await make_cast()
    tasks = [await in_review(cast) for _ in range(4)]
    urgent = front()
    for task in tasks:
        await prioritise(task, urgent)
    people = [await member(cast, Role.REVIEWER, f"R{number}") for number in range(4)]
    got = await asyncio.gather(*(call(review_claims.next_task, person) for person in people))
    assert {task.id for task in got} == {task.id for task in tasks}
    for person, task in zip(people, got, strict=True):
        await call(review_claims.hold, person, task.id)


async def test_a_task_has_one_holder():
    task, kim = await one()
    joe = await member(await make_cast(), Role.REVIEWER, "Joe Park")
    results = await asyncio.gather(
        call(review_claims.claim, kim, task.id), call(review_claims.claim, joe, task.id), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == 1
    assert refused[0].code == "claimed_by_other"
    holder = (await read(task)).claimed_by
    assert ("Kim Berg" if holder == kim.id else "Joe Park") in str(refused[0])


async def test_an_expired_lease_is_free_for_others():
    task, kim = await one()
    joe = await member(await make_cast(), Role.REVIEWER, "Joe Park")
    await call(review_claims.start, kim, task.id)
    with clock.at(clock.now() + timedelta(hours=1)):
        taken = await call(review_claims.claim, joe, task.id)
        assert taken.claimed_by == joe.id
        assert taken.status == TaskStatus.CLAIMED
        with pytest.raises(Conflict) as refused:
            await call(review_claims.renew, kim, task.id)
    assert refused.value.code == "claim_lost"


async def test_the_sweep_gives_expired_claims_back_but_no_signed_task():
    cast = await make_cast()
    left, signed = await in_review(cast), await in_review(cast)
    kim = await member(cast, Role.REVIEWER)
    await call(review_claims.claim, kim, left.id)
    mine = await call(review_claims.claim, kim, signed.id)
    await call(decisions.sign, kim, signed.id, outcome=Outcome.APPROVED, version=mine.version)
    with clock.at(clock.now() + timedelta(hours=1)):
        assert await call(review_claims.release_expired, SYSTEM) >= 1
    assert (await read(left)).status == TaskStatus.QUEUED
    assert (await read(left)).claimed_by is None
    assert (await read(signed)).claimed_by == kim.id
    assert await events_of(left) == ["review.claimed", "review.released"]


async def test_renewing_moves_the_end_of_the_lease_and_nothing_else():
    task, kim = await one()
    claimed = await call(review_claims.claim, kim, task.id)
    with clock.at(clock.now() + timedelta(seconds=60)):
        ends = await call(review_claims.renew, kim, task.id)
    assert ends > claimed.claim_expires_at
    assert (await read(task)).version == claimed.version


async def test_seeing_a_task_starts_its_clock():
    task, kim = await one()
    shown = await call(review_claims.start, kim, task.id)
    assert shown.status == TaskStatus.IN_PROGRESS
    again = await call(review_claims.start, kim, task.id)
    assert again.first_seen_at == shown.first_seen_at


async def test_release_hold_and_escalate_need_the_claim():
    task, kim = await one()
    for function in (review_claims.release, review_claims.skip, review_claims.hold, review_claims.escalate):
        with pytest.raises(Conflict) as refused:
            await call(function, kim, task.id)
        assert refused.value.code == "claim_lost"


async def test_released_and_skipped_tasks_wait_again():
    task, kim = await one()
    for function in (review_claims.release, review_claims.skip):
        await call(review_claims.start, kim, task.id)
        await call(function, kim, task.id)
        row = await read(task)
        assert (row.status, row.claimed_by) == (TaskStatus.QUEUED, None)
    assert await events_of(task) == ["review.claimed", "review.released"] * 2


async def test_a_held_task_waits_aside_until_somebody_claims_it():
    task, kim = await one()
    await prioritise(task, front())
    await call(review_claims.start, kim, task.id)
    await call(review_claims.hold, kim, task.id)
    other = await call(review_claims.next_task, kim)
    assert other is None or other.id != task.id
    assert (await call(review_claims.claim, kim, task.id)).status == TaskStatus.CLAIMED
    await call(review_claims.hold, kim, task.id)
    if other:
        await call(review_claims.release, kim, other.id)


async def test_an_escalated_task_is_for_leads():
    task, kim = await one()
    lead = await member(await make_cast(), Role.REVIEW_LEAD, "Lena Lead")
    await call(review_claims.start, kim, task.id)
    await call(review_claims.escalate, kim, task.id)
    assert await events_of(task) == ["review.claimed", "review.escalated"]
    with pytest.raises(NotAllowed):
        await call(review_claims.claim, kim, task.id)
    claimed = await call(review_claims.start, lead, task.id)
    assert claimed.status == TaskStatus.ESCALATED
    verdict = await call(decisions.sign, lead, task.id, outcome=Outcome.APPROVED, version=claimed.version)
    assert verdict.outcome == Outcome.APPROVED


async def test_the_queue_finds_by_document_id_and_external_id():
    task, kim = await one()
    document_id = public_id(Prefix.DOCUMENT, task.document_id)
    found = await call(review_queue.page, kim, q=document_id)
    external_id = found.rows[0].document.external_id
    assert [row.task.id for row in found.rows] == [task.id]
    assert [row.task.id for row in (await call(review_queue.page, kim, q=f" {external_id[:30]} ")).rows] == [task.id]
    assert (await call(review_queue.page, kim, q="%")).rows == []


async def test_tabs_count_what_their_lists_show():
    cast = await make_cast()
    kim = await member(cast, Role.REVIEWER)
    held, mine, _ = [await in_review(cast) for _ in range(3)]
    await call(review_claims.start, kim, held.id)
    await call(review_claims.hold, kim, held.id)
    await call(review_claims.start, kim, mine.id)
    totals = await call(queue_counts.totals, kim)
    for view in View:
        rows, cursor = 0, None
        while True:
            page = await call(review_queue.page, kim, view, cursor=cursor)
            rows, cursor = rows + len(page.rows), page.next_cursor
            if not cursor:
                break
        assert totals.by_view[view] == rows, view
    assert totals.by_view[View.MINE] == 1
    assert totals.by_view[View.ON_HOLD] >= 1
    assert totals.oldest


async def test_pages_follow_one_another_without_gap_or_double():
    cast = await make_cast()
    kim = await member(cast, Role.REVIEWER)
    tasks = [await in_review(cast) for _ in range(5)]
    for task in tasks:
        await call(review_claims.start, kim, task.id)
    seen, cursor = [], None
    while True:
        page = await call(review_queue.page, kim, View.MINE, cursor=cursor, limit=2)
        seen += [row.task.id for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == 5
    assert set(seen) == {task.id for task in tasks}


async def test_a_signed_task_leaves_the_queue_and_comes_back_when_undone():
    task, kim = await one()
    q = public_id(Prefix.DOCUMENT, task.document_id)
    shown = await call(review_claims.start, kim, task.id)
    verdict = await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=shown.version)
    assert (await call(review_queue.page, kim, q=q)).rows == []
    await call(decisions.undo, kim, verdict.id)
    assert len((await call(review_queue.page, kim, q=q)).rows) == 1


async def test_pace_counts_ones_own_decisions_from_first_sight_to_signature():
    task, kim = await one()
    since = clock.now() - timedelta(minutes=1)
    assert (await call(review_queue.pace, kim, since=since)).decided == 0
    shown = await call(review_claims.start, kim, task.id)
    with clock.at(clock.now() + timedelta(seconds=41)):
        verdict = await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=shown.version)
    with clock.at(clock.now() + timedelta(seconds=60)):
        await call(decisions.finalize, SYSTEM, task.id, verdict.id)
    pace = await call(review_queue.pace, kim, since=since)
    assert pace.decided == 1
    assert pace.median_seconds == pytest.approx(41, abs=2)


async def test_the_workspace_shows_given_and_found_and_says_who_holds_it():
    task, kim = await one()
    joe = await member(await make_cast(), Role.REVIEWER, "Joe Park")
    desk = await call(workspaces.enter, kim, task.id)
    assert desk.notice == ""
    assert desk.given["surname"] == "Okonkwo"
    assert desk.extracted["surname"]["value"] == "Okafor"
    assert [reason.code for reason in desk.reasons[:2]] == ["name_mismatch", "image_blurred"]
    assert {check.name: summary for check, summary in desk.checks}["applicant_match"] == "Okafor is not Okonkwo."
    assert [picture.kind for picture in desk.renditions] == ["thumbnail", "view"]
    assert (await call(workspaces.enter, joe, task.id)).notice == "Kim Berg is working on this task."
    verdict = await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=desk.task.version)
    assert "Decided by Kim Berg" in (await call(workspaces.look, joe, task.id)).notice
    await call(decisions.undo, kim, verdict.id)
    assert (await call(workspaces.look, kim, task.id)).notice == ""
