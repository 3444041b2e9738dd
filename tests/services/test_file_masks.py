"""File masks: what takes the place of what was sent, who sees what until then, and what a killed worker leaves."""

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from backoffice import clock
from backoffice.adapters.storage import storage_for
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.jobs import file_masks as jobs
from backoffice.models.applicants import Applicant
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import Document, DocumentStatus, File, Rendition
from backoffice.models.members import Role
from backoffice.screening.types import Declared, Extracted, MaskedFile
from backoffice.services import (
    applicants,
    documents,
    file_masks,
    files,
    lost_screenings,
    redactions,
    screenings,
    search_tokens,
    stored_masks,
    vault,
)
from backoffice.services.access import Actor
from tests.services.review_cast import CLEAN, SYSTEM, make_cast, member, submitted
from tests.services.test_screenings import begin, count

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
SENT, COVERED = b"\xff\xd8picture", b"\xff\xd8covered"
NUMBER = "234123412346"
MASKED = replace(
    CLEAN,
    extracted=(Extracted("document_number", "XXXXXXXX2346", 0.97, "text", None, 0),),
    type_guess="national_id",
    country_guess="IND",
    masking=("aadhaar",),
    masked=(MaskedFile(0, "image/jpeg", 900, 600, COVERED),),
    hidden_number=NUMBER,
)


async def finish(assignment, screening=MASKED):
    """Do as the job does, up to the commit: the object that was replaced is still there."""
    masked = await screenings.store_masked(assignment, screening)
    pictures = await screenings.store_pictures(assignment, screening)
    async with transaction(EVERYONE) as session:
        await screenings.complete(session, SYSTEM, assignment, screening, pictures)
        return await screenings.unkept(session, SYSTEM, pictures, masked)


async def file_of(document_id) -> File:
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(File).where(File.document_id == document_id))).scalar_one()


async def stored(assignment, storage_key: str) -> bytes:
    box = await storage_for("default").get(storage_key)
    return files.open_file(assignment.key, assignment.files[0].id, box)


async def test_people_mask_nothing():
    cast = await make_cast()
    for role in (Role.PARTNER_ADMIN, Role.REVIEWER, Role.OPERATOR):
        person = await member(cast, role)
        async with transaction(EVERYONE) as session:
            with pytest.raises(NotAllowed):
                await file_masks.replaced(session, person)
            with pytest.raises(NotAllowed):
                await stored_masks.enqueue_missed(session, person)


async def test_the_masked_file_takes_the_place_and_what_was_sent_is_deleted():
    document_id = await submitted(await make_cast())
    assignment, before = await begin(document_id), await file_of(document_id)
    assert await finish(assignment) == []
    row = await file_of(document_id)
    assert (row.masking, row.is_masked, row.width, row.height) == ("aadhaar", True, 900, 600)
    assert (row.replaced_key, row.sha256) == (before.storage_key, hashlib.sha256(SENT).hexdigest())
    assert await stored(assignment, row.storage_key) == COVERED
    await jobs.discard_replaced()
    assert not await storage_for("default").exists(before.storage_key)
    assert (await file_of(document_id)).replaced_key is None
    async with transaction(EVERYONE) as session:
        entries = select(AuditEntry).where(AuditEntry.subject_id == document_id, AuditEntry.action == "file.masked")
        assert [one.changes["rule"] for one in (await session.execute(entries)).scalars()] == ["aadhaar"]


async def test_a_worker_that_dies_before_the_deletion_leaves_it_to_the_next():
    document_id = await submitted(await make_cast())
    before = await file_of(document_id)
    await finish(await begin(document_id))
    assert await storage_for("default").exists(before.storage_key)
    async with transaction(EVERYONE) as session:
        held = await redactions.objects(session, [document_id])
        assert before.storage_key in {one.key for one in held}  # an erasure in between finds it as well
    await storage_for("default").delete(before.storage_key)  # and one that dies after it finds nothing to delete
    await jobs.discard_replaced()
    await jobs.discard_replaced()
    assert (await file_of(document_id)).replaced_key is None


async def test_a_second_run_changes_nothing():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    await finish(assignment)
    await jobs.discard_replaced()
    assert await finish(assignment) == []
    row = await file_of(document_id)
    assert row.replaced_key is None
    assert await stored(assignment, row.storage_key) == COVERED


async def test_a_document_that_was_withdrawn_meanwhile_is_masked_all_the_same():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        await documents.change_status(session, SYSTEM, document, DocumentStatus.CANCELED)
    await finish(assignment)
    assert (await file_of(document_id)).masking == "aadhaar"


