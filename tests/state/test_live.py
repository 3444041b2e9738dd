"""Live screens over real sockets: the right tabs hear, nobody else does, and not too often."""

import asyncio
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from socketio import AsyncNamespace, AsyncServer

from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.services import documents
from backoffice.services.access import Actor, Permission
from backoffice.state.live import Hub
from backoffice.state.partner.boards import Boards, Part
from backoffice.state.partner.numbers import NUMBERS, NumbersState
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import ROOT, tab
from tests.services.delivery_cast import NOWHERE
from tests.services.people import make_person
from tests.services.review_cast import SYSTEM, in_review, make_cast, submitted
from tests.services.webhook_cast import endpoint_of, quiet

STATES = f"{ROOT}.backoffice___state___partner"
PAUSE = f"{STATES}___dashboard____dashboard_state.pause"
JOIN = f"{STATES}___numbers____numbers_state.join"
LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"


@asynccontextmanager
async def watching(web, cast, path="/partner", role=Role.PARTNER_ANALYST):
    """A signed-in tab of a partner with its page loaded."""
    person = await make_person(role, cast.partner.id)
    async with signed_in(web, role, person) as (_, client), tab(web.url, cookie=cookie_of(client), path=path) as opened:
        await opened.until(is_loaded)
        await opened.settle(path)
        yield opened


def is_loaded(one) -> bool:
    list_ = one.shown("documents_state").get("read_for", "-") != "-"
    return list_ or one.shown("dashboard_state").get("is_loaded") or one.shown("document_state")["status"] == "ready"


def numbers(one) -> dict[str, object]:
    return one.shown("numbers_state").get("live") or {}


def pushes_since(one, seen: int, *states: str) -> int:
    return sum(name.endswith(states) for update in one.updates[seen:] for name in update.get("delta") or {})


def pushes(one, state: str) -> int:
    return sum(any(name.endswith(state) for name in update.get("delta") or {}) for update in one.updates)


async def move(document_id, *steps):
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        for step in steps:
            await documents.change_status(session, SYSTEM, document, step)


async def test_numbers_move_in_every_tab_of_the_partner_and_nowhere_else(database, web):
    acme, rival = await make_cast(), await make_cast()
    async with watching(web, acme) as first, watching(web, acme) as second, watching(web, rival) as stranger:
        await asyncio.gather(*(one.until(lambda tab_: numbers(tab_).get("received") == 0) for one in (first, second)))
        before = len(stranger.updates)
        document_id = await submitted(acme)
        for one in (first, second):
            await one.until(lambda tab_: (numbers(tab_)["received"], numbers(tab_)["in_progress"]) == (1, 1))
        await move(document_id, DocumentStatus.PROCESSING, DocumentStatus.IN_REVIEW, DocumentStatus.APPROVED)
        for one in (first, second):
            await one.until(lambda tab_: (numbers(tab_)["in_progress"], numbers(tab_)["approved"]) == (0, 1))
        await asyncio.sleep(1.2)
        assert len(stranger.updates) == before
        assert public_id(Prefix.DOCUMENT, document_id) not in stranger.everything
        assert str(acme.partner.id) not in stranger.everything


async def test_latest_events_reach_the_open_dashboard(database, web):
    acme = await make_cast()
    async with watching(web, acme) as one:
        await submitted(acme)
        await one.until(
            lambda tab_: "document.submitted" in {row["type"] for row in tab_.shown("dashboard_state")["events"]}
        )


async def test_broadcasts_hold_numbers_and_no_names(database, web):
    acme = await make_cast()
    async with watching(web, acme) as one:
        await in_review(acme)
        await one.until(lambda tab_: numbers(tab_).get("awaiting_review") == 1)
        assert not any(word in one.everything for word in ("Okonkwo", "Okafor", "Amara", "P1234567", "1991-04-02"))


async def test_a_row_changes_in_place_without_being_asked(database, web):
    acme = await make_cast()
    document_id = await submitted(acme)
    async with watching(web, acme, "/partner/documents") as one:
        assert [row["status"] for row in one.shown("documents_state")["rows"]] == ["submitted"]
        await move(document_id, DocumentStatus.PROCESSING)
        await one.until(lambda tab_: tab_.shown("documents_state")["rows"][0]["status"] == "processing")
        await submitted(acme)
        await one.until(lambda tab_: tab_.shown("documents_state")["newer"] == 1)
        assert len(one.shown("documents_state")["rows"]) == 1


