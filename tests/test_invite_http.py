"""Joining by a link, over plain HTTP and the database behind it."""

import asyncio
import re
from datetime import timedelta

import pytest
from pyotp.totp import TOTP
from sqlalchemy import func, select
from sqlmodel import col

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.members import Member, Role
from backoffice.services import invitations
from backoffice.services.access import Actor
from tests.browsing import browser
from tests.services.people import actor_of, make_partner, make_person

pytestmark = pytest.mark.usefixtures("database")
SYSTEM = Actor.system(name="tests")
PASSWORD = "four words and a fish"


async def invite(role=Role.PARTNER_DEVELOPER, *, email="", actor=SYSTEM, partner_id=None):
    partner_id = partner_id or (await make_partner() if role.startswith("partner_") else None)
    email = email or f"{clock.now().timestamp():.6f}@people.example"
    async with transaction(actor.tenancy) as session:
        return await invitations.create(
            session, actor, email=email, name="Nadia Rahman", role=role, partner_id=partner_id
        )


async def count(email):
    async with transaction(SYSTEM.tenancy) as session:
        statement = select(func.count()).select_from(Member).where(col(Member.email) == email)
        return (await session.execute(statement)).scalar_one()


async def test_outsider_invites_nobody_into_another_company():
    person = await make_person(Role.PARTNER_ADMIN)
    other = await make_partner()
    for role, partner_id in ((Role.PARTNER_ADMIN, other), (Role.OPERATOR, None)):
        with pytest.raises((NotAllowed, Invalid)):
            await invite(role, actor=actor_of(person), partner_id=partner_id)
    analyst = await make_person(Role.PARTNER_ANALYST)
    with pytest.raises(NotAllowed):
        await invite(actor=actor_of(analyst), partner_id=analyst.partner_id)


async def test_invented_link_shows_nothing(web):
    async with browser(web) as client:
        answer = await client.get("/invite/" + "x" * 43)
        assert answer.status_code == 404
        assert "This invitation has ended" in answer.text
        answer = await client.post("/auth/invite", data={"token": "x", "password": PASSWORD})
        assert answer.status_code == 404
        assert "sid" not in client.cookies


async def test_developer_joins_with_a_password_and_is_signed_in(web):
    invitation, token = await invite()
    async with browser(web) as client:
        page = await client.get(f"/invite/{token}")
        assert page.headers["referrer-policy"] == "same-origin"
        assert "Nadia Rahman" in page.text
        assert 'name="code"' not in page.text
        short = await client.post("/auth/invite", data={"token": token, "password": "short"})
        assert short.status_code == 422
        assert "characters" in short.text
        answer = await client.post("/auth/invite", data={"token": token, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/partner")
        assert (await client.get("/login")).headers["location"] == "/partner"
        assert (await client.get(f"/invite/{token}")).status_code == 404
    assert await count(invitation.email) == 1


async def test_admin_needs_the_code_of_the_seed_that_the_page_shows(web):
    _, token = await invite(Role.PARTNER_ADMIN)
    async with browser(web) as client:
        page = await client.get(f"/invite/{token}")
        seed = re.search(r'data-testid="invite-seed">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
        assert "<svg" in page.text
        form = {"token": token, "password": PASSWORD, "code": "000000"}
        assert "This code is not right" in (await client.post("/auth/invite", data=form)).text
        code = TOTP(seed).now()
        answer = await client.post("/auth/invite", data=form | {"code": code})
        assert answer.status_code == 303
    async with browser(web) as client:
        email = (await _member(token)).email
        await client.post("/auth/login", data={"email": email, "password": PASSWORD})
        again = await client.post("/auth/mfa", data={"code": code})
        assert "wrong_code" in again.headers["location"], "a code is good for one use"


async def _member(token):
    async with transaction(SYSTEM.tenancy) as session:
        statement = select(Member).join(invitations.Invitation, col(invitations.Invitation.email) == col(Member.email))
        statement = statement.where(col(invitations.Invitation.token_hash) == invitations._hash(token))
        return (await session.execute(statement)).scalar_one()


async def test_of_eight_who_follow_one_link_at_once_one_joins():
    invitation, token = await invite()
    visitor = invitations.Visitor()
    results = await asyncio.gather(
        *(invitations.accept(token, PASSWORD, "", visitor) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(one, Exception) for one in results) == 1
    assert all(isinstance(one, NotFound | Conflict) for one in results if isinstance(one, Exception))
    assert await count(invitation.email) == 1


async def test_newer_link_ends_the_older_one_and_a_week_ends_both():
    first, old = await invite()
    _, new = await invite(email=first.email, partner_id=first.partner_id)
    with pytest.raises(NotFound):
        await invitations.welcome(old)
    assert (await invitations.welcome(new)).email == first.email
    with clock.at(clock.now() + timedelta(days=8)), pytest.raises(NotFound):
        await invitations.welcome(new)


async def test_who_has_a_login_is_not_invited():
    person = await make_person(Role.PARTNER_ANALYST)
    with pytest.raises(Conflict):
        await invite(email=person.email, partner_id=person.partner_id)
