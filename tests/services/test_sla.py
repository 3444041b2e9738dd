"""The SLA: warned once, late once, by the time in which the document lives."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from backoffice import clock
from backoffice.db import Store, Tenancy, engine, transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import sla as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import Document
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.services import decisions, review_claims, review_tasks, sla
from tests.services.review_cast import SYSTEM, in_review, make_cast, member

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
WINDOW = timedelta(hours=4)
WARNING, BREACH = "review.sla_warning", "review.sla_breached"


async def waiting(cast=None, *, livemode=True, window=WINDOW) -> ReviewTask:
    """Queue a task whose document was submitted just now and is due after the window."""
    task = await in_review(cast or await make_cast(), livemode=livemode)
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, task.document_id)
        row = await session.get(ReviewTask, task.id)
        row.due_at = document.due_at = document.submitted_at + window
        row.warn_at = document.submitted_at + window * 0.8
        row.sla_from = document.submitted_at
        return row


async def began(task: ReviewTask):
    async with transaction(EVERYONE) as session:
        return (await session.get(Document, task.document_id)).submitted_at


async def check(at=None) -> None:
    if at is None:
        await jobs.check()
        return
    with clock.at(at):
        await jobs.check()


async def ahead(cast, by: timedelta) -> None:
    async with transaction(EVERYONE) as session:
        statement = update(Partner).where(Partner.id == cast.partner.id)
        await session.execute(statement.values(test_clock_seconds=int(by.total_seconds())))


async def told(task: ReviewTask) -> list[str]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Event).where(Event.subject_id == task.id).order_by(Event.sequence))
        events = list(rows.scalars())
        audited = await session.execute(
            select(AuditEntry.action)
            .where(AuditEntry.subject_id == task.id, AuditEntry.action.like("review.sla%"))
            .order_by(AuditEntry.sequence)
        )
        actions = list(audited.scalars())
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.subject_type for event in events] == ["review"] * len(events)
    assert [event.type for event in events if event.type.startswith("review.sla")] == actions
    return [event.type for event in events]


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEWER, Role.REVIEW_LEAD, Role.OPERATOR])
async def test_people_do_not_run_the_clock(role):
    person = await member(await make_cast(), role)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await sla.check(session, person)


async def test_warned_at_eighty_percent_and_late_when_due_each_once():
    task = await waiting()
    start = await began(task)
    instant = timedelta(milliseconds=1)
    for moment, expected in (
        (start + WINDOW * 0.8 - instant, []),
        (start + WINDOW * 0.8, [WARNING]),
        (start + WINDOW * 0.9, [WARNING]),
        (start + WINDOW - instant, [WARNING]),
        (start + WINDOW + instant, [WARNING, BREACH]),
        (start + WINDOW * 3, [WARNING, BREACH]),
    ):
        await check(moment)
        assert await told(task) == expected, moment - start
    async with transaction(EVERYONE) as session:
        row = await session.get(ReviewTask, task.id)
    assert row.sla_warned_at == start + WINDOW * 0.8
    assert row.sla_breached_at == start + WINDOW + instant


async def test_what_was_slept_through_is_told_in_order():
    task = await waiting()
    await check(await began(task) + WINDOW * 5)
    assert await told(task) == [WARNING, BREACH]


async def test_nobodys_signature_is_refused_because_the_clock_went_on():
    cast = await make_cast()
    task = await waiting(cast)
    kim = await member(cast, Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        mine = await review_claims.start(session, kim, task.id)
    await check(await began(task) + WINDOW * 2)
    async with transaction(EVERYONE) as session:
        await decisions.sign(session, kim, task.id, outcome=Outcome.APPROVED, version=mine.version)
    assert await told(task) == ["review.claimed", WARNING, BREACH]


async def test_a_decided_task_is_silent():
    cast = await make_cast()
    task = await waiting(cast)
    kim = await member(cast, Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        mine = await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(session, kim, task.id, outcome=Outcome.APPROVED, version=mine.version)
    with clock.at(verdict.final_at + timedelta(seconds=1)):
        async with transaction(EVERYONE) as session:
            assert await decisions.finalize(session, SYSTEM, task.id, verdict.id)
    await check(await began(task) + WINDOW * 2)
    assert await told(task) == ["review.claimed"]


async def test_several_workers_at_once_tell_everything_once():
    tasks = [await waiting() for _ in range(12)]
    moment = await began(tasks[-1]) + WINDOW * 2
    await asyncio.gather(*(check(moment) for _ in range(4)))
    await check(moment)
    for task in tasks:
        assert await told(task) == [WARNING, BREACH]


async def test_more_than_a_batch_is_told_in_one_run():
    tasks = [await waiting() for _ in range(5)]
    with clock.at(await began(tasks[-1]) + WINDOW * 2):
        await jobs.check(batch=2)
    for task in tasks:
        assert await told(task) == [WARNING, BREACH]


async def test_a_task_that_somebody_is_changing_is_told_of_by_the_next_run():
    task = await waiting()
    moment = await began(task) + WINDOW * 2
    async with transaction(EVERYONE) as session:
        await review_tasks.locked(session, task.id)
        await check(moment)
        assert await told(task) == []
    await check(moment)
    assert await told(task) == [WARNING, BREACH]


async def test_test_data_is_late_by_its_partners_clock_and_nothing_else_is():
    mine, theirs = await make_cast(), await make_cast()
    test, live = await waiting(mine, livemode=False), await waiting(mine)
    other = await waiting(theirs, livemode=False)
    await ahead(mine, WINDOW * 0.85)
    await check()
    assert [await told(task) for task in (test, live, other)] == [[WARNING], [], []]
    await ahead(mine, WINDOW * 1.5)
    await check()
    assert [await told(task) for task in (test, live, other)] == [[WARNING, BREACH], [], []]
    async with transaction(EVERYONE) as session:
        row = await session.get(ReviewTask, test.id)
        rows = (await session.execute(select(Event).where(Event.subject_id == test.id))).scalars()
        assert {event.livemode for event in rows} == {False}
    assert row.sla_breached_at > row.due_at > row.sla_warned_at


async def test_the_search_can_follow_its_index():
    """Show that the index fits the question; whether it pays is the planner's choice, by how much waits."""
    asked = sla._late(sla.BATCH).compile(engine(Store.MAIN).sync_engine)
    async with transaction(EVERYONE) as session:
        for other in ("seqscan", "bitmapscan", "sort"):
            await session.execute(text(f"set local enable_{other} = off"))
        connection = await session.connection()
        plan = (await connection.exec_driver_sql(f"explain {asked}", asked.params)).scalars().all()
    assert any("ix_review_tasks_sla" in line for line in plan), plan
