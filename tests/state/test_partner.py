"""The partner's screens: what each shows, to whom, and what it never shows."""

import dataclasses
from datetime import timedelta

import pytest

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.screening.types import Derivative
from backoffice.services import documents, metrics
from backoffice.state.partner.boards import boards
from backoffice.state.partner.dashboard import DashboardState
from backoffice.state.partner.document import DocumentState
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.partner.numbers import NumbersState
from backoffice.state.partner.revealing import RevealState
from tests.services.review_cast import CLEAN, SYSTEM, in_review, make_cast, submitted
from tests.services.webhook_cast import emit, endpoint_of, quiet
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import go, screen

NOWHERE = "http://127.0.0.1:9/hook"
SECRETS = ("Okonkwo", "Okafor", "Amara", "1991-04-02", "P1234567")


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def move(document_id, status):
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        await documents.change_status(session, SYSTEM, document, status)


# The list


async def test_the_list_shows_its_partners_documents_only(acme):
    rival = await make_cast()
    mine = await submitted(acme)
    await submitted(rival)
    state = await screen(DocumentsState, await sign_in(acme), "/partner/documents")
    await DocumentsState.open.fn(state)
    assert [row.id for row in state.rows] == [public_id(Prefix.DOCUMENT, mine)]
    assert not any(secret in shown(state) for secret in SECRETS)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?status=in_review", 1),
        ("?status=submitted,processing", 2),
        ("?status=declined", 3),
        ("?type=passport", 1),
        ("?type=spaceship", 3),
        ("?q=user-1", 1),
        ("?q=%25", 0),
        ("?q=nobody", 0),
        ("?from=2999-01-01", 0),
        ("?from=2000-01-01", 3),
        ("?from=yesterday", 3),
        ("?decided=2000-01-01", 0),
        ("?mode=test", 0),
        ("?strange=1", 3),
    ],
)
async def test_the_url_holds_the_filters(acme, query, count):
    await in_review(acme, external_id="user-1")
    await submitted(acme, external_id="user-2")
    await submitted(acme, external_id="other", type="national_id")
    state = await screen(DocumentsState, await sign_in(acme), f"/partner/documents{query}")
    await DocumentsState.open.fn(state)
    assert len(state.rows) == count
    assert state.newer == 0


async def test_each_kpi_leads_to_a_list_of_as_many(acme):
    for status in (DocumentStatus.APPROVED, DocumentStatus.REJECTED):
        task = await in_review(acme)
        await move(task.document_id, status)
    await in_review(acme)
    await submitted(acme)
    actor_reference = await sign_in(acme)
    async with transaction(SYSTEM.tenancy) as session:
        found = await metrics.numbers(session, SYSTEM, acme.partner.id, livemode=True)
    today = now().date().isoformat()
    lists = {
        f"?from={today}": found.received,
        "?status=submitted,processing": found.in_progress,
        "?status=in_review": found.awaiting_review,
        f"?status=approved&decided={today}": found.approved,
        f"?status=approved,rejected,resubmission_requested&decided={today}": found.decided,
    }
    for query, number in lists.items():
        state = await screen(DocumentsState, actor_reference, f"/partner/documents{query}")
        await DocumentsState.open.fn(state)
        assert len(state.rows) == number > 0, query


async def test_rows_change_in_place_and_new_ones_wait(acme):
    first = await submitted(acme)
    state = await screen(DocumentsState, await sign_in(acme), "/partner/documents?status=submitted")
    await DocumentsState.open.fn(state)
    await move(first, DocumentStatus.PROCESSING)
    second = await submitted(acme)
    await DocumentsState.refresh.fn(state)
    assert [(row.id, row.status) for row in state.rows] == [(public_id(Prefix.DOCUMENT, first), "processing")]
    assert state.newer == 1
    await DocumentsState.show_new.fn(state)
    assert [row.id for row in state.rows] == [public_id(Prefix.DOCUMENT, second)]
    assert state.newer == 0


async def test_pages_do_not_repeat_or_lose_rows(acme, monkeypatch):
    monkeypatch.setattr("backoffice.state.partner.documents.PAGE_SIZE", 2)
    ids = [public_id(Prefix.DOCUMENT, await submitted(acme)) for _ in range(5)]
    reference, url, seen = await sign_in(acme), "/partner/documents", []
    while url:
        state = await screen(DocumentsState, reference, url)
        await DocumentsState.open.fn(state)
        seen += [row.id for row in state.rows]
        url = state.more_url
    assert seen == ids[::-1]


