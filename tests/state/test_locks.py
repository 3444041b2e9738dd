"""A page that is left while it loads: what its handlers were about to hold is free again."""

import asyncio
import time
from contextlib import suppress
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis

from backoffice.models.members import Role
from backoffice.state.locks import careful
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import ROOT, tab

pytestmark = pytest.mark.usefixtures("database")
LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
STEPS = 12
"""At how many points a handler that asks for the lock is left."""


@pytest.fixture
async def redis(servers):
    async with Redis.from_url(servers.redis_url) as opened:
        yield opened


async def left_after(manager, steps: int) -> bytes | None:
    """Ask for a lock and go away; answers which, None when it was quicker."""
    key = f"test-{uuid4().hex}_lock".encode()
    asking = asyncio.create_task(manager._try_get_lock(key, b"somebody"))
    for _ in range(steps):
        await asyncio.sleep(0)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    return key if asking.cancelled() else None


async def test_who_does_not_wait_for_a_lock_any_more_does_not_keep_it(redis):
    manager = careful(StateManagerRedis(redis=redis))
    keys = [key for turn in range(STEPS * 10) if (key := await left_after(manager, turn % STEPS))]
    assert len(keys) > STEPS
    async with asyncio.timeout(2):
        while await redis.exists(*keys):
            await asyncio.sleep(0.02)


async def test_a_lock_that_is_held_stays_with_its_holder(redis):
    manager = careful(StateManagerRedis(redis=redis))
    key = f"test-{uuid4().hex}_lock".encode()
    assert await manager._try_get_lock(key, b"holder")
    for steps in range(STEPS):
        asking = asyncio.create_task(manager._try_get_lock(key, b"other"))
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
    await asyncio.sleep(0.1)
    assert await redis.get(key) == b"holder"
    await redis.delete(key)


def test_without_redis_the_manager_is_left_as_it_is():
    manager = StateManagerMemory()
    assert careful(manager) is manager


async def test_going_from_page_to_page_before_they_have_loaded_never_stands_still(web):
    async with signed_in(web, Role.PARTNER_ADMIN) as (_, client), tab(web.url, cookie=cookie_of(client)) as one:
        await one.settle()
        for turn in range(30):
            path = ("/partner/alerts", "/partner/exports", "/partner/team")[turn % 3]
            for query in ({}, {"q": "x"}, {"q": "y"}):
                event = one.event(LOAD, {}, path)
                event["router_data"] |= {"query": query, "asPath": path}
                await one.say(["event", event])
            began = time.monotonic()
            await one.settle(path, 30)
            assert time.monotonic() - began < 8, "the lock had to expire"
