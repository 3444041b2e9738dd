"""The page of events: filters and the open one in the URL, what is new behind a pill, who was told beside it."""

import json
from datetime import timedelta

import pytest

from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.webhooks import EndpointStatus
from backoffice.services import api_keys, event_lists, events, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.events import Subject
from backoffice.state.gate import audience_of
from backoffice.state.partner import events as page
from backoffice.state.partner.events import EventsState
from backoffice.viewmodels.event_lists import EventView, event_view
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import advance, emit, endpoint_of, quiet, set_endpoint
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import go, screen

pytestmark = pytest.mark.usefixtures("database")
PLACE = "/partner/developers/events"
URL = "http://127.0.0.1:9/hook"


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def at(cast, query="", role=Role.PARTNER_DEVELOPER):
    return await screen(EventsState, await sign_in(cast, role), f"{PLACE}{query}")


async def opened(cast, query="", role=Role.PARTNER_DEVELOPER):
    state = await at(cast, query, role)
    await EventsState.open.fn(state)
    return state


def name(event):
    return public_id(Prefix.EVENT, event.id)


def test_every_event_needs_a_permission():
    for handler in ("open", "refresh", "show_new", "search", "remove", "clear", "show"):
        assert audience_of(getattr(EventsState, handler).fn).permissions == {Permission.EVENTS_READ}, handler
    assert audience_of(EventsState.resend.fn).permissions == {Permission.WEBHOOKS_WRITE}


async def test_another_partners_events_do_not_exist(acme):
    event = await emit(acme)
    rival = await make_cast()
    subject = public_id(Prefix.DOCUMENT, event.subject_id)
    for query in ("", f"?event={name(event)}", f"?subject={subject}", "?type=document.*"):
        state = await opened(rival, query)
        missing = name(event) if "event=" in query else ""
        assert (state.rows, state.opened, state.status) == ([], EventView(missing=missing), "ready")


async def test_another_partners_delivery_is_not_sent_again(acme):
    await endpoint_of(acme, URL)
    event = await emit(acme)
    mine = await opened(acme, f"?event={name(event)}")
    rival = await opened(await make_cast())
    with pytest.raises(NotFound):
        await EventsState.resend.fn(rival, mine.opened.told[0].delivery_id)


async def test_the_open_event_is_what_the_api_gives(acme):
    await endpoint_of(acme, URL)
    event = await emit(acme)
    state = await opened(acme, f"?event={name(event)}")
    view = state.opened
    assert json.loads(view.body) == json.loads(json.dumps(events.envelope(event)))
    assert (view.type, view.mode, view.sequence, view.kind) == ("document.approved", "live", 1, "Document")
    assert view.href == f"/partner/documents/{public_id(Prefix.DOCUMENT, event.subject_id)}"
    [line] = view.told
    assert (line.state, line.can_resend, view.silence) == ("pending", True, "")
    assert line.log_href.endswith(f"?delivery={line.delivery_id}")
    await EventsState.resend.fn(state, line.delivery_id)
    assert state.opened.told[0].state == "pending"


async def test_silence_has_a_reason(acme):
    first = await emit(acme)
    assert (await opened(acme, f"?event={name(first)}")).opened.silence == "There is no endpoint in this mode."
    await endpoint_of(acme, URL, event_types=["document.rejected"])
    second = await emit(acme)
    view = (await opened(acme, f"?event={name(second)}")).opened
    assert view.silence == "No endpoint listens to this type."
    assert [one.why for one in view.untold] == ["does not listen to this type"]


async def test_silence_names_the_reason_of_those_who_listen(acme):
    await endpoint_of(acme, URL, event_types=["document.rejected"])
    event = await emit(acme)
    late, _ = await endpoint_of(acme, URL, event_types=["document.approved"])
    view = (await opened(acme, f"?event={name(event)}")).opened
    assert view.silence == "Every endpoint that listens to this type was made later."
    assert {one.why.partition(";")[0] for one in view.untold} == {"does not listen to this type", "was made later"}
    await set_endpoint(late, status=EndpointStatus.DISABLED)
    view = (await opened(acme, f"?event={name(await emit(acme))}")).opened
    assert view.silence == "Every endpoint that listens to this type is switched off."
    second = await emit(acme)
    await endpoint_of(acme, URL)
    view = (await opened(acme, f"?event={name(second)}")).opened
    assert view.silence == "No endpoint that listens to this type could be told."


