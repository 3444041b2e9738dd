"""A worker that is killed in the middle of its work loses nothing and does nothing twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from backoffice.adapters import job_queue
from backoffice.db import Tenancy, transaction
from backoffice.models.documents import Check, Document, DocumentStatus, Rendition, RenditionKind
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import decisions, review_claims
from backoffice.specimens import person, render
from tests.services.review_cast import make_cast, member, submitted

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
ROOT = Path(__file__).parents[2]
EVERYONE = Tenancy.everyone()
DOCUMENTS = 3


def specimen(seed: int) -> bytes:
    return render("passport", person(seed, year=2026), condition="clean")[0].data


@contextmanager
def worker(log: Path):
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backoffice.worker"], cwd=ROOT, stdout=out, stderr=out, start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(10)


async def enqueue(name: str, **arguments: str) -> None:
    async with transaction(EVERYONE) as session:
        await job_queue.enqueue(session, name, arguments)


async def statuses(ids) -> Counter:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Document.status).where(Document.id.in_(ids)))
        return Counter(rows.scalars())


async def until(condition, seconds: float, log: Path) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await condition():
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"did not happen within {seconds} s\n{log.read_text()[-4000:]}")


async def assert_gapless(subject_id) -> list[str]:
    async with transaction(EVERYONE) as session:
        statement = select(Event).where(Event.subject_id == subject_id).order_by(Event.sequence)
        events = list((await session.execute(statement)).scalars())
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return [event.type for event in events]


@pytest.mark.timeout(240)
async def test_documents_survive_kill_9_in_the_middle_of_screening(tmp_path):
    log = tmp_path / "worker.log"
    cast = await make_cast()
    ids = [await submitted(cast, data=specimen(seed), type="passport") for seed in range(DOCUMENTS)]
    for document_id in ids:
        await enqueue("document.screen", document_id=str(document_id))

    async def is_processing():
        return (await statuses(ids))[DocumentStatus.PROCESSING] > 0

    async def are_in_review():
        return (await statuses(ids))[DocumentStatus.IN_REVIEW] == DOCUMENTS

    with worker(log) as first:
        await until(is_processing, 60, log)
        await asyncio.sleep(0.3)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
    assert not await are_in_review()
    with worker(log) as second:
        await until(are_in_review, 150, log)
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0
    for document_id in ids:
        assert await assert_gapless(document_id) == [
            "document.created", "document.submitted", "document.processing", "document.in_review",
        ]  # fmt: skip
    await assert_read_once(ids)


async def assert_read_once(ids) -> None:
    async with transaction(EVERYONE) as session:
        tasks = (await session.execute(select(ReviewTask).where(ReviewTask.document_id.in_(ids)))).scalars().all()
        checks = (await session.execute(select(Check).where(Check.document_id.in_(ids)))).scalars().all()
        partner_id = tasks[0].partner_id
        pictures = (await session.execute(select(Rendition).where(Rendition.partner_id == partner_id))).scalars().all()
    assert len(tasks) == DOCUMENTS
    assert set(Counter((check.document_id, check.name) for check in checks).values()) == {1}
    assert Counter(picture.kind for picture in pictures) == dict.fromkeys(RenditionKind, DOCUMENTS)
    assert {check.status for check in checks if check.name == "mrz"} == {"passed"}


@pytest.mark.timeout(120)
async def test_a_verdict_becomes_final_although_its_worker_was_killed(tmp_path):
    log = tmp_path / "worker.log"
    cast = await make_cast()
    document_id = await submitted(cast, data=specimen(7), type="passport")
    await enqueue("document.screen", document_id=str(document_id))
    kim = await member(cast, Role.REVIEWER)

    async def in_review():
        return (await statuses([document_id]))[DocumentStatus.IN_REVIEW] == 1

    async def approved():
        return (await statuses([document_id]))[DocumentStatus.APPROVED] == 1

    with worker(log) as first:
        await until(in_review, 60, log)
        async with transaction(EVERYONE) as session:
            statement = select(ReviewTask.id).where(ReviewTask.document_id == document_id)
            task_id = (await session.execute(statement)).scalar_one()
            task = await review_claims.start(session, kim, task_id)
            await decisions.sign(session, kim, task_id, outcome=Outcome.APPROVED, version=task.version)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
    with worker(log):
        await until(approved, 40, log)
    assert (await assert_gapless(document_id)).count("document.approved") == 1
    async with transaction(EVERYONE) as session:
        statement = select(Decision).where(Decision.document_id == document_id)
        assert len((await session.execute(statement)).scalars().all()) == 1