async def test_an_empty_list_says_which_filter_keeps_most_away(acme):
    await submitted(acme, type="passport")
    await submitted(acme, type="national_id")
    state = await screen(DocumentsState, await sign_in(acme), "/partner/documents?status=approved&type=passport")
    await DocumentsState.open.fn(state)
    assert state.nearest.label == "1 match without Status: Approved"
    assert state.nearest.href == "/partner/documents?type=passport"
    nothing = await screen(DocumentsState, await sign_in(acme), "/partner/documents?status=approved&type=tax_id")
    await DocumentsState.open.fn(nothing)
    assert nothing.nearest.label == ""


async def test_filters_come_off_one_by_one_and_all_at_once(acme):
    state = await screen(DocumentsState, await sign_in(acme), "/partner/documents?status=in_review&q=x&mode=test")
    await DocumentsState.open.fn(state)
    assert [chip.name for chip in state.chips] == ["status", "q"]
    assert "status%3D" not in str(await DocumentsState.remove.fn(state, "status"))
    assert "mode=test" in str(await DocumentsState.clear.fn(state))
    assert "q=user+7" in str(await DocumentsState.search.fn(state, {"q": " user 7 "}))


# The detail


async def reveal(state, purpose, **form):
    asking = await state.get_state(RevealState)
    await RevealState.ask.fn(asking, True)
    await RevealState.choose.fn(asking, purpose)
    await RevealState.reveal.fn(asking, {"document": state.head.id, **form})
    return asking


async def test_the_question_what_for_has_to_be_answered(acme):
    task = await in_review(acme)
    place = f"/partner/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"
    state = await screen(DocumentState, await sign_in(acme), place)
    await DocumentState.open.fn(state)
    asking = await reveal(state, "other", note="x")
    assert (asking.is_asking, "what for" in asking.error) == (True, True)
    await DocumentState.show.fn(state)
    assert state.head.is_hidden
    asking = await reveal(state, "other", note="The ombudsman asked.")
    assert (asking.is_asking, asking.error) == (False, "")
    await DocumentState.show.fn(state)
    with at(now() + timedelta(minutes=16)):
        await DocumentState.show.fn(state)
    assert not any(secret in shown(state) for secret in (*SECRETS, "/files/")), "hidden again by itself"


async def test_one_value_alone_is_shown_beside_masks(acme):
    task = await in_review(acme)
    place = f"/partner/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"
    state = await screen(DocumentState, await sign_in(acme), place)
    await DocumentState.open.fn(state)
    asking = await state.get_state(RevealState)
    await RevealState.ask_one.fn(asking, "nonsense")
    assert not asking.is_asking
    await RevealState.ask_one.fn(asking, "date_of_birth")
    assert (asking.is_asking, asking.about) == (True, "Born")
    await RevealState.choose.fn(asking, "support")
    await RevealState.reveal.fn(asking, {"document": state.head.id})
    await DocumentState.show.fn(state)
    assert (state.head.is_hidden, state.head.shown_fields, bool(state.head.fields_until)) == (
        True, ["date_of_birth"], True,
    )  # fmt: skip
    given = {one.name: one.given for one in state.fields}
    assert given["date_of_birth"].startswith("1991")
    assert "Okonkwo" not in shown(state)
    await RevealState.ask.fn(asking, True)
    assert asking.field == "", "the button for all of it asks for all of it"


async def test_the_way_to_the_documents_beside_it(acme):
    ids = [public_id(Prefix.DOCUMENT, await submitted(acme)) for _ in range(3)][::-1]
    reference = await sign_in(acme)
    list_ = await screen(DocumentsState, reference, "/partner/documents?status=submitted")
    await DocumentsState.open.fn(list_)
    one = await list_.get_state(DocumentState)
    for number, (before, after) in enumerate([("", ids[1]), (ids[0], ids[2]), (ids[1], "")]):
        await go(one, reference, f"/partner/documents/{ids[number]}")
        await DocumentState.open.fn(one)
        assert [one.beside.before.rpartition("/")[2], one.beside.after.rpartition("/")[2]] == [before, after]
        assert (one.beside.place, one.beside.list_url) == (f"{number + 1} of 3", "/partner/documents?status=submitted")
    alone = await screen(DocumentState, reference, f"/partner/documents/{ids[0]}")
    await DocumentState.open.fn(alone)
    assert (alone.beside.place, alone.beside.list_url) == ("", "/partner/documents")


async def test_another_partners_document_is_not_revealed(acme):
    theirs = await in_review(await make_cast())
    state = await screen(DocumentState, await sign_in(acme), "/partner/documents/doc_x")
    state.head = dataclasses.replace(state.head, id=public_id(Prefix.DOCUMENT, theirs.document_id))
    asking = await reveal(state, "support")
    assert asking.error


