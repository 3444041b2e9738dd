"""The event list: walked while transactions commit in any order, without a gap and without a repeat."""

import asyncio
import random
from contextlib import AsyncExitStack

import psycopg
import pytest
from sqlalchemy import event as hooks
from sqlalchemy import text

from backoffice.db import Store, Tenancy, engine, transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.services import event_cursors, event_pages, events
from backoffice.services.access import Actor, ActorType, Permission
from backoffice.services.event_cursors import Place
from backoffice.services.events import Subject
from tests.services.review_cast import make_cast

EVERYONE = Tenancy.everyone()
SYSTEM = Actor.system()


def reader(cast, *, livemode=True, rights=(Permission.EVENTS_READ,)):
    return Actor(ActorType.API_KEY, new_id(), "reader", frozenset(rights), cast.partner.id, livemode=livemode)


@pytest.fixture
async def acme(database):
    return await make_cast()


def about(cast, subject_id=None, *, livemode=True):
    return Subject("document", subject_id or new_id(), cast.partner.id, livemode, {"id": "x"})


async def tell(session, subject, type_="document.created"):
    return await events.emit(session, SYSTEM, type_, subject)


async def happen(cast, *types, livemode=True):
    async with transaction(EVERYONE) as session:
        return [await tell(session, about(cast, livemode=livemode), type_) for type_ in types]


async def ask(actor, **query):
    async with transaction(actor.tenancy) as session:
        return await event_pages.page(session, actor, **query)


async def walk(actor, after=None, *, limit=3, **query):
    """Go on until nothing new comes."""
    seen = []
    while True:
        page = await ask(actor, after=after, limit=limit, **query)
        if not page.rows:
            assert page.next_cursor == after
            return seen, after
        seen += page.rows
        after = page.next_cursor


async def walked(actor, count, after=None, **query):
    """Walk until so many have come: a transaction of somebody else may hold the horizon back for a moment."""
    seen = []
    async with asyncio.timeout(20):
        while len(seen) < count:
            more, after = await walk(actor, after, **query)
            seen += more
            await asyncio.sleep(0.01)
    return seen


def ids(rows):
    return [row.id for row in rows]


# Strangers


async def test_another_partners_and_the_other_modes_events_do_not_exist(acme):
    mine = await happen(acme, "document.created", "document.submitted")
    test = await happen(acme, "document.created", livemode=False)
    rival = reader(await make_cast())
    assert ids(await walked(reader(acme), 2)) == ids(mine)
    assert ids(await walked(reader(acme, livemode=False), 1)) == ids(test)
    assert await walk(rival) == ([], None)
    for stranger in (rival, reader(acme, livemode=False)):
        async with transaction(stranger.tenancy) as session:
            with pytest.raises(NotFound):
                await event_pages.get(session, stranger, mine[0].id)
        with pytest.raises(Invalid) as refused:
            await ask(stranger, after=public_id(Prefix.EVENT, mine[0].id))
        assert refused.value.code == "invalid_cursor"


async def test_reading_needs_the_permission(acme):
    blind = reader(acme, rights=set(Permission) - {Permission.EVENTS_READ})
    [event] = await happen(acme, "document.created")
    async with transaction(blind.tenancy) as session:
        for asked in (
            event_pages.page(session, blind),
            event_pages.place_of(session, blind, None),
            event_pages.read(session, blind, None, limit=1),
            event_pages.get(session, blind, event.id),
        ):
            with pytest.raises(NotAllowed):
                await asked


# Order


async def test_oldest_first_page_by_page_with_any_limit(acme):
    told = ids(await happen(acme, *["document.created"] * 4)) + ids(await happen(acme, *["document.created"] * 3))
    actor = reader(acme)
    await walked(actor, 7)
    for limit in range(1, 9):
        seen, last = await walk(actor, limit=limit)
        assert sorted(ids(seen)) == sorted(told)
        assert set(ids(seen)[:4]) == set(told[:4])
        page = await ask(actor, limit=limit)
        assert page.has_more == (limit < 7)
        assert await walk(actor, last) == ([], last)


