"""Tasks handed out by themselves: each once, to who is there, skilled and least busy."""

import asyncio

import pytest
from sqlalchemy import text

from backoffice.db import transaction
from backoffice.errors import Invalid, NotFound
from backoffice.models.members import Role
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.services import (
    assignments,
    review_bars,
    review_claims,
    reviewers,
)
from backoffice.services.reviewers import Skills
from tests.services.assignment_cast import AWAY, EVERYONE, available, people, urgent
from tests.services.review_cast import SYSTEM, front, in_review, make_cast, member
from tests.services.test_review_tasks import call, prioritise, read

pytestmark = pytest.mark.usefixtures("nobody_there")


async def test_twenty_who_take_at_once_get_twenty_tasks():
    cast = await make_cast()
    tasks = await urgent(cast, 20)
    takers = [await member(cast, Role.REVIEWER, f"R{number}") for number in range(20)]
    got = await asyncio.gather(*(call(review_claims.next_task, taker) for taker in takers))
    assert {task.id for task in got} == {task.id for task in tasks}
    for taker, task in zip(takers, got, strict=True):
        await call(review_claims.hold, taker, task.id)


async def test_rounds_that_run_at_once_give_each_task_once_and_nobody_too_many():
    cast = await make_cast()
    tasks = await urgent(cast, 12)
    there = [await member(cast, Role.REVIEWER, f"R{number}") for number in range(4)]
    for person in there:
        await available(person, capacity=3)
    given = await asyncio.gather(*(call(assignments.hand_out, SYSTEM) for _ in range(5)))
    assert sum(given) == 12
    owners = [(await read(task)).assigned_to for task in tasks]
    assert {owner: owners.count(owner) for owner in owners} == {person.id: 3 for person in there}
    assert await call(assignments.hand_out, SYSTEM) == 0


async def test_skills_come_first_then_who_has_least_to_do():
    cast, kim, joe, _ = await people()
    await available(kim, document_types=["passport"], languages=["de"])
    await available(joe)
    place = front()
    kinds = (("passport", "AUT"), ("passport", "JPN"), ("national_id", "DEU"), ("passport", "CHE"))
    tasks = [await in_review(cast, type=type_, issuing_country=country) for type_, country in kinds]
    for number, task in enumerate(tasks):
        await prioritise(task, place + number)
    await call(assignments.hand_out, SYSTEM)
    assert [(await read(task)).assigned_to for task in tasks] == [kim.id, joe.id, joe.id, kim.id]


async def test_a_country_is_a_skill_beside_the_languages():
    cast, kim, _, _ = await people()
    await available(kim, countries=["FRA"], languages=["sv"])
    theirs, sweden, brazil = (await urgent(cast, 3))[:3]
    async with transaction(EVERYONE) as session:
        for task, country in ((theirs, "FRA"), (sweden, "SWE"), (brazil, "BRA")):
            (await session.get(ReviewTask, task.id)).issuing_country = country
    await call(assignments.hand_out, SYSTEM)
    assert [(await read(task)).assigned_to for task in (theirs, sweden, brazil)] == [kim.id, kim.id, None]
    assert (await call(review_claims.next_task, kim)).id == theirs.id
    await call(review_claims.hold, kim, theirs.id)


async def test_who_signed_first_is_not_given_the_second_look():
    cast, kim, joe, _ = await people()
    (task,) = await urgent(cast)
    async with transaction(EVERYONE) as session:
        row = await session.get(ReviewTask, task.id)
        row.first_by, row.first_outcome, row.status = kim.id, "approved", TaskStatus.SECOND_REVIEW
        row.needs_second = True
    await available(kim, capacity=1, document_types=["passport"])
    assert await call(assignments.hand_out, SYSTEM) in {0, 1}
    assert (await read(task)).assigned_to is None
    await available(joe, capacity=1)
    await call(assignments.hand_out, SYSTEM)
    assert (await read(task)).assigned_to == joe.id


async def test_queued_tasks_ask_for_one_job_together_when_somebody_is_there():
    async def waiting() -> int:
        async with transaction(EVERYONE) as session:
            statement = text("select count(*) from pgqueuer where entrypoint = 'review.assign'")
            return (await session.execute(statement)).scalar_one()

    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from pgqueuer where entrypoint = 'review.assign'"))
    cast, kim, _, _ = await people()
    await in_review(cast)
    assert await waiting() == 0
    await available(kim)
    for _ in range(3):
        await in_review(cast)
    assert await waiting() == 1


async def test_skills_are_of_what_there_is():
    cast, kim, _, lead = await people()
    for wrong in ({"document_types": ["visa"]}, {"countries": ["FR"]}, {"languages": ["klingon"]}):
        with pytest.raises(Invalid) as refused:
            await call(reviewers.configure, lead, kim.id, Skills(**wrong), capacity=1)
        assert refused.value.code == "skill_unknown"
    for capacity in (-1, 101):
        with pytest.raises(Invalid):
            await call(reviewers.configure, lead, kim.id, Skills(), capacity=capacity)
    with pytest.raises(NotFound):
        await call(reviewers.configure, lead, (await member(cast, Role.OPERATOR)).id, Skills(), capacity=1)


async def test_the_roster_says_who_has_how_much():
    cast, kim, joe, lead = await people()
    one, two = await urgent(cast, 2)
    await call(assignments.assign, lead, one.id, kim.id)
    await call(review_claims.start, joe, two.id)
    loads = {row.member.id: (row.load, row.profile.availability) for row in await call(reviewers.roster, lead)}
    assert (loads[kim.id], loads[joe.id], loads[lead.id]) == ((1, AWAY), (1, AWAY), (0, AWAY))
    await call(review_claims.hold, joe, two.id)


async def test_tasks_that_nobody_there_may_take_keep_them_from_nothing_behind_them():
    cast, other = await make_cast(), await make_cast()
    _, kim, _, lead = await people(cast=cast)
    await urgent(other, 4)
    mine = (await urgent(cast))[0]
    await call(review_bars.bar, lead, member_id=kim.id, partner_id=other.partner.id, reason="Former employer")
    await available(kim, capacity=1)
    assert await call(assignments.hand_out, SYSTEM) >= 1
    assert (await read(mine)).assigned_to == kim.id
