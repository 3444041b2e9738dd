"""Gold documents among the samples, their shares, and what ends with a document."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.models.samples import Sample, SampleSettings
from backoffice.services import (
    gold_documents,
    sample_desks,
    sample_settings,
    samples,
)
from backoffice.services.sample_desks import View
from tests.services.policy_cast import EVERYONE
from tests.services.quality_cast import answered, decided, drawn, only_mine, shares, taken, three
from tests.services.review_cast import SYSTEM, make_cast, member
from tests.services.sample_cast import call, samples_of


@pytest.fixture(autouse=True)
async def _pool(database):
    await shares()
    await only_mine()


async def test_gold_waits_among_the_samples_and_looks_the_same():
    await shares(gold=100)
    cast = await make_cast()
    kim, joe, lena = await three(cast)
    old = await decided(cast, kim, Outcome.APPROVED)
    await drawn()
    await answered(joe, await taken(joe), Outcome.APPROVED)
    with pytest.raises(Conflict):
        undecided = await decided(cast, kim, livemode=False)
        await call(gold_documents.mark, lena, undecided.document_id, outcome=Outcome.APPROVED)
    await call(gold_documents.mark, lena, old.document_id, outcome=Outcome.REJECTED, codes=["forgery"])
    with pytest.raises(Conflict, match="already"):
        await call(gold_documents.mark, lena, old.document_id, outcome=Outcome.APPROVED)
    await decided(cast, kim)
    await drawn()
    eve = await member(cast, Role.REVIEWER)
    assert await call(samples.waiting, eve) == 2
    assert await call(samples.waiting, kim) == 0
    assert await call(samples.waiting, lena) == 1, "who settled the answer knows it"
    assert await call(samples.waiting, joe) == 1, "who judged the document before is not asked again"
    looks = []
    while sample := await taken(eve):
        assert sample.answered_at is None
        await answered(eve, sample, Outcome.REJECTED, "forgery")
        looks.append((await call(sample_desks.reveal, eve, sample.id))[0])
    by_gold = {look.is_gold: look for look in looks}
    assert (by_gold[True].first_outcome, by_gold[True].outcome) == ("rejected", "rejected")
    assert by_gold[False].first_outcome == "approved"
    differing = {look.id for look in (await call(sample_desks.page, lena, View.DISAGREEMENTS, limit=500)).rows}
    assert by_gold[False].id in differing
    assert by_gold[True].id not in differing


async def test_retired_gold_is_handed_out_no_more():
    await shares(gold=100)
    cast = await make_cast()
    kim, _, lena = await three(cast)
    old = await decided(cast, kim)
    await call(gold_documents.mark, lena, old.document_id, outcome=Outcome.APPROVED)
    await drawn()
    async with transaction(EVERYONE) as session:
        statement = select(func.count()).where(Sample.document_id == old.document_id, Sample.gold_id.is_not(None))
        assert (await session.execute(statement)).scalar_one() == 1
    await call(gold_documents.retire, lena, old.document_id)
    async with transaction(EVERYONE) as session:
        assert (await session.execute(statement)).scalar_one() == 0
    with pytest.raises(NotFound):
        await call(gold_documents.retire, lena, old.document_id)
    assert await call(gold_documents.of, lena, old.document_id) is None


async def test_an_erased_document_is_handed_to_nobody():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim)
    await drawn()
    async with transaction(EVERYONE) as session:
        await session.execute(update(Document).where(Document.id == decision.document_id).values(redacted_at=now()))
    assert await taken(joe) is None


async def test_a_lead_changes_the_shares_and_the_audit_knows():
    cast = await make_cast()
    _, _, lena = await three(cast)
    row = await call(sample_settings.read, lena)
    good = {"low": 1, "medium": 2, "high": 3, "gold": 4}
    for wrong in ({"low": 101}, {"high": -1}, {"gold": True}, {"more": 1}, {"low": 1.5}, {"low": 10**30}):
        with pytest.raises(Invalid):
            await call(sample_settings.change, lena, shares=good | wrong, version=row.version)
    with pytest.raises(Conflict):
        await call(sample_settings.change, lena, shares=good, version=row.version - 1)
    changed = await call(sample_settings.change, lena, shares=good, version=row.version)
    assert (changed.low, changed.gold, changed.version) == (1, 4, row.version + 1)
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry).where(AuditEntry.subject_id == changed.id).order_by(AuditEntry.sequence.desc())
        entry = (await session.execute(statement.limit(1))).scalar_one()
        assert (await session.execute(select(func.count()).select_from(SampleSettings))).scalar_one() == 1
    assert (entry.action, entry.actor_id, entry.changes["low"]) == ("sampling.changed", lena.id, [100, 1])
    with pytest.raises(DBAPIError):
        async with transaction(EVERYONE) as session:
            session.add(SampleSettings())


async def test_the_job_leaves_out_what_is_long_past():
    cast = await make_cast()
    kim, *_ = await three(cast)
    with at(now() - timedelta(days=9)):
        old = await decided(cast, kim)
    await drawn()
    assert await samples_of(old) == []
    async with transaction(EVERYONE) as session:
        await samples.draw(session, SYSTEM, since=now() - timedelta(days=10), batch=10_000)
    assert [one.decision_id for one in await samples_of(old)] == [old.id]
