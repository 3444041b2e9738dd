"""A change of the pepper: what is hashed moves when its holder shows it, and the rest can be given a last day."""

import asyncio
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice.adapters import roots
from backoffice.adapters.derive import pepper_versions
from backoffice.clock import now
from backoffice.commands import secret_rotations as command
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotSignedIn
from backoffice.jobs import secrets as job
from backoffice.models.members import Member, Role
from backoffice.services import api_keys, own_logins, passwords, secret_rotations, sign_in
from backoffice.services.access import Actor
from tests.services.browser_cast import enter, is_known, with_
from tests.services.people import PASSWORD, SYSTEM, make_partner, make_person, visitor
from tests.services.rotation_cast import make, use
from tests.services.secret_cast import EVERYONE, Keyed
from tests.services.test_fleet import call

pytestmark = [pytest.mark.usefixtures("own"), pytest.mark.timeout(240)]


async def rows(sql: str, **values: object) -> list[tuple]:
    async with transaction(EVERYONE) as session:
        return [tuple(row) for row in await session.execute(text(sql), values)]


async def under(key) -> list[int]:
    return [row[0] for row in await rows("select pepper_version from api_key_secrets where key_id = :k", k=key.id)]


async def older() -> dict[str, int]:
    found = await call(secret_rotations.standing, SYSTEM)
    pepper = next(root for root in found.roots if root.family == "pepper")
    return {use.name: use.older for use in pepper.uses if use.older}


async def make_keys(number: int):
    partner_id = await make_partner()
    return [await make(Keyed(partner_id)) for _ in range(number)]


async def test_a_key_moves_at_its_next_use_whoever_brings_it_and_only_then():
    [(key, token), (other, _)] = await make_keys(2)
    await use(token)
    await call(secret_rotations.rotate_pepper, SYSTEM)
    assert await older() == {"API keys": 2}
    answers = await asyncio.gather(*(api_keys.recognise(token, "203.0.113.9") for _ in range(8)))
    assert {answer.actor.id for answer in answers} == {key.id}
    assert (await under(key), await under(other)) == ([2], [1])
    assert (await use(token)).actor.id == key.id
    assert await older() == {"API keys": 1}


async def test_a_key_that_was_moved_costs_no_transaction_more(monkeypatch):
    [(_, token)] = await make_keys(1)
    await call(secret_rotations.rotate_pepper, SYSTEM)
    await api_keys.recognise(token, "203.0.113.9")

    def refused(*_: object) -> None:
        raise AssertionError("a second transaction")

    monkeypatch.setattr(sys.modules[api_keys.recognise.__module__], "transaction", refused)
    assert (await api_keys.recognise(token, "203.0.113.9")).actor


async def test_new_keys_are_under_the_newest_and_a_rotation_of_a_key_goes_on():
    [(key, token)] = await make_keys(1)
    await call(secret_rotations.rotate_pepper, SYSTEM)
    async with transaction(EVERYONE) as session:
        _, new = await api_keys.rotate(session, Actor.system(key.partner_id), key.id)
    assert sorted(await under(key)) == [1, 2]
    await use(new)
    await use(token)
    assert await under(key) == [2, 2]


async def test_passwords_and_browsers_move_at_the_sign_in_and_codes_go_on():
    person = await make_person(Role.REVIEWER)
    step = await enter(person)
    codes = await own_logins.new_recovery_codes(step.actor, person.code(), visitor())
    await call(secret_rotations.rotate_pepper, SYSTEM)
    assert await older() == {"Passwords": 1, "Recovery codes": 10, "Known browsers": 1}
    first = await sign_in.with_password(person.email, PASSWORD, with_(step.browser))
    assert (await sign_in.with_recovery_code(first.secret, codes[0], with_(step.browser))).is_complete
    assert await is_known(person, step.browser)
    assert await older() == {"Recovery codes": 9}


