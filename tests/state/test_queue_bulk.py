"""Deciding many from the queue: the selection, the question, the progress, and taking it back."""

import pytest

from backoffice.jobs import bulk_actions as jobs
from backoffice.models.members import Role
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.review.assigning import AssigningState
from backoffice.state.review.bulk import BulkState
from backoffice.state.review.counts import counts
from backoffice.state.review.picking import PickState
from tests.state.queue_cast import filled, ids, open_queue
from tests.state.review_screen import screen, sign_in
from tests.state.test_review import handlers_of, read

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _fresh():
    counts.forget()


async def chosen(count: int, picked: int, role=Role.REVIEWER):
    _, tasks, partner = await filled(count)
    _, reference = await sign_in(role)
    queue = await open_queue(reference, f"?partner={partner}")
    for task_id in ids(queue)[:picked]:
        await queue.tick(task_id)
    bulk = await queue.get_state(BulkState)
    await bulk.open()
    return tasks, queue, bulk, reference


def test_handlers_are_for_who_decides():
    for name, function in handlers_of(BulkState).items():
        wanted = {"open": Permission.QUEUE_READ, "close": Permission.QUEUE_READ, "dismiss": Permission.QUEUE_READ}
        assert audience_of(function).permissions == {wanted.get(name, Permission.DOCUMENTS_DECIDE)}, name
    assert handlers_of(PickState) == {}


async def test_the_question_names_the_number_and_needs_a_reason():
    tasks, queue, bulk, _ = await chosen(3, 2)
    await bulk.ask("resubmit")
    assert (bulk.asking, bulk.amount) == ("resubmit", 2)
    codes = {one.code for one in bulk.choices}
    assert "image_blurred" in codes
    assert "forgery" not in codes
    assert [one.code for one in bulk.choices if one.needs_note] == ["other"]
    await bulk.confirm({})
    assert bulk.error == "Choose at least one reason."
    await bulk.tick("forgery")
    assert bulk.codes == [], "it is not among the choices"
    await bulk.tick("image_blurred")
    await bulk.confirm({})
    assert (bulk.asking, bulk.error) == ("", "")
    assert (bulk.progress.is_running, bulk.progress.words) == (True, "0 done, 2 to go")
    await jobs.run(bulk.progress.id)
    await bulk.refresh()
    assert (bulk.progress.is_running, bulk.progress.words) == (False, "2 done")
    assert bulk.progress.undo_until
    assert (await read(tasks[2])).verdict_id is None
    assert "2 taken back" in str(await bulk.undo())
    assert (await read(tasks[0])).verdict_id is None
    assert bulk.progress.undo_until == ""
    assert "too late" in str(await bulk.undo())
    await bulk.dismiss()
    assert bulk.progress.id == ""
    assert queue.view == "all"


async def test_what_is_written_goes_with_every_decision_and_a_reason_may_need_it():
    tasks, _, bulk, _ = await chosen(2, 2)
    await bulk.ask("reject")
    await bulk.tick("other")
    await bulk.confirm({})
    assert bulk.error == "This reason needs a note that explains it."
    await bulk.confirm({"bulk-note": "x" * 4_001})
    assert bulk.error == "The note is longer than 4000 characters."
    await bulk.confirm({"bulk-note": " One campaign. ", "bulk-message": "x" * 1_001})
    assert bulk.error == "The message to the applicant is longer than 1,000 characters."
    assert bulk.progress.id == ""
    await bulk.confirm({"bulk-note": " One campaign. ", "bulk-message": "Please write to us."})
    assert (bulk.error, bulk.progress.words) == ("", "0 done, 2 to go")
    await jobs.run(bulk.progress.id)
    for task in tasks:
        row = await read(task)
        assert row.verdict_reasons == ["other"]
        assert None not in (row.verdict_note_box, row.verdict_message_box)


async def test_all_that_match_are_decided_and_what_comes_later_is_not():
    tasks, queue, bulk, _ = await chosen(4, 1)
    picked = await queue.get_state(PickState)
    await queue.select_matching()
    assert (picked.amount, queue.selected) == (4, ids(queue))
    await queue.tick(ids(queue)[0])
    assert picked.amount == 0, "a tick goes back to the page"
    await queue.select_matching()
    await bulk.ask("reject")
    await bulk.tick("forgery")
    await bulk.confirm({})
    await jobs.run(bulk.progress.id)
    assert [(await read(task)).verdict_outcome for task in tasks] == ["rejected"] * 4


async def test_all_that_match_are_assigned():
    tasks, queue, _, _ = await chosen(3, 1, Role.REVIEW_LEAD)
    assigning, picked = await queue.get_state(AssigningState), await queue.get_state(PickState)
    await queue.select_matching()
    await assigning.take_selected()
    assert len({(await read(task)).assigned_to for task in tasks}) == 1
    assert (await read(tasks[2])).assigned_to is not None
    assert (picked.amount, queue.selected) == (0, [])


async def test_another_tab_shows_what_runs_and_cannot_begin_a_second():
    _, queue, bulk, reference = await chosen(2, 2)
    await bulk.ask("reject")
    await bulk.tick("forgery")
    first = bulk._press
    await bulk.confirm({})
    other = await screen(BulkState, reference, "/review/queue")
    await other.open()
    assert (other.progress.id, other.progress.is_running) == (bulk.progress.id, True)
    await bulk.ask("reject")
    await bulk.tick("forgery")
    await bulk.confirm({})
    assert "still running" in bulk.error
    await queue.select_none()
    await bulk.ask("reject")
    assert (bulk.asking, bulk._press != first) == ("", True), "nothing is selected any more"
    await other.stop()
    assert other.progress.words == "0 done, 2 left alone"


async def test_without_a_question_nothing_happens():
    _, _, bulk, _ = await chosen(1, 1)
    assert await bulk.confirm({}) == []
    assert await bulk.undo() == []
    await bulk.stop()
    assert bulk.progress.id == ""
