"""A verdict: signed once, undone in time or final, and told exactly once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.base import new_id
from backoffice.models.documents import Document
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask, TaskStatus
from backoffice.services import decision_texts, decisions, review_claims
from backoffice.services.access import Actor
from tests.services.review_cast import SYSTEM, in_review, make_cast, member

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
AFTER_THE_WINDOW = timedelta(seconds=2)


async def claimed(**fields):
    cast = await make_cast()
    task = await in_review(cast, **fields)
    kim = await member(cast, Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        task = await review_claims.start(session, kim, task.id)
    return cast, task, kim


async def sign(actor: Actor, task: ReviewTask, outcome: Outcome = Outcome.APPROVED, *reasons: str, note=None):
    async with transaction(actor.tenancy) as session:
        return await decisions.sign(
            session, actor, task.id, outcome=outcome, reasons=reasons, note=note, version=task.version
        )


async def undo(actor: Actor, verdict):
    async with transaction(actor.tenancy) as session:
        return await decisions.undo(session, actor, verdict.id)


async def finalize(verdict, *, after: timedelta = AFTER_THE_WINDOW):
    with clock.at(clock.now() + after):
        async with transaction(EVERYONE) as session:
            return await decisions.finalize(session, SYSTEM, verdict.task_id, verdict.id)


async def events_of(subject_id) -> list[str]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Event).where(Event.subject_id == subject_id).order_by(Event.sequence))
        events = list(rows.scalars())
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return [event.type for event in events]


async def decided(document_id) -> int:
    async with transaction(EVERYONE) as session:
        statement = select(func.count()).select_from(Decision).where(Decision.document_id == document_id)
        return (await session.execute(statement)).scalar_one()


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_ANALYST, Role.OPERATOR, Role.AUDITOR])
async def test_others_neither_sign_nor_undo(role):
    cast, task, kim = await claimed()
    outsider = await member(cast, role)
    with pytest.raises(NotAllowed):
        await sign(outsider, task)
    verdict = await sign(kim, task)
    with pytest.raises(NotAllowed):
        await undo(outsider, verdict)


async def test_another_partners_task_does_not_exist_for_a_partner():
    _, task, _ = await claimed()
    other = await make_cast()
    with pytest.raises(NotFound):
        async with transaction(other.api.tenancy) as session:
            await decisions.finalize(session, other.api, task.id, new_id())


async def test_a_job_never_signs():
    _, task, _ = await claimed()
    with pytest.raises(NotAllowed, match="Only a person"):
        await sign(SYSTEM, task)


async def test_a_person_never_finalizes():
    _, task, kim = await claimed()
    verdict = await sign(kim, task)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await decisions.finalize(session, kim, task.id, verdict.id)


async def test_nothing_leaves_before_the_window_ends_and_then_exactly_once():
    _, task, kim = await claimed()
    verdict = await sign(kim, task)
    assert "document.approved" not in await events_of(task.document_id)
    assert await finalize(verdict, after=timedelta()) is None
    decision = await finalize(verdict)
    assert decision.outcome == "approved"
    assert decision.member_id == kim.id
    assert await finalize(verdict) is None
    assert (await events_of(task.document_id)).count("document.approved") == 1
    async with transaction(EVERYONE) as session:
        document, closed = await session.get(Document, task.document_id), await session.get(ReviewTask, task.id)
    assert document.status == "approved"
    assert document.completed_at
    assert closed.status == TaskStatus.COMPLETED
    assert closed.verdict_id is None


async def test_an_undone_verdict_leaves_no_event_and_gives_the_task_back():
    _, task, kim = await claimed()
    verdict = await sign(kim, task)
    again = await undo(kim, verdict)
    assert again.claimed_by == kim.id
    assert await finalize(verdict) is None
    assert "document.approved" not in await events_of(task.document_id)
    second = await sign(kim, again, Outcome.REJECTED, "image_blurred")
    assert (await finalize(second)).outcome == "rejected"
    assert await decided(task.document_id) == 1


async def test_only_the_signer_undoes():
    cast, task, kim = await claimed()
    verdict = await sign(kim, task)
    with pytest.raises(NotAllowed, match="Only the reviewer who signed"):
        await undo(await member(cast, Role.REVIEW_LEAD), verdict)


async def test_undo_is_refused_after_the_window():
    _, task, kim = await claimed()
    verdict = await sign(kim, task)
    with clock.at(verdict.final_at), pytest.raises(Conflict) as refused:
        await undo(kim, verdict)
    assert refused.value.code == "undo_too_late"


async def test_undo_and_finalize_at_once_have_one_winner():
    for _ in range(6):
        _, task, kim = await claimed()
        verdict = await sign(kim, task)

        async def undo_in_time(verdict=verdict, kim=kim):
            with clock.at(verdict.final_at - timedelta(milliseconds=1)):
                return await undo(kim, verdict)

        results = await asyncio.gather(undo_in_time(), finalize(verdict), return_exceptions=True)
        undone = isinstance(results[0], ReviewTask)
        finalized = isinstance(results[1], Decision)
        assert undone != finalized, results
        assert await decided(task.document_id) == int(finalized)
        assert ("document.approved" in await events_of(task.document_id)) == finalized


async def test_of_two_signatures_at_once_one_counts_and_the_other_hears_who():
    for _ in range(4):
        _, task, kim = await claimed()
        results = await asyncio.gather(
            sign(kim, task), sign(kim, task, Outcome.REJECTED, "forgery"), return_exceptions=True
        )
        refused = [result for result in results if isinstance(result, Conflict)]
        signed = [result for result in results if isinstance(result, decisions.Verdict)]
        assert (len(signed), len(refused)) == (1, 1), results
        assert refused[0].code == "already_decided"
        assert "Decided by Kim Berg" in str(refused[0])
        await finalize(signed[0])
        assert await decided(task.document_id) == 1


async def test_two_reviewers_at_once_make_one_decision():
    cast, task, kim = await claimed()
    joe = await member(cast, Role.REVIEWER, "Joe Park")

    async def take_and_sign(actor):
        async with transaction(EVERYONE) as session:
            mine = await review_claims.claim(session, actor, task.id)
        return await sign(actor, mine)

    results = await asyncio.gather(take_and_sign(joe), sign(kim, task), return_exceptions=True)
    assert [type(result) for result in results].count(decisions.Verdict) == 1
    assert isinstance(results[0], Conflict)
    with pytest.raises(Conflict, match=r"Decided by Kim Berg \d+ s ago: Approved") as refused:
        await take_and_sign(joe)
    assert refused.value.code == "already_decided"


async def test_a_lost_claim_cannot_sign():
    cast, task, kim = await claimed()
    joe = await member(cast, Role.REVIEWER, "Joe Park")
    with clock.at(clock.now() + timedelta(hours=1)):
        with pytest.raises(Conflict) as ended:
            await sign(kim, task)
        async with transaction(EVERYONE) as session:
            await review_claims.claim(session, joe, task.id)
        with pytest.raises(Conflict, match="Joe Park is working on this task") as taken:
            await sign(kim, task)
    assert ended.value.code == "claim_expired"
    assert taken.value.code == "claimed_by_other"


async def test_a_stale_screen_cannot_sign():
    _, task, kim = await claimed()
    verdict = await sign(kim, task)
    await undo(kim, verdict)
    with pytest.raises(Conflict) as refused:
        await sign(kim, task)
    assert refused.value.code == "stale_version"


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.RESUBMISSION_REQUESTED])
async def test_a_refusal_needs_a_known_reason(outcome):
    _, task, kim = await claimed()
    for given, code in (((), "reason_missing"), (("bad_hair",), "reason_unknown"), (("other",), "note_missing")):
        with pytest.raises(Invalid) as refused:
            await sign(kim, task, outcome, *given, note="  ")
        assert refused.value.code == code
    with pytest.raises(Invalid) as refused:
        await sign(kim, task, outcome, "resubmission_limit_exceeded")
    assert refused.value.code == "reason_unknown"


async def test_an_approval_takes_no_reasons():
    _, task, kim = await claimed()
    with pytest.raises(Invalid) as refused:
        await sign(kim, task, Outcome.APPROVED, "forgery")
    assert refused.value.code == "reasons_not_allowed"


async def test_the_note_is_sealed_twice_and_readable_once():
    _, task, kim = await claimed()
    verdict = await sign(kim, task, Outcome.REJECTED, "other", note="Amara's sister.")
    async with transaction(EVERYONE) as session:
        row = await session.get(ReviewTask, task.id)
    assert b"sister" not in row.verdict_note_box
    decision = await finalize(verdict)
    assert b"sister" not in decision.note_box
    async with transaction(EVERYONE) as session:
        assert await decision_texts.note_of(session, kim, decision) == "Amara's sister."


async def test_the_last_attempt_is_rejected_instead_of_asked_for_again():
    _, task, kim = await claimed(attempt=3)
    verdict = await sign(kim, task, Outcome.RESUBMISSION_REQUESTED, "image_blurred")
    decision = await finalize(verdict)
    assert decision.outcome == "rejected"
    assert decision.reasons == ["image_blurred", "resubmission_limit_exceeded"]


async def test_asking_again_leaves_the_document_open_for_a_new_one():
    _, task, kim = await claimed()
    decision = await finalize(await sign(kim, task, Outcome.RESUBMISSION_REQUESTED, "image_blurred"))
    assert decision.reasons == ["image_blurred"]
    assert "document.resubmission_requested" in await events_of(task.document_id)


async def test_a_lost_job_is_found_by_the_sweep():
    _, task, kim = await claimed()
    verdict = await sign(kim, task)
    async with transaction(EVERYONE) as session:
        assert (task.id, verdict.id) not in await decisions.overdue(session, SYSTEM, late=timedelta(seconds=2))
    with clock.at(clock.now() + timedelta(seconds=10)):
        async with transaction(EVERYONE) as session:
            assert (task.id, verdict.id) in await decisions.overdue(session, SYSTEM, late=timedelta(seconds=2))


async def test_decisions_cannot_be_changed():
    _, task, kim = await claimed()
    decision = await finalize(await sign(kim, task))

    async def rewrite():
        async with transaction(EVERYONE) as session:
            (await session.get(Decision, decision.id)).outcome = "rejected"

    with pytest.raises(DBAPIError):
        await rewrite()
