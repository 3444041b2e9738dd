"""What a partner does to many documents: outsiders first, each document once, a word on each, over kills and races."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from backoffice import worker
from backoffice.adapters.job_runner import JobRunner
from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import bulk_actions as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.bulk_actions import MOST_DOCUMENTS, BulkAction, BulkOutcome, BulkRow, BulkStatus, RowStatus
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.events import Event
from backoffice.models.members import Member, Role
from backoffice.services import bulk_actions, bulk_walks, document_actions, document_tags, documents
from backoffice.services.document_actions import Press
from backoffice.services.documents import Filter
from tests.services.review_cast import SYSTEM, in_review, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


async def call(actor, function, *arguments, **named):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *arguments, **named)


def press(ids, outcome=BulkOutcome.TAGGED, tag="vip", key=None) -> Press:
    return Press(key or uuid4(), outcome, ids, tag)


async def run(person, ids, *args) -> BulkAction:
    action = await call(person, document_actions.begin, press(ids, *args))
    await jobs.run(str(action.id))
    return action


async def counts(person, action):
    return (await call(person, document_actions.progress, action.id)).counts


async def tags(ids) -> list[list[str]]:
    async with transaction(EVERYONE) as session:
        found = await document_tags.of_documents(session, ids)
    return [found.get(one, []) for one in ids]


async def statuses(ids) -> list[str]:
    async with transaction(EVERYONE) as session:
        rows = await session.execute(select(Document.id, Document.status).where(Document.id.in_(ids)))
        found = {row[0]: row[1] for row in rows}
    return [found[one] for one in ids]


async def world(count: int, role=Role.PARTNER_ADMIN):
    cast = await make_cast()
    return cast, await member(cast, role), [await submitted(cast) for _ in range(count)]


async def test_rival_changes_nothing_of_acme_and_sees_no_action():
    acme, owner, ids = await world(2)
    rival = await make_cast()
    outsider, theirs = await member(rival, Role.PARTNER_ADMIN), await submitted(rival)
    for outcome in document_actions.NEEDED:
        with pytest.raises(NotFound):
            await call(outsider, document_actions.begin, press(ids, outcome))
    mixed = await run(outsider, [*ids, theirs])
    assert (mixed.total, await tags([*ids, theirs])) == (1, [[], [], ["vip"]])
    action = await run(owner, ids)
    boss = await member(acme, Role.PARTNER_ADMIN)
    for person in (outsider, boss):
        for act in (document_actions.progress, document_actions.stop, document_actions.undo):
            with pytest.raises(NotFound):
                await call(person, act, action.id)
    async with transaction(outsider.tenancy) as session:
        assert await session.get(BulkAction, action.id) is None, "the database itself keeps it from them"
        rows = select(func.count()).select_from(BulkRow).where(BulkRow.action_id == action.id)
        assert (await session.execute(rows)).scalar_one() == 0


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.REVIEW_LEAD, Role.OPERATOR, Role.AUDITOR])
async def test_our_own_people_change_no_partners_documents(role):
    cast, _, ids = await world(1)
    person = await member(cast, role)
    for outcome in document_actions.NEEDED:
        with pytest.raises(NotAllowed):
            await call(person, document_actions.begin, press(ids, outcome))
    with pytest.raises(NotAllowed):
        await call(SYSTEM, document_actions.begin, press(ids))


async def test_analysts_tag_and_do_not_cancel_and_nobody_gives_a_verdict():
    cast, admin, ids = await world(1)
    analyst = await member(cast, Role.PARTNER_ANALYST)
    with pytest.raises(NotAllowed):
        await call(analyst, document_actions.begin, press(ids, BulkOutcome.CANCELED))
    await run(analyst, ids)
    assert await tags(ids) == [["vip"]]
    with pytest.raises(Invalid):
        await call(admin, document_actions.begin, press(ids, BulkOutcome.REJECTED))
    with pytest.raises(IntegrityError, match="never_approves"):
        async with transaction(EVERYONE) as session:
            session.add(
                BulkAction(
                    partner_id=cast.partner.id,
                    started_by=admin.id,
                    press=uuid4(),
                    outcome="rejected",
                    total=1,
                )
            )


async def test_a_role_that_was_taken_away_meanwhile_changes_nothing_more():
    _, admin, ids = await world(2)
    action = await call(admin, document_actions.begin, press(ids, BulkOutcome.CANCELED))
    async with transaction(EVERYONE) as session:
        await session.execute(update(Member).where(Member.id == admin.id).values(role=Role.PARTNER_ANALYST))
    await jobs.run(str(action.id))
    assert await statuses(ids) == [DocumentStatus.SUBMITTED] * 2
    assert await counts(admin, action) == {RowStatus.SKIPPED: 2}


@pytest.mark.parametrize("ids", [[], [uuid4()] * 1], ids=["none", "of nobody"])
async def test_nothing_chosen_is_refused(ids):
    _, admin, _ = await world(0)
    with pytest.raises((Invalid, NotFound)):
        await call(admin, document_actions.begin, press(ids))


async def test_too_many_and_words_that_are_no_tag_are_refused():
    _, admin, ids = await world(1)
    with pytest.raises(Invalid) as refused:
        await call(admin, document_actions.begin, press([uuid4() for _ in range(MOST_DOCUMENTS + 1)]))
    assert refused.value.code == "too_many"
    with pytest.raises(Invalid) as refused:
        await call(admin, document_actions.begin, press(ids, BulkOutcome.TAGGED, "a, b"))
    assert refused.value.code == "invalid_tag"


async def test_canceling_tells_of_each_and_skips_what_is_decided_with_the_reason():
    cast, admin, ids = await world(2)
    task = await in_review(cast, external_id="user-7")
    async with transaction(SYSTEM.tenancy) as session:
        decided = await documents.get(session, SYSTEM, task.document_id, lock=True)
        await documents.change_status(session, SYSTEM, decided, DocumentStatus.APPROVED)
    waiting = await in_review(cast)
    chosen = [*ids, task.document_id, waiting.document_id]
    action = await run(admin, chosen, BulkOutcome.CANCELED, "")
    assert await statuses(chosen) == ["canceled", "canceled", "approved", "canceled"]
    found = await call(admin, document_actions.progress, action.id)
    assert found.counts == {RowStatus.DONE: 3, RowStatus.SKIPPED: 1}
    assert [(one.reference, one.refusal) for one in found.skipped] == [
        ("user-7", "A document that is approved cannot become canceled.")
    ]
    assert found.undo_until is None
    with pytest.raises(Conflict):
        await call(admin, document_actions.undo, action.id)
    async with transaction(EVERYONE) as session:
        told = select(func.count()).where(Event.subject_id.in_(chosen), Event.type == "document.canceled")
        assert (await session.execute(told)).scalar_one() == 3
        entries = select(AuditEntry.actor_id).where(
            AuditEntry.subject_id.in_(chosen), AuditEntry.action == "document.canceled"
        )
        assert set((await session.execute(entries)).scalars()) == {admin.id}


async def test_tags_are_put_on_and_taken_back_where_this_action_put_them():
    _, admin, ids = await world(3)
    await call(admin, document_tags.add, ids[0], "vip")
    action = await run(admin, ids)
    assert await counts(admin, action) == {RowStatus.DONE: 2, RowStatus.SKIPPED: 1}
    await call(admin, document_actions.undo, action.id)
    await call(admin, document_actions.undo, action.id)
    await jobs.run(str(action.id))
    assert await tags(ids) == [["vip"], [], []]
    assert await counts(admin, action) == {RowStatus.UNDONE: 2, RowStatus.SKIPPED: 1}
    with pytest.raises(Conflict):
        await call(admin, document_actions.undo, action.id)
    off = await run(admin, ids, BulkOutcome.UNTAGGED)
    assert await tags(ids) == [[], [], []]
    await call(admin, document_actions.undo, off.id)
    await jobs.run(str(off.id))
    assert await tags(ids) == [["vip"], [], []]


async def test_after_a_day_nothing_is_taken_back():
    _, admin, ids = await world(1)
    action = await run(admin, ids)
    with at(now() + timedelta(hours=25)), pytest.raises(Conflict):
        await call(admin, document_actions.undo, action.id)


async def test_a_double_click_is_one_action_and_a_second_one_waits_for_its_end():
    _, admin, ids = await world(2)
    asked = press(ids)
    first, again = [await call(admin, document_actions.begin, asked) for _ in range(2)]
    assert first.id == again.id
    with pytest.raises(Conflict, match="still running"):
        await call(admin, document_actions.begin, press(ids))
    await call(admin, document_actions.stop, first.id)
    assert await tags(ids) == [[], []]
    second = await run(admin, ids)
    assert await counts(admin, second) == {RowStatus.DONE: 2}


async def test_two_workers_do_each_document_once():
    _, admin, ids = await world(6)
    action = await call(admin, document_actions.begin, press(ids))
    await asyncio.gather(jobs.run(str(action.id)), jobs.run(str(action.id)))
    assert await counts(admin, action) == {RowStatus.DONE: 6}
    async with transaction(EVERYONE) as session:
        entries = select(func.count()).where(AuditEntry.subject_id.in_(ids), AuditEntry.action == "document.tagged")
        assert (await session.execute(entries)).scalar_one() == 6


async def test_a_worker_that_dies_between_the_change_and_its_end_changes_it_once():
    _, admin, ids = await world(3)
    action = await call(admin, document_actions.begin, press(ids))
    async with transaction(EVERYONE) as session:
        await bulk_actions.step(session, SYSTEM, action.id)
    with pytest.raises(RuntimeError):
        async with transaction(EVERYONE) as session:
            await bulk_actions.step(session, SYSTEM, action.id)
            raise RuntimeError("killed before it was written down")
    assert await counts(admin, action) == {RowStatus.DONE: 1, RowStatus.WAITING: 2}
    await jobs.run(str(action.id))
    assert await counts(admin, action) == {RowStatus.DONE: 3}
    assert await tags(ids) == [["vip"]] * 3


async def test_a_lost_job_is_found_again_also_one_that_takes_back():
    _, admin, ids = await world(1)
    with at(now() - timedelta(minutes=5)):
        action = await run(admin, ids)
    await call(admin, document_actions.undo, action.id)
    key = {"key": f"{bulk_walks.JOB}:{action.id}"}
    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from pgqueuer where dedupe_key = :key"), key)
    await jobs.enqueue_lost()
    async with transaction(EVERYONE) as session:
        waiting = await session.execute(text("select count(*) from pgqueuer where dedupe_key = :key"), key)
        assert waiting.scalar_one() == 1


async def test_canceling_meets_a_decision_and_one_of_them_wins():
    cast, admin, _ = await world(0)
    task = await in_review(cast)

    async def decide():
        async with transaction(SYSTEM.tenancy) as session:
            row = await documents.get(session, SYSTEM, task.document_id, lock=True)
            await documents.change_status(session, SYSTEM, row, DocumentStatus.APPROVED)

    action = await call(admin, document_actions.begin, press([task.document_id], BulkOutcome.CANCELED, ""))
    await asyncio.gather(jobs.run(str(action.id)), decide(), return_exceptions=True)
    [status] = await statuses([task.document_id])
    wanted = {RowStatus.DONE: 1} if status == DocumentStatus.CANCELED else {RowStatus.SKIPPED: 1}
    assert await counts(admin, action) == wanted
    assert status in {DocumentStatus.CANCELED, DocumentStatus.APPROVED}


async def test_every_tagged_document_is_in_the_list_of_the_tag():
    _, admin, ids = await world(4)
    await run(admin, ids[:3], BulkOutcome.TAGGED, "Batch 7")
    page = await call(admin, documents.page, Filter(livemode=True, tag="batch-7"))
    assert [row.id for row in page.rows] == ids[:3][::-1]
    async with transaction(EVERYONE) as session:
        marks = select(AuditEntry.action).where(
            AuditEntry.actor_id == admin.id, AuditEntry.action == "bulk_action.started"
        )
        assert len((await session.execute(marks)).scalars().all()) == 1
        assert (
            await session.execute(select(BulkAction.status).where(BulkAction.started_by == admin.id))
        ).scalar_one() == (BulkStatus.DONE)


async def test_taking_back_waits_for_another_action_of_this_person():
    _, person, ids = await world(2)
    first = await run(person, ids)
    await call(person, document_actions.begin, press(ids, BulkOutcome.TAGGED, "other"))
    with pytest.raises(Conflict) as refused:
        await call(person, document_actions.undo, first.id)
    assert refused.value.code == "bulk_runs"


async def test_what_partners_do_leaves_workers_for_everybody_else():
    _, person, ids = await world(1)
    action = await call(person, document_actions.begin, press(ids))
    waiting = text("select entrypoint from pgqueuer where dedupe_key = :key")
    async with transaction(EVERYONE) as session:
        rows = await session.execute(waiting, {"key": f"{bulk_walks.JOB}:{action.id}"})
        assert rows.scalar_one() == "document.bulk"
    assert 1 <= worker.AT_ONCE["document.bulk"] < JobRunner("postgresql://nowhere")._concurrency
