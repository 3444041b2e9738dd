"""Asking the partner, and putting a task aside until later: it waits, comes back by itself, and nothing is lost."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import schedule
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.models.questions import Question
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.services import questions, reveals, review_claims, review_tasks
from tests.services.review_cast import member
from tests.services.test_decisions import EVERYONE, claimed, events_of, finalize, sign
from tests.services.test_second_reviews import begun, start, verdict

pytestmark = pytest.mark.usefixtures("database")
TEXT, ANSWER = "Is Amara Okafor a former name?", "Yes, before the wedding."


async def ask(actor, task, text=TEXT) -> Question:
    async with transaction(EVERYONE) as session:
        return await questions.ask(session, actor, task.id, text)


async def answer(actor, row, text=ANSWER):
    async with transaction(actor.tenancy) as session:
        return await questions.answer(session, actor, row.id, text)


async def read(actor, document_id):
    async with transaction(actor.tenancy) as session:
        return await questions.of_document(session, actor, document_id)


async def task_of(task) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await session.get(ReviewTask, task.id)


async def call(act, actor, task, *rest):
    async with transaction(EVERYONE) as session:
        return await act(session, actor, task.id, *rest)


async def test_strangers_neither_ask_nor_read_nor_answer():
    cast, task, kim = await claimed()
    stranger, _, joe = await claimed()
    with pytest.raises(Conflict):
        await ask(joe, task)
    with pytest.raises(NotAllowed):
        await ask(await member(cast, Role.PARTNER_ADMIN), task)
    row = await ask(kim, task)
    for call_ in (read(stranger.api, task.document_id), answer(stranger.api, row)):
        with pytest.raises(NotFound):
            await call_
    with pytest.raises(NotAllowed):
        await answer(await member(cast, Role.PARTNER_ANALYST), row)
    with pytest.raises(NotAllowed):
        await answer(kim, row)


async def test_the_answer_brings_the_task_back_to_who_asked():
    cast, task, kim = await claimed()
    row = await ask(kim, task)
    waiting = await task_of(task)
    assert (waiting.status, waiting.waits_for, waiting.claimed_by) == ("on_hold", "partner", None)
    ada = await member(cast, Role.PARTNER_ADMIN, "Ada")
    assert [(one.text, one.answer) for one in await read(ada, task.document_id)] == [(questions.UNSAID, "")]
    async with transaction(ada.tenancy) as session:
        await reveals.begin(session, ada, task.document_id, purpose="support")
    assert [(one.text, one.answer) for one in await read(ada, task.document_id)] == [(TEXT, "")]
    analyst = await member(cast, Role.PARTNER_ANALYST)
    assert [(one.text, one.answer) for one in await read(analyst, task.document_id)] == [("", "")]
    closed = await answer(ada, row)
    assert TEXT.encode() not in closed.text_box
    assert ANSWER.encode() not in closed.answer_box
    back = await task_of(task)
    assert (back.status, back.waits_for, back.assigned_to) == ("queued", "", kim.id)
    assert back.why == f"{questions.ANSWERED} · {task.why}"
    assert [(one.text, one.answer) for one in await read(kim, task.document_id)] == [(TEXT, ANSWER)]
    assert (await events_of(task.document_id))[-2:] == ["document.question_asked", "document.question_answered"]
    async with transaction(EVERYONE) as session:
        made = select(AuditEntry.action).where(AuditEntry.subject_id == task.document_id)
        actions = list((await session.execute(made)).scalars())
    assert [actions.count(f"document.question_{what}") for what in ("asked", "answered")] == [1, 1]


async def test_one_of_several_answers_counts():
    cast, task, kim = await claimed()
    row = await ask(kim, task)
    answers = await asyncio.gather(*(answer(cast.api, row, f"Answer {n}") for n in range(5)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["Conflict"] * 4 + ["Question"]


@pytest.mark.parametrize("text", ["", "  ?", "x" * 2_001])
async def test_empty_and_endless_questions_are_refused(text):
    _, task, kim = await claimed()
    with pytest.raises(Invalid):
        await ask(kim, task, text)
    assert (await task_of(task)).claimed_by == kim.id


async def test_without_an_answer_the_review_goes_on():
    cast, task, kim = await claimed()
    row = await ask(kim, task)
    with clock.at(clock.now() + timedelta(hours=73)):
        await schedule.resume_waiting()
        await schedule.resume_waiting()
        back = await task_of(task)
        assert (back.status, back.why) == ("queued", f"{questions.UNANSWERED} · {task.why}")
        with pytest.raises(Conflict) as caught:
            await answer(cast.api, row)
    assert caught.value.code == "question_closed"


async def test_who_takes_it_up_meanwhile_keeps_it():
    cast, task, kim = await claimed()
    row = await ask(kim, task)
    joe = await member(cast, Role.REVIEWER)
    taken = await call(review_claims.start, joe, task)
    await answer(cast.api, row)
    assert (await task_of(task)).claimed_by == joe.id
    await finalize(await sign(joe, taken))


async def test_a_withdrawn_document_waits_for_no_answer():
    cast, task, kim = await claimed()
    row = await ask(kim, task)
    async with transaction(EVERYONE) as session:
        await review_tasks.close(session, [task.document_id])
    with pytest.raises(Conflict):
        await answer(cast.api, row)


async def test_a_snoozed_task_comes_back_to_who_snoozed_it():
    _, task, kim = await claimed()
    for wrong in (timedelta(seconds=-1), timedelta(days=8)):
        with pytest.raises(Invalid):
            await call(review_claims.snooze, kim, task, clock.now() + wrong)
    await call(review_claims.snooze, kim, task, clock.now() + timedelta(hours=1))
    asleep = await task_of(task)
    assert (asleep.status, asleep.claimed_by) == ("on_hold", None)
    await schedule.resume_waiting()
    assert (await task_of(task)).status == "on_hold"
    with clock.at(clock.now() + timedelta(hours=1, seconds=1)):
        await schedule.resume_waiting()
        back = await task_of(task)
    assert (back.status, back.snoozed_until, back.assigned_to) == ("queued", None, kim.id)


async def test_only_the_holder_puts_aside_or_asks_for_a_second():
    cast, task, kim = await claimed()
    joe = await member(cast, Role.REVIEWER)
    for act, rest in ((review_claims.snooze, (clock.now() + timedelta(hours=1),)), (review_claims.ask_second, ())):
        with pytest.raises(Conflict):
            await call(act, joe, task, *rest)
    await call(review_claims.ask_second, kim, task)
    with pytest.raises(Conflict) as caught:
        await call(review_claims.ask_second, kim, task)
    assert caught.value.code == "second_settled"
    assert await finalize(await sign(kim, await task_of(task))) is None
    second = await task_of(task)
    assert (second.status, second.first_by) == ("second_review", kim.id)


async def test_a_decision_ends_the_waiting_and_a_second_question_is_refused():
    cast, task, kim = await claimed()
    row = await ask(kim, task)
    again = await call(review_claims.start, kim, task)
    with pytest.raises(Conflict) as caught:
        await ask(kim, task)
    assert caught.value.code == "question_open"
    await finalize(await sign(kim, again))
    with pytest.raises(Conflict) as caught:
        await answer(cast.api, row)
    assert caught.value.code == "question_closed"


async def test_an_answer_and_a_claim_at_once_do_not_lock_each_other_out():
    for _ in range(3):
        cast, task, kim = await claimed()
        row = await ask(kim, task)
        joe = await member(cast, Role.REVIEWER)
        both = await asyncio.gather(answer(cast.api, row), call(review_claims.start, joe, task), return_exceptions=True)
        assert isinstance(both[0], Question), both
        assert not isinstance(both[1], Exception) or isinstance(both[1], Conflict), both


async def test_a_second_signer_does_not_read_the_firsts_question():
    task, kim, joe, cast = await begun()
    await start(kim, task)
    row = await ask(kim, task, "This is surely forged. Any original?")
    await answer(cast.api, row)
    assert [(one.text, one.answer) for one in await read(joe, task.document_id)] == [(questions.HIDDEN, ANSWER)]
    assert (await read(kim, task.document_id))[0].text.startswith("This is surely")


async def test_what_a_lead_puts_aside_comes_back_to_leads():
    task, kim, joe, cast = await begun()
    await verdict(kim, task)
    await verdict(joe, task, Outcome.REJECTED, "forgery")
    lead, eve = await member(cast, Role.REVIEW_LEAD), await member(cast, Role.REVIEWER)
    await start(lead, task)
    with pytest.raises(Conflict):
        await call(review_claims.ask_second, lead, task)
    await call(review_claims.snooze, lead, task, clock.now() + timedelta(hours=1))
    with pytest.raises(NotAllowed):
        await start(eve, task)
    with clock.at(clock.now() + timedelta(hours=2)):
        await schedule.resume_waiting()
        assert (await task_of(task)).status == "escalated"
        with pytest.raises(NotAllowed):
            await start(eve, task)
