"""Counts equal their lists, whatever view, filter and person; recounted from the rows in plain Python."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.review_counts import View
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import assignments, queue_counts, review_bars, review_claims, review_queue
from backoffice.services.review_queue import Filter
from tests.services.review_cast import CLEAN, in_review, make_cast, member
from tests.services.test_review_tasks import call

pytestmark = pytest.mark.usefixtures("database")


async def listed(actor, view, by) -> list[ReviewTask]:
    rows, cursor = [], None
    while True:
        page = await call(review_queue.page, actor, view, by=by, cursor=cursor, limit=3)
        rows += [row.task for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return rows


def belongs(task: ReviewTask, view: View, member_id) -> bool:
    """Say once more, in Python, what a view holds."""
    if task.status == "completed" or task.verdict_id is not None:
        return False
    aside = task.status in {"on_hold", "escalated"}
    return {
        View.ALL: True,
        View.MINE: member_id in {task.assigned_to, task.claimed_by},
        View.UNASSIGNED: not aside and task.assigned_to is None and task.claimed_by is None,
        View.DUE_SOON: not aside and task.due_at <= clock.now() + timedelta(minutes=30),
        View.SECOND_REVIEW: not aside and task.first_by is not None,
        View.ESCALATED: task.status == "escalated",
        View.ON_HOLD: task.status == "on_hold",
    }[view]


@pytest.fixture
async def room():
    """Two partners with tasks in every state."""
    cast, other = await make_cast(), await make_cast()
    kim, lead = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)
    kinds = [("passport", "NGA"), ("national_id", "SWE"), ("passport", "SWE"), (None, None)]
    tasks = [await in_review(cast, type=kind, issuing_country=country) for kind, country in [*kinds, *kinds]]
    tasks += [await in_review(other, type="passport", issuing_country="NGA", external_id=f"find-{other.partner.slug}")]
    await call(review_claims.start, kim, tasks[0].id)
    await call(assignments.assign, lead, tasks[1].id, kim.id)
    await call(assignments.assign, lead, tasks[2].id, lead.id)
    await call(review_claims.start, kim, tasks[3].id)
    await call(review_claims.hold, kim, tasks[3].id)
    await call(review_claims.start, kim, tasks[4].id)
    await call(review_claims.escalate, kim, tasks[4].id)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get(ReviewTask, tasks[5].id)).due_at = clock.now() + timedelta(minutes=9)
        row = await session.get(ReviewTask, tasks[6].id)
        row.status, row.first_by, row.first_outcome, row.needs_second = "second_review", lead.id, "rejected", True
    return cast, other, kim, lead, tasks


async def rows_of(*casts) -> list[ReviewTask]:
    async with transaction(Tenancy.everyone()) as session:
        ids = [cast.partner.id for cast in casts]
        return list((await session.execute(select(ReviewTask).where(ReviewTask.partner_id.in_(ids)))).scalars())


async def test_counts_equal_lists_and_an_independent_recount(room):
    cast, other, kim, lead, _ = room
    every = await rows_of(cast, other)
    filters = [
        (Filter(partner_id=cast.partner.id), lambda t: t.partner_id == cast.partner.id),
        (
            Filter(partner_id=cast.partner.id, document_type="passport"),
            lambda t: t.partner_id == cast.partner.id and t.document_type == "passport",
        ),
        (
            Filter(partner_id=cast.partner.id, country="SWE"),
            lambda t: t.partner_id == cast.partner.id and t.issuing_country == "SWE",
        ),
        (Filter(assignee=lead.id), lambda t: t.assigned_to == lead.id),
        (
            Filter(partner_id=cast.partner.id, flag="name_mismatch", risk="low"),
            lambda t: t.partner_id == cast.partner.id,
        ),
        (Filter(partner_id=cast.partner.id, plan="free"), lambda _: False),
        (Filter(q=f"find-{other.partner.slug}"), lambda t: t.partner_id == other.partner.id),
        (Filter(q=public_id(Prefix.DOCUMENT, every[0].document_id)), lambda t: t.id == every[0].id),
    ]
    for actor in (kim, lead):
        for by, holds in filters:
            totals = await call(queue_counts.totals, actor, by=by)
            for view in View:
                wanted = {task.id for task in every if holds(task) and belongs(task, view, actor.id)}
                found = [task.id for task in await listed(actor, view, by)]
                assert (len(found), set(found)) == (len(set(found)), wanted), (view, by)
                assert totals.by_view[view] == len(wanted), (view, by)


async def test_lists_go_by_rank_whatever_the_filter(room):
    cast, _, kim, _, _ = room
    for by in (Filter(), Filter(partner_id=cast.partner.id), Filter(country="SWE")):
        ranks = [(task.rank_at, task.id) for task in await listed(kim, View.ALL, by)]
        assert ranks == sorted(ranks)


async def test_what_was_counted_for_all_is_summed_for_each(room):
    _, other, kim, lead, _ = room
    shared = await call(queue_counts.count, lead)
    before = await call(queue_counts.totals, kim, counted=shared)
    options = {"member_id": kim.id, "partner_id": other.partner.id}
    await call(review_bars.bar, lead, **options, reason="Former employer")
    after = await call(queue_counts.totals, kim, counted=shared)
    assert after.by_view[View.ALL] == before.by_view[View.ALL] - 1
    assert (await call(queue_counts.totals, lead, counted=shared)).by_view[View.ALL] == before.by_view[View.ALL]


async def test_the_clear_time_is_what_waits_over_the_last_hours_pace(room):
    _, _, kim, _, _ = room
    shared = await call(queue_counts.count, kim)
    totals = await call(queue_counts.totals, kim, counted=shared)
    left = totals.by_view[View.ALL] - totals.by_view[View.ON_HOLD]
    if shared.decided_last_hour:
        assert totals.clear_seconds == pytest.approx(left * 3600 / shared.decided_last_hour)
    else:
        assert totals.clear_seconds is None
    with clock.at(clock.now() - timedelta(days=400)):
        assert (await call(queue_counts.totals, kim)).clear_seconds is None


async def test_new_ones_are_those_that_would_stand_on_the_first_page(room):
    cast, _, kim, _, tasks = room
    by = Filter(partner_id=cast.partner.id)
    shown = [task.id for task in await listed(kim, View.ALL, by)]
    assert await call(review_queue.newest, kim, View.ALL, by=by, besides=shown) == 0
    fresh = await in_review(cast, CLEAN)
    assert await call(review_queue.newest, kim, View.ALL, by=by, besides=shown) == 1
    again = await call(review_queue.some, kim, [fresh.id, *shown])
    assert [row.task.id for row in again] == [fresh.id, *shown]
    assert {task.id for task in tasks} >= set(shown)
