"""Assigning from the queue: the selection, the lead's dialogs, coming and going."""

import asyncio

import pytest

from backoffice.errors import NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.reviewers import Availability
from backoffice.services import review_bars, review_tasks, reviewers
from backoffice.services.review_queue import Filter
from backoffice.state.live import Hub
from backoffice.state.review.assigning import AssigningState
from backoffice.state.review.assignment import AssignmentState
from backoffice.state.review.counts import Counts, counts
from tests.services.review_cast import member as some_member
from tests.state.queue_cast import actor_of, call, filled, ids, open_queue
from tests.state.review_screen import screen, sign_in
from tests.state.test_review import read


@pytest.fixture(autouse=True)
def _fresh():
    counts.forget()


async def test_a_row_is_taken_and_given_away_by_the_selection():
    cast, tasks, partner = await filled(3)
    lena, reference = await sign_in(Role.REVIEW_LEAD, "Lena Lead")
    joe = await some_member(cast, Role.REVIEWER, "Joe Park")
    queue = await open_queue(reference, f"?partner={partner}")
    assigning = await queue.get_state(AssigningState)
    await assigning.open()
    assert any(one.label.startswith("Joe Park · away · 0 of 5") for one in assigning.people)
    await assigning.take(ids(queue)[0])
    assert (await read(tasks[0])).assigned_to == lena.id
    await queue.tick("rvt_stranger")
    for task_id in ids(queue)[1:]:
        await queue.tick(task_id)
    assert queue.selected == ids(queue)[1:]
    await call(review_bars.bar, actor_of(lena), member_id=joe.id, partner_id=cast.partner.id, reason="A friend")
    await assigning.ask("assign")
    await assigning.assign({"whose": public_id(Prefix.MEMBER, joe.id)})
    assert [one.refusal for one in assigning.outcomes] == ["Joe Park is barred from this partner."] * 2
    assert (queue.selected, assigning.asking) == (ids(queue)[1:], "")
    await assigning.close()
    await assigning.take_selected()
    assert {(await read(task)).assigned_to for task in tasks} == {lena.id}
    assert (queue.selected, assigning.outcomes) == ([], [])
    await queue.refresh()
    assert all(row.is_mine for row in queue.rows)
    await queue.tick(ids(queue)[0])
    await assigning.assign({"whose": ""})
    assert (await read(tasks[0])).assigned_to is None


async def test_a_lead_moves_what_is_selected_and_the_row_says_why():
    _, _, partner = await filled(1)
    _, reference = await sign_in(Role.REVIEW_LEAD)
    queue = await open_queue(reference, f"?partner={partner}")
    assigning = await queue.get_state(AssigningState)
    await queue.tick(ids(queue)[0])
    await assigning.ask("move")
    assert await assigning.move({"band": "urgent", "reason": " "}) == []
    assert assigning.error.startswith("Say why")
    await assigning.move({"band": "urgent", "reason": "The customer waits at a desk"})
    await queue.refresh()
    assert queue.rows[0].about == "Moved by a lead: The customer waits at a desk · Standard plan"


async def test_coming_and_going_is_ones_own():
    row, reference = await sign_in()
    assigning = await screen(AssigningState, reference, "/review/queue")
    await assigning.be_available(True)
    assert await call(reviewers.availability, actor_of(row)) == Availability.AVAILABLE
    await assigning.be_available(False)
    await assigning.open()
    assert not assigning.is_available


async def test_a_lead_sets_skills_bars_and_the_room():
    cast, _, partner = await filled(1)
    _, reference = await sign_in(Role.REVIEW_LEAD)
    joe = await some_member(cast, Role.REVIEWER, "Joe Park")
    page = await screen(AssignmentState, reference, "/review/assignment")
    await page.open()
    key = public_id(Prefix.MEMBER, joe.id)
    await page.edit(key, "skills")
    await page.tick("passport")
    await page.set_skills({"countries": "fra, CHE", "languages": "DE sv", "capacity": "many"})
    assert page.error.startswith("A whole number")
    await page.set_skills({"countries": "fra, CHE", "languages": "DE sv", "capacity": "3"})
    (row,) = [one for one in page.rows if one.id == key]
    assert (row.skills, row.capacity, page.editing) == ("Passport · CHE, FRA · German, Swedish", 3, "")
    await page.edit(key, "bar")
    await page.bar({"partner": partner, "reason": ""})
    assert page.error.startswith("Say why")
    await page.bar({"partner": partner, "reason": "His brother works there"})
    (row,) = [one for one in page.rows if one.id == key]
    assert [(bar.partner, bar.reason) for bar in row.bars] == [(cast.partner.name, "His brother works there")]
    await page.lift(key, partner)
    with pytest.raises(NotFound):
        await page.lift(key, partner)
    await page.keep({"kept": "-5", "second": "0"})
    assert page.error
    await page.keep({"kept": "20", "second": "0"})
    assert page.kept_minutes == 20
    await page.keep({"kept": "15", "second": "0"})


async def test_counts_are_shared_for_a_moment_and_mended_after_it():
    _, _, partner = await filled(1)
    row, _ = await sign_in()
    around, actor, by = Hub(), actor_of(row), Filter()
    shared = Counts(around, quiet_seconds=0.2)
    woken = asyncio.Event()
    around.on_name(lambda name: woken.set() if name == review_tasks.QUEUE else None)
    first, second = await asyncio.gather(shared.read(actor, by), shared.read(actor, by))
    assert second is first
    around.heard(review_tasks.QUEUE)
    woken.clear()
    assert await shared.read(actor, by) is first
    await asyncio.wait_for(woken.wait(), 5)
    assert await shared.read(actor, by) is not first
    assert partner
