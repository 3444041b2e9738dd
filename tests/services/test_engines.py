"""Engines: versions of checks beside each other, and documents that are read again without changing them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.jobs import engines as jobs
from backoffice.models.documents import Check, Document
from backoffice.models.engines import CheckTrial, Rescreen
from backoffice.models.members import Role
from backoffice.screening.types import Extracted, Finding
from backoffice.services import engines, rescreens
from tests.key_cast import lose_key
from tests.services.policy_cast import EVERYONE, GOOD, screened, shown, two
from tests.services.review_cast import SYSTEM, make_cast, member

pytestmark = pytest.mark.usefixtures("database")
NEWER = shown(Finding("text", "warning", 0.7, 0.8, model="reader@2", duration_ms=40))


@pytest.fixture(autouse=True)
async def _nothing_runs(database):
    """Only one rescreen runs at a time: end what another test began."""
    async with transaction(EVERYONE) as session:
        await session.execute(update(Rescreen).where(Rescreen.status == "running").values(status="canceled"))


class Reader:
    """Today's engine."""

    def __init__(self, screening=NEWER):
        self.screening, self.read = screening, 0

    async def screen(self, *_, **__):
        self.read += 1
        return self.screening


async def begin(actor, cast, **fields):
    async with transaction(EVERYONE) as session:
        chosen = {"days": 30, "limit": 100, "partner_id": cast.partner.id} | fields
        return await rescreens.begin(session, actor, **chosen)


async def row_of(row) -> Rescreen:
    async with transaction(EVERYONE) as session:
        return await session.get(Rescreen, row.id)


async def walk(row, monkeypatch, reader):
    monkeypatch.setattr(jobs, "screener", lambda: reader)
    await jobs.rescreen(str(row.id))
    return await row_of(row)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEWER, Role.AUDITOR])
async def test_others_read_nothing_again(role):
    cast = await make_cast()
    outsider = await member(cast, role)
    with pytest.raises(NotAllowed):
        await begin(outsider, cast)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await rescreens.following(session, outsider, cast.partner.id)
    if role != Role.AUDITOR:
        for call in (engines.uses, engines.agreements):
            with pytest.raises(NotAllowed):
                async with transaction(EVERYONE) as session:
                    await call(session, outsider, days=1)


@pytest.mark.parametrize("fields", [{"days": 0}, {"days": 9_999}, {"limit": 0}, {"limit": 1_000_000}])
async def test_numbers_out_of_range_are_refused(fields):
    cast = await make_cast()
    writer, _ = await two(cast)
    with pytest.raises(Invalid):
        await begin(writer, cast, **fields)


async def test_documents_are_read_again_and_nothing_of_theirs_changes(monkeypatch):
    cast = await make_cast()
    writer, _ = await two(cast)
    ids = [(await screened(cast))[0] for _ in range(3)]
    await screened(cast, livemode=False)
    async with transaction(EVERYONE) as session:
        before = [await session.get(Document, document_id) for document_id in ids]
    row = await begin(writer, cast)
    assert (row.total, row.done) == (3, 0)
    with pytest.raises(Conflict):
        await begin(writer, cast)
    reader = Reader(replace(NEWER, extracted=(Extracted("surname", "Other", 1, "text"), *GOOD.extracted[1:],
                                              Extracted("sex", "F", 1, "mrz"))))  # fmt: skip
    row = await walk(row, monkeypatch, reader)
    assert (row.status, row.done, row.failed, reader.read) == ("done", 3, 0, 3)
    assert row.fields == {"surname": {"other": 3}, "document_number": {"same": 3}, "sex": {"new": 3}}
    async with transaction(EVERYONE) as session:
        after = [await session.get(Document, document_id) for document_id in ids]
        runs = await session.execute(select(func.max(Check.run)).where(Check.document_id.in_(ids)))
        said = await engines.agreements(session, writer, rescreen_id=row.id)
    assert [one.model_dump() for one in after] == [one.model_dump() for one in before]
    assert runs.scalar_one() == 1
    text = next(one for one in said if one.name == "text")
    assert (text.champion, text.model, text.documents, text.same) == ("rules@1", "reader@2", 3, 0)
    assert text.moves == {"passed>warning": 3}
    assert text.examples["passed>warning"].startswith("doc_")
    assert text.score_difference == pytest.approx(-0.2)
    assert all(one.same == one.documents for one in said if one.name != "text")


