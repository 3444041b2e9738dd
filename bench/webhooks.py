"""Webhooks: what a log, leases, signatures, order of fairness and health cost above a bare loop of posts."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import httpx2
import psutil
from sqlalchemy import text

from backoffice import clock, db
from backoffice.adapters import live
from backoffice.adapters.embedded import Servers
from backoffice.models.base import new_id
from backoffice.models.partners import Plan
from backoffice.services import delivery_claims, events, partners, webhook_endpoints
from backoffice.services.access import Actor
from backoffice.services.events import Subject, Told
from bench.serving import ROOT, free_port, with_servers

TITLE = "Webhook deliveries"
TARGET = "Wanted: at least 0.5 of the bare loop's rate."
LEFT = (
    "the lease and the log. A delivery's row is updated twice and its attempt inserted, each with all indexes: that "
    "costs the database nearly what signing and posting cost the sender, and both share two cores with the receiver. "
    "What an endpoint's eight at once wait for is, most of the time, their results being written."
)

PARTNERS, ENDPOINTS = 2, 20
DELIVERIES = 4_000
"""A side and a round, owed to so many endpoints of each partner."""
AT_ONCE = PARTNERS * ENDPOINTS * 8
ROUNDS = 5
PER_MINUTE = 1_000
LOAD_SECONDS = 30
SECONDS = 240
EVERYONE = db.Tenancy.everyone()
FILL = text("""
with told as (
    insert into events (id, created_at, partner_id, livemode, type, subject_type, subject_id, sequence, data,
        request_id)
    select gen_random_uuid(), now(), :partner, true, 'document.approved', 'document', gen_random_uuid(), 1,
        cast(:data as jsonb), 'req_bench'
    from generate_series(1, :many) returning id
)
insert into deliveries (id, created_at, partner_id, endpoint_id, event_id, state, attempts, next_attempt_at, last_error)
select uuidv7(), now(), :partner, e.id, told.id, 'pending', 0, now(), ''
from told cross join webhook_endpoints e where e.partner_id = :partner
""")
DATA = {
    "object": {
        "id": "doc_0" * 6,
        "object": "document",
        "external_id": "bench",
        "type": "passport",
        "status": "approved",
        "version": 4,
        "attempt": 1,
        "decision": {"outcome": "approved", "reasons": []},
    },
    "previous": {"status": "in_review"},
}


@dataclass(frozen=True)
class Turn:
    """What one side did in its turn, as the receiver saw it."""

    rate: float
    cpu_ms: float
    """Processor time of the sender for one delivery."""


@dataclass(frozen=True)
class Bench:
    """Who sends, and to where."""

    partners: list[UUID]
    endpoints: list[UUID]
    """Of the first partner."""
    url: str
    worker: psutil.Process
    browser: httpx2.AsyncClient
    folder: Path


async def seen(bench: Bench, count: int) -> float:
    """Wait until the receiver has got so many; answer the seconds between the first and the last."""
    while True:
        told = (await bench.browser.get(bench.url)).json()
        if told["count"] >= count:
            return told["seconds"]
        await asyncio.sleep(0.1)


def used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def product_turn(bench: Bench) -> Turn:
    """Owe a backlog while the endpoints are paused, then let it go."""
    await pause(bench, is_paused=True)
    async with db.transaction(EVERYONE) as session:
        many = DELIVERIES // (PARTNERS * ENDPOINTS)
        for partner in bench.partners:
            await session.execute(FILL, {"partner": partner, "data": json.dumps(DATA), "many": many})
    await bench.browser.get(f"{bench.url}/reset")
    before = used(bench.worker)
    await pause(bench, is_paused=False)
    await live.publish("deliveries:due")
    seconds = await seen(bench, DELIVERIES)
    await until_settled()
    return Turn((DELIVERIES - 1) / seconds, (used(bench.worker) - before) / DELIVERIES * 1000)


async def pause(bench: Bench, *, is_paused: bool) -> None:
    async with db.transaction(EVERYONE) as session:
        statement = text("update webhook_endpoints set is_paused = :is_paused where partner_id = any (:partners)")
        await session.execute(statement, {"is_paused": is_paused, "partners": bench.partners})


async def until_settled() -> None:
    statement = text("select count(*) from deliveries where state = 'pending'")
    while True:
        async with db.transaction(EVERYONE) as session:
            if not (await session.execute(statement)).scalar_one():
                return
        await asyncio.sleep(0.05)


async def bare_turn(bench: Bench) -> Turn:
    """Post as many of the same bodies with as many at once."""
    await bench.browser.get(f"{bench.url}/reset")
    line = [sys.executable, "-m", "bench.sending", "bare", f"{bench.url}/hook", str(bench.folder / "bodies.json")]
    process = psutil.Popen([*line, str(AT_ONCE)], cwd=ROOT)
    began = used(process)
    seconds = await seen(bench, DELIVERIES)
    spent = used(process) - began
    process.wait(30)
    return Turn((DELIVERIES - 1) / seconds, spent / DELIVERIES * 1000)


def write_bodies(bench: Bench) -> None:
    """Write down the bodies that the product sends, for the bare loop."""
    told = Told(new_id(), clock.wall(), True, "document.approved", "document", new_id(), 1, DATA, "req_bench")
    body = delivery_claims.body(told).decode()
    (bench.folder / "bodies.json").write_text(json.dumps([body] * DELIVERIES))


async def under_load(bench: Bench) -> list[float]:
    """Tell an event every 60 ms, each to one endpoint; answer milliseconds from each commit to its first attempt."""
    committed: dict[UUID, float] = {}
    actor = Actor.system(bench.partners[0])
    began = time.monotonic()
    for number in range(PER_MINUTE * LOAD_SECONDS // 60):
        await asyncio.sleep(max(0.0, began + number * 60 / PER_MINUTE - time.monotonic()))
        subject = Subject("document", new_id(), bench.partners[0], True, DATA["object"])
        async with db.transaction(actor.tenancy) as session:
            only = bench.endpoints[number % ENDPOINTS]
            event = await events.emit(session, actor, "document.approved", subject, only=only)
        committed[event.id] = time.time()
    await until_settled()
    async with db.transaction(EVERYONE) as session:
        statement = text(
            "select d.event_id, extract(epoch from a.created_at)::float from attempts a "
            "join deliveries d on d.id = a.delivery_id where d.event_id = any (:ids) and a.number = 1"
        )
        rows = await session.execute(statement, {"ids": list(committed)})
        return [(tried - committed[event_id]) * 1000 for event_id, tried in rows]


@asynccontextmanager
async def prepared(folder: Path) -> AsyncIterator[Bench]:
    """Make a partner with its endpoints, start the receiver and the sender."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    owners = [await make_partner(number, url) for number in range(PARTNERS)]
    try:
        with (
            running("bench.receiver", str(port)),
            running("bench.sending", "product", log=folder / "worker.log") as worker,
        ):
            async with httpx2.AsyncClient(timeout=5) as browser:
                bench = Bench([owner for owner, _ in owners], owners[0][1], url, worker, browser, folder)
                await until_up(browser, url)
                write_bodies(bench)
                yield bench
    finally:
        await live.close()
        await db.close()


