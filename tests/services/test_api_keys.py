"""Keys: shown once, known by their HMAC, useless when bent, revoked or used from elsewhere."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.services import api_keys
from backoffice.services.access import Actor, Permission
from backoffice.services.permissions import SCOPES
from tests.api.world import make_world
from tests.services.people import actor_of, make_person

EVERYONE = Tenancy.everyone()


def member(role, partner_id=None):
    return Actor.member(id=new_id(), name="Somebody", role=role, partner_id=partner_id)


async def make(world, actor=None, **options):
    actor = actor or Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        values = {"name": "Server", "livemode": True, "scopes": SCOPES} | options
        return await api_keys.create(session, actor, **values)


async def authenticate(token, ip="203.0.113.9"):
    async with transaction(EVERYONE) as session:
        return await api_keys.authenticate(session, token, ip)


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.REVIEWER, Role.REVIEW_LEAD, Role.AUDITOR])
async def test_create_needs_the_permission(database, role):
    world = await make_world()
    own = world.partner_id if role == Role.PARTNER_ANALYST else None
    with pytest.raises(NotAllowed):
        await make(world, member(role, own))


@pytest.mark.parametrize("role", [Role.PARTNER_DEVELOPER, Role.OPERATOR])
async def test_who_sees_no_personal_data_holds_no_live_key_that_reads_it(database, role):
    world = await make_world()
    actor = actor_of(await make_person(role, None if role == Role.OPERATOR else world.partner_id))
    whose = {"partner_id": world.partner_id}
    mine = SCOPES if actor.can(Permission.AUDIT_READ) else SCOPES - {Permission.AUDIT_READ}
    with pytest.raises(NotAllowed):
        await make(world, actor, scopes=mine, **whose)
    await make(world, actor, livemode=False, scopes=mine, **whose)
    narrow, _ = await make(world, actor, scopes=mine - {Permission.PERSONAL_READ}, **whose)
    async with transaction(actor.tenancy) as session:
        with pytest.raises(NotAllowed):
            await api_keys.change(session, actor, narrow.id, api_keys.Change(scopes=sorted(SCOPES)))
        await session.rollback()
    wide, _ = await make(world, actor_of(await make_person(Role.PARTNER_ADMIN, world.partner_id)))
    async with transaction(actor.tenancy) as session:
        with pytest.raises(NotAllowed):
            await api_keys.rotate(session, actor, wide.id)
        await api_keys.change(session, actor, wide.id, api_keys.Change(name="Renamed"))
        await api_keys.rotate(session, actor, narrow.id)


async def test_a_developer_gets_no_key_to_the_audit_trail(database):
    world = await make_world()
    actor = actor_of(await make_person(Role.PARTNER_DEVELOPER, world.partner_id))
    for livemode in (True, False):
        with pytest.raises(NotAllowed, match="audit"):
            await make(world, actor, livemode=livemode, scopes={Permission.AUDIT_READ})


async def test_nobody_makes_or_revokes_a_key_for_another_partner(database):
    acme, rival = await make_world(), await make_world()
    key, token = await make(rival)
    thief = member(Role.PARTNER_DEVELOPER, acme.partner_id)
    with pytest.raises(NotAllowed):
        await make(acme, thief, partner_id=rival.partner_id)
    with pytest.raises(NotFound):
        async with transaction(thief.tenancy) as session:
            await api_keys.revoke(session, thief, key.id)
    async with transaction(thief.tenancy) as session:
        assert (await api_keys.page(session, Actor.system(acme.partner_id))).rows == []
    assert (await authenticate(token)).actor.partner_id == rival.partner_id


async def test_a_key_becomes_an_actor_with_its_scopes_only(database):
    world = await make_world()
    key, token = await make(world, livemode=False, scopes={Permission.DOCUMENTS_READ})
    caller = await authenticate(token)
    assert caller.actor.id == key.id
    assert caller.actor.livemode is False
    assert caller.actor.permissions == {Permission.DOCUMENTS_READ}
    assert not caller.actor.is_staff
    assert token.startswith(f"kyc_test_{key.lookup}_")
    assert key.last_four == token[-4:]


async def test_the_secret_is_kept_nowhere(database):
    world = await make_world()
    _, token = await make(world)
    secret = token.split("_")[3]
    async with transaction(EVERYONE) as session:
        for table in ("api_keys", "audit_entries", "events"):
            rows = await session.execute(
                text(f"select t::text from {table} t where partner_id = :p"), {"p": world.partner_id}
            )
            kept = "".join(rows.scalars())
            assert kept
            assert secret not in kept


async def test_revoking_tells_once_and_ends_the_key(database):
    world = await make_world()
    key, token = await make(world)
    actor = member(Role.PARTNER_ADMIN, world.partner_id)
    for _ in range(2):
        async with transaction(actor.tenancy) as session:
            await api_keys.revoke(session, actor, key.id)
    with pytest.raises(NotSignedIn) as refused:
        await authenticate(token)
    assert refused.value.code == "api_key_revoked"
    async with transaction(EVERYONE) as session:
        events = await session.execute(
            text("select type from events where subject_id = :k order by sequence"), {"k": key.id}
        )
        assert list(events.scalars()) == ["api_key.created", "api_key.revoked"]
        audit = await session.execute(
            text("select action from audit_entries where subject_id = :k order by id"), {"k": key.id}
        )
        assert list(audit.scalars()) == ["api_key.created", "api_key.revoked"]


@pytest.mark.parametrize(
    ("ip", "is_allowed"),
    [("203.0.113.9", True), ("::ffff:203.0.113.9", True), ("203.0.114.1", False), ("2001:db8::1", False), ("", False)],
)
async def test_addresses_are_compared_as_addresses(database, ip, is_allowed):
    _, token = await make(await make_world(), ip_allowlist=["203.0.113.0/24"])
    if is_allowed:
        assert (await authenticate(token, ip)).actor.ip == ip
        return
    with pytest.raises(NotAllowed) as refused:
        await authenticate(token, ip)
    assert refused.value.code == "ip_not_allowed"


async def test_what_is_wrong_is_told_only_to_who_holds_the_secret(database):
    world = await make_world()
    key, _ = await make(world)
    actor = Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        await api_keys.revoke(session, actor, key.id)
    front = f"kyc_live_{key.lookup}_{'A' * 27}"
    with pytest.raises(NotSignedIn) as refused:
        await authenticate(f"{front}_{api_keys.checksum(front)}")
    assert refused.value.code == "invalid_api_key"


async def test_last_use_is_written_at_most_once_a_minute(database):
    world = await make_world()
    key, token = await make(world)

    async def last():
        async with transaction(EVERYONE) as session:
            found = await session.execute(
                text("select last_used_at, last_used_ip, xmin::text from api_keys where id = :k"), {"k": key.id}
            )
            return found.one()

    await authenticate(token)
    first = await last()
    assert first.last_used_ip == "203.0.113.9"
    await authenticate(token, "203.0.113.10")
    assert await last() == first
    async with transaction(EVERYONE) as session:
        await session.execute(
            text("update api_keys set last_used_at = last_used_at - interval '61 seconds' where id = :k"), {"k": key.id}
        )
    await authenticate(token, "203.0.113.10")
    assert (await last()).last_used_ip == "203.0.113.10"


async def test_the_door_asks_once_and_writes_only_news(database):
    world = await make_world()
    key, token = await make(world)
    heard = []
    for _ in range(3):
        caller = await api_keys.recognise(token, "203.0.113.9", "req_x", proven=heard.append)
        assert (caller.actor.id, caller.actor.request_id, caller.documents_used) == (key.id, "req_x", 0)
    assert {one.key_id for one in heard} == {key.id}
    async with transaction(EVERYONE) as session:
        sql = "select count(distinct xmin::text), max(last_used_ip) from api_keys where id = :k"
        assert (await session.execute(text(sql), {"k": key.id})).one() == (1, "203.0.113.9")
        await api_keys.revoke(session, Actor.system(), key.id)
    with pytest.raises(NotSignedIn) as refused:
        await api_keys.recognise(token, "203.0.113.9", proven=heard.append)
    assert refused.value.code == "api_key_revoked"
    assert len(heard) == 4
    front = f"kyc_live_{key.lookup}_{'A' * 27}"
    with pytest.raises(NotSignedIn):
        await api_keys.recognise(f"{front}_{api_keys.checksum(front)}", "", proven=heard.append)
    assert len(heard) == 4


async def test_the_door_replaces_a_connection_that_has_died(database):
    _, token = await make(await make_world())
    pids = await pooled(8)
    async with transaction(EVERYONE) as session:
        own = await session.scalar(text("select pg_backend_pid()"))
        sql = "select count(pg_terminate_backend(pid)) from unnest(cast(:pids as int[])) as pid where pid <> :own"
        assert await session.scalar(text(sql), {"pids": pids, "own": own}) >= 7
    callers = await asyncio.gather(*(api_keys.recognise(token, "203.0.113.9") for _ in range(8)))
    assert len(callers) == 8


async def pooled(count):
    """Which connections lie in this process's pool."""
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(transaction(EVERYONE)) for _ in range(count)]
        return [await session.scalar(text("select pg_backend_pid()")) for session in sessions]