async def test_the_older_one_is_let_go_when_nothing_is_under_it():
    with pytest.raises(Conflict, match="no older pepper"):
        await call(secret_rotations.retire_pepper, SYSTEM)
    [(_, token), (_, idle)] = await make_keys(2)
    await call(secret_rotations.rotate_pepper, SYSTEM)
    await use(token)
    with pytest.raises(Conflict, match=r"API keys 1\..*--by DAY"):
        await call(secret_rotations.retire_pepper, SYSTEM)
    await use(idle)
    await call(secret_rotations.retire_pepper, SYSTEM)
    assert pepper_versions() == [2]
    await use(token)


async def test_what_nobody_shows_can_be_given_a_last_day(capsys):
    [(moved, token), (idle, lost)] = await make_keys(2)
    person = await make_person(Role.PARTNER_ANALYST)
    step = await enter(person)
    await call(secret_rotations.rotate_pepper, SYSTEM)
    await command.show_keys()
    assert f"…{idle.last_four}" in capsys.readouterr().out
    with pytest.raises(Invalid, match="to come"):
        await call(secret_rotations.set_last_day, SYSTEM, now())
    ends = now() + timedelta(seconds=2)
    assert await call(secret_rotations.set_last_day, SYSTEM, ends) == 2
    told = "select data->'object'->>'expires_at' from events where type = 'api_key.expiring' and subject_id = :k"
    assert (await rows(told, k=idle.id))[0][0].startswith(ends.isoformat()[:19])
    await use(token)  # in time
    await job.tend()
    assert (await under(moved), await under(idle)) == ([2], [1])
    await asyncio.sleep(2.1)
    with pytest.raises(NotSignedIn):
        await use(lost)
    await job.tend()
    states = dict(await rows("select id, revoked_at is not null from api_keys"))
    assert states == {moved.id: False, idle.id: True}
    trail = "select action from audit_entries where subject_id = :k order by id"
    acts = [row[0] for row in await rows(trail, k=idle.id)]
    assert acts == ["api_key.created", "api_key.expiring", "api_key.revoked"]
    assert await rows("select 1 from events where type = 'api_key.revoked' and subject_id = :k", k=idle.id) == [(1,)]
    [(changes,)] = await rows("select changes from audit_entries where action = 'pepper.retired'")
    assert changes["ended"] == {"API keys": 1, "Passwords": 1, "Recovery codes": 0, "Known browsers": 1}
    assert not await is_known(person, step.browser)
    with pytest.raises(NotSignedIn):
        await sign_in.with_password(person.email, PASSWORD, visitor())
    async with transaction(EVERYONE) as session:
        (await session.get_one(Member, person.id)).password_hash = await passwords.hashed(PASSWORD)  # by a letter
    await enter(person)
    await use(token)


async def test_a_last_day_ends_what_it_was_set_for_and_not_what_came_after():
    [(first, lost), (second, token), (_, newest)] = await make_keys(3)
    await call(secret_rotations.rotate_pepper, SYSTEM)
    await use(token)
    await call(secret_rotations.set_last_day, SYSTEM, now() + timedelta(seconds=1))
    await call(secret_rotations.rotate_pepper, SYSTEM)
    await use(newest)
    await asyncio.sleep(1.1)
    assert (await call(secret_rotations.end_overdue, SYSTEM))["API keys"] == 1
    assert pepper_versions() == [3, 2]
    [(changes,)] = await rows("select changes from audit_entries where action = 'pepper.retired'")
    assert changes["versions"] == [1]
    assert dict(await rows("select id, revoked_at is not null from api_keys"))[first.id]
    with pytest.raises(NotSignedIn):
        await use(lost)
    assert await under(second) == [2]
    await use(token)
    assert await call(secret_rotations.end_overdue, SYSTEM) == {}


async def test_a_process_that_does_not_know_the_new_one_yet_takes_keys_of_it():
    keeper = roots._keeper
    [(key, token)] = await make_keys(1)
    before = roots.ring()
    await call(secret_rotations.rotate_pepper, SYSTEM)
    await use(token)
    assert await under(key) == [2]
    stale = keeper(*_of_this_process())
    stale._ring = before
    assert (await use(token)).actor.id == key.id


def _of_this_process() -> tuple[str, tuple[str, ...]]:
    from backoffice.settings import settings

    return settings().required("database_url"), settings().master_secrets
