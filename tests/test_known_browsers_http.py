"""Known browsers over plain HTTP: the cookie, what it is good for, and the account page's list."""

import re

import httpx2
import pytest

from backoffice.db import Tenancy, transaction
from backoffice.models.members import Role
from backoffice.services import known_browsers, sign_in_limits
from tests.browsing import browser, cookie_of, sign_in, signed_in
from tests.rx_socket import tab
from tests.services.browser_cast import FIREFOX, WRONG, entries, known
from tests.services.people import PASSWORD, make_person, visitor
from tests.test_outsider_socket import ACCOUNT

pytestmark = pytest.mark.usefixtures("database")
FRESH = "seven quiet otters swim"


def given(answer: httpx2.Response) -> list[str]:
    """The cookies of an answer that let a browser be known."""
    return [one for one in answer.headers.get_list("set-cookie") if one.startswith("known=")]


async def test_only_a_whole_sign_in_gives_the_cookie(web):
    person = await make_person(Role.REVIEWER)
    async with browser(web) as client:
        wrong = await client.post("/auth/login", data={"email": person.email, "password": WRONG})
        half = await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        assert given(wrong) + given(half) == []
        [cookie] = given(await client.post("/auth/mfa", data={"code": person.code()}))
        assert re.fullmatch(r"known=[\w-]{43}; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax", cookie)
        for path in ("/account", "/login", "/account/security"):
            assert given(await client.get(path)) == []


async def test_signing_out_leaves_it_and_the_next_sign_in_is_known(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client):
        kept = client.cookies["known"]
        answer = await client.post("/auth/logout")
        assert given(answer) == []
        assert '"cookies"' not in answer.headers["clear-site-data"]
        await sign_in(client, person)
        assert client.cookies["known"] == kept
    assert len(await known(person)) == 1


async def test_its_person_comes_in_while_everybody_else_is_locked_out(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client):
        account = sign_in_limits.fingerprint(person.email)
        for _ in range(sign_in_limits.PER_ACCOUNT):
            await sign_in_limits.admit_password(account, visitor())
        form = {"email": person.email, "password": PASSWORD}
        async with browser(web) as stranger:
            locked = await stranger.post("/auth/login", data=form)
            made_up = await stranger.post("/auth/login", data=form, headers={"Cookie": f"known={'x' * 43}"})
        assert (locked.status_code, made_up.status_code) == (429, 429)
        assert made_up.content == locked.content
        await client.post("/auth/logout")
        assert (await client.post("/auth/login", data=form)).status_code == 303


async def test_a_cookie_of_mine_answers_alike_for_known_and_unknown_accounts(web):
    other = await make_person(Role.PARTNER_ANALYST)
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        answers = []
        for email in (other.email, "nobody@example.test"):
            answer = await client.post("/auth/login", data={"email": email, "password": WRONG})
            kept = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
            answers.append((answer.status_code, kept, answer.content))
        assert answers[0] == answers[1]


async def test_a_changed_password_turns_it(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client):
        before = client.cookies["known"]
        answer = await client.post("/auth/password", data={"current": PASSWORD, "password": FRESH})
        assert answer.headers["location"] == "/account/security?done=password"
        assert len(given(answer)) == 1
        assert client.cookies["known"] != before
        async with transaction(Tenancy.everyone()) as session:
            assert await known_browsers.find(session, person.id, before) is None
            assert await known_browsers.find(session, person.id, client.cookies["known"]) is not None


async def test_the_account_page_lists_them_and_forgets_one_for_every_tab(web):
    person = await make_person(Role.PARTNER_ANALYST)
    async with browser(web, **{"User-Agent": FIREFOX}) as here, browser(web) as there:
        for client in (there, here):
            await sign_in(client, person)
        async with tab(web.url, cookie=cookie_of(here)) as mine, tab(web.url, cookie=cookie_of(there)) as other:
            for one in (mine, other):
                await one.until(lambda found: len(found.shown("account_state").get("browsers", ())) == 2)
            rows = mine.shown("account_state")["browsers"]
            assert [(row["device"], row["is_this"]) for row in rows] == [
                ("Firefox on Linux", True), ("A program", False),
            ]  # fmt: skip
            await mine.send(f"{ACCOUNT}.forget", {"browser_id": rows[1]["id"]})
            await mine.send(f"{ACCOUNT}.forget", {"browser_id": rows[1]["id"]})
            for one in (mine, other):
                await one.until(lambda found: len(found.shown("account_state")["browsers"]) == 1)
            assert other.is_open
    assert await entries(person, "member.browser_forgotten") == 1


async def test_another_members_browser_cannot_be_forgotten(web):
    victim = await make_person(Role.PARTNER_ANALYST)
    async with browser(web) as theirs:
        await sign_in(theirs, victim)
    [row] = await known(victim)
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, mine), tab(web.url, cookie=cookie_of(mine)) as one:
        await one.until(lambda found: found.shown("account_state").get("browsers"))
        await one.send(f"{ACCOUNT}.forget", {"browser_id": str(row.id)})
        await one.send(f"{ACCOUNT}.forget", {"browser_id": "no id"})
        await one.until(lambda found: len(found.messages) > 1)
    assert [kept.id for kept in await known(victim)] == [row.id]
    assert await entries(victim, "member.browser_forgotten") == 0
