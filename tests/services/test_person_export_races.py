"""Exports of people beside others: late workers, services that are away, retention, and what is nobody's to tell."""

import asyncio
import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice.adapters.kms import LocalKeyFile
from backoffice.adapters.storage import storage_for
from backoffice.db import Tenancy, transaction
from backoffice.errors import Unavailable
from backoffice.jobs import erasures as erasure_jobs
from backoffice.jobs import exports as jobs
from backoffice.models.base import Prefix, public_id
from backoffice.models.exports import ExportStatus
from backoffice.models.members import Role
from backoffice.models.webhooks import Delivery
from backoffice.services import erasures, exports, person_exports, purges, redactions, reveals
from backoffice.settings import settings
from tests.api.world import rows, rows_changed
from tests.region_cast import settings_without
from tests.services.retention_cast import FIVE_YEARS, ended, operator, place
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.test_exports import begun as begun_list
from tests.services.test_exports import content, read
from tests.services.test_person_exports import applicant_of, asked, written
from tests.services.webhook_cast import endpoint_of, quiet

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
FACE = b"\xff\xd8" + bytes(range(256)) * 20


async def a_person(cast):
    return await applicant_of(await in_review(cast, data=FACE))


async def said_of(actor, applicant_id):
    _, book = await written(actor, applicant_id)
    return json.loads(book["person.json"])


async def test_a_worker_that_wakes_up_late_leaves_a_ready_export_alone(monkeypatch):
    monkeypatch.setattr(person_exports, "PART_BYTES", 512)
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    row = await asked(admin, await a_person(acme))
    stalled, goes_on, contents = asyncio.Event(), asyncio.Event(), person_exports.contents

    async def stalling(record):
        stalled.set()
        await goes_on.wait()
        async for one in contents(record):
            yield one

    with monkeypatch.context() as patch:
        patch.setattr(person_exports, "contents", stalling)
        late = asyncio.create_task(jobs.write(str(row.id)))
        await stalled.wait()
    await jobs.write(str(row.id))
    done = await read(row)
    assert done.status == ExportStatus.READY
    before = await content(admin, done)
    goes_on.set()
    await late
    assert (await read(row)).status == ExportStatus.READY
    assert await content(admin, done) == before
    assert zipfile.ZipFile(io.BytesIO(before)).testzip() is None


async def test_who_was_taken_over_writes_no_part_and_ends_nothing():
    acme = await make_cast()
    row = await asked(await member(acme, Role.PARTNER_ADMIN), await a_person(acme))
    async with transaction(EVERYONE) as session:
        first = await person_exports.begin(session, SYSTEM, row.id)
        record = await person_exports.read(session, SYSTEM, first)
    async with transaction(EVERYONE) as session:
        second = await person_exports.begin(session, SYSTEM, row.id)
    assert await person_exports.write(SYSTEM, first, record) is None
    assert await storage_for("default").keys(f"{acme.partner.id}/exports") == []
    done = await person_exports.write(SYSTEM, second, record)
    async with transaction(EVERYONE) as session:
        assert not await person_exports.finish(session, SYSTEM, first, done)
        await person_exports.fail(session, SYSTEM, first, "Too late.")
    assert (await read(row)).status == ExportStatus.RUNNING
    async with transaction(EVERYONE) as session:
        assert await person_exports.finish(session, SYSTEM, second, done)


async def test_the_persons_key_is_unwrapped_once_and_nothing_waits_for_it(monkeypatch):
    acme = await make_cast()
    applicant_id = await a_person(acme)
    row = await asked(await member(acme, Role.PARTNER_ADMIN), applicant_id)
    unwrap, told = LocalKeyFile.unwrap, []

    async def watched(self, wrapped, context):
        async with transaction(EVERYONE) as session:
            free = text("select 1 from exports where id = :e for update nowait")
            told.append((context.get("applicant_id"), (await session.execute(free, {"e": row.id})).scalar_one()))
        return await unwrap(self, wrapped, context)

    monkeypatch.setattr(LocalKeyFile, "unwrap", watched)
    await jobs.write(str(row.id))
    assert (await read(row)).status == ExportStatus.READY
    assert [who for who, _ in told if who] == [str(applicant_id)]


async def test_keys_that_are_away_let_the_job_come_again(places, monkeypatch):
    acme = await make_cast("eu")
    row = await asked(await member(acme, Role.PARTNER_ADMIN), await a_person(acme))
    with monkeypatch.context() as patch:
        patch.delenv("BACKOFFICE_KEK_URL_EU")
        settings.cache_clear()
        with pytest.raises(Unavailable):
            await jobs.write(str(row.id))
    settings.cache_clear()
    assert (await read(row)).status == ExportStatus.RUNNING
    await jobs.write(str(row.id))
    assert (await read(row)).status == ExportStatus.READY


