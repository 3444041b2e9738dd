"""The sandbox with a real worker: slow documents wait, and a moved clock is noticed at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice.db import transaction
from backoffice.models.documents import DocumentStatus
from backoffice.models.events import Event
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import magic_documents, test_clocks
from tests.jobs.test_worker import EVERYONE, assert_gapless, enqueue, statuses, until, worker
from tests.services.review_cast import make_cast, submitted

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


async def sent(cast, name):
    data = magic_documents.named(name).read()
    document_id = await submitted(cast, data=data, livemode=False, type="passport")
    await enqueue("document.screen", document_id=str(document_id))
    return document_id


async def events_of(subject_id):
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Event).where(Event.subject_id == subject_id).order_by(Event.sequence))
        return {event.type: event for event in rows.scalars()}


@pytest.mark.timeout(180)
async def test_slow_documents_wait_and_a_moved_clock_is_noticed(tmp_path):
    log = tmp_path / "worker.log"
    patient, hasty = await make_cast(), await make_cast()
    slow_id, waiting_id = await sent(patient, "slow"), await sent(hasty, "in_review")

    async def is_waiting():
        return (await statuses([waiting_id]))[DocumentStatus.IN_REVIEW] == 1

    async def is_approved():
        return (await statuses([slow_id]))[DocumentStatus.APPROVED] == 1

    with worker(log):
        await until(is_waiting, 90, log)
        async with transaction(EVERYONE) as session:
            task = (await session.execute(select(ReviewTask).where(ReviewTask.document_id == waiting_id))).scalar_one()
        assert await events_of(task.id) == {}
        key = replace(hasty.api, livemode=False)
        async with transaction(key.tenancy) as session:
            await test_clocks.advance(session, key, timedelta(hours=5))

        async def is_late():
            return "review.sla_breached" in await events_of(task.id)

        await until(is_late, 30, log)
        await until(is_approved, 60, log)
    assert await assert_gapless(task.id) == ["review.sla_warning", "review.sla_breached"]
    assert await assert_gapless(slow_id) == [
        "document.created", "document.submitted", "document.processing", "document.in_review", "document.approved",
    ]  # fmt: skip
    told = await events_of(slow_id)
    assert told["document.in_review"].created_at - told["document.processing"].created_at >= timedelta(seconds=10)
