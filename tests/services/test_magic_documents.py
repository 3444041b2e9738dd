"""Magic documents: screened for real, then decided as their manifest says; in live mode they are like any other."""

import hashlib
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, text

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.jobs import documents as jobs
from backoffice.models.documents import Check, Document, File
from backoffice.models.review_tasks import Decision, ReviewTask
from backoffice.screening.types import CHECK_NAMES
from backoffice.services import documents, magic_documents, reasons, screenings
from tests.services.review_cast import SYSTEM, make_cast, submitted

EVERYONE = Tenancy.everyone()
MAGIC = magic_documents.shipped()
NAMES = [one.name for one in MAGIC]
MAX_BYTES = 60_000
VISIBLE = {
    "resubmission_blurred": ("image_quality", "failed"),
    "resubmission_glare": ("image_quality", "failed"),
    "expired_document": ("expiry", "failed"),
}
"""What the real checks find where there is something to be seen."""


@pytest.fixture(scope="module")
async def reader(database) -> AsyncIterator[None]:
    yield
    await jobs.close()


def test_every_promised_fate_is_shipped():
    assert NAMES == [
        "approved", "rejected_fraud", "rejected_data", "resubmission_blurred", "resubmission_glare",
        "expired_document", "in_review", "check_error", "slow",
    ]  # fmt: skip
    assert {one.outcome for one in MAGIC} == {"approved", "rejected", "resubmission_requested", None}


@pytest.mark.parametrize("magic", MAGIC, ids=NAMES)
def test_pictures_are_what_the_manifest_knows(magic):
    data = magic.read()
    assert hashlib.sha256(data).hexdigest() == magic.sha256
    assert len(data) < MAX_BYTES
    assert Image.open(io.BytesIO(data)).format == "JPEG"
    assert magic_documents.named(magic.name) is magic


def test_other_names_name_nothing():
    for name in ("", "manifest", "../manifest.json", "approved.jpg", "APPROVED"):
        with pytest.raises(NotFound):
            magic_documents.named(name)


async def test_reasons_stand_in_the_catalogue(database):
    async with transaction(EVERYONE) as session:
        for magic in MAGIC:
            assert set(await reasons.by_code(session, magic.reasons)) == set(magic.reasons)
            assert bool(magic.reasons) == (magic.outcome in {"rejected", "resubmission_requested"})


def test_only_test_documents_are_magic():
    magic = MAGIC[0]
    for livemode, sha256, expected in (
        (False, magic.sha256, magic),
        (True, magic.sha256, None),
        (False, "0" * 64, None),
    ):
        held = magic_documents.held_by(Document(livemode=livemode), [File(sha256="1" * 64), File(sha256=sha256)])
        assert held is expected


async def send(magic, *, livemode=False):
    return await submitted(await make_cast(), data=magic.read(), livemode=livemode, type="passport")


async def found(document_id):
    """Read what became of a document: its status, its decision, its checks by name and its events."""
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, document_id)
        checks = (await session.execute(select(Check).where(Check.document_id == document_id))).scalars()
        decision = (await documents.decisions_of(session, [document_id])).get(document_id)
        events = [event.type for event in await documents.history(session, SYSTEM, document_id)]
    return document, decision, {check.name: check.status for check in checks}, events


async def tasks_of(document_id) -> list[str]:
    async with transaction(EVERYONE) as session:
        return list(
            (await session.execute(select(ReviewTask.status).where(ReviewTask.document_id == document_id))).scalars()
        )


@pytest.mark.parametrize("magic", MAGIC, ids=NAMES)
async def test_each_is_screened_and_meets_its_fate(reader, magic):
    document_id = await send(magic)
    await jobs.screen(str(document_id), has_waited=True)
    document, decision, checks, events = await found(document_id)
    assert document.status == (magic.outcome or "in_review")
    walked = ["document.created", "document.submitted", "document.processing", "document.in_review"]
    assert events == walked + ([f"document.{magic.outcome}"] if magic.outcome else [])
    assert set(checks) == set(CHECK_NAMES)
    if magic.outcome:
        assert (decision.outcome, tuple(decision.reasons)) == (magic.outcome, magic.reasons)
        assert (decision.decided_by_type, decision.member_id, decision.review_task_id) == ("simulation", None, None)
        assert await tasks_of(document_id) == []
    else:
        assert decision is None
        assert await tasks_of(document_id) == ["queued"]
    if magic.are_checks_broken:
        assert {status for name, status in checks.items() if name != "policy"} == {"error"}
    elif magic.name == "resubmission_blurred":
        assert checks["mrz"] == "warning"
    else:
        assert checks["mrz"] == "passed"
    if magic.name in VISIBLE:
        name, status = VISIBLE[magic.name]
        assert checks[name] == status


async def test_in_live_mode_a_person_decides(reader):
    document_id = await send(MAGIC[0], livemode=True)
    await jobs.screen(str(document_id))
    document, decision, _, _ = await found(document_id)
    assert (document.status, decision) == ("in_review", None)
    assert await tasks_of(document_id) == ["queued"]


async def test_the_last_attempt_is_rejected_instead_of_asked_for_again(reader):
    magic = magic_documents.named("resubmission_glare")
    document_id = await submitted(await make_cast(), data=magic.read(), livemode=False, type="passport", attempt=3)
    await jobs.screen(str(document_id))
    document, decision, _, _ = await found(document_id)
    assert (document.status, decision.reasons) == ("rejected", ["image_glare", "resubmission_limit_exceeded"])


async def test_a_slow_one_waits_without_keeping_a_worker(reader):
    magic = magic_documents.named("slow")
    document_id = await send(magic)
    await jobs.screen(str(document_id))
    document, decision, checks, _ = await found(document_id)
    assert (document.status, decision, checks) == ("processing", None, {})
    async with transaction(EVERYONE) as session:
        sql = "select execute_after, payload from pgqueuer where dedupe_key = :key and status = 'queued'"
        key = f"{screenings.dedupe_key(document_id)}:waited"
        job = (await session.execute(text(sql), {"key": key})).one()
    assert timedelta() < job.execute_after - clock.wall() <= magic.wait == timedelta(seconds=10)
    assert b'"has_waited": true' in job.payload
    await jobs.screen(str(document_id))
    await jobs.screen(str(document_id), has_waited=True)
    document, decision, _, _ = await found(document_id)
    assert (document.status, decision.outcome) == ("approved", "approved")
    async with transaction(EVERYONE) as session:
        again = await session.execute(select(Decision).where(Decision.document_id == document_id))
        assert len(again.scalars().all()) == 1
