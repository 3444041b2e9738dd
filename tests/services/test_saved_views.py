"""Saved views and the looks of lists: one's own alone, limited, in order, and counts that equal list and file."""

import asyncio

import pytest

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.models.saved_views import LONGEST_NAME, MOST_VIEWS, SavedView
from backoffice.services import document_picks, documents, list_looks, saved_views
from backoffice.services.documents import Filter
from backoffice.services.list_looks import Density, Looks
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
LATE = {"status": "in_review", "q": "Okonkwo", "cursor": "doc_x", "strange": "1"}


async def call(actor, function, *arguments, **named):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *arguments, **named)


async def names(actor):
    return [row.name for row in await call(actor, saved_views.mine)]


async def test_a_view_is_its_persons_alone_and_rival_reaches_none():
    acme, rival = await make_cast(), await make_cast()
    owner = await member(acme, Role.PARTNER_ANALYST)
    view = await call(owner, saved_views.keep, "Late", LATE)
    for other in (await member(acme, Role.PARTNER_ADMIN), await member(rival, Role.PARTNER_ADMIN)):
        assert await names(other) == []
        for work in (
            call(other, saved_views.rename, view.id, "Mine"), call(other, saved_views.remove, view.id),
            call(other, saved_views.move, view.id, 1),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await work
    async with transaction((await member(rival, Role.PARTNER_ADMIN)).tenancy) as session:
        assert await session.get(SavedView, view.id) is None
    for staff in (SYSTEM, await member(acme, Role.OPERATOR)):
        with pytest.raises(NotAllowed):
            await call(staff, saved_views.mine)
    assert await names(owner) == ["Late"]


async def test_a_view_keeps_filters_and_never_what_was_searched_for():
    person = await member(await make_cast(), Role.PARTNER_ADMIN)
    view = await call(person, saved_views.keep, "  Late   ones ", LATE)
    assert (view.name, view.filters) == ("Late ones", {"status": "in_review"})
    with pytest.raises(Invalid, match="Narrow the list first"):
        await call(person, saved_views.keep, "Search", {"q": "Okonkwo"})


async def test_views_are_renamed_ordered_and_forgotten():
    person = await member(await make_cast(), Role.PARTNER_ADMIN)
    first, second, third = [await call(person, saved_views.keep, name, LATE) for name in ("One", "Two", "Three")]
    await call(person, saved_views.move, third.id, -1)
    assert await names(person) == ["One", "Three", "Two"]
    await call(person, saved_views.move, first.id, -1)
    await call(person, saved_views.rename, second.id, "Zwei")
    assert await names(person) == ["One", "Three", "Zwei"]
    with pytest.raises(Conflict) as refused:
        await call(person, saved_views.rename, second.id, "one")
    assert refused.value.code == "name_taken"
    await call(person, saved_views.rename, second.id, "ZWEI")
    await call(person, saved_views.remove, first.id)
    assert await names(person) == ["Three", "ZWEI"]
    with pytest.raises(NotFound):
        await call(person, saved_views.remove, first.id)


@pytest.mark.parametrize("name", ["", "   ", "x" * (LONGEST_NAME + 1), "a\u202eb"])
async def test_what_is_no_name_is_refused(name):
    person = await member(await make_cast(), Role.PARTNER_ADMIN)
    with pytest.raises(Invalid) as refused:
        await call(person, saved_views.keep, name, LATE)
    assert refused.value.code == "invalid_name"


async def test_twelve_views_are_the_most_also_from_two_tabs():
    person = await member(await make_cast(), Role.PARTNER_ADMIN)
    for number in range(MOST_VIEWS - 1):
        await call(person, saved_views.keep, f"v{number}", LATE)
    tries = [call(person, saved_views.keep, f"late {number}", LATE) for number in range(3)]
    came = await asyncio.gather(*tries, return_exceptions=True)
    assert [one.code for one in came if isinstance(one, Conflict)] == ["too_many_views"] * 2
    assert len(await names(person)) == MOST_VIEWS


async def test_counts_are_those_of_the_lists_and_stop_at_999(monkeypatch):
    acme, rival = await make_cast(), await make_cast()
    person = await member(acme, Role.PARTNER_ADMIN)
    for _ in range(3):
        await submitted(acme)
        await submitted(rival)
    lists = {
        "all": Filter(livemode=True),
        "waiting": Filter(livemode=True, statuses=(DocumentStatus.SUBMITTED,)),
        "none": Filter(livemode=True, statuses=(DocumentStatus.APPROVED,)),
        "test": Filter(livemode=False),
    }
    found = await call(person, document_picks.counts, lists)
    assert found == {"all": 3, "waiting": 3, "none": 0, "test": 0}
    for name, by in lists.items():
        assert len((await call(person, documents.page, by)).rows) == found[name]
        assert len(await call(person, document_picks.keys, by, limit=10)) == found[name]
    monkeypatch.setattr(document_picks, "MOST_COUNTED", 2)
    found = await call(person, document_picks.counts, lists)
    assert document_picks.words(found["all"]) == "2+"
    assert await call(person, document_picks.counts, {}) == {}


async def test_looks_are_kept_for_the_person_and_what_is_unknown_is_refused():
    acme = await make_cast()
    person, other = [await member(acme, Role.PARTNER_ANALYST) for _ in range(2)]
    assert await call(person, list_looks.read, "documents") == Looks()
    await call(person, list_looks.keep, "documents", ["due", "id"], "compact")
    assert await call(person, list_looks.read, "documents") == Looks(("id", "due"), Density.COMPACT)
    assert await call(other, list_looks.read, "documents") == Looks()
    for wrong in (("documents", ["status"], "compact"), ("documents", [], "huge"), ("queue", [], "compact")):
        with pytest.raises(Invalid):
            await call(person, list_looks.keep, *wrong)
