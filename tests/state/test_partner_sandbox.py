"""The pages of the sandbox: pictures sent once per press, outcomes by hand, a clock that asks, requests asked again."""

import json

import pytest
from reflex.config import get_config
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice.adapters import own_api as adapter
from backoffice.adapters.own_api import own_api
from backoffice.api.app import MOUNTED_AT, partner_api
from backoffice.db import Tenancy, insert, transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.documents import Document
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.usage import ApiRequest
from backoffice.services import magic_documents, webhook_endpoints
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.partner.clock import ClockState
from backoffice.state.partner.replaying import LATE, ReplayState
from backoffice.state.partner.sandbox import SandboxState
from backoffice.state.partner.simulating import SimulationState
from backoffice.viewmodels.sandbox import length
from tests.services.late_api import Late
from tests.services.review_cast import make_cast, submitted
from tests.services.webhook_cast import deliveries_of, endpoint_of, quiet
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import screen

pytestmark = pytest.mark.usefixtures("database", "gate")
PLACE = "/partner/developers/sandbox"


@pytest.fixture
async def acme(database):
    own_api.serve(Starlette(routes=[Mount(MOUNTED_AT, partner_api)]))
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def opened(cast, state=SandboxState, role=Role.PARTNER_DEVELOPER):
    found = await screen(state, await sign_in(cast, role), PLACE)
    if hasattr(state, "open"):
        await state.open.fn(found)
    return found


async def told_to(endpoint):
    """The test events that were sent to one endpoint."""
    sent = select(Event).where(Event.subject_id == endpoint.id, Event.type == webhook_endpoints.TEST_EVENT)
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(sent)).scalars().all()


async def documents_of(cast):
    count = select(func.count()).select_from(Document).where(Document.partner_id == cast.partner.id)
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(count)).scalar_one()


async def press(state, ticket="", **form):
    """Send the form of a replay, with the ticket that stands in it."""
    await ReplayState.send.fn(state, form | {"ticket": ticket or state.ticket})


async def logged(cast, **values):
    given = {
        "livemode": True,
        "key_id": new_id(),
        "method": "GET",
        "route": "/documents",
        "path": "/api/v1/documents",
        "status": 200,
        "duration_ms": 1.0,
        "request_id": f"req_{new_id().hex}",
    }
    row = ApiRequest(partner_id=cast.partner.id, **given | values)
    async with transaction(Tenancy.everyone()) as session:
        await insert(session, row)
    return public_id(Prefix.API_REQUEST, row.id)


ELSEWHERE = {(SandboxState, "send_test"), (ReplayState, "close")}
"""One is about endpoints; the other begins the page of requests, which is open to more people, and does nothing."""


@pytest.mark.parametrize("state", [SandboxState, ClockState, SimulationState, ReplayState])
def test_every_event_needs_the_permission_of_the_sandbox(state):
    for name, handler in state.event_handlers.items():
        audience = audience_of(handler.fn)
        if handler.fn.__module__.startswith("backoffice") and (state, name) not in ELSEWHERE:
            assert Permission.SANDBOX_USE in audience.permissions, name


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.OPERATOR, Role.REVIEWER])
async def test_who_may_not_is_refused_by_the_services_too(acme, role):
    state = await screen(SandboxState, await sign_in(acme, role), PLACE)
    with pytest.raises(NotAllowed):
        await SandboxState.open.fn(state)
    with pytest.raises(NotAllowed):
        await SandboxState.send.fn(state, "approved", "a")


async def test_another_partners_things_do_not_exist(acme):
    mine = await opened(acme)
    await SandboxState.send.fn(mine, "in_review", mine.ticket)
    document = mine.rows[0].id
    endpoint, _ = await endpoint_of(acme, "http://127.0.0.1:9/hook", livemode=False)
    request = await logged(acme)
    rival = await make_cast()
    theirs = await opened(rival)
    assert (theirs.rows, theirs.endpoints) == ([], [])
    assert document not in shown(theirs)
    with pytest.raises(NotFound):
        await SandboxState.send_test.fn(theirs, public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id), "a")
    with pytest.raises(NotFound):
        await SimulationState.begin.fn(await opened(rival, SimulationState), document)
    with pytest.raises(NotFound):
        await ReplayState.begin.fn(await opened(rival, ReplayState), request)