async def test_an_erasure_finds_the_masked_file_of_a_worker_that_died_before_its_transaction():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    at = (await screenings.store_masked(assignment, MASKED))[0]
    for _ in range(2):  # the second time nothing is there any more
        async with transaction(EVERYONE) as session:
            held = await redactions.objects(session, [document_id])
        assert at not in held  # no receipt counts what no row names
        assert at in file_masks.beside(held)
        await redactions.delete_objects(held)
        assert not await storage_for("default").exists(at.key)


async def test_of_an_erased_document_nothing_comes_back():
    document_id = await submitted(await make_cast())
    assignment = await begin(document_id)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        await redactions.redact(session, SYSTEM, document.partner_id, [document])
    left = await finish(assignment)
    assert file_masks.place_of(assignment.files[0]) in {one.key for one in left}
    assert (await file_of(document_id)).masking is None


@pytest.mark.parametrize(("country", "kind", "is_shown"), [
    ("IND", None, False), ("IND", "national_id", False), ("IND", "passport", True), (None, None, True),
    ("FRA", None, True),
])  # fmt: skip
async def test_nobody_sees_what_nobody_has_looked_at(country, kind, *, is_shown):
    cast = await make_cast()
    document_id = await submitted(cast, issuing_country=country, type=kind)
    row, person = await file_of(document_id), await member(cast, Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        document = await session.get_one(Document, document_id)
        assert files.is_clear(document, row) is is_shown
        if not is_shown:
            with pytest.raises(Conflict) as caught:
                await files.file_of(session, person, document_id, row.id, is_whole=True)
            assert caught.value.code == "file_not_masked"


async def test_what_could_not_be_screened_stays_hidden_and_goes_to_a_person():
    document_id = await submitted(await make_cast())
    async with transaction(EVERYONE) as session:
        assert await lost_screenings.give_up(session, SYSTEM, document_id)
    row = await file_of(document_id)
    assert row.masking == "unknown"
    assert await count(Rendition, Rendition.file_id == row.id) == 0


async def test_old_pictures_of_what_could_not_be_read_are_refused():
    cast = await make_cast()
    document_id = await submitted(cast)
    await finish(await begin(document_id), CLEAN)
    row, person = await file_of(document_id), await member(cast, Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        picture = (await documents.renditions_of(session, document_id))[0]
        link = files.Link(files.Target.RENDITION, picture.id, person.type, person.id, clock.present())
        assert await files.locate(session, person, link)
        await session.execute(update(File).where(File.id == row.id).values(masking="unknown"))
    async with transaction(EVERYONE) as session:
        assert await documents.renditions_of(session, document_id) == []
        with pytest.raises(Conflict):
            await files.locate(session, person, link)
        with pytest.raises(Conflict):
            await files.file_of(session, person, document_id, row.id)


async def test_another_partner_finds_no_file():
    document_id = await submitted(await make_cast())
    row, stranger = await file_of(document_id), await member(await make_cast(), Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        with pytest.raises(NotFound):
            await files.file_of(session, stranger, document_id, row.id, is_whole=True)


async def declared(cast, number, **personal) -> tuple[Applicant, dict, bytes]:
    actor = Actor.system(cast.partner.id, name="test")
    draft = await applicants.draft(actor, {"document_number": number, **personal})
    async with transaction(EVERYONE) as session:
        await applicants.add(session, actor, draft)
    return draft.applicant, (await told(draft.applicant)), draft.key


async def told(row: Applicant) -> dict:
    async with transaction(EVERYONE) as session:
        return (await applicants.personal(session, [await session.get_one(Applicant, row.id)]))[row.id]


@pytest.mark.parametrize(("number", "nationality", "kept"), [
    ("234123412346", None, "XXXX XXXX 2346"), ("2341-2341-2346", "IND", "XXXX XXXX 2346"),
    ("234123412346", "DEU", "234123412346"), ("234123412345", "IND", "234123412345"), ("AB1234567", None, "AB1234567"),
])  # fmt: skip
async def test_a_declared_number_is_kept_masked_where_no_other_country_is_named(number, nationality, kept):
    row, known, _ = await declared(await make_cast(), number, nationality=nationality)
    assert known["document_number"] == kept
    assert (row.number_token is None) is (kept == number)


async def test_a_document_shows_under_which_rule_a_declared_number_is():
    cast = await make_cast()
    document_id = await submitted(cast)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id)
        row = await applicants.locked(session, SYSTEM, document.applicant_id)
        key = await vault.data_key(session, row.id)
        known = {"surname": "Menon", "nationality": "DEU", "document_number": NUMBER}
        row.personal_box = vault.seal_json(key, known, row=row.id, column=applicants.PERSONAL_COLUMN)
    assignment = await begin(document_id)
    assert assignment.declared.document_number == NUMBER
    await finish(assignment)
    assert (await told(row))["document_number"] == "XXXX XXXX 2346"
    token = (await begin_again(document_id)).number_token
    assert token
    async with transaction(EVERYONE) as session:
        await applicants.mask_number(session, SYSTEM, row.id)  # again, as the next document would
    assert (await begin_again(document_id)).number_token == token


async def begin_again(document_id):
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id)
        return await screenings.assignment_of(session, SYSTEM, document)


@pytest.mark.parametrize(("country", "kept"), [(None, "XXXX XXXX 2346"), ("VNM", NUMBER)])
async def test_what_was_declared_before_is_masked_unless_their_documents_are_of_elsewhere(country, kept):
    document_id = await submitted(await make_cast(), issuing_country=country)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id)
        row = await applicants.locked(session, SYSTEM, document.applicant_id)
        key = await vault.data_key(session, row.id)
        known = {"surname": "Menon", "document_number": NUMBER}
        row.personal_box = vault.seal_json(key, known, row=row.id, column=applicants.PERSONAL_COLUMN)
    for _ in range(2):
        async with transaction(EVERYONE) as session:
            await stored_masks.mask_declared(session, SYSTEM, row.id)
    assert (await told(row))["document_number"] == kept
    async with transaction(EVERYONE) as session:
        left = await stored_masks.applicants_after(session, SYSTEM, None, limit=10_000)
    assert (row.id in left) is (kept == NUMBER)


