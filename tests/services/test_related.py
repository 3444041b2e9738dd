"""Related documents: within one partner and mode, for who reviews, and opened only on the record."""

import pytest
from sqlalchemy import select, update

from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.services import related, review_bars
from backoffice.services.related import Tie
from tests.services.policy_cast import EVERYONE
from tests.services.quality_cast import decided, drawn, only_mine, shares, taken, three
from tests.services.review_cast import in_review, make_cast, member
from tests.services.sample_cast import call

pytestmark = pytest.mark.usefixtures("database")


async def alter(task, **values):
    async with transaction(EVERYONE) as session:
        await session.execute(update(Document).where(Document.id == task.document_id).values(**values))


async def applicant_of(task):
    async with transaction(EVERYONE) as session:
        return (await session.get(Document, task.document_id)).applicant_id


async def apart(cast, **fields):
    """One document that has nothing in common with the others."""
    return await in_review(cast, data=f"\xff\xd8{new_id()}".encode("latin-1"), **fields)


async def ties(actor, task):
    return {one.document.id: one.tie for one in await call(related.of_task, actor, task.id)}


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.OPERATOR, Role.AUDITOR])
async def test_others_see_nothing_related(role):
    cast = await make_cast()
    task = await in_review(cast)
    outsider = await member(cast, role)
    with pytest.raises(NotAllowed):
        await call(related.of_task, outsider, task.id)
    with pytest.raises(NotAllowed):
        await call(related.open_one, outsider, task.id, task.document_id)


async def test_who_is_barred_sees_nothing_related():
    cast = await make_cast()
    task, kim, lead = await in_review(cast), await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)
    await call(review_bars.bar, lead, member_id=kim.id, partner_id=cast.partner.id, reason="A relative.")
    with pytest.raises(NotFound):
        await call(related.of_task, kim, task.id)


async def test_other_partners_and_the_other_mode_are_never_related():
    cast, rival = await make_cast(), await make_cast()
    task = await in_review(cast)
    await in_review(rival)
    await in_review(cast, livemode=False)
    assert await ties(await member(cast, Role.REVIEWER), task) == {}


async def test_what_was_replaced_comes_first_then_the_applicants_others_then_duplicates():
    cast = await make_cast()
    first, second, other, duplicate, task = [await in_review(cast) for _ in range(5)]
    mine = await applicant_of(task)
    await alter(first, applicant_id=mine)
    await alter(second, applicant_id=mine, replaces_id=first.document_id)
    await alter(other, applicant_id=mine)
    await alter(task, replaces_id=second.document_id)
    found = await ties(await member(cast, Role.REVIEWER), task)
    assert list(found.items()) == [
        (second.document_id, Tie.REPLACED),
        (first.document_id, Tie.REPLACED),
        (other.document_id, Tie.APPLICANT),
        (duplicate.document_id, Tie.DUPLICATE),
    ]


async def test_the_same_number_or_file_of_another_applicant_is_related():
    cast = await make_cast()
    by_number, task = await apart(cast), await apart(cast)
    assert await ties(await member(cast, Role.REVIEWER), task) == {by_number.document_id: Tie.DUPLICATE}


async def test_a_document_that_one_judges_blind_is_not_related():
    await shares()
    await only_mine()
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim)
    await drawn()
    assert await taken(joe) is not None
    task = await in_review(cast)
    assert decision.document_id in await ties(kim, task)
    assert decision.document_id not in await ties(joe, task)
    with pytest.raises(NotFound):
        await call(related.open_one, joe, task.id, decision.document_id)


async def test_listing_opens_nothing_and_comparing_is_written_down():
    cast = await make_cast()
    other, task = await in_review(cast), await in_review(cast)
    kim = await member(cast, Role.REVIEWER)
    await ties(kim, task)
    statement = select(AuditEntry).where(AuditEntry.subject_id == other.document_id, AuditEntry.actor_id == kim.id)
    async with transaction(EVERYONE) as session:
        assert (await session.execute(statement)).scalars().all() == []
    one = await call(related.open_one, kim, task.id, other.document_id)
    assert [side for _, side, _ in one.pictures] == ["front"]
    async with transaction(EVERYONE) as session:
        assert [row.action for row in (await session.execute(statement)).scalars()] == ["document.opened"]


async def test_a_document_that_is_not_related_is_not_opened():
    cast, rival = await make_cast(), await make_cast()
    task, strange = await in_review(cast), await in_review(rival)
    with pytest.raises(NotFound):
        await call(related.open_one, await member(cast, Role.REVIEWER), task.id, strange.document_id)
