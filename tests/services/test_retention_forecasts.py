"""What a rule would delete is counted before it is in force, and what goes soon is what is deleted."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice.db import transaction
from backoffice.errors import NotAllowed, Unavailable
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.retention_rules import Draft
from backoffice.services import retention_desks, retention_forecasts
from tests.services.retention_cast import EVERYONE, FIVE_YEARS, doc, ended, operator, place, set_rule
from tests.services.review_cast import SYSTEM, make_cast, member

pytestmark = pytest.mark.usefixtures("database")


def of(cast, forecast):
    return [group for group in forecast.groups if group.partner_id == cast.partner.id]


async def preview(cast, *, before=None, **fields):
    fields = {"partner_id": cast.partner.id, "days": 30, "basis": "x"} | fields
    async with transaction(EVERYONE) as session:
        return of(cast, await retention_forecasts.preview(session, SYSTEM, Draft(**fields), before=before))


async def soon(cast):
    async with transaction(EVERYONE) as session:
        return of(cast, await retention_forecasts.soon(session, SYSTEM))


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OPERATOR, Role.AUDITOR}])
async def test_only_operators_and_auditors_look(role):
    person = await member(await make_cast(), role)
    for work in (
        lambda session: retention_forecasts.soon(session, person),
        lambda session: retention_forecasts.preview(session, person, Draft(days=1, basis="x")),
        lambda session: retention_desks.read(session, person),
        lambda session: retention_desks.erasures(session, person),
    ):
        with pytest.raises(NotAllowed):
            async with transaction(EVERYONE) as session:
                await work(session)


async def test_a_preview_counts_what_the_rule_would_be_why_of():
    cast, other = await make_cast(), await make_cast()
    old, young = timedelta(days=40), timedelta(days=26)
    await ended(cast, age=old, type="passport")
    await ended(cast, age=old, type="passport")
    await ended(cast, age=young, type="national_id", issuing_country="FRA")
    await ended(cast, age=timedelta(days=2), type="passport")
    await ended(cast, "processing", "rejected", age=old, type="passport")
    await ended(other, age=old, type="passport")
    found = await preview(cast, ending="approved")
    assert sorted((one.type, one.documents) for one in found) == [("national_id", 1), ("passport", 2)]
    assert [one.documents for one in await preview(cast, ending="approved", place="EU")] == [1]
    assert sum(one.documents for one in await preview(cast)) == 4
    assert [one.documents for one in await preview(cast, type="passport", ending="rejected")] == [1]
    assert await preview(cast, days=3650) == []
    assert await soon(cast) == []


async def test_where_a_stronger_rule_counts_the_preview_counts_nothing_and_the_superseded_one_does_not_stand():
    cast = await make_cast()
    await ended(cast, age=timedelta(days=40), type="passport")
    strong = await set_rule(await operator(cast), partner_id=cast.partner.id, ending="approved", days=3650)
    assert await preview(cast, type="passport") == []
    assert [one.documents for one in await preview(cast, ending="approved", before=strong.id)] == [1]


async def test_what_goes_soon_is_counted_with_what_a_hold_keeps():
    cast = await make_cast()
    held = await ended(cast, age=FIVE_YEARS - timedelta(days=3), type="passport")
    await ended(cast, age=FIVE_YEARS - timedelta(days=3), type="passport")
    await ended(cast, age=FIVE_YEARS + timedelta(days=9), type="passport")
    await ended(cast, age=FIVE_YEARS - timedelta(days=20), type="passport")
    await place(await operator(cast), doc(held))
    found = await soon(cast)
    assert sum(one.documents for one in found) == 3
    assert sum(one.held for one in found) == 1
    assert len({one.day for one in found}) == 2


async def test_a_count_that_takes_too_long_says_so(monkeypatch):
    monkeypatch.setattr(retention_forecasts, "SOON", "select pg_sleep(2)")
    with pytest.raises(Unavailable):
        async with transaction(EVERYONE) as session:
            await session.execute(text("set local statement_timeout = 50"))
            await retention_forecasts.soon(session, SYSTEM)


async def test_the_page_names_who_and_whose():
    cast = await make_cast()
    person = await operator(cast)
    rule = await set_rule(person, partner_id=cast.partner.id)
    hold = await place(person, public_id(Prefix.PARTNER, cast.partner.id))
    async with transaction(EVERYONE) as session:
        desk = await retention_desks.read(session, person)
    assert rule.id in {row.id for row in desk.rules}
    assert hold.id in {row.id for row in desk.holds}
    assert desk.people[person.id] == person.name
    assert desk.partners[cast.partner.id] == cast.partner.name
