"""Nobody judges blind what they have seen, and who is barred gets and settles nothing."""

import pytest
from sqlalchemy import select

from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.models.samples import Sample
from backoffice.services import (
    decisions,
    documents,
    dossiers,
    gold_documents,
    review_bars,
    review_claims,
    review_history,
    review_timelines,
    sample_desks,
    samples,
    searches,
    workspaces,
)
from tests.services.policy_cast import EVERYONE
from tests.services.quality_cast import decided, drawn, only_mine, shares, taken, three
from tests.services.review_cast import in_review, make_cast, member
from tests.services.sample_cast import call


@pytest.fixture(autouse=True)
async def _pool(database):
    await shares()
    await only_mine()


async def test_who_is_barred_from_a_partner_gets_sees_and_opens_nothing_of_it():
    cast = await make_cast()
    kim, joe, lead = await three(cast)
    decision = await decided(cast, kim)
    await drawn()
    sample = await taken(joe)
    bar = {"member_id": joe.id, "partner_id": decision.partner_id, "reason": "Their brother works there."}
    await call(review_bars.bar, lead, **bar)
    assert await call(samples.waiting, joe) == 0
    assert await call(samples.take, joe) is None
    calls = (
        (samples.answer, (sample.id,), {"outcome": Outcome.APPROVED}),
        (sample_desks.enter, (sample.id,), {}),
        (sample_desks.reveal, (sample.id,), {}),
        (review_timelines.read, (decision.document_id,), {}),
    )
    for function, arguments, named in calls:
        with pytest.raises(NotFound):
            await call(function, joe, *arguments, **named)
    past = await call(review_history.page, kim, review_history.Filter())
    assert decision.id in {row.decision.id for row in past.rows}
    await call(review_bars.bar, lead, **(bar | {"member_id": kim.id}))
    past = await call(review_history.page, kim, review_history.Filter())
    assert decision.id not in {row.decision.id for row in past.rows}


async def test_who_judges_a_document_blind_does_not_find_it():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim)
    await drawn()
    name = public_id(Prefix.DOCUMENT, decision.document_id)
    assert [row.id for row in (await call(searches.everything, joe, name)).documents.rows] == [decision.document_id]
    assert await taken(joe)
    assert (await call(searches.everything, joe, name)).documents.rows == []
    assert [row.id for row in (await call(searches.everything, kim, name)).documents.rows] == [decision.document_id]


async def test_who_opened_the_task_at_the_desk_is_not_blind():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim)
    await call(workspaces.enter, joe, decision.review_task_id)
    await drawn()
    assert await taken(joe) is None


async def test_who_holds_a_sample_sees_its_document_nowhere_else():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim)
    await drawn()
    assert await taken(joe) is not None
    calls = (
        (workspaces.enter, decision.review_task_id),
        (workspaces.look, decision.review_task_id),
        (dossiers.read, decision.document_id),
        (review_timelines.read, decision.document_id),
    )
    for function, key in calls:
        with pytest.raises(NotAllowed, match="blind"):
            await call(function, joe, key)


async def test_who_is_barred_settles_nothing_and_reads_nothing():
    cast = await make_cast()
    kim, _, lead = await three(cast)
    other = await member(cast, Role.REVIEW_LEAD)
    decision = await decided(cast, kim)
    bar = {"partner_id": decision.partner_id, "reason": "Their brother works there."}
    await call(review_bars.bar, other, member_id=lead.id, **bar)
    with pytest.raises(NotFound):
        await call(gold_documents.mark, lead, decision.document_id, outcome=Outcome.APPROVED)
    with pytest.raises(NotFound):
        await call(dossiers.read, lead, decision.document_id)
    rows = await call(documents.some, lead, [decision.document_id])
    assert rows == []
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry).where(AuditEntry.action == "review_bar.set", AuditEntry.subject_id == lead.id)
        entry = (await session.execute(statement)).scalar_one()
    assert entry.partner_id is None


async def test_who_was_barred_since_signs_and_undoes_nothing():
    cast = await make_cast()
    kim, joe, lead = await three(cast)
    first, second = await in_review(cast), await in_review(cast)
    signed = await call(review_claims.start, kim, first.id)
    verdict = await call(decisions.sign, kim, first.id, outcome=Outcome.APPROVED, version=signed.version)
    held = await call(review_claims.start, joe, second.id)
    for person in (kim, joe):
        bar = {"member_id": person.id, "partner_id": cast.partner.id, "reason": "A relative applied."}
        await call(review_bars.bar, lead, **bar)
    with pytest.raises(NotFound):
        await call(decisions.undo, kim, verdict.id)
    with pytest.raises(NotFound):
        await call(decisions.sign, joe, second.id, outcome=Outcome.APPROVED, version=held.version)
    with pytest.raises(NotFound):
        await call(review_claims.renew, joe, second.id)


async def test_gold_waits_once_at_a_time():
    cast = await make_cast()
    kim, _, lead = await three(cast)
    gold = await decided(cast, kim)
    await drawn()
    await call(gold_documents.mark, lead, gold.document_id, outcome=Outcome.APPROVED)
    await shares(gold=100)
    for _ in range(3):
        await decided(cast, kim)
        await drawn()
    async with transaction(EVERYONE) as session:
        statement = select(Sample).where(Sample.document_id == gold.document_id, Sample.gold_id.is_not(None))
        assert len((await session.execute(statement)).scalars().all()) == 1
