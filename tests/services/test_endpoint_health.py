"""An endpoint is slowed down while its receiver has too much to do, and set free by the first success."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice.clock import wall
from backoffice.db import transaction
from backoffice.models.webhooks import EndpointStatus, WebhookEndpoint
from backoffice.services import endpoint_health
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import (
    EVERYONE,
    answered,
    claim_for,
    deliveries_of,
    emit,
    endpoint_of,
    endpoint_row,
    quiet,
    set_endpoint,
    settle,
)

NOWHERE = "http://127.0.0.1:9/hook"


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


@pytest.fixture
async def endpoint(acme):
    return (await endpoint_of(acme, NOWHERE))[0]


async def answer(cast, endpoint, *answers, **headers: str):
    """Let several deliveries of one batch be answered so, in this order; answer the endpoint afterwards."""
    for _ in answers:
        await emit(cast)
    claims = await claim_for(endpoint)
    tries = [
        answered(claim, said if isinstance(said, int) else None, None if isinstance(said, int) else said, **headers)
        for claim, said in zip(claims, answers, strict=True)
    ]
    await settle(*tries)
    return await endpoint_row(endpoint)


@pytest.mark.parametrize("said", [429, 502, 503, 504, "timeout"])
async def test_a_receiver_with_too_much_to_do_is_left_alone_for_a_while(acme, endpoint, said):
    row = await answer(acme, endpoint, said)
    assert timedelta(seconds=3) < row.paused_until - wall() <= endpoint_health.SHORTEST_PAUSE
    assert await claim_for(endpoint) == []


@pytest.mark.parametrize("said", [500, 400, 404, 302, "connect", "tls", "disconnected"])
async def test_other_failures_pause_nothing_but_are_probed_one_at_a_time(acme, endpoint, said):
    row = await answer(acme, endpoint, said)
    assert row.paused_until is None
    assert row.failing_since is not None
    for _ in range(3):
        await emit(acme)
    assert len(await claim_for(endpoint)) == 1


@pytest.mark.parametrize(("failed", "pause"), [(10, 60), (30, 180), (600, 300)])
async def test_the_longer_it_failed_the_longer_it_is_left_alone_up_to_five_minutes(acme, endpoint, failed, pause):
    await set_endpoint(endpoint, failing_since=wall() - timedelta(minutes=failed))
    row = await answer(acme, endpoint, 503)
    assert timedelta(seconds=pause - 5) < row.paused_until - wall() <= timedelta(seconds=pause + 1)


async def test_a_wish_for_a_longer_pause_holds_for_the_message_and_for_five_minutes_for_all(acme, endpoint):
    row = await answer(acme, endpoint, 503, **{"Retry-After": "7200"})
    assert row.paused_until - wall() <= endpoint_health.LONGEST_PAUSE
    [delivery] = await deliveries_of(endpoint)
    assert delivery.next_attempt_at - wall() > timedelta(seconds=7_100)


async def test_in_one_batch_the_last_word_counts(acme, endpoint):
    row = await answer(acme, endpoint, 503, 200)
    assert (row.failing_since, row.paused_until) == (None, None)
    row = await answer(acme, endpoint, 200, 500)
    assert row.failing_since is not None


async def test_abort_message_is_no_failure_of_the_endpoint(acme, endpoint):
    row = await answer(acme, endpoint, 500, **{"Webhook-Delivery": "abort-message"})
    assert row.failing_since is None
    assert [delivery.state for delivery in await deliveries_of(endpoint)] == ["canceled"]


async def test_what_ends_after_an_endpoint_was_switched_off_does_not_judge_it(acme, endpoint):
    await emit(acme)
    [claim] = await claim_for(endpoint)
    await set_endpoint(endpoint, status=EndpointStatus.DISABLED, disabled_reason="by hand")
    await settle(answered(claim, 410))
    row = await endpoint_row(endpoint)
    assert (row.disabled_reason, row.failing_since) == ("by hand", None)


async def test_deliveries_to_a_healthy_endpoint_do_not_queue_at_its_row(acme, endpoint):
    await emit(acme)
    [claim] = await claim_for(endpoint)
    async with transaction(EVERYONE) as session:
        await session.execute(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).with_for_update())
        await asyncio.wait_for(settle(answered(claim, 200)), 5)
    assert [delivery.state for delivery in await deliveries_of(endpoint)] == ["delivered"]
