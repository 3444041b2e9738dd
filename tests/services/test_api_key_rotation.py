"""Rotation without an outage: the new secret takes over when it is used first, and everybody sees who is late."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.services import api_keys
from backoffice.services.access import SCOPES, Actor, Permission
from backoffice.services.api_keys.tokens import hmac_of
from tests.api.world import make_world

EVERYONE = Tenancy.everyone()


def member(role, partner_id=None):
    return Actor.member(id=new_id(), name="Somebody", role=role, partner_id=partner_id)


async def make(world, **options):
    actor = Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        return await api_keys.create(session, actor, **{"name": "Server", "livemode": True, "scopes": SCOPES} | options)


async def rotate(world, key, actor=None, **options):
    actor = actor or Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        return (await api_keys.rotate(session, actor, key.id, **options))[1]


async def use(token, ip="203.0.113.9"):
    async with transaction(EVERYONE) as session:
        return await api_keys.authenticate(session, token, ip, "req_test")


async def refused(token):
    with pytest.raises(NotSignedIn) as error:
        await use(token)
    return error.value.code


async def states(key):
    async with transaction(EVERYONE) as session:
        rows = (await api_keys.secrets_of(session, [key.id])).get(key.id, [])
    return {row.state: row for row in rows}


async def told(key, table):
    column = {"events": "type", "audit_entries": "action"}[table]
    async with transaction(EVERYONE) as session:
        rows = await session.execute(
            text(f"select {column} from {table} where subject_id = :k order by id"), {"k": key.id}
        )
        return list(rows.scalars())


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
    assert await told(key, "audit_entries") == ["api_key.created", "api_key.rotation_started", "api_key.rotated"]


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


async def test_secrets_under_an_older_pepper_go_on_working(database):
    world = await make_world()
    key, token = await make(world)
    async with transaction(EVERYONE) as session:
        await session.execute(
            text("update api_key_secrets set secret_hmac = :h, pepper_version = 0 where key_id = :k"),
            {"h": hmac_of(token, 0), "k": key.id},
        )
    assert (await use(token)).actor.id == key.id
    new = await rotate(world, key)
    await use(new)
    async with transaction(EVERYONE) as session:
        rows = await session.execute(
            text("select state, pepper_version from api_key_secrets where key_id = :k order by state"), {"k": key.id}
        )
        assert rows.all() == [("active", 1), ("retiring", 0)]
    await use(token)


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


# What it may do


async def test_a_change_counts_from_the_next_request_on(database):
    world = await make_world()
    key, token = await make(world)
    actor = member(Role.PARTNER_DEVELOPER, world.partner_id)
    wanted = api_keys.Change(name="Reader", scopes=[Permission.DOCUMENTS_READ], denied_attributes=["surname", "email"])
    async with transaction(actor.tenancy) as session:
        changed = await api_keys.change(session, actor, key.id, wanted)
    assert changed.version == 2
    caller = await use(token)
    assert caller.actor.permissions == {Permission.DOCUMENTS_READ}
    assert caller.actor.denied_attributes == {"surname", "full_name", "email"}
    async with transaction(actor.tenancy) as session:
        assert (await api_keys.change(session, actor, key.id, wanted)).version == 2
    assert await told(key, "audit_entries") == ["api_key.created", "api_key.changed"]


@pytest.mark.parametrize("names", [["surnam"], ["surname", "portrait"], ["*"]])
async def test_a_misspelt_attribute_is_refused(database, names):
    world = await make_world()
    with pytest.raises(Invalid) as error:
        await make(world, denied_attributes=names)
    assert (error.value.code, error.value.pointer) == ("unknown_attribute", "/denied_attributes")


KEEPER = (Permission.KEYS_READ, Permission.KEYS_WRITE, Permission.DOCUMENTS_READ)


async def by_key(token, work):
    actor = (await use(token)).actor
    async with transaction(actor.tenancy) as session:
        return await work(session, actor)


async def test_a_key_hands_on_no_more_than_it_has(database):
    world = await make_world()
    soon = clock.now() + timedelta(days=3)
    _, keeper = await make(
        world, scopes=KEEPER, denied_attributes=["email"], ip_allowlist=["203.0.113.0/24"], expires_at=soon
    )

    async def child(**options):
        values = {"name": "Child", "livemode": True, "scopes": [Permission.DOCUMENTS_READ]} | options
        return (await by_key(keeper, lambda session, actor: api_keys.create(session, actor, **values)))[0]

    made = await child(denied_attributes=["phone"])
    assert made.denied_attributes == ["email", "phone"]
    assert (made.ip_allowlist, made.expires_at) == (["203.0.113.0/24"], soon)
    assert (await child(ip_allowlist=["203.0.113.7"])).ip_allowlist == ["203.0.113.7/32"]
    wider = (
        ({"scopes": [Permission.PERSONAL_READ]}, "insufficient_scope"),
        ({"livemode": False}, "wrong_mode"),
        ({"ip_allowlist": ["203.0.112.0/23"]}, "wider_key"),
        ({"ip_allowlist": ["2001:db8::/32"]}, "wider_key"),
        ({"expires_at": soon + timedelta(seconds=1)}, "wider_key"),
    )
    for options, code in wider:
        with pytest.raises(NotAllowed) as error:
            await child(**options)
        assert error.value.code == code


async def test_a_key_does_not_touch_one_that_may_do_more(database):
    world = await make_world()
    _, keeper = await make(world, scopes=KEEPER)
    strong, token = await make(world)
    unbound, _ = await make(world, scopes=[Permission.DOCUMENTS_READ])
    _, bound = await make(world, scopes=KEEPER, ip_allowlist=["203.0.113.9"], denied_attributes=["email"])
    acts = (
        lambda key: lambda session, actor: api_keys.rotate(session, actor, key.id),
        lambda key: lambda session, actor: api_keys.revoke(session, actor, key.id),
        lambda key: lambda session, actor: api_keys.change(session, actor, key.id, api_keys.Change(name="x")),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            await by_key(keeper, act(strong))
        with pytest.raises(NotAllowed):
            await by_key(bound, act(unbound))
    await by_key(keeper, acts[0](unbound))
    await use(token)


async def test_a_key_narrows_and_renews_itself_but_neither_widens_nor_revokes_itself(database):
    world = await make_world()
    keeper, token = await make(world, scopes=KEEPER, denied_attributes=["email"])
    widenings = (
        api_keys.Change(scopes=sorted(SCOPES)),
        api_keys.Change(denied_attributes=[]),
    )
    for wanted in widenings:
        with pytest.raises(NotAllowed):
            await by_key(token, lambda session, actor, w=wanted: api_keys.change(session, actor, keeper.id, w))
    with pytest.raises(NotAllowed) as error:
        await by_key(token, lambda session, actor: api_keys.revoke(session, actor, keeper.id))
    assert error.value.code == "own_key"
    await by_key(token, lambda session, actor: api_keys.rotate(session, actor, keeper.id))
    narrower = api_keys.Change(scopes=[Permission.KEYS_READ, Permission.KEYS_WRITE], denied_attributes=["email", "sex"])
    changed = await by_key(token, lambda session, actor: api_keys.change(session, actor, keeper.id, narrower))
    assert changed.denied_attributes == ["email", "sex"]
    assert Permission.DOCUMENTS_READ not in changed.scopes


async def test_a_key_of_the_other_mode_does_not_exist(database):
    world = await make_world()
    live, _ = await make(world)
    _, test = await make(world, livemode=False)
    with pytest.raises(NotFound):
        await by_key(test, lambda session, actor: api_keys.get(session, actor, live.id))
    with pytest.raises(NotFound):
        await by_key(test, lambda session, actor: api_keys.rotate(session, actor, live.id))


# When it ends


async def test_expiring_keys_are_told_of_once_a_week_before(database):
    from backoffice.jobs.api_keys import tell_expiring

    world = await make_world()
    moment = clock.now()
    soon, _ = await make(world, expires_at=moment + timedelta(days=6))
    later, _ = await make(world, expires_at=moment + timedelta(days=8))
    ended, _ = await make(world, expires_at=moment + timedelta(days=1))
    never, _ = await make(world)
    actor = Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        await api_keys.revoke(session, actor, ended.id)
    await tell_expiring()
    await asyncio.gather(tell_expiring(), tell_expiring())
    assert await told(soon, "events") == ["api_key.created", "api_key.expiring"]
    assert await told(later, "events") == ["api_key.created"]
    assert await told(never, "events") == ["api_key.created"]
    assert "api_key.expiring" not in await told(ended, "events")
    async with transaction(actor.tenancy) as session:
        await api_keys.change(session, actor, soon.id, api_keys.Change(expires_at=moment + timedelta(days=5)))
    await tell_expiring()
    assert (await told(soon, "events")).count("api_key.expiring") == 2