async def test_a_lower_transaction_that_commits_later_is_neither_lost_nor_overtaken(acme):
    actor = reader(acme)
    async with AsyncExitStack() as open_:
        slow = await open_.enter_async_context(transaction(EVERYONE))
        first = await tell(slow, about(acme))
        [second] = await happen(acme, "document.approved")
        assert first.position < second.position
        assert await walk(actor) == ([], None)
        [third] = await happen(acme, "document.rejected")
        assert await walk(actor) == ([], None)
    assert ids(await walked(actor, 3)) == [first.id, second.id, third.id]


async def test_a_subjects_later_event_from_a_lower_transaction_comes_later(acme):
    actor, subject = reader(acme), about(acme)
    async with AsyncExitStack() as open_:
        slow = await open_.enter_async_context(transaction(EVERYONE))
        lower = (await slow.execute(text("select pg_current_xact_id()::text::bigint"))).scalar_one()
        async with transaction(EVERYONE) as quick:
            one = await tell(quick, subject)
            other = await tell(quick, about(acme))
        assert lower < one.position
        two = await tell(slow, subject, "document.submitted")
        assert (two.sequence, two.position) == (2, one.position)
        assert await walk(actor) == ([], None)
    seen = await walked(actor, 3, limit=1)
    assert {row.id for row in seen} == {one.id, two.id, other.id}
    assert [row.sequence for row in seen if row.subject_id == subject.id] == [1, 2]


async def test_no_reader_ever_misses_or_repeats_while_many_write(acme):
    """Writers hold their transactions open for random times; readers walk all the while, each with its own limit."""
    dice, subjects = random.Random(7), [about(acme) for _ in range(4)]
    rounds, writers = 12, 6

    async def write(number):
        for _ in range(rounds):
            async with transaction(EVERYONE) as session:
                await session.execute(text("select pg_current_xact_id()"))
                await asyncio.sleep(dice.random() * 0.01)
                await tell(session, subjects[(number + dice.randrange(2)) % 4])
                await asyncio.sleep(dice.random() * 0.01)

    readers = [asyncio.create_task(walked(reader(acme), rounds * writers, limit=limit)) for limit in (1, 3, 100)]
    await asyncio.gather(*(write(number) for number in range(writers)))
    for seen in await asyncio.gather(*readers):
        assert len(set(ids(seen))) == len(seen) == rounds * writers
        for subject in subjects:
            mine = [row.sequence for row in seen if row.subject_id == subject.id]
            assert mine == list(range(1, len(mine) + 1))


async def test_a_rolled_back_event_leaves_no_hole(acme):
    actor, subject = reader(acme), about(acme)
    async with transaction(EVERYONE) as session:
        kept = [await tell(session, subject)]
    with pytest.raises(ZeroDivisionError):
        async with transaction(EVERYONE) as session:
            await tell(session, subject)
            raise ZeroDivisionError
    async with transaction(EVERYONE) as session:
        kept.append(await tell(session, subject, "document.submitted"))
    assert [(row.id, row.sequence) for row in await walked(actor, 2)] == [(kept[0].id, 1), (kept[1].id, 2)]


# Where to go on


async def test_from_an_event_by_its_id(acme):
    actor = reader(acme)
    told = await walked(actor, len(await happen(acme, *["document.created"] * 4)))
    for number, event in enumerate(told):
        seen, _ = await walk(actor, public_id(Prefix.EVENT, event.id))
        assert ids(seen) == ids(told[number + 1 :])


async def test_from_now_on(acme):
    actor = reader(acme)
    await walked(actor, len(await happen(acme, "document.created", "document.created")))
    page = await ask(actor, after="now")
    assert (page.rows, page.has_more) == ([], False)
    told = await happen(acme, "document.approved")
    assert ids(await walked(actor, 1, page.next_cursor)) == ids(told)


