"""Open tabs over a step-up: who has the new cookie goes on, and who has only the old one is refused and cut."""

import asyncio
import json
import re
import secrets
import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import update

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.models.base import new_id
from backoffice.models.members import Role, Session
from backoffice.services import sessions, tab_passes
from backoffice.settings import ROOT as ROOT_FOLDER
from backoffice.state import door
from tests.browsing import browser, cookie_of, sign_in, signed_in
from tests.rx_socket import ROOT, tab
from tests.services.people import PASSWORD

pytestmark = pytest.mark.usefixtures("database")
ACCOUNT = f"{ROOT}.backoffice___state___account___sessions____account_state"
NOTICE = f"{ROOT}.backoffice___state___notices____notice_state.show"
STEP_UP = f"{ROOT}.backoffice___state___step_up____step_up_state"
CUT_SECONDS = door.RENEWAL_SECONDS + 1


def loaded(one) -> bool:
    return bool(one.shown("account_state").get("is_loaded"))


def asked(one) -> bool:
    """Whether the door asked this tab to show the new secret."""
    return bool(one.shown("step_up_state").get("renewed"))


def answered(one, seen: int) -> list[str]:
    """States of ours that came since, but for the question itself."""
    told = {name for update in one.updates[seen:] for name in update.get("delta") or {} if "backoffice" in name}
    return sorted(told - {STEP_UP})


async def proven(client) -> None:
    answer = await client.post("/auth/step-up", data={"password": PASSWORD}, headers={"Accept": "application/json"})
    assert answer.json() == {"confirmed": True}


async def pass_of(client) -> str:
    answer = await client.post("/auth/step-up/pass")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["pass"]


async def test_only_the_newest_secret_gets_a_pass(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client), browser(web) as thief:
        old = {"Cookie": cookie_of(client)}
        assert (await thief.post("/auth/step-up/pass")).status_code == 401
        assert (await thief.post("/auth/step-up/pass", headers=old)).status_code == 200
        await proven(client)
        assert (await thief.post("/auth/step-up/pass", headers=old)).status_code == 401
        assert await pass_of(client)
        foreign = await client.post("/auth/step-up/pass", headers={"Origin": "https://evil.test"})
        assert foreign.status_code == 403


async def test_a_socket_of_the_old_secret_is_refused_at_its_next_event_and_cut(web):
    async with (
        signed_in(web, Role.PARTNER_ANALYST) as (person, client),
        tab(web.url, cookie=cookie_of(client)) as thief,
        tab(web.url, cookie=cookie_of(client)) as mine,
    ):
        for one in (thief, mine):
            await one.until(loaded)
        before, seen, began = await pass_of(client), len(thief.updates), time.monotonic()
        await proven(client)
        await thief.send(f"{STEP_UP}.go_on", {"token": before})
        for name in ("refresh", "end_others"):
            await thief.send(f"{ACCOUNT}.{name}")
        await mine.send(f"{STEP_UP}.go_on", {"token": await pass_of(client)})
        await thief.closed(CUT_SECONDS)
        assert time.monotonic() - began < CUT_SECONDS + 1
        assert answered(thief, seen) == []
        assert thief.redirects == []
        seen = len(mine.updates)
        await mine.send(f"{ACCOUNT}.refresh")
        await mine.until(lambda one: answered(one, seen))
        assert mine.shown("account_state")["me"]["email"] == person.email
        assert mine.is_open


async def test_a_tab_that_goes_on_keeps_what_it_showed_and_hears_of_changes(web):
    said = uuid.uuid4().hex
    async with (
        signed_in(web, Role.PARTNER_ANALYST) as (person, client),
        browser(web) as there,
        tab(web.url, cookie=cookie_of(client)) as mine,
    ):
        await mine.until(loaded)
        await mine.send(NOTICE, {"kind": "info", "text": said})
        await mine.until(lambda one: said in one.messages)
        await proven(client)
        await mine.until(asked)
        await sign_in(there, person)
        await mine.send(f"{STEP_UP}.go_on", {"token": await pass_of(client)})
        await mine.until(lambda one: len(one.shown("account_state")["rows"]) == 2)
        await there.post("/auth/logout")
        await mine.until(lambda one: len(one.shown("account_state")["rows"]) == 1)
        await mine.settle()
        assert mine.is_open
        assert mine.redirects == []


