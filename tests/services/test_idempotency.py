"""The answer stands with the work, or neither does."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.clock import at, present
from backoffice.db import execute, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.jobs import idempotency_records
from backoffice.services import idempotency
from backoffice.services.access import Actor, ActorType
from backoffice.services.idempotency import Attempt
from tests.api.world import make_world

ONE = Attempt("POST /things", "key", "same")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def key_actor(world, *, livemode=True):
    return Actor(
        type=ActorType.API_KEY,
        id=None,
        name="k",
        permissions=frozenset(),
        partner_id=world.partner_id,
        livemode=livemode,
    )


async def test_only_a_partner_has_keys(database):
    actor = Actor.system()
    with pytest.raises(NotAllowed):
        async with transaction(actor.tenancy) as session:
            await idempotency.begin(session, actor, ONE)


async def test_nothing_is_kept_when_the_work_fails(database):
    actor = key_actor(await make_world())
    with pytest.raises(ZeroDivisionError):
        async with transaction(actor.tenancy) as session:
            assert await idempotency.begin(session, actor, ONE) is None
            await idempotency.remember(session, actor, ONE, 201, {"id": 1})
            raise ZeroDivisionError
    async with transaction(actor.tenancy) as session:
        assert await idempotency.recall(session, actor, ONE) is None


async def test_while_one_works_another_waits(database):
    actor = key_actor(await make_world())
    async with transaction(actor.tenancy) as first:
        await idempotency.begin(first, actor, ONE)
        async with transaction(actor.tenancy) as second:
            with pytest.raises(Conflict) as refused:
                await idempotency.begin(second, actor, ONE)
        assert refused.value.code == "idempotency_in_progress"
        other = Attempt(ONE.route, "another", "same")
        async with transaction(actor.tenancy) as third:
            assert await idempotency.begin(third, actor, other) is None
        await idempotency.remember(first, actor, ONE, 201, {"id": 1})
    async with transaction(actor.tenancy) as later:
        answer = await idempotency.begin(later, actor, ONE)
    assert (answer.status, answer.body) == (201, {"id": 1})


async def test_mode_and_partner_part_the_keys(database):
    world, stranger = await make_world(), await make_world()
    actor = key_actor(world)
    async with transaction(actor.tenancy) as session:
        await idempotency.remember(session, actor, ONE, 201, {"id": 1})
    for other in (key_actor(world, livemode=False), key_actor(stranger)):
        async with transaction(other.tenancy) as session:
            assert await idempotency.begin(session, other, ONE) is None
    async with transaction(actor.tenancy) as session:
        with pytest.raises(Invalid) as refused:
            await idempotency.begin(session, actor, Attempt(ONE.route, ONE.key, "different"))
    assert refused.value.code == "idempotency_mismatch"


@given(json_values, json_values)
def test_fingerprints_differ_where_contents_do(one, two):
    assert (idempotency.fingerprint(one) == idempotency.fingerprint(two)) == (_canonical(one) == _canonical(two))


def _canonical(value):
    if isinstance(value, dict):
        return ("dict", sorted((name, _canonical(inner)) for name, inner in value.items()))
    if isinstance(value, list):
        return ("list", [_canonical(inner) for inner in value])
    return (type(value).__name__, repr(value))


async def test_what_has_expired_is_forgotten_and_nothing_else(database):
    actor, everyone = key_actor(await make_world()), Actor.system()
    for age, key in ((timedelta(hours=25), "old"), (timedelta(hours=23), "young")):
        with at(present() - age):
            async with transaction(actor.tenancy) as session:
                await idempotency.remember(session, actor, Attempt(ONE.route, key, "same"), 201, {"id": key})
    await idempotency_records.purge()
    async with transaction(everyone.tenancy) as session:
        kept = "select key from idempotency_records where partner_id = %s"
        assert [row[0] for row in await execute(session, kept, (actor.partner_id,))] == ["young"]


async def test_a_key_that_is_used_again_while_its_old_answer_is_forgotten_keeps_the_new_one(database):
    actor = key_actor(await make_world())
    with at(present() - timedelta(hours=25)):
        async with transaction(actor.tenancy) as session:
            await idempotency.remember(session, actor, ONE, 201, {"id": "old"})
    async with transaction(actor.tenancy) as session:
        await idempotency.remember(session, actor, ONE, 201, {"id": "new"})
        forgetting = asyncio.create_task(idempotency_records.purge())
        await _waiting()
    await forgetting
    async with transaction(actor.tenancy) as session:
        assert (await idempotency.recall(session, actor, ONE)).body == {"id": "new"}


async def _waiting() -> None:
    """Return when somebody stands at a lock of the table."""
    asked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like %s"
    for _ in range(200):
        async with transaction(Actor.system().tenancy) as session:
            if (await execute(session, asked, ("%delete from idempotency_records%",)))[0][0]:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody waits")


async def test_only_the_system_forgets(database):
    actor = key_actor(await make_world())
    with pytest.raises(NotAllowed):
        async with transaction(actor.tenancy) as session:
            await idempotency.purge(session, actor)
