"""Numbers: equal to an independent recount and to the lists they link to, and nobody else's."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from statistics import median

import pytest
from sqlalchemy import select, text, update

from backoffice import clock
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.members import Role
from backoffice.models.webhooks import Delivery, WebhookEndpoint
from backoffice.services import documents, metrics
from backoffice.services.metrics import Period
from tests.services.review_cast import SYSTEM, make_cast, member, submitted
from tests.services.webhook_cast import EVERYONE, emit, endpoint_of, quiet

WAYS = {
    DocumentStatus.SUBMITTED: (),
    DocumentStatus.PROCESSING: (DocumentStatus.PROCESSING,),
    DocumentStatus.IN_REVIEW: (DocumentStatus.PROCESSING, DocumentStatus.IN_REVIEW),
    DocumentStatus.CANCELED: (DocumentStatus.CANCELED,),
    **{
        end: (DocumentStatus.PROCESSING, DocumentStatus.IN_REVIEW, end)
        for end in (DocumentStatus.APPROVED, DocumentStatus.REJECTED, DocumentStatus.RESUBMISSION_REQUESTED)
    },
}


async def document_that_is(cast, status, *, age=timedelta(), took=timedelta(seconds=40)):
    """Make a document through the state machine, some of it in the past."""
    born = now() - age
    with clock.at(born):
        document_id = await submitted(cast)
    with clock.at(born + took):
        async with transaction(SYSTEM.tenancy) as session:
            document = await documents.get(session, SYSTEM, document_id, lock=True)
            for step in WAYS[status]:
                await documents.change_status(session, SYSTEM, document, step)
    return document_id


@pytest.fixture
def noon():
    """Live at noon, so that neither midnight nor the hour of the run decides a test."""
    with clock.at(now().replace(hour=12, minute=30)):
        yield


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def numbers(actor, cast, *, livemode=True):
    async with transaction(actor.tenancy) as session:
        return await metrics.numbers(session, actor, cast.partner.id, livemode=livemode)


async def series(actor, cast, period, *, livemode=True):
    async with transaction(actor.tenancy) as session:
        return await metrics.series(session, actor, cast.partner.id, period, livemode=livemode)


async def test_another_partners_numbers_do_not_exist(acme):
    thief = await member(await make_cast(), Role.PARTNER_ADMIN)
    with pytest.raises(NotFound):
        await numbers(thief, acme)
    with pytest.raises(NotFound):
        await series(thief, acme, Period.DAY)


async def test_numbers_need_the_permission(acme):
    reviewer = await member(acme, Role.REVIEWER)
    with pytest.raises(NotAllowed):
        await numbers(reviewer, acme)
    with pytest.raises(NotAllowed):
        await series(reviewer, acme, Period.MONTH)


async def test_a_new_partner_has_zeros(acme):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    found = await numbers(analyst, acme)
    assert not found.has_documents
    assert (found.received, found.in_progress, found.awaiting_review, found.decided) == (0, 0, 0, 0)
    assert (found.oldest_seconds, found.median_seconds, found.approved_share, found.webhook_success) == (None,) * 4


async def test_numbers_equal_an_independent_recount(acme, noon):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    rival = await make_cast()
    chance = random.Random(7)
    for _ in range(30):
        age = timedelta(hours=chance.choice([0.1, 1, 3, 11, 13, 30, 80]))
        await document_that_is(acme, chance.choice(list(WAYS)), age=age, took=timedelta(seconds=chance.randint(5, 900)))
    await document_that_is(rival, DocumentStatus.APPROVED)
    found = await numbers(analyst, acme)
    async with transaction(EVERYONE) as session:
        rows = list((await session.execute(select(Document).where(Document.partner_id == acme.partner.id))).scalars())
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    by_status = Counter(row.status for row in rows)
    decided = [row for row in rows if row.completed_at and row.completed_at >= midnight and row.status != "canceled"]
    outcomes = Counter(row.status for row in decided)
    waiting = [row.submitted_at for row in rows if row.status == "in_review"]
    assert found.received == sum(row.created_at >= midnight for row in rows) > 0
    assert (found.submitted, found.processing) == (by_status["submitted"], by_status["processing"])
    assert found.awaiting_review == by_status["in_review"] > 0
    assert found.oldest_seconds == pytest.approx((now() - min(waiting)).total_seconds(), abs=1)
    assert (found.approved, found.rejected) == (outcomes["approved"], outcomes["rejected"])
    assert found.resubmission_requested == outcomes["resubmission_requested"]
    assert found.approved_share == outcomes["approved"] / len(decided)
    took = [(row.completed_at - row.submitted_at).total_seconds() for row in decided]
    assert found.median_seconds == pytest.approx(median(took), abs=0.01)


async def test_each_number_equals_the_list_it_links_to(acme, noon):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    for status in WAYS:
        for age in (timedelta(minutes=5), timedelta(hours=2), timedelta(days=1), timedelta(days=2)):
            await document_that_is(acme, status, age=age)
    found = await numbers(analyst, acme)
    lists = {
        "received": metrics.received_today(livemode=True),
        "in_progress": metrics.in_progress(livemode=True),
        "awaiting_review": metrics.awaiting_review(livemode=True),
        "approved": metrics.decided_today(DocumentStatus.APPROVED, livemode=True),
        "rejected": metrics.decided_today(DocumentStatus.REJECTED, livemode=True),
        "resubmission_requested": metrics.decided_today(DocumentStatus.RESUBMISSION_REQUESTED, livemode=True),
    }
    for name, filter_ in lists.items():
        async with transaction(analyst.tenancy) as session:
            listed = (await documents.page(session, analyst, replace(filter_, limit=100))).rows
        assert len(listed) == getattr(found, name) > 0, name


async def test_a_reopened_document_is_not_decided_any_more(acme, noon):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    document_id = await document_that_is(acme, DocumentStatus.APPROVED)
    assert (await numbers(analyst, acme)).approved == 1
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        await documents.change_status(session, SYSTEM, document, DocumentStatus.IN_REVIEW, event="reopened")
    found = await numbers(analyst, acme)
    assert (found.approved, found.awaiting_review) == (0, 1)


async def test_test_mode_is_counted_apart(acme, noon):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    await document_that_is(acme, DocumentStatus.IN_REVIEW)
    assert (await numbers(analyst, acme, livemode=False)).awaiting_review == 0


async def test_webhook_success_counts_what_was_tried(acme):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    endpoint, _ = await endpoint_of(acme, "http://127.0.0.1:9/hook")
    for state, attempts in (("delivered", 1), ("delivered", 3), ("exhausted", 10), ("pending", 2), ("pending", 0)):
        event = await emit(acme)
        async with transaction(EVERYONE) as session:
            mine = update(Delivery).where(Delivery.event_id == event.id)
            await session.execute(mine.values(state=state, attempts=attempts))
    found = await numbers(analyst, acme)
    assert (found.webhooks_delivered, found.webhooks_failed, found.webhook_success) == (2, 2, 0.5)
    assert found.webhooks_failing == 0
    async with transaction(EVERYONE) as session:
        failing = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).values(failing_since=now())
        await session.execute(failing)
    assert (await numbers(analyst, acme)).webhooks_failing == 1


@pytest.mark.parametrize(("period", "points"), [(Period.DAY, 24), (Period.MONTH, 30)])
async def test_the_series_has_every_slot_and_the_right_sums(acme, noon, period, points):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    step = timedelta(hours=1) if period == Period.DAY else timedelta(days=1)
    for back in (0, 1, 1, 5, points - 1, points + 2):
        await document_that_is(acme, DocumentStatus.APPROVED, age=step * back, took=timedelta(seconds=1))
    await document_that_is(acme, DocumentStatus.REJECTED, age=step * 2, took=timedelta(seconds=1))
    found = await series(analyst, acme, period)
    assert len(found) == points
    assert {b.start - a.start for a, b in pairwise(found)} == {step}
    assert [point.received for point in found[::-1]][:6] == [1, 2, 1, 0, 0, 1]
    assert (sum(point.received for point in found), found[0].received) == (6, 1)
    assert [point.approved for point in found[::-1]][:3] == [1, 2, 0]
    assert found[-3].rejected == 1


async def test_the_numbers_are_read_from_indexes(acme):
    """Sequential scans switched off, no part may fall back to one: each has an index that fits."""
    arguments = {
        "partner": acme.partner.id, "livemode": True, "today": metrics.today(),
        "first_today": acme.partner.id, "first_told": acme.partner.id, "by_hand": "",
    }  # fmt: skip
    async with transaction(EVERYONE) as session:
        await session.execute(text("set local enable_seqscan = off"))
        plan = (await session.execute(text("explain " + metrics.NUMBERS.text), arguments)).scalars().all()
    assert not [line for line in plan if "Seq Scan on" in line]
    assert len([line for line in plan if "Index" in line and "on documents" in line]) >= 1
