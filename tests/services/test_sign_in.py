import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, text, update

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotSignedIn, TooMany
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Member, Role
from backoffice.services import passwords, second_factor, sessions, sign_in, sign_in_limits
from tests.services.people import PASSWORD, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")


async def written(**where):
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).filter_by(**where).order_by(AuditEntry.id)
        return list((await session.execute(statement)).scalars())


async def member(person):
    async with transaction(Tenancy.everyone()) as session:
        return await session.get(Member, person.id)


async def test_unknown_address_and_wrong_password_say_the_same():
    person = await make_person(Role.PARTNER_ANALYST)
    said = []
    for email in (person.email, "nobody@example.test"):
        with pytest.raises(NotSignedIn) as caught:
            await sign_in.with_password(email, "not the password at all", visitor())
        said.append((str(caught.value), caught.value.code, caught.value.status))
    assert said[0] == said[1]


async def test_password_alone_is_enough_where_the_role_says_so():
    person, who = await make_person(Role.PARTNER_DEVELOPER), visitor()
    step = await sign_in.with_password(f"  {person.email.upper()} ", PASSWORD, who)
    assert step.is_complete
    assert step.actor.id == person.id
    entry = (await written(actor_id=person.id))[-1]
    assert (entry.action, entry.session_id, entry.ip, entry.result) == (
        "member.signed_in", step.actor.session_id, who.ip, "ok",
    )  # fmt: skip
    assert (await member(person)).last_sign_in_at is not None


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEWER, Role.OPERATOR])
async def test_second_step_completes_under_a_fresh_secret(role):
    person, who = await make_person(role), visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    assert not first.is_complete
    second = await sign_in.with_code(first.secret, person.code(), who)
    assert second.is_complete
    assert second.secret != first.secret
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, first.secret, is_complete=False) is None
        assert await sessions.by_secret(session, first.secret) is None
        assert await sessions.by_secret(session, second.secret) is not None


async def test_signing_in_again_ends_what_the_browser_had():
    person = await make_person(Role.PARTNER_ANALYST)
    planted = await sign_in.with_password(person.email, PASSWORD, visitor())
    await sign_in.with_password(person.email, PASSWORD, visitor(), previous=planted.secret)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, planted.secret) is None


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "000000000", "-12345"])
async def test_what_is_no_code_is_refused(code):
    person, who = await make_person(Role.REVIEWER), visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    with pytest.raises(NotSignedIn) as caught:
        await sign_in.with_code(first.secret, code, who)
    assert caught.value.code == "wrong_code"


async def test_code_window_is_one_step_each_way():
    person = await make_person(Role.REVIEWER)
    row, moment = await member(person), clock.now()
    present, totp = int(moment.timestamp()) // 30, pyotp.TOTP(person.totp_secret)
    with clock.at(moment):
        taken = [second_factor._step_of(row, totp.at((present + offset) * 30)) for offset in range(-3, 4)]
    assert taken == [None, None, present - 1, present, present + 1, None, None]


async def test_a_role_that_somebody_gets_while_the_password_is_checked_skips_no_second_factor():
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    checked = await member(person)
    rules = await sign_in.rules_for(checked, who)
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(update(Member).where(Member.id == person.id).values(role=Role.PARTNER_ADMIN))
    with pytest.raises(NotSignedIn, match="changed just now"):
        await sign_in._password_taken(checked, rules, who, "", None)
    assert not (await sign_in.with_password(person.email, PASSWORD, who)).is_complete


async def test_code_with_a_space_is_taken_once():
    person, who = await make_person(Role.REVIEWER), visitor()
    code = person.code()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    await sign_in.with_code(first.secret, f"{code[:3]} {code[3:]}", who)
    again = await sign_in.with_password(person.email, PASSWORD, who)
    with pytest.raises(NotSignedIn):
        await sign_in.with_code(again.secret, code, who)


async def test_of_64_at_once_one_code_works_once():
    person, code = (found := await make_person(Role.REVIEWER)), found.code()

    async def submit() -> bool:
        async with transaction(Tenancy.everyone()) as session:
            return await second_factor.accept(session, await session.get(Member, person.id), code)

    results = await asyncio.gather(*(submit() for _ in range(64)))
    assert sum(results) == 1


async def test_second_step_does_not_wait_for_ever():
    person, who = await make_person(Role.REVIEWER), visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    with clock.at(clock.now() + sessions.PENDING + timedelta(seconds=1)), pytest.raises(NotSignedIn) as caught:
        await sign_in.with_code(first.secret, person.code(), who)
    assert caught.value.code == "start_again"


