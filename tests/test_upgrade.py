"""What a database holds survives migrations and moves, for an owner whom row-level security binds as well."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from backoffice.adapters import migrations
from backoffice.adapters.embedded_postgres import PostgresUrls, create_database, drop_database, programs
from tests.servers import ROOT, Servers

BEFORE = """
select set_config('app.everyone', 'on', false);
insert into partners (id, created_at, name, slug, plan, status)
values ('00000000-0000-0000-0000-000000000001', now(), 'Acme', 'acme', 'free', 'active');
insert into api_keys (id, created_at, partner_id, name, livemode, lookup, secret_hmac, pepper_version, last_four,
                      scopes, ip_allowlist, last_used_ip)
select gen_random_uuid(), now(), id, 'shop', true, 'lookup', 'hmac', 1, 'four', '{}', '{}', '' from partners;
insert into events (id, created_at, partner_id, livemode, type, subject_type, subject_id, sequence, data, request_id,
                    transaction_id)
select gen_random_uuid(), now(), partners.id, true, 'document.created', 'document', partners.id, told.sequence, '{}',
       '', told.transaction_id
from partners, (values (1, 20), (2, 10), (3, 30)) told (sequence, transaction_id);
insert into event_counters (subject_id, partner_id, last_sequence) select id, id, 3 from partners;
"""
LOADED = """
select set_config('app.everyone', 'on', false);
insert into partners (id, created_at, name, slug, plan, status)
values ('00000000-0000-0000-0000-000000000001', now(), 'Acme', 'acme', 'free', 'active');
insert into events (id, created_at, partner_id, livemode, type, subject_type, subject_id, sequence, data, request_id,
                    position)
select gen_random_uuid(), now(), partners.id, true, 'document.created', 'document', partners.id, told.sequence, '{}',
       '', 1000000000 + told.number
from partners, (values (1, 10), (2, 10), (3, 30)) told (sequence, number);
insert into event_counters (subject_id, partner_id, last_sequence, last_position)
select id, id, 3, 1000000030 from partners;
"""


@pytest.fixture
def urls(servers: Servers) -> Iterator[PostgresUrls]:
    urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"]))).named("upgraded")
    create_database(urls)
    yield urls
    with PostgresUrls(urls.socket_dir).connect() as admin:
        admin.execute("drop database upgraded with (force)")


def config(urls: PostgresUrls) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = urls.owner
    return config


def read(urls: PostgresUrls, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True) as app:
        app.execute("select set_config('app.everyone', 'on', false)")
        return app.execute(statement).fetchall()


def test_keys_and_events_from_before_the_partner_api_live_on(urls: PostgresUrls):
    command.upgrade(config(urls), "delivery_indexes")
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True) as app:
        app.execute(BEFORE)
    command.upgrade(config(urls), "head")
    secrets = read(
        urls, "select s.lookup, secret_hmac, s.state from api_key_secrets s join api_keys k on k.id = s.key_id"
    )
    assert secrets == [("lookup", "hmac", "active")]
    assert read(urls, "select sequence, position from events order by sequence") == [(1, 20), (2, 20), (3, 30)]
    assert read(urls, "select last_position from event_counters") == [(30,)]
    command.downgrade(config(urls), "delivery_indexes")
    assert read(urls, "select lookup, secret_hmac, pepper_version from api_keys") == [("lookup", "hmac", 1)]


PROVIDERS = """
select set_config('app.everyone', 'on', false);
insert into partners (id, created_at, name, slug, plan, status)
select ('00000000-0000-0000-0000-00000000000' || number)::uuid, now(), slug, slug, 'free', 'active'
from (values (1, 'acme'), (2, 'rival')) told (number, slug);
insert into members (id, created_at, partner_id, email, name, role, password_hash, totp_last_step,
                     time_zone, language)
select gen_random_uuid(), now(), id, slug || '@bank.example', slug, 'partner_analyst', 'x', 0, 'UTC', ''
from partners;
insert into sso_connections (id, created_at, partner_id, version, changed_at, issuer, client_id, role,
                             asks_second_factor, is_only_way, is_on)
select gen_random_uuid(), now(), id, 1, now(), slug, 'c', 'partner_analyst', false, false, true from partners;
insert into sso_identities (id, created_at, partner_id, member_id, issuer, subject)
select gen_random_uuid(), now(), partner_id, id, name, 's' from members;
"""


def test_a_provider_lives_on_and_one_that_speaks_saml_goes_with_whom_it_vouched_for(urls: PostgresUrls):
    command.upgrade(config(urls), "forgotten_pages")
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True) as app:
        app.execute(PROVIDERS)
        command.upgrade(config(urls), "head")
        told = "select issuer, kind, saml_url, certificates from sso_connections order by issuer"
        assert read(urls, told) == [("acme", "oidc", "", []), ("rival", "oidc", "", [])]
        app.execute("update sso_connections set kind = 'saml', saml_url = 'https://idp.example' where issuer = 'acme'")
    command.downgrade(config(urls), "forgotten_pages")
    assert read(urls, "select issuer from sso_connections") == [("rival",)]
    assert read(urls, "select issuer from sso_identities") == [("rival",)]


WALK = """
select sequence from events where position < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
order by position, sequence, id"""


def test_events_loaded_into_a_new_cluster_can_be_walked_again(urls: PostgresUrls):
    """Positions of a cluster with more transactions lie above the new one's horizon until the remedy was run."""
    command.upgrade(config(urls), "head")
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True) as app:
        app.execute(LOADED)
    assert read(urls, WALK) == []
    page = (ROOT / "docs" / "decisions" / "0008-events-are-walked-below-a-horizon.md").read_text()
    with psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(re.search(r"```sql\n(.*?)```", page, re.DOTALL)[1])
    assert read(urls, WALK) == [(1,), (2,), (3,)]
    assert read(urls, "select max(position), count(*) from events") == [(0, 3)]
    assert read(urls, "select last_position from event_counters") == [(0,)]