async def test_a_press_sends_once_and_its_card_shows_what_became_of_it(acme):
    state = await opened(acme)
    assert [card.name for card in state.cards] == [one.name for one in magic_documents.shipped()]
    ticket = state.ticket
    await SandboxState.send.fn(state, "approved", ticket)
    await SandboxState.send.fn(state, "approved", ticket)
    card = next(one for one in state.cards if one.name == "approved")
    assert [row.id for row in state.rows] == [card.document_id]
    assert (card.status, card.href) == ("submitted", f"/partner/documents/{card.document_id}")
    assert (state.ticket != ticket, state.chosen) == (True, "approved")
    await SandboxState.send.fn(state, "approved", state.ticket)
    assert len(state.rows) == 2
    await SandboxState.refresh.fn(state)


async def test_live_documents_and_live_endpoints_are_not_here(acme):
    await submitted(acme)
    live, _ = await endpoint_of(acme, "http://127.0.0.1:9/hook")
    state = await opened(acme)
    assert (state.rows, state.endpoints) == ([], [])
    with pytest.raises(NotFound):
        await SandboxState.send_test.fn(state, public_id(Prefix.WEBHOOK_ENDPOINT, live.id), "a")


async def test_a_test_event_goes_to_a_test_endpoint(acme):
    endpoint, _ = await endpoint_of(acme, "http://127.0.0.1:9/hook", livemode=False)
    state = await opened(acme)
    [line] = state.endpoints
    other, _ = await endpoint_of(acme, "http://127.0.0.1:9/hook", livemode=False)
    await SandboxState.send_test.fn(state, line.id, state.ticket)
    [event] = await told_to(endpoint)
    assert (event.type, event.livemode, event.data["object"]["id"]) == ("webhook_endpoint.test", False, line.id)
    [delivery] = await deliveries_of(endpoint)
    assert (delivery.event_id, await deliveries_of(other)) == (event.id, [])


async def test_a_press_sends_one_test_event(acme):
    endpoint, _ = await endpoint_of(acme, "http://127.0.0.1:9/hook", livemode=False)
    state = await opened(acme)
    ticket = state.ticket
    for _ in range(2):
        await SandboxState.send_test.fn(state, state.endpoints[0].id, ticket)
    assert (len(await told_to(endpoint)), len(await deliveries_of(endpoint))) == (1, 1)
    await SandboxState.send_test.fn(state, state.endpoints[0].id, state.ticket)
    assert len(await told_to(endpoint)) == 2


async def test_only_what_can_still_happen_is_offered(acme):
    state = await opened(acme)
    await SandboxState.send.fn(state, "in_review", state.ticket)
    asking = await opened(acme, SimulationState)
    await SimulationState.begin.fn(asking, state.rows[0].id)
    assert asking.fates == ["approved", "rejected", "resubmission_requested", "in_review"]
    await SimulationState.choose.fn(asking, "expired")
    assert asking.fate == ""
    await SimulationState.choose.fn(asking, "rejected")
    assert asking.takes_reasons
    await SimulationState.tick.fn(asking, "image_glare")
    await SimulationState.tick.fn(asking, "forgery")
    await SimulationState.tick.fn(asking, "image_glare")
    assert asking.codes == ["forgery"]
    await SimulationState.simulate.fn(asking)
    assert asking.document_id == ""
    await SandboxState.refresh.fn(state)
    assert state.rows[0].status == "rejected"
    await SimulationState.begin.fn(asking, state.rows[0].id)
    assert (asking.fates, asking.fate) == ([], "")
    assert await SimulationState.simulate.fn(asking) is None


async def test_a_wrong_reason_is_said_where_it_was_given(acme):
    state = await opened(acme)
    await SandboxState.send.fn(state, "in_review", state.ticket)
    asking = await opened(acme, SimulationState)
    await SimulationState.begin.fn(asking, state.rows[0].id)
    await SimulationState.choose.fn(asking, "rejected")
    await SimulationState.tick.fn(asking, "nothing_like_it")
    await SimulationState.simulate.fn(asking)
    assert asking.error == "There is no such reason."


async def test_the_clock_asks_and_goes_once(acme):
    state = await opened(acme, ClockState)
    assert state.clock.ahead == ""
    await ClockState.ask.fn(state, {"amount": "4", "unit": "hours"})
    assert (state.by, state.clock.ahead) == ("4 hours", "")
    ticket = state.ticket
    await ClockState.advance.fn(state, ticket)
    assert (state.by, state.clock.ahead) == ("", "4 hours")
    assert await ClockState.advance.fn(state, ticket) is None
    assert state.clock.ahead == "4 hours"
    await ClockState.ask_for.fn(state, 86_400)
    assert state.by == "1 day"
    await ClockState.close.fn(state)
    assert await ClockState.advance.fn(state, state.ticket) is None
    assert state.clock.ahead == "4 hours"


