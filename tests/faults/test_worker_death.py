"""A worker that dies, or whose name server lies, at the worst moment: real processes, killed with -9."""

import os
import signal

import pytest
from sqlalchemy import select

from backoffice.db import transaction
from backoffice.models.base import new_id
from backoffice.models.webhooks import Delivery
from tests.faults.cast import in_order, logged, sender, until, until_states, until_tried
from tests.faults.receiver import faulty
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import (
    EVERYONE,
    attempts_of,
    deliveries_of,
    emit,
    quiet,
    until_one_waits_for_a_lock,
)

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def test_a_name_that_turns_inside_after_the_check_reaches_nothing(acme, tmp_path):
    async with faulty() as inside:
        url = f"https://hooks.example.com:{inside.port}/hook"
        endpoint = await in_order(acme, url)
        with sender(tmp_path / "turned.log", "127.0.0.1"):
            await emit(acme, livemode=False)
            [delivery] = await until_tried(endpoint, 1)
            await quiet(acme)
        [attempt] = await attempts_of(delivery)
    assert inside.requests == []
    assert (attempt.error, attempt.address, attempt.status) == ("address_refused", "127.0.0.1", None)
    assert delivery.state == "pending"


async def test_a_worker_killed_between_the_answer_and_its_commit_loses_nothing(acme, tmp_path):
    """The row is locked while the receiver holds its answer, so the worker dies in the middle of writing it down."""
    async with faulty("hold") as receiver:
        endpoint = await in_order(acme, receiver.url)
        subject_id = new_id()
        for _ in range(2):
            await emit(acme, subject_id=subject_id, livemode=False)
        with sender(tmp_path / "killed.log") as first:

            async def has_come() -> bool:
                return len(receiver.requests) == 1

            await until(has_come)
            head = (await deliveries_of(endpoint))[0]
            async with transaction(EVERYONE) as session:
                await session.execute(select(Delivery).where(Delivery.id == head.id).with_for_update())
                receiver.go_on.set()
                await until_one_waits_for_a_lock()
                assert len(receiver.taken) == 1
                os.kill(first.pid, signal.SIGKILL)
                first.wait(10)
        head = (await deliveries_of(endpoint))[0]
        assert (head.state, head.attempts) == ("pending", 0)
        with sender(tmp_path / "second.log"):
            await until_states(endpoint, "delivered")
    ids = [webhook_id for webhook_id, _ in receiver.taken]
    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]
    assert [event["sequence"] for _, event in receiver.taken] == [1, 1, 2]
    assert await logged(endpoint) == {"200": 2}
