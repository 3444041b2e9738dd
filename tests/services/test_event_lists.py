"""The stream of events as people look back on it: only the own partner's, newest first, with who was told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.services import deliveries, event_lists, list_filters
from backoffice.services.access import Actor, Permission
from backoffice.services.event_lists import Filter
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import advance, emit, endpoint_of, quiet

pytestmark = pytest.mark.usefixtures("database")
URL = "http://127.0.0.1:9/hook"


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def ask(actor, **wish):
    by = Filter(**({"livemode": True} | wish))
    async with transaction(actor.tenancy) as session:
        return await event_lists.page(session, actor, by)


async def ids(actor, **wish):
    return [row.id for row in (await ask(actor, **wish)).rows]


async def told(actor, event, *, livemode=True):
    async with transaction(actor.tenancy) as session:
        found = await event_lists.get(session, actor, event.id, livemode=livemode)
        return await event_lists.told(session, actor, found)


async def newer(actor, than, **wish):
    async with transaction(actor.tenancy) as session:
        return await event_lists.newer(session, actor, Filter(**({"livemode": True} | wish)), than)


async def developer(cast):
    return await member(cast, Role.PARTNER_DEVELOPER)


# Strangers


async def test_another_partners_events_do_not_exist(acme):
    rival = await developer(await make_cast())
    event = await emit(acme)
    await endpoint_of(acme, URL)
    assert await ids(rival) == []
    assert await ids(rival, subject_id=event.subject_id) == []
    assert await newer(rival, new_id()) == 0
    with pytest.raises(NotFound):
        await told(rival, event)
    async with transaction(rival.tenancy) as session:
        assert await event_lists.some(session, rival, [event.id]) == []
        assert await deliveries.of_event(session, rival, event.id) == []
        assert await deliveries.states_of(session, rival, [event.id]) == {}


async def test_a_stranger_s_rows_are_not_shown_to_a_session_that_sees_everything(acme):
    """The conditions hold by themselves, not only by the database's policy."""
    rival, event = await developer(await make_cast()), await emit(acme)
    async with transaction(Tenancy.everyone()) as session:
        assert (await event_lists.page(session, rival, Filter(livemode=True))).rows == []
        assert await event_lists.some(session, rival, [event.id]) == []
        assert await deliveries.of_event(session, rival, event.id) == []


async def test_staff_have_no_stream_of_their_own(acme):
    await emit(acme)
    with pytest.raises(NotAllowed):
        await ids(await member(acme, Role.OPERATOR))


async def test_who_may_not_read_events_sees_none(acme):
    nobody = replace(await developer(acme), permissions=frozenset({Permission.WEBHOOKS_READ}))
    event = await emit(acme)
    for asking in (ids(nobody), newer(nobody, event.id), told(nobody, event)):
        with pytest.raises(NotAllowed):
            await asking


# Roles


async def test_an_analyst_sees_what_happened_but_not_who_was_told(acme):
    await endpoint_of(acme, URL)
    event, analyst = await emit(acme), await member(acme, Role.PARTNER_ANALYST)
    assert await ids(analyst) == [event.id]
    telling = await told(analyst, event)
    assert (telling.may_know, telling.entries, telling.others) == (False, (), ())
    async with transaction(analyst.tenancy) as session:
        with pytest.raises(NotAllowed):
            await deliveries.states_of(session, analyst, [event.id])


async def test_a_test_key_sees_its_own_mode_whatever_is_asked(acme):
    live, test = await emit(acme), await emit(acme, livemode=False)
    key = replace(Actor.system(acme.partner.id), livemode=False)
    assert await ids(key, livemode=True) == [test.id]
    assert live.id not in await ids(key, livemode=True)


# What is listed


async def test_newest_first_page_by_page_without_a_gap_or_a_repeat(acme):
    made = [(await emit(acme)).id for _ in range(7)]
    actor, seen, cursor = await developer(acme), [], None
    while True:
        page = await ask(actor, limit=3, cursor=cursor)
        seen += [row.id for row in page.rows]
        if not page.next_cursor:
            break
        cursor = page.next_cursor
        await emit(acme)  # what arrives meanwhile does not move what is below
    assert seen == made[::-1]


async def test_what_narrows(acme):
    about = new_id()
    first = await emit(acme, subject_id=about, type_="document.created")
    second = await emit(acme, subject_id=about, type_="document.rejected")
    third = await emit(acme, type_="document.rejected")
    test = await emit(acme, livemode=False)
    actor = await developer(acme)
    assert await ids(actor, types=frozenset({"document.rejected"})) == [third.id, second.id]
    assert await ids(actor, subject_id=about) == [second.id, first.id]
    assert await ids(actor, subject_id=about, types=frozenset({"document.created"})) == [first.id]
    assert await ids(actor, livemode=False) == [test.id]
    assert await ids(actor, within=timedelta(hours=1)) == [third.id, second.id, first.id]


