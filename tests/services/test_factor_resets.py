"""A second factor that is reset from the command line: for anybody, once, and told."""

import asyncio
import json

import pytest
from sqlalchemy import select, text

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.jobs import members as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Member, Role
from backoffice.models.passkeys import Passkey
from backoffice.services import factor_resets, own_logins, passkeys, recovery_codes, sessions, sign_in
from backoffice.services.access import Actor
from tests.authenticator import Device
from tests.services.browser_cast import enter, is_known, with_
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_person, visitor
from tests.services.post import post_office

pytestmark = pytest.mark.usefixtures("database")
SHELL = Actor.system(name="command line")
RESET = "member.second_factor_reset"


@pytest.fixture
async def posted(monkeypatch):
    async with post_office(monkeypatch) as server:
        yield server


async def reset(email: str, actor: Actor = SHELL) -> bool:
    async with transaction(actor.tenancy) as session:
        return await factor_resets.reset(session, actor, email)


async def written(person) -> list[tuple[str, str, object]]:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.subject_id == person.id, AuditEntry.action == RESET)
        rows = (await session.execute(statement)).scalars()
        return [(row.actor_type, row.actor_name, row.partner_id) for row in rows]


async def waiting(person) -> list[dict[str, object]]:
    statement = text(
        "select convert_from(payload, 'utf8') from pgqueuer where entrypoint = 'member.mail_factor_reset'"
        " and convert_from(payload, 'utf8') like :member"
    )
    async with transaction(Tenancy.everyone()) as session:
        found = await session.execute(statement, {"member": f"%{person.id}%"})
        return [json.loads(one) for one in found.scalars()]


async def test_nobody_but_the_system_does_it_and_only_to_who_is_there():
    person = await make_person(Role.PARTNER_ADMIN)
    for role in (Role.OPERATOR, Role.REVIEW_LEAD, Role.PARTNER_ADMIN):
        with pytest.raises(NotAllowed):
            await reset(person.email, actor_of(await make_person(role)))
    with pytest.raises(NotAllowed):
        await reset(person.email, actor_of(await make_person(Role.PARTNER_ADMIN, person.partner_id)))
    for nobody in ("nobody@example.test", "", "no address"):
        with pytest.raises(NotFound):
            await reset(nobody)
    assert await written(person) == []


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.OPERATOR, Role.REVIEWER])
async def test_all_of_it_is_forgotten_and_its_person_told_by_whom(posted, role):
    person = await make_person(role)
    step = await enter(person)
    await own_logins.new_recovery_codes(step.actor, person.code(), visitor())
    await passkeys.finish(step.actor, Device().make(await passkeys.begin(step.actor)), "")
    half = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert await reset(f" {person.email.upper()} ")
    async with transaction(Tenancy.everyone()) as session:
        row = await session.get_one(Member, person.id)
        assert (row.has_second_factor, row.totp_secret_box, row.passkey_count) == (False, None, 0)
        assert (await session.execute(select(Passkey).where(Passkey.member_id == person.id))).all() == []
        assert await recovery_codes.left(session, person.id) == 0
        for secret, is_complete in ((step.secret, True), (half.secret, False)):
            assert await sessions.by_secret(session, secret, is_complete=is_complete) is None
    assert not await is_known(person, step.browser)
    assert await written(person) == [("system", "command line", person.partner_id)]
    [about] = await waiting(person)
    await jobs.mail_factor_reset(**about)
    [mail] = posted.to(person.email)
    said = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "The people who run this installation have reset it" in said
    assert "administrator of your company" not in said


async def test_the_next_sign_in_sets_a_new_one_up():
    person, who = await make_person(Role.OPERATOR), with_("")
    await enter(person)
    assert await reset(person.email)
    first = await sign_in.with_password(person.email, PASSWORD, who)
    assert not first.is_complete
    person.totp_secret = (await sign_in.waiting_for_code(first.secret, who)).totp_seed
    assert person.totp_secret
    assert (await sign_in.with_code(first.secret, person.code(), who)).is_complete


async def test_it_is_done_once_however_often_it_is_asked_for():
    person = await make_person(Role.OPERATOR)
    assert sorted(await asyncio.gather(*(reset(person.email) for _ in range(4)))) == [False, False, False, True]
    assert not await reset(person.email, SYSTEM)
    assert (len(await written(person)), len(await waiting(person))) == (1, 1)
