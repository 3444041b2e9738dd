"""A worker that is killed in the middle of a bulk action: the next one goes on, and nothing is signed twice."""

import os
import signal
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from backoffice.db import transaction
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.bulk_actions import BulkStatus, RowStatus
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import bulk_actions, decision_texts
from backoffice.services.bulk_texts import Texts
from tests.jobs.test_worker import EVERYONE, assert_gapless, until, worker
from tests.services.bulk_cast import call, press, progress
from tests.services.review_cast import in_review, make_cast, member
from tests.services.webhook_cast import until_one_waits_for_a_lock

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
TASKS, BEFORE = 8, 3
NOTE = "One campaign, see case 7."


@pytest.mark.timeout(180)
async def test_a_bulk_action_goes_on_after_kill_9_and_decides_each_task_once(tmp_path):
    log = tmp_path / "worker.log"
    cast = await make_cast()
    kim, tasks = await member(cast, Role.REVIEWER), [await in_review(cast) for _ in range(TASKS)]
    action = await call(bulk_actions.begin, kim, replace(press(tasks), texts=Texts(NOTE)))

    async def has_come_to_it():
        return (await progress(kim, action)).counts.get(RowStatus.DONE) == BEFORE

    async def has_ended():
        return (await progress(kim, action)).action.status != BulkStatus.RUNNING

    async def are_decided():
        return len(await decisions_of(tasks)) == TASKS

    with worker(log) as first:
        async with transaction(EVERYONE) as session:
            held = select(ReviewTask.id).where(ReviewTask.id == tasks[BEFORE].id).with_for_update()
            await session.execute(held)
            await until(has_come_to_it, 60, log)
            await until_one_waits_for_a_lock()
            os.kill(first.pid, signal.SIGKILL)
            first.wait(10)
    cut = await progress(kim, action)
    assert (cut.action.status, cut.counts) == (
        BulkStatus.RUNNING,
        {RowStatus.DONE: BEFORE, RowStatus.WAITING: TASKS - BEFORE},
    )
    with worker(log) as second:
        await until(has_ended, 90, log)
        await until(are_decided, 60, log)
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0
    await assert_done_once(kim, action, tasks)


async def decisions_of(tasks) -> list[Decision]:
    async with transaction(EVERYONE) as session:
        statement = select(Decision).where(Decision.review_task_id.in_([task.id for task in tasks]))
        return list((await session.execute(statement)).scalars())


async def assert_done_once(kim, action, tasks) -> None:
    ended = await progress(kim, action)
    assert (ended.action.status, ended.counts) == (BulkStatus.DONE, {RowStatus.DONE: TASKS})
    decided = await decisions_of(tasks)
    assert {row.review_task_id for row in decided} == {task.id for task in tasks}
    assert Counter((row.outcome, row.member_id) for row in decided) == {(Outcome.REJECTED, kim.id): TASKS}
    assert {await call(decision_texts.note_of, kim, row) for row in decided} == {NOTE}
    async with transaction(EVERYONE) as session:
        ids = [task.id for task in tasks]
        entries = select(AuditEntry.subject_id, AuditEntry.action).where(AuditEntry.subject_id.in_(ids))
        told = Counter((row[0], row[1]) for row in await session.execute(entries))
        marks = select(AuditEntry.action).where(AuditEntry.subject_id == action.id).order_by(AuditEntry.sequence)
        assert list((await session.execute(marks)).scalars()) == ["bulk_action.started", "bulk_action.done"]
    for task in tasks:
        assert (told[task.id, "review.signed"], told[task.id, "review.completed"]) == (1, 1)
        assert (await assert_gapless(task.document_id)).count("document.rejected") == 1
