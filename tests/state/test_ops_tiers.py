"""Limits on a partner's page and plans side by side: asked by the service, refused to everybody else."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.state.ops.limits import LimitsState
from backoffice.state.ops.partner import PartnerState
from backoffice.state.ops.tiers import TiersState
from tests.services.people import make_partner
from tests.state.review_screen import screen, sign_in

pytestmark = pytest.mark.usefixtures("database")
FORM = {"value": "12,500", "until": "", "reason": "Launch week"}


async def page_of(role):
    partner_id = await make_partner()
    _, reference = await sign_in(role)
    url = f"/ops/partners/{public_id(Prefix.PARTNER, partner_id)}?tab=limits"
    page = await screen(PartnerState, reference, url)
    await PartnerState.open.fn(page)
    return await page.get_state(LimitsState), page, partner_id


async def exceptions(partner_id):
    async with transaction(Tenancy.everyone()) as session:
        return (await session.get_one(Partner, partner_id)).exceptions


async def test_an_operator_makes_and_ends_an_exception():
    state, page, partner_id = await page_of(Role.OPERATOR)
    await LimitsState.ask.fn(state, "grant", "nonsense")
    assert state.asking == ""
    await LimitsState.ask.fn(state, "grant", "documents_per_month")
    assert (state.asking, state.limit.given) == ("grant", "10000")
    for wrong, place in (
        ({"value": "many"}, "value"),
        ({"until": "soon"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"reason": " "}, "reason"),
    ):
        await LimitsState.grant.fn(state, FORM | wrong)
        assert (state.asking, state.error_field, state.error != "") == ("grant", place, True)
    await LimitsState.grant.fn(state, FORM | {"until": "2030-01-31"})
    assert (state.asking, state.error) == ("", "")
    assert (await exceptions(partner_id))["documents_per_month"]["until"] == "2030-02-01T00:00:00+00:00"
    await PartnerState.refresh.fn(page)
    assert (page.limits[0].value, page.limits[0].last_day, page.row.included) == ("12,500", "2030-01-31", 12_500)
    await LimitsState.ask.fn(state, "end", "documents_per_month")
    await LimitsState.end.fn(state)
    assert await exceptions(partner_id) == {}
    await LimitsState.end.fn(state)
    assert "holds already" in state.error


async def test_an_auditor_looks_on():
    state, page, partner_id = await page_of(Role.AUDITOR)
    state.limit = page.limits[0]
    await LimitsState.grant.fn(state, FORM)
    assert "permission" in state.error
    state.error = ""
    await LimitsState.end.fn(state)
    assert "permission" in state.error
    assert await exceptions(partner_id) == {}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
async def test_plans_stand_side_by_side(role):
    _, reference = await sign_in(role)
    state = await screen(TiersState, reference, "/ops/tiers")
    await TiersState.open.fn(state)
    assert state.is_loaded
    assert [one.name for one in state.rows if one.is_heading][:3] == ["Partners", "Limits", "Reviewed within"]
    assert all([value.plan for value in one.cells] == ["Free", "Standard", "Enterprise"] for one in state.rows[1:5])


async def test_a_lead_is_refused():
    _, reference = await sign_in(Role.REVIEW_LEAD)
    state = await screen(TiersState, reference, "/ops/tiers")
    with pytest.raises(NotAllowed):
        await TiersState.open.fn(state)
    assert state.rows == []