async def test_a_cursor_that_is_cut_changed_or_from_elsewhere_is_refused(acme):
    actor = reader(acme)
    cursor = event_cursors.write(actor, Place(5, 1, new_id()))
    assert event_cursors.read(actor, cursor) == event_cursors.read(actor, cursor)
    bad = [
        cursor[:-1], cursor + "A", cursor.swapcase(), "A" * 43, "=" * 43, "é" * 43, cursor[:10] + "*" + cursor[11:],
        "evt_", "evt_" + "0" * 26, "doc_" + "0" * 26, "x", "NOW", "0",
        event_cursors.write(reader(acme, livemode=False), Place(5, 1, new_id())),
        event_cursors.write(reader(await make_cast()), Place(5, 1, new_id())),
    ]  # fmt: skip
    changed = [cursor[:at] + ("B" if cursor[at] == "A" else "A") + cursor[at + 1 :] for at in range(len(cursor))]
    for wrong in bad + changed:
        with pytest.raises(Invalid) as refused:
            await ask(actor, after=wrong)
        assert (refused.value.code, refused.value.pointer) == ("invalid_cursor", "/after")


async def test_places_survive_the_way_out_and_back(acme):
    actor = reader(acme)
    for place in (Place(-(2**63), 0, new_id()), Place(2**63 - 1, 2**31 - 1, new_id()), Place.before_position(0)):
        assert event_cursors.read(actor, event_cursors.write(actor, place)) == place


# Types


async def test_types_and_wildcards_narrow_the_walk(acme):
    actor = reader(acme)
    told = await happen(
        acme, "document.created", "applicant.created", "document.approved", "verification.created", "api_key.created"
    )
    told = await walked(actor, len(told))

    async def only(*types):
        return [row.type for row in (await walk(actor, limit=1, types=types))[0]]

    assert await only("document.approved") == ["document.approved"]
    order = [row.type for row in told]
    assert await only("document.*") == [name for name in order if name.startswith("document.")]
    assert await only("document.*", "api_key.created") == [
        name for name in order if name.startswith(("document.", "api_key."))
    ]
    assert await only("review.*") == []
    for wrong in ("document.declined", "*", "doc*", "", ".*", "document.*.*", "Document.*"):
        with pytest.raises(Invalid) as refused:
            await ask(actor, types=["document.approved", wrong])
        assert refused.value.code == "unknown_event_type"


MANY = """
insert into events (id, created_at, partner_id, livemode, subject_type, subject_id, request_id, type, sequence, data,
                    position)
select uuidv7(), now(), cast(:p as text)::uuid, true, 'document', md5(cast(:p as text) || number % 500)::uuid, '',
       (array['document.created', 'document.approved', 'review.claimed'])[number % 3 + 1], number / 500 + 1, '{}',
       number - 100000
from generate_series(0, 4999) number"""


@pytest.fixture
async def crowded(acme, database):
    """A partner with so many events that the planner cares."""
    async with transaction(EVERYONE) as session:
        await session.execute(text(MANY), {"p": str(acme.partner.id)})
    plain = database.owner_url.replace("postgresql+psycopg", "postgresql")
    async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as owner:
        await owner.execute("analyze events")
    return reader(acme)


@pytest.mark.parametrize(
    ("types", "index"), [((), "ix_events_walk"), (("document.approved",), "ix_events_walk_type")], ids=["all", "one"]
)
async def test_a_page_is_one_walk_of_an_index(crowded, types, index):
    """The plan with row-level security on and a cursor in the middle: nothing is counted, skipped or read in vain."""
    async with transaction(crowded.tenancy) as session:
        plan = await explained(session, crowded, Place(-97_500, 1, new_id()), types)
    assert f"Index Scan using {index} on events" in plan, plan
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "ROW(" in condition, plan
    assert "pg_current_snapshot" in condition, plan
    assert "Aggregate" not in plan
    assert ("Sort" in plan) == bool(types), plan


async def explained(session, actor, place, types):
    """Ask the planner about the very statement that a page runs."""
    asked = []

    def note(_connection, cursor, statement, parameters, *_):
        if "FROM events" in statement:
            asked.append((statement, parameters))

    hooks.listen(engine(Store.MAIN).sync_engine, "before_cursor_execute", note)
    try:
        await event_pages.read(session, actor, place, types=types, limit=26)
    finally:
        hooks.remove(engine(Store.MAIN).sync_engine, "before_cursor_execute", note)
    [(statement, parameters)] = asked
    connection = await session.connection()
    rows = await connection.exec_driver_sql(f"explain {statement}", parameters)
    return "\n".join(row[0] for row in rows)
