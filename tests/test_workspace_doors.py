"""What a company's settings mean at every door: pages, sockets that are open, sign-in, letters' links."""

import re
import time

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member, Role
from backoffice.services import colleagues, letter_preferences, suspensions
from tests.browsing import browser, cookie_of, sign_in, signed_in
from tests.rx_socket import tab
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_person
from tests.services.test_colleagues import call
from tests.services.test_workspace_settings import admin, saved
from tests.web_process import web_process

pytestmark = pytest.mark.usefixtures("database")
ADMIN, ANALYST = Role.PARTNER_ADMIN, Role.PARTNER_ANALYST
ELSEWHERE = ("198.51.100.0/24",)
"""Where the administrator of these tests sits, and no client of them does."""
FORGED = {"X-Forwarded-For": "198.51.100.7", "X-Visitor-Address": "198.51.100.7", "X-Real-IP": "198.51.100.7"}


def is_read(one) -> bool:
    return bool(one.shown("account_state").get("is_loaded"))


async def test_a_network_shuts_pages_sockets_and_sign_in_within_a_second(web):
    async with signed_in(web, ANALYST) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        boss = await make_person(ADMIN, person.partner_id)
        await mine.until(is_read)
        began = time.monotonic()
        await saved(admin(boss), ip_allowlist=ELSEWHERE)
        await mine.closed()
        assert time.monotonic() - began < 1
        assert mine.redirects == ["/login"]
        for headers in ({}, FORGED):
            answer = await client.get("/account", headers=headers)
            assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Faccount")
            async with tab(web.url, cookie=cookie_of(client), **headers) as again:
                await again.until(lambda one: one.redirects)
                assert again.shown("account_state")["me"]["email"] == ""
        assert (await client.get("/exports/exp_x", headers=FORGED)).status_code == 401
        form = {"email": person.email, "password": PASSWORD}
        refused = await client.post("/auth/login", data=form, headers=FORGED)
        assert refused.headers["location"] == "/login?problem=address_not_allowed"
        assert "its own networks only" in (await client.get(refused.headers["location"])).text
        wrong = await client.post("/auth/login", data=form | {"password": "guess " * 4})
        assert wrong.headers["location"] == "/login?problem=wrong_credentials", "a stranger learns of no network"
        assert (await client.post("/auth/logout")).status_code == 303


async def test_an_open_tab_is_refused_event_by_event(web):
    async with signed_in(web, ANALYST) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        boss = await make_person(ADMIN, person.partner_id)
        await mine.until(is_read)
        rules = await saved(admin(boss), session_hours=8)
        await mine.send("reflex___state____state.backoffice___state___account___sessions____account_state.open")
        await mine.settle()
        assert (mine.is_open, mine.redirects) == (True, [])
        async with transaction(Tenancy.everyone()) as session:
            row = await session.get(Member, person.id)
            row.totp_secret_box = None
        await saved(admin(boss), rules.version, requires_second_factor=True)
        await mine.closed()
        assert mine.redirects == ["/login"]


async def test_who_is_removed_or_gets_another_role_is_out_within_a_second(web):
    for what in ("remove", "role", "sessions", "factor"):
        role = ADMIN if what == "factor" else ANALYST
        async with signed_in(web, role) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
            boss = actor_of(await make_person(ADMIN, person.partner_id))
            await mine.until(is_read)
            began = time.monotonic()
            if what == "remove":
                await call(colleagues.remove, boss, person.id, typed="Ines Moreau")
            elif what == "role":
                await call(colleagues.change_role, boss, person.id, Role.PARTNER_DEVELOPER, before=ANALYST)
            elif what == "sessions":
                await call(colleagues.end_sessions, boss, person.id)
            else:
                await call(colleagues.reset_second_factor, boss, person.id)
            await mine.closed()
            assert time.monotonic() - began < 1, what
            assert (await client.get("/account")).status_code == 303, what


