"""Roots are written once, open by every master secret that may open them, and by no other one."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.engine import make_url

from backoffice.adapters import cipher, roots, secret_slots
from backoffice.adapters.embedded_postgres import PostgresUrls, create_database
from backoffice.errors import Unavailable
from backoffice.models.secret_roots import RootFamily
from backoffice.services import second_factor
from backoffice.settings import SettingsError
from tests.servers import ROOT, Servers

OLD, NEW, OTHER = ("one of forty letters, that was here first", "another of forty letters, that came after", "o" * 40)
FIRST = {(family.value, 1): secret_slots.extract(OLD) for family in RootFamily}


@pytest.fixture
def urls(servers: Servers) -> Iterator[PostgresUrls]:
    """A database of this test's own, at the head."""
    urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"]))).named("rooted")
    create_database(urls)
    command.upgrade(config(urls), "head")
    yield urls
    with PostgresUrls(urls.socket_dir).connect() as admin:
        admin.execute("drop database rooted with (force)")


def config(urls: PostgresUrls) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = urls.owner
    return config


def run(urls: PostgresUrls, statement: str, *values: object) -> list[tuple]:
    with psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True) as owner:
        done = owner.execute(statement, values)
        return done.fetchall() if done.description else []


def slots(urls: PostgresUrls) -> set[tuple]:
    return set(run(urls, "select family, version, secret_id from secret_slots"))


def signed_by(urls: PostgresUrls, secret: str) -> None:
    """Leave the last checkpoint of an audit log that was signed under a master secret."""
    key = Ed25519PrivateKey.from_private_bytes(secret_slots.expand(secret_slots.extract(secret), secret_slots.LOG))
    run(
        urls,
        "insert into audit_checkpoints (size, created_at, root, note, peaks, last_transaction, last_sequence) "
        "values (1, now(), '', %s, '{}', 1, 1)",
        f"{secret_slots.log_name(key)}\n1\n",
    )


def test_what_was_derived_before_is_written_down_once_whoever_comes_at_the_same_time(urls):
    signed_by(urls, OLD)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: roots.read(urls.app, (OLD,)).roots, range(8)))
    assert found == [FIRST] * 8
    assert slots(urls) == {(family, 1, secret_slots.secret_id(OLD)) for family, _ in FIRST}


def test_nobody_reads_a_root_or_a_secret_in_the_table(urls):
    roots.read(urls.app, (OLD,))
    told = b"".join(bytes(box) for (box,) in run(urls, "select box from secret_slots"))
    assert secret_slots.extract(OLD) not in told
    assert OLD.encode() not in told


def test_a_wrong_secret_at_the_upgrade_writes_no_root(urls):
    signed_by(urls, OLD)
    with pytest.raises(SettingsError, match="is not the master secret that this database was written under"):
        roots.read(urls.app, (OTHER,))
    assert run(urls, "select * from secret_roots") == []
    assert roots.read(urls.app, (NEW, OLD)).roots == FIRST


def test_without_a_signed_log_somebodys_seed_says_which_secret_it_was(urls):
    member_id = uuid4()
    box = cipher.seal(secret_slots.expand(secret_slots.extract(OLD), second_factor.KEY), b"seed", member_id.bytes)
    wanted = "select column_name from information_schema.columns where table_name = 'members' and is_nullable = 'NO'"
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as owner:
        owner.execute(roots.SEE_ALL)
        for (column,) in owner.execute(f"{wanted} and column_name <> 'id'").fetchall():
            owner.execute(
                f"alter table members alter column {column} drop not null"
            )  # one seed is all that is looked at
        owner.execute("insert into members (id, totp_secret_box) values (%s, %s)", (member_id, box))
    with pytest.raises(SettingsError, match="opens none of the authenticator apps"):
        roots.read(urls.app, (OTHER,))
    assert run(urls, "select * from secret_roots") == []
    assert roots.read(urls.app, (OLD, OTHER)).roots == FIRST
    assert roots.SEED == second_factor.KEY


def test_a_wrong_secret_later_opens_nothing_and_says_which_is_wanted(urls):
    roots.read(urls.app, (OLD,))
    before = slots(urls)
    with pytest.raises(SettingsError) as refusal:
        roots.read(urls.app, (OTHER,))
    said = str(refusal.value)
    assert secret_slots.secret_id(OLD) in said
    assert "BACKOFFICE_SECRET_KEY_PREVIOUS" in said
    assert "Nothing was changed" in said
    assert OLD not in said
    assert slots(urls) == before


def test_both_secrets_open_the_same_roots_while_one_is_changed_for_the_other(urls):
    roots.read(urls.app, (OLD,))
    assert roots.read(urls.app, (NEW, OLD)).roots == FIRST
    for secrets in ((NEW,), (OLD,), (NEW, OLD), (OLD, NEW)):
        assert roots.read(urls.app, secrets).roots == FIRST
    assert {one[2] for one in slots(urls)} == {secret_slots.secret_id(OLD), secret_slots.secret_id(NEW)}


