"""How fast and when: throttles hold over all workers, pauses keep what is owed, test data lives by its own clock."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from backoffice.clock import wall
from backoffice.db import transaction
from backoffice.models.webhooks import DeliveryState, EndpointStatus, WebhookEndpoint
from backoffice.services import delivery_attempts, delivery_claims, delivery_sql, endpoint_health
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import (
    EVERYONE,
    WORKER,
    advance,
    answered,
    attempts_of,
    claim_for,
    deliveries_of,
    emit,
    endpoint_of,
    endpoint_row,
    owe_many,
    quiet,
    receiving,
    set_endpoint,
    settle,
    work_once,
)

NOWHERE = "http://127.0.0.1:9/hook"
DAY = timedelta(days=1)


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


@pytest.fixture
async def rival(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def take(endpoint, seconds: float, into: list[float]) -> None:
    """Claim for so long as fast as can be, settling at once; note when each delivery was taken."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        claims = await claim_for(endpoint)
        into += [time.monotonic()] * len(claims)
        if claims:
            await settle(*[answered(claim) for claim in claims])
        else:
            await asyncio.sleep(0.01)


def most_within(second: float, moments: list[float]) -> int:
    return max(sum(start <= moment < start + second for moment in moments) for start in moments)


# Throttle


@pytest.mark.parametrize("workers", [1, 5])
async def test_a_throttle_holds_over_all_workers(acme, workers):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await owe_many(acme, endpoint, 60)
    await set_endpoint(endpoint, max_per_second=12)
    moments: list[float] = []
    began = time.monotonic()
    await asyncio.gather(*(take(endpoint, 1.3, moments) for _ in range(workers)))
    elapsed = time.monotonic() - began
    burst = int(12 * delivery_sql.BURST.total_seconds())
    assert 12 <= len(moments) <= 12 * elapsed + burst
    assert most_within(1.0, sorted(moments)) <= 12 + burst


