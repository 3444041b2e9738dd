"""Marking and comparing through their own handlers, on the real services."""

import pytest

from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import ReviewTask
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.review.compare import CompareState
from backoffice.state.review.marks import MarksState
from backoffice.state.review.work import WorkState
from tests.services.review_cast import in_review, make_cast
from tests.state.review_screen import screen, sign_in

pytestmark = pytest.mark.usefixtures("database")
BOX = {"id": "x", "box": [0.1, 0.1, 0.2, 0.2]}


async def desk(task: ReviewTask, **person):
    """The three states of one tab with this task."""
    _, reference = await sign_in(**person)
    work = await screen(WorkState, reference, f"/review/work/{public_id(Prefix.REVIEW_TASK, task.id)}")
    await work.open()
    marks, compare = await work.get_state(MarksState), await work.get_state(CompareState)
    await marks.open()
    await compare.open()
    return work, marks, compare


@pytest.mark.parametrize("state", [MarksState, CompareState])
def test_every_handler_is_for_who_decides(state):
    handlers = [one.fn for one in state.event_handlers.values() if one.fn.__module__ == state.__module__]
    assert handlers
    assert all(audience_of(one).permissions == {Permission.DOCUMENTS_DECIDE} for one in handlers)


async def test_a_handler_that_is_called_past_the_gate_still_meets_the_service():
    task = await in_review(await make_cast())
    _, reference = await sign_in(Role.OPERATOR)
    name = public_id(Prefix.REVIEW_TASK, task.id)
    marks = await screen(MarksState, reference, f"/review/work/{name}")
    with pytest.raises(NotAllowed):
        await marks.drawn(name, str(new_id()), BOX)
    await marks.open()
    assert (marks.task_id, marks.marks.rows) == ("", [])


async def test_any_argument_is_answered_with_a_sentence():
    work, marks, compare = await desk(await in_review(await make_cast()))
    task_id, picture = work.desk.task_id, work.desk.pages[0].id
    for call in (
        lambda: marks.drawn("nonsense", picture, BOX),
        lambda: marks.drawn(task_id, "nonsense", BOX),
        lambda: marks.remove("nonsense"),
        lambda: compare.choose("page:nonsense"),
        lambda: compare.choose(f"doc_{'0' * 26}:0"),
    ):
        with pytest.raises(NotFound):
            await call()
    await compare.show("nonsense")
    assert compare.mode == ""
    assert await marks.choose("nonsense") == []


async def test_another_reviewers_task_takes_no_mark():
    task = await in_review(await make_cast())
    await desk(task)
    work, marks, _ = await desk(task, name="Joe Park")
    assert not work.desk.is_mine
    with pytest.raises(Conflict, match="not yours"):
        await marks.drawn(work.desk.task_id, work.desk.pages[0].id, BOX)


async def test_a_mark_is_drawn_explained_chosen_and_removed():
    work, marks, _ = await desk(await in_review(await make_cast()))
    picture = work.desk.pages[0].id
    await marks.drawn(work.desk.task_id, picture, BOX)
    (row,) = marks.marks.rows
    assert (marks.editing, row.title, row.place, row.is_mine) == (row.id, "Mark 1", "Front", True)
    await marks.save({"mark-note": "Written over.", "mark-reason": "tampering_suspected"})
    (row,) = marks.marks.rows
    assert (marks.editing, row.note, row.reason) == ("", "Written over.", "tampering_suspected")
    assert marks.marks.drawn == {picture: [row]}
    assert row.label.startswith("Mark 1: ")
    assert len(await marks.choose(row.id)) == 1
    await marks.remove(row.id)
    assert marks.marks.rows == []


async def test_a_copy_takes_the_chosen_marks_of_the_shown_page():
    work, marks, _ = await desk(await in_review(await make_cast()))
    picture = work.desk.pages[0].id
    await marks.drawn(work.desk.task_id, picture, BOX)
    await marks.copy(picture, {"copy-why": "For the police."})
    assert marks.link == "", "nothing was chosen"
    await marks.blacken(marks.marks.rows[0].id)
    await marks.copy(picture, {"copy-why": "For the police."})
    assert marks.link.startswith("/files/")
    await marks.blacken(marks.marks.rows[0].id)
    assert (marks.link, marks.black) == ("", [])


async def test_comparing_goes_round_and_remembers_what_it_compares_with():
    cast = await make_cast()
    await in_review(cast)
    work, _, compare = await desk(await in_review(cast))
    assert [row.tie for row in compare.related] == ["Another applicant, same data"]
    for mode in ("side", "overlay", "blink", ""):
        await compare.cycle()
        assert compare.mode == mode
    assert compare.src.startswith("/files/")
    assert compare.chosen == compare.choices[0].value
    await compare.choose(f"page:{work.desk.pages[0].id}")
    assert (compare.src, compare.mode) == (work.desk.pages[0].src, "side")


async def test_without_anything_to_compare_with_it_says_so():
    _, _, compare = await desk(await in_review(await make_cast()))
    assert await compare.cycle() is not None
    assert compare.mode == ""
