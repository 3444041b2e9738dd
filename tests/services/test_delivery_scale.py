"""A backlog of 100,000, or a thousand endpoints, cost nobody else anything: by order, by pages read and by time."""

import json
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import create_async_engine

from backoffice.clock import wall
from backoffice.db import execute, transaction
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import delivery_claims, delivery_metrics, delivery_sql
from tests.services.review_cast import Cast, make_cast
from tests.services.webhook_cast import (
    EVERYONE,
    OWE_MANY,
    WORKER,
    emit,
    endpoint_of,
    owed,
    quiet,
    set_endpoint,
)

pytestmark = pytest.mark.slow
NOWHERE = "http://127.0.0.1:9/hook"
BACKLOG = 100_000
PAGES = 400
"""Of 8 kB, that a claim may touch beyond what it did before; the backlog's index alone has a thousand."""
MANY = 1_000
COPY = text("""
insert into webhook_endpoints (id, created_at, partner_id, livemode, url, description, event_types, fifo, status,
    disabled_reason, secret_box, version, secret_changed_at)
select uuidv7(), now(), partner_id, livemode, url, '', '{}', false, 'enabled', '', secret_box, 1, now()
from webhook_endpoints cross join generate_series(1, :many) where id = :endpoint
""")


@dataclass
class Flood:
    """One partner with a long backlog, and how a claim went before it was there."""

    cast: Cast
    endpoint: WebhookEndpoint
    seconds_before: float
    pages_before: int
    """What else this database owes, to endpoints of other tests, is looked up too."""


SETTLE = text("update deliveries set state = 'canceled' where state = 'pending'")
FORGET = text("delete from deliveries where partner_id = :partner and attempts = 0")


async def in_bulk(url: str, statement: TextClause, arguments: dict[str, object]) -> None:
    """Write as the cluster's superuser, who need not check the references of each row."""
    engine = create_async_engine(url.replace("backoffice_owner", "postgres"))
    async with engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(statement, arguments)
    await engine.dispose()


