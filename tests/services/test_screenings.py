"""Screening: begun twice, ended once, and always in front of a person."""

import asyncio
import shutil
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, text

from backoffice.adapters import cipher
from backoffice.adapters.storage import storage_for
from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotFound, Unavailable
from backoffice.models.base import new_id
from backoffice.models.documents import Check, Document, DocumentStatus, Rendition
from backoffice.models.members import Role
from backoffice.models.review_tasks import ReviewTask
from backoffice.services import documents, files, lost_screenings, screenings, vault
from backoffice.settings import settings
from tests.services.review_cast import CLEAN, SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


async def begin(document_id):
    async with transaction(EVERYONE) as session:
        return await screenings.begin(session, SYSTEM, document_id)


async def complete(assignment, screening=CLEAN):
    pictures = await screenings.store_pictures(assignment, screening)
    async with transaction(EVERYONE) as session:
        return await screenings.complete(session, SYSTEM, assignment, screening, pictures)


async def count(table, condition) -> int:
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(func.count()).select_from(table).where(condition))).scalar_one()


async def history(document_id) -> list[str]:
    async with transaction(EVERYONE) as session:
        return [event.type for event in await documents.history(session, SYSTEM, document_id)]


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEWER, Role.OPERATOR])
async def test_people_do_not_screen(role):
    cast = await make_cast()
    document_id = await submitted(cast)
    person = await member(cast, role)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await screenings.begin(session, person, document_id)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await lost_screenings.enqueue_unscreened(session, person)
    assignment = await begin(document_id)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await screenings.complete(session, person, assignment, CLEAN)


async def test_another_partners_document_does_not_exist():
    document_id = await submitted(await make_cast())
    other = (await make_cast()).api
    with pytest.raises(NotFound):
        async with transaction(other.tenancy) as session:
            await screenings.begin(session, other, document_id)
    with pytest.raises(NotFound):
        await begin(new_id())


async def test_a_document_travels_to_review_with_everything_that_was_found():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    assert assignment.declared.surname == "Okonkwo"
    assert assignment.declared.date_of_birth == date(1991, 4, 2)
    task = await complete(assignment)
    assert task.why == "Name differs from the given one"
    assert task.flags == ["name_mismatch"]
    assert task.due_at
    assert await history(document_id) == [
        "document.created", "document.submitted", "document.processing", "document.in_review",
    ]  # fmt: skip
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, document_id)
        key = await vault.data_key(session, document.applicant_id)
        found = vault.open_json(key, document.extracted_box, row=document.id, column=screenings.EXTRACTED_COLUMN)
    assert (document.type, document.issuing_country, document.risk_score) == ("passport", "NGA", 0.3)
    assert found["document_number"] == {
        "value": "P1234567", "confidence": 0.99, "source": "mrz", "box": [0.1, 0.8, 0.3, 0.05],
        "page": 0, "file_id": str(assignment.files[0].id),
    }  # fmt: skip
    assert b"Okafor" not in document.extracted_box


async def test_pictures_are_sealed_and_open_for_their_row_only():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    await complete(assignment)
    async with transaction(EVERYONE) as session:
        rows = await documents.renditions_of(session, document_id)
    view = next(row for row in rows if row.kind == "view")
    box = await storage_for("default").get(view.storage_key)
    assert b"view" not in box
    assert cipher.open_(assignment.key, box, vault.aad(view.id, files.RENDITION_COLUMN)) == b"\xff\xd8view"
    with pytest.raises(cipher.Tampered):
        cipher.open_(assignment.key, box, vault.aad(new_id(), files.RENDITION_COLUMN))


async def test_beginning_again_after_a_crash_changes_nothing():
    document_id = await submitted(await make_cast())
    first, second = await begin(document_id), await begin(document_id)
    assert first
    assert second
    assert (await history(document_id)).count("document.processing") == 1


async def test_a_run_that_died_before_its_end_is_repeated_without_a_trace():
    document_id = await submitted(await make_cast())
    await screenings.store_pictures(await begin(document_id), CLEAN)
    await complete(await begin(document_id))
    assert await count(Check, Check.document_id == document_id) == len(CLEAN.findings) + 2
    assert await begin(document_id) is None


async def test_two_workers_at_once_end_it_once():
    for _ in range(4):
        document_id = await submitted(await make_cast())
        assignments = await asyncio.gather(begin(document_id), begin(document_id))
        tasks = await asyncio.gather(*(complete(assignment) for assignment in assignments))
        assert [bool(task) for task in tasks].count(True) == 1
        assert await count(ReviewTask, ReviewTask.document_id == document_id) == 1
        assert await count(Check, Check.document_id == document_id) == len(CLEAN.findings) + 2
        file_id = assignments[0].files[0].id
        assert await count(Rendition, Rendition.file_id == file_id) == 2
        assert (await history(document_id)).count("document.in_review") == 1