async def make_partner(number: int, url: str) -> tuple[UUID, list[UUID]]:
    async with db.transaction(EVERYONE) as session:
        name = f"bench-{number}"
        partner = await partners.create(session, Actor.system(), name=name, slug=name, plan=Plan.ENTERPRISE)
    actor = Actor.system(partner.id)
    async with db.transaction(actor.tenancy) as session:
        made = [
            await webhook_endpoints.create(session, actor, url=f"{url}/hook", livemode=True) for _ in range(ENDPOINTS)
        ]
    return partner.id, [endpoint.id for endpoint, _ in made]


@contextmanager
def running(*line: str, log: Path | None = None) -> Iterator[psutil.Process]:
    """Run a module of ours beside the measuring, and end it whatever happens."""
    with log.open("wb") if log else nullcontext() as errors:
        process = psutil.Popen([sys.executable, "-m", *line], cwd=ROOT, stderr=errors)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def until_up(browser: httpx2.AsyncClient, url: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await browser.get(url)
            except httpx2.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


async def measure(folder: Path) -> tuple[list[Turn], list[Turn], list[float]]:
    async with prepared(folder) as bench, asyncio.timeout(SECONDS):
        await product_turn(bench)
        turns = [(await product_turn(bench), await bare_turn(bench)) for _ in range(ROUNDS)]
        return [one for one, _ in turns], [two for _, two in turns], await under_load(bench)


def line(name: str, turns: list[Turn]) -> str:
    rate, cpu = median(one.rate for one in turns), median(one.cpu_ms for one in turns)
    return f"{name:<8}{rate:8.0f} deliveries/s   CPU of the sender {cpu:6.3f} ms each"


def report(_servers: Servers, folder: Path) -> int:
    ours, bare, delays = asyncio.run(measure(folder))
    ratios = sorted(one.rate / two.rate for one, two in zip(ours, bare, strict=True))
    cuts = quantiles(delays, n=20)
    print(f"Webhooks: {ROUNDS} rounds of {DELIVERIES} to {PARTNERS * ENDPOINTS} endpoints, one worker; medians")
    print(line("product", ours))
    print(line("bare", bare))
    print(f"ratio   {median(ratios):8.3f} of the bare loop's rate ({ratios[0]:.3f} to {ratios[-1]:.3f})")
    print(
        f"commit to first attempt at {PER_MINUTE} events a minute for {LOAD_SECONDS} s: "
        f"p50 {cuts[9]:.1f} ms, p95 {cuts[18]:.1f} ms, worst {max(delays):.1f} ms"
    )
    return 0


def main() -> int:
    return with_servers(report)


if __name__ == "__main__":
    raise SystemExit(main())