def test_two_that_migrate_at_once_both_end_and_a_stop_half_way_can_be_run_again(urls: PostgresUrls):
    """Indexes are made beside the traffic: who waits for its turn may keep nothing that they wait for."""
    command.upgrade(config(urls), "regions")
    with psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True) as owner:
        # As a stop leaves it: an index of the next migration is there, and its version is not.
        owner.execute("create index ix_data_keys_region on data_keys (region)")
    line = [sys.executable, "-m", "alembic", "-x", f"url={urls.owner}", "upgrade", "head"]
    both = [subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    [(made,)] = read(urls, "select indexdef from pg_indexes where indexname = 'ix_data_keys_region'")
    assert made.endswith("(region, wrapped_by)")
    assert read(urls, "select 1 from pg_indexes where indexname = 'ix_data_keys_wrapped_by'") == []


KEPT = """
insert into keystore.data_keys (applicant_id, partner_id, region, wrapped, wrapped_by, lost_at)
values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000001', 'default', 'alive', 'k', null),
       ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-000000000001', 'default', null, '', now())
"""
BOTH = "select applicant_id::text, convert_from(wrapped, 'utf8') from keystore.data_keys order by applicant_id"
OF_BEFORE = """
select set_config('app.everyone', 'on', false);
insert into partners (id, created_at, name, slug, plan, status)
values ('00000000-0000-0000-0000-000000000001', now(), 'Acme', 'acme', 'free', 'active');
insert into applicants (id, partner_id, livemode, version, created_at, updated_at, personal_box)
select ('00000000-0000-0000-0000-00000000000' || letter)::uuid, id, true, 1, now(), now(), 'sealed'
from partners, (values ('c'), ('d')) told (letter);
insert into data_keys (applicant_id, partner_id, wrapped, wrapped_by, created_at)
select id, partner_id, convert_to(right(id::text, 1), 'utf8'), 'k', now() from applicants;
"""


@pytest.fixture
def keys(urls: PostgresUrls) -> Iterator[PostgresUrls]:
    create_database(urls.keys)
    yield urls.keys
    drop_database(urls.keys)


def test_the_key_store_is_made_by_two_at_once_and_goes_again(keys: PostgresUrls):
    line = [sys.executable, "-m", "alembic", "-n", "keystore", "-x", f"url={keys.owner}", "upgrade", "head"]
    both = [subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    forced = "select relforcerowsecurity from pg_class where oid = 'keystore.data_keys'::regclass"
    assert read(keys, forced) == [(True,)]
    command.downgrade(migrations.config(migrations.KEYS, keys.owner), "base")
    assert read(keys, "select to_regclass('keystore.data_keys')") == [(None,)]


def test_keys_of_before_come_into_the_main_database_and_from_there_into_one_of_their_own(
    urls: PostgresUrls, keys: PostgresUrls, tmp_path: Path
):
    """By hand: `migrate` takes no key store for another one's successor, and serves none that does not know anybody."""
    command.upgrade(config(urls), "saml")
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True) as app:
        app.execute(OF_BEFORE)
    known = {"database_url": urls.app, "database_owner_url": urls.owner, "data_dir": str(tmp_path)}
    for _ in range(2):
        migrated(**known, keystore_url="")
        assert [row[1] for row in read(urls, BOTH)] == ["c", "d"]
    with psycopg.connect(urls.app.replace("+psycopg", ""), autocommit=True) as app:
        app.execute("select set_config('app.everyone', 'on', false)")
        app.execute(KEPT)
        app.execute("delete from data_keys")
    own = {"keystore_url": keys.app, "keystore_owner_url": keys.owner}
    assert "has no keys of this database's applicants" in migrated(**known, **own, is_refused=True)
    copied_by_hand(urls, keys)
    migrated(**known, **own)
    assert [row[1] for row in read(keys, BOTH)] == ["alive", None, "c", "d"]


def copied_by_hand(urls: PostgresUrls, keys: PostgresUrls) -> None:
    """As the operator's guide says."""
    dump = [
        programs() / "pg_dump",
        "--data-only",
        "--table=keystore.data_keys",
        "--enable-row-security",
        "--rows-per-insert=1000",
    ]
    asked = {**os.environ, "PGOPTIONS": "-c app.everyone=on"}
    plain = [one.owner.replace("+psycopg", "") for one in (urls, keys)]
    made = subprocess.run([*dump, plain[0]], capture_output=True, text=True, check=True, env=asked).stdout
    subprocess.run(
        [programs() / "psql", "-v", "ON_ERROR_STOP=1", "-q", plain[1]], input=made, text=True, check=True, env=asked
    )


def migrated(*, is_refused: bool = False, **settings: str) -> str:
    given = {"secret_key": "forty letters of this test" * 2, "keystore_owner_url": "", **settings}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    environment |= {f"BACKOFFICE_{name.upper()}": value for name, value in given.items()}
    line = [str(Path(sys.executable).with_name("backoffice")), "migrate"]
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode != 0) == is_refused, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())
