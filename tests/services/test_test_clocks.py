"""Test clocks: they move one partner's test data, and nobody else's time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import literal, select

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.models.review_counts import View
from backoffice.models.webhooks import DeliveryState
from backoffice.services import events, queue_counts, review_queue, test_clocks, workspaces
from backoffice.services.events import Subject
from tests.services.review_cast import in_review, make_cast, member
from tests.services.webhook_cast import deliveries_of, endpoint_of, quiet, receiving, work_once

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


def keyed(cast, *, livemode=False):
    return replace(cast.api, livemode=livemode)


async def advance(actor, by: timedelta) -> timedelta:
    async with transaction(actor.tenancy) as session:
        return await test_clocks.advance(session, actor, by)


async def emit(cast, *, livemode):
    actor = cast.api
    subject = Subject("document", new_id(), cast.partner.id, livemode, {"status": "approved"})
    async with transaction(actor.tenancy) as session:
        return await events.emit(session, actor, "document.approved", subject)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.REVIEWER, Role.OPERATOR])
async def test_people_move_no_clock(role):
    cast = await make_cast()
    with pytest.raises(NotAllowed):
        await advance(await member(cast, role), timedelta(days=1))


async def test_neither_live_keys_nor_jobs_move_a_clock():
    cast = await make_cast()
    for actor in (keyed(cast, livemode=True), cast.api):
        with pytest.raises(NotAllowed) as refused:
            await advance(actor, timedelta(days=1))
        assert refused.value.code == "test_only"
    async with transaction(EVERYONE) as session:
        assert (await session.get(Partner, cast.partner.id)).test_clock_seconds == 0


async def test_a_clock_never_goes_back():
    cast = await make_cast()
    for by in (timedelta(), timedelta(seconds=-1), timedelta(milliseconds=999)):
        with pytest.raises(Invalid):
            await advance(keyed(cast), by)


async def test_events_of_test_data_tell_their_own_time_whoever_writes_them():
    cast = await make_cast()
    await advance(keyed(cast), timedelta(days=9))
    test, live = await emit(cast, livemode=False), await emit(cast, livemode=True)
    assert timedelta(days=9) <= test.created_at - live.created_at + timedelta(seconds=30) <= timedelta(days=10)
    assert live.created_at <= clock.wall()
    assert test.id > live.id


async def test_retries_wait_by_the_test_clock_of_their_partner_alone():
    mine, theirs = await make_cast(), await make_cast()
    async with receiving(status=500, headers={"Retry-After": "3600"}) as receiver:
        test, _ = await endpoint_of(mine, receiver.url, livemode=False)
        live, _ = await endpoint_of(mine, receiver.url, livemode=True)
        other, _ = await endpoint_of(theirs, receiver.url, livemode=False)
        for cast, livemode in ((mine, False), (mine, True), (theirs, False)):
            await emit(cast, livemode=livemode)
        assert await work_once(test, live, other) == [DeliveryState.PENDING] * 3
        for _ in range(3):
            assert await work_once(test, live, other) == []
            await advance(keyed(mine), timedelta(hours=4))
            assert await work_once(test, live, other) == [DeliveryState.PENDING]
        tried = [(await deliveries_of(endpoint))[0] for endpoint in (test, live, other)]
        assert [one.attempts for one in tried] == [4, 1, 1]
        await quiet(mine)
        await quiet(theirs)


async def test_what_becomes_due_while_time_is_ahead_is_sent_at_once():
    cast = await make_cast()
    async with receiving() as receiver:
        await advance(keyed(cast), timedelta(days=30))
        endpoint, _ = await endpoint_of(cast, receiver.url, livemode=False)
        with clock.shifted(timedelta(days=30)):
            await emit(cast, livemode=False)
        assert await work_once(endpoint) == [DeliveryState.DELIVERED]
        delivery = (await deliveries_of(endpoint))[0]
        assert delivery.delivered_at > clock.wall() + timedelta(days=29)
        sent = int(receiver.got[0].headers["webhook-timestamp"])
        assert abs(sent - clock.wall().timestamp()) < 60, "a receiver refuses what was signed in its future"
        await quiet(cast)


def test_nothing_ends_before_it_began():
    later = clock.now() + timedelta(days=3)
    with clock.at(later):
        document = Document(livemode=False, submitted_at=later)
    document.move_to(DocumentStatus.PROCESSING)
    document.move_to(DocumentStatus.REJECTED)
    assert document.completed_at == later
    document.move_to(DocumentStatus.REDACTED)
    assert document.redacted_at >= document.completed_at
    unsent = Document(livemode=False, status=DocumentStatus.AWAITING_UPLOAD, created_at=later)
    unsent.move_to(DocumentStatus.EXPIRED)
    assert unsent.completed_at == later


async def test_reviewers_see_how_soon_it_is_due_for_its_partner():
    cast = await make_cast()
    task = await in_review(cast, livemode=False)
    kim = await member(cast, Role.REVIEWER)
    q = public_id(Prefix.DOCUMENT, task.document_id)

    async def look(view):
        async with transaction(EVERYONE) as session:
            rows = (await review_queue.page(session, kim, view, q=q)).rows
            return rows, (await queue_counts.totals(session, kim)).by_view[view]

    (item,), soon = (await look(View.ALL))[0], (await look(View.DUE_SOON))[1]
    assert item.ahead == timedelta()
    assert (await look(View.DUE_SOON))[0] == []
    await advance(keyed(cast), timedelta(hours=3, minutes=45))
    (item,), counted = await look(View.DUE_SOON)
    assert (item.ahead, counted) == (timedelta(hours=3, minutes=45), soon + 1)
    assert timedelta() < item.task.due_at - item.ahead - clock.now() < timedelta(minutes=15)
    async with transaction(EVERYONE) as session:
        assert (await workspaces.enter(session, kim, task.id)).ahead == item.ahead


async def test_the_searches_know_every_rows_own_time():
    mine, theirs = await make_cast(), await make_cast()
    await advance(keyed(mine), timedelta(hours=7))
    async with transaction(EVERYONE) as session:
        for cast in (mine, theirs):
            for livemode in (True, False):
                statement = select(test_clocks.now_for(literal(livemode))).where(Partner.id == cast.partner.id)
                ahead = (await session.execute(statement)).scalar_one() - clock.now()
                is_moved = cast is mine and not livemode
                assert abs(ahead - timedelta(hours=7 * is_moved)) < timedelta(seconds=30)
