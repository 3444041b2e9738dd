"""What somebody gets who speaks the socket's protocol by hand: nothing that is not theirs."""

import asyncio
import contextlib
import json
import time
import uuid
from datetime import timedelta

import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import select, update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role, Session
from backoffice.services import members, sessions
from backoffice.settings import settings
from backoffice.state import door
from tests.browsing import browser, cookie_of, sign_in, signed_in
from tests.rx_socket import ROOT, Refused, tab
from tests.services.people import SYSTEM, actor_of, make_person

pytestmark = pytest.mark.usefixtures("database")
ACCOUNT = f"{ROOT}.backoffice___state___account___sessions____account_state"
NOTICES = f"{ROOT}.backoffice___state___notices____notice_state"
OURS = "backoffice___state"


def handlers() -> dict[str, object]:
    """Every event handler of the product, as the registry of the web process knows them."""
    from reflex_base.registry import RegistrationContext

    import backoffice.routes  # noqa: F401 registers every state

    return {name: found.handler.fn for name, found in RegistrationContext.get().event_handlers.items()}


def payload_for(function) -> dict[str, object]:
    from backoffice.state.arguments import arguments_of

    examples = {str: "x", int: 1, float: 1.0, bool: True, list[str]: ["x"]}
    return {name: examples.get(hint, {}) for name, hint in arguments_of(function).hints.items()}


def own_deltas(updates) -> list[str]:
    """States of ours that changed in these updates."""
    return [name for update in updates for name in update.get("delta") or {} if OURS in name]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "{url}.evil.example", "{url}/", "http://localhost:1", None]
)
async def test_foreign_and_missing_origins_are_refused(web, origin):
    with pytest.raises(Refused) as caught:
        async with tab(web.url, origin=origin and origin.format(url=web.url)):
            pass
    assert caught.value.response.status_code == 403


async def test_handshake_without_a_tab_is_refused(web):
    with pytest.raises(Refused):
        async with tab(web.url, token="../../etc/passwd"):
            pass


async def test_without_a_session_every_handler_answers_with_the_sign_in(web):
    from backoffice.services.audiences import PUBLIC
    from backoffice.state.gate import audience_of

    names = {name: function for name, function in handlers().items() if OURS in name}
    assert len(names) > 20
    async with tab(web.url) as stranger:
        await stranger.settle()
        for name, function in names.items():
            if audience_of(function) != PUBLIC:
                seen, redirects = len(stranger.updates), len(stranger.redirects)
                hints = {} if name.endswith("setvar") else payload_for(function)
                await stranger.send(name, hints)
                await stranger.until(lambda one, before=redirects: len(one.redirects) > before)
                assert own_deltas(stranger.updates[seen:]) == [], name
        assert set(stranger.redirects) == {"/login?next=%2Faccount"}


async def test_hydrating_without_a_session_shows_empty_states(web):
    async with signed_in(web, Role.REVIEWER) as (person, _), tab(web.url) as stranger:
        await stranger.until(lambda one: one.redirects)
        assert stranger.shown("session_state")["viewer"]["name"] == ""
        assert stranger.shown("account_state")["rows"] == []
        assert person.email not in stranger.everything


async def test_signed_in_tab_gets_its_own(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        assert mine.shown("account_state")["me"]["email"] == person.email
        assert [row["is_this"] for row in mine.shown("account_state")["rows"]] == [True]
        assert mine.redirects == []


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.AUDITOR])
async def test_wrong_role_is_told_and_gets_nothing(web, role):
    from backoffice.state.gate import audience_of

    async with signed_in(web, role) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        await mine.settle()
        shut = {
            name: function
            for name, function in handlers().items()
            if OURS in name and (audience := audience_of(function)) and not audience.admits(actor_of(person))
        }
        assert shut
        for name, function in shut.items():
            seen, told = len(mine.updates), len(mine.messages)
            await mine.send(name, payload_for(function))
            await mine.until(lambda one, before=told: len(one.messages) > before)
            assert mine.messages[-1].startswith("You need the permission"), name
            assert {state for state in own_deltas(mine.updates[seen:]) if "notice" not in state} == set(), name
        assert mine.is_open


async def test_refusals_are_written_down_once_and_without_what_was_sent(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        name = next(name for name in handlers() if name.endswith("work_state.approve"))
        for _ in range(5):
            await mine.send(name, {"task_id": "marker-4711"})
        await mine.until(lambda one: len(one.messages) >= 1)
        await mine.settle()
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.actor_id == person.id, AuditEntry.action == "event.refused")
        entries = list((await session.execute(statement)).scalars())
    assert [(entry.result, entry.changes) for entry in entries] == [("denied", {"event": name, "reason": "permission"})]
    assert "marker-4711" not in web.logged