async def test_seed_is_sealed_and_worth_nothing_in_another_row():
    one, two = await make_person(Role.REVIEWER), await make_person(Role.REVIEWER)
    async with transaction(Tenancy.everyone()) as session:
        box = (await session.get(Member, one.id)).totp_secret_box
        await session.execute(update(Member).where(Member.id == two.id).values(totp_secret_box=box))
    with pytest.raises(Exception, match="cannot be opened"):
        second_factor._step_of(await member(two), one.code())


async def test_ten_wrong_passwords_lock_for_half_an_hour_from_that_address_only():
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    for _ in range(sign_in_limits.PER_ACCOUNT_AND_ADDRESS):
        with pytest.raises(NotSignedIn):
            await sign_in.with_password(person.email, "not the password at all", who)
    with pytest.raises(TooMany, match="Try again in 30 minutes") as caught:
        await sign_in.with_password(person.email, PASSWORD, who)
    assert 1700 < caught.value.retry_after <= 1800
    assert (await sign_in.with_password(person.email, PASSWORD, visitor())).is_complete
    actions = [entry.action for entry in await written(subject_id=person.id, ip=who.ip)]
    assert actions.count("member.sign_in_failed") == 10
    throttled = await written(action="member.sign_in_throttled", ip=who.ip)
    assert [entry.result for entry in throttled] == ["denied"]


async def test_many_at_once_do_not_slip_through():
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    tries = [sign_in.with_password(person.email, "not the password at all", who) for _ in range(30)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(error, NotSignedIn) for error in results) == sign_in_limits.PER_ACCOUNT_AND_ADDRESS
    assert sum(isinstance(error, TooMany) for error in results) == 20


async def test_account_is_locked_whatever_the_address():
    account = sign_in_limits.fingerprint("spread@example.test")
    for _ in range(sign_in_limits.PER_ACCOUNT):
        await sign_in_limits.admit_password(account, visitor())
    with pytest.raises(TooMany):
        await sign_in_limits.admit_password(account, visitor())


async def test_good_sign_ins_lock_nobody_out():
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    for _ in range(sign_in_limits.PER_ACCOUNT_AND_ADDRESS * 2):
        await sign_in.with_password(person.email, PASSWORD, who)


async def test_address_that_fails_with_many_accounts_is_stopped():
    who = visitor()
    for _ in range(sign_in_limits.FAILURES_PER_ADDRESS):
        await sign_in_limits.failed(who)
    with pytest.raises(TooMany):
        await sign_in_limits.admit_password(sign_in_limits.fingerprint("fresh@example.test"), who)


async def test_ten_wrong_codes_lock():
    person, who = await make_person(Role.REVIEWER), visitor()
    first = await sign_in.with_password(person.email, PASSWORD, who)
    wrong = f"{(int(person.code()) + 1) % 1_000_000:06}"
    for _ in range(sign_in_limits.PER_CODE):
        with pytest.raises(NotSignedIn):
            await sign_in.with_code(first.secret, wrong, who)
    with pytest.raises(TooMany):
        await sign_in.with_code(first.secret, person.code(), who)


async def test_without_redis_the_database_counts(redis_away):
    person, who = await make_person(Role.PARTNER_ANALYST), visitor()
    tries = [sign_in.with_password(person.email, "not the password at all", who) for _ in range(14)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(error, NotSignedIn) for error in results) == 10
    assert sum(isinstance(error, TooMany) for error in results) == 4
    with pytest.raises(TooMany):
        await sign_in.with_password(person.email, PASSWORD, visitor())
    other = await make_person(Role.PARTNER_ANALYST)
    assert (await sign_in.with_password(other.email, PASSWORD, who)).is_complete


async def test_weak_hash_is_renewed_at_sign_in():
    person = await make_person(Role.PARTNER_ANALYST)
    handler = passwords.cast("passwords.Any", passwords.registry).get_crypt_handler("argon2")
    weak = handler.using(type="ID", memory_cost=8_192, rounds=1, parallelism=1)
    stored = f"{weak.hash(passwords._peppered(PASSWORD, 1))}#1"
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(update(Member).where(Member.id == person.id).values(password_hash=stored))
    await sign_in.with_password(person.email, PASSWORD, visitor())
    assert (await member(person)).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_audit_holds_no_address():
    who = visitor()
    with pytest.raises(NotSignedIn):
        await sign_in.with_password("secret.person@example.test", "not the password at all", who)
    async with transaction(Tenancy.everyone()) as session:
        rows = await session.execute(text("select a::text from audit_entries a where ip = :ip"), {"ip": who.ip})
        entries = list(rows.scalars())
    assert len(entries) == 1
    assert "secret.person" not in entries[0]
