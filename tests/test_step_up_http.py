"""Confirming who one is over plain HTTP, as the dialog does and as the page of one's own login does."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.members import Role, Session
from tests.authenticator import Device
from tests.browsing import browser, sign_in, signed_in
from tests.services.people import PASSWORD, make_person

pytestmark = pytest.mark.usefixtures("database")
DIALOG = {"Accept": "application/json"}


async def make_stale(person):
    async with transaction(Tenancy.everyone()) as session:
        moment = now() - timedelta(hours=1)
        await session.execute(update(Session).where(Session.member_id == person.id).values(confirmed_at=moment))


def at_home(web):
    """The device of somebody who came by the host name; the tests come by an address of numbers."""
    return Device(origin=web.url.replace("127.0.0.1", "localhost"))


async def test_who_is_not_signed_in_confirms_nothing(web):
    async with browser(web) as client:
        assert (await client.get("/auth/step-up")).status_code == 401
        assert (await client.post("/auth/step-up/options")).status_code == 401
        assert (await client.post("/auth/step-up", data={"password": PASSWORD}, headers=DIALOG)).status_code == 401
        answer = await client.post("/auth/step-up", data={"password": PASSWORD, "next": "https://evil.test"})
        assert answer.headers["location"] == "/login?next=%2Faccount%2Fsecurity"


async def test_forms_and_questions_of_other_sites_are_refused(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        for path in ("/auth/step-up", "/auth/step-up/options", "/auth/passkey", "/auth/passkey/options",
                     "/auth/passkey/second-step", "/auth/passkey/second-step/options", "/auth/passkeys",
                     "/auth/passkeys/options", "/auth/passkeys/remove", "/auth/passkeys/rename"):  # fmt: skip
            answer = await client.post(path, data={"passkey": "{}"}, headers={"Origin": "https://evil.test"})
            assert answer.status_code == 403, path


async def test_proof_renews_the_cookie_and_the_old_one_opens_nothing(web):
    async with signed_in(web, Role.PARTNER_ADMIN) as (person, client):
        old = client.cookies["sid"]
        assert (await client.get("/auth/step-up")).json() == {
            "passkey": False, "code": True, "password": False, "sso": False, "none": False,
        }  # fmt: skip
        answer = await client.post("/auth/step-up", data={"code": "000000"}, headers=DIALOG)
        assert answer.status_code == 422
        assert answer.json()["code"] == "wrong_code"
        assert client.cookies["sid"] == old
        answer = await client.post("/auth/step-up", data={"code": person.code()}, headers=DIALOG)
        assert answer.json() == {"confirmed": True}
        assert client.cookies["sid"] != old
        assert (await client.get("/auth/step-up")).status_code == 200
    async with browser(web) as thief:
        assert (await thief.get("/auth/step-up", headers={"Cookie": f"sid={old}"})).status_code == 401


async def test_own_login_asks_before_it_shows_its_forms(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (person, client):
        await make_stale(person)
        shown = (await client.get("/account/security")).text
        assert "step-up-page" in shown
        assert "password-new" not in shown
        answer = await client.post("/auth/password", data={"current": PASSWORD, "password": "seven quiet otters swim"})
        assert "step-up-page" in answer.text
        answer = await client.post("/auth/step-up", data={"password": "wrong", "next": "/account/security"})
        assert answer.status_code == 422
        assert "not your password" in answer.text
        answer = await client.post("/auth/step-up", data={"password": PASSWORD, "next": "/account/security"})
        assert answer.headers["location"] == "/account/security"
        assert "password-new" in (await client.get("/account/security")).text


async def test_passkey_is_made_signs_in_and_confirms(web):
    person, device = await make_person(Role.PARTNER_ANALYST), at_home(web)
    async with browser(web) as client:
        await sign_in(client, person)
        shown = (await client.get("/account/security")).text
        assert "passkey-away" in shown
        options = (await client.post("/auth/passkeys/options")).text
        answer = await client.post("/auth/passkeys", data={"passkey": device.make(options), "name": "Phone"})
        assert answer.headers["location"] == "/account/security?done=passkey"
        await make_stale(person)
        options = (await client.post("/auth/step-up/options")).text
        answer = await client.post("/auth/step-up", data={"passkey": device.sign(options)}, headers=DIALOG)
        assert answer.json() == {"confirmed": True}
    async with browser(web) as client:
        assert (await client.post("/auth/passkey/second-step/options")).status_code == 401
        options = (await client.post("/auth/passkey/options")).text
        proof = device.sign(options)
        answer = await client.post("/auth/passkey", data={"passkey": proof, "next": "/account"})
        assert answer.headers["location"] == "/account"
        again = await client.post("/auth/passkey", data={"passkey": proof})
        assert again.headers["location"] == "/login?problem=passkey_too_late"


async def test_passkey_is_the_second_step_over_http(web):
    person, device = await make_person(Role.PARTNER_ADMIN), at_home(web)
    async with browser(web) as client:
        await sign_in(client, person)
        options = (await client.post("/auth/passkeys/options")).text
        await client.post("/auth/passkeys", data={"passkey": device.make(options), "name": ""})
    async with browser(web) as client:
        answer = await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        assert answer.headers["location"] == "/login/mfa"
        assert "mfa-code" in (await client.get("/login/mfa")).text
        device.verifies = False
        options = (await client.post("/auth/passkey/second-step/options")).text
        answer = await client.post("/auth/passkey/second-step", data={"passkey": device.sign(options)})
        assert answer.headers["location"] == "/login/mfa?problem=wrong_passkey"
        device.verifies = True
        options = (await client.post("/auth/passkey/second-step/options")).text
        answer = await client.post("/auth/passkey/second-step", data={"passkey": device.sign(options)})
        assert answer.headers["location"] == "/partner"