async def test_a_sandboxs_endpoint_was_made_later_by_the_clock_of_its_events(acme):
    await advance(acme, timedelta(hours=4))
    event = await emit(acme, livemode=False)
    await endpoint_of(acme, URL, livemode=False)
    view = (await opened(acme, f"?mode=test&event={name(event)}")).opened
    assert view.silence == "Every endpoint that listens to this type was made later."
    second = await emit(acme, livemode=False)
    await advance(acme, timedelta(hours=4))
    assert (await opened(acme, f"?mode=test&event={name(second)}")).opened.told
    view = (await opened(acme, f"?mode=test&event={name(event)}")).opened
    assert view.silence == "Every endpoint that listens to this type was made later."


async def test_an_analyst_is_not_told_who_was_told(acme):
    await endpoint_of(acme, URL, description="Orders in Europe")
    event = await emit(acme)
    state = await opened(acme, f"?event={name(event)}", Role.PARTNER_ANALYST)
    assert (state.opened.may_know, state.opened.told, state.rows[0].told) == (False, [], "")
    assert "Orders in Europe" not in shown(state)


async def test_what_a_role_may_not_read_is_not_in_a_payload_either(acme):
    system, token = Actor.system(acme.partner.id), new_id().hex
    endpoint, _ = await endpoint_of(acme, f"{URL}?token={token}")
    async with transaction(system.tenancy) as session:
        tested = await webhook_endpoints.send_test(session, system, endpoint.id)
        key, _ = await api_keys.create(session, system, name=token, livemode=True, scopes=["documents:read"])
    async with transaction(system.tenancy) as session:
        by = event_lists.Filter(livemode=True, subject_id=key.id)
        [made] = (await event_lists.page(session, system, by)).rows
    for event, permission in ((tested, "webhooks:read"), (made, "keys:read")):
        analyst = await opened(acme, f"?event={name(event)}", Role.PARTNER_ANALYST)
        subject = {"id": analyst.opened.subject, "object": event.subject_type}
        assert json.loads(analyst.opened.body)["data"] == {"object": subject}
        assert permission in analyst.opened.withheld
        assert token not in shown(analyst)
        developer = await opened(acme, f"?event={name(event)}")
        assert token in developer.opened.body
        assert developer.opened.withheld == ""


async def test_what_is_new_waits_and_what_is_looked_at_stays(acme):
    first = await emit(acme)
    state = await opened(acme)
    assert [row.event.id for row in state.rows] == [name(first)]
    await emit(acme)
    await emit(acme, livemode=False)
    await EventsState.refresh.fn(state)
    assert ([row.event.id for row in state.rows], state.newer) == ([name(first)], 1)
    await EventsState.show_new.fn(state)
    assert (len(state.rows), state.newer) == (2, 0)


async def test_an_empty_list_hears_of_the_first_event(acme):
    state = await opened(acme, "?mode=test")
    await emit(acme, livemode=False)
    await EventsState.refresh.fn(state)
    assert (state.rows, state.newer) == ([], 1)


async def test_what_is_new_is_looked_for_above_what_was_looked_through(acme, monkeypatch):
    kind = {"type_": "document.expired", "livemode": False}
    await emit(acme, **kind)
    await emit(acme, livemode=False)
    with monkeypatch.context() as short:
        short.setattr(event_lists, "LOOKED_AT", 1)
        state = await opened(acme, "?mode=test&type=document.expired")
    await EventsState.refresh.fn(state)
    assert (state.rows, state.newer) == ([], 0), "an old one, which was not reached, is not new"
    await emit(acme, **kind)
    await emit(acme, livemode=False)
    await EventsState.refresh.fn(state)
    assert state.newer == 1


async def test_opening_an_event_leaves_the_list_as_it_is(acme):
    first = await emit(acme)
    reference = await sign_in(acme)
    state = await screen(EventsState, reference, PLACE)
    await EventsState.open.fn(state)
    await emit(acme)
    await go(state, reference, f"{PLACE}?event={name(first)}")
    await EventsState.open.fn(state)
    assert (len(state.rows), state.opened.id) == (1, name(first))
    await go(state, reference, PLACE)
    await EventsState.open.fn(state)
    assert (len(state.rows), state.opened.id) == (1, "")


