"""What a receiver answers decides what comes next: later, never, or nothing any more."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import update

from backoffice.adapters import boxes
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.models.webhooks import DeliveryState, WebhookEndpoint
from backoffice.services import (
    delivery_attempts,
)
from tests.services.delivery_cast import NOWHERE, states
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import (
    EVERYONE,
    attempts_of,
    deliveries_of,
    due_now,
    emit,
    endpoint_of,
    endpoint_row,
    quiet,
    receiving,
    work_once,
)


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


def times(step: timedelta) -> tuple[timedelta, timedelta]:
    return step * 0.8, step * 1.2 + timedelta(seconds=2)


# What follows from the answer


async def test_the_schedule_is_the_standards_with_a_spread(acme):
    assert sum(delivery_attempts.SCHEDULE, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    async with receiving(status=500) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        [delivery] = await deliveries_of(endpoint)
        for number, pause in enumerate(delivery_attempts.SCHEDULE[1:], start=1):
            before = now()
            assert await work_once(endpoint) == [DeliveryState.PENDING]
            [row] = await deliveries_of(endpoint)
            low, high = times(pause)
            assert low <= row.next_attempt_at - before <= high
            assert (row.attempts, row.last_status, row.lease_until) == (number, 500, None)
            await due_now(delivery.id)
        assert await work_once(endpoint) == [DeliveryState.EXHAUSTED]
        assert await work_once(endpoint) == []
    assert len(receiver.got) == 10
    assert [attempt.number for attempt in await attempts_of(delivery)] == list(range(1, 11))


async def test_a_success_ends_it_and_sets_the_endpoint_free(acme):
    async with receiving(status=503) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        [delivery] = await deliveries_of(endpoint)
        await work_once(endpoint)
        failing = await endpoint_row(endpoint)
        assert failing.failing_since is not None
        assert failing.paused_until > now()
        receiver.status = 204
        await due_now(delivery.id)
        assert await work_once(endpoint) == [DeliveryState.DELIVERED]
    [row] = await deliveries_of(endpoint)
    assert (row.attempts, row.last_status, row.next_attempt_at) == (2, 204, None)
    assert row.delivered_at is not None
    healthy = await endpoint_row(endpoint)
    assert (healthy.failing_since, healthy.paused_until) == (None, None)


@pytest.mark.parametrize(("status", "headers"), [(410, {}), (200 + 300, {"webhook-delivery": "disable"})])
async def test_gone_switches_the_endpoint_off(acme, status, headers):
    async with receiving(status=status, headers=headers) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        assert await work_once(endpoint) == [DeliveryState.CANCELED]
        await emit(acme)
        assert await work_once(endpoint) == []
    row = await endpoint_row(endpoint)
    assert row.status == "disabled"
    assert row.disabled_reason


async def test_abort_message_ends_one_delivery_only(acme):
    async with receiving(status=500, headers={"Webhook-Delivery": "abort-message"}) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        assert await work_once(endpoint) == [DeliveryState.CANCELED]
    assert (await endpoint_row(endpoint)).status == "enabled"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), (" 7 ", 7), ("999999999999", 86_400), ("-5", 0), ("soon", 0), ("", 0), ("1e9", 0), ("٣", 0)],
)
def test_retry_after_is_read_in_seconds_and_clamped(value, seconds):
    assert delivery_attempts.retry_after({"Retry-After": value}) == timedelta(seconds=seconds)


def test_retry_after_is_read_as_a_date():
    later = delivery_attempts.retry_after({"retry-after": http_date(timedelta(minutes=10))})
    assert timedelta(minutes=9, seconds=57) < later <= timedelta(minutes=10)
    assert delivery_attempts.retry_after({"retry-after": http_date(timedelta(minutes=-10))}) == timedelta()
    assert delivery_attempts.retry_after({"retry-after": http_date(timedelta(days=30))}) == timedelta(days=1)


@pytest.mark.parametrize(
    "value",
    ["Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 2024 00:00:00 +9999999999"],
)
def test_a_date_of_another_world_is_no_wish(value):
    assert timedelta() <= delivery_attempts.retry_after({"retry-after": value}) <= timedelta(days=1)


def http_date(ahead: timedelta) -> str:
    return format_datetime(datetime.now(UTC) + ahead, usegmt=True)


async def test_retry_after_delays_the_delivery_and_the_endpoint(acme):
    async with receiving(status=429, headers={"Retry-After": "120"}) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        await work_once(endpoint)
        [row] = await deliveries_of(endpoint)
        assert timedelta(seconds=118) < row.next_attempt_at - now() <= timedelta(seconds=120)
        assert (await endpoint_row(endpoint)).paused_until > now() + timedelta(seconds=110)
        await emit(acme)
        assert await work_once(endpoint) == []


async def test_redirects_are_not_followed(acme):
    async with receiving() as inner, receiving(status=302) as receiver:
        receiver.headers = {"Location": inner.url}
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        assert await work_once(endpoint) == [DeliveryState.PENDING]
        assert inner.got == []
    [row] = await deliveries_of(endpoint)
    assert row.last_status == 302


async def test_nobody_listening_is_a_failure_with_a_name(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await emit(acme)
    assert await work_once(endpoint) == [DeliveryState.PENDING]
    [row] = await deliveries_of(endpoint)
    assert (row.last_status, row.last_error) == (None, "connect")


async def test_a_slow_answer_is_a_timeout_that_slows_the_endpoint(acme):
    async with receiving(delay=5) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        assert await work_once(endpoint, deadline_s=0.3) == [DeliveryState.PENDING]
    [row] = await deliveries_of(endpoint)
    assert row.last_error == "timeout"
    assert (await endpoint_row(endpoint)).paused_until > now()


async def test_five_days_of_failures_switch_the_endpoint_off(acme):
    async with receiving(status=500) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        async with transaction(EVERYONE) as session:
            since = now() - timedelta(days=5, minutes=1)
            await session.execute(
                update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).values(failing_since=since)
            )
        await work_once(endpoint)
    row = await endpoint_row(endpoint)
    assert (row.status, row.disabled_reason) == ("disabled", "It only failed for 5 days.")


async def test_an_attempt_keeps_what_was_sent_and_what_came_back(acme):
    async with receiving(status=500) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        await work_once(endpoint)
    [delivery] = await deliveries_of(endpoint)
    [attempt] = await attempts_of(delivery)
    assert (attempt.status, attempt.response_excerpt) == (500, "said the receiver")
    assert attempt.request_headers["webhook-id"] == receiver.got[0].headers["webhook-id"]
    assert attempt.request_headers["webhook-signature"] == receiver.got[0].headers["webhook-signature"]
    assert attempt.response_headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("box", [b"nonsense", boxes.head_of(900) + b"\x01" + bytes(60)])
async def test_a_secret_that_cannot_be_opened_stops_nobody_else(acme, rival, box):
    async with receiving() as receiver:
        broken, _ = await endpoint_of(acme, receiver.url)
        sound, _ = await endpoint_of(rival, receiver.url)
        async with transaction(EVERYONE) as session:
            await session.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == broken.id).values(secret_box=box))
        await emit(acme)
        await emit(rival)
        await work_once(broken, sound)
    assert (await states(broken), await states(sound)) == (["pending"], ["delivered"])
    assert (await deliveries_of(broken))[0].last_error == "secret_unreadable"
    assert len(receiver.got) == 1
