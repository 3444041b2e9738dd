"""A key store in trouble: who needs no key goes on, who needs one hears that it is away, and no key is of nobody."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from backoffice import db, worker
from backoffice.adapters import askers, key_store
from backoffice.adapters.askers import Askers
from backoffice.adapters.embedded_postgres import PostgresUrls, create_database, throwaway_database
from backoffice.db import POOL_SIZE, Store, Tenancy, execute, glance, transaction
from backoffice.errors import NotAllowed, Unavailable, Unsupported
from backoffice.models.base import new_id
from backoffice.models.documents import Side
from backoffice.services import intake
from backoffice.services.access import Actor
from backoffice.settings import settings
from tests.api.world import picture
from tests.key_cast import as_owner
from tests.servers import Servers
from tests.services.people import make_partner
from tests.services.test_key_store import drafted, kept, surname

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
MANY = 60
HANG = "lock table keystore.data_keys in access exclusive mode"


@pytest.fixture(autouse=True)
async def _rested(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Askers of this test's own, so that what it saw hang keeps no other test waiting."""
    monkeypatch.setattr(key_store, "ASKERS", Askers(POOL_SIZE))
    yield
    intake.admission().close()
    intake.admission.cache_clear()


def main_urls(servers: Servers) -> PostgresUrls:
    return PostgresUrls(Path(str(make_url(servers.owner_url).query["host"])))


async def in_main() -> float:
    """Answer how long somebody waits who needs no key."""
    began = time.monotonic()
    async with transaction(EVERYONE) as session:
        await session.execute(text("select 1"))
    return time.monotonic() - began


async def test_one_that_hangs_takes_the_main_database_from_nobody(servers: Servers):
    person = await kept()
    with psycopg.connect(servers.keys_owner_url.replace("+psycopg", "")) as owner:
        owner.execute(HANG)
        many = [asyncio.create_task(surname(person.id)) for _ in range(MANY)]
        await asyncio.sleep(0.5)
        assert await in_main() < 2
        await asyncio.sleep(1)
        assert await refused_after(person.id) < 0.5, "who comes while it hangs hears so at once"
    told = await asyncio.gather(*many, return_exceptions=True)
    assert {type(one) for one in told} == {str, Unavailable}
    assert told.count("Okonkwo") == POOL_SIZE, "who was there first waits on, and is answered"
    assert await surname(person.id) == "Okonkwo", "one answer ends the rest"


async def refused_after(applicant_id: UUID) -> float:
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await key_store.read(EVERYONE, {applicant_id})
    return time.monotonic() - began


