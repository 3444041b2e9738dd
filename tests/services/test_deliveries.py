"""Deliveries: signed, fair, in order where asked, tried by the schedule, and told of in the log."""

import asyncio
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook, WebhookVerificationError

from backoffice.adapters import outbound
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs.webhooks import Dispatcher
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.webhooks import Delivery, DeliveryState, WebhookEndpoint
from backoffice.services import (
    deliveries,
    delivery_attempts,
    delivery_claims,
    delivery_sql,
    webhook_endpoints,
    webhook_secrets,
)
from tests.services.review_cast import make_cast, member, submitted
from tests.services.webhook_cast import (
    A_CLAIM,
    EVERYONE,
    WORKER,
    attempts_of,
    claim_for,
    deliveries_of,
    due_now,
    emit,
    end_leases,
    endpoint_of,
    endpoint_row,
    quiet,
    receiving,
    settle,
    work_once,
)

NOWHERE = "http://127.0.0.1:9/hook"


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


@pytest.fixture
async def dispatcher(database):
    running = Dispatcher(poll_seconds=0.2)
    task = asyncio.create_task(running.run())
    yield running
    running.stop()
    await asyncio.wait_for(task, 20)


def times(step: timedelta) -> tuple[timedelta, timedelta]:
    return step * 0.8, step * 1.2 + timedelta(seconds=2)


async def states(endpoint):
    return [row.state for row in await deliveries_of(endpoint)]


# Who may


READS = {
    "get": deliveries.get,
    "attempts": deliveries.attempts_of,
    "resend": deliveries.resend,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_another_partners_delivery_does_not_exist(acme, rival, read):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await emit(acme)
    [delivery] = await deliveries_of(endpoint)
    thief = await member(rival, Role.PARTNER_DEVELOPER)
    with pytest.raises(NotFound):
        async with transaction(thief.tenancy) as session:
            await read(session, thief, delivery.id)


async def test_another_partners_log_does_not_exist(acme, rival):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    event = await emit(acme)
    thief = await member(rival, Role.PARTNER_DEVELOPER)
    async with transaction(thief.tenancy) as session:
        assert await deliveries.of_subject(session, thief, event.subject_id) == []
        assert await deliveries.health(session, thief, [endpoint.id]) == {}
        with pytest.raises(NotFound):
            await deliveries.page(session, thief, endpoint.id)
        with pytest.raises(NotFound):
            await deliveries.recover(session, thief, endpoint.id, now())


async def test_the_log_needs_the_permission(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    event = await emit(acme)
    [delivery] = await deliveries_of(endpoint)
    analyst, auditor = await member(acme, Role.PARTNER_ANALYST), await member(acme, Role.AUDITOR)
    async with transaction(EVERYONE) as session:
        for call in (
            deliveries.page(session, analyst, endpoint.id),
            deliveries.get(session, analyst, delivery.id),
            deliveries.attempts_of(session, analyst, delivery.id),
            deliveries.of_subject(session, analyst, event.subject_id),
            deliveries.health(session, analyst, [endpoint.id]),
            deliveries.resend(session, auditor, delivery.id),
            deliveries.recover(session, auditor, endpoint.id, now()),
            delivery_claims.claim(session, analyst, 1),
        ):
            with pytest.raises(NotAllowed):
                await call


# What is sent


async def test_an_independent_library_verifies_what_arrives(acme):
    async with receiving() as receiver:
        endpoint, secret = await endpoint_of(acme, receiver.url)
        event = await emit(acme)
        assert await work_once(endpoint) == [DeliveryState.DELIVERED]
    [got] = receiver.got
    said = Webhook(secret).verify(got.body, got.headers)
    assert said["id"] == got.headers["webhook-id"] == public_id(Prefix.EVENT, event.id)
    assert (said["type"], said["sequence"], said["api_version"]) == ("document.approved", 1, "v1")
    assert got.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got.body + b" ", got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook_secrets.draw()).verify(got.body, got.headers)


async def test_a_receiver_with_either_secret_verifies_in_the_middle_of_a_rotation(acme):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with receiving() as receiver:
        endpoint, old = await endpoint_of(acme, receiver.url, event_types=["document.approved"])
        async with transaction(actor.tenancy) as session:
            _, new = await webhook_endpoints.rotate_secret(session, actor, endpoint.id)
        await emit(acme)
        await work_once(endpoint)
        async with transaction(EVERYONE) as session:
            await session.execute(
                update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).values(previous_secret_until=now())
            )
        await emit(acme)
        await work_once(endpoint)
    during, after = receiver.got
    assert during.headers["webhook-signature"].count("v1,") == 2
    Webhook(old).verify(during.body, during.headers)
    Webhook(new).verify(during.body, during.headers)
    Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)


