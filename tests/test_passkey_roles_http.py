"""Roles that sign in with a passkey, over plain HTTP, in an installation that is set so."""

import pytest
from pyotp import TOTP

from backoffice.models.members import Role
from backoffice.services import invitations
from tests.browsing import browser
from tests.services.people import PASSWORD, make_partner, make_person
from tests.test_invite_http import invite
from tests.test_step_up_http import at_home
from tests.web_process import web_process

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def strict(servers):
    with web_process(servers, BACKOFFICE_PASSKEY_ROLES="partner_admin") as running:
        yield running


async def first_steps(client, person) -> None:
    await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
    answer = await client.post("/auth/mfa", data={"code": person.code(), "next": "/account"})
    assert answer.headers["location"] == "/login/mfa?next=%2Faccount"


async def test_who_has_proven_nothing_makes_none(strict):
    async with browser(strict) as client:
        assert (await client.post("/auth/passkey/first/options")).status_code == 401
        answer = await client.post("/auth/passkey/first", data={"passkey": "{}"})
        assert answer.headers["location"] == "/login?problem=start_again"
        for path in ("/auth/passkey/first", "/auth/passkey/first/options"):
            answer = await client.post(path, data={"passkey": "{}"}, headers={"Origin": "https://evil.test"})
            assert answer.status_code == 403


async def test_one_is_made_on_the_way_in_and_then_a_code_is_not_enough(strict):
    person, device = await make_person(Role.PARTNER_ADMIN), at_home(strict)
    async with browser(strict) as client:
        await first_steps(client, person)
        shown = (await client.get("/login/mfa?next=/account")).text
        assert "first-passkey-step" in shown
        assert "mfa-code" not in shown
        assert (await client.get("/account")).headers["location"] == "/login?next=%2Faccount"
        options = (await client.post("/auth/passkey/first/options")).text
        answer = await client.post("/auth/passkey/first", data={"passkey": device.make(options), "next": "/account"})
        assert answer.headers["location"] == "/account"
        assert (await client.get("/login")).headers["location"] in {"/account", "/partner"}
    async with browser(strict) as client:
        await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        assert "mfa-code" not in (await client.get("/login/mfa")).text
        assert (await client.get("/login/recovery")).headers["location"] == "/login/mfa"
        for path in ("/auth/mfa", "/auth/recovery"):
            answer = await client.post(path, data={"code": person.code()})
            assert answer.headers["location"] == "/login/mfa?problem=passkey_needed"
        assert "Your role signs in with a passkey." in (await client.get(answer.headers["location"])).text
        options = (await client.post("/auth/passkey/second-step/options")).text
        answer = await client.post("/auth/passkey/second-step", data={"passkey": device.sign(options)})
        assert answer.headers["location"] in {"/account", "/partner"}


async def test_the_page_says_where_passkeys_work(strict):
    person = await make_person(Role.PARTNER_ADMIN)
    async with browser(strict) as client:
        await first_steps(client, person)
        assert "passkey-away" in (await client.get("/login/mfa")).text
        at_name = {"Host": strict.url.removeprefix("http://").replace("127.0.0.1", "localhost")}
        assert "/auth/passkey/first/options" in (await client.get("/login/mfa", headers=at_name)).text


async def test_who_joins_is_led_there_too(strict):
    _, token = await invite(Role.PARTNER_ADMIN, partner_id=await make_partner())
    code = TOTP((await invitations.welcome(token)).totp_secret).now()
    async with browser(strict) as client:
        answer = await client.post(
            "/auth/invite", data={"token": token, "password": "four words and a fish", "code": code}
        )
        assert answer.headers["location"] == "/login/mfa"
        assert "first-passkey-step" in (await client.get("/login/mfa")).text
