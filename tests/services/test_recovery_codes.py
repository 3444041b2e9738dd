import asyncio

import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotSignedIn, TooMany
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Member, Role, Session
from backoffice.models.recovery_codes import RecoveryCode
from backoffice.services import colleagues, own_logins, recovery_codes, second_factor, sessions, sign_in, sign_in_limits
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")


async def signed_in(person):
    who = visitor()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    return (await sign_in.with_code(step.secret, person.code(), who)) if person.totp_secret else step


async def codes_of(person):
    step = await signed_in(person)
    return step, await own_logins.new_recovery_codes(step.actor, person.code(), visitor())


async def actions(subject_id):
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.action).where(AuditEntry.subject_id == subject_id)
        return list((await session.execute(statement)).scalars())


async def test_codes_are_made_by_their_person_alone():
    person = await make_person(Role.PARTNER_ADMIN)
    for actor in (SYSTEM, actor_of(person)):
        with pytest.raises(NotAllowed):
            await own_logins.new_recovery_codes(actor, person.code(), visitor())


async def test_codes_need_a_second_factor_and_a_code_of_it():
    analyst = await signed_in(await make_person(Role.PARTNER_ANALYST))
    with pytest.raises(Conflict, match="second factor first"):
        await own_logins.new_recovery_codes(analyst.actor, "123456", visitor())
    admin = await signed_in(await make_person(Role.PARTNER_ADMIN))
    for _ in range(sign_in_limits.PER_CODE):
        with pytest.raises(Invalid):
            await own_logins.new_recovery_codes(admin.actor, "000000", visitor())
    with pytest.raises(TooMany):
        await own_logins.new_recovery_codes(admin.actor, "000000", visitor())


async def test_code_lets_in_once_and_is_kept_as_a_keyed_hash():
    person = await make_person(Role.REVIEWER)
    _, codes = await codes_of(person)
    assert len(set(codes)) == recovery_codes.HOW_MANY
    assert all(len(recovery_codes.tidied(code)) == recovery_codes.LENGTH for code in codes)
    async with transaction(Tenancy.everyone()) as session:
        rows = (await session.execute(select(RecoveryCode).where(RecoveryCode.member_id == person.id))).scalars().all()
    assert all(code not in repr(rows) and recovery_codes.tidied(code) not in repr(rows) for code in codes)
    who = visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    written = codes[3].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    step = await sign_in.with_recovery_code(first.secret, written, who)
    assert step.is_complete
    assert "member.recovery_code_used" in await actions(person.id)
    again = await sign_in.with_password(person.email, PASSWORD, who)
    with pytest.raises(NotSignedIn, match="used already"):
        await sign_in.with_recovery_code(again.secret, codes[3], who)
    assert (await own_logins.look(step.actor)).codes_left == recovery_codes.HOW_MANY - 1


async def test_of_many_who_bring_one_code_at_once_one_comes_in():
    person = await make_person(Role.REVIEWER)
    _, codes = await codes_of(person)
    firsts = [await sign_in.with_password(person.email, PASSWORD, visitor()) for _ in range(8)]
    tries = [sign_in.with_recovery_code(first.secret, codes[0], visitor()) for first in firsts]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, sign_in.Step) for answer in answers) == 1
    assert all(isinstance(answer, (sign_in.Step, NotSignedIn)) for answer in answers)


async def test_codes_of_one_person_open_nothing_of_another():
    one, other = await make_person(Role.REVIEWER), await make_person(Role.REVIEWER)
    _, codes = await codes_of(one)
    who = visitor()
    first = await sign_in.with_password(other.email, PASSWORD, who)
    with pytest.raises(NotSignedIn):
        await sign_in.with_recovery_code(first.secret, codes[0], who)


async def test_wrong_codes_are_counted_with_those_of_the_app():
    person, who = await make_person(Role.REVIEWER), visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    for number in range(sign_in_limits.PER_CODE):
        taken = sign_in.with_code if number % 2 else sign_in.with_recovery_code
        with pytest.raises(NotSignedIn):
            await taken(first.secret, "000000", who)
    with pytest.raises(TooMany):
        await sign_in.with_recovery_code(first.secret, "A" * 24, who)


