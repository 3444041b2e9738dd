"""Clocks that stand still: what is left when they go on, also under other rules."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backoffice import clock
from backoffice.db import transaction
from backoffice.jobs import sla as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.business_hours import after
from backoffice.models.partners import Partner, Plan
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.sla import Lane, Target
from backoffice.services import review_tasks, sla_clocks
from tests.services.review_cast import in_review, make_cast
from tests.services.sla_cast import (
    EVERYONE,
    HOUR,
    MONDAY,
    OFFICE,
    document_of,
    fetched,
    ruled,
    rules_put_back,
    with_due,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
async def _back(database):
    async with rules_put_back():
        yield


async def test_a_clock_that_stands_still_says_nothing_and_has_as_much_left_afterwards():
    rules = await ruled({(Plan.STANDARD, Lane.STANDARD): Target(4 * HOUR, "Office hours")})
    task = await in_review(await make_cast())
    monday = MONDAY.replace(hour=9)
    await with_due(task, due_at=after(OFFICE, monday, 4 * HOUR), since=monday)
    async with transaction(EVERYONE) as session:
        row = await review_tasks.locked(session, task.id)
        row.sla_version = rules.version
        with clock.at(monday + HOUR):
            await sla_clocks.pause(session, row)
            await sla_clocks.pause(session, row)
    assert (await fetched(task)).sla_next_at is None
    with clock.at(monday + timedelta(days=5)):
        await jobs.check()
    assert (await fetched(task)).sla_breached_at is None
    back = monday + timedelta(days=4, hours=7)
    async with transaction(EVERYONE) as session:
        row = await review_tasks.locked(session, task.id)
        with clock.at(back):
            await sla_clocks.resume(session, row)
            await sla_clocks.resume(session, row)
    row = await fetched(task)
    assert row.due_at == after(OFFICE, back, 3 * HOUR)
    assert (row.sla_spent_seconds, row.sla_paused_at) == (3600, None)
    assert row.warn_at == after(OFFICE, back, 4 * HOUR * 0.8 - HOUR)
    assert (await document_of(task)).due_at == row.due_at
    made = await ruled({(Plan.STANDARD, Lane.STANDARD): Target(6 * HOUR, "Office hours")})
    await jobs.apply(made.version)
    assert (await fetched(task)).due_at == after(OFFICE, back, 5 * HOUR), "what was spent stays spent"


async def test_a_change_of_plan_does_not_reach_into_a_clock_that_stands_still():
    rules = await ruled({(Plan.STANDARD, Lane.STANDARD): Target(4 * HOUR, "Office hours")})
    cast = await make_cast()
    task, monday = await in_review(cast), MONDAY.replace(hour=9)
    await with_due(task, due_at=after(OFFICE, monday, 4 * HOUR), since=monday)
    await paused_at(task, monday + HOUR, rules)
    async with transaction(EVERYONE) as session:
        (await session.get(Partner, cast.partner.id)).plan = Plan.ENTERPRISE
    back = monday + timedelta(days=4, hours=7)
    row = await resumed_at(task, back)
    assert (row.due_at, row.sla_plan) == (after(OFFICE, back, 3 * HOUR), "standard")


async def paused_at(task, moment, rules) -> None:
    async with transaction(EVERYONE) as session:
        row = await review_tasks.locked(session, task.id)
        row.sla_version = rules.version
        with clock.at(moment):
            await sla_clocks.pause(session, row)


async def resumed_at(task, moment) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        row = await review_tasks.locked(session, task.id)
        with clock.at(moment):
            await sla_clocks.resume(session, row)
    return await fetched(task)


@pytest.mark.parametrize(
    ("made", "target", "left"),
    [
        ("shorter", Target(3 * HOUR), 2 * HOUR),
        ("longer", Target(10 * HOUR), 9 * HOUR),
        ("of other hours", Target(5 * HOUR, "Office hours"), 4 * HOUR),
    ],
)
async def test_rules_applied_while_a_clock_stands_hold_when_it_goes_on(made, target, left):
    rules = await ruled()
    task, monday = await in_review(await make_cast()), MONDAY.replace(hour=9)
    await with_due(task, due_at=monday + 4 * HOUR, since=monday)
    await paused_at(task, monday + HOUR, rules)
    new = await ruled({(Plan.STANDARD, Lane.STANDARD): target}, applied=True)
    await jobs.apply(new.version)
    stands = await fetched(task)
    assert (stands.sla_version, stands.sla_paused_at) == (new.version, monday + HOUR), made
    assert stands.sla_next_at is None, "it says nothing before it goes on"
    back = monday + timedelta(days=1)
    row = await resumed_at(task, back)
    calendar = new.calendar(Plan.STANDARD, Lane.STANDARD)
    assert row.due_at == after(calendar, back, left)
    assert row.warn_at == after(calendar, back, target.length * 0.8 - HOUR)
    assert (await document_of(task)).due_at == row.due_at, "the partner is promised the same"


async def test_rules_that_nobody_applied_leave_a_standing_clock_alone():
    rules = await ruled()
    task = await in_review(await make_cast())
    await with_due(task, due_at=MONDAY + 4 * HOUR, since=MONDAY)
    await paused_at(task, MONDAY + HOUR, rules)
    await ruled({(Plan.STANDARD, Lane.STANDARD): Target(10 * HOUR)})
    row = await resumed_at(task, MONDAY + 2 * HOUR)
    assert (row.sla_version, row.due_at) == (rules.version, MONDAY + 5 * HOUR)


async def test_what_was_late_when_it_was_paused_is_late_only_where_the_new_rules_say_so():
    rules = await ruled()
    task = await in_review(await make_cast())
    await with_due(task, due_at=MONDAY + 4 * HOUR, since=MONDAY)
    await paused_at(task, MONDAY + 5 * HOUR, rules)
    still = await ruled({(Plan.STANDARD, Lane.STANDARD): Target(3 * HOUR)}, applied=True)
    await jobs.apply(still.version)
    assert (await resumed_at(task, MONDAY + 9 * HOUR)).due_at == MONDAY + 3 * HOUR
    await paused_at(task, MONDAY + 9 * HOUR, still)
    longer = await ruled({(Plan.STANDARD, Lane.STANDARD): Target(12 * HOUR)}, applied=True)
    await jobs.apply(longer.version)
    async with transaction(EVERYONE) as session:
        statement = select(func.count()).where(
            AuditEntry.subject_id == task.id, AuditEntry.action == "review.due_moved"
        )
        assert (await session.execute(statement)).scalar_one() == 2, "no deadline moves silently"
    assert (await resumed_at(task, MONDAY + 11 * HOUR)).due_at == MONDAY + 14 * HOUR


async def test_what_was_late_when_it_was_paused_stays_late():
    task = await in_review(await make_cast())
    await with_due(task, due_at=MONDAY, since=MONDAY - HOUR)
    async with transaction(EVERYONE) as session:
        row = await review_tasks.locked(session, task.id)
        with clock.at(MONDAY + HOUR):
            await sla_clocks.pause(session, row)
        with clock.at(MONDAY + 2 * HOUR):
            await sla_clocks.resume(session, row)
    assert (await fetched(task)).due_at == MONDAY
