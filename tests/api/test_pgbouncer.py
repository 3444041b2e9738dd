"""Many tenants through a real PgBouncer in transaction mode: the configuration that we ship, with few connections."""

import asyncio
import configparser
import contextlib
import os
import random
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from backoffice import db
from backoffice.adapters import job_queue, roots
from backoffice.adapters.embedded_postgres import ADMIN, OWNER
from backoffice.commands import doctor
from backoffice.db import Tenancy, glance, insert, transaction
from backoffice.models.applicants import Applicant
from backoffice.models.base import new_id
from backoffice.settings import settings
from tests.api.world import files, make_world, picture
from tests.edge import libraries, program
from tests.servers import ROOT
from tests.web_process import free_port

SHIPPED = ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini"
CONNECTIONS = 4
TASKS = 16
TURNS = 60
PARTNERS = 6
START_SECONDS = 20
WHOSE = "select count(*) filter (where partner_id = %s), count(*) filter (where partner_id <> %s) from applicants"


def configured(folder, server, port) -> str:
    """The shipped file, with the places and the password of a test, and few connections."""
    shipped = configparser.RawConfigParser(comment_prefixes=(";",))
    shipped.read(SHIPPED)
    place = f"host={server.query['host']} port={server.query['port']}"
    known = shipped["databases"]["backoffice"].replace("host=127.0.0.1 port=5432", place)
    shipped["databases"]["backoffice"] = known.replace("dbname=backoffice", f"dbname={server.database}")
    (folder / "users").write_text('"backoffice_app" "of-a-test"\n')
    own = {"listen_port": port, "auth_file": folder / "users", "default_pool_size": CONNECTIONS, "reserve_pool_size": 0}
    shipped["pgbouncer"].update({name: str(value) for name, value in own.items()})
    written = folder / "pgbouncer.ini"
    with written.open("w") as file:
        shipped.write(file)
    return str(written)


@contextlib.contextmanager
def pgbouncer(servers):
    folder = servers.folder / f"pool-{new_id().hex}"
    folder.mkdir()
    port = free_port()
    command = [program("pgbouncer"), configured(folder, make_url(servers.app_url), port)]
    owner = Path(make_url(servers.app_url).query["host"]).stat()
    who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.getuid() == 0 else {}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=libraries(), stderr=log, stdout=log, **who)
    url = f"postgresql+psycopg://backoffice_app:of-a-test@127.0.0.1:{port}/backoffice"
    try:
        _wait(process, url.replace("+psycopg", ""), folder / "log")
        yield SimpleNamespace(url=url, plain=url.replace("+psycopg", ""), log=folder / "log")
    finally:
        process.terminate()
        process.wait(15)


def _wait(process, url, log):
    deadline = time.monotonic() + START_SECONDS
    error = None
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as found:
            error = found
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"PgBouncer does not answer: {error}\n{log.read_text()}")


@contextlib.contextmanager
def far_away(servers):
    """Give the application's role another clock, which the settings of a connection are to overrule."""
    with psycopg.connect(servers.owner_url.replace("+psycopg", "").replace(OWNER, ADMIN), autocommit=True) as admin:
        admin.execute("alter role backoffice_app set timezone = 'Asia/Tokyo'")
        yield
        admin.execute("alter role backoffice_app reset timezone")


@pytest.fixture(scope="module")
async def pooled(database) -> AsyncIterator[SimpleNamespace]:
    """Let this process reach its database through PgBouncer."""
    with far_away(database), pgbouncer(database) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKOFFICE_DATABASE_URL", pool.url)
        settings.cache_clear()
        await db.close()
        roots.ring()  # as the web does at its start: inside the loop it would wait for connections that wait for it
        yield pool
        await db.close()
    settings.cache_clear()


@pytest.fixture
async def cast(pooled):
    """Some partners, each with an applicant."""
    worlds = [await make_world() for _ in range(PARTNERS)]
    for world in worlds:
        async with transaction(Tenancy.of(world.partner_id)) as session:
            session.add(Applicant(partner_id=world.partner_id, livemode=True))
    return worlds


async def backends() -> set[int]:
    """Name the connections that PostgreSQL has of us, while more of us ask than there are."""

    async def one() -> int:
        async with transaction(Tenancy()) as session:
            return (await session.execute(text("select pg_backend_pid()"))).scalar_one()

    return set(await asyncio.gather(*(one() for _ in range(TASKS * 4))))


async def seen_by_nobody(pooled) -> list[int]:
    """Count what each shared connection shows to who says nothing at all."""
    clients = [await psycopg.AsyncConnection.connect(pooled.plain, prepare_threshold=None) for _ in range(CONNECTIONS)]
    try:
        return [(await (await one.execute("select count(*) from applicants")).fetchone())[0] for one in clients]
    finally:
        for one in clients:
            await one.close()