@pytest.mark.parametrize(
    "form",
    [{}, {"amount": "-4", "unit": "hours"}, {"amount": "1.5", "unit": "days"}, {"amount": "0", "unit": "days"},
     {"amount": "1", "unit": "years"}, {"amount": "9" * 30, "unit": "days"}],
)  # fmt: skip
async def test_what_is_no_step_forward_is_not_asked_for(acme, form):
    state = await opened(acme, ClockState)
    await ClockState.ask.fn(state, form)
    assert (state.by, bool(state.error)) == ("", True)


async def test_too_far_at_once_is_said(acme):
    state = await opened(acme, ClockState)
    await ClockState.ask.fn(state, {"amount": "91", "unit": "days"})
    await ClockState.advance.fn(state, state.ticket)
    assert state.error == "From 1 second to 90 days."


def test_lengths_in_words():
    from datetime import timedelta

    assert length(timedelta()) == ""
    assert length(timedelta(hours=1)) == "1 hour"
    assert length(timedelta(days=2, hours=4, seconds=9)) == "2 days 4 hours"


# Requests asked again


async def test_a_request_is_asked_again_and_its_answer_shown(acme):
    request = await logged(acme)
    state = await opened(acme, ReplayState)
    await ReplayState.begin.fn(state, request)
    assert (state.replay.path, state.replay.takes_query) == ("/api/v1/documents", True)
    await press(state, path="/api/v1/documents", query="limit=1")
    assert (state.answer.status, state.error) == ("200", "")
    assert json.loads(state.answer.body)["data"] == []
    assert state.answer.request_href.startswith("/partner/developers/requests?mode=test&q=req_")
    assert "kyc_test_" not in shown(state)
    token = state._token
    await press(state, path="/api/v1/documents")
    assert state._token == token
    await ReplayState.close.fn(state)
    assert (state.replay.id, state.answer.status) == ("", "")
    await press(state, path="/api/v1/documents")
    assert state.answer.status == ""


async def test_a_document_is_posted_again_with_a_picture(acme):
    state = await opened(acme, ReplayState)
    await ReplayState.begin.fn(state, await logged(acme, method="POST", status=201, request_bytes=9_000))
    assert state.pictures[0] == "approved"
    await press(state, picture="approved")
    assert state.answer.status == "201"
    assert state.answer.document_href.startswith("/partner/documents/doc_")


async def test_a_press_is_asked_again_once(acme):
    state = await opened(acme, ReplayState)
    await ReplayState.begin.fn(state, await logged(acme, method="POST", status=201, request_bytes=9_000))
    ticket = state.ticket
    for _ in range(2):
        await press(state, ticket, picture="in_review")
    assert (state.answer.status, await documents_of(acme)) == ("201", 1)
    await ReplayState.send.fn(state, {"picture": "in_review"})
    assert await documents_of(acme) == 1
    await press(state, picture="in_review")
    assert await documents_of(acme) == 2


async def test_the_retry_of_an_answer_that_came_too_late_does_nothing_twice(acme, monkeypatch):
    assert get_config().redis_lock_expiration / 1000 > adapter.SECONDS + 1, "the tab's lock would end meanwhile"
    state, late = await opened(acme, ReplayState), Late()
    await SandboxState.send.fn(await opened(acme), "in_review", "a")
    own_api.serve(late)
    monkeypatch.setattr(adapter, "SECONDS", 3)
    await ReplayState.begin.fn(state, await logged(acme, method="POST", status=201, request_bytes=9_000))
    ticket = state.ticket
    await press(state, picture="in_review")
    assert late.is_done.is_set()
    assert (state.error, state.answer.status, state.ticket) == (LATE, "", ticket)
    late.may_go.set()
    await press(state, picture="in_review")
    assert (state.error, state.answer.status, await documents_of(acme)) == ("", "201", 2)


async def test_what_cannot_be_asked_again_says_why(acme):
    state = await opened(acme, ReplayState)
    await ReplayState.begin.fn(state, await logged(acme, method="DELETE", route="/applicants/{applicant_id}"))
    assert state.replay.why.startswith("It changes or deletes")
    await press(state, path="/api/v1/applicants/app_1")
    assert (state.error, state.answer.status) == (state.replay.why, "")


async def test_another_address_is_refused_in_the_dialog(acme):
    state = await opened(acme, ReplayState)
    await ReplayState.begin.fn(state, await logged(acme))
    await press(state, path="/api/v1/api_keys")
    assert (state.error, state.answer.status) == ("The address must stay one of /documents.", "")
    assert state._token == "", "no key is made for what is not sent"