async def test_what_the_door_may_see_ends_with_its_question(database):
    from backoffice.db import glance

    world = await make_world()
    await make(world)
    everything = await glance(EVERYONE, "select count(*) from api_keys where partner_id = %s", (world.partner_id,))
    assert everything == [(1,)]
    other = await make_world()
    for _ in range(12):
        own = Tenancy.of(other.partner_id)
        assert await glance(own, "select count(*) from api_keys where partner_id = %s", (world.partner_id,)) == [(0,)]
    async with transaction(Tenancy()) as session:
        assert (await session.execute(text("select count(*) from api_keys"))).scalar_one() == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": " "}, "invalid_name"),
        ({"name": "a\x00"}, "invalid_name"),
        ({"scopes": set()}, "invalid_scope"),
        ({"scopes": {Permission.SYSTEM}}, "invalid_scope"),
        ({"scopes": {Permission.DOCUMENTS_DECIDE}}, "invalid_scope"),
        ({"ip_allowlist": ["everywhere"]}, "invalid_address"),
        ({"ip_allowlist": ["10.0.0.1"] * 51}, "too_many_addresses"),
        ({"expires_at": now() - timedelta(days=1)}, "invalid_expiry"),
    ],
)
async def test_create_refuses_nonsense(database, options, code):
    with pytest.raises(Invalid) as refused:
        await make(await make_world(), **options)
    assert refused.value.code == code


async def test_no_bent_key_is_a_key(database):
    _, token = await make(await make_world())
    for index in range(len(token)):
        bent = token[:index] + ("x" if token[index] != "x" else "y") + token[index + 1 :]
        with pytest.raises(NotSignedIn):
            await authenticate(bent)


@given(st.text())
def test_checksums_have_six_letters(text_):
    assert len(api_keys.checksum(text_.encode("utf-8", "replace").decode())) == 6
