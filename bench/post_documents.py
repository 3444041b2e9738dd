"""`POST /documents`: what durability, admission, encryption, tenancy, events and audit cost above the bare writes."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles

import httpx2
import psycopg

from backoffice.adapters.embedded import Servers
from backoffice.specimens import person, render
from bench.serving import Cpu, Served, bare_app, count_rows, plain, whole_product, with_servers

TITLE = "`POST /documents`"
TARGET = "Wanted: at least 0.6 of the bare app's rate; not reached."
LEFT = (
    "processor time. The web worker spends about 13 ms on one document, spread flat over parsing the "
    "body, the key, the limit, fingerprints, sealing and nineteen rows with their events and audit "
    "entries; the limited child decodes every pixel for another 9 ms before anything is stored. The bare "
    "app does neither, so two cores are full at a quarter of its rate. Less would need rows written "
    "without the ORM, and a cheaper proof that a picture is whole."
)

REQUESTS = 50
"""A side and a round."""
WARM_UP = 40
ROUNDS = 5
CONCURRENCY = 8
SECONDS = 240
TABLES = (
    "applicants",
    "keystore.data_keys",
    "verifications",
    "documents",
    "files",
    "events",
    "event_counters",
    "audit_entries",
    "deliveries",
    "pgqueuer",
    "pgqueuer_log",
)


@dataclass(frozen=True)
class Round:
    """What one side did in its turn."""

    seconds: float
    times: list[float]
    cpu: Cpu

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds


def line(name: str, rounds: list[Round]) -> str:
    """Write one side's medians over the rounds; processor time is per request."""
    cuts = quantiles([each for one in rounds for each in one.times], n=20)
    web = median(one.cpu.web / len(one.times) for one in rounds)
    decoders = median(one.cpu.decoders / len(one.times) for one in rounds)
    return (
        f"{name:<8}{median(one.rate for one in rounds):7.1f} req/s   p50 {cuts[9] * 1000:6.1f} ms   "
        f"p95 {cuts[18] * 1000:6.1f} ms   CPU web {web * 1000:5.1f} ms, decoding {decoders * 1000:4.1f} ms a request"
    )


async def drive(browser: httpx2.AsyncClient, served: Served, path: str, picture: bytes, count: int) -> Round:
    """Send `count` documents, eight at a time."""
    url, numbers, times = f"{served.url}{path}", iter(range(count)), list[float]()
    before, began = served.cpu(), time.perf_counter()
    await asyncio.gather(*(_send(browser, url, picture, numbers, times) for _ in range(CONCURRENCY)))
    return Round(time.perf_counter() - began, times, served.cpu().since(before))


async def _send(
    browser: httpx2.AsyncClient, url: str, picture: bytes, numbers: Iterator[int], times: list[float]
) -> None:
    for number in numbers:
        data = {"applicant": json.dumps({"surname": "Specimen"}), "external_id": f"bench-{number}"}
        started = time.perf_counter()
        answer = await browser.post(url, files={"files": ("a.jpg", picture, "image/jpeg")}, data=data)
        times.append(time.perf_counter() - started)
        if answer.status_code != HTTPStatus.CREATED:
            raise SystemExit(f"{url} answered {answer.status_code}: {answer.text[:300]}")


def make_bench_table(servers: Servers) -> None:
    with psycopg.connect(plain(servers.database_owner_url), autocommit=True) as connection:
        connection.execute("create table bench_rows (id uuid, number int, body jsonb, primary key (id, number))")


async def make_key(slug: str = "bench") -> str:
    from backoffice import db
    from backoffice.models.partners import Plan
    from backoffice.services import api_keys, partners
    from backoffice.services.access import Actor
    from backoffice.services.permissions import SCOPES

    actor = Actor.system()
    async with db.transaction(actor.tenancy) as session:
        partner = await partners.create(session, actor, name="Bench", slug=slug, plan=Plan.ENTERPRISE)
        _, token = await api_keys.create(
            session, actor, name="Bench", livemode=True, scopes=SCOPES, partner_id=partner.id
        )
    await db.close()
    return token


async def measure(servers: Servers, folder: Path) -> tuple[list[Round], list[Round], int]:
    """Warm both up, then take turns, so that a busy moment of the machine hits both."""
    picture = render("passport", person(7), condition="clean")[0].data
    headers = {"Authorization": f"Bearer {await make_key()}"}
    before = count_rows(servers, TABLES)
    path, bare_path = "/api/v1/documents", "/documents"
    async with (
        whole_product(folder / "product.log") as ours,
        httpx2.AsyncClient(headers=headers, timeout=30) as browser,
    ):
        await drive(browser, ours, path, picture, WARM_UP)
        rows = round((count_rows(servers, TABLES) - before) / WARM_UP)
        environment = {
            "BENCH_URL": plain(servers.database_owner_url),
            "BENCH_FOLDER": str(folder),
            "BENCH_ROWS": str(rows),
        }
        async with bare_app(environment, folder / "bare.log") as bare, asyncio.timeout(SECONDS):
            await drive(browser, bare, bare_path, picture, WARM_UP)
            turns = [
                (
                    await drive(browser, ours, path, picture, REQUESTS),
                    await drive(browser, bare, bare_path, picture, REQUESTS),
                )
                for _ in range(ROUNDS)
            ]
    return [one for one, _ in turns], [two for _, two in turns], rows


def report(servers: Servers, folder: Path) -> int:
    make_bench_table(servers)
    ours, bare, rows = asyncio.run(measure(servers, folder))
    ratios = sorted(one.rate / two.rate for one, two in zip(ours, bare, strict=True))
    print(
        f"POST /documents: {ROUNDS} rounds of {REQUESTS} each, {CONCURRENCY} at a time, one worker, "
        f"{rows} rows and one file per request; medians"
    )
    print(line("product", ours))
    print(line("bare", bare))
    print(f"ratio   {median(ratios):7.3f} of the bare app's rate ({ratios[0]:.3f} to {ratios[-1]:.3f})")
    return 0


def main() -> int:
    return with_servers(report)
