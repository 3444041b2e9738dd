"""Search by name and number: for who may read personal data, whole words only, and nothing of it in the table."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.models.members import Role
from backoffice.models.search_tokens import SearchToken
from backoffice.screening.types import Declared
from backoffice.services import documents, erasures, search_tokens
from backoffice.services.documents import Filter
from tests.services.review_cast import CLEAN, SYSTEM, in_review, make_cast, member

pytestmark = pytest.mark.usefixtures("database")


async def found(actor, q, livemode=True):
    async with transaction(actor.tenancy) as session:
        page = await documents.page(session, actor, Filter(q=q, livemode=livemode))
    return [row.id for row in page.rows]


@pytest.fixture
async def acme(database):
    return await make_cast()


async def test_strangers_and_lesser_roles_find_nobody(acme):
    task = await in_review(acme)
    rival = await make_cast()
    assert await found(await member(acme, Role.PARTNER_ADMIN), "Okonkwo") == [task.document_id]
    assert await found(await member(rival, Role.PARTNER_ADMIN), "Okonkwo") == []
    for role in (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER):
        assert await found(await member(acme, role), "Okonkwo") == []
    assert await found(acme.api, "Okonkwo") == []
    assert await found(await member(acme, Role.PARTNER_ADMIN), "Okonkwo", livemode=False) == []


@pytest.mark.parametrize(
    "q", ["okonkwo", "AMARA  okonkwo", "Okonkwo, Amara", "Ókonkwo", "Okafor", "P1234567", "p-123 4567", "PI234567"]
)
async def test_given_and_read_names_and_numbers_find_it(acme, q):
    task = await in_review(acme)
    assert await found(await member(acme, Role.PARTNER_ADMIN), q) == [task.document_id]


@pytest.mark.parametrize("q", ["Okon", "Amara Smith", "P123456", "-", "?", "O", "%", "Okonkwo Okonkwa"])
async def test_parts_and_wrong_words_find_nothing(acme, q):
    await in_review(acme)
    assert await found(await member(acme, Role.PARTNER_ADMIN), q) == []


async def test_ids_are_found_as_before_and_together_with_names(acme):
    task = await in_review(acme, external_id="okonkwo-7")
    other = await in_review(acme)
    assert await found(await member(acme, Role.PARTNER_ADMIN), "okonkwo") == [other.document_id, task.document_id]
    assert await found(await member(acme, Role.PARTNER_ANALYST), "okonkwo") == [task.document_id]


async def test_nothing_that_was_read_is_in_the_table_and_partners_share_nothing(acme):
    one, two = await in_review(acme), await in_review(await make_cast())
    async with transaction(Tenancy.everyone()) as session:
        rows = (await session.execute(select(SearchToken))).scalars().all()
    mine, theirs = [{row.value for row in rows if row.document_id == task.document_id} for task in (one, two)]
    assert len(mine) == 4, "two given words, one read, one number"
    assert not mine & theirs
    assert not any(b"Oko" in value or b"123" in value for value in mine)


async def test_screening_again_keeps_each_once_and_erasure_takes_all(acme):
    task = await in_review(acme, replace(CLEAN, extracted=()))
    actor = await member(acme, Role.PARTNER_ADMIN)
    assert await found(actor, "Amara") == [task.document_id]
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, task.document_id)
        request = await erasures.request(session, SYSTEM, document.applicant_id)
    async with transaction(SYSTEM.tenancy) as session:
        await erasures.begin(session, SYSTEM, request.id)
    async with transaction(Tenancy.everyone()) as session:
        left = select(SearchToken).where(SearchToken.document_id == task.document_id)
        assert (await session.execute(left)).scalars().all() == []
    assert await found(actor, "Amara") == []


async def test_a_name_that_was_corrected_is_forgotten(acme):
    task = await in_review(acme)
    actor = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, task.document_id)
        await search_tokens.keep(session, document, Declared(surname="Adeyemi"), replace(CLEAN, extracted=()))
    assert await found(actor, "Adeyemi") == [task.document_id]
    assert await found(actor, "Okonkwo") == []


def test_masked_numbers_and_short_words_make_no_tokens():
    assert search_tokens._number("XXXX XXXX 1234") == set()
    assert search_tokens._number("no digits") == set()
    assert search_tokens._words(["J. R. Li"]) == {("word", "LI")}