async def test_new_codes_end_the_old_and_a_reset_ends_all():
    person = await make_person(Role.PARTNER_ADMIN)
    boss = await make_person(Role.PARTNER_ADMIN, person.partner_id)
    _, old = await codes_of(person)
    async with transaction(Tenancy.everyone()) as session:
        member = await session.get(Member, person.id)
        member.totp_last_step = 0
    person.used_step = 0
    _, new = await codes_of(person)
    async with transaction(Tenancy.everyone()) as session:
        member = await session.get(Member, person.id)
        assert not await recovery_codes.accept(session, member, old[0])
        assert await recovery_codes.accept(session, member, new[0])
    async with transaction(actor_of(boss).tenancy) as session:
        await colleagues.reset_second_factor(session, actor_of(boss), person.id)
    async with transaction(Tenancy.everyone()) as session:
        assert await recovery_codes.left(session, person.id) == 0


async def test_app_is_set_up_by_who_has_none_and_replaced_by_who_has_one():
    person = await make_person(Role.PARTNER_DEVELOPER)
    step, elsewhere = await signed_in(person), await signed_in(person)
    with pytest.raises(Conflict, match="Begin again"):
        await own_logins.finish_second_factor(step.actor, "123456", visitor())
    await own_logins.begin_second_factor(step.actor, "", visitor())
    seed = (await own_logins.look(step.actor)).seed
    await own_logins.begin_second_factor(step.actor, "", visitor())
    assert (await own_logins.look(step.actor)).seed == seed
    person.totp_secret = seed
    with pytest.raises(Invalid):
        await own_logins.finish_second_factor(step.actor, "000000", visitor())
    await own_logins.finish_second_factor(step.actor, person.code(), visitor())
    assert (await own_logins.look(step.actor)).has_second_factor
    assert "member.second_factor_set" in await actions(person.id)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, elsewhere.secret) is None
    with pytest.raises(Invalid) as caught:
        await own_logins.begin_second_factor(step.actor, "000000", visitor())
    assert caught.value.pointer == "/present"
    await own_logins.begin_second_factor(step.actor, person.code(), visitor())
    fresh = (await own_logins.look(step.actor)).seed
    assert fresh != seed
    await own_logins.drop_second_factor(step.actor)
    assert (await own_logins.look(step.actor)).seed is None
    async with transaction(Tenancy.everyone()) as session:
        member, row = await session.get(Member, person.id), await session.get(Session, step.actor.session_id)
        row.totp_seed_box = second_factor.seal(fresh, row.id)
        member.totp_last_step = 0
    person.totp_secret, person.used_step = fresh, 0
    await own_logins.finish_second_factor(step.actor, person.code(), visitor())
    assert "member.second_factor_replaced" in await actions(person.id)
    async with transaction(Tenancy.everyone()) as session:
        member = await session.get(Member, person.id)
    assert second_factor.open_(member.totp_secret_box, member.id) == fresh


async def test_who_has_lost_the_phone_sets_up_another_with_a_recovery_code():
    person = await make_person(Role.REVIEWER)
    _, codes = await codes_of(person)
    who = visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    step = await sign_in.with_recovery_code(first.secret, codes[0], who)
    with pytest.raises(Invalid, match="neither"):
        await own_logins.begin_second_factor(step.actor, codes[0], who)
    await own_logins.begin_second_factor(step.actor, codes[1], who)
    person.totp_secret, person.used_step = (await own_logins.look(step.actor)).seed, 0
    async with transaction(Tenancy.everyone()) as session:
        (await session.get(Member, person.id)).totp_last_step = 0
    await own_logins.finish_second_factor(step.actor, person.code(), who)
    assert (await own_logins.look(step.actor)).codes_left == recovery_codes.HOW_MANY - 2
