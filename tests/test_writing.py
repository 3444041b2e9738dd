"""Rows that are written together: refused as a whole, numbered without gaps, over connections that died meanwhile."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backoffice.clock import now
from backoffice.db import NewRow, Tenancy, gathered, insert, transaction
from backoffice.models.applicants import Applicant
from backoffice.models.base import new_id
from backoffice.models.verifications import Verification
from backoffice.services import events
from backoffice.services.access import Actor
from backoffice.services.events import Subject
from tests.api.world import make_world
from tests.servers import Servers
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import deliveries_of, endpoint_of, quiet

EVERYONE = Tenancy.everyone()
SYSTEM = Actor.system()


async def counted(sql: str, **values: object) -> int:
    async with transaction(EVERYONE) as session:
        return (await session.execute(text(sql), values)).scalar_one()


def pair(partner_id) -> tuple[Verification, Applicant]:
    """Name the reference before what it points at."""
    applicant = Applicant(partner_id=partner_id, livemode=True, personal_box=b"\x00\xff\\x")
    types = ["passport", 'na"tional,{id}']
    verification = Verification(
        partner_id=partner_id, livemode=True, applicant_id=applicant.id, required_types=types, external_id="ünï\\c'“"
    )
    return verification, applicant


async def test_rows_come_back_as_they_were(database: Servers):
    verification, applicant = pair((await make_world()).partner_id)
    async with transaction(EVERYONE) as session:
        await insert(session, verification, applicant)
    async with transaction(EVERYONE) as session:
        read = await session.get_one(Verification, verification.id)
        owner = await session.get_one(Applicant, applicant.id)
    assert read.model_dump() == verification.model_dump()
    assert owner.model_dump() == applicant.model_dump()


async def test_a_reference_to_nothing_refuses_all(database: Servers):
    world = await make_world()
    verification, applicant = pair(world.partner_id)
    verification.applicant_id = new_id()
    with pytest.raises(DBAPIError):
        async with transaction(EVERYONE) as session:
            await insert(session, verification, applicant)
    assert await counted("select count(*) from applicants where partner_id = :p", p=world.partner_id) == 0


async def test_another_partners_row_is_refused(database: Servers):
    mine, theirs = await make_world(), await make_world()
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(Tenancy.of(mine.partner_id)) as session, gathered(session):
            await insert(session, *pair(mine.partner_id))
            await insert(session, *pair(theirs.partner_id))
    for world in (mine, theirs):
        assert await counted("select count(*) from applicants where partner_id = :p", p=world.partner_id) == 0


async def test_a_value_is_never_sql(database: Servers):
    world = await make_world()
    hostile = "'); drop table applicants; --"
    values = {"id": new_id(), "created_at": now(), "updated_at": now(), "partner_id": world.partner_id}
    async with transaction(EVERYONE) as session:
        await insert(session, NewRow(Applicant, values | {"livemode": True, "version": 1, "external_id": hostile}))
    assert await counted(
        "select count(*) from applicants where external_id = :e and id = :i", e=hostile, i=values["id"]
    )


def fact(partner_id, subject_id=None, *, livemode=True) -> Subject:
    return Subject("document", subject_id or new_id(), partner_id, livemode, {"id": "x"})


async def test_events_told_together_are_numbered_per_subject_without_gaps(database: Servers):
    mine, theirs = await make_world(), await make_world()
    one, two, other = fact(mine.partner_id), fact(mine.partner_id, livemode=False), fact(theirs.partner_id)
    for _ in range(2):
        async with transaction(EVERYONE) as session, events.together(session):
            for subject in (one, two, one, other, one):
                await events.emit(session, SYSTEM, "document.created", subject)
    statement = "select array_agg(sequence order by id) from events where subject_id = :s"
    assert await counted(statement, s=one.id) == [1, 2, 3, 4, 5, 6]
    assert await counted(statement, s=two.id) == await counted(statement, s=other.id) == [1, 2]


async def test_transactions_that_tell_of_the_same_subjects_do_not_lock_each_other_out(database: Servers):
    world = await make_world()
    subjects = [fact(world.partner_id) for _ in range(6)]

    async def tell(order: list[Subject]) -> None:
        async with transaction(EVERYONE) as session, events.together(session):
            for subject in order:
                await events.emit(session, SYSTEM, "document.created", subject)

    await asyncio.gather(*(tell(subjects[:: 1 if number % 2 else -1]) for number in range(12)))
    for subject in subjects:
        statement = "select array_agg(sequence order by sequence) from events where subject_id = :s"
        assert await counted(statement, s=subject.id) == list(range(1, 13))


async def test_nothing_is_told_when_the_block_fails(database: Servers):
    subject = fact((await make_world()).partner_id)
    with pytest.raises(ZeroDivisionError):
        async with transaction(EVERYONE) as session, events.together(session):
            await events.emit(session, SYSTEM, "document.created", subject)
            raise ZeroDivisionError
    assert await counted("select count(*) from event_counters where subject_id = :s", s=subject.id) == 0


async def test_events_told_together_are_owed_to_who_wants_them_and_has_the_mode(database: Servers):
    cast = await make_cast()
    everything, _ = await endpoint_of(cast, "http://127.0.0.1:9/a")
    picky, _ = await endpoint_of(cast, "http://127.0.0.1:9/b", event_types=["document.approved"])
    test_mode, _ = await endpoint_of(cast, "http://127.0.0.1:9/c", livemode=False)
    async with transaction(EVERYONE) as session, events.together(session):
        for type_ in ("document.created", "document.approved"):
            await events.emit(session, SYSTEM, type_, fact(cast.partner.id))
    assert [len(await deliveries_of(each)) for each in (everything, picky, test_mode)] == [2, 1, 0]
    await quiet(cast)


async def test_connections_that_died_in_the_pool_cost_nobody_a_request(database: Servers):
    together = asyncio.Barrier(3)

    async def backend() -> int:
        async with transaction(EVERYONE) as session:
            await together.wait()
            return (await session.execute(text("select pg_backend_pid()"))).scalar_one()

    dead = await asyncio.gather(*(backend() for _ in range(3)))
    plain = database.app_url.replace("postgresql+psycopg", "postgresql")
    async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as killer:
        for pid in dead:
            await killer.execute("select pg_terminate_backend(%s, 2000)", (pid,))
    alive = await asyncio.gather(*(backend() for _ in range(3)))
    assert not set(alive) & set(dead)