async def test_a_slow_throttle_lets_one_through_and_says_when_the_next_may_go(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await set_endpoint(endpoint, max_per_second=1)
    for _ in range(3):
        await emit(acme)
    assert len(await claim_for(endpoint)) == 1
    async with transaction(WORKER.tenancy) as session:
        taken = await delivery_claims.claim(session, WORKER, 500)
    assert endpoint.id not in {claim.door.endpoint_id for claim in taken.claims}
    assert timedelta() < taken.rest <= timedelta(seconds=1)


async def test_what_is_not_used_is_not_saved_up(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await set_endpoint(endpoint, max_per_second=8, throttle_from=wall() - timedelta(hours=1))
    await owe_many(acme, endpoint, 20)
    assert len(await claim_for(endpoint)) == 2


async def test_while_one_worker_takes_the_allowance_another_neither_waits_nor_takes(acme, rival):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    other, _ = await endpoint_of(rival, NOWHERE)
    await set_endpoint(endpoint, max_per_second=8)
    await emit(acme)
    await emit(rival)
    async with transaction(EVERYONE) as session:
        await session.execute(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).with_for_update())
        async with asyncio.timeout(5):
            claims = await claim_for(endpoint, other)
    assert [claim.door.endpoint_id for claim in claims] == [other.id]
    assert len(await claim_for(endpoint)) == 1


async def test_taking_the_allowance_holds_up_no_event(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await set_endpoint(endpoint, max_per_second=8)
    await emit(acme)
    async with transaction(WORKER.tenancy) as session:
        assert (await delivery_claims.claim(session, WORKER, 500)).claims
        async with asyncio.timeout(5):
            await emit(acme)
    assert len(await deliveries_of(endpoint)) == 2


async def test_a_throttle_that_is_taken_away_holds_nothing(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await set_endpoint(endpoint, max_per_second=1, throttle_from=wall() + timedelta(seconds=30))
    await owe_many(acme, endpoint, 20)
    assert await claim_for(endpoint) == []
    await set_endpoint(endpoint, max_per_second=None)
    assert len(await claim_for(endpoint)) == delivery_sql.AT_ONCE


# Pause


async def test_a_paused_endpoint_keeps_what_it_is_owed(acme):
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        first = await emit(acme)
        await set_endpoint(endpoint, is_paused=True)
        second = await emit(acme)
        assert await work_once(endpoint) == []
        assert [row.state for row in await deliveries_of(endpoint)] == ["pending", "pending"]
        await set_endpoint(endpoint, is_paused=False)
        await work_once(endpoint)
    assert [row.state for row in await deliveries_of(endpoint)] == ["delivered", "delivered"]
    assert {row.event_id for row in await deliveries_of(endpoint)} == {first.id, second.id}


async def test_pausing_one_endpoint_pauses_no_other(acme):
    paused, _ = await endpoint_of(acme, NOWHERE)
    other, _ = await endpoint_of(acme, NOWHERE)
    await set_endpoint(paused, is_paused=True)
    await emit(acme)
    assert [claim.door.endpoint_id for claim in await claim_for(paused, other)] == [other.id]


# Test clock


async def in_test(cast, url, **options):
    endpoint, _ = await endpoint_of(cast, url, livemode=False, **options)
    return endpoint


async def test_test_deliveries_are_tried_again_by_their_partners_clock(acme, rival):
    async with receiving(status=500) as receiver:
        endpoint, theirs = await in_test(acme, receiver.url), await in_test(rival, receiver.url)
        live, _ = await endpoint_of(acme, receiver.url)
        await advance(acme, DAY)
        for livemode, cast in ((False, acme), (False, rival), (True, acme)):
            await emit(cast, livemode=livemode)
        assert await work_once(endpoint, theirs, live) == [DeliveryState.PENDING] * 3
        [delivery] = await deliveries_of(endpoint)
        assert DAY + timedelta(seconds=2) < delivery.next_attempt_at - wall() < DAY + timedelta(seconds=7)
        assert await work_once(endpoint, theirs, live) == []
        await advance(acme, timedelta(seconds=7))
        assert await work_once(endpoint, theirs, live) == [DeliveryState.PENDING]
    assert len(await attempts_of(delivery)) == 2
    assert [len(await attempts_of(row)) for row in [*await deliveries_of(theirs), *await deliveries_of(live)]] == [1, 1]


async def test_the_whole_schedule_passes_in_a_moment_and_the_log_tells_the_partners_time(acme):
    async with receiving(status=500) as receiver:
        endpoint = await in_test(acme, receiver.url)
        await emit(acme, livemode=False)
        states = []
        for pause in (*delivery_attempts.SCHEDULE[1:], DAY):
            states += await work_once(endpoint)
            await advance(acme, pause * 1.2 + timedelta(seconds=1))
    assert states == [DeliveryState.PENDING] * 9 + [DeliveryState.EXHAUSTED]
    [delivery] = await deliveries_of(endpoint)
    tries = await attempts_of(delivery)
    assert tries[-1].created_at - tries[0].created_at >= sum(delivery_attempts.SCHEDULE, timedelta())
    assert all(attempt.next_attempt_at > attempt.created_at for attempt in tries[:-1])
    assert tries[-1].next_attempt_at is None


async def test_signatures_tell_the_real_time(acme):
    async with receiving() as receiver:
        endpoint = await in_test(acme, receiver.url)
        await advance(acme, 30 * DAY)
        await emit(acme, livemode=False)
        await work_once(endpoint)
    [got] = receiver.got
    said = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
    assert abs(said - wall()) < timedelta(seconds=30)
    [delivery] = await deliveries_of(endpoint)
    assert delivery.delivered_at - wall() > 29 * DAY


async def test_a_moved_clock_ends_no_lease(acme):
    endpoint = await in_test(acme, NOWHERE)
    await emit(acme, livemode=False)
    assert len(await claim_for(endpoint)) == 1
    await advance(acme, DAY)
    assert await claim_for(endpoint) == []


async def test_a_moved_clock_ends_no_pause_of_an_overloaded_receiver(acme):
    async with receiving(status=503) as receiver:
        endpoint = await in_test(acme, receiver.url)
        await advance(acme, DAY)
        await emit(acme, livemode=False)
        await work_once(endpoint)
        await advance(acme, 2 * DAY)
        assert await work_once(endpoint) == []
    row = await endpoint_row(endpoint)
    assert wall() < row.paused_until <= wall() + endpoint_health.SHORTEST_PAUSE


async def test_five_days_of_failures_may_pass_on_the_test_clock(acme):
    async with receiving(status=500) as receiver:
        endpoint = await in_test(acme, receiver.url)
        await emit(acme, livemode=False)
        await work_once(endpoint)
        await advance(acme, 6 * DAY)
        await work_once(endpoint)
    row = await endpoint_row(endpoint)
    assert (row.status, row.disabled_reason) == (EndpointStatus.DISABLED, "It only failed for 5 days.")


async def test_a_clock_beyond_all_times_stops_nobody(acme, rival):
    endpoint, other = await in_test(acme, NOWHERE), await in_test(rival, NOWHERE)
    await emit(acme, livemode=False)
    await emit(rival, livemode=False)
    async with transaction(EVERYONE) as session:
        far = {"partner": acme.partner.id, "seconds": 2**62}
        await session.execute(text("update partners set test_clock_seconds = :seconds where id = :partner"), far)
    claims = await claim_for(endpoint, other)
    assert {claim.door.endpoint_id for claim in claims} == {endpoint.id, other.id}
    await settle(*[answered(claim, 500) for claim in claims])
