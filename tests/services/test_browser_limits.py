"""The limits of a sign-in in a browser that is known: nobody elsewhere takes them away, and they give nobody more."""

import asyncio
import secrets
from dataclasses import replace

import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotSignedIn, TooMany
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.services import sign_in, sign_in_limits
from tests.services.browser_cast import WRONG, enter, with_
from tests.services.people import PASSWORD, Person, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")
TEN = sign_in_limits.PER_BROWSER


async def fail(email: str, who, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            await sign_in.with_password(email, WRONG, who)


async def is_locked(email: str, who, password: str = PASSWORD) -> bool:
    try:
        await sign_in.with_password(email, password, who)
    except TooMany as error:
        return error.code == "sign_in_locked"
    except NotSignedIn:
        return False
    return False


async def lock_everywhere(person: Person) -> None:
    """Fail with an account from more addresses than it takes."""
    account = sign_in_limits.fingerprint(person.email)
    for _ in range(sign_in_limits.PER_ACCOUNT):
        await sign_in_limits.admit_password(account, visitor())
    assert await is_locked(person.email, visitor())


async def test_fifty_failures_from_elsewhere_lock_everybody_but_the_known_browser():
    person = await make_person(Role.PARTNER_ANALYST)
    kept = (await enter(person)).browser
    await lock_everywhere(person)
    assert (await sign_in.with_password(person.email, PASSWORD, with_(kept))).is_complete
    assert await is_locked(person.email, visitor()), "a good sign-in there opens nothing for anybody else"


async def test_a_cookie_that_was_made_up_is_worth_nothing():
    person = await make_person(Role.PARTNER_ANALYST)
    await enter(person)
    await lock_everywhere(person)
    for made_up in (secrets.token_urlsafe(32), ".".join(secrets.token_urlsafe(32) for _ in range(4)), "x" * 43):
        assert await is_locked(person.email, with_(made_up))


async def test_a_cookie_that_is_forgotten_is_worth_nothing():
    person = await make_person(Role.PARTNER_ANALYST)
    step = await enter(person)
    async with transaction(Tenancy.everyone()) as session:
        await sign_in.known_browsers.end(session, person.id)
    await lock_everywhere(person)
    assert await is_locked(person.email, with_(step.browser))


async def test_a_stolen_cookie_gives_ten_tries_and_no_more_wherever_it_is():
    person = await make_person(Role.PARTNER_ANALYST)
    kept = (await enter(person)).browser
    await lock_everywhere(person)
    for _ in range(TEN):
        await fail(person.email, with_(kept))
    assert await is_locked(person.email, with_(kept))
    assert await is_locked(person.email, with_(f"{kept}.{secrets.token_urlsafe(32)}"))
    assert await is_locked(person.email, with_(".".join([kept] * 4)))


async def test_at_once_no_more_than_ten_slip_through():
    person = await make_person(Role.PARTNER_ANALYST)
    kept = (await enter(person)).browser
    tries = [sign_in.with_password(person.email, WRONG, with_(kept)) for _ in range(30)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(error, NotSignedIn) for error in results) == TEN
    assert sum(isinstance(error, TooMany) for error in results) == 30 - TEN


async def test_ten_failures_in_one_known_browser_leave_the_others_of_its_person_alone():
    person = await make_person(Role.PARTNER_ANALYST)
    one, other = (await enter(person)).browser, (await enter(person)).browser
    await fail(person.email, with_(one), TEN)
    assert await is_locked(person.email, with_(one))
    assert not await is_locked(person.email, with_(other))
    assert not await is_locked(person.email, visitor())


async def test_a_good_sign_in_starts_its_count_anew():
    person = await make_person(Role.PARTNER_ANALYST)
    kept = (await enter(person)).browser
    for _ in range(2):
        await fail(person.email, with_(kept), TEN - 1)
        assert not await is_locked(person.email, with_(kept))


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_cookie_of_one_account_says_nothing_of_another(is_known):
    mine = (await enter(await make_person(Role.PARTNER_ANALYST))).browser
    email = (await make_person(Role.PARTNER_ANALYST)).email if is_known else f"{secrets.token_hex(8)}@example.test"
    who = with_(mine)
    said = []
    for _ in range(sign_in_limits.PER_ACCOUNT_AND_ADDRESS + 1):
        with pytest.raises((NotSignedIn, TooMany)) as caught:
            await sign_in.with_password(email, WRONG, who)
        said.append((str(caught.value), caught.value.code))
    assert said == [(sign_in.WRONG_PASSWORD, "wrong_credentials")] * 10 + [
        ("Too many tries. Try again in 30 minutes.", "sign_in_locked")
    ]
    assert not await is_locked(email, replace(with_(mine), ip=visitor().ip), WRONG)


async def test_an_address_that_failed_too_often_does_not_lock_a_known_browser_behind_it():
    person = await make_person(Role.PARTNER_ANALYST)
    who = with_((await enter(person)).browser)
    for _ in range(sign_in_limits.FAILURES_PER_ADDRESS):
        await sign_in_limits.failed(who)
    assert await is_locked(person.email, replace(who, browser=""))
    assert not await is_locked(person.email, who)


async def test_ten_wrong_codes_from_elsewhere_do_not_lock_the_second_step_of_a_known_browser():
    person = await make_person(Role.REVIEWER)
    kept = (await enter(person)).browser
    there, here = visitor(), with_(kept)
    half = await sign_in.with_password(person.email, PASSWORD, there)
    for _ in range(sign_in_limits.PER_CODE):
        with pytest.raises(NotSignedIn):
            await sign_in.with_code(half.secret, "000000x", there)
    with pytest.raises(TooMany):
        await sign_in.with_code(half.secret, "000000x", there)
    mine = await sign_in.with_password(person.email, PASSWORD, here)
    for _ in range(TEN - 1):
        with pytest.raises(NotSignedIn):
            await sign_in.with_code(mine.secret, "000000x", here)
    assert (await sign_in.with_code(mine.secret, person.code(), here)).is_complete


async def test_ten_wrong_codes_lock_a_known_browser_too():
    person = await make_person(Role.REVIEWER)
    who = with_((await enter(person)).browser)
    half = await sign_in.with_password(person.email, PASSWORD, who)
    for _ in range(TEN):
        with pytest.raises(NotSignedIn):
            await sign_in.with_code(half.secret, "000000x", who)
    with pytest.raises(TooMany):
        await sign_in.with_code(half.secret, person.code(), who)


async def test_without_redis_the_database_counts_a_known_browser_by_itself(redis_away):
    person = await make_person(Role.PARTNER_ANALYST)
    kept = (await enter(person)).browser
    who = visitor()
    await fail(person.email, who, sign_in_limits.PER_ACCOUNT_AND_ADDRESS - 1)
    assert await is_locked(person.email, visitor())
    await fail(person.email, with_(kept), TEN - 1)
    assert not await is_locked(person.email, with_(kept))
    assert await is_locked(person.email, with_(kept))


async def test_what_is_written_down_of_a_failure_holds_no_secret():
    person = await make_person(Role.PARTNER_ANALYST)
    kept = (await enter(person)).browser
    who = with_(kept)
    await fail(person.email, who)
    async with transaction(Tenancy.everyone()) as session:
        rows = list((await session.execute(select(AuditEntry).where(AuditEntry.ip == who.ip))).scalars())
        assert [row.action for row in rows] == ["member.sign_in_failed"]
        assert kept not in str([row.model_dump() for row in rows])