async def test_coming_back_to_an_open_event_hears_of_what_was_told_meanwhile(acme):
    first = await emit(acme)
    reference = await sign_in(acme)
    state = await screen(EventsState, reference, f"{PLACE}?event={name(first)}")
    await EventsState.open.fn(state)
    await go(state, reference, "/partner")
    await endpoint_of(acme, URL)
    await emit(acme)
    await go(state, reference, f"{PLACE}?event={name(first)}")
    await EventsState.open.fn(state)
    assert ([row.event.id for row in state.rows], state.newer) == ([name(first)], 1)


async def test_pages_are_places_in_the_url(acme, monkeypatch):
    monkeypatch.setattr(page, "PAGE_SIZE", 2)
    made = [name(await emit(acme)) for _ in range(3)]
    reference = await sign_in(acme)
    state = await screen(EventsState, reference, PLACE)
    await EventsState.open.fn(state)
    assert ([row.event.id for row in state.rows], state.first_url) == (made[:0:-1], "")
    await go(state, reference, state.more_url)
    await EventsState.open.fn(state)
    assert ([row.event.id for row in state.rows], state.first_url, state.more_url) == ([made[0]], PLACE, "")
    await emit(acme)
    await EventsState.refresh.fn(state)
    assert state.newer == 0


async def test_a_cursor_that_is_none_says_so_and_can_be_left(acme):
    await emit(acme)
    state = await opened(acme, "?cursor=nothing")
    assert (state.status, state.rows) == ("failed", [])
    await EventsState.show_new.fn(state)
    assert (state.status, len(state.rows)) == ("ready", 1)


async def test_what_is_typed_becomes_an_address(acme):
    state = await opened(acme, "?mode=test&since=24h")
    document, event = public_id(Prefix.DOCUMENT, new_id()), public_id(Prefix.EVENT, new_id())
    assert f"subject={document}" in str(await EventsState.search.fn(state, {"q": f" {document} "}))
    assert f"event={event}" in str(await EventsState.search.fn(state, {"q": event}))
    assert "type=approved" in str(await EventsState.search.fn(state, {"q": "approved"}))
    assert [(chip.name, chip.value) for chip in state.chips] == [("since", "Last day")]
    cleared = str(await EventsState.clear.fn(state))
    assert "mode=test" in cleared
    assert "since" not in cleared


async def test_a_pasted_id_opens_its_event_in_whichever_mode(acme):
    about = new_id()
    live, test = await emit(acme, subject_id=about), await emit(acme, livemode=False)
    state = await opened(acme, f"?since=24h&subject={public_id(Prefix.DOCUMENT, about)}&event={name(live)}")
    assert state.opened.id == name(live)
    state = await opened(acme, f"?since=24h&subject={public_id(Prefix.DOCUMENT, about)}&event={name(test)}")
    assert state.opened == EventView()
    leads = str(await EventsState.open.fn(state))
    assert f"{PLACE}?since=24h&mode=test&event={name(test)}" in leads
    back = str(await EventsState.open.fn(await at(acme, f"?mode=test&event={name(live)}")))
    assert f"{PLACE}?event={name(live)}" in back


@pytest.mark.parametrize("event_id", [f"evt_{'0' * 26}", "evt_nothing", "nonsense"])
async def test_an_id_that_names_nothing_is_said_to(acme, event_id):
    state = await at(acme, f"?event={event_id}")
    assert await EventsState.open.fn(state) is None
    assert state.opened == EventView(missing=event_id)
    await EventsState.refresh.fn(state)
    assert state.opened.missing == event_id


@pytest.mark.parametrize("kind", sorted(events.SUBJECT_PREFIX))
async def test_every_kind_of_subject_has_words_and_a_place(acme, kind):
    subject = Subject(kind, new_id(), acme.partner.id, livemode=True, data={"id": "x"})
    actor = Actor.system(acme.partner.id)
    async with transaction(actor.tenancy) as session:
        event = await events.emit(session, actor, "document.created", subject)
    view = event_view(event, {}, "", near=(None, None), asked={})
    assert view.kind
    assert view.subject.startswith(f"{events.SUBJECT_PREFIX[kind]}_")
