"""Starts what is measured: throw-away servers, the product's own web process, the bare app, each on a free port."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import psycopg

from backoffice.adapters import migrations
from backoffice.adapters.embedded import Servers, embedded_servers
from backoffice.settings import settings

ROOT = Path(__file__).resolve().parents[1]
SECRET = "bench-only-secret-" + "0" * 32
START_SECONDS = 60
STOP_SECONDS = 20
DECODER = "backoffice.screening.child"


@dataclass(frozen=True)
class Cpu:
    """Seconds of processor time so far: of the server with its workers, and of its children that decode pictures."""

    web: float
    decoders: float

    def since(self, before: "Cpu") -> "Cpu":
        return Cpu(self.web - before.web, self.decoders - before.decoders)


@dataclass(frozen=True)
class Served:
    """One running web server."""

    url: str
    process: psutil.Process

    def cpu(self) -> Cpu:
        """Sum up; children that have ended count through whoever started them."""
        web = decoders = 0.0
        for each in (self.process, *self.process.children(recursive=True)):
            used = each.cpu_times()
            decoders += used.children_user + used.children_system
            if any(DECODER in part for part in each.cmdline()):
                decoders += used.user + used.system
            else:
                web += used.user + used.system
        return Cpu(web, decoders)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def whole_product(log: Path) -> AsyncIterator[Served]:
    """Serve everything that the product's web process serves, started as the product starts it, with one worker."""
    from backoffice.commands import processes

    own = settings()
    url = f"http://{own.host}:{own.port}"
    async with running(processes.web(), processes.REFLEX_PRODUCTION, f"{url}/readyz", log) as process:
        yield Served(url, process)


@asynccontextmanager
async def bare_app(environment: dict[str, str], log: Path) -> AsyncIterator[Served]:
    """Serve the bare app on the same server with one worker."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    line = [sys.executable, "-m", "granian", "--interface=asgi", "--host=127.0.0.1", f"--port={port}", "--workers=1"]
    async with running([*line, "--no-access-log", "bench.bare:app"], environment, f"{url}/ready", log) as process:
        yield Served(url, process)


@asynccontextmanager
async def running(line: list[str], environment: dict[str, str], ready: str, log: Path) -> AsyncIterator[psutil.Process]:
    with log.open("wb") as output:
        process = subprocess.Popen(line, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        async with asyncio.timeout(START_SECONDS), httpx2.AsyncClient() as browser:
            while not await _answers(browser, ready):
                if process.poll() is not None:
                    raise SystemExit(f"{line[-1]} ended with {process.returncode}:\n{_end_of(log)}")
                await asyncio.sleep(0.2)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


async def _answers(browser: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await browser.get(url)).is_success
    except httpx2.TransportError:
        return False


def with_servers(run: Callable[[Servers, Path], int]) -> int:
    """Run with a migrated database, a Redis and a data folder that are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bo-bench-"))
    folder.chmod(0o755)
    try:
        (folder / "data").mkdir(mode=0o700)
        with embedded_servers(folder) as servers:
            os.environ.update(
                {
                    "BACKOFFICE_DATA_DIR": str(folder / "data"),
                    "BACKOFFICE_DATABASE_URL": servers.database_url,
                    "BACKOFFICE_REDIS_URL": servers.redis_url,
                    "BACKOFFICE_SECRET_KEY": SECRET,
                    "BACKOFFICE_DEMO": "1",
                    "BACKOFFICE_WEBHOOK_ALLOW_HOSTS": "127.0.0.1",
                    "BACKOFFICE_HOST": "127.0.0.1",
                    "BACKOFFICE_PORT": str(free_port()),
                    "BACKOFFICE_WEB_WORKERS": "1",
                }
            )
            settings.cache_clear()
            migrations.upgrade(servers.database_owner_url)
            return run(servers, folder / "data")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plain(url: str) -> str:
    """Write a database URL as psycopg takes it."""
    return url.replace("postgresql+psycopg", "postgresql")


def count_rows(servers: Servers, tables: tuple[str, ...]) -> int:
    with psycopg.connect(plain(servers.database_url)) as connection:
        connection.execute("select set_config('app.everyone', 'on', true)")
        return sum(connection.execute(f"select count(*) from {table}").fetchone()[0] for table in tables)  # noqa: S608 our own names