async def test_behind_a_proxy_its_word_counts_and_a_visitors_does_not(servers):
    person = await make_person(ANALYST)
    boss = await make_person(ADMIN, person.partner_id)
    await saved(admin(boss), ip_allowlist=ELSEWHERE)
    with web_process(servers, BACKOFFICE_TRUSTED_PROXY_HOPS="1") as running:
        inside, forged = {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "198.51.100.7, 10.1.1.1"}
        async with browser(running, **inside) as client:
            await sign_in(client, person)
            cookie = cookie_of(client)
            async with tab(running.url, cookie=cookie, **inside) as mine:
                await mine.until(is_read)
            async with tab(running.url, cookie=cookie, **forged) as thief:
                await thief.until(lambda one: one.redirects)
                assert person.email not in thief.everything
            assert (await client.get("/account", headers=forged)).status_code == 303
            assert (await client.get("/account")).status_code != 303


async def test_a_second_factor_is_set_up_on_the_way_in(web):
    person = await make_person(ANALYST)
    boss = await make_person(ADMIN, person.partner_id)
    await saved(admin(boss), requires_second_factor=True)
    async with browser(web) as client:
        form = {"email": person.email, "password": PASSWORD, "next": "/partner/documents"}
        first = await client.post("/auth/login", data=form)
        assert first.headers["location"] == "/login/mfa?next=%2Fpartner%2Fdocuments"
        assert (await client.get("/account")).status_code == 303, "half a sign-in opens nothing"
        page = await client.get(first.headers["location"])
        assert page.headers["cache-control"] == "no-store"
        person.totp_secret = re.search(r'enrol-seed">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
        wrong = await client.post("/auth/mfa", data={"code": "000000", "next": "/partner/documents"})
        assert "problem=wrong_code" in wrong.headers["location"]
        assert "This code is not right" in (await client.get(wrong.headers["location"])).text
        done = await client.post("/auth/mfa", data={"code": person.code(), "next": "/partner/documents"})
        assert done.headers["location"] == "/partner/documents"
    async with browser(web) as client:
        await client.post("/auth/login", data=form)
        assert "enrol-seed" not in (await client.get("/login/mfa")).text, "nobody is shown a seed twice"


async def test_a_link_in_a_letter_stops_them_without_a_sign_in_by_a_press_only(web):
    person = await make_person(ADMIN)
    link = letter_preferences.link(person.id, LetterKind.WEBHOOKS)
    path = link[link.index("/unsubscribe/") :]

    async def muted() -> list[str]:
        async with transaction(Tenancy.everyone()) as session:
            return (await session.get(Member, person.id)).muted_letters

    async with browser(web) as client:
        shown = await client.get(path)
        assert "Stop these letters?" in shown.text
        assert person.email not in shown.text
        assert await muted() == [], "scanners open every link"
        del client.headers["Origin"]
        answer = await client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, await muted()) == (200, ["webhooks"])
        assert (await client.post(path)).status_code == 200
        evil = await client.post(path, headers={"Origin": "https://evil.example"})
        assert evil.status_code == 403
        assert (await client.get(f"{path}x")).status_code == 404
        assert (await client.post("/unsubscribe/nothing")).status_code == 404


async def test_a_suspended_partner_is_out_within_a_second_and_back_when_resumed(web):
    async with signed_in(web, ANALYST) as (person, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.until(is_read)
        began = time.monotonic()
        async with transaction(Tenancy.everyone()) as session:
            await suspensions.suspend(session, SYSTEM, person.partner_id, reason="Misuse")
        await mine.closed()
        assert time.monotonic() - began < 10, "a second, on a machine that does nothing else"
        assert mine.redirects == ["/login"]
        answer = await client.get("/account")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Faccount")
        async with tab(web.url, cookie=cookie_of(client)) as again:
            await again.until(lambda one: one.redirects)
            assert again.shown("account_state")["me"]["email"] == ""
        refused = await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        assert refused.headers["location"] == "/login?problem=partner_suspended"
        assert "access is suspended" in (await client.get(refused.headers["location"])).text
        async with transaction(Tenancy.everyone()) as session:
            await suspensions.resume(session, SYSTEM, person.partner_id)
        async with tab(web.url, cookie=cookie_of(client)) as back:
            await back.until(is_read)
