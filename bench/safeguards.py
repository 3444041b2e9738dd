"""What row-level security, encryption and the audit trail cost together: the same code with them and without."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx2
import psycopg

from backoffice.adapters.embedded import Servers
from backoffice.commands import processes
from backoffice.settings import settings
from backoffice.specimens import person, render
from bench.post_documents import CONCURRENCY, drive, make_key
from bench.serving import Served, free_port, plain, running, whole_product, with_servers

TITLE = "What the safeguards cost"
TARGET = "Wanted: at least 0.75 of the throughput of the same code without row-level security, encryption and audit."
LEFT = (
    "one statement more a transaction, the rows of the audit trail with their hashes, and sealing, on a document that "
    "is sent; next to nothing on one that is read."
)

LEAST = 0.75
ROUNDS = 7
POSTED = 40
READ = 80
"""Requests of one kind, a side and a round."""
WARM_UP = 24
SECONDS = 240
PROTECTED = (
    "select oid::regclass::text from pg_class where relforcerowsecurity and relnamespace = 'public'::regnamespace"
)
AUDITED = """
select tgrelid::regclass::text, quote_ident(tgname) from pg_trigger join pg_proc on pg_proc.oid = tgfoid
where not tgisinternal and prosrc like '%audit_entries%'"""


@dataclass(frozen=True)
class Side:
    """One running product, with a client that has a key."""

    servers: Servers
    served: Served
    client: httpx2.AsyncClient
    picture: bytes
    is_guarded: bool

    async def turn(self, kind: "Kind", count: int) -> float:
        """Do so much of one kind, on a database that guards its rows or does not; answers the seconds."""
        await asyncio.to_thread(guard, self.servers, is_on=self.is_guarded)
        return await kind(self, count)

    async def post(self, count: int) -> float:
        """Send documents, eight at a time; answers the seconds."""
        return (await drive(self.client, self.served, "/api/v1/documents", self.picture, count)).seconds

    async def list_(self, count: int) -> float:
        return await self._read("/api/v1/documents?limit=25", count)

    async def show(self, count: int) -> float:
        listed = await self.client.get(f"{self.served.url}/api/v1/documents?limit=1")
        return await self._read(f"/api/v1/documents/{listed.json()['data'][0]['id']}", count)

    async def _read(self, path: str, count: int) -> float:
        numbers, began = iter(range(count)), time.perf_counter()

        async def reader() -> None:
            for _ in numbers:
                (await self.client.get(f"{self.served.url}{path}")).raise_for_status()

        await asyncio.gather(*(reader() for _ in range(CONCURRENCY)))
        return time.perf_counter() - began


Kind = Callable[[Side, int], Awaitable[float]]
KINDS: dict[str, tuple[Kind, int]] = {
    "send a document": (Side.post, POSTED),
    "list documents": (Side.list_, READ),
    "read a document": (Side.show, READ),
}


def guard(servers: Servers, *, is_on: bool) -> None:
    """Switch row-level security of every table, and the triggers that want an audit entry for a change."""
    verb = "enable" if is_on else "disable"
    with psycopg.connect(plain(servers.database_owner_url), autocommit=True) as connection:
        for (table,) in connection.execute(PROTECTED).fetchall():
            connection.execute(f"alter table {table} {verb} row level security")
        for table, trigger in connection.execute(AUDITED).fetchall():
            connection.execute(f"alter table {table} {verb} trigger {trigger}")


@asynccontextmanager
async def unguarded(log: Path) -> AsyncIterator[Served]:
    """Serve the same web process without its safeguards, on another port."""
    port = free_port()
    line = [f"--port={port}" if word.startswith("--port=") else word for word in processes.web()[:-1]]
    url = f"http://{settings().host}:{port}"
    given = {"BACKOFFICE_PORT": str(port), "PYTHONPATH": os.pathsep.join([".", *_given_path()])}
    line, given = [*line, "bench.unguarded:app"], {**processes.REFLEX_PRODUCTION, **given}
    async with running(line, given, f"{url}/readyz", log) as process:
        yield Served(url, process)


def _given_path() -> list[str]:
    return [before] if (before := os.environ.get("PYTHONPATH")) else []


async def measure(servers: Servers, folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Warm both up, then take turns; answers each round's seconds with and without."""
    picture = render("passport", person(7), condition="clean")[0].data
    keys = [{"Authorization": f"Bearer {await make_key(slug)}"} for slug in ("guarded", "unguarded")]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    async with (
        unguarded(folder / "unguarded.log") as without,
        whole_product(folder / "product.log") as ours,
        httpx2.AsyncClient(headers=keys[0], timeout=30) as client,
        httpx2.AsyncClient(headers=keys[1], timeout=30) as other,
        asyncio.timeout(SECONDS),
    ):
        sides = Side(servers, ours, client, picture, True), Side(servers, without, other, picture, False)
        for side in sides:
            for kind, _ in KINDS.values():
                await side.turn(kind, WARM_UP)
        for number in range(ROUNDS):
            for name, (kind, count) in KINDS.items():
                found[name].append(await _both(kind, sides, count, is_turned=bool(number % 2)))
    guard(servers, is_on=True)
    _really_differ(servers)
    return found


async def _both(kind: Kind, sides: tuple[Side, Side], count: int, *, is_turned: bool) -> tuple[float, float]:
    """Let each side begin every other round: who goes second finds a warmer machine."""
    first, second = reversed(sides) if is_turned else sides
    one, two = await first.turn(kind, count), await second.turn(kind, count)
    return (two, one) if is_turned else (one, two)


def _really_differ(servers: Servers) -> None:
    """Refuse a figure that compares the product with itself."""
    sent = WARM_UP + ROUNDS * POSTED
    counted = _count(servers, "documents"), _count(servers, "audit_entries where action = 'document.created'")
    plain_boxes = _count(servers, "applicants where substr(personal_box, 2, 12) = decode(repeat('00', 12), 'hex')")
    if (*counted, plain_boxes) != (2 * sent, sent, sent):
        raise SystemExit(
            f"documents, their audit entries, applicants in the clear: {counted}, {plain_boxes}; {sent} sent"
        )


def _count(servers: Servers, what: str) -> int:
    with psycopg.connect(plain(servers.database_url)) as connection:
        connection.execute("select set_config('app.everyone', 'on', true)")
        return connection.execute(f"select count(*) from {what}").fetchone()[0]  # noqa: S608 our own names


def report(servers: Servers, folder: Path) -> int:
    found = asyncio.run(measure(servers, folder))
    print(f"with and without safeguards: {ROUNDS} rounds in turns, {CONCURRENCY} at a time, one worker; medians")
    for name, rounds in found.items():
        count = KINDS[name][1]
        ours, bare = (count / median(side) for side in zip(*rounds, strict=True))
        print(f"{name:<18}{ours:7.1f} of {bare:7.1f} req/s   ratio {median(b / a for a, b in rounds):6.3f}")
    ratios = sorted(sum(b for _, b in turn) / sum(a for a, _ in turn) for turn in zip(*found.values(), strict=True))
    print(f"{'together':<18}ratio {median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}), at least {LEAST} wanted")
    return 0 if median(ratios) >= LEAST else 1


def main() -> int:
    return with_servers(report)