async def test_every_try_sends_the_same_bytes_under_the_same_id(acme):
    async with receiving(status=500) as receiver:
        endpoint, secret = await endpoint_of(acme, receiver.url)
        await submitted(acme)
        await work_once(endpoint)
        rows = await deliveries_of(endpoint)
        await due_now(*[row.id for row in rows])
        # A failing endpoint is probed one delivery at a time.
        for _ in rows:
            await work_once(endpoint)
    tries = {}
    for got in receiver.got:
        Webhook(secret).verify(got.body, got.headers)
        tries.setdefault(got.headers["webhook-id"], []).append(got.body)
    assert len(tries) == len(rows)
    assert max(len(bodies) for bodies in tries.values()) >= 2
    assert all(len(set(bodies)) == 1 for bodies in tries.values())


async def test_no_personal_data_leaves_by_webhook(acme):
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await submitted(acme)
        await work_once(endpoint)
    assert receiver.got
    assert not [got for got in receiver.got if b"Okonkwo" in got.body or b"Amara" in got.body or b"1991" in got.body]


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


async def test_a_secret_that_cannot_be_opened_stops_nobody_else(acme, rival):
    async with receiving() as receiver:
        broken, _ = await endpoint_of(acme, receiver.url)
        sound, _ = await endpoint_of(rival, receiver.url)
        async with transaction(EVERYONE) as session:
            await session.execute(
                update(WebhookEndpoint).where(WebhookEndpoint.id == broken.id).values(secret_box=b"nonsense")
            )
        await emit(acme)
        await emit(rival)
        await work_once(broken, sound)
    assert (await states(broken), await states(sound)) == (["pending"], ["delivered"])
    assert (await deliveries_of(broken))[0].last_error == "secret_unreadable"
    assert len(receiver.got) == 1


# Leases, fences, fairness, order


