"""The clocks of tasks: by plan and queue, in business hours, pinned to their rules, paused while a partner is asked."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.jobs import sla as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.models.review_counts import View
from backoffice.models.review_tasks import Outcome
from backoffice.models.sla import Lane, Rules, SlaResult, Target
from backoffice.services import decisions, review_claims, review_queue, review_tasks, sla_clocks, sla_rules
from backoffice.viewmodels.review_tasks import queue_row
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.sla_cast import (
    DAY,
    EVERYONE,
    HOUR,
    OFFICE,
    TARGETS,
    call,
    document_of,
    fetched,
    results,
    ruled,
    rules_put_back,
    with_due,
)
from tests.services.test_second_reviews import begun, verdict

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
async def _back(database):
    async with rules_put_back():
        yield


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.REVIEWER])
async def test_outsiders_neither_read_nor_write_the_rules(role):
    person = await member(await make_cast(), role)
    rules = await call(sla_rules.read, SYSTEM)
    for work in (
        call(sla_rules.read, person), call(sla_rules.versions, person), call(sla_rules.publish, person, rules),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            await work


async def test_an_auditor_reads_and_writes_nothing():
    auditor = await member(await make_cast(), Role.AUDITOR)
    rules = await call(sla_rules.read, auditor)
    with pytest.raises(NotAllowed):
        await call(sla_rules.publish, auditor, rules)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEW_LEAD])
async def test_a_version_is_made_audited_and_never_changes(role):
    person = await member(await make_cast(), role)
    before = await call(sla_rules.read, person)
    wanted = replace(before, targets=dict(before.targets) | {(Plan.FREE, Lane.ESCALATED): Target(5 * HOUR)})
    made = await call(sla_rules.publish, person, wanted)
    assert made.version == before.version + 1
    assert made.target(Plan.FREE, Lane.ESCALATED) == Target(5 * HOUR)
    assert (await call(sla_rules.versions, person))[0].made_by == person.name
    with pytest.raises(Conflict, match="Somebody changed"):
        await call(sla_rules.publish, person, wanted)
    with pytest.raises(Conflict, match="Nothing differs"):
        await call(sla_rules.publish, person, made)
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry).where(AuditEntry.action == "sla.changed", AuditEntry.actor_id == person.id)
        entry = (await session.execute(statement)).scalar_one()
    assert entry.changes["version"] == made.version
    assert entry.changes["targets"][1]["free"]["escalated"] == [300, ""]
    with pytest.raises(DBAPIError, match="never changes"):
        async with transaction(EVERYONE) as session:
            await session.execute(text("update sla_versions set targets = '{}'"))


async def test_of_two_who_publish_at_once_one_is_told():
    before = await call(sla_rules.read, SYSTEM)

    def wanted(hours):
        return replace(before, targets=dict(before.targets) | {(Plan.FREE, Lane.ESCALATED): Target(hours * HOUR)})

    works = (call(sla_rules.publish, SYSTEM, wanted(hours)) for hours in (7, 8))
    done = await asyncio.gather(*works, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "Rules"]


@pytest.mark.parametrize(
    ("targets", "calendars", "words"),
    [
        ({(Plan.FREE, Lane.STANDARD): None}, {}, "needs a target"),
        ({(Plan.FREE, Lane.STANDARD): Target(timedelta())}, {}, "From 1 minute"),
        ({(Plan.FREE, Lane.STANDARD): Target(timedelta(days=61))}, {}, "From 1 minute"),
        ({(Plan.FREE, Lane.STANDARD): Target(HOUR, "Nowhere")}, {}, "not there"),
        ({}, {"Moon": replace(OFFICE, time_zone="Moon/Base")}, "no such time zone"),
        ({}, {"Shut": replace(OFFICE, week=((),) * 7)}, "at least one day"),
        ({}, {"Short": replace(OFFICE, week=(DAY,) * 6)}, "at least one day"),
        ({}, {"Back": replace(OFFICE, week=(((600, 540),),) * 7)}, "Hours go up"),
        ({}, {"Long": replace(OFFICE, week=(((600, 1441),),) * 7)}, "Hours go up"),
        ({}, {"Over": replace(OFFICE, week=(((1, 60), (50, 90)),) * 7)}, "Hours go up"),
        ({}, {"x" * 61: OFFICE}, "1 to 60 letters"),
        ({}, {"": OFFICE}, "1 to 60 letters"),
    ],
)
def test_what_cannot_be_counted_by_is_refused(targets, calendars, words):
    kept = {key: one for key, one in (TARGETS | targets).items() if one is not None}
    with pytest.raises(Invalid, match=words):
        sla_rules.check(Rules(1, kept, calendars))


async def test_a_new_document_is_due_by_its_plans_business_hours():
    await ruled({(Plan.STANDARD, Lane.STANDARD): Target(4 * HOUR, "Office hours")})
    moment = datetime(2040, 1, 6, 16, tzinfo=UTC)
    async with transaction(EVERYONE) as session:
        cast = await make_cast()
        document = Document(partner_id=cast.partner.id, livemode=True, applicant_id=uuid4(), verification_id=uuid4())
        with clock.at(moment):
            assert await sla_clocks.promised(session, document) == datetime(2040, 1, 9, 11, tzinfo=UTC)


async def test_another_version_moves_no_open_deadline_until_it_is_applied():
    task = await in_review(await make_cast())
    began = (await fetched(task)).sla_from
    await with_due(task, due_at=began + 4 * HOUR, since=began)
    made = await ruled({(Plan.STANDARD, Lane.STANDARD): Target(9 * HOUR)})
    assert (await fetched(task)).due_at == began + 4 * HOUR
    await jobs.apply(made.version, batch=3)
    row = await fetched(task)
    assert (row.due_at, row.sla_version, row.warn_at) == (began + 9 * HOUR, made.version, began + 9 * HOUR * 0.8)
    assert (await document_of(task)).due_at == row.due_at
    await jobs.apply(made.version)
    async with transaction(EVERYONE) as session:
        statement = select(func.count()).where(
            AuditEntry.subject_id == task.id, AuditEntry.action == "review.due_moved"
        )
        assert (await session.execute(statement)).scalar_one() == 1


async def test_each_queue_has_its_own_deadline_and_leaves_its_result():
    await ruled({(Plan.STANDARD, Lane.SECOND_REVIEW): Target(2 * HOUR), (Plan.STANDARD, Lane.ESCALATED): Target(HOUR)})
    task, kim, joe, _ = await begun()
    await with_due(task, due_at=task.due_at, since=task.sla_from)
    await verdict(kim, task, Outcome.APPROVED)
    second = await fetched(task)
    assert second.lane == Lane.SECOND_REVIEW
    assert second.due_at == second.lane_at + 2 * HOUR
    (first,) = await results(task)
    assert (first.lane, first.plan, first.ended_at) == (Lane.STANDARD, Plan.STANDARD, second.first_at)
    assert first.due_at == task.due_at
    await verdict(joe, task, Outcome.REJECTED, "name_mismatch")
    third = await fetched(task)
    assert (third.lane, third.due_at) == (Lane.ESCALATED, third.lane_at + HOUR)
    assert [row.lane for row in await results(task)] == [Lane.STANDARD, Lane.SECOND_REVIEW]
    assert (await document_of(task)).due_at == task.due_at, "the partner was promised what it was promised"


async def test_a_queue_without_a_target_keeps_the_deadline():
    task, kim, joe, _ = await begun()
    await verdict(kim, task, Outcome.APPROVED)
    second = await fetched(task)
    assert (second.lane, second.due_at) == (Lane.SECOND_REVIEW, task.due_at)
    decision = await verdict(joe, task, Outcome.APPROVED)
    assert decision
    rows = await results(task)
    assert [(row.lane, row.due_at) for row in rows] == [(lane, task.due_at) for lane in list(Lane)[:2]]


async def test_a_queue_is_never_gone_back_to():
    cast = await make_cast()
    kim, lena = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)
    task = await in_review(cast)
    await call(review_claims.claim, kim, task.id)
    await call(review_claims.escalate, kim, task.id)
    await call(review_claims.claim, lena, task.id)
    await call(review_claims.hold, lena, task.id)
    await call(review_claims.claim, lena, task.id)
    assert (await fetched(task)).lane == Lane.ESCALATED


async def test_canceled_and_test_documents_leave_no_result():
    cast = await make_cast()
    task = await in_review(cast)
    await call(review_tasks.close, [task.document_id])
    assert await results(task) == []
    kim, test = await member(cast, Role.REVIEWER), await in_review(cast, livemode=False)
    async with transaction(EVERYONE) as session:
        started = await review_claims.start(session, kim, test.id)
        signed = await decisions.sign(session, kim, test.id, outcome=Outcome.APPROVED, version=started.version)
    with clock.at(signed.final_at + timedelta(seconds=1)):
        assert await call(decisions.finalize, SYSTEM, test.id, signed.id)
    assert await results(test) == []


async def test_a_partner_sees_only_its_own_results():
    other = await make_cast()
    task, kim, _, _ = await begun()
    await verdict(kim, task, Outcome.APPROVED)
    async with transaction(Tenancy.of(other.partner.id)) as session:
        assert (await session.execute(select(func.count()).select_from(SlaResult))).scalar_one() == 0
    assert len(await results(task)) == 1


async def test_a_task_whose_clock_stands_is_neither_due_soon_nor_late_in_the_queue():
    cast = await make_cast()
    lead, task = await member(cast, Role.REVIEW_LEAD), await in_review(cast)
    await with_due(task, due_at=clock.now() - HOUR, since=clock.now() - 5 * HOUR)
    mine = review_queue.Filter(partner_id=cast.partner.id)
    assert len((await call(review_queue.page, lead, View.DUE_SOON, by=mine)).rows) == 1
    async with transaction(EVERYONE) as session:
        await sla_clocks.pause(session, await review_tasks.locked(session, task.id))
    assert (await call(review_queue.page, lead, View.DUE_SOON, by=mine)).rows == []
    (item,) = (await call(review_queue.page, lead, View.ALL, by=mine)).rows
    row = queue_row(item.task, item.document, partner="", holder="", labels={}, at=clock.now())
    assert (row.due_at, row.urgency) == ("", "ok")
    assert "Overdue" not in row.why
