"""Twenty reviewers empty a queue at once: everything is decided once, no claim is lost, no event told twice.

`DRAIN_TASKS=1000 pytest tests/services/test_drain.py` is the whole of it.
"""

import asyncio
import os
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import decisions, review_claims
from tests.services.review_cast import SYSTEM, front, in_review, make_cast, member
from tests.services.test_decisions import AFTER_THE_WINDOW

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(900)]
EVERYONE = Tenancy.everyone()
TASKS, REVIEWERS = int(os.environ.get("DRAIN_TASKS", "60")), 20


async def filled():
    cast = await make_cast()
    tasks = [await in_review(cast) for _ in range(TASKS)]
    async with transaction(EVERYONE) as session:
        ids = [task.id for task in tasks]
        await session.execute(update(ReviewTask).where(ReviewTask.id.in_(ids)).values(priority=front()))
    return cast, {task.id: task.document_id for task in tasks}


async def work(actor, ours, done):
    """Take, look, sign, and go on, as a browser does; answers what went wrong."""
    wrong = []
    while len(done) < len(ours):
        try:
            async with transaction(EVERYONE) as session:
                task = await review_claims.next_task(session, actor)
                if task is None or task.id not in ours:
                    if task is not None:
                        await review_claims.release(session, actor, task.id)
                    return wrong
                task = await review_claims.start(session, actor, task.id)
            async with transaction(EVERYONE) as session:
                verdict = await decisions.sign(session, actor, task.id, outcome=Outcome.APPROVED, version=task.version)
            done.append(verdict)
            with at(now() + AFTER_THE_WINDOW):
                async with transaction(EVERYONE) as session:
                    await decisions.finalize(session, SYSTEM, verdict.task_id, verdict.id)
        except Exception as error:
            wrong.append(error)
            if len(wrong) > TASKS:
                return wrong
    return wrong


async def test_twenty_reviewers_empty_a_queue():
    cast, ours = await filled()
    reviewers = [await member(cast, Role.REVIEWER, f"Reviewer {number}") for number in range(REVIEWERS)]
    done = []
    wrong = await asyncio.gather(*(work(one, ours, done) for one in reviewers))
    assert [error for errors in wrong for error in errors] == []
    assert sorted(verdict.task_id for verdict in done) == sorted(ours)
    documents = list(ours.values())
    async with transaction(EVERYONE) as session:
        decided = await session.execute(
            select(Decision.document_id, func.count())
            .where(Decision.document_id.in_(documents))
            .group_by(Decision.document_id)
        )
        assert Counter(dict(decided.all())) == Counter(documents)
        signed = select(AuditEntry.subject_id).where(
            AuditEntry.action == "review.signed", AuditEntry.subject_id.in_(list(ours))
        )
        assert Counter((await session.execute(signed)).scalars()) == Counter(list(ours))
        told = select(Event).where(Event.subject_id.in_(documents)).order_by(Event.subject_id, Event.sequence)
        stories: dict[object, list[Event]] = {}
        for event in (await session.execute(told)).scalars():
            stories.setdefault(event.subject_id, []).append(event)
    for story in stories.values():
        assert [event.sequence for event in story] == list(range(1, len(story) + 1))
        assert [event.type for event in story].count("document.approved") == 1
        assert story[-1].type == "document.approved"
    assert len({verdict.id for verdict in done}) == TASKS
