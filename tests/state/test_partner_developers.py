"""The partner's developer screens: endpoints, their deliveries and keys, and the secrets that show once."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import delete

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.webhooks import Delivery
from backoffice.state.partner.keys import KeysState
from backoffice.state.partner.recovering import RecoverState
from backoffice.state.partner.signature import SignatureState
from backoffice.state.partner.webhook import WebhookState
from backoffice.state.partner.webhooks import WebhooksState
from tests.services.review_cast import SYSTEM, make_cast
from tests.services.webhook_cast import emit, endpoint_of, endpoint_row, quiet, receiving, work_once
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import go, screen

NOWHERE = "http://127.0.0.1:9/hook"


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


# Webhooks


async def test_a_new_endpoint_shows_its_secret_until_the_dialog_closes(acme):
    state = await screen(WebhooksState, await sign_in(acme), "/partner/developers/webhooks")
    await WebhooksState.open.fn(state)
    await WebhooksState.begin.fn(state)
    await WebhooksState.create.fn(state, {"url": NOWHERE, "description": "orders", "type:document.approved": "on"})
    assert state.secret.startswith("whsec_")
    assert [(row.name, row.event_types) for row in state.rows] == [("orders", ["document.approved"])]
    await WebhooksState.close.fn(state)
    assert "whsec_" not in shown(state)
    await WebhooksState.refresh.fn(state)
    assert "whsec_" not in shown(state)


async def test_a_wrong_address_is_told_beside_the_field(acme):
    state = await screen(WebhooksState, await sign_in(acme), "/partner/developers/webhooks")
    await WebhooksState.begin.fn(state)
    await WebhooksState.create.fn(state, {"url": "http://10.0.0.1/", "description": ""})
    assert state.error
    assert (state.secret, state.url, state.is_creating) == ("", "http://10.0.0.1/", True)


async def test_the_log_opens_a_delivery_with_its_attempts(acme):
    async with receiving(status=500) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        await work_once(endpoint)
    place = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    reference = await sign_in(acme, Role.PARTNER_DEVELOPER)
    state = await screen(WebhookState, reference, place)
    await WebhookState.open.fn(state)
    assert (state.endpoint.status, state.endpoint.failed) == ("degraded", 1)
    [row] = state.rows
    assert (row.state, row.result, row.attempts) == ("failed", "500", 1)
    await go(state, reference, row.href)
    await WebhookState.open.fn(state)
    assert [(one.number, one.result, one.response) for one in state.opened.attempts] == [
        (1, "500", "said the receiver")
    ]
    assert "webhook-signature: v1," in state.opened.attempts[0].request_headers
    await WebhookState.resend.fn(state, row.id)
    assert state.rows[0].next_at


async def test_another_partners_endpoint_or_delivery_is_missing(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    rival = await make_cast()
    state = await screen(
        WebhookState,
        await sign_in(rival),
        f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}",
    )
    await WebhookState.open.fn(state)
    assert state.status == "missing"
    for act in (WebhookState.rotate, WebhookState.disable, WebhookState.enable):
        with pytest.raises(NotFound):
            await act.fn(state)
    with pytest.raises(NotFound):
        await WebhookState.send_test.fn(state, state.ticket)
    assert (await endpoint_row(endpoint)).version == 1


async def test_rotation_shows_the_secret_once_and_says_how_long_both_sign(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    place = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    state = await screen(WebhookState, await sign_in(acme), place)
    await WebhookState.open.fn(state)
    await WebhookState.ask.fn(state, "rotate")
    await WebhookState.rotate.fn(state)
    assert (shown_once := state.secret).startswith("whsec_")
    await WebhookState.rotate.fn(state)
    assert state.secret == shown_once, "the second of two clicks"
    assert state.endpoint.overlap_until > (now() + timedelta(hours=23)).isoformat()
    await WebhookState.close.fn(state)
    assert "whsec_" not in shown(state)


async def test_the_second_of_two_clicks_sends_no_second_test_event(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    place = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    state = await screen(WebhookState, await sign_in(acme), place)
    await WebhookState.open.fn(state)
    ticket = state.ticket
    for _ in range(2):
        await WebhookState.send_test.fn(state, ticket)
    await WebhookState.refresh.fn(state)
    assert [row.type for row in state.rows] == ["webhook_endpoint.test"]
    await WebhookState.send_test.fn(state, state.ticket)
    await WebhookState.refresh.fn(state)
    assert len(state.rows) == 2


async def test_switching_off_and_on(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    place = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    state = await screen(WebhookState, await sign_in(acme), place)
    await WebhookState.open.fn(state)
    await WebhookState.disable.fn(state)
    assert state.endpoint.status == "disabled"
    await WebhookState.enable.fn(state)
    assert state.endpoint.status == "enabled"


# Keys


async def test_a_new_key_is_shown_once_and_revoked_with_a_yes(acme):
    state = await screen(KeysState, await sign_in(acme, Role.PARTNER_DEVELOPER), "/partner/developers/keys")
    await KeysState.open.fn(state)
    await KeysState.begin.fn(state)
    await KeysState.create.fn(state, {"name": "server", "mode": "live", "scope:documents:read": "on"})
    secret = state.secret
    assert secret.startswith("kyc_live_")
    [row] = state.rows
    assert (row.name, row.scopes, row.status) == ("server", "documents:read", "active")
    await KeysState.close.fn(state)
    assert secret not in shown(state)
    assert secret[:20] not in shown(state)
    await KeysState.ask.fn(state, row.id)
    await KeysState.revoke.fn(state)
    assert state.rows[0].status == "revoked"


async def test_a_wrong_key_is_told_beside_the_field_and_a_foreign_one_does_not_exist(acme):
    state = await screen(KeysState, await sign_in(acme), "/partner/developers/keys")
    await KeysState.create.fn(state, {"name": "server", "mode": "test"})
    assert "scopes" in state.error
    assert state.secret == ""
    await KeysState.create.fn(state, {"name": "server", "mode": "test", "scope:documents:read": "on"})
    stranger = await screen(KeysState, await sign_in(await make_cast()), "/partner/developers/keys")
    await KeysState.ask.fn(stranger, state.rows[0].id)
    with pytest.raises(NotFound):
        await KeysState.revoke.fn(stranger)


def test_no_view_model_has_room_for_a_secret():
    from backoffice.viewmodels import deliveries, webhook_endpoints

    names = {
        field.name
        for view in (webhook_endpoints.EndpointView, deliveries.DeliveryRow, deliveries.DeliveryView)
        for field in dataclasses.fields(view)
    }
    assert not {name for name in names if "secret" in name} - {"secret_changed_at"}


async def test_a_refused_signature_is_looked_at_and_forgotten(acme):
    endpoint, secret = await endpoint_of(acme, NOWHERE)
    path = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    state = await screen(SignatureState, await sign_in(acme), path)
    await SignatureState.begin.fn(state)
    form = {"id": "evt_1", "timestamp": "1", "signature": "v1,x", "body": "{}", "computed": ""}
    await SignatureState.check.fn(state, form)
    assert [step.name for step in state.findings.steps if step.is_good] == ["webhook-signature"]
    assert secret not in shown(state)
    await SignatureState.check.fn(state, form | {"body": "x" * 300_000})
    assert ("256 KiB" in state.error, state.findings.steps) == (True, [])
    await SignatureState.close.fn(state)
    assert (state.is_open, state.error) == (False, "")
    stranger = await screen(SignatureState, await sign_in(await make_cast()), path)
    with pytest.raises(NotFound):
        await SignatureState.check.fn(stranger, form)


async def test_what_an_endpoint_missed_is_sent_again(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    path = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    reference = await sign_in(acme)
    state = await screen(RecoverState, reference, path)
    await RecoverState.begin.fn(state)
    await RecoverState.recover.fn(state, {"range": "century"})
    assert (state.is_open, state.error) == (True, "Choose how far back.")
    assert "Nothing was missed" in str(await RecoverState.recover.fn(state, {"range": "day"}))
    with at(now() - timedelta(hours=2)):
        await emit(acme)
    async with transaction(SYSTEM.tenancy) as session:
        await session.execute(delete(Delivery).where(Delivery.endpoint_id == endpoint.id))
    assert "Nothing was missed" in str(await RecoverState.recover.fn(state, {"range": "day"}))
    assert "1 never sent" in str(await RecoverState.recover.fn(state, {"range": "day", "missing": True}))
    stranger = await screen(RecoverState, await sign_in(await make_cast()), path)
    with pytest.raises(NotFound):
        await RecoverState.recover.fn(stranger, {"range": "day"})
    analyst = await screen(RecoverState, await sign_in(acme, Role.PARTNER_ANALYST), path)
    with pytest.raises(NotAllowed):
        await RecoverState.recover.fn(analyst, {"range": "day"})
