"""The pages of partners: the URL narrows and orders, tabs read live, and every act is asked by the service."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.state.ops.onboarding import OnboardingState
from backoffice.state.ops.partner import PartnerState
from backoffice.state.ops.partner_acts import PartnerActsState
from backoffice.state.ops.partners import PartnersState
from tests.services.people import make_partner, make_person
from tests.state.partner_screen import shown
from tests.state.review_screen import go, screen, sign_in

pytestmark = pytest.mark.usefixtures("database")


async def at(state, url, role=Role.OPERATOR):
    _, reference = await sign_in(role)
    one = await screen(state, reference, url)
    return one, reference


async def named() -> Partner:
    partner_id = await make_partner()
    async with transaction(Tenancy.everyone()) as session:
        row = await session.get(Partner, partner_id)
        row.name = f"Fjord {new_id().hex}"
    return row


def page_of(partner: Partner) -> str:
    return f"/ops/partners/{public_id(Prefix.PARTNER, partner.id)}"


async def test_the_list_is_narrowed_and_ordered_by_its_address():
    one = await named()
    state, reference = await at(PartnersState, f"/ops/partners?q={one.name.replace(' ', '+')}")
    await PartnersState.open.fn(state)
    assert [row.slug for row in state.rows] == [one.slug]
    assert (state.status, state.shown, [chip.name for chip in state.chips]) == ("ready", "1-1 of 1", ["q"])
    assert "sort=-volume" in str(await PartnersState.order.fn(state, "volume"))
    await go(state, reference, f"/ops/partners?q={one.slug}&status=suspended&page=99&sort=evil")
    await PartnersState.open.fn(state)
    assert (state.rows, state.shown) == ([], "")
    await go(state, reference, f"/ops/partners?q={one.slug}&sort=-quota&need=alerts")
    await PartnersState.open.fn(state)
    assert state.rows == []


async def test_every_tab_reads_what_it_shows_and_nothing_of_others():
    one, other = await named(), await named()
    person = await make_person(Role.PARTNER_ADMIN, one.id)
    stranger = await make_person(Role.PARTNER_ADMIN, other.id)
    state, reference = await at(PartnerState, page_of(one))
    for tab in ("overview", "limits", "users", "keys", "webhooks", "usage", "audit", "nonsense"):
        await go(state, reference, f"{page_of(one)}?tab={tab}")
        await PartnerState.open.fn(state)
        assert (state.status, state.tab) == ("ready", tab if tab != "nonsense" else "overview")
    assert [row.email for row in state.people.rows] == [person.email]
    assert stranger.email not in shown(state)
    assert {row.what for row in state.entries} >= {"Partner: created", "Member: created"}
    assert state.limits[0].origin.startswith("Plan Standard since")
    await go(state, reference, f"/ops/partners/{public_id(Prefix.PARTNER, new_id())}")
    await PartnerState.open.fn(state)
    assert state.status == "missing"


async def test_an_operator_suspends_resumes_and_changes_the_plan():
    one = await named()
    state, _ = await at(PartnerActsState, page_of(one))
    await PartnerActsState.ask.fn(state, "suspend")
    await PartnerActsState.suspend.fn(state, {"reason": "Misuse", "typed": "other"})
    assert (state.asking, state.error_field) == ("suspend", "typed")
    await PartnerActsState.suspend.fn(state, {"reason": "Misuse", "typed": one.slug})
    assert (state.asking, state.error) == ("", "")
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.get(Partner, one.id)).status == PartnerStatus.SUSPENDED
    await PartnerActsState.resume.fn(state)
    await PartnerActsState.ask.fn(state, "plan")
    await PartnerActsState.choose.fn(state, "free")
    assert state.begins.startswith("From ")
    await PartnerActsState.choose.fn(state, "enterprise")
    assert (state.begins, state.effects[0].used, state.effects[0].value) == ("At once.", "10,000", "1,000,000")
    assert "Enterprise from now on" in str(await PartnerActsState.change_plan.fn(state))
    await PartnerActsState.choose.fn(state, "free")
    assert "Free from" in str(await PartnerActsState.change_plan.fn(state))
    await PartnerActsState.keep_plan.fn(state)
    async with transaction(Tenancy.everyone()) as session:
        row = await session.get(Partner, one.id)
    assert (row.plan, row.status) == ("enterprise", PartnerStatus.ACTIVE)


async def test_an_auditor_looks_on():
    one = await named()
    state, reference = await at(PartnerActsState, page_of(one), Role.AUDITOR)
    state.chosen = "free"
    for call in (
        PartnerActsState.resume.fn(state),
        PartnerActsState.suspend.fn(state, {"reason": "x", "typed": one.slug}),
        PartnerActsState.change_plan.fn(state),
    ):
        state.error = ""
        await call
        assert "permission" in state.error
    page = await screen(PartnerState, reference, page_of(one))
    await PartnerState.open.fn(page)
    assert page.status == "ready"
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.get(Partner, one.id)).status == PartnerStatus.ACTIVE


async def test_the_form_says_beside_the_field_what_is_wrong():
    state, _ = await at(OnboardingState, "/ops/partners")
    slug = f"h{new_id().hex[:12]}"
    form = {"name": "Harbour", "slug": "Not So", "plan": "free", "email": f"a@{slug}.example", "admin_name": ""}
    await OnboardingState.begin.fn(state)
    await OnboardingState.onboard.fn(state, form)
    assert (state.error_field, state.link) == ("slug", "")
    await OnboardingState.onboard.fn(state, form | {"slug": slug})
    assert "/invite/" in state.link
    assert state.made.startswith("/ops/partners/ptr_")
    await OnboardingState.close.fn(state)
    assert state.link == ""


async def test_a_region_is_chosen_where_there_are_several_and_shown_from_then_on(places):
    state, reference = await at(OnboardingState, "/ops/partners")
    await OnboardingState.begin.fn(state)
    assert state.regions == ["default", "eu", "in"]
    slug = f"h{new_id().hex[:12]}"
    form = {"name": "Harbour", "slug": slug, "plan": "free", "email": f"a@{slug}.example", "region": "mars"}
    await OnboardingState.onboard.fn(state, form)
    assert (state.error_field, state.link) == ("region", "")
    await OnboardingState.onboard.fn(state, form | {"region": "eu"})
    assert state.link
    listed = await screen(PartnersState, reference, f"/ops/partners?region=eu&q={slug}")
    await PartnersState.open.fn(listed)
    assert [(row.slug, row.region) for row in listed.rows] == [(slug, "eu")]
    page = await screen(PartnerState, reference, state.made)
    await PartnerState.open.fn(page)
    assert page.row.region == "eu"
