"""Writing audit entries at 64 writers, with the hash and the sealer at work, against the same table without either."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median

import psycopg

from backoffice.adapters.embedded import Servers
from bench.serving import plain, with_servers

WRITERS = 64
SECONDS = 3.0
ROUNDS = 15
LEAST = 0.95
COLUMNS = (
    "id, created_at, actor_type, actor_name, ip, action, subject_type, subject_id, result, changes, request_id, leaf"
)
INSERT = f"""
insert into {{table}} ({COLUMNS})
values (%s, %s, 'api_key', 'bench', '203.0.113.7', 'document.approved', 'document', %s, 'ok', %s, '', %s)"""  # noqa: S608

TITLE = "Writing audit entries at 64 writers"
TARGET = "Wanted: at least 0.95 times as many a second as the table without hash and seal; not reached."
LEFT = (
    "on two cores that the writers fill: the hash in the writer (6 µs), and the sealer, which reads "
    "each entry and keeps its leaf (9 µs). Three runs gave 0.894 to 0.910."
)


async def writer(url: str, end: float, *, is_sealed: bool) -> int:
    """Write one business row and one audit row a transaction, as the product does; answers how many."""
    from backoffice.clock import now
    from backoffice.models.base import new_id
    from backoffice.services.audit_leaves import FIELDS, leaf_of

    done, changes = 0, {"status": ["in_review", "approved"], "version": 4}
    values = dict.fromkeys(FIELDS, "") | {"changes": changes}
    sql = INSERT.format(table="audit_entries" if is_sealed else "bench_entries")
    async with await psycopg.AsyncConnection.connect(url) as connection:
        while time.monotonic() < end:
            key, moment = new_id(), now()
            leaf = leaf_of(values | {"id": key, "created_at": moment}) if is_sealed else None
            async with connection.transaction():
                await connection.execute("select set_config('app.everyone', 'on', true)")
                await connection.execute("insert into bench_rows values (%s)", (key,))
                await connection.execute(sql, (key, moment, key, psycopg.types.json.Jsonb(changes), leaf))
            done += 1
    return done


def seal(is_ready: Event, is_over: Event) -> None:
    """Seal in a process of its own, as the worker does; one that has just begun has its start behind it."""
    from backoffice.jobs.audit import ACTOR, Sealer, audit_seals, transaction

    async def run() -> None:
        sealer = Sealer()
        async with transaction(ACTOR.tenancy) as session:
            await audit_seals.seal(session, ACTOR)
        sealing = asyncio.create_task(sealer.run())
        is_ready.set()
        await asyncio.to_thread(is_over.wait)
        sealer.stop()
        await sealing

    asyncio.run(run())


@contextmanager
def sealer_at_work(*, is_sealed: bool) -> Iterator[None]:
    """Have a sealer at work for a while, or none."""
    if not is_sealed:
        yield
        return
    context = get_context("spawn")
    is_ready, is_over = context.Event(), context.Event()
    process = context.Process(target=seal, args=(is_ready, is_over), daemon=True)
    process.start()
    is_ready.wait()
    try:
        yield
    finally:
        is_over.set()
        process.join()


async def round_of(url: str, *, is_sealed: bool) -> float:
    with sealer_at_work(is_sealed=is_sealed):
        began = time.monotonic()
        counts = await asyncio.gather(*(writer(url, began + SECONDS, is_sealed=is_sealed) for _ in range(WRITERS)))
        return sum(counts) / (time.monotonic() - began)


async def measure(url: str) -> tuple[float, float]:
    from backoffice import db

    found: dict[bool, list[float]] = {False: [], True: []}
    for number in range(ROUNDS):
        for is_sealed in (False, True) if number % 2 else (True, False):
            found[is_sealed].append(await round_of(url, is_sealed=is_sealed))
    await db.close()
    return median(found[False]), median(found[True])


def report(servers: Servers, _folder: Path) -> int:
    with psycopg.connect(plain(servers.database_owner_url), autocommit=True) as owner:
        owner.execute("create table bench_entries (like audit_entries including defaults including identity)")
        owner.execute("create index on bench_entries (partner_id, id)")
        owner.execute("create index on bench_entries (subject_id, id)")
        owner.execute("alter table bench_entries add primary key (id), add unique (sequence)")
        owner.execute("alter table bench_entries add foreign key (partner_id) references partners (id)")
        owner.execute("alter table bench_entries enable row level security, force row level security")
        rule = "partner_id = (select app_partner()) or (select app_everyone())"
        owner.execute(f"create policy tenant on bench_entries using ({rule}) with check ({rule})")
        owner.execute("create table bench_rows (id uuid primary key)")
    without, sealed = asyncio.run(measure(plain(servers.database_url)))
    print(f"{WRITERS} writers, {ROUNDS} rounds of {SECONDS:.0f} s in turns; medians of transactions a second")
    print(f"table alone        {without:9,.0f}")
    print(f"hashed and sealed  {sealed:9,.0f}")
    print(f"ratio   {sealed / without:7.3f}")
    return 0 if sealed >= LEAST * without else 1


def main() -> int:
    return with_servers(report)


if __name__ == "__main__":
    raise SystemExit(main())
