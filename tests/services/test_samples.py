"""Blind second looks: drawn once, never by their maker, blind until answered, and nothing happens to the document."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import samples as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import Document
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.models.samples import Cause, Sample, SampleDraw
from backoffice.services import (
    gold_documents,
    sample_desks,
    sample_settings,
    samples,
)
from backoffice.services.sample_desks import View
from tests.services.policy_cast import EVERYONE
from tests.services.quality_cast import answered, decided, drawn, only_mine, shares, taken, three
from tests.services.review_cast import make_cast, member
from tests.services.sample_cast import call, samples_of

OUTSIDERS = (Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.OPERATOR, Role.AUDITOR)


@pytest.fixture(autouse=True)
async def _pool(database):
    await shares()
    await only_mine()


@pytest.mark.parametrize("role", OUTSIDERS)
async def test_others_neither_take_nor_answer_nor_read(role):
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    await decided(cast, kim)
    await drawn()
    sample, outsider = await taken(joe), await member(cast, role)
    calls = (
        (samples.take, ()),
        (samples.waiting, ()),
        (samples.answer, (sample.id,), {"outcome": Outcome.APPROVED}),
        (samples.mark, (sample.id, Cause.IMAGE)),
        (sample_desks.enter, (sample.id,)),
        (sample_desks.reveal, (sample.id,)),
        (sample_desks.page, (View.MINE,)),
        (sample_settings.read, ()),
        (sample_settings.change, (), {"shares": {}, "version": 1}),
        (gold_documents.of, (sample.document_id,)),
        (gold_documents.mark, (sample.document_id,), {"outcome": Outcome.APPROVED}),
        (samples.draw, ()),
    )
    for function, arguments, *named in calls:
        with pytest.raises(NotAllowed):
            await call(function, outsider, *arguments, **(named[0] if named else {}))


async def test_a_reviewer_neither_draws_nor_sets_nor_makes_gold_nor_lists_disagreements():
    cast = await make_cast()
    kim, _, _ = await three(cast)
    decision = await decided(cast, kim)
    for function, arguments, named in (
        (samples.draw, (), {}),
        (sample_settings.read, (), {}),
        (sample_settings.change, (), {"shares": {}, "version": 1}),
        (gold_documents.mark, (decision.document_id,), {"outcome": Outcome.APPROVED}),
        (gold_documents.retire, (decision.document_id,), {}),
        (sample_desks.page, (View.DISAGREEMENTS,), {}),
    ):
        with pytest.raises(NotAllowed):
            await call(function, kim, *arguments, **named)


async def test_a_sample_of_another_partner_is_not_there_for_a_partner():
    cast = await make_cast()
    kim, *_ = await three(cast)
    await decided(cast, kim)
    await drawn()
    other = await make_cast()
    async with transaction(other.api.tenancy) as session:
        for table in ("samples", "sample_draws", "review_metrics"):
            assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0


async def test_the_maker_never_gets_their_own():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim)
    await drawn()
    assert await taken(kim) is None
    assert await call(samples.waiting, kim) == 0
    assert await call(samples.waiting, joe) == 1
    [sample] = await samples_of(decision)
    names = {"who": kim.id, "id": sample.id}
    for change in ("taken_by = :who", "taken_by = :who, answered_at = now(), outcome = 'approved'"):
        with pytest.raises(DBAPIError, match="looked_by_another"):
            async with transaction(EVERYONE) as session:
                await session.execute(text(f"update samples set {change} where id = :id"), names)
    with pytest.raises(NotAllowed):
        await answered(kim, sample)


async def test_who_signed_first_or_second_or_decided_since_gets_it_neither():
    cast = await make_cast()
    kim, joe, lena = await three(cast)
    decision = await decided(cast, kim)
    async with transaction(EVERYONE) as session:
        values = {"joe": joe.id, "task": decision.review_task_id}
        await session.execute(
            text("update review_tasks set first_by = :joe, first_outcome = 'rejected' where id = :task"), values
        )
    await drawn()
    assert await taken(joe) is None
    assert (await taken(lena)).decision_id == decision.id


async def test_the_draw_depends_on_the_decision_alone_and_keeps_to_its_share():
    from backoffice.models.base import new_id

    ids = [new_id() for _ in range(4_000)]
    some = [one for one in ids if samples.is_drawn(one, 10)]
    assert some == [one for one in ids if samples.is_drawn(one, 10)]
    assert set(some) <= {one for one in ids if samples.is_drawn(one, 25)}
    assert 300 < len(some) < 500
    assert [one for one in ids if samples.is_drawn(one, 0)] == []
    assert all(samples.is_drawn(one, 100) for one in ids)


async def test_each_decision_is_considered_once_under_the_share_of_its_band():
    await shares(low=0, medium=100, high=0)
    cast = await make_cast()
    kim, *_ = await three(cast)
    low, medium = await decided(cast, kim, risk=0.0), await decided(cast, kim, risk=0.12)
    high, sandbox = await decided(cast, kim, risk=0.45), await decided(cast, kim, risk=0.45, livemode=False)
    await jobs.draw()
    await shares()
    assert await drawn() == 0
    assert [sample.decision_id for sample in await samples_of(low, medium, high, sandbox)] == [medium.id]
    async with transaction(EVERYONE) as session:
        statement = select(SampleDraw).where(SampleDraw.decision_id.in_([low.id, medium.id, high.id, sandbox.id]))
        rows = {row.decision_id: row for row in (await session.execute(statement)).scalars()}
    assert {key: (row.band, row.percent, row.is_drawn) for key, row in rows.items()} == {
        low.id: ("low", 0, False), medium.id: ("medium", 100, True), high.id: ("high", 0, False),
    }  # fmt: skip


async def test_two_workers_at_once_draw_each_once():
    cast = await make_cast()
    kim, *_ = await three(cast)
    made = [await decided(cast, kim) for _ in range(6)]
    await asyncio.gather(*(drawn() for _ in range(4)))
    assert sorted(sample.decision_id for sample in await samples_of(*made)) == sorted(one.id for one in made)


async def test_people_who_take_at_once_get_different_samples():
    cast = await make_cast()
    kim, joe, lena = await three(cast)
    for _ in range(2):
        await decided(cast, kim)
    await drawn()
    first, second = await asyncio.gather(taken(joe), taken(lena))
    assert first.id != second.id
    assert (await taken(joe)).id == first.id
    with pytest.raises(NotAllowed, match="not yours"):
        await answered(lena, first)
    with at(now() + samples.LEASE * 2):
        eve = await member(cast, Role.REVIEWER)
        assert (await taken(eve)).id in {first.id, second.id}


async def test_a_look_is_blind_and_changes_nothing_of_the_document():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim, Outcome.REJECTED, "forgery")
    await drawn()
    sample = await taken(joe)
    async with transaction(EVERYONE) as session:
        before = (await session.get(Document, sample.document_id)).model_dump()
        told = select(func.count()).where(Event.subject_id == sample.document_id)
        events = (await session.execute(told)).scalar_one()
    held, found = await call(sample_desks.enter, joe, sample.id)
    assert held.id == sample.id
    assert {check.name for check, _ in found.checks} >= {"applicant_match"}
    assert found.given["surname"] == "Okonkwo"
    with pytest.raises(NotFound):
        await call(sample_desks.reveal, joe, sample.id)
    await answered(joe, sample, Outcome.APPROVED)
    with pytest.raises(Conflict, match="already"):
        await call(sample_desks.enter, joe, sample.id)
    look, _, found = await call(sample_desks.reveal, joe, sample.id)
    assert found.document.id == sample.document_id
    assert (look.first_outcome, look.first_reasons, look.first_by) == ("rejected", ["forgery"], "Kim Berg")
    assert (look.outcome, look.looked_by, look.is_gold, look.is_mine) == ("approved", "Joe Park", False, True)
    async with transaction(EVERYONE) as session:
        assert (await session.get(Document, sample.document_id)).model_dump() == before
        assert (await session.execute(told)).scalar_one() == events
        entries = await session.execute(select(AuditEntry).where(AuditEntry.subject_id == sample.id))
        said = {entry.action: entry for entry in entries.scalars()}
    assert set(said) == {"sample.opened", "sample.answered"}
    assert {entry.partner_id for entry in said.values()} == {None}
    assert decision.outcome == "rejected"


async def test_an_answer_is_checked_given_once_and_never_changes():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    await decided(cast, kim)
    await drawn()
    sample = await taken(joe)
    for outcome, reasons in (
        (Outcome.REJECTED, ()), (Outcome.REJECTED, ("nonsense",)), (Outcome.APPROVED, ("forgery",)),
        (Outcome.REJECTED, ("other",)), (Outcome.REJECTED, ("resubmission_limit_exceeded",)),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await answered(joe, sample, outcome, *reasons)
    answers = await asyncio.gather(
        *(answered(joe, sample, Outcome.REJECTED, "other", note="Amara's own words") for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in answers) == ["Conflict", "Sample"]
    async with transaction(EVERYONE) as session:
        row = await session.get(Sample, sample.id)
    assert (row.outcome, row.reasons, row.taken_by) == ("rejected", ["other"], joe.id)
    assert b"Amara" not in row.note_box
    for change in ("outcome = 'approved'", "answered_at = now()", f"taken_by = '{uuid4()}'", "reasons = '{}'"):
        with pytest.raises(DBAPIError):
            async with transaction(EVERYONE) as session:
                await session.execute(text(f"update samples set {change} where id = :id"), {"id": sample.id})


async def test_a_disagreement_has_a_cause_and_leads_see_it():
    cast = await make_cast()
    kim, joe, lena = await three(cast)
    await decided(cast, kim)
    await decided(cast, kim)
    await drawn()
    differs = await answered(joe, await taken(joe), Outcome.REJECTED, "name_mismatch")
    same = await answered(joe, await taken(joe), Outcome.APPROVED)
    with pytest.raises(NotAllowed):
        await call(samples.mark, kim, differs.id, Cause.ATTENTION)
    with pytest.raises(Invalid, match="no disagreement"):
        await call(samples.mark, joe, same.id, Cause.ATTENTION)
    await call(samples.mark, joe, differs.id, Cause.ATTENTION)
    await call(samples.mark, lena, differs.id, Cause.GUIDELINE)
    shown = {look.id: look for look in (await call(sample_desks.page, lena, View.DISAGREEMENTS, limit=500)).rows}
    assert (shown[differs.id].cause, shown[differs.id].is_mine) == ("guideline", False)
    assert same.id not in shown
    mine = (await call(sample_desks.page, joe, View.MINE)).rows
    assert {look.id for look in mine} == {differs.id, same.id}
    with pytest.raises(NotFound):
        await call(sample_desks.reveal, kim, differs.id)


async def test_lists_go_on_behind_a_cursor():
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    for _ in range(5):
        await decided(cast, kim)
    await drawn()
    for _ in range(5):
        await answered(joe, await taken(joe))
    first = await call(sample_desks.page, joe, View.MINE, limit=3)
    rest = await call(sample_desks.page, joe, View.MINE, limit=3, cursor=first.next_cursor)
    assert len({look.id for look in (*first.rows, *rest.rows)}) == 5
    assert rest.next_cursor is None
    with pytest.raises(Invalid):
        await call(sample_desks.page, joe, View.MINE, cursor="dec_nonsense")
