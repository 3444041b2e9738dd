"""The clocks of the targets in the tests: rules that hold for one test, tasks that are due when it says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from backoffice.db import Tenancy, transaction
from backoffice.models.business_hours import Calendar
from backoffice.models.documents import Document
from backoffice.models.partners import Plan
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.sla import Lane, Rules, SlaResult, Target
from backoffice.services import sla_rules
from tests.services.review_cast import SYSTEM

EVERYONE = Tenancy.everyone()
HOUR = timedelta(hours=1)
DAY = ((540, 1080),)
OFFICE = Calendar("Europe/Berlin", (DAY, DAY, DAY, DAY, DAY, (), ()))
MONDAY = datetime(2040, 1, 2, 9, tzinfo=UTC)
TARGETS = {
    (Plan.FREE, Lane.STANDARD): Target(24 * HOUR),
    (Plan.STANDARD, Lane.STANDARD): Target(4 * HOUR),
    (Plan.ENTERPRISE, Lane.STANDARD): Target(HOUR),
}


async def call(function, *arguments, **named):
    async with transaction(EVERYONE) as session:
        return await function(session, *arguments, **named)


async def ruled(targets=None, *, applied=False, **calendars) -> Rules:
    """Let these rules hold; the fixture puts the first ones back."""
    before = await call(sla_rules.read, SYSTEM)
    wanted = replace(before, targets=TARGETS | (targets or {}), calendars={"Office hours": OFFICE} | calendars)
    if (wanted.targets, wanted.calendars) == (before.targets, before.calendars):
        return before
    return await call(sla_rules.publish, SYSTEM, wanted, is_applied=applied)


async def fetched(task) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await session.get(ReviewTask, task.id)


async def document_of(task) -> Document:
    async with transaction(EVERYONE) as session:
        return await session.get(Document, task.document_id)


async def results(task) -> list[SlaResult]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(SlaResult).where(SlaResult.task_id == task.id).order_by(SlaResult.id))
        return list(rows.scalars())


async def with_due(task, *, due_at, since) -> None:
    async with transaction(EVERYONE) as session:
        values = {"due_at": due_at, "sla_from": since, "lane_at": since}
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(**values))
        await session.execute(update(Document).where(Document.id == task.document_id).values(due_at=due_at))


@asynccontextmanager
async def rules_put_back() -> AsyncIterator[None]:
    first = await call(sla_rules.read, SYSTEM)
    yield
    with_now = await call(sla_rules.read, SYSTEM)
    if (with_now.targets, with_now.calendars) != (first.targets, first.calendars):
        await call(sla_rules.publish, SYSTEM, replace(first, version=with_now.version))