async def test_the_open_document_follows_its_status(database, web):
    acme = await make_cast()
    task = await in_review(acme)
    path = f"/partner/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"
    async with watching(web, acme, path) as one:
        assert one.shown("document_state")["head"]["status"] == "in_review"
        await move(task.document_id, DocumentStatus.REJECTED)
        await one.until(lambda tab_: tab_.shown("document_state")["head"]["status"] == "rejected")


async def test_a_burst_is_heard_once_a_second(database, web):
    acme = await make_cast()
    async with watching(web, acme) as one:
        before, began = (pushes(one, "numbers_state"), pushes(one, "dashboard_state")), time.monotonic()
        for _ in range(12):
            await submitted(acme)
        await one.until(lambda tab_: numbers(tab_).get("received") == 12)
        await asyncio.sleep(1.2)
        rounds = (time.monotonic() - began) // 1 + 2
        assert pushes(one, "dashboard_state") - before[1] <= rounds
        assert pushes(one, "numbers_state") - before[0] <= rounds


async def test_the_board_moves_for_everybody_and_shows_each_what_the_role_may_see(database, web):
    acme, rival = await make_cast(), await make_cast()
    async with (
        watching(web, acme, role=Role.PARTNER_DEVELOPER) as developer,
        watching(web, acme) as analyst,
        watching(web, rival, role=Role.PARTNER_ADMIN) as outsider,
    ):
        endpoint = public_id(Prefix.WEBHOOK_ENDPOINT, (await endpoint_of(acme, NOWHERE))[0].id)
        document = public_id(Prefix.DOCUMENT, await submitted(acme))
        await developer.until(
            lambda one: [row["id"] for row in one.shown("dashboard_state")["endpoints"]] == [endpoint]
        )
        for one in (developer, analyst):
            await one.until(lambda tab_: document in str(tab_.shown("dashboard_state")["events"]))
        await asyncio.sleep(1.2)
        assert endpoint not in analyst.everything
        assert document not in outsider.everything
        assert endpoint not in outsider.everything
    await quiet(acme)


async def test_a_tab_that_left_the_dashboard_leaves_the_board(database, web):
    acme = await make_cast()
    async with watching(web, acme, role=Role.PARTNER_ADMIN) as one, watching(web, acme) as other:
        await one.send(LOAD, path="/partner/team")
        await one.until(lambda tab_: tab_.shown("colleagues_state").get("is_loaded"))
        await one.settle("/partner/team")
        seen = len(one.updates)
        await submitted(acme)
        await other.until(lambda tab_: numbers(tab_).get("received") == 1)
        await asyncio.sleep(0.3)
        assert pushes_since(one, seen, "numbers_state", "dashboard_state") == 0


async def test_a_part_that_cannot_be_read_leaves_the_others_alone(database):
    acme = await make_cast()

    async def broken(*_):
        raise KeyError("broken")

    part = Part("broken", lambda: NumbersState, Permission.METRICS_READ, broken)
    one = Boards(Hub(quiet_seconds=0), quiet_seconds=0)
    key = await one.join("a tab", "a socket", Actor.system(acme.partner.id), (part, NUMBERS), livemode=True)
    assert one.board(key).value("live").as_of


async def test_a_tab_whose_socket_has_just_ended_is_no_failure(database):
    acme = await make_cast()
    server, namespace = AsyncServer(async_mode="asgi"), AsyncNamespace("/_event")
    server.register_namespace(namespace)
    vars(namespace)["token_to_sid"] = {}
    hub = Hub(quiet_seconds=0)
    hub.app = cast("Any", SimpleNamespace(event_namespace=namespace))
    actor = Actor.system(acme.partner.id)
    one = Boards(hub, quiet_seconds=0)
    key = await one.join("a tab", "a socket that ended", actor, (NUMBERS,), livemode=True)
    async with asyncio.timeout(5):
        while one.board(key) is not None:  # nobody looks: it costs nothing any more
            await asyncio.sleep(0.01)


async def test_a_paused_tab_stands_still_and_the_others_go_on(database, web):
    acme = await make_cast()
    async with watching(web, acme) as still, watching(web, acme) as moving:
        await still.send(PAUSE, path="/partner")
        await still.until(lambda one: one.shown("numbers_state").get("paused") is True)
        seen = len(still.updates)
        await submitted(acme)
        await moving.until(lambda one: numbers(one).get("received") == 1)
        await asyncio.sleep(1.2)
        assert len(still.updates) == seen
        assert numbers(still)["received"] == 0
        await still.send(PAUSE, path="/partner")
        await still.until(lambda one: numbers(one)["received"] == 1 and one.shown("numbers_state")["paused"] is False)


