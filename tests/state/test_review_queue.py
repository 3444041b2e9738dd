"""The queue's screen: what the URL asks for, rows that stay in their places, and what is done with them."""

from datetime import timedelta

import pytest

from backoffice import clock
from backoffice.adapters import live, presence
from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.services import queue_counts, review_bars, review_claims, review_rooms
from backoffice.services.access import Permission
from backoffice.state.arguments import arguments_of
from backoffice.state.gate import audience_of
from backoffice.state.live import Hub, hub
from backoffice.state.review.assigning import AssigningState
from backoffice.state.review.assignment import AssignmentState
from backoffice.state.review.counts import counts
from backoffice.state.review.presence import Looks, looks
from backoffice.state.review.queue import QueueState
from backoffice.state.review.queue_rows import PARTS
from backoffice.state.review.work import WorkState
from tests.services.review_cast import front, in_review
from tests.services.review_cast import member as some_member
from tests.state.queue_cast import EVERYONE, actor_of, call, filled, ids, open_queue
from tests.state.review_screen import go, screen, sign_in
from tests.state.test_review import handlers_of, name_of, read, target

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _fresh():
    counts.forget()


@pytest.mark.parametrize("state", [AssigningState, AssignmentState])
def test_every_handler_names_a_permission_of_reviewers_or_leads(state):
    for name, function in handlers_of(state).items():
        wanted = audience_of(function).permissions
        assert wanted & {Permission.QUEUE_READ, Permission.DOCUMENTS_DECIDE, Permission.QUEUE_MANAGE}, name
    lead_only = {"assign", "move", "ask"} if state is AssigningState else set(handlers_of(state))
    for name in lead_only:
        assert audience_of(handlers_of(state)[name]).permissions == {Permission.QUEUE_MANAGE}, name


@pytest.mark.parametrize(
    ("state", "name", "payload"),
    [
        (QueueState, "tick", {"task_id": ["rvt_1"]}),
        (QueueState, "search", {"form": {"q": {"$gt": ""}}}),
        (QueueState, "open", {"cursor": "x"}),
        (AssigningState, "take", {"task_id": 5}),
        (AssigningState, "ask", {"what": "delete"}),
        (AssigningState, "be_available", {"wanted": "yes"}),
        (AssigningState, "move", {"form": {"band": 1}}),
        (AssignmentState, "tick", {"kind": "visa"}),
        (AssignmentState, "be_available", {"member_id": "mem_1", "wanted": 1}),
    ],
)
def test_arguments_that_cannot_be_are_refused_at_the_gate(state, name, payload):
    assert not arguments_of(handlers_of(state)[name]).accept(payload)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
async def test_who_is_called_past_the_gate_still_meets_the_services(role):
    _, tasks, _ = await filled(1)
    row, reference = await sign_in(role)
    assigning = await screen(AssigningState, reference, "/review/queue")
    for act in (assigning.open(), assigning.be_available(True), assigning.refresh()):
        with pytest.raises(NotAllowed):
            await act
    await assigning.take(name_of(tasks[0]))
    assert (await read(tasks[0])).assigned_to is None
    assignment = await screen(AssignmentState, reference, "/review/assignment")
    with pytest.raises(NotAllowed):
        await assignment.open()
    with pytest.raises(NotAllowed):
        await assignment.be_available(public_id(Prefix.MEMBER, row.id), True)


async def test_a_reviewer_cannot_do_what_leads_do_by_calling_their_handlers():
    cast, tasks, partner = await filled(1)
    kim, reference = await sign_in()
    joe = await some_member(cast, Role.REVIEWER, "Joe Park")
    queue = await open_queue(reference, f"?partner={partner}")
    await queue.tick(ids(queue)[0])
    assigning = await queue.get_state(AssigningState)
    await assigning.assign({"whose": public_id(Prefix.MEMBER, joe.id)})
    await assigning.move({"band": "urgent", "reason": "mine first"})
    assert ((await read(tasks[0])).assigned_to, (await read(tasks[0])).raised_why) == (None, "")
    assignment = await screen(AssignmentState, reference, "/review/assignment")
    assignment.editing = public_id(Prefix.MEMBER, kim.id)
    await assignment.set_skills({"capacity": "100"})
    assert assignment.error.startswith("You need the permission queue:manage")
    await assignment.keep({"kept": "0"})
    assert (await call(review_rooms.kept)) == timedelta(minutes=15)


