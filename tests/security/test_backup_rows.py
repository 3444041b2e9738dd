"""Row 59, backups: what a backup of the main database from before an erasure gives away, and what comes of it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from backoffice import db
from backoffice.adapters.embedded_postgres import ADMIN, PORT, PostgresUrls, drop_database, programs
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.jobs import data_keys
from backoffice.jobs import erasures as jobs
from backoffice.models.applicants import Applicant
from backoffice.services import applicants, erasures, vault
from backoffice.services.access import Actor
from backoffice.settings import settings
from tests.key_cast import keys_of
from tests.servers import Servers
from tests.services.people import make_partner

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
COPY = "from_before"


@pytest.fixture
def urls(servers: Servers) -> Iterator[PostgresUrls]:
    urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"])))
    yield urls
    drop_database(urls.named(COPY))


def dumped(urls: PostgresUrls) -> bytes:
    line = [programs() / "pg_dump", "-h", urls.socket_dir, "-p", str(PORT), "-U", ADMIN, urls.database]
    return subprocess.run(line, check=True, capture_output=True, timeout=120).stdout


def restored(urls: PostgresUrls, dump: bytes) -> PostgresUrls:
    """Bring a dump back beside the database, as who restores the main database alone."""
    with urls.named(ADMIN).connect() as admin:
        admin.execute(f"create database {COPY} owner backoffice_owner template template0")
    line = [
        programs() / "psql",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        urls.socket_dir,
        "-p",
        str(PORT),
        "-U",
        ADMIN,
        COPY,
    ]
    subprocess.run(line, input=dump, check=True, capture_output=True, timeout=120)
    return urls.named(COPY)


async def opened(applicant_id) -> dict:
    async with transaction(EVERYONE) as session:
        row = await session.get_one(Applicant, applicant_id)
        key = await vault.data_key(session, applicant_id)
        return vault.open_json(key, row.personal_box, row=row.id, column=applicants.PERSONAL_COLUMN)


async def arrived(name: str) -> Applicant:
    actor = Actor.system(await make_partner(), name="test")
    draft = await applicants.draft(actor, {"surname": name})
    async with transaction(actor.tenancy) as session:
        return await applicants.add(session, actor, draft)


async def test_59_a_copy_of_the_main_database_from_before_opens_nobody(urls: PostgresUrls, monkeypatch):
    person, stays = await arrived("Leaves"), await arrived("Stays")
    wrapped = (await keys_of([person.id]))[person.id].wrapped
    dump = dumped(urls)
    assert bytes(person.personal_box).hex().encode() in dump, "the box is in it"
    assert wrapped.hex().encode() not in dump, "and the key is not"
    assert wrapped.hex().encode() in dumped(urls.keys)
    actor = Actor.system(person.partner_id, name="test")
    async with transaction(actor.tenancy) as session:
        request = await erasures.request(session, actor, person.id)
    await jobs.erase(str(request.id))
    assert wrapped.hex().encode() not in dumped(urls.keys)

    copy = restored(urls, dump)
    await db.close()
    with monkeypatch.context() as patch:
        patch.setitem(os.environ, "BACKOFFICE_DATABASE_URL", copy.app)
        settings.cache_clear()
        async with transaction(EVERYONE) as session:
            assert (await session.get_one(Applicant, person.id)).erased_at is None, "they are back"
        with pytest.raises(NotFound, match="erased"):
            await opened(person.id)
        assert await opened(stays.id) == {"surname": "Stays"}
        assert await jobs.erase_returned() >= 1
        await data_keys.compare(is_restored=True)
        assert set(await keys_of([person.id, stays.id])) == {stays.id}
        async with transaction(EVERYONE) as session:
            assert (await session.get_one(Applicant, person.id)).erased_at is not None
        await db.close()
    settings.cache_clear()
