"""Blackening areas that are no marks, through its own handlers, on the real services."""

import pytest
from sqlalchemy import func, select

from backoffice.db import transaction
from backoffice.models.annotations import Annotation
from backoffice.models.copies import Copy
from backoffice.models.members import Role
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.review.marks import MAX_BLACK
from backoffice.state.review.redacting import RedactingState
from tests.services.review_cast import in_review, make_cast
from tests.services.test_annotations import EVERYONE
from tests.state.review_screen import screen, sign_in
from tests.state.test_review_marks import BOX, desk

pytestmark = pytest.mark.usefixtures("database")
WHY = {"area-why": "For the police."}


async def drawing(task, **person):
    work, *_ = await desk(task, **person)
    state = await work.get_state(RedactingState)
    await state.open()
    return work, state


async def copies_of(task) -> list[Copy]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Copy).where(Copy.document_id == task.document_id))
        return list(rows.scalars())


def test_every_handler_is_for_who_decides():
    here = RedactingState.__module__
    handlers = [one.fn for one in RedactingState.event_handlers.values() if one.fn.__module__ == here]
    assert handlers
    assert all(audience_of(one).permissions == {Permission.DOCUMENTS_DECIDE} for one in handlers)


async def test_past_the_gate_nobody_else_gets_a_copy():
    task = await in_review(await make_cast())
    _, reference = await sign_in(Role.OPERATOR)
    state = await screen(RedactingState, reference, "/review/work")
    await state.open()
    await state.draw(BOX)
    await state.make(WHY)
    assert (state.task_id, state.link, await copies_of(task)) == ("", "", [])


async def test_areas_are_burnt_at_once_and_leave_no_mark():
    task = await in_review(await make_cast())
    work, state = await drawing(task)
    assert (state.task_id, state.page.id) == (work.desk.task_id, work.desk.pages[0].id)
    await state.make(WHY)
    assert (state.error, state.link) == (f"Choose 1 to {MAX_BLACK} areas to blacken.", "")
    for left in (0.1, 0.2, 0.3):
        await state.draw({"box": [left, 0.1, 0.2, 0.2]})
    await state.remove(state.areas[1].id)
    assert [(one.label, one.box[0]) for one in state.areas] == [("Area 1", 0.1), ("Area 2", 0.3)]
    await state.make({"area-why": " "})
    assert state.error.startswith("Say what the copy is for")
    await state.make(WHY)
    assert state.error == ""
    assert state.link.startswith("/files/")
    (copy,) = await copies_of(task)
    assert [box[0] for box in copy.boxes] == [0.1, 0.3]
    async with transaction(EVERYONE) as session:
        marks = select(func.count()).select_from(Annotation).where(Annotation.document_id == task.document_id)
        assert (await session.execute(marks)).scalar_one() == 0
    await state.draw(BOX)
    assert state.link == "", "a copy of other areas is another copy"
    await state.close()
    assert (state.task_id, state.areas) == ("", [])


async def test_what_is_no_rectangle_is_answered_with_a_sentence():
    _, state = await drawing(await in_review(await make_cast()))
    for box in (None, "x", [0.1], [0.9, 0.1, 0.5, 0.5], [0.1, 0.1, 0.0, 0.1]):
        assert await state.draw({"box": box}) is not None
    assert state.areas == []
    for number in range(MAX_BLACK):
        assert await state.draw({"box": [number / 100, 0.1, 0.1, 0.1]}) is None
    assert "At most" in str(await state.draw(BOX))
    assert len(state.areas) == MAX_BLACK
