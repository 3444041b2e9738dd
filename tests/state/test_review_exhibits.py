"""The pictures on a timeline through their own handlers, on the real services."""

import pytest
from sqlalchemy import update

from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import annotations, review_bars
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.review.exhibits import ExhibitsState
from backoffice.state.review.story import StoryState
from tests.services.quality_cast import decided, drawn, only_mine, shares, taken
from tests.services.review_cast import make_cast, member
from tests.services.sample_cast import call
from tests.services.test_annotations import BOX, EVERYONE, NOTE, held, marked
from tests.state.review_screen import go, screen, sign_in
from tests.state.test_review_quality import person

pytestmark = pytest.mark.usefixtures("database")


def address(document_id) -> str:
    return f"/review/documents/{public_id(Prefix.DOCUMENT, document_id)}"


async def opened(document_id, **who) -> ExhibitsState:
    _, reference = await sign_in(**who)
    state = await screen(ExhibitsState, reference, address(document_id))
    await state.open()
    return state


def is_empty(state: ExhibitsState) -> bool:
    return (state.document_id, state.pages, state.marks.rows) == ("", [], [])


def test_every_handler_is_for_who_decides():
    handlers = [
        one.fn for one in ExhibitsState.event_handlers.values() if one.fn.__module__ == ExhibitsState.__module__
    ]
    assert handlers
    assert all(audience_of(one).permissions == {Permission.DOCUMENTS_DECIDE} for one in handlers)


async def test_past_the_gate_nobody_else_sees_a_picture():
    task, kim, picture = await held()
    await marked(task, kim, picture)
    for role in (Role.OPERATOR, Role.AUDITOR):
        assert is_empty(await opened(task.document_id, role=role))


async def test_who_is_barred_or_judges_blind_sees_none():
    await shares()
    await only_mine()
    cast = await make_cast()
    kim, _ = await person()
    joe, reference = await person()
    decision = await decided(cast, kim)
    await drawn()
    assert await taken(joe) is not None
    state = await screen(ExhibitsState, reference, address(decision.document_id))
    await state.open()
    assert is_empty(state)
    lead = await member(cast, Role.REVIEW_LEAD)
    lena, reference = await person(Role.REVIEW_LEAD)
    state = await screen(ExhibitsState, reference, address(decision.document_id))
    await state.open()
    assert len(state.pages) == 1
    await call(review_bars.bar, lead, member_id=lena.id, partner_id=cast.partner.id, reason="A relative.")
    await state.refresh()
    assert is_empty(state), "what was shown goes away"


async def test_the_picture_carries_what_was_read_and_marked_and_each_lights_up():
    task, kim, picture = await held()
    mark_id = await marked(task, kim, picture, reason="tampering_suspected")
    state = await opened(task.document_id, name="Joe Park")
    (page,) = state.pages
    assert {box.id for box in page.boxes} >= {"surname", "document_number"}
    (row,) = state.marks.drawn[page.id]
    assert (row.id, row.box, row.note, row.by, row.is_mine) == (str(mark_id), BOX, NOTE, "Kim Berg", False)
    assert await state.light("surname") is None
    assert state.selected == "surname"
    await state.light(str(mark_id))
    assert state.selected == str(mark_id)
    assert "Nothing of it" in str(await state.light("check-nonsense"))
    assert state.selected == str(mark_id)
    await state.turn_to(99)
    assert (state.page, state.selected) == (0, "")
    await state.close()
    assert is_empty(state)
    await state.light(str(mark_id))
    assert (state.document_id, state.selected) == (public_id(Prefix.DOCUMENT, task.document_id), str(mark_id))


async def test_a_refresh_keeps_the_address_of_the_picture_and_takes_off_what_was_removed():
    task, kim, picture = await held()
    mark_id = await marked(task, kim, picture)
    state = await opened(task.document_id, name="Joe Park")
    before = state.pages[0].src
    await call(annotations.remove, kim, task.id, mark_id)
    await state.refresh()
    assert (state.pages[0].src, state.marks.rows) == (before, [])


async def test_pictures_of_one_document_do_not_stand_beside_another():
    task, _, _ = await held()
    other, _, _ = await held()
    _, reference = await sign_in()
    state = await screen(ExhibitsState, reference, address(task.document_id))
    await state.open()
    page = state.pages[0].id
    await go(state, reference, address(other.document_id))
    await state.refresh()
    assert state.document_id != public_id(Prefix.DOCUMENT, other.document_id), "the page shows none"
    await state.light("surname")
    assert state.document_id == public_id(Prefix.DOCUMENT, other.document_id)
    assert state.pages[0].id != page


async def test_the_second_signer_sees_no_mark_of_the_first_on_the_timeline_either():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    await marked(task, kim, picture)
    async with transaction(EVERYONE) as session:
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(needs_second=True))
    state = await opened(task.document_id, name="Joe Park")
    assert (len(state.pages), state.marks.rows) == (1, [])


async def test_entries_name_the_mark_that_they_are_about_once_the_task_is_over():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    mark_id = await marked(task, kim, picture)
    _, reference = await sign_in()
    story = await screen(StoryState, reference, address(task.document_id))
    await story.open()
    assert {row.mark_id for row in story.entries} == {""}, "an open task tells less"
    async with transaction(EVERYONE) as session:
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(status="completed"))
    await story.refresh()
    assert {row.mark_id for row in story.entries} == {"", str(mark_id)}
