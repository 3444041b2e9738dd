"""`POST /documents`: what durability, admission, encryption, tenancy, events and audit cost above the bare writes."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles

import httpx2
import psycopg
from alembic import command
from alembic.config import Config

from backoffice.adapters.embedded import Servers, embedded_servers
from backoffice.specimens import person, render

ROOT = Path(__file__).resolve().parents[1]
REQUESTS = 200
WARM_UP = 20
ROUNDS = 2
CONCURRENCY = 8
SECONDS = 240
SECRET = "bench-only-secret-" + "0" * 32
TENANT_TABLES = (
    "applicants",
    "data_keys",
    "verifications",
    "documents",
    "files",
    "events",
    "event_counters",
    "audit_entries",
    "deliveries",
)
QUEUE_TABLES = ("pgqueuer", "pgqueuer_log")


@dataclass(frozen=True)
class Result:
    """What one side did."""

    seconds: float
    times: list[float]

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def line(self, name: str) -> str:
        cuts = quantiles(self.times, n=20)
        return f"{name:<8} {self.rate:8.1f} req/s   p50 {cuts[9] * 1000:7.1f} ms   p95 {cuts[18] * 1000:7.1f} ms"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def served(target: str, environment: dict[str, str]) -> AsyncIterator[str]:
    """Serve one app with granian, one worker, on loopback."""
    port = free_port()
    command_line = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command_line, "--port", str(port), "--workers", "1", "--no-access-log", target],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


async def drive(browser: httpx2.AsyncClient, url: str, picture: bytes, count: int) -> Result:
    """Send `count` documents, eight at a time."""
    numbers = iter(range(count))
    times: list[float] = []

    async def send() -> None:
        for number in numbers:
            data = {"applicant": json.dumps({"surname": "Specimen"}), "external_id": f"bench-{number}"}
            started = time.perf_counter()
            answer = await browser.post(url, files={"files": ("a.jpg", picture, "image/jpeg")}, data=data)
            times.append(time.perf_counter() - started)
            if answer.status_code != HTTPStatus.CREATED:
                raise SystemExit(f"{url} answered {answer.status_code}: {answer.text[:300]}")

    began = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(CONCURRENCY)))
    return Result(time.perf_counter() - began, times)


def prepare(servers: Servers) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = servers.database_owner_url
    command.upgrade(config, "head")
    with psycopg.connect(plain(servers.database_owner_url), autocommit=True) as connection:
        connection.execute(
            "create table if not exists bench_rows (id uuid, number int, body jsonb, primary key (id, number))"
        )


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def counted(servers: Servers) -> int:
    """Count every row that our side has written."""
    with psycopg.connect(plain(servers.database_url)) as connection:
        connection.execute("select set_config('app.everyone', 'on', true)")
        tables = (*TENANT_TABLES, *QUEUE_TABLES)
        return sum(connection.execute(f"select count(*) from {table}").fetchone()[0] for table in tables)  # noqa: S608 our own names


async def make_key() -> str:
    from backoffice import db
    from backoffice.models.partners import Plan
    from backoffice.services import api_keys, partners
    from backoffice.services.access import SCOPES, Actor

    actor = Actor.system()
    async with db.transaction(actor.tenancy) as session:
        partner = await partners.create(session, actor, name="Bench", slug="bench", plan=Plan.ENTERPRISE)
        _, token = await api_keys.create(
            session, actor, name="Bench", livemode=True, scopes=SCOPES, partner_id=partner.id
        )
    await db.close()
    return token


def merged(rounds: list[Result]) -> Result:
    return Result(sum(one.seconds for one in rounds), [moment for one in rounds for moment in one.times])


async def measure(servers: Servers, folder: Path, environment: dict[str, str]) -> tuple[Result, Result, int]:
    """Warm both up, then take turns, so that a busy moment of the machine hits both."""
    picture = render("passport", person(7), condition="clean")[0].data
    headers = {"Authorization": f"Bearer {await make_key()}"}
    before = counted(servers)
    async with (
        served("bench.ours:app", environment) as ours,
        httpx2.AsyncClient(headers=headers, timeout=30) as browser,
    ):
        await drive(browser, f"{ours}/api/v1/documents", picture, WARM_UP)
        rows = round((counted(servers) - before) / WARM_UP)
        bare_environment = {
            "BENCH_URL": plain(servers.database_owner_url),
            "BENCH_FOLDER": str(folder),
            "BENCH_ROWS": str(rows),
        }
        async with served("bench.bare:app", bare_environment) as bare, asyncio.timeout(SECONDS):
            await drive(browser, f"{bare}/documents", picture, WARM_UP)
            turns = [
                (
                    await drive(browser, f"{ours}/api/v1/documents", picture, REQUESTS // ROUNDS),
                    await drive(browser, f"{bare}/documents", picture, REQUESTS // ROUNDS),
                )
                for _ in range(ROUNDS)
            ]
    return merged([one for one, _ in turns]), merged([two for _, two in turns]), rows


def with_servers(run: Callable[[Servers, Path, dict[str, str]], int]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="bo-bench-"))
    folder.chmod(0o755)
    try:
        (folder / "data").mkdir(mode=0o700)
        with embedded_servers(folder) as servers:
            environment = {
                "BACKOFFICE_DATA_DIR": str(folder / "data"),
                "BACKOFFICE_DATABASE_URL": servers.database_url,
                "BACKOFFICE_REDIS_URL": servers.redis_url,
                "BACKOFFICE_SECRET_KEY": SECRET,
                "BACKOFFICE_DEMO": "1",
            }
            os.environ.update(environment)
            return run(servers, folder / "data", environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(servers: Servers, folder: Path, environment: dict[str, str]) -> int:
    prepare(servers)
    ours, bare, rows = asyncio.run(measure(servers, folder, environment))
    print(
        f"POST /documents, {REQUESTS} each, {CONCURRENCY} at a time, one worker, {rows} rows and one file per request"
    )
    print(ours.line("ours"))
    print(bare.line("bare"))
    print(f"ratio    {ours.rate / bare.rate:8.3f} of the bare app's rate")
    return 0


def main() -> int:
    return with_servers(report)
