"""Usage records: strangers first, then written with the work itself, once, for live documents only."""

import importlib.util
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.base import new_id
from backoffice.models.documents import Check
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.models.usage_records import UsageKind
from backoffice.screening.types import Finding
from backoffice.services import decisions, review_claims, screenings, usage_records
from backoffice.services.usage_records import Filter
from tests.services.billing_cast import records_of, used
from tests.services.review_cast import CLEAN, SYSTEM, in_review, make_cast, member, submitted
from tests.test_upgrade import ROOT

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
WITH_FACES = replace(CLEAN, findings=(*CLEAN.findings, Finding("face_match", "warning", 0.4, 0.5)))


async def page(actor, **fields):
    async with transaction(actor.tenancy) as session:
        return await usage_records.page(session, actor, Filter(**fields))


async def decided(cast, kim, **fields):
    task = await in_review(cast, **fields)
    async with transaction(EVERYONE) as session:
        started = await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(session, kim, task.id, outcome=Outcome.APPROVED, version=started.version)
    with at(now() + timedelta(seconds=20)):
        async with transaction(EVERYONE) as session:
            await decisions.finalize(session, SYSTEM, task.id, verdict.id)
    return task


async def test_no_stranger_sees_what_was_counted():
    acme, rival = await make_cast(), await make_cast()
    await used(acme, now())
    stranger = await member(rival, Role.PARTNER_ADMIN)
    assert (await page(stranger)).rows == []
    for role in (Role.REVIEWER, Role.OPERATOR):
        with pytest.raises(NotAllowed):
            await page(await member(acme, role))
    for role in (Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST):
        assert len((await page(await member(acme, role))).rows) == 1


async def test_a_document_is_counted_once_for_each_thing_that_was_done():
    acme = await make_cast()
    kim = await member(acme, Role.REVIEWER)
    task = await decided(acme, kim, screening=WITH_FACES, type="passport")
    found = await records_of(acme)
    assert {row.kind for row in found} == set(UsageKind)
    assert {(row.document_id, row.document_type, row.livemode) for row in found} == {
        (task.document_id, "passport", True)
    }
    async with transaction(EVERYONE) as session:
        document = await decisions.documents.get(session, SYSTEM, task.document_id)
        await usage_records.screened(session, document, WITH_FACES.findings)
        await usage_records.reviewed(session, document)
    assert len(await records_of(acme)) == 3


async def test_test_data_and_what_could_not_be_screened_cost_nothing():
    acme = await make_cast()
    kim = await member(acme, Role.REVIEWER)
    await decided(acme, kim, livemode=False)
    assert await records_of(acme) == []
    await in_review(acme, screenings.failed("No reader answered."))
    unread = (Finding("text", "error"), Finding("barcode", "not_applicable"), Finding("file_safety", "passed"))
    await in_review(acme, replace(CLEAN, findings=unread))
    assert await records_of(acme) == [], "that the file opened is not that anything was read"


async def test_what_does_not_come_to_be_is_not_counted():
    acme = await make_cast()
    document_id = await submitted(acme)
    with pytest.raises(RuntimeError):
        async with transaction(EVERYONE) as session:
            assignment = await screenings.begin(session, SYSTEM, document_id)
            await screenings.complete(session, SYSTEM, assignment, CLEAN)
            raise RuntimeError("the worker died")
    assert await records_of(acme) == []


async def test_records_are_narrowed_and_walked():
    acme = await make_cast()
    analyst = await member(acme, Role.PARTNER_ANALYST)
    start = now() - timedelta(days=2)
    await used(acme, start, 3)
    await used(acme, start + timedelta(days=1), 2, UsageKind.HUMAN_REVIEW)
    assert len((await page(analyst)).rows) == 5
    assert len((await page(analyst, kind=UsageKind.HUMAN_REVIEW)).rows) == 2
    assert len((await page(analyst, created_before=start + timedelta(hours=1))).rows) == 3
    assert (await page(analyst, key_id=new_id())).rows == []
    first = await page(analyst, limit=3)
    rest = await page(analyst, limit=3, cursor=first.next_cursor)
    assert [row.id for row in [*first.rows, *rest.rows]] == sorted(
        (row.id for row in await records_of(acme)), reverse=True
    )
    with pytest.raises(Invalid):
        await page(analyst, cursor="usg_nonsense")


@pytest.mark.parametrize(
    "sql",
    [
        "update usage_records set kind = 'face_match' where partner_id = :p",
        "update usage_records set created_at = now() where partner_id = :p",
        "delete from usage_records where partner_id = :p",
    ],
)
async def test_the_database_lets_nobody_change_a_record(sql):
    acme = await make_cast()
    await used(acme, now())
    with pytest.raises(DBAPIError):
        async with transaction(EVERYONE) as session:
            await session.execute(text(sql), {"p": acme.partner.id})


async def test_documents_from_before_are_counted_by_the_migration():
    acme = await make_cast()
    document_id, other = await submitted(acme, type="national_id"), await submitted(acme)
    test_id, long_ago = await submitted(acme, livemode=False), now() - timedelta(days=40)
    rows = [
        (document_id, "text", "passed"), (document_id, "face_match", "failed"), (other, "text", "error"),
        (other, "file_safety", "passed"),
        (test_id, "text", "passed"),
    ]  # fmt: skip
    async with transaction(EVERYONE) as session:
        for key, name, status in rows:
            session.add(
                Check(partner_id=acme.partner.id, document_id=key, name=name, status=status, model="x@1",
                      created_at=long_ago)
            )  # fmt: skip
    for _ in range(2):
        async with transaction(EVERYONE) as session:
            await session.execute(text(backfill()))
    found = await records_of(acme)
    assert {(row.document_id, row.kind, row.document_type) for row in found} == {
        (document_id, UsageKind.DOCUMENT_SCREENED, "national_id"),
        (document_id, UsageKind.FACE_MATCH, "national_id"),
    }
    assert {row.created_at for row in found} == {long_ago}
    assert all(row.id.version == 7 and abs((row.id.int >> 80) / 1000 - long_ago.timestamp()) < 1 for row in found)


def backfill():
    path = ROOT / "alembic" / "versions" / "2026_11_27_billing.py"
    spec = importlib.util.spec_from_file_location("billing_migration", path)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    return migration.BACKFILL.format(key=migration.KEY.format(at="found.at"))