async def test_one_that_died_goes_on_and_reads_nothing_twice(monkeypatch):
    cast = await make_cast()
    writer, _ = await two(cast)
    for _ in range(3):
        await screened(cast)
    row = await begin(writer, cast)
    async with transaction(EVERYONE) as session:
        chosen = await rescreens.following(session, SYSTEM, row.id)
    for _ in range(2):  # two workers had the same document; one of them counts
        async with transaction(EVERYONE) as session:
            await rescreens.record(session, SYSTEM, row.id, chosen, NEWER)
    assert (await row_of(row)).done == 1
    with at(now() + rescreens.LATE * 2):
        async with transaction(EVERYONE) as session:
            await rescreens.enqueue_lost(session, SYSTEM)
    reader = Reader()
    row = await walk(row, monkeypatch, reader)
    assert (row.status, row.done, reader.read) == ("done", 3, 2)
    async with transaction(EVERYONE) as session:
        trials = select(func.count()).where(CheckTrial.rescreen_id == row.id, CheckTrial.name == "text")
        assert (await session.execute(trials)).scalar_one() == 3


async def test_whose_applicant_was_erased_is_passed_over(monkeypatch):
    cast = await make_cast()
    writer, _ = await two(cast)
    erased, _ = await screened(cast)
    await screened(cast)
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, erased)
    await lose_key(document.applicant_id)
    row = await walk(await begin(writer, cast), monkeypatch, Reader())
    assert (row.status, row.done, row.failed) == ("done", 2, 1)


async def test_it_stops_when_told_to(monkeypatch):
    cast = await make_cast()
    writer, _ = await two(cast)
    await screened(cast)
    row = await begin(writer, cast)
    async with transaction(EVERYONE) as session:
        await rescreens.cancel(session, writer, row.id)
    with pytest.raises(Conflict):
        async with transaction(EVERYONE) as session:
            await rescreens.cancel(session, writer, row.id)
    reader = Reader()
    row = await walk(row, monkeypatch, reader)
    assert (row.status, reader.read) == ("canceled", 0)


async def test_each_version_is_counted_with_what_it_found():
    cast = await make_cast()
    writer, _ = await two(cast)
    with at(now() + timedelta(days=400)):
        for screening in (GOOD, NEWER, NEWER):
            await screened(cast, screening)
        async with transaction(EVERYONE) as session:
            uses = {(one.name, one.model): one for one in await engines.uses(session, writer, days=1)}
    newer = uses["text", "reader@2"]
    assert (newer.documents, newer.warning, newer.passed, newer.median_ms) == (2, 2, 0, 40)
    assert newer.mean_score == pytest.approx(0.7)
    assert uses["text", "rules@1"].passed == 1
    assert ("policy", "none@0") not in uses


async def test_what_a_challenger_says_is_kept_beside_and_decides_nothing():
    cast = await make_cast()
    writer, _ = await two(cast)
    others = (Finding("applicant_match", "failed", 0.2, 0.86, model="other@2", duration_ms=9), Finding("mrz", "passed"))
    with at(now() + timedelta(days=800)):
        document_id, task = await screened(cast, replace(GOOD, challenges=others))
        async with transaction(EVERYONE) as session:
            said = await engines.agreements(session, writer, days=1)
            checks = select(Check.model).where(Check.document_id == document_id, Check.name == "applicant_match")
            assert (await session.execute(checks)).scalars().all() == ["rules@1"]
    assert task.why == "All checks passed; a person confirms"
    other = next(one for one in said if one.model == "other@2")
    assert (other.champion, other.documents, other.same, other.moves) == ("rules@1", 1, 0, {"passed>failed": 1})
