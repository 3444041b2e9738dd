"""A key store that is another database's, or an old one, costs nobody their data; no copy of a key is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from backoffice.adapters.embedded_postgres import PostgresUrls
from backoffice.commands import database
from backoffice.db import transaction
from backoffice.errors import NotAllowed, Unavailable
from backoffice.jobs import data_keys
from backoffice.jobs import erasures as erasure_jobs
from backoffice.models.members import Role
from backoffice.services import erasures, health, key_moves, key_sweeps
from tests.key_cast import as_owner, keys_of
from tests.servers import Servers
from tests.services.people import SYSTEM, actor_of, make_partner, make_person
from tests.services.test_key_store import EVERYONE, asked_for, kept, left_in_main, receipt_of, surname, unmoved

pytestmark = pytest.mark.usefixtures("database")


@contextmanager
def another_key_store(servers: Servers) -> Iterator[None]:
    """Have a key store that has none of our keys for a while."""
    as_owner(servers, "create table keystore.aside as select * from keystore.data_keys")
    as_owner(servers, "delete from keystore.data_keys")
    try:
        yield
    finally:
        as_owner(servers, "delete from keystore.data_keys")
        as_owner(servers, "insert into keystore.data_keys select * from keystore.aside")
        as_owner(servers, "drop table keystore.aside")


async def test_only_who_looks_after_jobs_asks_whether_it_fits():
    with pytest.raises(NotAllowed):
        await key_sweeps.fits(actor_of(await make_person(Role.PARTNER_ANALYST, await make_partner())))


async def test_nobody_is_erased_by_a_key_store_that_is_not_ours(servers: Servers, monkeypatch):
    monkeypatch.setattr(health, "BUDGET_SECONDS", 60.0)
    person = await kept()
    request_id = await asked_for(person)
    operator = actor_of(await make_person(Role.OPERATOR))
    assert await key_sweeps.fits(SYSTEM)
    with another_key_store(servers):
        assert not await key_sweeps.fits(SYSTEM)
        found = {one.name: one for one in await health.parts(operator)}["Key store"]
        assert (found.status, "names another one" in found.detail) == ("down", True)
        with pytest.raises(Unavailable, match="Nothing was erased"):
            await erasure_jobs.erase(str(request_id))
        async with transaction(EVERYONE) as session:
            assert (await erasures.get(session, SYSTEM, request_id)).receipt is None
    assert await surname(person.id) == "Okonkwo"
    await erasure_jobs.erase(str(request_id))
    assert (await receipt_of(request_id))["data_keys"] == 1


async def test_so_many_erased_that_it_is_another_database_are_left_but_after_a_restore(monkeypatch, caplog):
    people = [await kept() for _ in range(3)]
    old = await keys_of([one.id for one in people])
    monkeypatch.setattr(key_sweeps, "FEW", 1)
    monkeypatch.setattr(key_sweeps, "SHARE", 0.0)
    assert await key_sweeps.lose(SYSTEM, set(old), walked=10) == 0
    assert "key_store_does_not_fit" in caplog.text
    assert len(await keys_of(old)) == 3
    assert await key_sweeps.lose(SYSTEM, set(old)) == 3
    assert await keys_of(old) == {}


async def test_statistics_hold_no_key(servers: Servers):
    people = [await kept() for _ in range(3)]
    await unmoved(*people[:2])
    main = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"])))
    for urls, table in ((main, "data_keys"), (main.keys, "keystore.data_keys")):
        with urls.connect() as admin:
            admin.execute(f"analyze {table}".encode())
            held = admin.execute(
                "select attname from pg_statistic s join pg_attribute a on attrelid = starelid and attnum = staattnum"
                f" where starelid = '{table}'::regclass".encode()
            ).fetchall()
        assert {name for (name,) in held} >= {"applicant_id", "created_at"}
        assert "wrapped" not in {name for (name,) in held}
    await data_keys.move()


async def test_the_file_of_the_table_of_before_is_empty_when_nothing_is_left_in_it(servers: Servers, monkeypatch):
    person = await kept()
    await unmoved(person)
    size = "select pg_relation_size('data_keys')"
    await data_keys.move(copies_only=True)
    await database._empty_old_table()
    assert await left_in_main(person) == 1
    monkeypatch.setattr(key_moves, "SETTLED", timedelta())
    await data_keys.move()
    assert _as_main_owner(servers, size) != [(0,)], "a deletion leaves the old row behind"
    await database._empty_old_table()
    assert _as_main_owner(servers, size) == [(0,)]
    assert await surname(person.id) == "Okonkwo"


async def test_who_is_at_the_table_of_before_keeps_nobody_from_starting(servers: Servers):
    with psycopg.connect(servers.owner_url.replace("+psycopg", "")) as other:
        other.execute("lock table data_keys in access share mode")
        await database._empty_old_table()


def _as_main_owner(servers: Servers, sql: str) -> list:
    with psycopg.connect(servers.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        done = owner.execute(sql.encode())
        return done.fetchall() if done.description else []