async def test_token_of_a_tab_is_worth_nothing_without_its_cookie(web):
    token = str(uuid.uuid4())
    async with (
        signed_in(web, Role.REVIEWER) as (person, client),
        tab(web.url, cookie=cookie_of(client), token=token) as mine,
    ):
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        inner = mine.shown(ROOT)["rx_router_session"]["client_token"]
    async with signed_in(web, Role.AUDITOR) as (_, other):
        for cookie in ("", cookie_of(other), "sid=guessed"):
            for stolen in (token, inner):
                async with tab(web.url, cookie=cookie, token=stolen, path="/nowhere") as thief:
                    await thief.settle()
                    assert person.email not in thief.everything
                    assert thief.shown("account_state")["me"]["email"] == ""


async def test_same_tab_keeps_its_state_over_a_reconnect(web):
    token = str(uuid.uuid4())
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client):
        for path in ("/account", "/nowhere"):
            async with tab(web.url, cookie=cookie_of(client), token=token, path=path) as mine:
                await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
                assert mine.shown("account_state")["me"]["email"] == person.email
            await asyncio.sleep(0.3)


async def test_reference_to_a_session_cannot_be_sent_along(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client):
        async with transaction(Tenancy.everyone()) as session:
            row, _ = await sessions.by_secret(session, client.cookies["sid"])
        headers = {"X-Session-Ref": str(row.id)}
        async with tab(web.url, **headers) as thief:
            await thief.until(lambda one: one.redirects)
            event = thief.event(f"{ACCOUNT}.open") | {"token": "x"}
            event["router_data"]["headers"] = {"x-session-ref": str(row.id)}
            await thief.say(["event", event])
            await thief.settle()
            assert person.email not in thief.everything


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (f"{ACCOUNT}.end", {"session_id": 5}),
        (f"{ACCOUNT}.end", {"session_id": {"$ne": "1"}}),
        (f"{ACCOUNT}.end", {"session_id": None}),
        (f"{ACCOUNT}.end", {}),
        (f"{ACCOUNT}.end", {"session_id": "x", "member_id": "y"}),
        (f"{ACCOUNT}.end_others", {"but": "x"}),
        (f"{NOTICES}.show", {"kind": "evil", "text": "x"}),
        (f"{NOTICES}.show", {"kind": "info", "text": ["x"]}),
        (f"{ROOT}.set_is_hydrated", {"value": "yes"}),
    ],
)
async def test_arguments_of_another_form_are_refused(web, name, payload):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        await mine.send(name, payload)
        await mine.until(lambda one: one.messages)
        assert mine.messages == ["This page sent something that cannot be. Reload it."]