async def test_parts_of_others_go_while_a_region_is_away(places, monkeypatch):
    made = []
    for region in ("eu", "eu", "in"):
        cast = await make_cast(region)
        row = await begun_list(await member(cast, Role.PARTNER_ADMIN))
        await jobs.write(str(row.id))
        made.append(row)
    ids = [row.id for row in made]
    await rows_changed("update exports set expires_at = now() - interval '1 second' where id = any(:i)", i=ids)
    for _ in range(20):
        async with transaction(EVERYONE) as session:
            await exports.over(session, SYSTEM)
    settings_without(monkeypatch, "STORAGE_URL_EU")
    monkeypatch.setattr(exports, "SWEEP", 1)
    for _ in range(50):
        await jobs.discard()
        if (await read(made[2])).discarded_at:
            break
    assert [bool((await read(row)).discarded_at) for row in made] == [False, False, True]


async def test_it_does_not_keep_what_retention_deletes():
    acme = await make_cast()
    old = await ended(acme, age=FIVE_YEARS + timedelta(hours=1))
    [row] = await rows("select applicant_id from documents where id = :d", d=old)
    admin = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        run_id = await purges.start(session, SYSTEM)
        objects = await purges.begin(session, SYSTEM, old)
    done, book = await written(admin, row.applicant_id)
    assert list(book) == ["person.json"]
    said = json.loads(book["person.json"])
    assert [one["name"] for one in said["documents"][0]["files"]] == [None]
    assert said["missing_files"] == []
    await redactions.delete_objects(objects)
    async with transaction(EVERYONE) as session:
        assert await purges.complete(session, SYSTEM, old, run_id=run_id, objects=len(objects))
    gone = await read(done)
    assert (gone.status, gone.wrapped) == (ExportStatus.EXPIRED, None)


async def test_holds_are_told_only_when_an_erasure_waits_for_them():
    acme = await make_cast()
    task = await in_review(acme)
    applicant_id, admin, boss = await applicant_of(task), await member(acme, Role.PARTNER_ADMIN), await operator()
    person = public_id(Prefix.APPLICANT, applicant_id)
    await place(boss, person, basis="Order 1")
    over = await place(boss, public_id(Prefix.DOCUMENT, task.document_id), basis="Order 2")
    await place(boss, public_id(Prefix.PARTNER, acme.partner.id), basis="Raid on the partner")
    said = await said_of(admin, applicant_id)
    assert (said["erasure_requests"], said["kept_by"]) == ([], [])
    assert "Order" not in json.dumps(said)
    async with transaction(EVERYONE) as session:
        request = await erasures.request(session, acme.api, applicant_id)
    await rows_changed("update legal_holds set ends_at = now() - interval '1 second' where id = :h", h=over.id)
    await erasure_jobs.erase(str(request.id))
    said = await said_of(admin, applicant_id)
    assert [one["basis"] for one in said["kept_by"]] == ["Order 1"]
    assert [(one["status"], one["waits_for"]) for one in said["erasure_requests"]] == [("on_hold", "Order 1")]
    assert "Raid" not in json.dumps(said)


async def test_each_look_has_its_own_purpose():
    acme = await make_cast()
    task = await in_review(acme)
    admin = await member(acme, Role.PARTNER_ADMIN)
    purposes = ["support", "complaint", "support", "legal"]
    for purpose in purposes:
        async with transaction(admin.tenancy) as session:
            await reveals.begin(session, admin, task.document_id, purpose=purpose)
    said = await said_of(admin, await applicant_of(task))
    assert [one["purpose"] for one in said["looked_at"] if one["what"] == "personal.revealed"] == purposes


async def test_no_secret_of_a_servers_address_is_told():
    acme = await make_cast()
    task = await in_review(acme)
    endpoint, _ = await endpoint_of(acme, "https://hooks.example.com/services/T0K3N?key=S3CRET")
    await quiet(acme)
    [event, *_] = await rows("select id from events where subject_id = :d order by sequence", d=task.document_id)
    async with transaction(EVERYONE) as session:
        session.add(Delivery(partner_id=acme.partner.id, endpoint_id=endpoint.id, event_id=event.id, state="exhausted"))
    said = await said_of(await member(acme, Role.PARTNER_ADMIN), await applicant_of(task))
    assert [one["to"] for one in said["deliveries"]] == ["https://hooks.example.com"]
    assert "T0K3N" not in json.dumps(said)
