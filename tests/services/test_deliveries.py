"""Deliveries: signed, fair, in order where asked, tried by the schedule, and told of in the log."""

import asyncio
import sys
from dataclasses import replace

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook, WebhookVerificationError

from backoffice.adapters import outbound
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.jobs.webhooks import Dispatcher
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.webhooks import DeliveryState, WebhookEndpoint
from backoffice.services import (
    deliveries,
    delivery_attempts,
    delivery_claims,
    delivery_sql,
    webhook_endpoints,
    webhook_secrets,
)
from tests.services.delivery_cast import NOWHERE, states
from tests.services.review_cast import make_cast, member, submitted
from tests.services.webhook_cast import (
    A_CLAIM,
    EVERYONE,
    claim_for,
    deliveries_of,
    due_now,
    emit,
    end_leases,
    endpoint_of,
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


@pytest.fixture
async def dispatcher(database):
    running = Dispatcher(poll_seconds=0.2)
    task = asyncio.create_task(running.run())
    yield running
    running.stop()
    await asyncio.wait_for(task, 20)


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
        try:
            await receiver.until(1, seconds=30)
        finally:
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
