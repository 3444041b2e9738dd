"""The loop that sends: results survive a lost connection, one that cannot be written takes no other with it."""

import asyncio
import logging
import time
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from backoffice.db import transaction
from backoffice.jobs.webhooks import Dispatcher
from backoffice.models.webhooks import Delivery
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import (
    EVERYONE,
    answered,
    attempts_of,
    claim_for,
    deliveries_of,
    emit,
    endpoint_of,
    quiet,
    receiving,
    set_endpoint,
    until_one_waits_for_a_lock,
)

NOWHERE = "http://127.0.0.1:9/hook"
TERMINATE = text("""
select pg_terminate_backend(pid) from pg_stat_activity
where wait_event_type = 'Lock' and usename = current_user and pid <> pg_backend_pid()
""")


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def test_one_result_that_cannot_be_written_takes_no_other_with_it(acme, caplog):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    for _ in range(3):
        await emit(acme)
    first, odd, last = [answered(claim) for claim in await claim_for(endpoint)]
    odd = replace(odd, answer=replace(odd.answer, response_excerpt="\x00"))
    with caplog.at_level(logging.ERROR):
        await Dispatcher()._settle_batch([first, odd, last])
    assert [row.state for row in await deliveries_of(endpoint)] == ["delivered", "pending", "delivered"]
    named = [record.deliveries for record in caplog.records if record.message == "webhook_settle_failed"]
    assert named[-1] == [str(odd.claim.delivery_id)]


async def test_a_result_survives_the_loss_of_its_connection(acme, caplog):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await emit(acme)
    [claim] = await claim_for(endpoint)
    with caplog.at_level(logging.WARNING):
        async with transaction(EVERYONE) as session:
            await session.execute(select(Delivery).where(Delivery.id == claim.delivery_id).with_for_update())
            settling = asyncio.create_task(Dispatcher()._settle_batch([answered(claim)]))
            await until_one_waits_for_a_lock()
            await session.execute(TERMINATE)
        await asyncio.wait_for(settling, 15)
    assert "webhook_settle_waits" in [record.message for record in caplog.records]
    [delivery] = await deliveries_of(endpoint)
    assert (delivery.state, delivery.attempts) == ("delivered", 1)
    assert len(await attempts_of(delivery)) == 1


async def test_the_log_on_disk_names_what_did_not_arrive_and_keeps_quiet_of_the_rest(acme, caplog):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    for _ in range(2):
        await emit(acme)
    good, bad = await claim_for(endpoint)
    with caplog.at_level(logging.INFO):
        await Dispatcher()._settle_batch([answered(good), answered(bad, None, "timeout")])
    [record] = [record for record in caplog.records if record.message == "webhook_not_taken"]
    assert (record.delivery_id, record.state, record.outcome) == (str(bad.delivery_id), "pending", "timeout")


async def test_a_throttle_is_kept_up_with_although_the_usual_look_is_far_away(acme):
    sender = Dispatcher(poll_seconds=30)
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await set_endpoint(endpoint, max_per_second=5)
        for _ in range(6):
            await emit(acme)
        began = time.monotonic()
        running = asyncio.create_task(sender.run())
        await receiver.until(6, seconds=15)
        assert time.monotonic() - began >= 0.9
        sender.stop()
        await asyncio.wait_for(running, 15)
    assert {row.state for row in await deliveries_of(endpoint)} == {"delivered"}


@pytest.mark.parametrize("at_once", [1, 3])
async def test_with_little_room_everything_is_sent_once_all_the_same(acme, at_once):
    sender = Dispatcher(at_once=at_once, poll_seconds=30)
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        for _ in range(10):
            await emit(acme)
        running = asyncio.create_task(sender.run())
        await receiver.until(10, seconds=15)
        sender.stop()
        await asyncio.wait_for(running, 15)
    assert {(row.state, row.attempts) for row in await deliveries_of(endpoint)} == {("delivered", 1)}
    assert len(receiver.got) == 10


async def test_a_try_that_breaks_leaves_its_lease_and_does_not_hold_up_the_end(acme, caplog):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await emit(acme)
    sender = Dispatcher(client="not a client")
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(15):
        while not [record for record in caplog.records if record.message == "webhook_try_failed"]:
            await asyncio.sleep(0.02)
    sender.stop()
    await asyncio.wait_for(running, 5)
    [delivery] = await deliveries_of(endpoint)
    assert (delivery.state, delivery.attempts) == ("pending", 0)
    assert delivery.lease_until is not None
