"""The operators' first page: who may read it, and that it tells what is there."""

import pytest
from sqlalchemy import text

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.members import Role
from backoffice.services import fleet, overviews, partners, suspensions
from backoffice.viewmodels.overviews import overview_view, troubles
from tests.services.people import actor_of, make_partner, make_person
from tests.services.test_fleet import MADE, USED, call

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.AUDITOR}))
async def test_who_is_no_operator_reads_nothing(role):
    person = actor_of(await make_person(role))
    for function in (overviews.read, overviews.acts):
        with pytest.raises(NotAllowed):
            await call(function, person)


async def test_a_partner_near_its_quota_needs_somebody_and_its_documents_count(monkeypatch):
    monkeypatch.setattr(fleet, "MOST", 1)  # whoever a list by name would still show
    operator, partner_id, today = actor_of(await make_person(Role.OPERATOR)), await make_partner(), now().date()
    before = await call(overviews.read, operator)
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text(MADE), {"p": partner_id, "today": today})
        await session.execute(text(USED), {"p": partner_id, "m": today.replace(day=1)})
    found = await call(overviews.read, operator)
    assert found.days[-1] == (today, before.days[-1][1] + 12)
    assert sum(count for _, count in found.before) == sum(count for _, count in before.before) + 10
    [mine] = [one for one in found.trouble if one.id == partner_id]
    [said] = troubles([mine])
    assert (said.words, said.tone, said.href.endswith("tab=limits")) == ("90 % of the quota is used", "amber", True)
    assert overview_view(found).near >= 1


async def test_what_operators_did_is_told_and_what_others_did_is_not():
    operator, partner_id = actor_of(await make_person(Role.OPERATOR)), await make_partner()
    async with transaction(Tenancy.everyone()) as session:
        row = await partners.get(session, operator, partner_id)
    await call(suspensions.suspend, operator, partner_id, reason="Misuse", typed=row.slug)
    acts = await call(overviews.acts, operator)
    assert "partner.suspended" in {one.entry.action for one in acts if one.entry.partner_id == partner_id}
    assert {one.entry.actor_type for one in acts} == {"member"}
    auditor = actor_of(await make_person(Role.AUDITOR))
    assert [one.entry.id for one in await call(overviews.acts, auditor)] == [one.entry.id for one in acts]
