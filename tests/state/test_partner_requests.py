"""The page of API requests: filters in the URL, more on demand, one line beside the list; only its own partner's."""

import dataclasses

import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, insert, transaction
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.usage import ApiRequest
from backoffice.services import api_keys
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import audience_of
from backoffice.state.partner import requests
from backoffice.state.partner.requests import RequestsState
from backoffice.state.session import signed_in
from backoffice.viewmodels.api_requests import RequestView
from tests.services.review_cast import make_cast
from tests.state.partner_screen import sign_in
from tests.state.review_screen import go, screen

PLACE = "/partner/developers/requests"


@pytest.fixture
async def acme(database):
    return await make_cast()


async def asked(cast, count=1, **values):
    given = {
        "livemode": True,
        "key_id": new_id(),
        "method": "GET",
        "route": "/documents",
        "path": "/api/v1/documents",
        "status": 200,
        "duration_ms": 12.4,
        "request_id": f"req_{new_id().hex}",
        "ip": "203.0.113.9",
    }
    rows = [ApiRequest(partner_id=cast.partner.id, **given | values) for _ in range(count)]
    async with transaction(Tenancy.everyone()) as session:
        await insert(session, *rows)
    return rows


async def opened(cast, query="", role=Role.PARTNER_DEVELOPER):
    state = await screen(RequestsState, await sign_in(cast, role), f"{PLACE}{query}")
    await RequestsState.open.fn(state)
    return state


def test_every_event_needs_the_permission():
    names = ("open", "refresh", "more", "search", "remove", "clear", "show")
    for name in names:
        audience = audience_of(getattr(RequestsState, name).fn)
        assert audience.permissions == {Permission.REQUESTS_READ}, name


async def test_another_partners_requests_do_not_exist(acme):
    [theirs] = await asked(await make_cast())
    line = public_id(Prefix.API_REQUEST, theirs.id)
    for query in (
        "",
        f"?request={line}",
        f"?q={theirs.request_id}",
        f"?key={public_id(Prefix.API_KEY, theirs.key_id)}",
    ):
        state = await opened(acme, query)
        assert (state.rows, state.opened.id, state.is_read) == ([], "", True)


async def test_a_line_shows_what_a_developer_looks_for(acme):
    document = public_id(Prefix.DOCUMENT, new_id())
    [row] = await asked(
        acme,
        method="POST",
        route="/documents/{document_id}/cancel",
        path=f"/api/v1/documents/{document}/cancel",
        status=409,
        code="illegal_move",
        detail={"errors": [{"pointer": "/a", "code": "b"}, {"pointer": "", "code": "c"}]},
        request_bytes=2_048,
        is_replay=True,
    )
    state = await opened(acme, f"?request={public_id(Prefix.API_REQUEST, row.id)}")
    [line] = state.rows
    assert (line.method, line.path) == ("POST", f"/documents/doc_…{document[-6:]}/cancel")
    assert (line.status, line.code, line.tone, line.latency) == ("409", "illegal_move", "amber", "12 ms")
    view = state.opened
    assert (view.title, view.path) == ("POST /documents/{document_id}/cancel", row.path)
    assert [(one.pointer, one.code) for one in view.errors] == [("/a", "b"), ("/", "c")]
    assert (view.size, view.help_url) == ("2 KB", "/api/v1/docs#error-illegal_move")
    assert view.replay
    await go(state, await sign_in(acme), PLACE)
    await RequestsState.open.fn(state)
    assert state.opened == RequestView()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 5),
        ("?status=2xx", 2),
        ("?status=4xx", 2),
        ("?status=5xx", 1),
        ("?status=404", 1),
        ("?status=teapot", 5),
        ("?method=POST", 1),
        ("?method=BREW", 5),
        ("?q=not_found", 1),
        ("?q=req_mine_1234", 1),
        ("?q=nothing_of_it", 0),
        ("?since=1h", 5),
        ("?since=eternity", 5),
        ("?key=nonsense", 5),
        ("?mode=test", 1),
        ("?strange=1", 5),
        ("?status=4xx&method=POST", 1),
    ],
)
async def test_the_url_holds_the_filters(acme, query, count):
    await asked(acme, 2)
    await asked(acme, status=404, code="not_found", request_id="req_mine_1234")
    await asked(acme, status=422, code="invalid_type", method="POST")
    await asked(acme, status=503)
    await asked(acme, livemode=False)
    state = await opened(acme, query)
    assert len(state.rows) == count


