"""Four eyes: two people sign, the second unaware of the first; where they differ, a lead decides."""

import asyncio

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import Conflict, NotAllowed
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import decisions, review_claims, review_tasks
from tests.services.policy_cast import APPROVES, DIFFERS, EVERYONE, published, screened
from tests.services.review_cast import make_cast, member
from tests.services.test_decisions import AFTER_THE_WINDOW, events_of, finalize, sign, undo

pytestmark = pytest.mark.usefixtures("database")
FOUR_EYES = APPROVES.replace("priority: urgent", "priority: urgent, second_review: true")


async def task_of(task_id) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await session.get(ReviewTask, task_id)


async def begun():
    """A task that needs two, and two reviewers."""
    cast = await make_cast()
    await published(cast, FOUR_EYES)
    _, task = await screened(cast, DIFFERS)
    assert task.needs_second
    return task, await member(cast, Role.REVIEWER), await member(cast, Role.REVIEWER), cast


async def start(actor, task):
    async with transaction(EVERYONE) as session:
        return await review_claims.start(session, actor, task.id)


async def verdict(actor, task, outcome=Outcome.APPROVED, *reasons, note=None):
    task = await start(actor, task)
    return await finalize(await sign(actor, task, outcome, *reasons, note=note))


async def test_two_who_agree_decide_together():
    task, kim, joe, _ = await begun()
    assert await verdict(kim, task, Outcome.REJECTED, "name_mismatch", note="Another name.") is None
    waiting = await task_of(task.id)
    assert (waiting.status, waiting.verdict_id, waiting.claimed_by, waiting.first_by) == (
        "second_review", None, None, kim.id,
    )  # fmt: skip
    assert b"Another name" not in waiting.first_note_box
    decision = await verdict(joe, task, Outcome.REJECTED, "forgery", "name_mismatch")
    assert (decision.member_id, decision.second_member_id) == (kim.id, joe.id)
    assert decision.reasons == ["name_mismatch", "forgery"]
    async with transaction(EVERYONE) as session:
        assert (await session.get(Document, task.document_id)).status == "rejected"
    assert (await events_of(task.document_id))[3:] == [
        "document.in_review", "document.second_review_requested", "document.rejected",
    ]  # fmt: skip


async def test_the_first_signer_cannot_sign_second():
    task, kim, _, _ = await begun()
    await verdict(kim, task)
    with pytest.raises(NotAllowed) as caught:
        await start(kim, task)
    assert caught.value.code == "already_signed"
    async with transaction(EVERYONE) as session:
        mine = await review_claims.next_task(session, kim)
        assert mine is None or mine.id != task.id
    with pytest.raises(DBAPIError):
        async with transaction(EVERYONE) as session:
            values = {"verdict_by": kim.id, "verdict_id": task.id, "verdict_final_at": now()}
            await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(**values))


async def test_a_dispute_goes_to_a_lead_who_decides_alone():
    task, kim, joe, cast = await begun()
    await verdict(kim, task)
    assert await verdict(joe, task, Outcome.REJECTED, "forgery") is None
    disputed = await task_of(task.id)
    assert (disputed.status, disputed.priority) == ("escalated", review_tasks.ESCALATED_PRIORITY)
    with pytest.raises(NotAllowed):
        await start(await member(cast, Role.REVIEWER), task)
    lead = await member(cast, Role.REVIEW_LEAD)
    decision = await verdict(lead, task, Outcome.REJECTED, "forgery")
    assert (decision.member_id, decision.second_member_id, decision.reasons) == (lead.id, None, ["forgery"])
    assert (await events_of(task.document_id))[4:] == [
        "document.second_review_requested", "document.escalated", "document.rejected",
    ]  # fmt: skip


async def test_a_lead_who_signed_second_does_not_settle_their_own_dispute():
    task, kim, _, cast = await begun()
    await verdict(kim, task)
    lead, other = await member(cast, Role.REVIEW_LEAD), await member(cast, Role.REVIEW_LEAD)
    assert await verdict(lead, task, Outcome.REJECTED, "forgery") is None
    with pytest.raises(NotAllowed, match="A third has to decide"):
        await start(lead, task)
    async with transaction(EVERYONE) as session:
        mine = await review_claims.next_task(session, lead)
        assert mine is None or mine.id != task.id
    assert (await verdict(other, task)).member_id == other.id


async def test_undo_takes_back_the_second_verdict_alone():
    task, kim, joe, _ = await begun()
    await verdict(kim, task)
    signed = await sign(joe, await start(joe, task))
    with pytest.raises(NotAllowed):
        await undo(kim, signed)
    await undo(joe, signed)
    again = await task_of(task.id)
    assert (again.first_by, again.claimed_by, again.verdict_id) == (kim.id, joe.id, None)
    assert await finalize(signed) is None


async def test_a_second_claim_that_ends_goes_back_to_second_review():
    task, kim, joe, _ = await begun()
    await verdict(kim, task)
    await start(joe, task)
    async with transaction(EVERYONE) as session:
        await review_claims.release(session, joe, task.id)
    assert (await task_of(task.id)).status == "second_review"
    async with transaction(EVERYONE) as session:
        await review_claims.hold(session, joe, (await review_claims.claim(session, joe, task.id)).id)
    async with transaction(EVERYONE) as session:
        await review_claims.claim(session, joe, task.id)
        await review_claims.release(session, joe, task.id)
    assert (await task_of(task.id)).status == "second_review"


async def test_two_seconds_at_once_and_a_job_that_runs_twice_decide_once():
    task, kim, joe, cast = await begun()
    first = await sign(kim, await start(kim, task))
    with at(now() + AFTER_THE_WINDOW):

        async def final(one):
            async with transaction(EVERYONE) as session:
                return await decisions.finalize(session, kim.system(name="test"), one.task_id, one.id)

        assert await asyncio.gather(final(first), final(first)) == [None, None]
    assert (await events_of(task.document_id)).count("document.second_review_requested") == 1
    eve = await member(cast, Role.REVIEWER)
    answers = await asyncio.gather(start(joe, task), start(eve, task), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == [Conflict.__name__, ReviewTask.__name__]


async def test_where_no_rule_asks_for_two_one_is_enough():
    cast = await make_cast()
    await published(cast)
    _, task = await screened(cast, DIFFERS)
    decision = await verdict(await member(cast, Role.REVIEWER), task)
    assert isinstance(decision, Decision)
    assert decision.second_member_id is None