def test_a_process_with_the_old_secret_goes_on_after_its_end_and_does_not_let_it_in_again(urls):
    keeper = roots.Keeper(urls.app, (OLD,))
    assert keeper.ring().roots == FIRST
    roots.read(urls.app, (NEW, OLD))
    run(urls, "delete from secret_slots where secret_id = %s", secret_slots.secret_id(OLD))
    keeper._read_at = 0.0
    assert keeper.ring().roots == FIRST
    assert {one[2] for one in slots(urls)} == {secret_slots.secret_id(NEW)}
    with pytest.raises(SettingsError, match=secret_slots.secret_id(NEW)):
        roots.Keeper(urls.app, (OLD,)).ring()


def left_behind(urls: PostgresUrls) -> roots.Keeper:
    """What a process knows that has only the old secret, after others retired that one and made another root."""
    keeper = roots.Keeper(urls.app, (OLD,))
    keeper.ring()
    roots.read(urls.app, (NEW, OLD))
    run(urls, "delete from secret_slots where secret_id = %s", secret_slots.secret_id(OLD))
    run(urls, "insert into secret_roots values ('working', 2, now(), null, null)")
    box = secret_slots.close(NEW, "working", 2, os.urandom(32))
    run(urls, "insert into secret_slots values ('working', 2, %s, %s, now())", secret_slots.secret_id(NEW), box)
    return keeper


def test_a_process_that_cannot_open_the_newest_root_stops_writing_under_the_one_before(urls, caplog):
    keeper = left_behind(urls)
    keeper._read_at = 0.0
    for _ in range(2):
        with pytest.raises(Unavailable, match="no longer used"):
            keeper.ring()
    assert secret_slots.secret_id(NEW) in str([record.__dict__.get("error") for record in caplog.records])


def test_it_stops_too_where_it_looks_beside_its_work(urls):
    keeper = left_behind(urls)
    keeper._look_beside(keeper.ring())
    with pytest.raises(Unavailable, match="no longer used"):
        keeper.ring()


def test_who_reads_anew_after_a_change_takes_no_retired_secret_for_a_new_one(urls):
    keeper = roots.Keeper(urls.app, (OLD,))
    keeper.ring()
    roots.read(urls.app, (NEW, OLD))
    run(urls, "delete from secret_slots where secret_id = %s", secret_slots.secret_id(OLD))
    keeper.outdate()
    assert keeper.ring().roots == FIRST
    assert {one[2] for one in slots(urls)} == {secret_slots.secret_id(NEW)}


def test_what_is_known_goes_on_while_the_database_is_away(urls):
    keeper = roots.Keeper(urls.app, (OLD,))
    keeper.ring()
    keeper._url, keeper._read_at = "postgresql://nobody@127.0.0.1:1/nothing", 0.0
    assert keeper.ring().roots == FIRST
    with pytest.raises(Unavailable, match="does not answer"):
        roots.Keeper("postgresql://nobody@127.0.0.1:1/nothing", (OLD,)).ring()


def test_before_the_migration_the_remedy_is_named(urls):
    command.downgrade(config(urls), "custom_roles")
    with pytest.raises(Unavailable, match="backoffice migrate"):
        roots.Keeper(urls.app, (OLD,)).ring()


def test_a_new_version_is_known_within_a_minute_and_at_once_to_who_meets_it(urls):
    keeper = roots.Keeper(urls.app, (OLD,))
    keeper.ring()
    run(urls, "insert into secret_roots values ('working', 2, now(), null, null)")
    box, fresh = secret_slots.close(OLD, "working", 2, os.urandom(32)), RootFamily.WORKING
    run(urls, "insert into secret_slots values ('working', 2, %s, %s, now())", secret_slots.secret_id(OLD), box)
    assert keeper.ring().versions(fresh) == [1]
    ring = keeper.again()
    assert (ring.newest(fresh), ring.settled(fresh)) == (2, 1)
    run(urls, "update secret_roots set created_at = now() - interval '2 minutes' where version = 2")
    assert roots.read(urls.app, (OLD,)).settled(fresh) == 2


def test_a_forked_child_reads_by_itself(urls):
    keeper = roots.Keeper(urls.app, (OLD,))
    keeper.ring()
    keeper._lock.acquire()  # as a thread held it when the process was forked
    keeper._process, keeper._read_at = 0, 0.0
    assert keeper.ring().roots == FIRST


def test_what_was_turned_cannot_be_downgraded(urls):
    run(urls, "insert into secret_roots values ('working', 2, now(), null, null)")
    with pytest.raises(RuntimeError, match="turned"):
        command.downgrade(config(urls), "custom_roles")