async def test_the_whole_number_finds_the_document_and_its_double():
    cast = await make_cast()
    first, second = await submitted(cast), await submitted(cast)
    person = await member(cast, Role.PARTNER_ADMIN)
    for document_id in (first, second):
        await finish(await begin(document_id))
    async with transaction(EVERYONE) as session:
        found = await search_tokens.find(session, person, "2341 2341 2346", livemode=True)
        checks = (await documents.checks_of(session, [second]))[second]
    assert set(found) == {first, second}
    assert next(one for one in checks if one.name == "duplicate").reasons == ["duplicate_document"]


async def test_what_ended_before_anybody_looked_is_looked_at():
    document_id = await submitted(await make_cast())
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        await documents.change_status(session, SYSTEM, document, DocumentStatus.CANCELED)
        await session.execute(
            update(File).where(File.document_id == document_id).values(created_at=text("now() - interval '1 hour'"))
        )
    async with transaction(EVERYONE) as session:
        others = update(File).where(File.document_id != document_id, File.masking.is_(None))
        await session.execute(others.values(masking="none"))  # of other tests: a batch takes the first
        await stored_masks.enqueue_missed(session, SYSTEM)
        asked = await session.execute(text("select count(*) from pgqueuer where dedupe_key = :k"),
                                      {"k": f"document.mask:{document_id}"})  # fmt: skip
        assert asked.scalar_one() == 1


async def test_documents_from_before_are_masked_once_with_what_was_read_of_them():
    document_id = await submitted(await make_cast())
    first = await begin(document_id)
    read = replace(CLEAN, extracted=(Extracted("document_number", NUMBER, 0.9, "text", None, 0),))
    await finish(first, read)
    async with transaction(EVERYONE) as session:
        await session.execute(update(File).where(File.document_id == document_id).values(masking="before"))
    async with transaction(EVERYONE) as session:
        assert document_id in await stored_masks.after(session, SYSTEM, None, limit=10_000, is_again=False)
        assignment = await stored_masks.begin(session, SYSTEM, document_id)
    pictures = await screenings.store_pictures(assignment, MASKED)
    await screenings.store_masked(assignment, MASKED)
    async with transaction(EVERYONE) as session:
        await stored_masks.complete(session, SYSTEM, assignment, MASKED, pictures)
    async with transaction(EVERYONE) as session:
        row = await session.get_one(Document, document_id)
        kept = vault.open_json(assignment.key, row.extracted_box, row=row.id, column=screenings.EXTRACTED_COLUMN)
        assert kept["document_number"]["value"] == "XXXXXXXX2346"
        assert document_id not in await stored_masks.after(session, SYSTEM, None, limit=10_000, is_again=False)
        assert await stored_masks.begin(session, SYSTEM, document_id) is None
    assert (await file_of(document_id)).masking == "aadhaar"


def test_what_is_declared_is_compared_by_its_last_digits():
    from backoffice.screening.comparing import Evidence, applicant_match
    from backoffice.screening.fields import Readout

    def match(read: str, given: str) -> str:
        field = Extracted("document_number", read, 0.97, "text")
        evidence = Evidence([], Readout((field,), (), (field,), "IND"), Declared(document_number=given), None, None)  # type: ignore[arg-type]
        return applicant_match(evidence).status

    assert match("XXXXXXXX2346", "XXXX XXXX 2346") == "passed"
    assert match("XXXXXXXX2346", "2341 2341 2346") == "passed"
    assert match("XXXXXXXX2346", "XXXX XXXX 9999") == "failed"
    assert match("XXXXXXXX2346", "XXXX XXXX XXXX 9999") != "failed"
