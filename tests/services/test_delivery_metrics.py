"""Numbers of sending: what is late through us, what came of tries, how soon the first came; over all processes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from backoffice.adapters import live, tallies
from backoffice.clock import wall
from backoffice.db import transaction
from backoffice.jobs.webhooks import Dispatcher
from backoffice.services import delivery_metrics
from backoffice.services.delivery_metrics import BOUNDS
from backoffice.settings import settings
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import (
    A_CLAIM,
    EVERYONE,
    answered,
    claim_for,
    deliveries_of,
    emit,
    endpoint_of,
    quiet,
    receiving,
    set_endpoint,
)

NOWHERE = "http://127.0.0.1:9/hook"
HOUR = timedelta(hours=1)


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def standing():
    async with transaction(EVERYONE) as session:
        return await delivery_metrics.standing(session)


async def owed_since(cast, endpoint, age: timedelta) -> None:
    await emit(cast)
    async with transaction(EVERYONE) as session:
        late = text("update deliveries set next_attempt_at = now() - :age where endpoint_id = :id")
        await session.execute(late, {"age": age, "id": endpoint.id})


async def test_lag_is_what_we_owe_to_those_who_take_it(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    before = await standing()
    await owed_since(acme, endpoint, 500 * HOUR)
    late = await standing()
    assert 500 * 3_600 <= late.lag_seconds < 501 * 3_600
    assert (late.due, late.pending) == (before.due + 1, before.pending + 1)
    await set_endpoint(endpoint, failing_since=wall())
    failing = await standing()
    assert failing.failing_lag_seconds >= 500 * 3_600
    assert failing.lag_seconds < 500 * 3_600
    for held in ({"is_paused": True}, {"is_paused": False, "status": "disabled"}):
        await set_endpoint(endpoint, failing_since=None, **held)
        assert (await standing()).lag_seconds < 500 * 3_600


async def test_what_is_under_way_is_not_late(acme):
    endpoint, _ = await endpoint_of(acme, NOWHERE)
    await owed_since(acme, endpoint, 500 * HOUR)
    assert len(await claim_for(endpoint)) == 1
    now = await standing()
    assert now.under_way >= 1
    assert now.lag_seconds < 500 * 3_600


def test_tries_are_counted_by_few_words():
    slow = replace(A_CLAIM, number=2)
    tries = [
        answered(A_CLAIM),
        answered(slow, 503),
        answered(slow, 404),
        answered(slow, 302),
        answered(slow, None, "dns"),
    ]
    counted = delivery_metrics.counts([*tries, answered(A_CLAIM)])
    assert {name: many for name, many in counted.items() if name.startswith(delivery_metrics.ATTEMPTS)} == {
        "webhook_attempts:delivered": 2,
        "webhook_attempts:http_5xx": 1,
        "webhook_attempts:http_4xx": 1,
        "webhook_attempts:http_3xx": 1,
        "webhook_attempts:dns": 1,
    }


@pytest.mark.parametrize(("seconds", "place"), [(0.0, 0), (0.01, 0), (0.02, 1), (0.3, 5), (299, 12), (5_000, 13)])
def test_first_tries_are_counted_by_how_soon_they_came(seconds, place):
    tried = answered(replace(A_CLAIM, owed_at=wall()))
    tried = replace(tried, started_at=tried.claim.owed_at + timedelta(seconds=seconds))
    sent = delivery_metrics.sent(delivery_metrics.counts([tried]))
    assert [many for many in sent.first if many] == [1]
    assert sent.first[place] == 1
    assert sent.first_seconds == pytest.approx(seconds)


def test_what_somebody_else_delays_is_not_our_delay():
    late = replace(A_CLAIM, owed_at=wall() - HOUR)
    held = answered(replace(late, door=replace(late.door, is_steady=False)))
    again = answered(replace(late, number=2))
    assert sum(delivery_metrics.sent(delivery_metrics.counts([held, again])).first) == 0


async def read(url: str) -> dict[str, float]:
    async with httpx2.AsyncClient() as client:
        answer = await client.get(f"{url}/metrics")
    assert answer.status_code == 200
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_any_web_process_tells_what_all_workers_did(acme, web):
    before = await read(web.url)
    sender = Dispatcher(poll_seconds=0.2)
    running = asyncio.create_task(sender.run())
    async with receiving() as receiver:
        endpoint, _ = await endpoint_of(acme, receiver.url)
        for _ in range(5):
            await emit(acme)
        async with asyncio.timeout(15):
            while {row.state for row in await deliveries_of(endpoint)} != {"delivered"}:
                await asyncio.sleep(0.05)
        sender.stop()
        await running
    after = await read(web.url)
    name = "kyc_webhook_attempts_total[delivered]"
    assert after[name] - before.get(name, 0) >= 5
    first = "kyc_webhook_first_attempt_seconds"
    assert after[f"{first}_count"] - before[f"{first}_count"] >= 5
    buckets = [after[f"{first}_bucket[{bound}]"] for bound in (*BOUNDS, "+Inf")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == after[f"{first}_count"]
    assert after[f"{first}_sum"] > before[f"{first}_sum"]
    assert {"kyc_webhook_lag_seconds[healthy]", "kyc_webhook_lag_seconds[failing]"} <= set(after)
    assert {f"kyc_webhook_deliveries[{state}]" for state in ("due", "pending", "under_way")} <= set(after)
    assert {"kyc_jobs[waiting]", "kyc_jobs_lag_seconds"} <= set(after)


async def test_without_redis_nothing_is_counted_and_nobody_is_stopped(monkeypatch, database):
    monkeypatch.setenv("BACKOFFICE_REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear()
    await live.close()
    try:
        await tallies.add({"webhook_attempts:delivered": 1})
        with pytest.raises(live.Away):
            await tallies.read()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        await live.close()