async def test_a_period_is_counted_by_the_clock_of_the_data(acme):
    actor = await developer(acme)
    old = await emit(acme, livemode=False)
    await advance(acme, timedelta(hours=3))
    fresh = await emit(acme, livemode=False)
    assert await ids(actor, livemode=False, within=timedelta(hours=1)) == [fresh.id]
    assert await ids(actor, livemode=False, within=timedelta(days=1)) == [fresh.id, old.id]


async def test_a_rare_type_says_how_far_it_was_looked_for(acme, monkeypatch):
    monkeypatch.setattr(event_lists, "LOOKED_AT", 3)
    rare = await emit(acme, type_="document.expired")
    for _ in range(4):
        await emit(acme)
    actor, kind = await developer(acme), frozenset({"document.expired"})
    first = await ask(actor, types=kind)
    assert (first.rows, first.has_more) == ([], True)
    second = await ask(actor, types=kind, cursor=first.next_cursor)
    assert [row.id for row in second.rows] == [rare.id]


async def test_what_came_since_is_counted_with_the_filters_and_to_a_bound(acme):
    actor, first = await developer(acme), await emit(acme)
    for _ in range(3):
        await emit(acme)
    await emit(acme, type_="document.created")
    assert await newer(actor, first.id) == 4
    assert await newer(actor, first.id, types=frozenset({"document.created"})) == 1
    assert await newer(actor, first.id, limit=2) == 3


async def test_the_newest_that_a_list_looks_at_is_of_any_type_and_age(acme):
    async def newest(actor, **wish):
        async with transaction(actor.tenancy) as session:
            return await event_lists.newest(session, actor, Filter(**({"livemode": True} | wish)))

    actor, rival = await developer(acme), await developer(await make_cast())
    assert (await newest(actor)).int == 0
    event, other = await emit(acme), await emit(acme)
    await emit(acme, livemode=False)
    assert await newest(actor, types=frozenset({"document.expired"}), within=timedelta(0)) == other.id
    assert await newest(actor, subject_id=event.subject_id) == event.id
    assert (await newest(rival)).int == 0
    nobody = replace(actor, permissions=frozenset({Permission.WEBHOOKS_READ}))
    with pytest.raises(NotAllowed):
        await newest(nobody)


@pytest.mark.parametrize("wish", [{"limit": 0}, {"limit": 101}, {"cursor": "doc_x"}, {"cursor": "evt_nothing"}])
async def test_what_cannot_be_asked(acme, wish):
    with pytest.raises(Invalid):
        await ask(await developer(acme), **wish)


# Who was told


async def test_who_was_told_and_who_was_not(acme):
    everything, _ = await endpoint_of(acme, URL)
    other, _ = await endpoint_of(acme, URL, event_types=["document.rejected"])
    sandbox, _ = await endpoint_of(acme, URL, livemode=False)
    event = await emit(acme)
    late, _ = await endpoint_of(acme, URL)
    telling = await told(await developer(acme), event)
    assert [entry.endpoint.id for entry in telling.entries] == [everything.id]
    assert {one.id for one in telling.others} == {other.id, late.id}
    assert sandbox.id not in {one.id for one in telling.others}


async def test_the_states_of_several_events_come_at_once(acme):
    await endpoint_of(acme, URL)
    await endpoint_of(acme, URL)
    first, second = await emit(acme), await emit(acme, livemode=False)
    actor = await developer(acme)
    async with transaction(actor.tenancy) as session:
        owed = await deliveries.states_of(session, actor, [first.id, second.id])
        assert await deliveries.states_of(session, actor, []) == {}
    assert {key: len(rows) for key, rows in owed.items()} == {first.id: 2}


async def test_neighbours_are_of_the_same_subject(acme):
    about = new_id()
    rows = [
        await emit(acme, subject_id=about, type_=f"document.{one}") for one in ("created", "processing", "approved")
    ]
    await emit(acme)
    actor = await developer(acme)
    middle = await told(actor, rows[1])
    assert (middle.before.id, middle.after.id) == (rows[0].id, rows[2].id)
    assert (await told(actor, rows[0])).before is None
    assert (await told(actor, rows[2])).after is None


# What an address asks for


def test_an_address_asks_by_name_by_wildcard_and_by_part():
    def kinds(text):
        return list_filters.of_events({"type": text}, livemode=True).types

    assert kinds("document.approved") == {"document.approved"}
    assert "document.created" in kinds("document.*")
    assert "verification.created" not in kinds("document.*")
    assert {"document.approved", "verification.approved"} <= kinds("approved")
    assert kinds("") == frozenset()
    assert kinds("nothing like it") == {"nothing like it"}


def test_an_address_asks_about_a_subject_and_a_strange_one_finds_nothing():
    key = new_id()
    asked = {"subject": public_id(Prefix.DOCUMENT, key), "since": "24h"}
    by = list_filters.of_events(asked, livemode=False)
    assert (by.subject_id, by.within, by.livemode) == (key, timedelta(days=1), False)
    assert list_filters.of_events({"subject": "doc_?"}, livemode=True).subject_id.int == 0
    assert list_filters.of_events({"since": "ever"}, livemode=True).within is None