async def test_the_address_narrows_the_list_and_says_so():
    cast, tasks, partner = await filled(2, type="passport", issuing_country="NGA")
    other = await in_review(cast, type="national_id", issuing_country="SWE")
    kim, reference = await sign_in()
    queue = await open_queue(reference, f"?partner={partner}&type=passport&country=NGA&risk=low&plan=standard")
    assert ids(queue) == [name_of(task) for task in tasks]
    assert [(chip.name, chip.value) for chip in queue.chips] == [
        ("partner", cast.partner.name), ("type", "Passport"), ("country", "NGA"), ("plan", "Standard plan"),
        ("risk", "Low risk"),
    ]  # fmt: skip
    assert {tab.view: tab.count for tab in queue.tabs}["all"] == 2
    assert "type=passport" in queue.tabs[1].href
    assert target(await queue.remove("type")).count("type") == 0
    wide = await open_queue(reference, f"?partner={partner}&flag=name_mismatch")
    assert len(wide.rows) == 3
    assert {one.name for one in wide.menus} >= {"partner", "type", "country", "flag", "plan", "risk", "assignee"}
    assert wide.rows[0].about == "Standard plan"
    assert name_of(other) in ids(wide)
    mine = await open_queue(reference, "?assignee=me")
    assert mine.rows == []
    assert kim.name


async def test_a_partner_of_few_tasks_is_named_too(monkeypatch):
    monkeypatch.setattr(queue_counts, "MOST_CHOICES", 1)
    cast, tasks, partner = await filled(1)
    await filled(2)
    _, reference = await sign_in()
    queue = await open_queue(reference, f"?partner={partner}")
    assert ids(queue) == [name_of(task) for task in tasks]
    assert [(chip.name, chip.value) for chip in queue.chips] == [("partner", cast.partner.name)]


@pytest.mark.parametrize(
    "query",
    [
        "?partner=';drop&type=visa&plan=gold&risk=none&assignee=mem_1&view=x",
        "?q=%00%01&flag=%00&country=%0a",
        "?partner=ptr_00000000000000000000000000",
        "?flag=no_such_flag&country=ZZZ",
        "?assignee=doc_00000000000000000000000000",
    ],
)
async def test_what_no_address_can_mean_breaks_nothing(query):
    _, reference = await sign_in()
    queue = await open_queue(reference, query)
    assert queue.is_loaded
    assert queue.view == "all"


async def test_the_view_and_its_filters_are_as_they_were_on_return():
    _, _, partner = await filled(1)
    _, reference = await sign_in()
    queue = await open_queue(reference, f"?view=unassigned&partner={partner}&q=zzz")
    assert queue.rows == []
    await go(queue, reference, "/review/queue")
    assert target(await queue.open()) == f"/review/queue?view=unassigned&partner={partner}"
    await go(queue, reference, "/review/queue?view=all")
    assert await queue.open() is None
    await go(queue, reference, "/review/queue")
    assert await queue.open() is None


async def test_rows_change_in_their_places_and_new_ones_wait_behind_the_pill():
    cast, tasks, partner = await filled(3)
    _, reference = await sign_in()
    joe = await some_member(cast, Role.REVIEWER, "Joe Park")
    queue = await open_queue(reference, f"?partner={partner}")
    before = ids(queue)
    await call(review_claims.start, joe, tasks[1].id)
    urgent = await in_review(cast)
    async with transaction(EVERYONE) as session:
        (await session.get(ReviewTask, urgent.id)).priority = front()
        gone = await session.get(ReviewTask, tasks[2].id)
        gone.status, gone.completed_at = TaskStatus.COMPLETED, clock.now()
    counts.forget()
    await queue.refresh()
    assert ids(queue) == before
    assert [row.holder for row in queue.rows] == ["", "Joe Park", ""]
    assert [row.is_gone for row in queue.rows] == [False, False, True]
    assert queue.newer == 1
    assert {tab.view: tab.count for tab in queue.tabs}["all"] == 3
    await queue.show_new()
    assert ids(queue)[0] == name_of(urgent)
    assert (len(queue.rows), queue.newer) == (3, 0)
    await call(review_claims.hold, joe, tasks[1].id)


def parts_to_send(queue: QueueState) -> list[str]:
    return [name for name in PARTS if name in queue.parent_state.dirty_vars]


async def test_a_row_that_changed_sends_its_part_of_the_page_alone():
    cast, tasks, partner = await filled(12)
    _, reference = await sign_in()
    joe = await some_member(cast, Role.REVIEWER, "Joe Park")
    queue = await open_queue(reference, f"?partner={partner}")
    assert [len(getattr(queue, name)) for name in PARTS] == [5, 5, 2, 0, 0, 0, 0, 0, 0, 0]
    queue.parent_state._clean()
    await call(review_claims.start, joe, tasks[7].id)
    await queue.refresh()
    assert parts_to_send(queue) == ["part_1"]
    assert [row.holder for row in queue.rows].count("Joe Park") == 1