async def tidy(url: str) -> None:
    """Do at once what autovacuum does in its own time: rows that are gone are in the way of indexes until then."""
    engine = create_async_engine(url.replace("backoffice_owner", "postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("vacuum analyze deliveries"))
        await connection.execute(text("vacuum analyze webhook_endpoints"))
    await engine.dispose()


@pytest.fixture(scope="module")
async def flood(database):
    await in_bulk(database.owner_url, SETTLE, {})  # what earlier tests left unsent
    await tidy(database.owner_url)
    cast, bystander = await make_cast(), await make_cast()
    endpoint, _ = await endpoint_of(cast, NOWHERE)
    await endpoint_of(bystander, NOWHERE)
    await emit(bystander)
    before = await fastest(), await pages_read(delivery_sql.OPEN, open_arguments())
    await quiet(bystander)
    await in_bulk(database.owner_url, OWE_MANY, owed(cast, endpoint, BACKLOG, each=500))
    await tidy(database.owner_url)
    yield Flood(cast, endpoint, *before)
    await quiet(cast)
    await in_bulk(database.owner_url, FORGET, {"partner": cast.partner.id})


@pytest.fixture
async def rival(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)
    await in_bulk(database.owner_url, FORGET, {"partner": cast.partner.id})


async def claims(wanted: int):
    """Claim and put it all back."""
    async with transaction(WORKER.tenancy) as session:
        taken = await delivery_claims.claim(session, WORKER, wanted)
        await session.rollback()
    return taken.claims


async def fastest(tries: int = 12) -> float:
    """Measure the best of several claims: what else the machine does makes some slower and none faster."""
    times = []
    for _ in range(tries):
        began = time.perf_counter()
        await claims(64)
        times.append(time.perf_counter() - began)
    return min(times)


async def pages_read(sql: str, arguments: dict[str, object]) -> int:
    """Ask PostgreSQL how many pages a query touched; undo what it did."""
    async with transaction(WORKER.tenancy) as session:
        [[plan]] = await execute(session, f"explain (analyze, buffers, format json) {sql}", arguments)
        await session.rollback()
    root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return root["Shared Hit Blocks"] + root["Shared Read Blocks"]


def open_arguments(wanted: int = 64) -> dict[str, object]:
    return {**delivery_sql.NUMBERS, "wanted": wanted}


def take_arguments(endpoint: WebhookEndpoint, *, in_order: bool) -> dict[str, object]:
    mine = {"ids": [endpoint.id], "rooms": [8], "turns": [0], "fifo": [in_order], "fails": [False]}
    return {**open_arguments(), **mine, "ahead": [timedelta()], "lease": timedelta(seconds=18)}


async def test_a_dead_endpoints_backlog_does_not_delay_another(flood, rival):
    other, _ = await endpoint_of(rival, NOWHERE)
    await emit(rival)
    for failing_since in (None, wall()):
        await set_endpoint(flood.endpoint, failing_since=failing_since)
        two = [claim.door.endpoint_id for claim in await claims(2)]
        assert sorted(two) == sorted([other.id, flood.endpoint.id])
    [first] = await claims(1)
    assert first.door.endpoint_id == other.id
    await set_endpoint(flood.endpoint, failing_since=None)


async def test_a_claim_does_not_read_the_backlog(flood, rival):
    await endpoint_of(rival, NOWHERE)
    await emit(rival)
    assert await pages_read(delivery_sql.OPEN, open_arguments()) < flood.pages_before + PAGES
    assert await pages_read(delivery_sql.TAKE, take_arguments(flood.endpoint, in_order=False)) < PAGES


async def test_a_claim_in_order_does_not_read_the_backlog(flood):
    held = text("""
        update deliveries d set next_attempt_at = now() + interval '5 hours' from events e
        where e.id = d.event_id and e.sequence = 1 and d.endpoint_id = :endpoint""")
    async with transaction(WORKER.tenancy) as session:
        await session.execute(held, {"endpoint": flood.endpoint.id})
        plan = f"explain (analyze, buffers, format json) {delivery_sql.TAKE}"
        [[told]] = await execute(session, plan, take_arguments(flood.endpoint, in_order=True))
        parking = {**open_arguments(), "ids": [flood.endpoint.id], "ahead": [timedelta()]}
        parked = await execute(session, delivery_sql.PARK, parking)
        await session.rollback()
    root = told[0]["Plan"]
    assert root["Actual Rows"] == 0
    assert root["Shared Hit Blocks"] + root["Shared Read Blocks"] < 20 * delivery_sql.WINDOW
    assert len(parked) == delivery_sql.PARKED_AT_ONCE


async def test_a_claim_takes_as_long_as_without_the_backlog(flood, rival):
    await endpoint_of(rival, NOWHERE)
    await emit(rival)
    assert await fastest() < 3 * flood.seconds_before + 0.01


async def test_the_numbers_for_prometheus_are_bounded_too(flood):
    began = time.perf_counter()
    async with transaction(WORKER.tenancy) as session:
        standing = await delivery_metrics.standing(session)
    assert time.perf_counter() - began < 2
    assert standing.due >= min(BACKLOG, delivery_metrics.MOST) - 1
    assert standing.lag_seconds >= 3_600


async def test_a_thousand_endpoints_cost_what_they_are_owed(flood, rival):
    one, _ = await endpoint_of(rival, NOWHERE)
    async with transaction(EVERYONE) as session:
        await session.execute(COPY, {"many": MANY, "endpoint": one.id})
    assert await pages_read(delivery_sql.OPEN, open_arguments()) < flood.pages_before + PAGES
    await emit(rival)
    assert await pages_read(delivery_sql.OPEN, open_arguments()) < flood.pages_before + 25 * MANY
    taken = await claims(64)
    assert len({claim.door.endpoint_id for claim in taken}) == 64