async def test_a_document_that_was_canceled_meanwhile_stays_canceled():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        await documents.change_status(session, SYSTEM, document, DocumentStatus.CANCELED)
    assert await complete(assignment) is None
    assert await begin(document_id) is None
    assert await count(ReviewTask, ReviewTask.document_id == document_id) == 0


class Breaks:
    """A reader that fails as a vendor's library may."""

    async def screen(self, *_, **__):
        raise MemoryError


async def test_a_reader_that_fails_costs_the_checks_and_not_the_document():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    screening = await screenings.run(assignment, Breaks(), timeout=1)
    task = await complete(assignment, screening)
    assert task.why == "A check could not run"
    assert await count(Check, (Check.document_id == document_id) & (Check.status == "error")) == len(screening.findings)
    assert "document.in_review" in await history(document_id)


async def test_a_file_that_was_changed_at_rest_goes_to_a_person():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    await storage_for("default").put(assignment.files[0].storage_key, b"\x01" + b"not what was stored" * 4)
    screening = await screenings.run(assignment, Breaks(), timeout=1)
    assert {finding.status for finding in screening.findings} == {"error"}
    assert "Tampered" in screening.findings[0].summary


async def test_a_storage_that_is_away_is_tried_again():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    folder = (settings().data_dir / "documents" / assignment.files[0].storage_key).parent
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    with pytest.raises(Unavailable):
        await screenings.run(assignment, Breaks(), timeout=1)


async def sweep(after):
    with at(now() + after):
        async with transaction(EVERYONE) as session:
            return await lost_screenings.enqueue_unscreened(session, SYSTEM)


async def jobs_of(document_id, status="queued") -> int:
    statement = text("select count(*) from pgqueuer where dedupe_key = :key and status::text = :status")
    async with transaction(EVERYONE) as session:
        key = screenings.dedupe_key(document_id)
        return (await session.execute(statement, {"key": key, "status": status})).scalar_one()


async def found_lost(document_id) -> None:
    """Sweep until the work for this document is found: the oldest come first, and other tests have left some."""
    async with asyncio.timeout(30):
        while not await jobs_of(document_id):
            await sweep(lost_screenings.LATE * 2)


async def test_lost_work_is_enqueued_once_and_work_that_only_waits_is_not_given_up():
    document_id = await submitted(await make_cast())
    await sweep(lost_screenings.LATE / 2)
    assert await jobs_of(document_id) == 0
    await found_lost(document_id)
    for after in (lost_screenings.LATE * 2, lost_screenings.LATE * 2, lost_screenings.GIVE_UP_AFTER * 20):
        assert document_id not in await sweep(after)
    assert await jobs_of(document_id) == 1


async def test_work_that_failed_for_half_an_hour_goes_to_a_person():
    document_id = await submitted(await make_cast())
    await found_lost(document_id)
    async with transaction(EVERYONE) as session:
        statement = text("update pgqueuer set status = 'failed' where dedupe_key = :key")
        await session.execute(statement, {"key": screenings.dedupe_key(document_id)})
    assert document_id not in await sweep(lost_screenings.LATE * 2)
    assert await jobs_of(document_id) == 1
    assert document_id in await sweep(lost_screenings.GIVE_UP_AFTER * 2)
    async with transaction(EVERYONE) as session:
        assert (await lost_screenings.give_up(session, SYSTEM, document_id)).why == "A check could not run"
    async with transaction(EVERYONE) as session:
        assert await lost_screenings.give_up(session, SYSTEM, document_id) is None
    assert "document.in_review" in await history(document_id)


async def test_heat_maps_are_shown_to_those_who_decide_only():
    cast = await make_cast()
    document_id = await submitted(cast)
    drawn = replace(CLEAN.derivatives[0], kind="forensics")
    await complete(await begin(document_id), replace(CLEAN, derivatives=(*CLEAN.derivatives, drawn)))
    async with transaction(EVERYONE) as session:
        rows = {row.kind: row for row in await documents.renditions_of(session, document_id)}
    reviewer, admin = await member(cast, Role.REVIEWER), await member(cast, Role.PARTNER_ADMIN)
    assert files.file_link(admin, rows["view"])
    with pytest.raises(NotAllowed):
        files.file_link(admin, rows["forensics"])
    link = files.read_token(files.file_link(reviewer, rows["forensics"]).rsplit("/", 1)[1])
    async with transaction(EVERYONE) as session:
        assert (await files.locate(session, reviewer, link)).filename == "front-1-forensics.jpg"
        with pytest.raises(NotAllowed):
            await files.locate(session, admin, link)
