"""Tags: outsiders first, then one word on one document, found again by it, counted, limited and erased."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import bulk_actions as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.bulk_actions import BulkOutcome
from backoffice.models.document_tags import LONGEST_TAG, MOST_TAGS, DocumentTag
from backoffice.models.members import Role
from backoffice.services import document_actions, document_tags, documents, erasures, list_filters
from backoffice.services.document_actions import Press
from backoffice.services.document_tags import NOBODYS
from backoffice.services.documents import Filter
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


async def call(actor, function, *arguments, **named):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *arguments, **named)


async def tags_of(actor, document_id):
    async with transaction(actor.tenancy) as session:
        return (await document_tags.of_documents(session, [document_id])).get(document_id, [])


async def listed(actor, **by):
    return [row.id for row in (await call(actor, documents.page, Filter(livemode=True, **by))).rows]


async def test_no_stranger_sees_writes_or_takes_off_a_tag():
    acme, rival = await make_cast(), await make_cast()
    document = await submitted(acme)
    owner, outsider = await member(acme, Role.PARTNER_ADMIN), await member(rival, Role.PARTNER_ADMIN)
    await call(owner, document_tags.add, document, "vip")
    for work in (document_tags.add, document_tags.remove):
        with pytest.raises(NotFound):
            await call(outsider, work, document, "vip")
    assert await tags_of(outsider, document) == []
    assert await call(outsider, document_tags.in_use, livemode=True) == []
    assert await listed(outsider, tag="vip") == []
    with pytest.raises(ProgrammingError):
        async with transaction(outsider.tenancy) as session:
            session.add(DocumentTag(partner_id=acme.partner.id, livemode=True, document_id=document, tag="stolen"))
    with pytest.raises(IntegrityError):
        async with transaction(outsider.tenancy) as session:
            session.add(DocumentTag(partner_id=rival.partner.id, livemode=True, document_id=document, tag="stolen"))
    assert await tags_of(owner, document) == ["vip"]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.REVIEW_LEAD, Role.OPERATOR, Role.AUDITOR])
async def test_our_own_people_write_none(role):
    acme = await make_cast()
    document, person = await submitted(acme), await member(acme, role)
    for work in (document_tags.add, document_tags.remove):
        with pytest.raises(NotAllowed):
            await call(person, work, document, "vip")


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST])
async def test_a_tag_is_put_on_found_by_and_taken_off(role):
    acme = await make_cast()
    person, first, second = await member(acme, role), await submitted(acme), await submitted(acme)
    assert await call(person, document_tags.add, first, "  Very  Important ") == "very-important"
    assert await call(person, document_tags.add, first, "batch:7") == "batch:7"
    assert await tags_of(person, first) == ["batch:7", "very-important"]
    assert await call(person, document_tags.in_use, livemode=True) == ["batch:7", "very-important"]
    assert await call(person, document_tags.in_use, livemode=False) == []
    assert await listed(person, tag="batch:7") == [first]
    assert await listed(person) == [second, first]
    with pytest.raises(Conflict, match="already"):
        await call(person, document_tags.add, first, "Batch:7")
    await call(person, document_tags.remove, first, "batch:7")
    assert await listed(person, tag="batch:7") == []
    with pytest.raises(Conflict, match="does not have"):
        await call(person, document_tags.remove, first, "batch:7")


@pytest.mark.parametrize(
    "words", ["", "   ", "x" * (LONGEST_TAG + 1), "a,b", "-a", "a/b", "a&b", "a%20b", "<b>", "a\x00b"]
)
async def test_what_is_no_tag_is_refused_and_finds_nothing(words):
    acme = await make_cast()
    person, document = await member(acme, Role.PARTNER_ADMIN), await submitted(acme)
    with pytest.raises(Invalid) as refused:
        await call(person, document_tags.add, document, words)
    assert refused.value.code == "invalid_tag"
    assert list_filters.of_documents({"tag": words}, livemode=True).tag == (NOBODYS if words.strip() else None)


async def test_letters_of_every_script_are_letters():
    acme = await make_cast()
    person, document = await member(acme, Role.PARTNER_ADMIN), await submitted(acme)
    for words in ("À revoir", "重要", "ﬁle", "हिन्दी", "ด่วน", "தமிழ்"):
        await call(person, document_tags.add, document, words)
    assert await tags_of(person, document) == sorted(["à-revoir", "重要", "file", "हिन्दी", "ด่วน", "தமிழ்"])
    assert list_filters.of_documents({"tag": "À  Revoir"}, livemode=True).tag == "à-revoir"


async def test_a_document_has_ten_tags_at_most_also_when_two_write_at_once():
    acme = await make_cast()
    person, document = await member(acme, Role.PARTNER_ADMIN), await submitted(acme)
    for number in range(MOST_TAGS - 1):
        await call(person, document_tags.add, document, f"t{number}")
    tries = [call(person, document_tags.add, document, f"late-{number}") for number in range(4)]
    came = await asyncio.gather(*tries, return_exceptions=True)
    refused = [one for one in came if isinstance(one, Conflict)]
    assert {one.code for one in refused} == {"too_many_tags"}
    assert (len(refused), len(await tags_of(person, document))) == (3, MOST_TAGS)


async def test_pages_of_a_tag_neither_repeat_nor_lose_a_document():
    acme = await make_cast()
    person = await member(acme, Role.PARTNER_ADMIN)
    ours = [await submitted(acme) for _ in range(5)]
    for document in ours:
        await call(person, document_tags.add, document, "many")
    seen, cursor = [], None
    while True:
        page = await call(person, documents.page, Filter(livemode=True, tag="many", limit=2, cursor=cursor))
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ours[::-1]


async def test_the_trail_says_who_and_how_many_and_not_which_word():
    acme = await make_cast()
    person, document = await member(acme, Role.PARTNER_ADMIN), await submitted(acme)
    await call(person, document_tags.add, document, "camille")
    await call(person, document_tags.remove, document, "camille")
    async with transaction(EVERYONE) as session:
        entries = select(AuditEntry).where(AuditEntry.subject_id == document, AuditEntry.actor_id == person.id)
        told = [(row.action, row.changes) for row in (await session.execute(entries.order_by(AuditEntry.id))).scalars()]
    assert told == [("document.tagged", {"tags": [0, 1]}), ("document.untagged", {"tags": [1, 0]})]


async def test_tags_go_with_the_person_and_none_come_back():
    acme = await make_cast()
    person, document = await member(acme, Role.PARTNER_ADMIN), await submitted(acme)
    await call(person, document_tags.add, document, "camille")
    press = Press(uuid4(), BulkOutcome.TAGGED, [document], "camille")
    async with transaction(person.tenancy) as session:
        action = await document_actions.begin(session, person, press)
    await jobs.run(str(action.id))
    async with transaction(person.tenancy) as session:
        applicant = (await documents.get(session, person, document)).applicant_id
        asked = await erasures.request(session, person, applicant)
    async with transaction(EVERYONE) as session:
        await erasures.begin(session, SYSTEM, asked.id)
    async with transaction(EVERYONE) as session:
        left = await session.execute(
            text("select count(*) from document_tags where document_id = :id"), {"id": document}
        )
        assert left.scalar_one() == 0
        rows = await session.execute(text("select count(*) from bulk_rows where document_id = :id"), {"id": document})
        assert rows.scalar_one() == 0, "why it was left alone names the tag"
    with pytest.raises(Conflict) as refused:
        await call(person, document_tags.add, document, "again")
    assert refused.value.code == "erased"
