"""What used the time of late tasks: split from the audit trail, and for leads only."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.breach_counts import Cause, Phase
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.models.sla import Lane, SlaResult
from backoffice.models.team_counts import Staffing
from backoffice.services import breaches, decisions, questions, review_bars, review_claims
from backoffice.viewmodels.breaches import causes_view, staffing_words
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.sla_cast import OFFICE

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def call(moment, function, *arguments, **named):
    with clock.at(moment):
        async with transaction(EVERYONE) as session:
            return await function(session, *arguments, **named)


async def signed(moment, person, task, outcome=Outcome.APPROVED):
    """Claim, sign two minutes later, and let it become final."""
    started = await call(moment, review_claims.start, person, task.id)
    at = moment + 2 * MINUTE
    verdict = await call(at, decisions.sign, person, task.id, outcome=outcome, version=started.version)
    await call(at + MINUTE, decisions.finalize, SYSTEM, task.id, verdict.id)


async def late(cast, story, **fields):
    """A task whose story begins ten hours ago and that left its queue late."""
    begin = clock.now() - 10 * HOUR
    with clock.at(begin):
        task = await in_review(cast, **fields)
    await story(begin, task)
    async with transaction(EVERYONE) as session:
        overdue = text("update sla_results set due_at = began_at + interval '1 second' where task_id = :task")
        await session.execute(overdue, {"task": task.id})
        rows = (await session.execute(select(SlaResult).where(SlaResult.task_id == task.id))).scalars().all()
    return task, {Lane(row.lane): row for row in rows}


async def causes(person) -> dict[Lane, Cause]:
    return {one.lane: one for one in await call(clock.now(), breaches.causes, person, days=30)}


def more(after: dict[Lane, Cause], before: dict[Lane, Cause], lane: Lane) -> tuple[int, dict[Phase, timedelta]]:
    """What came on top of what other tests left."""
    old, new = before.get(lane, Cause(lane)), after[lane]
    extra = {phase: new.spent.get(phase, timedelta()) - old.spent.get(phase, timedelta()) for phase in Phase}
    return new.tasks - old.tasks, {phase: length for phase, length in extra.items() if length}


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR])
async def test_others_are_told_nothing(role):
    person = await member(await make_cast(), role)
    for ask in (call(clock.now(), breaches.causes, person, days=30), call(clock.now(), breaches.staffing, person)):
        with pytest.raises(NotAllowed):
            await ask


async def test_the_time_is_split_by_what_the_task_waited_for():
    cast = await make_cast()
    kim, lead = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)

    async def story(begin, task):
        await call(begin + HOUR, review_claims.start, kim, task.id)
        await call(begin + HOUR + 10 * MINUTE, review_claims.hold, kim, task.id)
        await call(begin + 3 * HOUR, review_claims.start, kim, task.id)
        await call(begin + 3 * HOUR + MINUTE, questions.ask, kim, task.id, text="Is this the newest passport?")
        await signed(begin + 5 * HOUR, kim, task)

    before = await causes(lead)
    await late(cast, story)
    tasks, extra = more(await causes(lead), before, Lane.STANDARD)
    assert tasks == 1
    assert extra == {
        Phase.QUEUED: HOUR,
        Phase.ACTIVE: 10 * MINUTE + MINUTE + 2 * MINUTE,
        Phase.HOLD: 3 * HOUR - (HOUR + 10 * MINUTE),
    }, "what the partner took is nobody's here"


async def test_a_second_signer_and_a_lead_have_queues_of_their_own():
    cast = await make_cast()
    kim, joe, lead = [await member(cast, role) for role in (Role.REVIEWER, Role.REVIEWER, Role.REVIEW_LEAD)]

    async def story(begin, task):
        async with transaction(EVERYONE) as session:
            await session.execute(text("update review_tasks set needs_second = true where id = :id"), {"id": task.id})
        await signed(begin + HOUR, kim, task)
        await signed(begin + 3 * HOUR, joe, task)

    before = await causes(lead)
    task, results = await late(cast, story)
    after = await causes(lead)
    assert set(results) == {Lane.STANDARD, Lane.SECOND_REVIEW}
    assert more(after, before, Lane.STANDARD) == (1, {Phase.QUEUED: HOUR, Phase.ACTIVE: 2 * MINUTE})
    began = results[Lane.SECOND_REVIEW].began_at
    assert more(after, before, Lane.SECOND_REVIEW) == (
        1,
        {Phase.SECOND: task.created_at + 3 * HOUR - began, Phase.ACTIVE: 2 * MINUTE},
    )


async def test_what_was_in_time_or_is_barred_is_not_counted():
    cast = await make_cast()
    kim, lead, other = [await member(cast, role) for role in (Role.REVIEWER, Role.REVIEW_LEAD, Role.REVIEW_LEAD)]

    async def story(begin, task):
        await signed(begin + HOUR, kim, task)

    before = await causes(lead)
    with clock.at(clock.now() - HOUR):
        in_time = await in_review(cast)
    await signed(clock.now() - HOUR, kim, in_time)
    assert await causes(lead) == before
    await late(cast, story)
    assert (await causes(lead))[Lane.STANDARD].tasks == before.get(Lane.STANDARD, Cause(Lane.STANDARD)).tasks + 1
    await call(clock.now(), review_bars.bar, other, member_id=lead.id, partner_id=cast.partner.id, reason="A relative")
    assert await causes(lead) == before


def test_time_counts_in_the_hours_of_the_calendar():
    friday = clock.now().replace(year=2040, month=1, day=6, hour=16, minute=0, second=0, microsecond=0)
    monday = friday + timedelta(days=3)
    row = SlaResult(lane=Lane.STANDARD, plan="standard", began_at=friday, due_at=friday, ended_at=monday)
    taken = breaches.Step(monday - 7 * HOUR, "review.claimed", "claimed")
    assert breaches.spent([taken], row, None) == {Phase.QUEUED: monday - 7 * HOUR - friday, Phase.ACTIVE: 7 * HOUR}
    assert breaches.spent([taken], row, OFFICE) == {Phase.QUEUED: 2 * HOUR, Phase.ACTIVE: 7 * HOUR}


def test_hours_are_those_of_one_task_and_the_largest_part_is_named():
    view = causes_view([
        Cause(Lane.STANDARD, 4, {Phase.QUEUED: 8 * HOUR, Phase.ACTIVE: HOUR}),
        Cause(Lane.ESCALATED, 1, {Phase.LEAD: HOUR}),
    ])  # fmt: skip
    assert view.labels == ["Standard (4)", "Escalated (1)"]
    assert (view.queued, view.active, view.lead, view.hold) == ([2.0, 0.0], [0.25, 0.0], [0.0, 1.0], [0.0, 0.0])
    assert view.words == "5 tasks left a queue late. 80% of their time went by waiting to be taken."
    assert causes_view([]).labels == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Staffing(90, 30, 2, 2), "2 people close 60 an hour, and 30 come: 90 open tasks are clear in about 3 h."),
        (
            Staffing(90, 60, 2, 2),
            "2 people close 60 an hour, and 60 come: the queue never clears. It takes 3 at least.",
        ),
        (Staffing(9, 0, 1, 0), "0 people close 0 an hour, and 0 come: the queue never clears. It takes 1 at least."),
        (Staffing(0, 5, 2, 1), "1 person closes 30 an hour: nothing waits."),
        (
            Staffing(9_000, 29.9, 2, 1),
            "1 person closes 30 an hour, and 29.9 come: 9000 open tasks are clear in more than 90 d.",
        ),
    ],
)
def test_another_number_of_people_in_words(asked, words):
    assert staffing_words(asked) == words


async def test_what_if_begins_with_what_is_measured():
    cast = await make_cast()
    kim, lead = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)
    before = await call(clock.now(), breaches.staffing, lead)
    task = await in_review(cast)
    await call(clock.now(), review_claims.start, kim, task.id)
    after = await call(clock.now(), breaches.staffing, lead)
    assert (after.open - before.open, after.arrivals - before.arrivals, after.people - before.people) == (1, 1, 1)
    assert after.minutes > 0
