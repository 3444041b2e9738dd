"""The page of roles: for who may read people, and refused to everybody else."""

import pytest

from backoffice.errors import NotAllowed
from backoffice.models.members import Role
from backoffice.state.ops.roles import RolesState
from tests.services.people import make_person
from tests.state.review_screen import screen, sign_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
async def test_it_shows_every_role_and_every_permission(role):
    await make_person(Role.PARTNER_ANALYST)
    _, reference = await sign_in(role)
    state = await screen(RolesState, reference, "/ops/roles")
    await RolesState.open.fn(state)
    assert [one.role for one in state.cards][:2] == ["reviewer", "review_lead"]
    assert len(state.cards) == len(Role)
    [erase] = [row for row in state.rows if row.permission == "applicants:erase"]
    assert [one.role for one in erase.grants if one.is_granted] == ["partner_admin"]


async def test_a_reviewer_is_refused():
    _, reference = await sign_in(Role.REVIEWER)
    state = await screen(RolesState, reference, "/ops/roles")
    with pytest.raises(NotAllowed, match="operator"):
        await RolesState.open.fn(state)
    assert state.rows == []
