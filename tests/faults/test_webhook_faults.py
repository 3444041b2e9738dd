"""Whatever a receiver does: every event arrives under its own id, in order where asked, and the log tells how.

A real worker process, real sockets; the deadline is one second instead of fifteen.
"""

from datetime import timedelta

import psutil
import pytest

from backoffice.db import transaction
from backoffice.models.webhooks import EndpointStatus
from backoffice.services import deliveries, webhook_endpoints
from backoffice.services.access import Actor
from tests.faults.cast import (
    DEADLINE,
    EACH,
    SUBJECTS,
    assert_told,
    in_order,
    logged,
    pass_time,
    sender,
    story,
    until,
    until_states,
    until_tried,
)
from tests.faults.receiver import faulty
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import attempts_of, deliveries_of, emit, endpoint_row, quiet, set_endpoint

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


@pytest.fixture(scope="module")
def worker(database, tmp_path_factory):
    with sender(tmp_path_factory.mktemp("faults") / "sender.log") as process:
        yield process


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def test_a_receiver_that_is_down_for_ten_minutes_misses_nothing(acme, worker):
    async with faulty() as receiver:
        await receiver.stop()
        endpoint = await in_order(acme, receiver.url)
        told = await story(acme)
        for times, step in ((1, timedelta(seconds=7)), (2, timedelta(minutes=7)), (3, timedelta(minutes=4))):
            await until_tried(endpoint, times, SUBJECTS)
            await pass_time(acme, endpoint, step)
        await receiver.start()
        await pass_time(acme, endpoint, timedelta(minutes=36))
        rows = await until_states(endpoint, "delivered")
    assert_told(receiver, told)
    assert len(receiver.taken) == len(told)
    assert await logged(endpoint) == {"connect": 3 * SUBJECTS, "200": SUBJECTS * EACH}
    heads = [row for row in rows if row.attempts > 1]
    first, *_, last = await attempts_of(heads[0])
    assert (first.error, first.address, first.connected_ms) == ("connect", "127.0.0.1", None)
    assert last.created_at - first.created_at >= timedelta(minutes=10)
    assert last.first_byte_ms is not None
    assert (await endpoint_row(endpoint)).failing_since is None


ROUNDED = 5
"""Milliseconds by which two clocks may tell one second apart."""
FAULTS = {
    "fail": "500",
    "hang": "timeout",
    "drip": "timeout",
    "redirect": "307",
}


@pytest.mark.parametrize(("mode", "says"), FAULTS.items(), ids=FAULTS)
async def test_after_a_fault_everything_arrives_in_order(acme, worker, mode, says):
    async with faulty(mode) as receiver, faulty() as inside:
        receiver.location = inside.url
        endpoint = await in_order(acme, receiver.url)
        told = await story(acme)
        await until_tried(endpoint, 1)
        assert receiver.taken == []
        receiver.mode = "ok"
        await pass_time(acme, endpoint, timedelta(seconds=7))
        await until_states(endpoint, "delivered")
    assert_told(receiver, told)
    assert inside.requests == []
    counted = await logged(endpoint)
    assert counted.pop("200") == SUBJECTS * EACH
    assert set(counted) == {says}
    first = next(row for row in await deliveries_of(endpoint) if row.attempts > 1)
    attempt = (await attempts_of(first))[0]
    assert attempt.next_attempt_at > attempt.created_at
    if says == "timeout":
        assert DEADLINE * 1_000 - ROUNDED <= attempt.duration_ms < DEADLINE * 1_000 + 2_000


async def test_of_a_gigabyte_only_the_beginning_is_taken(acme, worker):
    async with faulty("ok") as ready:
        endpoint = await in_order(acme, ready.url)
        await emit(acme, livemode=False)
        await until_states(endpoint, "delivered")
        await set_endpoint(endpoint, is_paused=True)
    before = psutil.Process(worker.pid).memory_info().rss
    async with faulty("flood") as receiver:
        endpoint = await in_order(acme, receiver.url)
        told = await story(acme)
        rows = await until_states(endpoint, "delivered")
    assert_told(receiver, told)
    assert receiver.sent < 200_000_000
    assert psutil.Process(worker.pid).memory_info().rss - before < 50_000_000
    [attempt] = await attempts_of(rows[0])
    assert (attempt.status, len(attempt.response_excerpt)) == (200, 4_000)


async def test_a_receiver_that_is_gone_gets_what_it_missed_when_it_is_back(acme, worker):
    async with faulty("gone") as receiver:
        endpoint = await in_order(acme, receiver.url)
        begin = (await endpoint_row(endpoint)).created_at
        await set_endpoint(endpoint, is_paused=True)
        told = await story(acme)
        await set_endpoint(endpoint, is_paused=False)

        async def is_off() -> bool:
            return (await endpoint_row(endpoint)).status == EndpointStatus.DISABLED

        await until(is_off)
        count = len(receiver.requests)
        actor = Actor.system(acme.partner.id)
        receiver.mode = "ok"
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.enable(session, actor, endpoint.id)
            await deliveries.recover(session, actor, endpoint.id, begin)
        rows = await until_states(endpoint, "delivered")
    assert {webhook_id for webhook_id, _ in receiver.taken} == told
    assert count < SUBJECTS * EACH  # those that were under way when the first answer came, and no others
    assert await logged(endpoint) == {"410": count, "200": len(rows)}
