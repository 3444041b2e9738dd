"""Intake: outsiders first, then what stands after a crash between the file and the row."""

import io

import pytest
from sqlalchemy import text

from backoffice.adapters.storage import storage_for
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.models.base import new_id
from backoffice.models.documents import DocumentStatus, Side
from backoffice.models.partners import Plan
from backoffice.services import documents, intake, withdrawals
from backoffice.services.access import Actor, ActorType, Permission
from tests.api.world import make_world, picture

WRITE = frozenset({Permission.DOCUMENTS_WRITE})


@pytest.fixture(autouse=True)
async def _gate(database):
    yield
    intake.admission().close()
    intake.admission.cache_clear()


def key_actor(world, permissions=WRITE, *, livemode=True):
    return Actor(
        type=ActorType.API_KEY,
        id=new_id(),
        name="key",
        permissions=permissions,
        partner_id=world.partner_id,
        livemode=livemode,
    )


def submission(**values):
    return intake.Submission(uploads=[intake.Upload(Side.FRONT, io.BytesIO(picture()))], **values)


async def submit(actor, **values):
    stored = await intake.store(actor, submission(**values))
    async with transaction(actor.tenancy) as session:
        return await intake.keep(session, actor, stored)


async def test_a_key_without_the_scope_stores_nothing(database):
    world = await make_world()
    with pytest.raises(NotAllowed):
        await intake.store(key_actor(world, frozenset()), submission())
    with pytest.raises(NotAllowed):
        await withdrawals.cancel_document(None, key_actor(world, frozenset()), new_id())


@pytest.mark.parametrize("name", ["applicant_id", "verification_id", "replaces_id"])
async def test_another_partners_things_do_not_exist(database, name):
    theirs = await submit(key_actor(await make_world()))
    value = theirs.id if name == "replaces_id" else getattr(theirs, name)
    with pytest.raises(NotFound):
        await intake.store(key_actor(await make_world()), submission(**{name: value}))


async def test_another_partner_cannot_cancel(database):
    theirs = await submit(key_actor(await make_world()))
    stranger = key_actor(await make_world())
    with pytest.raises(NotFound):
        async with transaction(stranger.tenancy) as session:
            await withdrawals.cancel_document(session, stranger, theirs.id)


@pytest.mark.parametrize(("plan", "hours"), [(Plan.FREE, 24), (Plan.STANDARD, 4), (Plan.ENTERPRISE, 1)])
async def test_the_plan_says_by_when(database, plan, hours):
    document = await submit(key_actor(await make_world(plan=plan)))
    assert round((document.due_at - document.submitted_at).total_seconds() / 3600, 2) == hours


async def test_a_crash_before_the_commit_leaves_only_ciphertext(database):
    actor = key_actor(await make_world())
    stored = await intake.store(actor, submission())
    with pytest.raises(ZeroDivisionError):
        async with transaction(actor.tenancy) as session:
            await intake.keep(session, actor, stored)
            raise ZeroDivisionError
    assert await storage_for("default").exists(stored.files[0].storage_key)
    async with transaction(Tenancy.everyone()) as session:
        for table in ("documents", "files", "applicants", "verifications", "events", "audit_entries"):
            counted = await session.execute(
                text(f"select count(*) from {table} where partner_id = :p"), {"p": actor.partner_id}
            )
            assert counted.scalar_one() == 0, table
        jobs = await session.execute(
            text("select count(*) from pgqueuer where convert_from(payload, 'utf8') like :d"),
            {"d": f"%{stored.document.id}%"},
        )
        assert jobs.scalar_one() == 0
    await intake.discard(stored.files)
    assert not await storage_for("default").exists(stored.files[0].storage_key)


async def test_a_replaced_document_is_replaced_once(database):
    actor = key_actor(await make_world())
    first = await submit(actor)
    system = Actor.system()
    async with transaction(system.tenancy) as session:
        document = await documents.get(session, system, first.id, lock=True)
        for status in ("processing", "in_review", "resubmission_requested"):
            await documents.change_status(session, system, document, DocumentStatus(status))
    both = [await intake.store(actor, submission(replaces_id=first.id)) for _ in range(2)]
    async with transaction(actor.tenancy) as session:
        kept = await intake.keep(session, actor, both[0])
    assert kept.attempt == 2
    with pytest.raises(Conflict) as refused:
        async with transaction(actor.tenancy) as session:
            await intake.keep(session, actor, both[1])
    assert refused.value.code == "not_replaceable"


async def test_cancel_takes_the_task_off_the_queue(database):
    from backoffice.models.review_tasks import ReviewTask

    actor = key_actor(await make_world())
    document = await submit(actor)
    system = Actor.system()
    async with transaction(system.tenancy) as session:
        row = await documents.get(session, system, document.id, lock=True)
        for status in ("processing", "in_review"):
            await documents.change_status(session, system, row, DocumentStatus(status))
        session.add(ReviewTask(partner_id=row.partner_id, document_id=row.id))
    async with transaction(actor.tenancy) as session:
        await withdrawals.cancel_document(session, actor, document.id)
    async with transaction(system.tenancy) as session:
        found = await session.execute(
            text("select status, version from review_tasks where document_id = :d"), {"d": document.id}
        )
        assert tuple(found.one()) == ("completed", 2)