async def test_rows_that_did_not_change_are_not_sent_again():
    _, _, partner = await filled(2)
    _, reference = await sign_in()
    queue = await open_queue(reference, f"?partner={partner}")
    assert parts_to_send(queue)[0] == "part_0"
    queue.parent_state._clean()
    with clock.at(clock.now()):
        await queue.refresh()
        await queue.see()
    assert parts_to_send(queue) == []
    assert "selected" not in queue.dirty_vars


async def test_what_was_barred_since_leaves_the_screen():
    cast, tasks, partner = await filled(2)
    kim, reference = await sign_in()
    lead = await some_member(cast, Role.REVIEW_LEAD)
    queue = await open_queue(reference, f"?partner={partner}")
    await queue.tick(ids(queue)[0])
    options = {"member_id": kim.id, "partner_id": cast.partner.id}
    await call(review_bars.bar, lead, **options, reason="Their landlord")
    await queue.refresh()
    assert (queue.rows, queue.selected) == ([], [])
    assert partner not in [choice.href for menu in queue.menus if menu.name == "partner" for choice in menu.choices]
    work = await screen(WorkState, reference, f"/review/work/{name_of(tasks[0])}")
    await work.open()
    assert (work.status, work.desk.name) == ("missing", "")


async def test_a_bar_clears_the_desk_and_what_comes_next():
    cast, tasks, _ = await filled(2)
    kim, reference = await sign_in()
    lead = await some_member(cast, Role.REVIEW_LEAD)
    work = await screen(WorkState, reference, f"/review/work/{name_of(tasks[0])}")
    await work.open()
    await work.prefetch()
    assert (work.desk.name, work._next.task_id) == ("Amara Okonkwo", name_of(tasks[1]))
    handler = f"{WorkState.get_full_name()}.recheck"
    assert review_rooms.TOPIC in hub.tabs[work.router.session.client_token].names[handler]
    options = {"member_id": kim.id, "partner_id": cast.partner.id}
    await call(review_bars.bar, lead, **options, reason="Bought a house from them")
    await work.recheck()
    assert (work.status, work.desk.name, work._next.name, work.upcoming) == ("missing", "", "", [])
    assert (await read(tasks[1])).claimed_by is None


async def test_who_looks_is_seen_by_the_others_for_a_while():
    _, tasks, partner = await filled(1)
    _, kim = await sign_in()
    _, joe = await sign_in(name="Joe Park")
    queue = await open_queue(kim, f"?partner={partner}")
    assert queue.rows[0].viewers == ""
    work = await screen(WorkState, joe, f"/review/work/{name_of(tasks[0])}")
    await work.open()
    await queue.see()
    assert queue.rows[0].viewers == "Joe Park"
    assert "presence" in hub.tabs[queue.router.session.client_token].names[f"{QueueState.get_full_name()}.see"]
    own = await open_queue(joe, f"?partner={partner}")
    assert own.rows[0].viewers == ""
    await work.put_aside("hold", name_of(tasks[0]))
    await looks.left(work)
    await queue.see()
    assert queue.rows[0].viewers == ""


async def test_who_is_gone_is_not_seen_any_more(monkeypatch):
    _, tasks, _ = await filled(1)
    row, reference = await sign_in(name="Joe Park")
    around = Hub()
    others = Looks(around)
    work = await screen(WorkState, reference, f"/review/work/{name_of(tasks[0])}")
    await others.at(work, actor_of(row), name_of(tasks[0]))
    assert (await presence.viewers())[name_of(tasks[0])] == [f"{row.id}:Joe Park"]
    await others.beat()
    assert name_of(tasks[0]) not in await presence.viewers()
    monkeypatch.setattr(presence, "SECONDS", -1.0)
    await presence.seen(("somewhere", "somebody"))
    assert "somewhere" not in await presence.viewers()


async def test_without_redis_nobody_is_seen_and_nothing_fails(monkeypatch):
    _, tasks, partner = await filled(1)
    _, reference = await sign_in()

    async def away(*_):
        raise live.Away

    monkeypatch.setattr(live, "_asked", away)
    queue = await open_queue(reference, f"?partner={partner}")
    assert [row.viewers for row in queue.rows] == [""]
    work = await screen(WorkState, reference, f"/review/work/{name_of(tasks[0])}")
    await work.open()
    assert work.status == "ready"
    await work.put_aside("hold", name_of(tasks[0]))
