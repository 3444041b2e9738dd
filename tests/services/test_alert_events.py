"""Alerts as events: a partner's own programs hear of them by webhook and by the list of events."""

from datetime import timedelta

import pytest

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.models.alerts import Mute
from backoffice.models.members import Role
from backoffice.services import alerts, event_lists, events
from backoffice.services.event_lists import Filter
from tests.services.alert_cast import EVERYONE, checked, failing, only, used, well
from tests.services.review_cast import make_cast, member
from tests.services.test_event_types import check, told
from tests.services.webhook_cast import deliveries_of, endpoint_of, quiet

pytestmark = pytest.mark.usefixtures("database")
ELSEWHERE = "http://127.0.0.1:9/ops"


@pytest.fixture
async def acme():
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def of_alerts(cast):
    return [one for one in await told(cast) if one.type.startswith("alert.")]


async def listed(actor):
    async with transaction(actor.tenancy) as session:
        page = await event_lists.page(session, actor, Filter(livemode=True, types=frozenset({"alert.opened"})))
    return [one.subject_id for one in page.rows]


async def test_strangers_hear_nothing_of_it(acme):
    rival = await make_cast()
    other, _ = await endpoint_of(rival, ELSEWHERE, event_types=["alert.opened", "alert.resolved"])
    await used(acme, 8_500)
    await checked(acme)
    assert await of_alerts(rival) == []
    assert await deliveries_of(other) == []
    assert await listed(await member(rival, Role.PARTNER_ADMIN)) == []
    assert await listed(await member(acme, Role.PARTNER_ADMIN)) == [(await only(acme)).id]
    await quiet(rival)


async def test_programs_hear_once_of_its_beginning_and_of_its_end_and_the_failing_one_hears_nothing(acme):
    listening, _ = await endpoint_of(acme, ELSEWHERE, event_types=["alert.opened", "alert.resolved"])
    endpoint, moment = await failing(acme, timedelta(hours=1), event_types=["alert.opened", "alert.resolved"]), now()
    for _ in range(3):
        await checked(acme, moment)
    await well(endpoint)
    await checked(acme, moment + timedelta(minutes=5))
    first, last = await of_alerts(acme)
    assert (first.type, first.sequence, last.type, last.sequence) == ("alert.opened", 1, "alert.resolved", 2)
    for event in (first, last):
        check(events.envelope(event))
    assert first.data["object"]["about"].startswith("whk_")
    assert last.data["object"]["resolved_at"]
    assert {one.event_id for one in await deliveries_of(listening)} == {first.id, last.id}
    assert await deliveries_of(endpoint) == []


async def test_it_tells_what_got_worse(acme):
    await used(acme, 8_500)
    await checked(acme)
    await used(acme, 10_000)
    await checked(acme)
    shown = [(one.type, one.data["object"]["severity"]) for one in await of_alerts(acme)]
    assert shown == [("alert.opened", "info"), ("alert.opened", "critical")]
    assert (await of_alerts(acme))[0].data["object"]["about"].startswith("ptr_")


async def test_what_is_muted_is_silent_here_too_until_the_mute_is_over(acme):
    endpoint, moment = await failing(acme, timedelta(hours=30)), now()
    await checked(acme, moment)
    admin = await member(acme, Role.PARTNER_ADMIN)
    with at(moment):
        async with transaction(EVERYONE) as session:
            await alerts.mute(session, admin, (await only(acme)).id, Mute.DAY)
    await well(endpoint)
    await checked(acme, moment + timedelta(hours=1))
    assert [one.type for one in await of_alerts(acme)] == ["alert.opened"]
