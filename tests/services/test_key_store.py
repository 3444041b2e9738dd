"""The key store: no partner sees another's keys, nothing is sealed by a key that is not durable, lost stays lost."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from backoffice.adapters import key_store
from backoffice.adapters.embedded_postgres import PostgresUrls
from backoffice.adapters.key_store import WrappedKey
from backoffice.clock import now
from backoffice.db import Store, Tenancy, execute, transaction
from backoffice.errors import NotAllowed, NotFound, Unavailable
from backoffice.jobs import data_keys
from backoffice.jobs import erasures as erasure_jobs
from backoffice.models.applicants import Applicant, UnmovedKey
from backoffice.models.base import new_id
from backoffice.models.erasure_requests import ErasureRequest, ErasureStatus
from backoffice.models.members import Role
from backoffice.services import applicants, erasures, health, key_moves, key_sweeps, vault
from backoffice.services.access import Actor
from tests.key_cast import as_owner, key_store_away, keys_of, keys_run
from tests.servers import ROOT, Servers
from tests.services.people import SYSTEM, actor_of, make_partner, make_person

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
WHO = {"surname": "Okonkwo", "given_names": "Amara"}


async def drafted() -> applicants.Draft:
    return await applicants.draft(Actor.system(await make_partner(), name="test"), WHO)


async def kept() -> Applicant:
    draft = await drafted()
    actor = Actor.system(draft.applicant.partner_id, name="test")
    async with transaction(actor.tenancy) as session:
        return await applicants.add(session, actor, draft)


async def surname(applicant_id: UUID) -> str:
    async with transaction(EVERYONE) as session:
        row = await session.get_one(Applicant, applicant_id)
        key = await vault.data_key(session, applicant_id)
        return vault.open_json(key, row.personal_box, row=row.id, column=applicants.PERSONAL_COLUMN)["surname"]


async def asked_for(person: Applicant) -> UUID:
    actor = Actor.system(person.partner_id, name="test")
    async with transaction(actor.tenancy) as session:
        return (await erasures.request(session, actor, person.id)).id


async def receipt_of(request_id: UUID) -> dict:
    async with transaction(EVERYONE) as session:
        return (await erasures.get(session, SYSTEM, request_id)).receipt["statement"]["erased"]


async def unmoved(*people: Applicant) -> None:
    """Have keys where a process of before writes them, and nowhere else."""
    found = await keys_of([one.id for one in people])
    await key_store.drop(list(found))
    async with transaction(EVERYONE) as session:
        for one in found.values():
            session.add(
                UnmovedKey(
                    applicant_id=one.applicant_id,
                    partner_id=one.partner_id,
                    region=one.region,
                    wrapped=one.wrapped,
                    wrapped_by=one.wrapped_by,
                )
            )


async def left_in_main(*people: Applicant) -> int:
    async with transaction(EVERYONE) as session:
        ids = [one.id for one in people]
        statement = select(func.count()).select_from(UnmovedKey).where(UnmovedKey.applicant_id.in_(ids))
        return (await session.execute(statement)).scalar_one()


async def test_a_rival_neither_reads_nor_loses_nor_writes_a_key():
    acme, rival = await kept(), await kept()
    outsider = Tenancy.of(rival.partner_id)
    for tenancy in (outsider, Tenancy()):
        assert await key_store.read(tenancy, {acme.id}) == []
        assert await key_store.lose(tenancy, {acme.id}) == 0
    async with transaction(outsider) as session:
        assert set(await vault.data_keys(session, {acme.id, rival.id})) == {rival.id}
    foreign = "insert into keystore.data_keys (applicant_id, partner_id, region, wrapped, wrapped_by)"
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(outsider, Store.KEYS) as session:
            await execute(session, f"{foreign} values (%s, %s, '', '', '')", (new_id(), acme.partner_id))
    assert await surname(acme.id) == "Okonkwo"


async def test_who_only_looks_changes_nothing_here_either():
    acme = await kept()
    with pytest.raises(NotAllowed):
        await key_store.lose(Tenancy.of(acme.partner_id, is_read_only=True), {acme.id})
    assert await surname(acme.id) == "Okonkwo"


@pytest.mark.parametrize(
    "sql",
    [
        "truncate keystore.data_keys",
        "alter table keystore.data_keys no force row level security",
        "update keystore.data_keys set created_at = now()",
        "update keystore.alembic_version set version_num = 'x'",
        "create table keystore.mine (id int)",
    ],
)
async def test_the_application_may_only_use_it(sql):
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        await keys_run(sql)


async def test_no_person_moves_or_sweeps(servers: Servers):
    person = actor_of(await make_person(Role.OPERATOR))
    async with transaction(EVERYONE) as session:
        for asked in (
            key_moves.copy(session, person, None),
            key_moves.clear(session, person, []),
            key_sweeps.next_keys(person, None),
            key_sweeps.judged(session, person, []),
            key_sweeps.lose(person, []),
            key_sweeps.lose_again(person, []),
            key_sweeps.erased_of_late(session, person),
            key_sweeps.drop(person, [], 0),
            key_sweeps.rewrite(person),
        ):
            with pytest.raises(NotAllowed):
                await asked


async def test_a_key_is_durable_before_what_it_seals_and_its_orphan_goes_when_no_backup_has_it(servers: Servers):
    person, orphan, fresh = await kept(), await drafted(), await drafted()
    assert set(await keys_of([person.id, orphan.applicant.id])) == {person.id, orphan.applicant.id}
    with pytest.raises(ZeroDivisionError):
        async with transaction(EVERYONE) as session:
            await applicants.add(session, Actor.system(orphan.applicant.partner_id, name="test"), orphan)
            raise ZeroDivisionError
    stranger = WrappedKey(new_id(), new_id(), "default", b"of another database", "")
    await key_store.add(stranger)
    ids = [person.id, orphan.applicant.id, stranger.applicant_id]
    as_owner(servers, "update keystore.data_keys set created_at = now() - interval '37 days'"
                      " where applicant_id = any(%s::uuid[])", ids)  # fmt: skip
    _, dropped = await data_keys.compare()
    assert dropped >= 1
    left = set(await keys_of([*ids, fresh.applicant.id]))
    assert left == {person.id, stranger.applicant_id, fresh.applicant.id}
    assert await surname(person.id) == "Okonkwo"
    await key_store.drop([stranger.applicant_id])


async def test_so_many_orphans_that_it_is_another_database_are_left(servers: Servers, monkeypatch, caplog):
    monkeypatch.setattr(key_sweeps, "FEW", 1)
    people = [(await drafted()).applicant for _ in range(3)]
    ids = [one.id for one in people]
    as_owner(servers, "update keystore.data_keys set created_at = now() - interval '37 days'"
                      " where applicant_id = any(%s::uuid[])", ids)  # fmt: skip
    monkeypatch.setattr(key_sweeps, "SHARE", 0.0)
    assert (await data_keys.compare())[1] == 0
    assert "key_store_does_not_fit" in caplog.text
    assert len(await keys_of(ids)) == 3
    await key_store.drop(ids)


async def test_a_key_store_that_came_back_from_a_backup_loses_the_erased_again(servers: Servers):
    person, other = await kept(), await kept()
    old = (await keys_of([person.id]))[person.id]
    await erasure_jobs.erase(str(await asked_for(person)))
    assert await keys_of([person.id]) == {}
    await key_store.drop([person.id])
    await key_store.add(old)
    erased, _ = await data_keys.compare(is_restored=True)
    assert erased >= 1
    assert set(await keys_of([person.id, other.id])) == {other.id}
    with pytest.raises(NotFound, match="erased"):
        await surname(person.id)


async def test_what_is_lost_stays_lost(servers: Servers):
    person = await kept()
    old = (await keys_of([person.id]))[person.id]
    assert [await key_store.lose(EVERYONE, {person.id}) for _ in range(2)] == [1, 1]
    await key_store.add(old)
    await key_store.take([(old.applicant_id, old.partner_id, old.region, old.wrapped, "", person.created_at, None)])
    assert await keys_of([person.id]) == {}
    back = "update keystore.data_keys set wrapped = 'x', lost_at = null where applicant_id = %s"
    with pytest.raises(psycopg.errors.CheckViolation, match="stays lost"):
        as_owner(servers, back, old.applicant_id)


DIES = """
import asyncio, os, signal, sys
from backoffice.services import erasures
async def dies(*_): os.kill(os.getpid(), signal.SIGKILL)
erasures._receipt = dies
from backoffice.jobs import erasures as jobs
asyncio.run(jobs.erase(sys.argv[1]))
"""


async def test_a_worker_killed_after_the_key_is_lost_is_finished_and_counted_the_same():
    person = await kept()
    request_id = await asked_for(person)
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", DIES, str(request_id)], cwd=ROOT, env=dict(os.environ), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert await keys_of([person.id]) == {}
    async with transaction(EVERYONE) as session:
        assert (await erasures.get(session, SYSTEM, request_id)).status == "processing"
        assert (await session.get_one(Applicant, person.id)).erased_at is None
    await erasure_jobs.erase(str(request_id))
    assert (await receipt_of(request_id))["data_keys"] == 1


async def test_a_key_of_before_is_read_moved_and_cleared_when_everybody_knows_the_new_place(monkeypatch):
    people = [await kept() for _ in range(5)]
    await unmoved(*people)
    monkeypatch.setattr(key_moves, "AT_ONCE", 2)
    assert await surname(people[0].id) == "Okonkwo"
    assert await data_keys.move(copies_only=True) >= 5
    assert len(await keys_of([one.id for one in people])) == await left_in_main(*people) == 5
    await data_keys.move()
    assert await left_in_main(*people) == 5, "a process of before still reads them"
    monkeypatch.setattr(key_moves, "SETTLED", timedelta())
    await data_keys.move()
    assert await left_in_main(*people) == 0
    assert [await surname(one.id) for one in people] == ["Okonkwo"] * 5
    async with transaction(EVERYONE) as session:
        assert await key_moves.is_over(session, SYSTEM)


async def test_two_movers_at_once_and_one_that_dies_half_way_lose_nothing(monkeypatch):
    people = [await kept() for _ in range(6)]
    await unmoved(*people)
    monkeypatch.setattr(key_moves, "AT_ONCE", 2)
    monkeypatch.setattr(key_moves, "SETTLED", timedelta())
    with pytest.raises(ZeroDivisionError):
        async with transaction(EVERYONE) as session:
            [*_, last] = await key_moves.copy(session, SYSTEM, None)
            raise ZeroDivisionError
    assert last
    await asyncio.wait_for(asyncio.gather(*(data_keys.move() for _ in range(3))), 60)
    assert await left_in_main(*people) == 0
    assert [await surname(one.id) for one in people] == ["Okonkwo"] * 6


async def test_who_is_erased_before_their_key_is_moved_is_erased_and_counted(monkeypatch):
    person, moving = await kept(), await kept()
    await unmoved(person, moving)
    requests = [await asked_for(one) for one in (person, moving)]
    await erasure_jobs.erase(str(requests[0]))
    async with transaction(EVERYONE) as session:
        await key_moves.copy(session, SYSTEM, None)
        erasing = asyncio.create_task(erasure_jobs.erase(str(requests[1])))
        await asyncio.sleep(0.5)
        assert not erasing.done(), "it waits for the mover, and then loses what was moved"
    await asyncio.wait_for(erasing, 30)
    await data_keys.move()
    assert [(await receipt_of(one))["data_keys"] for one in requests] == [1, 1]
    assert (await keys_of([person.id, moving.id]), await left_in_main(person, moving)) == ({}, 0)


async def test_who_is_erased_by_a_process_of_before_while_keys_move_loses_the_copy_too():
    person, other = await kept(), await kept()
    await unmoved(person, other)
    await data_keys.move(copies_only=True)
    request_id = await asked_for(person)
    async with transaction(EVERYONE) as session:
        await session.execute(delete(UnmovedKey).where(UnmovedKey.applicant_id.in_([person.id, other.id])))
        (await session.get_one(Applicant, person.id)).erased_at = now()
        row = await session.get_one(ErasureRequest, request_id)
        row.status, row.completed_at = ErasureStatus.COMPLETED, now()
    await data_keys.tend()
    assert set(await keys_of([person.id, other.id])) == {other.id}


async def test_one_that_hangs_is_waited_for_a_while_and_holds_nobody_up(servers: Servers, monkeypatch):
    person = await kept()
    monkeypatch.setattr(key_store, "ANSWER_SECONDS", 0.5)
    with psycopg.connect(servers.keys_owner_url.replace("+psycopg", "")) as owner:
        owner.execute("lock table keystore.data_keys in access exclusive mode")
        with pytest.raises(Unavailable):
            await asyncio.wait_for(surname(person.id), 20)
    assert await surname(person.id) == "Okonkwo"


async def test_a_lost_key_leaves_the_files_of_its_table(servers: Servers):
    person, other = await kept(), await kept()
    held = {key: row.wrapped for key, row in (await keys_of([person.id, other.id])).items()}
    urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"]))).keys
    cluster = servers.folder / "servers" / "postgres"

    def in_file(wrapped: bytes) -> bool:
        with urls.connect() as admin:
            admin.execute("checkpoint")
            path = admin.execute("select pg_relation_filepath('keystore.data_keys')").fetchone()[0]
        return wrapped in (cluster / path).read_bytes()

    await key_store.lose(EVERYONE, {person.id})
    assert in_file(held[person.id]), "an update leaves the old row behind"
    await data_keys.rewrite()
    assert (in_file(held[person.id]), in_file(held[other.id])) == (False, True)
    assert await surname(other.id) == "Okonkwo"


async def test_who_writes_the_table_anew_waits_for_nobody_for_long(servers: Servers):
    with psycopg.connect(servers.keys_owner_url.replace("+psycopg", "")) as reader:
        reader.execute("select 1 from keystore.data_keys limit 1")
        with pytest.raises(Unavailable):
            await asyncio.wait_for(data_keys.rewrite(), 20)
    await data_keys.rewrite()


async def test_connections_that_died_are_replaced_in_the_middle_of_a_transaction(servers: Servers):
    person = await kept()
    async with transaction(EVERYONE) as session:
        await session.execute(text("select 1"))
        as_owner(servers, "select 1")
        urls = PostgresUrls(Path(str(make_url(servers.owner_url).query["host"]))).keys
        with urls.connect() as admin:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                          " where datname = current_database() and pid <> pg_backend_pid()")  # fmt: skip
        assert set(await vault.data_keys(session, {person.id})) == {person.id}


async def test_while_it_is_away_health_says_so_and_an_erasure_waits(monkeypatch):
    monkeypatch.setattr(health, "BUDGET_SECONDS", 60.0)
    person = await kept()
    request_id = await asked_for(person)
    operator = actor_of(await make_person(Role.OPERATOR))
    async with key_store_away():
        found = {one.name: one for one in await health.parts(operator)}
        assert (found["Key store"].status, found["PostgreSQL"].status) == ("down", "ok")
        with pytest.raises(Unavailable):
            await erasure_jobs.erase(str(request_id))
        for asked in (drafted(), surname(person.id), data_keys.compare(), data_keys.rewrite()):
            with pytest.raises(Unavailable):
                await asked
    found = {one.name: one for one in await health.parts(operator)}
    assert (found["Key store"].status, "whose backups hold the keys too" in found["Key store"].detail) == ("ok", True)
    await erasure_jobs.erase(str(request_id))
    assert (await receipt_of(request_id))["data_keys"] == 1
