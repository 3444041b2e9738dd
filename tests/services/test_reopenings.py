"""Looking at a decision again: who may, what it leaves behind, and who decides an appeal."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import BackofficeError, Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.models.reopenings import Reopening, ReopeningKind
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.models.reviewers import ReviewBar
from backoffice.models.samples import Sample
from backoffice.services import decisions, documents, reopenings, review_claims, review_tasks, withdrawals
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.test_decisions import EVERYONE, claimed, events_of, finalize, sign
from tests.services.test_second_reviews import begun, verdict

pytestmark = pytest.mark.usefixtures("database")
WHY = "The portrait shows somebody else."
KINDS = ReopeningKind


async def over(outcome: Outcome = Outcome.REJECTED, *reasons: str):
    """A document that Kim has decided."""
    cast, task, kim = await claimed()
    codes = reasons or (() if outcome == Outcome.APPROVED else ("name_mismatch",))
    await finalize(await sign(kim, task, outcome, *codes))
    return cast, task, kim


async def reopen(actor, task, kind=KINDS.CORRECTION, why=WHY):
    async with transaction(EVERYONE) as session:
        return await reopenings.reopen(session, actor, task.document_id, kind=kind, why=why)


async def appeal(actor, task, why=WHY):
    async with transaction(actor.tenancy) as session:
        return await reopenings.appeal(session, actor, task.document_id, why=why)


async def open_task(document_id) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await review_tasks.open_of(session, document_id)


async def start(actor, task):
    async with transaction(EVERYONE) as session:
        return await review_claims.start(session, actor, task.id)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_ANALYST, Role.OPERATOR, Role.AUDITOR])
async def test_others_open_nothing_again(role):
    cast, task, _ = await over()
    with pytest.raises(NotAllowed):
        await reopen(await member(cast, role), task)


async def test_a_reviewer_corrects_only_their_own_and_only_for_a_while():
    cast, task, kim = await over(Outcome.APPROVED)
    with pytest.raises(NotAllowed):
        await reopen(await member(cast, Role.REVIEWER), task)
    with pytest.raises(NotAllowed):
        await reopen(kim, task, KINDS.FRAUD)
    with clock.at(clock.now() + timedelta(hours=25)), pytest.raises(NotAllowed) as caught:
        await reopen(kim, task)
    assert caught.value.code == "not_correctable"
    await reopen(kim, task)


@pytest.mark.parametrize(
    ("livemode", "decided_ahead", "is_in_time"),
    [
        (False, timedelta(days=30, hours=-23), True),
        (False, timedelta(days=30, hours=-25), False),
        (True, timedelta(minutes=1), True),
    ],
)
async def test_the_time_for_corrections_runs_by_the_clock_that_dated_the_decision(livemode, decided_ahead, is_in_time):
    cast = await make_cast()
    ahead = int(timedelta(days=30).total_seconds())
    async with transaction(EVERYONE) as session:
        moved = update(Partner).where(Partner.id == cast.partner.id).values(test_clock_seconds=ahead)
        await session.execute(moved)
    task, kim = await in_review(cast, livemode=livemode), await member(cast, Role.REVIEWER)
    await finalize(await sign(kim, await start(kim, task), Outcome.APPROVED), after=decided_ahead)
    async with transaction(EVERYONE) as session:
        kinds = (await reopenings.standing(session, kim, task.document_id)).kinds
    assert kinds == ((KINDS.CORRECTION,) if is_in_time else ())
    if is_in_time:
        await reopen(kim, task)
    else:
        with pytest.raises(NotAllowed):
            await reopen(kim, task)


async def test_a_barred_lead_does_not_learn_of_the_document():
    cast, task, _ = await over()
    lead = await member(cast, Role.REVIEW_LEAD)
    async with transaction(EVERYONE) as session:
        session.add(ReviewBar(partner_id=cast.partner.id, member_id=lead.id, reason="Married to its founder"))
    with pytest.raises(NotFound):
        await reopen(lead, task)


async def test_both_decisions_and_both_tasks_stay():
    cast, task, kim = await over(Outcome.APPROVED)
    lead = await member(cast, Role.REVIEW_LEAD)
    row = await reopen(lead, task, KINDS.FRAUD)
    assert WHY.encode() not in row.why_box
    second = await open_task(task.document_id)
    assert (second.id != task.id, second.flags, second.status) == (True, ["fraud"], "queued")
    decision = await finalize(await sign(lead, await start(lead, second), Outcome.REJECTED, "forgery"))
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, task.document_id)
        (told,) = await reopenings.of_document(session, kim, document)
        before = await session.get(Decision, decision.supersedes_id)
    assert (document.status, before.outcome, before.member_id) == ("rejected", "approved", kim.id)
    assert (told.reopening.result, told.why, told.by) == ("overturned", WHY, "Kim Berg")
    assert (await events_of(task.document_id))[-3:] == ["document.approved", "document.reopened", "document.rejected"]


async def test_one_that_comes_to_the_same_is_upheld():
    cast, task, _ = await over()
    lead = await member(cast, Role.REVIEW_LEAD)
    row = await reopen(lead, task, KINDS.QUALITY)
    second = await open_task(task.document_id)
    await finalize(await sign(lead, await start(lead, second), Outcome.REJECTED, "forgery"))
    async with transaction(EVERYONE) as session:
        assert (await session.get(Reopening, row.id)).result == "upheld"


@pytest.mark.parametrize("why", ["", "  too short ", "x" * 2_001])
async def test_a_reason_is_needed(why):
    _, task, kim = await over()
    with pytest.raises(Invalid) as caught:
        await reopen(kim, task, why=why)
    assert caught.value.code == "reason_length"


async def test_what_is_not_decided_cannot_be_opened_again():
    cast, task, kim = await claimed()
    for call in (reopen(kim, task), appeal(cast.api, task)):
        with pytest.raises(Conflict) as caught:
            await call
        assert caught.value.code == "not_reopenable"


async def test_of_ten_at_once_one_opens_it():
    cast, task, _ = await over()
    lead = await member(cast, Role.REVIEW_LEAD)
    calls = [reopen(lead, task, KINDS.FRAUD) for _ in range(5)] + [appeal(cast.api, task) for _ in range(5)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(not isinstance(one, BackofficeError) for one in answers) == 1, answers
    assert (await events_of(task.document_id)).count("document.reopened") == 1


async def test_another_partner_cannot_appeal():
    _, task, _ = await over()
    stranger, _, _ = await over()
    with pytest.raises(NotFound):
        await appeal(stranger.api, task)


@pytest.mark.parametrize("role", [Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.REVIEWER])
async def test_only_who_may_submit_appeals(role):
    cast, task, _ = await over()
    with pytest.raises(NotAllowed):
        await appeal(await member(cast, role), task)


async def test_an_appeal_is_decided_by_somebody_else():
    cast, task, kim = await over()
    await appeal(await member(cast, Role.PARTNER_ADMIN, "Ada"), task)
    second = await open_task(task.document_id)
    assert second.decided_before == [kim.id]
    with pytest.raises(NotAllowed) as caught:
        await start(kim, second)
    assert caught.value.code == "decided_before"
    async with transaction(EVERYONE) as session:
        mine = await review_claims.next_task(session, kim)
        assert mine is None or mine.id != second.id
    with pytest.raises(DBAPIError):
        async with transaction(EVERYONE) as session:
            values = {"verdict_by": kim.id, "verdict_id": task.id, "verdict_final_at": clock.now()}
            await session.execute(update(ReviewTask).where(ReviewTask.id == second.id).values(**values))
    joe = await member(cast, Role.REVIEWER)
    await finalize(await sign(joe, await start(joe, second)))
    with pytest.raises(Conflict):
        await appeal(cast.api, task)


async def test_an_appeal_comes_once_in_time_and_against_a_rejection():
    cast, task, _ = await over(Outcome.APPROVED)
    with pytest.raises(Conflict) as caught:
        await appeal(cast.api, task)
    assert caught.value.code == "not_appealable"
    cast, task, _ = await over()
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(Conflict):
        await appeal(cast.api, task)
    await appeal(cast.api, task)
    joe = await member(cast, Role.REVIEWER)
    second = await open_task(task.document_id)
    await finalize(await sign(joe, await start(joe, second), Outcome.REJECTED, "forgery"))
    with pytest.raises(Conflict) as caught:
        await appeal(cast.api, task)
    assert caught.value.code == "not_appealable"


async def test_what_is_looked_at_again_cannot_be_withdrawn():
    cast, task, _ = await over()
    await appeal(cast.api, task)
    with pytest.raises(Conflict):
        async with transaction(cast.api.tenancy) as session:
            await withdrawals.cancel_document(session, cast.api, task.document_id)
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Reopening).where(Reopening.document_id == task.document_id))
        assert [one.closed_at for one in rows.scalars()] == [None]


async def test_one_alone_does_not_overturn_two():
    task, kim, joe, _ = await begun()
    await verdict(kim, task, Outcome.REJECTED, "forgery")
    await verdict(joe, task, Outcome.REJECTED, "forgery")
    await reopen(kim, task)
    second = await open_task(task.document_id)
    assert second.needs_second
    assert await finalize(await sign(kim, await start(kim, second))) is None


async def test_opening_it_again_does_not_let_back_in_whom_an_appeal_kept_out():
    cast, task, kim = await over()
    await appeal(cast.api, task)
    joe, lead = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)
    await finalize(await sign(joe, await start(joe, await open_task(task.document_id))))
    await reopen(lead, task, KINDS.QUALITY)
    with pytest.raises(NotAllowed):
        await start(kim, await open_task(task.document_id))


async def test_who_judges_it_blind_is_not_given_it_again():
    cast, task, _ = await over()
    joe, lead = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)
    async with transaction(EVERYONE) as session:
        decision = (
            await session.execute(select(Decision).where(Decision.document_id == task.document_id))
        ).scalar_one()
        session.add(
            Sample(
                partner_id=cast.partner.id, document_id=task.document_id, decision_id=decision.id, band="low",
                taken_by=joe.id, taken_until=clock.now() + timedelta(minutes=5),
            )
        )  # fmt: skip
    await reopen(lead, task, KINDS.QUALITY)
    second = await open_task(task.document_id)
    with pytest.raises(NotAllowed) as caught:
        await start(joe, second)
    assert caught.value.code == "judged_blind"
    async with transaction(EVERYONE) as session:
        mine = await review_claims.next_task(session, joe)
        assert mine is None or mine.id != second.id


async def test_a_later_decision_is_in_force_whatever_a_test_clock_said():
    cast = await make_cast()
    async with transaction(EVERYONE) as session:
        moved = update(Partner).where(Partner.id == cast.partner.id).values(test_clock_seconds=864_000)
        await session.execute(moved)
    task = await in_review(cast, livemode=False)
    with clock.shifted(timedelta(days=10)):
        async with transaction(EVERYONE) as session:
            document = await documents.get(session, SYSTEM, task.document_id, lock=True)
            await decisions.impose(session, SYSTEM, document, Outcome.REJECTED, ["forgery"])
        await appeal(cast.api, task)
    kim = await member(cast, Role.REVIEWER)
    last = await finalize(await sign(kim, await start(kim, await open_task(task.document_id))))
    async with transaction(EVERYONE) as session:
        assert (await documents.decisions_of(session, [task.document_id]))[task.document_id].id == last.id