async def test_a_tab_on_a_slow_line_goes_on_too(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(loaded)
        await proven(client)
        await mine.until(asked)
        await asyncio.sleep(3)
        await mine.send(f"{STEP_UP}.go_on", {"token": await pass_of(client)})
        await asyncio.sleep(CUT_SECONDS - 3)
        seen = len(mine.updates)
        await mine.send(f"{ACCOUNT}.refresh")
        await mine.until(lambda one: answered(one, seen))
        assert mine.is_open


async def test_who_floods_under_the_old_secret_keeps_no_tab_waiting(web):
    async with (
        signed_in(web, Role.PARTNER_ANALYST) as (_, client),
        tab(web.url, cookie=cookie_of(client)) as thief,
        tab(web.url, cookie=cookie_of(client)) as mine,
    ):
        for one in (thief, mine):
            await one.until(loaded)
        for _ in range(700):
            await thief.send(f"{ACCOUNT}.refresh")
        await proven(client)
        seen = len(mine.updates)
        await mine.send(f"{STEP_UP}.go_on", {"token": await pass_of(client)})
        began = time.monotonic()
        await mine.send(f"{ACCOUNT}.refresh")
        await mine.until(lambda one: answered(one, seen))
        assert time.monotonic() - began < door.RENEWAL_SECONDS - 1
        await thief.closed(CUT_SECONDS + 5)
        await mine.settle()
        assert mine.is_open


@pytest.mark.parametrize("bad", ["x" * 40, "foreign"])
def test_one_wrong_pass_a_second_is_read_of_a_socket(monkeypatch, bad):
    session_id, read = new_id(), []
    real = tab_passes.read
    monkeypatch.setattr(tab_passes, "read", lambda token: read.append(token) or real(token))
    one = door.Door.__new__(door.Door)
    one._buckets, one._static_router_data = {}, {"s": {"headers": {}}}
    socket = door.Socket(session_id, "", door.Bucket(), mark="before")
    fine = tab_passes.write(session_id, "secret")
    wrong = tab_passes.write(new_id(), "secret") if bad == "foreign" else bad
    for token in (None, {}, "x" * (door.LONGEST_PASS + 1)):
        one._renew("s", socket, token)
    assert read == [], "nothing of these is worth a look"
    assert len(fine) <= door.LONGEST_PASS
    for _ in range(50):
        one._renew("s", socket, wrong)
    one._renew("s", socket, fine)
    assert (len(read), socket.mark) == (1, "before")
    socket.failed_at -= door.FAILED_SECONDS
    before = socket.bucket
    one._renew("s", socket, fine)
    assert socket.mark == real(fine)[1] == one._static_router_data["s"]["headers"][sessions.MARK_HEADER]
    assert socket.bucket is not before


def test_a_browser_tries_until_shortly_before_it_is_cut():
    source = (ROOT_FOLDER / "backoffice" / "components" / "step_up.jsx").read_text()
    waits = [int(one) for one in re.search(r"WAITS_MS = \[([\d, ]+)\]", source)[1].split(",")]
    assert 3.5 <= sum(waits) / 1000 < door.RENEWAL_SECONDS - 0.5


async def test_a_tab_that_shows_nothing_comes_back_by_itself_with_its_state(web):
    token, said = str(uuid.uuid4()), uuid.uuid4().hex
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        async with tab(web.url, cookie=cookie_of(client), token=token) as cut:
            await cut.send(NOTICE, {"kind": "info", "text": said})
            await cut.until(lambda one: said in one.messages)
            await proven(client)
            await cut.closed(CUT_SECONDS)
            assert cut.redirects == []
        async with tab(web.url, cookie=cookie_of(client), token=token, returns=True) as back:
            await back.until(loaded)
            assert said in back.everything
            assert back.redirects == []


async def test_no_pass_of_somebody_else_lets_a_tab_go_on(web):
    async with (
        signed_in(web, Role.PARTNER_ANALYST) as (_, other),
        signed_in(web, Role.PARTNER_ANALYST) as (_, client),
        tab(web.url, cookie=cookie_of(client)) as thief,
    ):
        await thief.until(loaded)
        await proven(other)
        theirs = await pass_of(other)
        await proven(client)
        seen = len(thief.updates)
        for token in (theirs, secrets.token_urlsafe(32), "", "x" * 5_000):
            await thief.send(f"{STEP_UP}.go_on", {"token": token})
            await thief.send(f"{ACCOUNT}.refresh")
        await thief.closed(CUT_SECONDS)
        assert answered(thief, seen) == []


async def test_without_a_message_the_sweep_finds_the_socket(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client), tab(web.url, cookie=cookie_of(client)) as thief:
        await thief.until(loaded)
        async with transaction(Tenancy.everyone()) as session:
            row, _ = await sessions.by_secret(session, client.cookies["sid"])
            changed = update(Session).where(Session.id == row.id).values(token_hash=sessions.hash_of(uuid.uuid4().hex))
            await session.execute(changed)
        seen = len(thief.updates)
        await thief.send(f"{ACCOUNT}.refresh")
        await thief.closed(door.SWEEP_SECONDS + CUT_SECONDS + 5)
        assert answered(thief, seen) == []
        assert thief.redirects == []


async def test_a_namespace_joined_again_on_an_old_connection_gets_nothing(web):
    async with (
        signed_in(web, Role.PARTNER_ANALYST) as (person, client),
        tab(web.url, cookie=cookie_of(client)) as thief,
    ):
        await thief.until(loaded)
        await proven(client)
        seen = len(thief.raw)
        await thief.socket.send("41/_event,")
        hydrate = {"event": thief.event(f"{ROOT}.hydrate_and_load", {"vars": {}, "hashes": []})}
        await thief.socket.send("40/_event," + json.dumps(hydrate))
        await thief.closed(door.SWEEP_SECONDS + CUT_SECONDS + 5)
        assert person.email not in "\n".join(thief.raw[seen:])


def test_a_pass_is_for_one_secret_and_a_minute(monkeypatch):
    session_id, secret = new_id(), secrets.token_urlsafe(32)
    token = tab_passes.write(session_id, secret)
    assert tab_passes.read(token) == (session_id, sessions.mark_of(sessions.hash_of(secret)))
    for other in (token[:-2] + "AA", token + "AAAA", "", "é"):
        with pytest.raises(NotFound):
            tab_passes.read(other)
    later = clock.present() + tab_passes.LIFE + timedelta(seconds=1)
    monkeypatch.setattr(tab_passes, "present", lambda: later)
    with pytest.raises(NotFound):
        tab_passes.read(token)
