"""Who sends what, and when: leases, fair turns, order per subject, resending and recovery."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.webhooks import Delivery, DeliveryState
from backoffice.services import (
    deliveries,
    delivery_attempts,
    delivery_claims,
    delivery_sql,
    webhook_endpoints,
)
from tests.services.delivery_cast import NOWHERE, states
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import (
    EVERYONE,
    WORKER,
    attempts_of,
    claim_for,
    deliveries_of,
    emit,
    end_leases,
    endpoint_of,
    quiet,
    receiving,
    settle,
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
