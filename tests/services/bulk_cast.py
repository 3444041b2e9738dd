"""Many tasks at once in the tests: a reviewer with tasks to choose, one press, and what became of it."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from backoffice.clock import at
from backoffice.db import Tenancy, transaction
from backoffice.jobs import bulk_actions as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.bulk_actions import BulkAction
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import (
    bulk_actions,
    decisions,
)
from backoffice.services.bulk_actions import Press
from tests.services.review_cast import SYSTEM, in_review, make_cast, member

EVERYONE = Tenancy.everyone()


async def call(function, *arguments, **named):
    async with transaction(EVERYONE) as session:
        return await function(session, *arguments, **named)


def press(tasks, outcome=Outcome.REJECTED, *codes, key=None) -> Press:
    return Press(key or uuid4(), outcome, codes or ("image_blurred",), [task.id for task in tasks])


async def run(person, tasks, *args) -> BulkAction:
    action = await call(bulk_actions.begin, person, press(tasks, *args))
    await jobs.run(str(action.id))
    return action


async def progress(person, action):
    return await call(bulk_actions.progress, person, action.id)


async def fetched(task) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await session.get(ReviewTask, task.id)


async def signed(tasks) -> list[int]:
    """How often each was signed, by the audit trail."""
    counts = []
    for task in tasks:
        async with transaction(EVERYONE) as session:
            statement = select(func.count()).where(
                AuditEntry.subject_id == task.id, AuditEntry.action == "review.signed"
            )
            counts.append((await session.execute(statement)).scalar_one())
    return counts


async def world(count: int, role=Role.REVIEWER):
    cast = await make_cast()
    return cast, await member(cast, role), [await in_review(cast) for _ in range(count)]


async def finalized(task) -> Decision | None:
    row = await fetched(task)
    with at(row.verdict_final_at + timedelta(seconds=1)):
        return await call(decisions.finalize, SYSTEM, task.id, row.verdict_id)