async def test_after_a_while_one_may_try_and_finds_it_back(servers: Servers, monkeypatch: pytest.MonkeyPatch):
    person = await kept()
    monkeypatch.setattr(key_store, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(askers, "TURN_SECONDS", 0.2)
    monkeypatch.setattr(askers, "REST_SECONDS", 0.5)
    with psycopg.connect(servers.keys_owner_url.replace("+psycopg", "")) as owner:
        owner.execute(HANG)
        assert await refused_after(person.id) >= 0.3
        assert await refused_after(person.id) < 0.2
        await asyncio.sleep(0.6)
        both = await asyncio.gather(refused_after(person.id), refused_after(person.id))
        assert (both[0] >= 0.3, both[1] < 0.2) == (True, True), "one tries, for all"
    await asyncio.sleep(0.6)
    assert await surname(person.id) == "Okonkwo"


async def test_a_slow_statement_beside_quick_ones_is_no_hang(servers: Servers, monkeypatch: pytest.MonkeyPatch):
    person = await kept()
    monkeypatch.setattr(askers, "TURN_SECONDS", 0.2)

    async def slow() -> None:
        async with key_store.ASKERS.turn(), asyncio.timeout(0.6):
            await glance(EVERYONE, "select pg_sleep(5)", (), store=Store.KEYS)

    waiting = asyncio.create_task(slow())
    for _ in range(10):
        await asyncio.sleep(0.08)
        assert await surname(person.id) == "Okonkwo"
    with pytest.raises(TimeoutError):
        await waiting
    assert await surname(person.id) == "Okonkwo"


async def test_a_burst_is_answered():
    people = [(await kept()).id for _ in range(3)]
    told = await asyncio.gather(*(key_store.read(EVERYONE, people) for _ in range(10 * MANY)))
    assert {len(one) for one in told} == {3}


async def test_one_that_can_be_read_only_is_away_and_nobody_is_forbidden(servers: Servers, caplog):
    person = await kept()
    name = make_url(servers.keys_owner_url).database
    as_owner(servers, f"alter database {name} set default_transaction_read_only = on")
    await db.close()
    try:
        with pytest.raises(Unavailable):
            await drafted()
        with pytest.raises(Unavailable):
            await key_store.lose(EVERYONE, {person.id})
        assert await surname(person.id) == "Okonkwo"
    finally:
        with main_urls(servers).keys.connect() as admin:
            admin.execute("set default_transaction_read_only = off")
            admin.execute(f"alter database {name} reset default_transaction_read_only".encode())
        await db.close()
    assert "key_store_is_read_only" in caplog.text


async def test_who_only_reads_is_told_so_and_a_main_database_that_is_read_only_is_another_thing():
    person = await kept()
    with pytest.raises(NotAllowed):
        await key_store.lose(Tenancy.of(person.partner_id, is_read_only=True), {person.id})
    with pytest.raises(DBAPIError):
        async with transaction(EVERYONE) as session:
            await execute(session, "set transaction read only", ())
            await execute(session, "update applicants set external_id = 'x' where id = %s", (person.id,))


@asynccontextmanager
async def pointed_at(monkeypatch: pytest.MonkeyPatch, url: str) -> AsyncIterator[None]:
    await db.close()
    try:
        with monkeypatch.context() as patch:
            patch.setenv("BACKOFFICE_KEYSTORE_URL", url)
            settings.cache_clear()
            yield
    finally:
        await db.close()
        settings.cache_clear()


async def test_one_without_its_migrations_is_away_and_the_log_says_why(servers: Servers, monkeypatch, caplog):
    with throwaway_database(main_urls(servers)) as empty:
        async with pointed_at(monkeypatch, empty.app):
            with pytest.raises(Unavailable):
                await drafted()
            with empty.connect() as admin:
                admin.execute("create schema keystore")
                admin.execute("grant usage on schema keystore to backoffice_app")
            with pytest.raises(Unavailable):
                await key_store.form()
    assert caplog.text.count("key_store_is_not_migrated") == 2


async def keys_of_partner(servers: Servers, partner_id: object) -> int:
    return as_owner(servers, "select count(*) from keystore.data_keys where partner_id = %s", partner_id)[0][0]


async def test_a_file_that_is_refused_leaves_no_key(servers: Servers):
    actor = Actor.system(await make_partner(), name="test")

    def submission(data: bytes, **values: object) -> intake.Submission:
        return intake.Submission(uploads=[intake.Upload(Side.FRONT, io.BytesIO(data))], **values)

    with pytest.raises(Unsupported):
        await intake.store(actor, submission(b"not a picture", personal={"surname": "Okonkwo"}))
    assert await keys_of_partner(servers, actor.partner_id) == 0
    stored = await intake.store(actor, submission(picture(), personal={"surname": "Okonkwo"}))
    assert await keys_of_partner(servers, actor.partner_id) == 1
    await intake.discard(stored.files)


def test_the_table_is_written_anew_twice_at_most_in_a_night():
    assert worker.ATTEMPTS["data_key.rewrite"] == 2


def test_who_died_while_making_a_database_makes_it_whole_the_next_time(servers: Servers):
    urls = main_urls(servers).named(f"half_{new_id().hex}")
    with main_urls(servers).connect() as admin:
        admin.execute(f"create database {urls.database} owner backoffice_owner template template0".encode())
    try:
        for _ in range(2):
            create_database(urls)
            with urls.connect() as inside:
                told = inside.execute(
                    "select has_schema_privilege('backoffice_app', 'public', 'usage'),"
                    " pg_get_userbyid(nspowner), datacl::text from pg_namespace, pg_database"
                    " where nspname = 'public' and datname = current_database()"
                ).fetchone()
            assert told is not None
            assert told[:2] == (True, "backoffice_owner")
            assert "backoffice_app=c/" in told[2]
            assert "{=" not in told[2], "and nobody else"
            assert ",=" not in told[2]
    finally:
        with main_urls(servers).connect() as admin:
            admin.execute(f"drop database {urls.database} with (force)".encode())
