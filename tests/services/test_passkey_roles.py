"""Roles that sign in with a passkey only: who has none makes one on the way in; no code is enough for who has one."""

import asyncio

import pytest
from pyotp import TOTP
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotSignedIn
from backoffice.models.members import Member, Role
from backoffice.models.passkeys import Passkey
from backoffice.services import (
    colleagues,
    invitations,
    own_logins,
    passkey_enrolment,
    passkey_roles,
    passkey_sign_in,
    passkeys,
    sessions,
    sign_in,
)
from backoffice.settings import settings
from tests.authenticator import Device
from tests.services.browser_cast import entries, known, with_
from tests.services.people import PASSWORD, SYSTEM, make_partner, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")
ADMIN, ANALYST = Role.PARTNER_ADMIN, Role.PARTNER_ANALYST


@pytest.fixture
def asked(monkeypatch):
    """An installation whose administrators and reviewers sign in with a passkey."""
    monkeypatch.setenv("BACKOFFICE_PASSKEY_ROLES", "partner_admin, Reviewer")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def make(step: sign_in.Step, who, device: Device | None = None) -> sign_in.Step:
    device = device or Device()
    return await passkey_enrolment.finish(
        step.secret, device.make(await passkey_enrolment.begin(step.secret, who)), who
    )


async def half(person, who) -> sign_in.Step:
    """Prove password and app; what is left is the passkey."""
    step = await sign_in.with_password(person.email, PASSWORD, who)
    return await sign_in.with_code(step.secret, person.code(), who)


async def owner(role=ADMIN):
    person, who, device = await make_person(role), visitor(), Device()
    step = await make(await half(person, who), who, device)
    return person, step, device


async def made_by(person) -> int:
    async with transaction(Tenancy.everyone()) as session:
        return len((await session.execute(select(Passkey.id).where(Passkey.member_id == person.id))).all())


async def test_nobody_makes_one_before_all_else_is_proven(asked):
    person, who = await make_person(ADMIN), visitor()
    for secret in ("", "x" * 43):
        with pytest.raises(NotSignedIn):
            await passkey_enrolment.begin(secret, who)
    first = await sign_in.with_password(person.email, PASSWORD, who)
    with pytest.raises(NotSignedIn):
        await passkey_enrolment.begin(first.secret, who)
    with pytest.raises(NotSignedIn):
        await passkey_enrolment.finish(first.secret, "{}", who)
    assert await made_by(person) == 0


async def test_who_gets_such_a_role_while_the_password_is_checked_makes_a_passkey_too(asked):
    person, who = await make_person(ANALYST), visitor()
    async with transaction(Tenancy.everyone()) as session:
        checked = await session.get_one(Member, person.id)
    rules = await sign_in.rules_for(checked, who)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get_one(Member, person.id)).role = ADMIN
    with pytest.raises(NotSignedIn, match="changed just now"):
        await sign_in._password_taken(checked, rules, who, "", None)


async def test_an_answer_of_another_half_or_for_another_purpose_makes_none(asked):
    one, other, who = await make_person(ADMIN), await make_person(ADMIN), visitor()
    mine, theirs = await half(one, who), await half(other, who)
    with pytest.raises(Invalid):
        await passkey_enrolment.finish(
            mine.secret, Device().make(await passkey_enrolment.begin(theirs.secret, who)), who
        )
    analyst = await sign_in.with_password((await make_person(ANALYST)).email, PASSWORD, who)
    with pytest.raises(Invalid):
        await passkey_enrolment.finish(mine.secret, Device().make(await passkeys.begin(analyst.actor)), who)
    assert await made_by(one) + await made_by(other) == 0


async def test_without_the_setting_nobody_is_asked():
    person, who = await make_person(ADMIN), visitor()
    assert (await half(person, who)).is_complete
    assert not passkey_roles.asks(ADMIN)


async def test_other_roles_sign_in_as_ever(asked):
    who = visitor()
    assert (await sign_in.with_password((await make_person(ANALYST)).email, PASSWORD, who)).is_complete
    assert (await half(await make_person(Role.OPERATOR), who)).is_complete


@pytest.mark.parametrize("role", [ADMIN, Role.REVIEWER])
async def test_who_has_an_app_proves_it_and_then_makes_a_passkey(asked, role):
    person, who = await make_person(role), with_("")
    step = await half(person, who)
    assert (step.is_complete, step.browser) == (False, "")
    waiting = await sign_in.waiting_for_code(step.secret, who)
    assert (waiting.makes_passkey, waiting.has_app, waiting.has_passkey) == (True, False, False)
    assert waiting.totp_seed is None
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is None
    with pytest.raises(NotAllowed):
        await sign_in.with_code(step.secret, person.code(), who)
    done = await make(step, who)
    assert done.is_complete
    assert len(await known(person)) == 1
    assert (await entries(person, "member.passkey_added"), await entries(person, "member.signed_in")) == (1, 1)
    with pytest.raises(NotSignedIn):
        await passkey_enrolment.begin(step.secret, who)


