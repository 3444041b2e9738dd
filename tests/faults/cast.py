"""What the fault tests share: worker processes, a story that is told, and what has to be true of it afterwards."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from backoffice.adapters import live
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.webhooks import Delivery
from tests.faults.receiver import Faulty
from tests.services.webhook_cast import advance, attempts_of, deliveries_of, emit, endpoint_of, set_endpoint

ROOT = Path(__file__).parents[2]
DEADLINE = 1.0
SUBJECTS, EACH = 3, 3


@contextmanager
def sender(log: Path, *arguments: str):
    """Run a worker process that sends webhooks."""
    line = [sys.executable, "-m", "tests.faults.sender", str(DEADLINE), *arguments]
    with log.open("ab") as out:
        process = subprocess.Popen(line, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.05)


async def until_states(endpoint, *states: str) -> list[Delivery]:
    """Wait until every delivery is in one of these states."""

    async def are_there() -> bool:
        return {row.state for row in await deliveries_of(endpoint)} <= set(states)

    await until(are_there)
    return await deliveries_of(endpoint)


async def until_tried(endpoint, times: int, many: int = 1) -> list[Delivery]:
    """Wait until so many deliveries were tried so often in vain."""

    async def were_tried() -> bool:
        return sum(row.attempts >= times for row in await deliveries_of(endpoint)) >= many

    await until(were_tried)
    return await deliveries_of(endpoint)


async def pass_time(cast, endpoint, by: timedelta) -> None:
    """Move the partner's clock, and end what protects a receiver in real time."""
    await advance(cast, by)
    await set_endpoint(endpoint, paused_until=None)
    await live.publish("deliveries:due")


async def in_order(cast, url: str):
    endpoint, _ = await endpoint_of(cast, url, livemode=False, fifo=True)
    return endpoint


async def story(cast) -> set[str]:
    """Tell some events about several subjects, mixed; answer the ids under which they have to arrive."""
    subjects, told = [new_id() for _ in range(SUBJECTS)], set()
    for _ in range(EACH):
        for subject_id in subjects:
            event = await emit(cast, subject_id=subject_id, livemode=False)
            told.add(public_id(Prefix.EVENT, event.id))
    return told


def assert_told(receiver: Faulty, told: set[str]) -> None:
    """Nothing was lost, ids are the events', and each subject's story came in its order."""
    assert {webhook_id for webhook_id, _ in receiver.taken} == told
    assert list(receiver.sequences().values()) == [list(range(1, EACH + 1))] * SUBJECTS


async def logged(endpoint) -> Counter:
    """Count what the log says of every try."""
    rows = [attempt for row in await deliveries_of(endpoint) for attempt in await attempts_of(row)]
    for row in await deliveries_of(endpoint):
        assert [attempt.number for attempt in await attempts_of(row)] == list(range(1, row.attempts + 1))
    return Counter(str(attempt.status or attempt.error) for attempt in rows)
