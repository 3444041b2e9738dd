"""Who may not: every operation on events, webhook endpoints and deliveries against every kind of stranger."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.partners import PartnerStatus
from backoffice.services import api_keys
from tests.api.hooks import hush
from tests.api.test_outsiders import problem
from tests.api.world import OPERATOR, make_world

API = "/api/v1"
HOOKS = f"{API}/webhook_endpoints"
OPERATIONS = [
    ("GET", f"{API}/events", "events:read"),
    ("GET", f"{API}/events/stream", "events:read"),
    ("GET", f"{API}/events/{{event_id}}", "events:read"),
    ("POST", HOOKS, "webhooks:write"),
    ("GET", HOOKS, "webhooks:read"),
    ("GET", HOOKS + "/{endpoint_id}", "webhooks:read"),
    ("PATCH", HOOKS + "/{endpoint_id}", "webhooks:write"),
    ("DELETE", HOOKS + "/{endpoint_id}", "webhooks:write"),
    ("POST", HOOKS + "/{endpoint_id}/rotate_secret", "webhooks:write"),
    ("POST", HOOKS + "/{endpoint_id}/test", "webhooks:write"),
    ("GET", HOOKS + "/{endpoint_id}/deliveries", "webhooks:read"),
    ("POST", HOOKS + "/{endpoint_id}/recover", "webhooks:write"),
    ("GET", f"{API}/deliveries/{{delivery_id}}", "webhooks:read"),
    ("POST", f"{API}/deliveries/{{delivery_id}}/replay", "webhooks:write"),
]
BODIES = {
    HOOKS: {"url": "http://127.0.0.1:9/hook"},
    HOOKS + "/{endpoint_id}/recover": {"since": "2026-01-01T00:00:00Z"},
}


def name(operation):
    return f"{operation[0]} {operation[1].removeprefix(API)}"


every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=name)
ON_ONE = [one for one in OPERATIONS if "{" in one[1]]
every_operation_on_one = pytest.mark.parametrize("operation", ON_ONE, ids=name)


def test_every_operation_stands_in_this_table():
    from backoffice.api.app import partner_api

    described = {
        (method.upper(), API + path)
        for path, methods in partner_api.openapi()["paths"].items()
        for method in methods
        if path.split("/")[1] in {"events", "webhook_endpoints", "deliveries"}
    }
    assert described == {(method, path) for method, path, _ in OPERATIONS}


async def make_theirs(client, world, headers):
    """Make an endpoint with a delivery."""
    made = (await client.post(HOOKS, headers=headers, json=BODIES[HOOKS])).json()
    sent = (await client.post(f"{HOOKS}/{made['id']}/test", headers=headers)).json()
    return {
        "endpoint_id": made["id"],
        "event_id": sent["event_id"],
        "delivery_id": sent["id"],
        "secret": made["secret"],
    }


@pytest.fixture
async def theirs(client, rival):
    yield await make_theirs(client, rival, await rival.headers())
    await hush(rival)


async def ask(client, operation, ids, headers):
    method, path, _ = operation
    body = BODIES.get(path)
    return await client.request(method, path.format(**ids), headers=headers, json=body)


@every_operation
async def test_without_a_key(client, theirs, operation):
    problem(await ask(client, operation, theirs, {}), 401, "missing_api_key")


@every_operation
async def test_with_a_revoked_or_expired_key(client, theirs, operation):
    world = await make_world()
    headers, late = await world.headers(), await world.headers("late")
    async with transaction(Tenancy.everyone()) as session:
        await api_keys.revoke(session, OPERATOR, world.key_ids["live"])
        past = now() - timedelta(seconds=1)
        await session.execute(update(ApiKey).where(ApiKey.id == world.key_ids["late"]).values(expires_at=past))
    problem(await ask(client, operation, theirs, headers), 401, "api_key_revoked")
    problem(await ask(client, operation, theirs, late), 401, "api_key_expired")


@every_operation
async def test_from_a_strange_address_or_for_a_suspended_partner(client, acme, theirs, operation):
    headers = await acme.headers("office", ip_allowlist=["203.0.113.0/24"])
    problem(await ask(client, operation, theirs, headers), 403, "ip_not_allowed")
    world = await make_world(status=PartnerStatus.SUSPENDED)
    problem(await ask(client, operation, theirs, await world.headers()), 403, "partner_suspended")


@every_operation
async def test_without_the_scope(client, acme, theirs, operation):
    scope = operation[2]
    headers = await acme.headers("less", scopes=api_keys.SCOPES - {scope})
    assert scope in problem(await ask(client, operation, theirs, headers), 403, "insufficient_scope")["detail"]


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if not one[1].endswith("/stream")], ids=name)
async def test_the_scope_alone_is_enough(client, rival, operation):
    theirs = await make_theirs(client, rival, await rival.headers())
    answer = await ask(client, operation, theirs, await rival.headers("one", scopes={operation[2]}))
    assert answer.status_code in {200, 201}, answer.text
    await hush(rival)


@every_operation_on_one
async def test_another_partners_things_do_not_exist(client, acme, rival, theirs, operation):
    before = await _state(rival)
    mine = problem(await ask(client, operation, theirs, await acme.headers()), 404, "not_found")
    nobody = {
        "endpoint_id": public_id(Prefix.WEBHOOK_ENDPOINT, new_id()),
        "event_id": public_id(Prefix.EVENT, new_id()),
        "delivery_id": public_id(Prefix.DELIVERY, new_id()),
    }
    other = problem(await ask(client, operation, nobody, await acme.headers()), 404, "not_found")
    assert mine["detail"] == other["detail"]
    assert await _state(rival) == before


@every_operation_on_one
async def test_the_other_modes_things_do_not_exist(client, rival, theirs, operation):
    test = await rival.headers("test", livemode=False)
    before = await _state(rival)
    problem(await ask(client, operation, theirs, test), 404, "not_found")
    assert await _state(rival) == before
    made = await make_theirs(client, rival, test)
    problem(await ask(client, operation, made, await rival.headers()), 404, "not_found")


async def _state(world):
    """Everything of a partner that one of these operations could have changed or left behind."""
    sql = """select (select array_agg(w::text order by id) from webhook_endpoints w where partner_id = :p),
                    (select array_agg(d::text order by id) from deliveries d where partner_id = :p),
                    (select count(*) from events where partner_id = :p),
                    (select count(*) from audit_entries where partner_id = :p and action like 'webhook%')"""
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(text(sql), {"p": world.partner_id})).one()


async def test_lists_hold_own_mode_and_partner_only(client, acme, rival, theirs):
    await rival.headers("test", livemode=False)
    for headers in (await acme.headers(), await rival.headers("test")):
        assert (await client.get(HOOKS, headers=headers)).json()["data"] == []
        rows = (await client.get(f"{API}/events", headers=headers)).json()["data"]
        assert theirs["event_id"] not in [row["id"] for row in rows]
    mine = (await client.get(HOOKS, headers=await rival.headers())).json()["data"]
    assert [row["id"] for row in mine] == [theirs["endpoint_id"]]


async def test_no_answer_but_the_first_ever_holds_the_secret(client, rival, theirs):
    headers = await rival.headers()
    for operation in OPERATIONS:
        if operation[1].endswith(("/stream", "/rotate_secret")) or operation[0] == "DELETE":
            continue
        assert theirs["secret"] not in (await ask(client, operation, theirs, headers)).text, operation


@pytest.mark.parametrize("bad", ["whk_1", "x", "whk_" + "z" * 26, "evt_" + "0" * 400, "%00", "doc_" + "0" * 26])
async def test_ids_that_cannot_be_ours(client, acme, bad):
    headers = await acme.headers()
    for operation in ON_ONE:
        ids = {"endpoint_id": bad, "event_id": bad, "delivery_id": bad}
        answer = await ask(client, operation, ids, headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), operation
        assert answer.headers["content-type"] == "application/problem+json"
