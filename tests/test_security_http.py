"""One's own login over plain HTTP: the forgotten password, the recovery code, the page behind the sign-in."""

import re

import pytest

from backoffice.db import transaction
from backoffice.models.members import Role
from backoffice.services import password_resets
from tests.browsing import browser, sign_in, signed_in
from tests.services.people import PASSWORD, SYSTEM, make_person

pytestmark = pytest.mark.usefixtures("database")
FRESH = "seven quiet otters swim"
FORMS = (
    "/auth/password",
    "/auth/recovery-codes",
    "/auth/second-factor",
    "/auth/second-factor/code",
    "/auth/second-factor/drop",
)


async def link_of(person):
    async with transaction(SYSTEM.tenancy) as session:
        return (await password_resets.link_of(session, SYSTEM, person.email)).rpartition("/")[2]


async def test_who_is_not_signed_in_sees_and_changes_nothing(web):
    async with browser(web) as client:
        for answer in [
            await client.get("/account/security"),
            *[await client.post(form, data={"code": "1"}) for form in FORMS],
        ]:
            assert answer.status_code == 303
            assert answer.headers["location"] == "/login?next=%2Faccount%2Fsecurity"
        person = await make_person(Role.REVIEWER)
        await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        assert (await client.get("/account/security")).status_code == 303
        assert (await client.post("/auth/recovery-codes", data={"code": person.code()})).status_code == 303


async def test_forms_of_other_sites_are_refused(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        for form in (*FORMS, "/auth/reset", "/auth/reset/choose", "/auth/recovery"):
            answer = await client.post(form, data={"current": PASSWORD}, headers={"Origin": "https://evil.test"})
            assert answer.status_code == 403


async def test_asking_answers_the_same_for_every_address(web):
    person = await make_person(Role.PARTNER_ANALYST)
    answers = []
    async with browser(web) as client:
        for email in (person.email, "nobody@example.test", "no address", "x" * 5_000, ""):
            answer = await client.post("/auth/reset", data={"email": email})
            answers.append((answer.status_code, answer.headers["location"], answer.content))
        assert set(answers) == {(303, "/reset?sent=1", b"")}
        assert "If somebody signs in with this address" in (await client.get("/reset?sent=1")).text


async def test_link_sets_a_password_and_leads_to_the_sign_in(web):
    person = await make_person(Role.PARTNER_ANALYST)
    token = await link_of(person)
    async with browser(web) as client:
        shown = await client.get(f"/reset/{token}")
        assert person.email in shown.text
        assert shown.headers["cache-control"] == "no-store"
        answer = await client.post("/auth/reset/choose", data={"token": token, "password": "passwordpassword"})
        assert answer.status_code == 422
        assert "among the first" in answer.text
        assert "passwordpassword" not in answer.text
        answer = await client.post("/auth/reset/choose", data={"token": token, "password": FRESH})
        assert answer.headers["location"] == "/login?notice=password_set"
        assert "sid" not in client.cookies
        assert "Your new password is set" in (await client.get("/login?notice=password_set")).text
        answer = await client.post("/auth/login", data={"email": person.email, "password": FRESH})
        assert answer.headers["location"] == "/partner"


async def test_link_that_does_not_work_says_so_whatever_the_reason(web):
    person = await make_person(Role.PARTNER_ANALYST)
    token = await link_of(person)
    await link_of(person)
    async with browser(web) as client:
        pages = []
        for one in (token, "x" * 43, "../login"):
            answer = await client.get(f"/reset/{one}")
            if one != "../login":
                assert answer.status_code == 404
                pages.append(re.sub(r"nonce=\S+", "", answer.text))
        assert pages[0] == pages[1]
        answer = await client.post("/auth/reset/choose", data={"token": token, "password": FRESH})
        assert answer.status_code == 404


async def test_recovery_code_is_a_second_step(web):
    person = await make_person(Role.REVIEWER)
    async with browser(web) as client:
        assert (await client.get("/login/recovery")).headers["location"] == "/login"
        await sign_in(client, person)
        wrong = (await client.post("/auth/recovery-codes", data={"code": "000000"})).text
        assert 'href="#codes-code"' in wrong
        assert re.search(r'id="codes-code"[^>]* aria-invalid="true"', wrong)
        answer = await client.post("/auth/recovery-codes", data={"code": person.code()})
        assert answer.headers["cache-control"] == "no-store"
        codes = re.findall(r"<code>([A-Z0-9-]{27})</code>", answer.text)
        assert len(codes) == 10
        assert codes[0] not in (await client.get("/account/security")).text
    async with browser(web) as client:
        await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        assert (await client.get("/login/recovery?next=/account")).status_code == 200
        answer = await client.post("/auth/recovery", data={"code": "wrong", "next": "/account"})
        assert answer.headers["location"] == "/login/recovery?next=%2Faccount&problem=wrong_recovery_code"
        answer = await client.post("/auth/recovery", data={"code": codes[4], "next": "/account"})
        assert answer.headers["location"] == "/account"
        assert "9 codes left" in (await client.get("/account/security")).text


async def test_own_password_is_changed_with_the_present_one(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        answer = await client.post("/auth/password", data={"current": "wrong", "password": FRESH})
        assert answer.status_code == 422
        assert "This is not your password." in answer.text
        assert FRESH not in answer.text
        answer = await client.post("/auth/password", data={"current": PASSWORD, "password": FRESH})
        assert answer.headers["location"] == "/account/security?done=password"
        assert "Your password is changed" in (await client.get("/account/security?done=password")).text
        assert "<script>alert" not in (await client.get("/account/security?done=<script>alert")).text


async def test_too_many_wrong_passwords_are_told_so(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        for _ in range(10):
            await client.post("/auth/password", data={"current": "wrong", "password": FRESH})
        answer = await client.post("/auth/password", data={"current": PASSWORD, "password": FRESH})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 60
        assert "Too many tries" in answer.text


async def test_app_is_set_up_from_the_page(web):
    async with signed_in(web, Role.PARTNER_DEVELOPER) as (person, client):
        assert "password alone" in (await client.get("/account/security")).text
        await client.post("/auth/second-factor")
        page = (await client.get("/account/security")).text
        person.totp_secret = re.search(r'factor-seed">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        answer = await client.post("/auth/second-factor/code", data={"code": person.code()})
        assert answer.headers["location"] == "/account/security?done=factor"
        page = (await client.get("/account/security?done=factor")).text
        assert "Recovery codes" in page
        assert "You have none" in page
    async with browser(web) as client:
        assert (await sign_in(client, person)).headers["location"] == "/partner"
