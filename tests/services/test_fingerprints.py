"""Duplicates: found within one partner and mode, never across; nothing readable is kept, nothing outlives erasure."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check, Document, DocumentStatus
from backoffice.models.fingerprints import Fingerprint
from backoffice.screening.risks import joined
from backoffice.screening.types import CHECK_NAMES, Extracted, Finding, Screening
from backoffice.services import documents, fingerprints, magic_documents, screenings, vault
from tests.services.review_cast import SYSTEM, make_cast, submitted

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
PERSON = {"given_names": "Amara", "surname": "Okonkwo", "date_of_birth": "1991-04-02"}


def read(number="P1234567", country="NGA", kind="passport", **values) -> Screening:
    """Say what screening read of one document; an empty number was not read."""
    values = {**PERSON, "document_number": number, **values}
    extracted = tuple(
        Extracted(name, value, 0.99, "mrz", (0.1, 0.8, 0.3, 0.05), 0) for name, value in values.items() if value
    )
    return Screening((Finding("file_safety", "passed"),), extracted, kind, country)


async def screen(document_id, screening):
    async with transaction(EVERYONE) as session:
        assignment = await screenings.begin(session, SYSTEM, document_id)
    async with transaction(EVERYONE) as session:
        return await screenings.complete(session, SYSTEM, assignment, screening)


async def send(cast, screening, data=None, **fields):
    """Send a document with bytes of its own, unless others are given, and screen it."""
    send.count += 1
    document_id = await submitted(cast, data=data or b"\xff\xd8%d" % send.count, **fields)
    await screen(document_id, screening)
    return document_id


send.count = 0


async def found(document_id):
    """Read the duplicate check and its opened sentence."""
    async with transaction(EVERYONE) as session:
        document = await session.get_one(Document, document_id)
        statement = select(Check).where(Check.document_id == document_id, Check.name == "duplicate")
        check = (await session.execute(statement)).scalar_one()
        key = await vault.data_key(session, document.applicant_id)
        summary = vault.open_json(key, check.summary_box, row=check.id, column=screenings.SUMMARY_COLUMN)
    return check, summary


async def prints_of(*document_ids):
    async with transaction(EVERYONE) as session:
        statement = select(Fingerprint).where(Fingerprint.document_id.in_(document_ids)).order_by(Fingerprint.field)
        return list((await session.execute(statement)).scalars())


async def of_the_same_applicant(cast, first_id, *, in_the_same_verification=False, data=b"\xff\xd8same applicant"):
    """Submit another document for the applicant of an earlier one."""
    document_id = await submitted(cast, data=data)
    async with transaction(EVERYONE) as session:
        first = await session.get_one(Document, first_id)
        document = await session.get_one(Document, document_id)
        document.applicant_id = first.applicant_id
        if in_the_same_verification:
            document.verification_id, document.replaces_id, document.attempt = first.verification_id, first.id, 2
        await session.flush()
    return document_id


async def test_the_same_passport_at_two_partners_says_nothing():
    acme, rival = await make_cast(), await make_cast()
    first = await send(acme, read(), b"\xff\xd8passport")
    second = await send(rival, read(), b"\xff\xd8passport")
    for document_id in (first, second):
        check, summary = await found(document_id)
        assert (check.status, check.reasons) == ("passed", [])
        assert "doc_" not in summary
    ours, theirs = await prints_of(first), await prints_of(second)
    assert [row.field for row in ours] == [row.field for row in theirs] == ["number", "person"]
    assert {row.value for row in ours} & {row.value for row in theirs} == set()
    assert {len(row.value) for row in ours} == {16}


async def test_another_tenants_fingerprints_are_not_there():
    acme, rival = await make_cast(), await make_cast()
    first = await send(acme, read())
    async with transaction(rival.api.tenancy) as session:
        assert (await session.execute(select(Fingerprint))).scalars().all() == []
        await fingerprints.forget(session, [first])
    assert len(await prints_of(first)) == 2


async def test_test_and_live_documents_say_nothing_of_each_other():
    acme = await make_cast()
    live = await send(acme, read(), b"\xff\xd8passport")
    test = await send(acme, read(), b"\xff\xd8passport", livemode=False)
    for document_id in (live, test):
        assert (await found(document_id))[0].status == "passed"
    values = [{row.value for row in await prints_of(document_id)} for document_id in (live, test)]
    assert values[0] & values[1] == set()


async def test_a_document_alone_passes():
    acme = await make_cast()
    check, summary = await found(await send(acme, read()))
    assert (check.status, check.model) == ("passed", "blind-index@1")
    assert summary == (
        "No other applicant has the same file, the same document number and the same name and birth date."
    )


async def test_the_same_file_of_another_applicant_warns():
    acme = await make_cast()
    nobody = Screening((Finding("file_safety", "passed"),), (), "passport")
    first = await send(acme, nobody, b"\xff\xd8passport")
    check, summary = await found(await send(acme, nobody, b"\xff\xd8passport"))
    assert (check.status, check.reasons, check.box) == ("warning", ["duplicate_document"], None)
    assert summary == f"Another applicant's {public_id(Prefix.DOCUMENT, first)} has the same file."


@pytest.mark.parametrize("number", ["P1234567", "p 123-4567", "PI234S67"])
async def test_the_same_number_of_another_applicant_warns_where_it_stands(number):
    acme = await make_cast()
    first = await send(acme, read())
    other = read(number, given_names="Chidi", surname="Eze")
    check, summary = await found(await send(acme, other))
    assert (check.status, check.reasons) == ("warning", ["duplicate_document"])
    assert check.box == [0.1, 0.8, 0.3, 0.05]
    assert check.file_id
    assert summary == f"Another applicant's {public_id(Prefix.DOCUMENT, first)} has the same document number."


@pytest.mark.parametrize(
    "names",
    [
        PERSON,
        {"given_names": "", "surname": "", "full_name": "OKONKWO Amara"},
        {"given_names": "amara", "surname": "Ọkonkwo"},
    ],
)
async def test_the_same_person_as_another_applicant_warns(names):
    acme = await make_cast()
    first = await send(acme, read())
    check, summary = await found(await send(acme, read("X7654321", kind="national_id", **names)))
    assert (check.status, check.reasons) == ("warning", ["duplicate_applicant"])
    assert summary == f"Another applicant's {public_id(Prefix.DOCUMENT, first)} has the same name and birth date."


async def test_the_reviewer_reads_it_in_the_queue_and_the_risk_grows():
    acme = await make_cast()
    await send(acme, read())
    document_id = await submitted(acme, data=b"\xff\xd8second")
    task = await screen(document_id, read())
    assert task.flags == ["duplicate_document", "duplicate_applicant"]
    assert task.why == "Document already used, Applicant already known"
    async with transaction(EVERYONE) as session:
        assert (await session.get_one(Document, document_id)).risk_score == 0.12


@pytest.mark.parametrize(
    "other",
    [
        read("P7654321", surname="Eze"),
        read(country="GHA", surname="Eze"),
        read("P7654321", date_of_birth="1991-04-03"),
        read("P7654321", date_of_birth=""),
    ],
)
async def test_another_number_country_name_or_birth_date_is_another_document(other):
    acme = await make_cast()
    await send(acme, read())
    assert (await found(await send(acme, other)))[0].status == "passed"


async def test_the_same_applicant_again_is_a_note():
    acme = await make_cast()
    first = await send(acme, read(), b"\xff\xd8passport")
    again = await of_the_same_applicant(acme, first, data=b"\xff\xd8passport")
    await screen(again, read())
    check, summary = await found(again)
    assert (check.status, check.reasons) == ("passed", [])
    name = public_id(Prefix.DOCUMENT, first)
    assert summary == f"This applicant's earlier {name} has the same file and the same document number."


async def test_attempts_of_one_verification_are_not_duplicates_of_one_another():
    acme = await make_cast()
    first = await send(acme, read(), b"\xff\xd8passport")
    again = await of_the_same_applicant(acme, first, in_the_same_verification=True, data=b"\xff\xd8passport")
    await screen(again, read())
    check, summary = await found(again)
    assert check.status == "passed"
    assert "doc_" not in summary


@pytest.mark.parametrize(
    "unread", [read("", date_of_birth=""), read("XXXX1234", surname=""), read("1234", given_names="")]
)
async def test_what_was_not_read_is_not_compared_and_not_kept(unread):
    acme = await make_cast()
    first = await send(acme, unread)
    second = await send(acme, unread)
    assert (await found(second))[0].status == "not_applicable"
    assert await prints_of(first, second) == []


async def test_bills_and_selfies_are_compared_as_files_only():
    acme = await make_cast()
    bill = read("4711008155", kind="proof_of_address")
    await send(acme, bill, b"\xff\xd8bill")
    check, summary = await found(await send(acme, bill))
    assert (check.status, summary) == ("passed", "No other applicant has the same file.")
    assert (await found(await send(acme, bill, b"\xff\xd8bill")))[0].status == "warning"


async def test_the_sandboxs_own_pictures_are_exempt():
    acme = await make_cast()
    magic = magic_documents.named("in_review")
    for _ in range(2):
        document_id = await send(acme, read(), magic.read(), livemode=False)
        assert (await found(document_id))[0].status == "not_applicable"
        assert await prints_of(document_id) == []


async def test_a_screening_that_failed_whole_stays_in_error():
    acme = await make_cast()
    document_id = await send(acme, screenings.failed("Nothing ran."))
    assert (await found(document_id))[0].status == "error"


async def test_two_at_the_same_moment_do_not_miss_each_other():
    for _ in range(5):
        acme = await make_cast()
        both = [await submitted(acme, data=b"\xff\xd8%d" % number) for number in range(2)]
        await asyncio.gather(*(screen(document_id, read()) for document_id in both))
        statuses = sorted([(await found(document_id))[0].status for document_id in both])
        assert statuses == ["passed", "warning"]


async def test_the_second_waits_for_the_first_to_be_committed():
    acme = await make_cast()
    first, second = [await submitted(acme, data=b"\xff\xd8%d" % number) for number in range(2)]
    async with transaction(EVERYONE) as session:
        begun = [await screenings.begin(session, SYSTEM, document_id) for document_id in (first, second)]
    async with transaction(EVERYONE) as session:
        await screenings.complete(session, SYSTEM, begun[0], read())
        later = asyncio.create_task(complete(begun[1]))
        await until_somebody_waits()
        assert not later.done()
    await later
    assert (await found(second))[0].status == "warning"


async def complete(assignment):
    async with transaction(EVERYONE) as session:
        await screenings.complete(session, SYSTEM, assignment, read())


async def until_somebody_waits():
    waits = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    for _ in range(500):
        async with transaction(EVERYONE) as session:
            if (await session.execute(waits)).scalar_one():
                return
        await asyncio.sleep(0.02)
    pytest.fail("nobody waits")


async def test_a_database_that_refuses_costs_the_check_and_not_the_document():
    acme = await make_cast()
    first, second = [await submitted(acme, data=b"\xff\xd8%d" % number) for number in range(2)]
    async with transaction(EVERYONE) as session:
        begun = [await screenings.begin(session, SYSTEM, document_id) for document_id in (first, second)]
    async with transaction(EVERYONE) as holder:
        await screenings.complete(holder, SYSTEM, begun[0], read())
        async with transaction(EVERYONE) as session:
            await session.execute(text("set local lock_timeout = '50ms'"))
            task = await screenings.complete(session, SYSTEM, begun[1], read())
    check, _ = await found(second)
    assert (check.status, check.reasons) == ("error", ["check_unavailable"])
    assert task.why == "A check could not run"


async def test_what_is_screened_again_is_kept_once():
    acme = await make_cast()
    document_id = await send(acme, read())
    async with transaction(EVERYONE) as session:
        document = await session.get_one(Document, document_id)
        await fingerprints.compare(session, document, [], read("P7654321"))
    assert len(await prints_of(document_id)) == 2


async def test_a_redacted_document_is_not_found_again():
    acme = await make_cast()
    first = await send(acme, read(), b"\xff\xd8passport")
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, first, lock=True)
        await fingerprints.forget(session, [first])
        await documents.change_status(session, SYSTEM, document, DocumentStatus.CANCELED)
        await documents.change_status(session, SYSTEM, document, DocumentStatus.REDACTED)
    assert await prints_of(first) == []
    assert (await found(await send(acme, read(), b"\xff\xd8passport")))[0].status == "passed"


async def test_nothing_readable_is_kept():
    acme = await make_cast()
    document_id = await send(acme, read())
    async with transaction(EVERYONE) as session:
        statement = text("select to_jsonb(f) - 'value' || jsonb_build_object('value', encode(value, 'escape'))"
                         " from fingerprints f where document_id = :d")  # fmt: skip
        kept = str((await session.execute(statement, {"d": document_id})).all()).lower()
    assert not any(word in kept for word in ("p1234567", "1234567", "okonkwo", "amara", "1991"))


def test_a_check_joins_at_its_place():
    screening = Screening((Finding("age", "passed"), Finding("policy", "passed")), risk_score=0.5)
    done = joined(screening, Finding("duplicate", "warning"))
    assert [finding.name for finding in done.findings] == ["age", "duplicate", "policy"]
    assert done.risk_score == 0.56
    calm = joined(replace(screening, findings=()), Finding("duplicate", "passed"))
    assert calm.risk_score == 0.5
    assert CHECK_NAMES.index("age") < CHECK_NAMES.index("duplicate")