async def test_a_lease_keeps_others_away_until_it_ends(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await emit(acme)
    [first] = await claim_for(endpoint)
    assert await claim_for(endpoint) == []
    await end_leases(endpoint)
    [second] = await claim_for(endpoint)
    assert (first.delivery_id, first.message) == (second.delivery_id, second.message)
    assert first.token != second.token
    assert timedelta(seconds=15) < delivery_claims.LEASE <= timedelta(seconds=20)


async def test_whoever_lost_the_lease_settles_nothing(acme):
    async with receiving(status=500) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        [late] = await claim_for(endpoint)
        await end_leases(endpoint)
        [current] = await claim_for(endpoint)
        tried_late, tried = await delivery_attempts.attempt(late), await delivery_attempts.attempt(current)
        assert await settle(tried_late) == [None]
        assert await settle(tried_late, tried) == [DeliveryState.PENDING, DeliveryState.PENDING]
        assert await settle(tried) == [None]
    [delivery] = await deliveries_of(endpoint)
    assert delivery.attempts == 1
    assert len(await attempts_of(delivery)) == 1


async def test_claims_at_the_same_moment_share_out_the_work(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    for _ in range(6):
        await emit(acme)
    shares = await asyncio.gather(*(claim_for(endpoint) for _ in range(5)))
    taken = [claim.delivery_id for share in shares for claim in share]
    assert len(taken) == len(set(taken)) == 6


async def test_a_long_backlog_delays_nobody_else(acme, rival):
    flooded, _ = await endpoint_of(acme, NOWHERE)
    other, _ = await endpoint_of(rival, NOWHERE)
    for _ in range(60):
        await emit(acme)
    await emit(rival)
    claims = await claim_for(flooded, other)
    by_endpoint = [claim.door.endpoint_id for claim in claims]
    assert by_endpoint.count(other.id) == 1
    assert by_endpoint.count(flooded.id) == delivery_sql.AT_ONCE


async def test_with_room_for_few_every_endpoint_gets_its_turn(acme, rival):
    flooded, _ = await endpoint_of(acme, NOWHERE)
    other, _ = await endpoint_of(rival, NOWHERE)
    for _ in range(20):
        await emit(acme)
    await emit(rival)
    async with transaction(WORKER.tenancy) as session:
        claims = (await delivery_claims.claim(session, WORKER, 2)).claims
    assert {claim.door.endpoint_id for claim in claims} == {flooded.id, other.id}


async def test_a_failing_endpoint_is_probed_by_one(acme):
    async with receiving(status=500) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        await work_once(endpoint)
        for _ in range(5):
            await emit(acme)
        assert len(await claim_for(endpoint)) == 1
        assert await claim_for(endpoint) == []


async def test_in_order_per_subject_where_the_endpoint_asks(acme):
    async with receiving() as receiver:
        ordered, _ = await endpoint_of(acme, receiver.url, fifo=True)
        first, second = new_id(), new_id()
        for _ in range(3):
            await emit(acme, subject_id=first)
        await emit(acme, subject_id=second)
        claims = await claim_for(ordered)
        assert sorted(json.loads(claim.message.body)["sequence"] for claim in claims) == [1, 1]
        assert await claim_for(ordered) == []
        for claim in claims:
            await settle(await delivery_attempts.attempt(claim))
        for _ in range(2):
            await work_once(ordered)
    sequences = [body["sequence"] for body in (json.loads(got.body) for got in receiver.got)
                 if body["subject"]["id"] == public_id(Prefix.DOCUMENT, first)]  # fmt: skip
    assert sequences == [1, 2, 3]


async def test_in_order_a_failed_delivery_holds_back_its_subject_only(acme):
    async with receiving(status=500) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url, fifo=True)
        held, free = new_id(), new_id()
        await emit(acme, subject_id=held)
        await work_once(endpoint)
        receiver.status = 200
        await emit(acme, subject_id=held)
        await emit(acme, subject_id=free)
        assert await work_once(endpoint) == [DeliveryState.DELIVERED]
        assert await work_once(endpoint) == []
    assert await states(endpoint) == ["pending", "pending", "delivered"]


async def test_unordered_endpoints_wait_for_nothing(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    subject = new_id()
    for _ in range(3):
        await emit(acme, subject_id=subject)
    assert len(await claim_for(endpoint)) == 3


# By hand


async def test_resend_tries_a_delivered_one_again(acme):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        await work_once(endpoint)
        [delivery] = await deliveries_of(endpoint)
        async with transaction(actor.tenancy) as session:
            await deliveries.resend(session, actor, delivery.id)
        assert await work_once(endpoint) == [DeliveryState.DELIVERED]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert [attempt.number for attempt in await attempts_of(delivery)] == [1, 2]


async def test_resend_ends_a_pause_and_needs_an_endpoint_that_is_on(acme):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with receiving(status=503) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        await work_once(endpoint)
        [delivery] = await deliveries_of(endpoint)
        async with transaction(actor.tenancy) as session:
            await deliveries.resend(session, actor, delivery.id)
        assert await work_once(endpoint) == [DeliveryState.PENDING]
        async with transaction(actor.tenancy) as session:
            await webhook_endpoints.disable(session, actor, endpoint.id)
        with pytest.raises(Conflict):
            async with transaction(actor.tenancy) as session:
                await deliveries.resend(session, actor, delivery.id)


async def test_recover_tries_everything_that_was_given_up(acme):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    start = now()
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        for _ in range(3):
            await emit(acme)
        async with transaction(EVERYONE) as session:
            await session.execute(
                update(Delivery).where(Delivery.endpoint_id == endpoint.id).values(state="exhausted", attempts=10)
            )
        async with transaction(actor.tenancy) as session:
            with pytest.raises(Invalid):
                await deliveries.recover(session, actor, endpoint.id, now() + timedelta(hours=1))
            assert (await deliveries.recover(session, actor, endpoint.id, start)).retried == 3
        await work_once(endpoint)
    assert await states(endpoint) == ["delivered"] * 3


async def test_the_log_is_newest_first_and_filtered(acme):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        event = await emit(acme)
        await work_once(endpoint)
        receiver.status = 500
        await emit(acme, type_="document.rejected")
        await work_once(endpoint)
        await emit(acme)
    async with transaction(actor.tenancy) as session:
        everything = (await deliveries.page(session, actor, endpoint.id)).rows
        failing = (await deliveries.page(session, actor, endpoint.id, is_failing=True)).rows
        delivered = (await deliveries.page(session, actor, endpoint.id, state=DeliveryState.DELIVERED)).rows
        typed = (await deliveries.page(session, actor, endpoint.id, event_type="document.rejected")).rows
        first = await deliveries.page(session, actor, endpoint.id, limit=2)
        rest = await deliveries.page(session, actor, endpoint.id, limit=2, cursor=first.next_cursor)
        told = await deliveries.of_subject(session, actor, event.subject_id)
        health = (await deliveries.health(session, actor, [endpoint.id]))[endpoint.id]
    assert [row.event.type for row in everything] == ["document.approved", "document.rejected", "document.approved"]
    assert [row.event.type for row in failing] == [row.event.type for row in typed] == ["document.rejected"]
    assert [row.event.id for row in delivered] == [row.event.id for row in told] == [event.id]
    assert [row.id for row in [*first.rows, *rest.rows]] == [row.id for row in everything]
    assert (health.delivered, health.failed, health.waiting, health.success) == (1, 1, 2, 0.5)


# The running dispatcher


async def test_the_dispatcher_wakes_on_news_and_delivers_once(acme, dispatcher):
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        for _ in range(20):
            await emit(acme)
        await receiver.until(20)
        await _until_settled(endpoint)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == len(receiver.got) == 20


async def test_two_dispatchers_do_not_deliver_twice(acme, dispatcher):
    second = Dispatcher(poll_seconds=0.2)
    task = asyncio.create_task(second.run())
    async with receiving(delay=0.02) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        for _ in range(30):
            await emit(acme)
        await receiver.until(30)
        await _until_settled(endpoint)
        second.stop()
        await task
    assert len({got.headers["webhook-id"] for got in receiver.got}) == len(receiver.got) == 30
    assert receiver.most_at_once <= 2 * delivery_sql.AT_ONCE


async def test_a_dead_endpoint_does_not_delay_another(acme, rival, dispatcher):
    async with receiving(delay=4) as dead, receiving() as good:
        slow, _ = await endpoint_of(acme, dead.url)
        quick, _ = await endpoint_of(rival, good.url)
        for _ in range(40):
            await emit(acme)
        await dead.until(1)
        for _ in range(5):
            await emit(rival)
        await good.until(5, seconds=3)
        await _until_settled(quick)
        assert dead.most_at_once <= delivery_sql.AT_ONCE
        await quiet(acme)
    assert await states(quick) == ["delivered"] * 5
    assert "delivered" not in await states(slow)


async def test_a_stopped_dispatcher_finishes_what_is_on_its_way(acme):
    running = Dispatcher(poll_seconds=0.1)
    task = asyncio.create_task(running.run())
    async with receiving(delay=0.5) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        await receiver.until(1)
        running.stop()
        await asyncio.wait_for(task, 5)
    assert await states(endpoint) == ["delivered"]


async def test_what_a_killed_worker_held_is_delivered_by_another(acme):
    """A real process, a real kill -9 while its message is on its way; only the lease's end is brought forward."""
    async with receiving(delay=30) as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        await emit(acme)
        program = "import asyncio; from backoffice.jobs.webhooks import Dispatcher; asyncio.run(Dispatcher().run())"
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
        await receiver.until(1)
        worker.kill()
        await worker.wait()
        assert await claim_for(endpoint) == []
        receiver.delay = 0
        await end_leases(endpoint)
        assert await work_once(endpoint) == [DeliveryState.DELIVERED]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    [delivery] = await deliveries_of(endpoint)
    assert delivery.attempts == 1


async def _until_settled(endpoint) -> None:
    async with asyncio.timeout(10):
        while set(await states(endpoint)) != {"delivered"}:
            await asyncio.sleep(0.05)


def test_a_claim_shows_no_secret_when_printed():
    claim = A_CLAIM
    assert "key" not in repr(claim).replace("keys", "")
    tried = delivery_attempts.Tried(claim, {}, outbound.Attempt(200, 5), now())
    assert not tried.is_gone
    assert replace(tried, answer=outbound.Attempt(410, 5)).is_gone