@pytest.mark.parametrize("name", ["setvar", "reflex___state____update_vars_internal_state.update_vars_internal"])
async def test_setters_of_reflex_stay_shut(web, name):
    async with signed_in(web, Role.REVIEW_LEAD) as (_, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        await mine.send(f"{ROOT}.{name}", {"var_name": "is_hydrated", "value": True})
        await mine.until(lambda one: one.messages)
        assert mine.messages == ["This cannot be done."]


async def test_what_is_no_event_is_dropped_without_a_trace(web):
    async with tab(web.url) as stranger:
        await stranger.settle()
        before = len(web.logged)
        for number in range(150):
            await stranger.say(["event", stranger.event(f"{ROOT}.no_such_handler_{number}", {"secret": "marker-0815"})])
        for odd in (
            "marker-0815",
            ["marker-0815"],
            5,
            None,
            {"name": 5},
            {"name": f"{NOTICES}.show", "payload": "marker-0815"},
        ):
            await stranger.say(["event", odd])
        await stranger.settle()
        assert stranger.is_open
    assert "marker-0815" not in web.logged
    assert len(web.logged) - before < 2_000


async def test_flood_slows_itself_and_nobody_else(web):
    async with tab(web.url) as noisy, signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        await noisy.settle()
        began = time.monotonic()
        for _ in range(250):
            await noisy.send(f"{NOTICES}.show", {"kind": "info", "text": "again"})
        flood = asyncio.create_task(noisy.until(lambda one: len(one.messages) >= 250, seconds=20))
        async with tab(web.url, cookie=cookie_of(client)) as mine:
            quick = time.monotonic()
            await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
            assert time.monotonic() - quick < 1.5
        await flood
        assert time.monotonic() - began > (250 - door.BURST) / door.EVENTS_PER_SECOND * 0.9


async def test_frame_that_is_too_large_ends_the_connection(web):
    async with tab(web.url) as stranger:
        await stranger.settle()
        await stranger.send(f"{NOTICES}.show", {"kind": "info", "text": "x" * 1_200_000})
        await stranger.closed()


async def test_sign_out_ends_every_open_tab_at_once(web):
    async with signed_in(web, Role.REVIEWER) as (_, client):
        cookie = cookie_of(client)
        async with tab(web.url, cookie=cookie) as one, tab(web.url, cookie=cookie) as two:
            for mine in (one, two):
                await mine.until(lambda found: found.shown("account_state").get("is_loaded"))
            began = time.monotonic()
            assert (await client.post("/auth/logout")).status_code == 303
            for mine in (one, two):
                await mine.closed()
            took = time.monotonic() - began
            assert one.redirects == two.redirects == ["/login"]
        assert took < 1
        async with tab(web.url, cookie=cookie) as later:
            await later.until(lambda found: found.redirects)
            assert later.shown("account_state")["rows"] == []


async def test_disabled_member_loses_open_tabs_at_once(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        began = time.monotonic()
        async with transaction(Tenancy.everyone()) as session:
            await members.disable(session, SYSTEM, person.id)
        await mine.closed()
        assert time.monotonic() - began < 1


async def test_signing_out_elsewhere_from_the_page(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, here), browser(web) as there:
        await sign_in(there, person)
        async with tab(web.url, cookie=cookie_of(here)) as mine, tab(web.url, cookie=cookie_of(there)) as other:
            for one in (mine, other):
                await one.until(lambda found: len(found.shown("account_state").get("rows", ())) == 2)
            away = next(row["id"] for row in mine.shown("account_state")["rows"] if not row["is_this"])
            await mine.send(f"{ACCOUNT}.end", {"session_id": away})
            await other.closed()
            await mine.until(lambda found: len(found.shown("account_state")["rows"]) == 1)
            assert mine.is_open


async def test_another_members_session_cannot_be_ended(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, victim), signed_in(web, Role.PARTNER_ANALYST) as (_, mine):
        async with transaction(Tenancy.everyone()) as session:
            row, _ = await sessions.by_secret(session, victim.cookies["sid"])
        async with tab(web.url, cookie=cookie_of(mine)) as one:
            await one.send(f"{ACCOUNT}.end", {"session_id": str(row.id)})
            await one.until(lambda found: found.messages)
            assert one.messages == ["There is no session with this id."]
        assert (await victim.get("/account")).status_code != 303


async def _age(client, **columns) -> None:
    async with transaction(Tenancy.everyone()) as session:
        row, _ = await sessions.by_secret(session, client.cookies["sid"])
        await session.execute(update(Session).where(Session.id == row.id).values(**columns))


@pytest.mark.parametrize("limit", ["idle", "absolute"])
async def test_session_ends_for_an_open_tab_too(web, limit):
    moment = now()
    columns = {
        "idle": {"last_seen_at": moment - timedelta(minutes=settings().session_idle_minutes, seconds=1)},
        "absolute": {"expires_at": moment - timedelta(seconds=1)},
    }
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        await _age(client, **columns[limit])
        seen = len(mine.updates)
        await mine.send(f"{ACCOUNT}.refresh")
        await mine.until(lambda one: one.redirects)
        assert own_deltas(mine.updates[seen:]) == []
        await mine.closed(door.SWEEP_SECONDS + 10)


async def test_ended_session_gets_no_state_back_through_its_old_connection(web):
    """A client may leave and join the namespace again on the same connection, whose handshake was good once."""
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        await _age(client, expires_at=now() - timedelta(seconds=1))
        await mine.socket.send("41/_event,")
        seen = len(mine.raw)
        hydrate = {"event": mine.event(f"{ROOT}.hydrate_and_load", {"vars": {}, "hashes": []})}
        await mine.socket.send("40/_event," + json.dumps(hydrate))
        await mine.until(lambda one: one.redirects)
        assert person.email not in "\n".join(mine.raw[seen:])


async def test_secret_of_the_cookie_is_nowhere_in_redis_or_the_log(web, servers):
    async with signed_in(web, Role.REVIEWER) as (_, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(lambda one: one.shown("account_state").get("is_loaded"))
        secret = client.cookies["sid"].encode()
        async with Redis.from_url(servers.redis_url) as redis:
            keys = [key async for key in redis.scan_iter()]
            values = [await redis.dump(key) or b"" for key in keys]
        assert keys
        assert not any(secret in value for value in keys + values)
        assert secret.decode() not in mine.everything
    assert secret.decode() not in web.logged


GARBAGE = (
    '42/_event,["event"]',
    '42/_event,["event",1,2,3]',
    '42/_event,["event",null]',
    "42/_event,[]",
    "42/_event,{",
    '42/_event,["event",' + "[" * 2000 + "]" * 2000 + "]",
    '451-/_event,["event",{"_placeholder":true,"num":0}]',
    "40/other,",
    "4",
    "9",
    "",
)


@pytest.mark.parametrize("is_signed_in", [True, False])
async def test_what_cannot_be_read_fills_no_log(web, is_signed_in):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        before = len(web.logged)
        for text in GARBAGE:
            async with tab(web.url, cookie=cookie_of(client) if is_signed_in else "") as mine:
                await mine.socket.send(text)
                with contextlib.suppress(TimeoutError):
                    await mine.closed(0.2)
    said = web.logged[before:]
    assert "Traceback" not in said
    assert len(said.splitlines()) < 2 * len(GARBAGE) + 10, said


async def test_web_process_still_runs(web):
    person = await make_person(Role.PARTNER_ANALYST)
    assert psutil.pid_exists(web.pid)
    async with browser(web) as client:
        await sign_in(client, person)
        assert (await client.get("/readyz")).status_code == 200
