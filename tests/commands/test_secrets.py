"""Secrets from the command line: what a start says of a wrong one, and a change from its beginning to its end."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from backoffice.adapters.embedded_postgres import PostgresUrls, create_database
from backoffice.adapters.secret_slots import secret_id
from tests.commands.test_start import backoffice, sentence
from tests.servers import Servers

pytestmark = pytest.mark.timeout(240)
OLD, NEW, OTHER = ("one of forty letters, that was here first", "another of forty letters, that came after", "o" * 40)


@pytest.fixture
def known(servers: Servers, tmp_path) -> Iterator[dict[str, str]]:
    """Settings of an installation that was begun with the old secret."""
    name = f"own_{os.urandom(4).hex()}"
    urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"]))).named(name)
    create_database(urls)
    known = {
        "data_dir": str(tmp_path),
        "database_url": urls.app,
        "database_owner_url": urls.owner,
        "redis_url": servers.redis_url,
        "demo": "1",
    }
    assert backoffice("migrate", **known, secret_key=OLD).returncode == 0
    yield known
    with PostgresUrls(urls.socket_dir).connect() as admin:
        admin.execute(f"drop database {name} with (force)")


def roots(known: dict[str, str]) -> int:
    with psycopg.connect(known["database_owner_url"].replace("+psycopg", "")) as owner:
        return owner.execute("select count(*) from secret_roots").fetchone()[0]


@pytest.mark.parametrize("command", [("web",), ("worker",), ("migrate",), ("secrets", "list")])
def test_a_wrong_secret_is_told_in_a_sentence_and_makes_no_new_root(known, command):
    said = sentence(backoffice(*command, **known, secret_key=OTHER))
    assert f"BACKOFFICE_SECRET_KEY is the master secret {secret_id(OTHER)}" in said
    assert f"sealed under {secret_id(OLD)}" in said
    assert "Nothing was changed" in said
    assert roots(known) == 3


def test_doctor_says_so_too(known):
    said = " ".join(backoffice("doctor", **known, secret_key=OTHER).stdout.split())
    assert "✗ master secret opens nothing here" in said
    both = {**known, "secret_key": NEW, "secret_key_previous": OLD}
    for settings in ({**known, "secret_key": OLD}, both):
        assert "✓ master secret set" in " ".join(backoffice("doctor", **settings).stdout.split())
    with psycopg.connect(known["database_owner_url"].replace("+psycopg", "")) as owner:
        assert owner.execute("select distinct secret_id from secret_slots").fetchall() == [(secret_id(OLD),)]


def test_a_change_from_its_beginning_to_what_it_waits_for(known):
    alone = backoffice("secrets", "rotate", "master", **known, secret_key=OLD)
    assert "BACKOFFICE_SECRET_KEY_PREVIOUS" in sentence(alone)
    both = {**known, "secret_key": NEW, "secret_key_previous": OLD}
    done = backoffice("secrets", "rotate", "master", **both)
    assert (done.returncode, "0 sealed again." in done.stdout) == (0, True), done.stderr
    listed = backoffice("secrets", "list", **both).stdout
    assert f"The master secret {secret_id(NEW)} opens every root." in listed
    assert f"The master secret {secret_id(OLD)} opens 4 roots, too." in listed
    assert "end within a day" in sentence(backoffice("secrets", "retire", "master", "--yes", **both))
    refused = backoffice("secrets", "retire", "master", "--by", "2030-01-01", **both)
    assert refused.returncode == 2
    assert backoffice("secrets", "rotate", "pepper", **both).returncode == 0
    assert (
        "0 API keys end on 2030-01-01"
        in backoffice("secrets", "retire", "pepper", "--by", "2030-01-01", "--yes", **both).stdout
    )
