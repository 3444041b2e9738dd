"""Rotation without an outage: the new secret takes over when it is used first, and everybody sees who is late."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from backoffice.models.members import Role
from backoffice.services import api_keys
from backoffice.services.access import Actor
from tests.api.world import make_world
from tests.services.rotation_cast import EVERYONE, make, member, told, use


async def rotate(world, key, actor=None, **options):
    actor = actor or Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        return (await api_keys.rotate(session, actor, key.id, **options))[1]


async def refused(token):
    with pytest.raises(NotSignedIn) as error:
        await use(token)
    return error.value.code


async def states(key):
    async with transaction(EVERYONE) as session:
        rows = (await api_keys.secrets_of(session, [key.id])).get(key.id, [])
    return {row.state: row for row in rows}


# Who may


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.REVIEWER, Role.REVIEW_LEAD, Role.AUDITOR])
async def test_rotating_and_changing_need_the_permission(database, role):
    world = await make_world()
    key, _ = await make(world)
    actor = member(role, world.partner_id if role == Role.PARTNER_ANALYST else None)
    with pytest.raises(NotAllowed):
        await rotate(world, key, actor)
    with pytest.raises(NotAllowed):
        async with transaction(actor.tenancy) as session:
            await api_keys.change(session, actor, key.id, api_keys.Change(name="Mine"))


async def test_another_partners_key_does_not_exist(database):
    world, rival = await make_world(), await make_world()
    key, token = await make(rival)
    thief = member(Role.PARTNER_ADMIN, world.partner_id)
    with pytest.raises(NotFound):
        await rotate(rival, key, thief)
    with pytest.raises(NotFound):
        async with transaction(thief.tenancy) as session:
            await api_keys.change(session, thief, key.id, api_keys.Change(name="Mine"))
    assert list(await states(key)) == ["active"]
    await use(token)


# How it goes


async def test_nothing_changes_until_the_new_secret_is_used(database):
    world = await make_world()
    key, old = await make(world)
    new = await rotate(world, key)
    for _ in range(3):
        await use(old)
    found = await states(key)
    assert {state: row.late_uses for state, row in found.items()} == {"pending": 0, "active": 0}
    assert found["active"].ends_at is None
    assert await told(key, "events") == ["api_key.created"]
    assert new != old
    assert new.startswith("kyc_live_")


async def test_the_first_use_lets_the_new_one_take_over_and_the_old_one_retire(database):
    world = await make_world()
    key, old = await make(world)
    new = await rotate(world, key, grace=timedelta(hours=1))
    before = clock.now()
    caller = await use(new)
    assert caller.actor.id == key.id
    found = await states(key)
    assert (found["active"].lookup, found["retiring"].lookup) == (new.split("_")[2], old.split("_")[2])
    assert before + timedelta(hours=1) <= found["retiring"].ends_at <= clock.now() + timedelta(hours=1)
    for number, ip in enumerate(("203.0.113.1", "203.0.113.2", "203.0.113.3"), 1):
        await use(old, ip)
        late = (await states(key))["retiring"]
        assert (late.late_uses, late.last_used_ip) == (number, ip)
        assert late.last_used_at >= before
    await use(new)
    assert (await states(key))["active"].late_uses == 0
    assert await told(key, "events") == ["api_key.created", "api_key.rotated"]
    assert await told(key, "audit_entries") == [
        "api_key.created", "api_key.rotation_started", "api_key.rotated", "api_key.first_used",
    ]  # fmt: skip


async def test_after_its_grace_the_old_secret_says_what_happened(database):
    world = await make_world()
    key, old = await make(world)
    new = await rotate(world, key, grace=timedelta(minutes=5))
    await use(new)
    with clock.at(clock.now() + timedelta(minutes=4)):
        await use(old)
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert await refused(old) == "api_key_replaced"
        await use(new)


async def test_without_grace_the_old_secret_ends_with_the_first_use_of_the_new_one(database):
    world = await make_world()
    key, old = await make(world)
    new = await rotate(world, key, grace=timedelta())
    await use(old)
    await use(new)
    assert await refused(old) == "api_key_replaced"


async def test_rotating_again_replaces_the_unused_secret(database):
    world = await make_world()
    key, old = await make(world)
    first = await rotate(world, key)
    second = await rotate(world, key)
    assert await refused(first) == "invalid_api_key"
    await use(old)
    await use(second)
    await use(old)
    assert sorted(await states(key)) == ["active", "retiring"]
    third = await rotate(world, key)
    await use(third)
    for token in (old, second, third):
        await use(token)


async def test_many_first_uses_at_once_are_one_rotation(database):
    world = await make_world()
    key, old = await make(world)
    new = await rotate(world, key)
    callers = await asyncio.gather(*(use(new) for _ in range(12)), *(use(old) for _ in range(6)))
    assert {caller.actor.id for caller in callers} == {key.id}
    assert sorted(await states(key)) == ["active", "retiring"]
    assert await told(key, "events") == ["api_key.created", "api_key.rotated"]


async def test_late_uses_are_exact_under_many(database):
    world = await make_world()
    key, old = await make(world)
    await use(await rotate(world, key))
    await asyncio.gather(*(use(old) for _ in range(15)))
    assert (await states(key))["retiring"].late_uses == 15


async def test_a_first_use_and_a_second_rotation_at_once_leave_exactly_one_active_secret(database):
    world = await make_world()
    for _ in range(6):
        key, old = await make(world)
        first = await rotate(world, key)
        used, second = await asyncio.gather(use(first), rotate(world, key), return_exceptions=True)
        assert isinstance(second, str)
        found = await states(key)
        assert "active" in found
        assert found["pending"].lookup == second.split("_")[2]
        if isinstance(used, NotSignedIn):
            assert found["active"].lookup == old.split("_")[2]
        else:
            assert found["active"].lookup == first.split("_")[2]
        await use(second)
        await use(old)


async def test_revoking_ends_every_secret(database):
    world = await make_world()
    key, old = await make(world)
    new = await rotate(world, key)
    await use(new)
    pending = await rotate(world, key)
    actor = Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        await api_keys.revoke(session, actor, key.id)
    assert await refused(old) == "api_key_revoked"
    assert await refused(new) == "api_key_revoked"
    assert await refused(pending) == "invalid_api_key"
    with pytest.raises(Conflict) as error:
        await rotate(world, key)
    assert error.value.code == "api_key_ended"


@pytest.mark.parametrize("grace", [timedelta(seconds=-1), timedelta(days=7, seconds=1)])
async def test_a_grace_lasts_at_most_a_week(database, grace):
    world = await make_world()
    key, _ = await make(world)
    with pytest.raises(Invalid) as error:
        await rotate(world, key, grace=grace)
    assert error.value.code == "out_of_range"


async def test_an_expired_key_is_not_rotated(database):
    world = await make_world()
    key, _ = await make(world, expires_at=clock.now() + timedelta(hours=1))
    async with transaction(EVERYONE) as session:
        await session.execute(
            text("update api_keys set expires_at = now() - interval '1 second' where id = :k"), {"k": key.id}
        )
    with pytest.raises(Conflict):
        await rotate(world, key)


async def test_no_secret_is_kept_anywhere(database):
    world = await make_world()
    key, _ = await make(world)
    new = await rotate(world, key)
    await use(new)
    async with transaction(EVERYONE) as session:
        for table in ("api_keys", "api_key_secrets", "audit_entries", "events"):
            rows = await session.execute(
                text(f"select t::text from {table} t where partner_id = :p"), {"p": world.partner_id}
            )
            kept = "".join(rows.scalars())
            assert kept
            assert new.split("_")[3] not in kept
