"""What the public is told of how we do: what each measurement means, what is kept, and what nobody measured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import status as jobs
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.models.status_samples import Component, ServiceStatus
from backoffice.services import status_facts, status_samples, status_words
from backoffice.services.access import Actor
from backoffice.services.status_facts import Facts, Queue, Share
from tests.api.world import rows, rows_changed

S = ServiceStatus
SYSTEM = Actor.system(name="test")
WELL = Facts(
    database_seconds=0.01, storage_seconds=0.01, live_seconds=0.01, requests=Share(500, 2, 0.2),
    queue=Queue(4.0, 0.0, 0.0), checks=Share(500, 3), reviews=Share(40, 3), deliveries_seconds=0.0,
)  # fmt: skip
NOTHING = Facts(None, None, None, None, None, None, None, None)
ALL = dict.fromkeys(Component, S.WORKING)


def told(**changes):
    return status_words.states(replace(WELL, **changes))


def test_what_is_well_is_working():
    assert told() == ALL


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"database_seconds": 0.8}, {"api": S.SLOW}),
        ({"requests": Share(500, 2, 3.0)}, {"api": S.SLOW}),
        ({"requests": Share(5, 5, 9.0)}, {}),
        ({"requests": Share(500, 60)}, {"api": S.DISTURBED}),
        ({"requests": Share(500, 400)}, {"api": S.DOWN}),
        ({"storage_seconds": None}, {"api": S.DISTURBED}),
        ({"database_seconds": None}, {"api": S.DOWN}),
        ({"requests": None}, {}),
        ({"queue": Queue(4.0, 90.0, 0.0)}, {"screening": S.SLOW}),
        ({"queue": Queue(4.0, 900.0, 0.0)}, {"screening": S.DISTURBED}),
        ({"checks": Share(100, 20)}, {"screening": S.DISTURBED}),
        ({"checks": Share(3, 3)}, {}),
        ({"queue": Queue(4.0, 0.0, 90.0)}, {"reviews": S.SLOW}),
        ({"reviews": Share(8, 4)}, {"reviews": S.SLOW}),
        ({"reviews": None}, {"reviews": S.UNKNOWN}),
        ({"deliveries_seconds": 90.0}, {"webhooks": S.SLOW}),
        ({"deliveries_seconds": 900.0}, {"webhooks": S.DISTURBED}),
        ({"deliveries_seconds": None}, {"webhooks": S.UNKNOWN}),
        ({"queue": Queue(90.0, 0.0, 0.0)}, {"screening": S.DOWN, "reviews": S.DOWN, "webhooks": S.DOWN}),
        ({"queue": Queue(None, 0.0, 0.0)}, {"screening": S.DOWN, "reviews": S.DOWN, "webhooks": S.DOWN}),
        ({"queue": None}, {"screening": S.UNKNOWN, "reviews": S.UNKNOWN, "webhooks": S.UNKNOWN}),
        ({"live_seconds": 0.2}, {"live": S.SLOW}),
        ({"live_seconds": None}, {"live": S.DOWN}),
    ],
)
def test_each_measurement_means_one_word_for_one_component(changes, differs):
    assert told(**changes) == ALL | {Component(name): status for name, status in differs.items()}


def test_without_any_answer_nothing_is_told_to_be_well():
    known = status_words.states(NOTHING)
    assert known[Component.API] == known[Component.LIVE] == S.DOWN
    assert {known[one] for one in (Component.SCREENING, Component.REVIEWS, Component.WEBHOOKS)} == {S.UNKNOWN}


def test_the_whole_does_as_its_worst_part():
    assert status_words.worst(ALL) == S.WORKING
    assert status_words.worst(ALL | {Component.API: S.SLOW, Component.LIVE: S.DOWN}) == S.DOWN
    assert status_words.worst(ALL | {Component.API: S.UNKNOWN}) == S.UNKNOWN
    assert status_words.worst(ALL | {Component.API: S.UNKNOWN, Component.LIVE: S.SLOW}) == S.SLOW
    assert status_words.worst(dict.fromkeys(Component, S.UNKNOWN)) == S.UNKNOWN


@pytest.mark.parametrize("role", Role)
async def test_only_who_sees_the_machinery_measures(role, database):
    partner = new_id() if role.startswith("partner_") else None
    actor = Actor.member(id=new_id(), name="Kim", role=role, partner_id=partner)
    if role in {Role.OPERATOR, Role.AUDITOR}:
        assert set(await status_samples.look(actor)) == set(Component)
        return
    with pytest.raises(NotAllowed):
        await status_samples.look(actor)
    async with transaction(SYSTEM.tenancy) as session:
        with pytest.raises(NotAllowed):
            await status_samples.history(session, actor)
        with pytest.raises(NotAllowed):
            await status_samples.keep(session, actor, ALL)


async def test_everything_is_measured_from_what_is_there(database):
    found = await status_facts.measure(SYSTEM)
    assert None not in {
        found.database_seconds, found.storage_seconds, found.live_seconds, found.requests, found.queue, found.checks,
        found.reviews, found.deliveries_seconds,
    }  # fmt: skip


async def test_without_redis_only_live_updates_are_down(redis_away, database):
    found = await status_facts.measure(SYSTEM)
    assert found.live_seconds is None
    assert None not in {found.database_seconds, found.queue, found.deliveries_seconds}


async def kept(moment, **changes):
    with clock.at(moment):
        async with transaction(SYSTEM.tenancy) as session:
            known = ALL | {Component(name): status for name, status in changes.items()}
            await status_samples.keep(session, SYSTEM, known)


async def days_at(moment, component):
    with clock.at(moment):
        async with transaction(SYSTEM.tenancy) as session:
            return (await status_samples.history(session, SYSTEM))[Component(component)]


async def test_the_worst_of_five_minutes_stays_and_what_nobody_measured_is_no_sample(database):
    noon = datetime(2035, 3, 10, 12, 1, tzinfo=UTC)
    await kept(noon, api=S.SLOW)
    await kept(noon + timedelta(minutes=1), api=S.DOWN, live=S.UNKNOWN)
    await kept(noon + timedelta(minutes=2), live=S.UNKNOWN)
    await kept(noon + timedelta(minutes=5), live=S.UNKNOWN)
    api = await days_at(noon + timedelta(minutes=9), "api")
    assert (len(api), api[-1].day.isoformat(), api[0].day.isoformat()) == (90, "2035-03-10", "2034-12-11")
    assert api[-1].counts == {S.DOWN: 1, S.WORKING: 1}
    assert (api[-1].measured, api[-1].slots) == (2, 12 * 12 + 3)
    assert (api[-2].counts, api[-2].measured, api[-2].slots) == ({}, 0, 288)
    live = await days_at(noon + timedelta(minutes=9), "live")
    assert live[-1].counts == {S.WORKING: 1}
    next_day = await days_at(noon + timedelta(days=1), "api")
    assert (next_day[-2].measured, next_day[-2].slots) == (2, 288)


async def test_ninety_days_are_kept(database):
    old = datetime(2040, 1, 1, 0, 1, tzinfo=UTC)
    await kept(old)
    await kept(old + timedelta(days=1))
    with clock.at(old + timedelta(days=90, hours=3)):
        await jobs.forget()
    left = await rows("select distinct measured_at from status_samples where measured_at >= :m", m=old)
    assert [row.measured_at for row in left] == [old + timedelta(days=1)]
    await rows_changed("delete from status_samples where measured_at >= :m", m=old)