async def test_a_page_that_was_left_is_not_read_again(database, web):
    acme = await make_cast()
    async with watching(web, acme) as one:
        await one.send(LOAD, path="/partner/documents")
        await one.until(lambda tab_: tab_.shown("documents_state").get("read_for", "-") != "-")
        await one.settle("/partner/documents")
        before = pushes(one, "dashboard_state")
        await submitted(acme)
        await one.until(lambda tab_: tab_.shown("documents_state").get("newer") == 1)
        assert pushes(one, "dashboard_state") == before


async def test_a_page_left_for_one_that_watches_nothing_is_not_read_again(database, web):
    acme = await make_cast()
    document_id = await submitted(acme)
    async with watching(web, acme, f"/partner/documents/{public_id(Prefix.DOCUMENT, document_id)}") as one:
        await one.settle("/account")
        seen = len(one.updates)
        await move(document_id, DocumentStatus.PROCESSING)
        await asyncio.sleep(1.2)
        assert "processing" not in str(one.updates[seen:])
        assert not [text for text in one.messages if "nothing here" in text]


async def test_nobody_names_the_room_to_enter(database, web):
    acme, rival = await make_cast(), await make_cast()
    async with watching(web, acme) as one:
        told = len(one.messages)
        for payload in ({"partner": str(rival.partner.id)}, {"partner_id": str(rival.partner.id)}, {"key": [1]}):
            await one.send(JOIN, payload, path="/partner")
        await one.until(lambda tab_: len(tab_.messages) > told)
        await one.settle("/partner")
        await submitted(rival)
        await asyncio.sleep(1.3)
        assert numbers(one)["received"] == 0


async def test_staff_do_not_get_into_a_partners_room(database, web):
    async with signed_in(web, Role.OPERATOR) as (_, client), tab(web.url, cookie=cookie_of(client)) as one:
        await one.settle()
        await one.send(JOIN, path="/partner")
        await one.until(lambda tab_: "/ops" in tab_.redirects)
        assert numbers(one).get("as_of", "") == ""


# The book of who watches what


@pytest.fixture
def hub():
    return Hub()


def test_watching_anew_replaces_what_a_handler_watched(hub):
    hub.watch("tab", "/a", "read", frozenset({"document:1", "partner:1"}))
    hub.watch("tab", "/a", "count", frozenset({"partner:1"}))
    hub.watch("tab", "/a", "read", frozenset({"document:2"}))
    assert dict(hub._watchers) == {"document:2": {"tab"}, "partner:1": {"tab"}}


def test_another_page_forgets_the_page_before(hub):
    hub.watch("tab", "/a", "read", frozenset({"document:1"}))
    hub.watch("tab", "/b", "list", frozenset({"partner:1"}))
    assert dict(hub._watchers) == {"partner:1": {"tab"}}


def test_a_forgotten_tab_leaves_nothing_behind(hub):
    for tab_ in ("one", "two"):
        hub.watch(tab_, "/a", "read", frozenset({"document:1", "queue:main"}))
    hub.forget("one")
    assert dict(hub._watchers) == {"document:1": {"two"}, "queue:main": {"two"}}
    hub.forget("two")
    hub.forget("two")
    assert (dict(hub._watchers), hub.tabs) == ({}, {})


def test_a_tab_that_left_its_page_hears_nothing_and_is_still_known_to_have_left(hub):
    hub.watch("tab", "/a", "read", frozenset({"document:1"}))
    hub.watch("tab", "/a", "count", frozenset({"document:1"}))
    hub.hush("tab")
    assert dict(hub._watchers) == {}
    assert hub.tabs["tab"].path == "/a"
    hub.watch("tab", "/b", "list", frozenset({"partner:1"}))
    assert (dict(hub._watchers), hub.tabs["tab"].path) == ({"partner:1": {"tab"}}, "/b")


async def test_a_tab_that_is_gone_is_forgotten_when_it_would_be_woken(hub):
    hub.watch("gone", "/a", "read", frozenset({"document:1"}))
    hub.heard("document:1")
    async with asyncio.timeout(2):
        while hub.tabs:
            await asyncio.sleep(0.01)
    assert dict(hub._watchers) == {}
