"""The reviewers' screens through their own handlers, on the real services."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotAllowed, NotSignedIn
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, ReviewTask, TaskStatus
from backoffice.screening.types import Derivative
from backoffice.services import decisions, erasures, withdrawals
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.live import hub
from backoffice.state.review.queue import QueueState, queue_url
from backoffice.state.review.work import WorkState
from tests.services.review_cast import CLEAN, SYSTEM, front, in_review, make_cast
from tests.state.review_screen import go, screen, sign_in

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


async def task_for_test(priority: int = 0, **fields) -> ReviewTask:
    task = await in_review(await make_cast(), **fields)
    async with transaction(EVERYONE) as session:
        (await session.get(ReviewTask, task.id)).priority = priority
    return task


async def read(task: ReviewTask) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await session.get(ReviewTask, task.id)


def name_of(task: ReviewTask) -> str:
    return public_id(Prefix.REVIEW_TASK, task.id)


async def desk_with(task: ReviewTask, **person) -> tuple[WorkState, str]:
    _, reference = await sign_in(**person)
    work = await screen(WorkState, reference, f"/review/work/{name_of(task)}")
    await work.open()
    return work, reference


def target(spec) -> str:
    spec = spec[0] if isinstance(spec, list) else spec
    return spec.args[0][1]._var_value if hasattr(spec.args[0][1], "_var_value") else str(spec.args[0][1])


def handlers_of(state):
    return {
        name: handler.fn for name, handler in state.event_handlers.items() if handler.fn.__module__ == state.__module__
    }


@pytest.mark.parametrize("state", [QueueState, WorkState])
def test_every_handler_is_for_reviewers_only(state):
    mine = handlers_of(state)
    assert mine
    for name, function in mine.items():
        audience = audience_of(function)
        assert audience, name
        assert audience.permissions & {Permission.QUEUE_READ, Permission.DOCUMENTS_DECIDE}, name


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
async def test_a_handler_that_is_called_past_the_gate_still_meets_the_service(role):
    task = await task_for_test(0)
    _, reference = await sign_in(role)
    work = await screen(WorkState, reference, f"/review/work/{name_of(task)}")
    with pytest.raises(NotAllowed):
        await work.open()
    queue = await screen(QueueState, reference, "/review/queue")
    with pytest.raises(NotAllowed):
        await queue.open()
    assert (queue.rows, work.desk.name) == ([], "")


async def test_nobody_without_a_session_sees_anything():
    work = await screen(WorkState, "", "/review/work")
    with pytest.raises(NotSignedIn):
        await work.begin()


async def test_the_queue_finds_a_document_and_hears_of_changes():
    task = await task_for_test(0)
    _, reference = await sign_in()
    document_id = public_id(Prefix.DOCUMENT, task.document_id)
    queue = await screen(QueueState, reference, f"/review/queue?q={document_id}")
    await queue.open()
    assert [row.document_id for row in queue.rows] == [document_id]
    assert queue.rows[0].why == "Name differs from the given one"
    assert "queue:main" in hub.tabs[queue.router.session.client_token].names[f"{QueueState.get_full_name()}.refresh"]
    assert {tab.view: tab.is_current for tab in queue.tabs}["all"]


async def test_an_unknown_view_is_the_whole_queue():
    _, reference = await sign_in()
    queue = await screen(QueueState, reference, "/review/queue?view=';drop&q=")
    await queue.open()
    assert queue.view == "all"
    assert queue_url({"view": "mine", "q": "a&b"}) == "/review/queue?view=mine&q=a%26b"


async def test_start_gives_the_best_task():
    task = await task_for_test(front())
    _, reference = await sign_in()
    work = await screen(WorkState, reference, "/review/work")
    assert name_of(task) in target(await work.begin())
    await go(work, reference, f"/review/work/{name_of(task)}")
    await work.open()
    assert (work.status, work.desk.name, work.desk.is_mine) == ("ready", "Amara Okonkwo", True)
    assert (await read(task)).status == TaskStatus.IN_PROGRESS
    await work.put_aside("hold", name_of(task))


async def test_approve_shows_the_next_task_at_once_and_undo_returns():
    urgent = front()
    first, second = await task_for_test(urgent), await task_for_test(urgent + 1)
    work, reference = await desk_with(first)
    await work.prefetch()
    assert work.upcoming
    assert work.upcoming[0].startswith("/files/")
    assert await work.approve(name_of(first)) is None
    assert work.desk.task_id == name_of(second)
    assert name_of(second) in target(await work.follow(name_of(second)))
    await go(work, reference, f"/review/work/{name_of(second)}")
    assert await work.follow(name_of(second)) is None, "the address names it already"
    assert (work.undoable.name, work.undoable.said) == ("Amara Okonkwo", "approved")
    assert (await read(first)).verdict_outcome == "approved"
    answers = await work.undo()
    assert name_of(first) in target(answers[1])
    assert (await read(first)).verdict_id is None
    assert work.undoable.verdict_id == ""
    for task in (first, second):
        await go(work, reference, f"/review/work/{name_of(task)}")
        await work.open()
        await work.put_aside("hold", name_of(task))


async def test_undo_before_the_address_has_followed_opens_the_task_and_stays_with_it():
    urgent = front()
    first, second = await task_for_test(urgent), await task_for_test(urgent + 1)
    work, _ = await desk_with(first)
    await work.approve(name_of(first))
    assert work.desk.task_id == name_of(second)
    answers = await work.undo()
    assert "open" in str(answers[2].handler.fn), "the address names it already, so going there opens nothing"
    assert await work.follow(name_of(second)) is None
    await work.open()
    assert (work.desk.task_id, work.desk.is_mine) == (name_of(first), True)


async def test_a_page_that_was_loaded_meanwhile_shows_what_its_own_address_names():
    urgent = front()
    first, second, third = [await task_for_test(urgent + place) for place in range(3)]
    work, reference = await desk_with(first)
    await work.approve(name_of(first))
    assert work.desk.task_id == name_of(second)
    await go(work, reference, f"/review/work/{name_of(third)}")
    assert await work.follow(name_of(second)) is None
    await work.open()
    assert work.desk.task_id == name_of(third)


async def test_who_is_quicker_than_the_fetching_gets_the_next_task_all_the_same():
    urgent = front()
    first, second = await task_for_test(urgent), await task_for_test(urgent + 1)
    work, _ = await desk_with(first)
    await work.approve(name_of(first))
    assert work.desk.task_id == name_of(second)
    assert (await read(second)).claimed_by == (await read(first)).verdict_by


async def test_what_was_fetched_beside_another_task_is_not_shown_after_this_one():
    urgent = front()
    first, second = await task_for_test(urgent), await task_for_test(urgent + 1)
    work, reference = await desk_with(first)
    await work.prefetch()
    await go(work, reference, f"/review/work/{name_of(second)}")
    answer = await work.open()
    assert "prefetch" in str(answer.fn), "fetched anew: the one that was ready is on the desk"
    await work.approve(name_of(second))
    assert work.desk.task_id == name_of(first)


async def test_what_did_not_change_does_not_travel_again():
    urgent = front()
    first, second = await task_for_test(urgent), await task_for_test(urgent + 1)
    with clock.at(clock.now()):
        work, reference = await desk_with(first)
        await work.prefetch()
        work._clean()
        await work.refresh()
        assert "desk" not in work.dirty_vars
        await work.approve(name_of(first))
        answers = await work.follow(name_of(second))
        assert "prefetch" in str(answers[1].fn), "the one after the next is fetched before the address follows"
        work._clean()
        async with transaction(Tenancy.everyone()) as session:
            over = update(ReviewTask).where(ReviewTask.id == second.id).values(claim_expires_at=clock.now())
            await session.execute(over)
        await work.refresh()
        assert "desk" not in work.dirty_vars, "the address still names the first; opening the second reads it anyhow"
        await go(work, reference, f"/review/work/{name_of(second)}")
        await work.refresh()
        assert "desk" in work.dirty_vars


async def test_a_second_press_of_the_key_does_not_decide_the_next_task():
    urgent = front()
    first, second = await task_for_test(urgent), await task_for_test(urgent + 1)
    work, _ = await desk_with(first)
    await work.prefetch()
    await work.approve(name_of(first))
    assert await work.approve(name_of(first)) is None
    assert (await read(second)).verdict_id is None
    await work.put_aside("hold", name_of(second))


async def test_reject_takes_the_reasons_and_refuses_foreign_ones():
    task = await task_for_test()
    work, _ = await desk_with(task)
    shown = name_of(task)
    assert await work.decide({"mode": "reject", "task": "rvt_other", "codes": ["forgery"]}) is None
    await work.decide({"mode": "reject", "task": shown, "codes": ["image_blurred"], "note": "soft", "message": ""})
    row = await read(task)
    assert (row.verdict_outcome, row.verdict_reasons) == ("rejected", ["image_blurred"])


async def test_two_reviewers_on_one_task_make_one_decision_and_the_other_reads_who():
    task = await task_for_test()
    kim, _ = await desk_with(task)
    joe, _ = await desk_with(task, name="Joe Park")
    assert joe.desk.notice == "Kim Berg is working on this task."
    assert not joe.desk.is_mine
    with pytest.raises(Conflict, match="Kim Berg is working"):
        await joe.approve(name_of(task))
    await kim.approve(name_of(task))
    await joe.refresh()
    assert joe.desk.notice.startswith("Decided by Kim Berg")
    with pytest.raises(Conflict, match="Decided by Kim Berg"):
        await joe.approve(name_of(task))
    verdict_id = (await read(task)).verdict_id
    with clock.at(clock.now() + timedelta(seconds=5)):
        async with transaction(EVERYONE) as session:
            await decisions.finalize(session, SYSTEM, task.id, verdict_id)
    async with transaction(EVERYONE) as session:
        statement = select(func.count()).select_from(Decision).where(Decision.document_id == task.document_id)
        assert (await session.execute(statement)).scalar_one() == 1


async def test_who_has_a_document_open_that_is_taken_back_or_erased_is_told_why():
    cast = await make_cast()
    back, erased = await in_review(cast), await in_review(cast)
    reader, _ = await desk_with(back)
    other, _ = await desk_with(erased)
    async with transaction(EVERYONE) as session:
        await withdrawals.cancel_document(session, cast.api, back.document_id)
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, erased.document_id)
        request = await erasures.request(session, cast.api, document.applicant_id)
        await erasures.begin(session, SYSTEM, request.id)
    await reader.refresh()
    await other.refresh()
    assert reader.desk.notice.startswith("The partner has taken this document back.")
    assert other.desk.notice.startswith("This document has been erased as its applicant asked.")
    assert (other.desk.name, other.desk.pages) == ("Unnamed", [])
    for shown in (reader.desk, other.desk):
        assert (shown.is_mine, shown.can_claim) == (False, False)


async def test_what_is_put_aside_does_not_come_back_by_itself():
    task = await task_for_test(front())
    work, reference = await desk_with(task)
    await work.put_aside("skip", name_of(task))
    answer = await work.begin()
    assert answer is None or name_of(task) not in target(answer)
    again = await screen(WorkState, (await sign_in())[1], "/review/work")
    again._skipped = [name_of(task)]
    assert name_of(task) in target(await again.look_again())
    async with transaction(EVERYONE) as session:
        (await session.get(ReviewTask, task.id)).claimed_by = None
    await go(work, reference, f"/review/work/{name_of(task)}")
    await work.open()
    await work.put_aside("delete", name_of(task))
    assert (await read(task)).status == TaskStatus.IN_PROGRESS
    await work.put_aside("escalate", name_of(task))
    assert (await read(task)).status == TaskStatus.ESCALATED


async def test_a_task_that_does_not_exist_says_so():
    _, reference = await sign_in()
    for address in ("rvt_00000000000000000000000000", "nonsense"):
        work = await screen(WorkState, reference, f"/review/work/{address}")
        await work.open()
        assert work.status == "missing"


async def test_pictures_keep_their_address_while_the_task_is_read_again():
    task = await task_for_test()
    work, _ = await desk_with(task)
    before = work.desk.pages[0].src
    with clock.at(clock.now() + timedelta(minutes=3)):
        await work.refresh()
        assert work.desk.pages[0].src == before
        work.page = 5
        await work.renew()
        assert work.desk.pages[0].src != before


async def test_fields_and_checks_light_up_where_they_stand():
    task = await task_for_test()
    work, _ = await desk_with(task)
    await work.select("surname")
    assert (work.selected, work.page) == ("surname", 0)
    await work.select("surname")
    assert work.selected == ""
    await work.command("next-check")
    assert work.selected == "check-applicant_match"
    await work.command("next-page")
    assert work.page == 0
    await work.turn_to(-7)
    assert work.page == 0


async def test_the_heat_map_stands_where_the_picture_was_and_goes_with_the_page():
    hot = replace(CLEAN, derivatives=(*CLEAN.derivatives, Derivative(0, 0, "forensics", 20, 15, b"\xff\xd8heat")))
    work, _ = await desk_with(await task_for_test(screening=hot))
    assert work.desk.pages[0].heat not in {"", work.desk.pages[0].src}
    await work.command("heat")
    assert work.is_heat
    await work.command("heat")
    assert not work.is_heat
    await work.command("heat")
    await work.turn_to(0)
    assert not work.is_heat
    plain, _ = await desk_with(await task_for_test())
    await plain.command("heat")
    assert (plain.is_heat, plain.desk.pages[0].heat) == (False, "")


async def test_the_undo_note_goes_when_the_verdict_is_final():
    task = await task_for_test()
    work, _ = await desk_with(task)
    await work.approve(name_of(task))
    assert parse_public_id(Prefix.DECISION, work.undoable.verdict_id) == (await read(task)).verdict_id
    with clock.at(clock.now() + timedelta(seconds=30)):
        await work.settle()
    assert work.undoable.verdict_id == ""