async def test_who_has_nothing_else_makes_one_right_after_the_password(asked):
    boss = (await owner())[1].actor
    async with transaction(Tenancy.everyone()) as session:
        partner_id = (await session.get_one(Member, boss.id)).partner_id
    person, who = await make_person(ADMIN, partner_id), visitor()
    async with transaction(boss.tenancy) as session:
        await colleagues.reset_second_factor(session, boss, person.id)
    step = await sign_in.with_password(person.email, PASSWORD, who)
    assert (await sign_in.waiting_for_code(step.secret, who)).makes_passkey
    assert (await make(step, who)).is_complete


async def test_who_has_one_comes_in_by_no_code(asked):
    person, step, device = await owner()
    codes = await own_logins.new_recovery_codes(step.actor, person.code(), visitor())
    who = visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    waiting = await sign_in.waiting_for_code(first.secret, who)
    assert (waiting.makes_passkey, waiting.has_app, waiting.has_passkey) == (False, False, True)
    for take, code in ((sign_in.with_code, "000000"), (sign_in.with_recovery_code, codes[0])):
        with pytest.raises(NotAllowed) as caught:
            await take(first.secret, code, who)
        assert caught.value.code == passkey_roles.CODE
    assert (await own_logins.look(step.actor)).codes_left == len(codes)
    with pytest.raises(NotSignedIn):
        await passkey_enrolment.begin(first.secret, who)
    proof = device.sign(await passkey_sign_in.begin_second_step(first.secret, who))
    assert (await passkey_sign_in.as_second_step(first.secret, proof, who)).is_complete
    alone = await passkey_sign_in.with_passkey(device.sign(await passkey_sign_in.begin(who)), who)
    assert alone.is_complete


async def test_a_recovery_code_of_who_has_none_leads_to_making_one(asked, monkeypatch):
    person, who = await make_person(ADMIN), visitor()
    monkeypatch.setenv("BACKOFFICE_PASSKEY_ROLES", "")
    settings.cache_clear()
    codes = await own_logins.new_recovery_codes((await half(person, who)).actor, person.code(), who)
    monkeypatch.setenv("BACKOFFICE_PASSKEY_ROLES", ADMIN)
    settings.cache_clear()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    step = await sign_in.with_recovery_code(first.secret, codes[0], who)
    assert not step.is_complete
    assert (await make(step, who)).is_complete


async def test_the_last_one_stays(asked):
    person, step, _ = await owner()
    [only] = (await own_logins.look(step.actor)).passkeys
    with pytest.raises(Conflict, match="your only one"):
        await passkeys.remove(step.actor, only.id)
    more = Device()
    await passkeys.finish(step.actor, more.make(await passkeys.begin(step.actor)), "Another")
    await passkeys.remove(step.actor, only.id)
    assert await made_by(person) == 1


async def test_of_two_halves_that_make_one_at_once_one_comes_in(asked):
    person, who = await make_person(ADMIN), visitor()
    halves = [await half(person, who), await half(person, who)]
    answers = [(one, Device().make(await passkey_enrolment.begin(one.secret, who))) for one in halves]
    tries = [passkey_enrolment.finish(one.secret, answer, who) for one, answer in answers]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["NotSignedIn", "Step"]
    assert await made_by(person) == 1


async def test_one_answer_sent_twice_makes_one(asked):
    person, who = await make_person(ADMIN), visitor()
    step = await half(person, who)
    answer = Device().make(await passkey_enrolment.begin(step.secret, who))
    results = await asyncio.gather(
        *(passkey_enrolment.finish(step.secret, answer, who) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, sign_in.Step) for one in results) == 1
    assert await made_by(person) == 1


async def test_who_joins_makes_one_before_the_first_page(asked):
    async with transaction(SYSTEM.tenancy) as session:
        _, token = await invitations.create(
            session, SYSTEM, email=f"joins-{visitor().ip}@example.test", name="Ada Roe", role=ADMIN,
            partner_id=await make_partner(),
        )  # fmt: skip
    code = TOTP((await invitations.welcome(token)).totp_secret).now()
    who = visitor()
    step = await invitations.accept(token, PASSWORD, code, who)
    assert not step.is_complete
    assert (await make(step, who)).is_complete
