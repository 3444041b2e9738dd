"""The question before an operator looks: what for, with a fresh proof, and the way there."""

from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from backoffice.db import Tenancy, transaction
from backoffice.errors import StepUpRequired
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role, Session
from backoffice.models.viewings import Viewing
from backoffice.services.sessions import REFERENCE_HEADER
from backoffice.state.ops.viewing import ViewingState
from tests.services.people import make_partner
from tests.services.test_viewings import WHY
from tests.state.review_screen import screen, sign_in

pytestmark = pytest.mark.usefixtures("database")


async def at_partner(role=Role.OPERATOR):
    partner_id = await make_partner()
    _, reference = await sign_in(role)
    return partner_id, await screen(ViewingState, reference, f"/ops/partners/{public_id(Prefix.PARTNER, partner_id)}")


async def looks(partner_id) -> int:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(func.count()).select_from(Viewing).where(Viewing.partner_id == partner_id)
        return (await session.execute(statement)).scalar_one()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER, Role.REVIEW_LEAD])
async def test_others_are_told_and_begin_nothing(role):
    partner_id, state = await at_partner(role)
    await ViewingState.start.fn(state, {"purpose": WHY})
    assert "workspaces:look" in state.error
    assert (state.goes_to, await looks(partner_id)) == ("", 0)


async def test_a_purpose_is_asked_for_and_a_double_click_is_one_look():
    partner_id, state = await at_partner()
    await ViewingState.ask.fn(state)
    await ViewingState.start.fn(state, {"purpose": "why"})
    assert state.is_asking
    assert "at least 10 characters" in state.error
    for _ in range(2):
        await ViewingState.start.fn(state, {"purpose": WHY})
    assert (state.is_asking, state.error, state.goes_to) == (False, "", "/partner")
    assert await looks(partner_id) == 1
    await ViewingState.close.fn(state)
    assert state.goes_to == ""


async def test_an_old_proof_is_asked_for_again_and_what_was_typed_stays():
    partner_id, state = await at_partner()
    await ViewingState.ask.fn(state)
    async with transaction(Tenancy.everyone()) as session:
        reference = state.router_data["headers"][REFERENCE_HEADER]
        await session.execute(update(Session).where(Session.id == UUID(reference)).values(confirmed_at=None))
    with pytest.raises(StepUpRequired):
        await ViewingState.start.fn(state, {"purpose": WHY})
    assert (state.is_asking, state.goes_to, await looks(partner_id)) == (True, "", 0)


async def test_an_address_of_no_partner_is_refused():
    _, reference = await sign_in(Role.OPERATOR)
    state = await screen(ViewingState, reference, f"/ops/partners/{public_id(Prefix.PARTNER, new_id())}")
    await ViewingState.start.fn(state, {"purpose": WHY})
    assert state.error == "There is no partner with this id."
