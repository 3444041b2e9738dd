"""A decoder that is killed or runs out of memory costs one check: a person decides, and the worker goes on."""

import pytest
from sqlalchemy import select

from backoffice.db import transaction
from backoffice.models.documents import Check, DocumentStatus
from backoffice.models.review_tasks import ReviewTask
from tests.jobs import processes
from tests.jobs.test_worker import EVERYONE, enqueue, specimen, statuses, until, worker
from tests.services.review_cast import make_cast, submitted

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


async def checks_of(document_id) -> dict[str, Check]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Check).where(Check.document_id == document_id))
        return {check.name: check for check in rows.scalars()}


async def task_of(document_id) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(ReviewTask).where(ReviewTask.document_id == document_id))).scalar_one()


@pytest.mark.timeout(180)
async def test_a_decoder_that_dies_costs_one_check_and_the_worker_lives(tmp_path):
    log = tmp_path / "worker.log"
    cast = await make_cast()

    async def screened(document_id, log):
        async def is_in_review():
            return (await statuses([document_id]))[DocumentStatus.IN_REVIEW] == 1

        await until(is_in_review, 60, log)
        return await checks_of(document_id)

    async def passes(number):
        document_id = await submitted(cast, data=specimen(number), type="passport")
        await enqueue("document.screen", document_id=str(document_id))
        return (await screened(document_id, log))["file_safety"].status == "passed"

    with worker(log) as process:
        assert await passes(10)  # the decoder has nothing left to warm up for
        for number, harm in enumerate((processes.kill, processes.starve)):
            document_id = await submitted(cast, data=specimen(11 + number), type="passport")
            decoder = processes.decoder_of(process.pid)
            processes.stop(decoder)
            await enqueue("document.screen", document_id=str(document_id))
            processes.asked(decoder)
            harm(decoder)
            checks = await screened(document_id, log)
            broken = {name for name, check in checks.items() if check.status == "error"}
            assert broken == {"file_safety"}, harm.__name__
            assert checks["file_safety"].reasons == ["check_unavailable"]
            assert checks["mrz"].status == "passed"
            assert "check_unavailable" in (await task_of(document_id)).flags
            assert process.poll() is None
            assert not decoder.is_running()
        assert await passes(13)
        assert process.poll() is None
