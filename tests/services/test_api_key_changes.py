"""Keys that change keys: no more than they have, at once, and told of before they end."""

import asyncio
from datetime import timedelta

import pytest

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.members import Role
from backoffice.services import api_keys
from backoffice.services.access import Actor, Permission
from backoffice.services.permissions import SCOPES
from tests.api.world import make_world
from tests.services.rotation_cast import make, member, told, use

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
    assert await told(key, "audit_entries") == ["api_key.created", "api_key.changed", "api_key.first_used"]


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
