"""In order: per subject, for as long as our patience lasts, and without a long queue costing anybody time."""

import asyncio
import json

import pytest
from sqlalchemy import update

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.models.webhooks import Delivery, DeliveryState
from backoffice.services import (
    deliveries,
    delivery_attempts,
    delivery_claims,
    delivery_results,
    delivery_sql,
    webhook_endpoints,
)
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import (
    EVERYONE,
    WORKER,
    answered,
    claim_for,
    deliveries_of,
    due_now,
    emit,
    endpoint_of,
    quiet,
    set_endpoint,
    settle,
    until_one_waits_for_a_lock,
)

NOWHERE = "http://127.0.0.1:9/hook"
LONG = delivery_sql.WINDOW + 8


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


@pytest.fixture
async def ordered(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE, fifo=True)
    return endpoint


async def set_deliveries(*ids, **values) -> None:
    async with transaction(EVERYONE) as session:
        await session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(**values))


def sequence(claim) -> int:
    return json.loads(claim.message.body)["sequence"]


async def parked(endpoint) -> list[Delivery]:
    return [row for row in await deliveries_of(endpoint) if row.state == "pending" and row.next_attempt_at is None]


def test_the_numbers_of_queries_and_schedule_are_the_same():
    assert len(delivery_attempts.SCHEDULE) == delivery_sql.TRIES
    assert 0 < delivery_sql.PATIENCE < delivery_sql.TRIES


async def test_a_message_that_always_fails_holds_back_its_subject_until_our_patience_ends(acme, ordered):
    subject = new_id()
    for _ in range(2):
        await emit(acme, subject_id=subject)
    head, follower = await deliveries_of(ordered)
    for number in range(1, delivery_sql.PATIENCE + 1):
        [claim] = await claim_for(ordered)
        assert (claim.delivery_id, claim.number) == (head.id, number)
        await settle(answered(claim, 500))
        await due_now(head.id)
    await set_deliveries(head.id, next_attempt_at=None)  # its next try is hours away
    [claim] = await claim_for(ordered)
    assert claim.delivery_id == follower.id


async def test_what_was_given_up_and_is_sent_again_is_in_order_too(acme, ordered):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    subject, start = new_id(), now()
    for _ in range(3):
        await emit(acme, subject_id=subject)
    rows = await deliveries_of(ordered)
    await set_deliveries(*[row.id for row in rows], state="exhausted", attempts=10)
    async with transaction(actor.tenancy) as session:
        assert (await deliveries.recover(session, actor, ordered.id, start)).retried == 3
    seen = []
    for _ in range(3):
        [claim] = await claim_for(ordered)
        seen.append(sequence(claim))
        await settle(answered(claim, 200))
    assert seen == [1, 2, 3]


@pytest.fixture
async def queue(acme, ordered):
    """A subject whose first message failed and waits, with many behind it."""
    subject = new_id()
    await emit(acme, subject_id=subject)
    [claim] = await claim_for(ordered)
    await settle(answered(claim, 500))
    for _ in range(LONG):
        await emit(acme, subject_id=subject)
    return claim.delivery_id


async def test_a_long_queue_behind_one_message_is_parked_and_its_endpoint_goes_on(acme, ordered, queue):
    other = await emit(acme)
    assert await claim_for(ordered) == []
    assert len(await parked(ordered)) == LONG
    [claim] = await claim_for(ordered)
    assert claim.message.event_id == other.id


async def test_what_was_parked_goes_on_in_order(acme, ordered, queue):
    await claim_for(ordered)
    await due_now(queue)
    seen = []
    for _ in range(LONG + 1):
        [claim] = await claim_for(ordered)
        seen.append(sequence(claim))
        await settle(answered(claim, 200))
    assert seen == list(range(1, LONG + 2))
    assert {row.state for row in await deliveries_of(ordered)} == {"delivered"}


async def test_parked_messages_go_on_when_our_patience_with_the_first_ends(acme, ordered, queue):
    await claim_for(ordered)
    await set_deliveries(queue, attempts=delivery_sql.PATIENCE - 1, next_attempt_at=now())
    [claim] = await claim_for(ordered)
    await settle(answered(claim, 500))
    [claim] = await claim_for(ordered)
    assert sequence(claim) == 2


async def test_the_dispatchers_next_look_comes_at_once_while_there_is_something_to_park(acme, ordered, queue):
    async with transaction(WORKER.tenancy) as session:
        taken = await delivery_claims.claim(session, WORKER, 500)
    assert taken.rest is not None
    assert not taken.rest
    async with transaction(WORKER.tenancy) as session:
        taken = await delivery_claims.claim(session, WORKER, 500)
    assert taken.rest is None


async def test_a_short_queue_is_not_parked(acme, ordered):
    subject = new_id()
    for _ in range(3):
        await emit(acme, subject_id=subject)
    assert len(await claim_for(ordered)) == 1
    assert await claim_for(ordered) == []
    assert await parked(ordered) == []


async def test_without_order_what_was_parked_goes_at_once(acme, ordered, queue):
    actor = await member(acme, Role.PARTNER_DEVELOPER)
    await claim_for(ordered)
    assert len(await parked(ordered)) == LONG
    async with transaction(actor.tenancy) as session:
        await webhook_endpoints.change(session, actor, ordered.id, version=1, fifo=False)
    assert await parked(ordered) == []
    [claim] = await claim_for(ordered)
    await settle(answered(claim, 200))
    assert len(await claim_for(ordered)) == delivery_sql.AT_ONCE


async def test_nothing_is_parked_behind_what_is_being_settled(acme, ordered, queue):
    """Else the one who settles would not see what to wake, and it would sleep for ever."""
    await due_now(queue)
    [claim] = await claim_for(ordered)
    await set_endpoint(ordered, failing_since=None)
    async with transaction(WORKER.tenancy) as session:
        await delivery_results.settle(session, WORKER, [answered(claim, 200)])
        async with asyncio.timeout(5):
            assert await claim_for(ordered) == []
        # What waits for the first message stays due; what waits for others that wait is parked.
        assert len(await parked(ordered)) == LONG - 1
    [claim] = await claim_for(ordered)
    assert sequence(claim) == 2


async def test_who_settles_waits_for_who_parks_and_wakes_what_was_parked(acme, ordered, queue):
    await due_now(queue)
    [head] = await claim_for(ordered)
    await set_endpoint(ordered, failing_since=None)
    async with transaction(WORKER.tenancy) as session:
        assert (await delivery_claims.claim(session, WORKER, 500)).rest is not None
        settling = asyncio.create_task(settle(answered(head, 200)))
        await until_one_waits_for_a_lock()
    assert await settling == [DeliveryState.DELIVERED]
    assert len(await parked(ordered)) == LONG - 1
    [claim] = await claim_for(ordered)
    assert sequence(claim) == 2