async def test_more_is_added_below_up_to_a_bound(acme, monkeypatch):
    monkeypatch.setattr(requests, "PAGE_SIZE", 3)
    monkeypatch.setattr(requests, "MOST_ROWS", 8)
    await asked(acme, 12)
    state = await opened(acme)
    seen = [len(state.rows)]
    while state.has_more:
        await RequestsState.more.fn(state)
        seen.append(len(state.rows))
    assert seen == [3, 6, 9]
    ids = [row.id for row in state.rows]
    assert ids == sorted(set(ids), reverse=True)
    await RequestsState.refresh.fn(state)
    assert (len(state.rows), state.has_more) == (3, True)


async def test_opening_a_line_leaves_the_list_and_coming_back_reads_it_anew(acme):
    [first] = await asked(acme)
    reference = await sign_in(acme)
    state = await screen(RequestsState, reference, PLACE)
    await RequestsState.open.fn(state)
    await asked(acme)
    await go(state, reference, f"{PLACE}?request={public_id(Prefix.API_REQUEST, first.id)}")
    await RequestsState.open.fn(state)
    assert (len(state.rows), state.opened.request_id) == (1, first.request_id)
    await go(state, reference, PLACE)
    await RequestsState.open.fn(state)
    assert (len(state.rows), state.opened.id) == (1, "")
    await RequestsState.open.fn(state)
    assert len(state.rows) == 2


async def test_filters_come_off_one_by_one_and_all_at_once(acme):
    state = await opened(acme, "?status=4xx&since=24h&q=not_found&mode=test")
    assert [(chip.name, chip.value) for chip in state.chips] == [
        ("status", "4xx"),
        ("since", "Last day"),
        ("q", "not_found"),
    ]
    assert "status" not in str(await RequestsState.remove.fn(state, "status"))
    cleared = str(await RequestsState.clear.fn(state))
    assert "mode=test" in cleared
    assert "since" not in cleared
    assert "q=req+7" in str(await RequestsState.search.fn(state, {"q": " req 7 "}))


def test_no_view_model_has_room_for_what_was_sent():
    names = {field.name for field in dataclasses.fields(RequestView)}
    assert not names & {"body", "query", "headers", "token"}


async def test_a_lent_key_has_its_name_and_is_no_filter(acme):
    """Each person has one for each key, so that they would hide the partner's own."""
    system = Actor.system(acme.partner.id)
    async with transaction(system.tenancy) as session:
        source, _ = await api_keys.create(session, system, name="server", livemode=False, scopes=["events:read"])
    reference = await sign_in(acme)
    state = await screen(RequestsState, reference, f"{PLACE}?mode=test")
    actor = await signed_in(state)
    async with transaction(actor.tenancy) as session:
        await api_keys.lend(session, actor, source.id, name="Replay in sandbox")
    async with transaction(Tenancy.everyone()) as session:
        [lent] = (await session.execute(select(ApiKey).where(ApiKey.lent_for == source.id))).scalars()
    [row] = await asked(acme, livemode=False, key_id=lent.id)
    await RequestsState.open.fn(state)
    assert [one.key for one in state.rows] == ["Replay in sandbox"]
    assert [one.label for one in state.keys] == ["server"]
    await go(state, reference, f"{PLACE}?mode=test&request={public_id(Prefix.API_REQUEST, row.id)}")
    await RequestsState.open.fn(state)
    assert state.opened.key == "Replay in sandbox"