async def test_many_at_once_never_see_or_write_what_is_anothers(cast, pooled):
    ids = [world.partner_id for world in cast]
    made = dict.fromkeys(ids, 1)
    turns = []

    async def work(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(TURNS):
            mine, other = dice.sample(ids, 2)
            kind = dice.choice(KINDS)
            await kind(mine, other, made)
            turns.append(kind.__name__)

    await asyncio.gather(*(work(seed) for seed in range(TASKS)))
    assert await seen_by_nobody(pooled) == [0] * CONNECTIONS
    assert len(turns) == TASKS * TURNS
    assert set(turns) == {kind.__name__ for kind in KINDS}
    for id_ in ids:
        assert await glance(Tenancy.of(id_), WHOSE, (id_, id_)) == [(made[id_], 0)]
    assert len(await backends()) == CONNECTIONS


async def _writes(mine, other, made):
    async with transaction(Tenancy.of(mine)) as session:
        await insert(session, Applicant(partner_id=mine, livemode=True))
        made[mine] += 1
        assert await _seen(session, mine) == (True, 0)


async def _reads(mine, other, made):
    async with transaction(Tenancy.of(mine, is_read_only=True)) as session:
        assert await _seen(session, mine) == (True, 0)


async def _glances(mine, other, made):
    [(own, foreign)] = await glance(Tenancy.of(mine), WHOSE, (mine, mine))
    assert (own > 0, foreign) == (True, 0)


async def _gives_up(mine, other, made):
    with contextlib.suppress(LookupError):
        async with transaction(Tenancy.of(mine)) as session:
            await insert(session, Applicant(partner_id=mine, livemode=True))
            raise LookupError


async def _writes_anothers(mine, other, made):
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(Tenancy.of(mine)) as session:
            await insert(session, Applicant(partner_id=other, livemode=True))


async def _is_nobody(mine, other, made):
    async with transaction(Tenancy()) as session:
        assert await _seen(session, mine) == (False, 0)


async def _is_everyone(mine, other, made):
    async with transaction(Tenancy.everyone()) as session:
        own, foreign = await _seen(session, mine)
        assert own
        assert foreign > 0


KINDS = (_writes, _reads, _glances, _gives_up, _writes_anothers, _is_nobody, _is_everyone)


async def _seen(session, mine) -> tuple[bool, int]:
    [(own, foreign)] = await db.execute(session, WHOSE, (mine, mine))
    return own > 0, foreign


async def test_what_somebody_left_in_a_shared_connection_opens_nothing(cast, pooled):
    """A session-level setting stays in the pool: the danger is real here, and our transactions are above it."""
    id_ = cast[0].partner_id
    mess = [await psycopg.AsyncConnection.connect(pooled.plain, prepare_threshold=None) for _ in range(CONNECTIONS)]
    try:
        for one in mess:
            await one.execute(
                "select set_config('app.everyone', 'on', false), set_config('app.partner_id', %s, false)", (str(id_),)
            )
        for one in mess:
            await one.commit()
        seen = await mess[0].execute("select count(*) from applicants")
        assert (await seen.fetchone())[0] > 0
        await mess[0].rollback()
        for _ in range(3 * CONNECTIONS):
            async with transaction(Tenancy()) as session:
                assert await db.execute(session, "select count(*) from applicants", ()) == [(0,)]
            async with transaction(Tenancy.of(cast[1].partner_id)) as session:
                assert await _seen(session, cast[1].partner_id) == (True, 0)
    finally:
        for one in mess:
            await one.execute("select set_config('app.everyone', '', false), set_config('app.partner_id', '', false)")
        for one in mess:
            await one.commit()
            await one.close()


async def test_each_connection_has_our_time_limit_and_our_clock_and_no_prepared_statement(cast):
    for _ in range(12):
        async with transaction(Tenancy.of(cast[0].partner_id)) as session:
            await insert(session, Applicant(partner_id=cast[0].partner_id, livemode=True))
            told = "select current_setting('statement_timeout'), current_setting('timezone'), count(*)"
            assert await db.execute(session, f"{told} from pg_prepared_statements", ()) == [("15s", "UTC", 0)]
    assert (await doctor.connection()).is_good


async def test_the_api_serves_two_partners_at_once(cast, pooled, client):
    async def work(world) -> None:
        headers = await world.headers()
        for number in range(6):
            sent = await client.post("/api/v1/documents", headers=headers, files=files(picture(tint=number)))
            assert sent.status_code == 201, sent.text
            listed = (await client.get("/api/v1/documents?limit=100", headers=headers)).json()["data"]
            assert len(listed) == number + 1

    await asyncio.gather(*(work(world) for world in cast[:4]))
    async with transaction(Tenancy.everyone()) as session:
        assert (await job_queue.queue_state(session)).waiting > 0
    assert b"ERROR" not in pooled.log.read_bytes()