async def test_the_detail_shows_what_was_read_to_who_may_read_it(acme):
    hot = Derivative(0, 0, "forensics", 20, 15, b"\xff\xd8heat")
    task = await in_review(acme, dataclasses.replace(CLEAN, derivatives=(*CLEAN.derivatives, hot)))
    place = f"/partner/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"
    state = await screen(DocumentState, await sign_in(acme), place)
    await DocumentState.open.fn(state)
    assert (state.status, state.head.is_masked, state.head.is_hidden) == ("ready", False, True)
    assert not any(secret in shown(state) for secret in (*SECRETS, "/files/")), "nobody has said what for"
    assert "O•••••" in shown(state)
    await reveal(state, "support")
    await DocumentState.show.fn(state)
    assert (state.head.status, state.head.is_hidden, bool(state.head.shown_until)) == ("in_review", False, True)
    values = {row.name: (row.document, row.given, row.match) for row in state.fields}
    assert values["surname"] == ("Okafor", "Okonkwo", "mismatch")
    assert [(page.src.startswith("/files/"), page.heat) for page in state.pages] == [(True, "")]
    assert all(value in shown(state) for value in ("Okafor", "Okonkwo", "/files/"))
    assert [row.type for row in state.timeline][-1] == "document.created"


@pytest.mark.parametrize("role", [Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST])
async def test_personal_data_is_masked_on_the_server(acme, role):
    task = await in_review(acme)
    place = f"/partner/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"
    for tab in ("overview", "files", "checks", "timeline", "deliveries", "raw"):
        state = await screen(DocumentState, await sign_in(acme, role), f"{place}?tab={tab}")
        await DocumentState.open.fn(state)
        assert state.head.is_masked
        assert state.checks
        assert not any(secret in shown(state) for secret in SECRETS)
        assert "/files/" not in shown(state)


async def test_another_partners_document_is_missing(acme):
    task = await in_review(acme)
    rival = await make_cast()
    for text in (public_id(Prefix.DOCUMENT, task.document_id), "doc_nonsense", "x"):
        state = await screen(DocumentState, await sign_in(rival), f"/partner/documents/{text}")
        await DocumentState.open.fn(state)
        assert state.status == "missing"
        assert not any(secret in shown(state) for secret in SECRETS)


async def test_going_to_a_foreign_document_forgets_the_own_one(acme):
    mine, theirs = await in_review(acme), await in_review(await make_cast())
    reference = await sign_in(acme)
    state = await screen(DocumentState, reference, f"/partner/documents/{public_id(Prefix.DOCUMENT, mine.document_id)}")
    await DocumentState.open.fn(state)
    await go(state, reference, f"/partner/documents/{public_id(Prefix.DOCUMENT, theirs.document_id)}")
    await DocumentState.open.fn(state)
    assert (state.status, state.fields, state.head.id) == ("missing", [], "")


async def test_a_refresh_shows_the_new_status(acme):
    task = await in_review(acme)
    place = f"/partner/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"
    state = await screen(DocumentState, await sign_in(acme), place)
    await DocumentState.open.fn(state)
    await move(task.document_id, DocumentStatus.APPROVED)
    await DocumentState.refresh.fn(state)
    assert (state.head.status, state.timeline[0].type) == ("approved", "document.approved")


# The dashboard


async def test_the_dashboard_has_no_panel_that_the_role_lacks(acme):
    await endpoint_of(acme, NOWHERE)
    analyst = await screen(DashboardState, await sign_in(acme, Role.PARTNER_ANALYST), "/partner")
    await DashboardState.open.fn(analyst)
    assert (analyst.can_see_webhooks, analyst.endpoints) == (False, [])
    admin = await screen(DashboardState, await sign_in(acme), "/partner")
    await DashboardState.open.fn(admin)
    assert len(admin.endpoints) == 1


async def test_the_latest_events_are_the_partners_own(acme):
    rival = await make_cast()
    await emit(rival)
    event = await emit(acme)
    state = await screen(DashboardState, await sign_in(acme), "/partner")
    await DashboardState.open.fn(state)
    assert [row.id for row in state.events] == [public_id(Prefix.EVENT, event.id)]


async def test_a_dashboard_that_stands_still_keeps_its_chart(acme):
    page = await screen(DashboardState, await sign_in(acme), "/partner")
    numbers = await page.get_state(NumbersState)
    await DashboardState.open.fn(page)
    before = numbers.chart
    assert len(before.labels) == 24
    await DashboardState.pause.fn(page)
    boards._boards.clear()
    assert (numbers.paused, numbers.chart, numbers.live.as_of != "") == (True, before, True)


async def test_staff_have_no_partner_dashboard(acme):
    state = await screen(DashboardState, await sign_in(acme, Role.OPERATOR), "/partner")
    with pytest.raises(NotAllowed):
        await DashboardState.open.fn(state)
