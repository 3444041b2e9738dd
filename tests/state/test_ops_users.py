"""The page of all people: filters in its address, and acts that the service decides."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.models.base import new_id
from backoffice.models.members import Member, Role
from backoffice.state.ops.user_acts import UserActsState
from backoffice.state.ops.users import UsersState
from tests.services.people import make_person
from tests.state.review_screen import screen, sign_in

pytestmark = pytest.mark.usefixtures("database")


async def at(url, role=Role.OPERATOR):
    """The acts of one tab, and the list beside them as it was opened."""
    _, reference = await sign_in(role)
    acts = await screen(UserActsState, reference, url)
    listed = await acts.get_state(UsersState)
    await UsersState.open.fn(listed)
    return acts, listed


async def read(member_id) -> Member:
    async with transaction(Tenancy.everyone()) as session:
        return await session.get(Member, member_id)


async def test_the_address_narrows_the_list():
    one, other = await make_person(Role.PARTNER_ANALYST), await make_person(Role.PARTNER_ANALYST)
    _, listed = await at(f"/ops/users?q={one.email}&role=partner_analyst&status=active&partner=nonsense")
    assert [row.email for row in listed.rows] == [one.email]
    assert other.email not in str(listed.rows)
    assert [chip.name for chip in listed.chips] == ["role", "partner", "q"]
    _, listed = await at(f"/ops/users?q={one.email}&partner=staff")
    assert listed.rows == []


async def test_an_operator_has_somebody_sent_a_link():
    person = await make_person(Role.PARTNER_ANALYST)
    acts, listed = await at(f"/ops/users?q={person.email}")
    [row] = listed.rows
    await UserActsState.ask.fn(acts, "reset", row.id)
    assert acts.asking == "reset"
    assert person.email in str(await UserActsState.send_reset.fn(acts))
    await UserActsState.ask.fn(acts, "reset", row.id)
    await UserActsState.send_reset.fn(acts)
    assert "a moment ago" in acts.error
    acts, listed = await at(f"/ops/users?q={person.email}", Role.AUDITOR)
    acts.one = listed.rows[0]
    await UserActsState.send_reset.fn(acts)
    assert "permission" in acts.error


async def test_an_operator_changes_disables_and_lets_in_again():
    person = await make_person(Role.PARTNER_ANALYST)
    acts, listed = await at(f"/ops/users?q={person.email}")
    [row] = listed.rows
    await UserActsState.ask.fn(acts, "role", row.id)
    assert [choice.role for choice in acts.roles] == ["partner_admin", "partner_developer", "partner_analyst"]
    await UserActsState.choose.fn(acts, "operator")
    await UserActsState.change_role.fn(acts)
    assert "belong to a partner" in acts.error
    await UserActsState.choose.fn(acts, "partner_developer")
    assert "signs in again" in str(await UserActsState.change_role.fn(acts))
    await UserActsState.ask.fn(acts, "disable", row.id)
    await UserActsState.disable.fn(acts, {"typed": "somebody"})
    assert acts.error_field == "typed"
    await UserActsState.disable.fn(acts, {"typed": person.email})
    assert (await read(person.id)).disabled_at is not None
    await UserActsState.ask.fn(acts, "enable", row.id)
    await UserActsState.enable.fn(acts)
    found = await read(person.id)
    assert (found.role, found.disabled_at) == (Role.PARTNER_DEVELOPER, None)
    await UserActsState.ask.fn(acts, "disable", "mem_of_nobody")
    assert acts.asking == ""


async def test_an_auditor_sees_people_and_changes_none():
    person = await make_person(Role.PARTNER_ANALYST)
    acts, listed = await at(f"/ops/users?q={person.email}", Role.AUDITOR)
    acts.one, acts.chosen = listed.rows[0], "partner_admin"
    for call in (
        UserActsState.change_role.fn(acts),
        UserActsState.disable.fn(acts, {"typed": person.email}),
        UserActsState.enable.fn(acts),
        UserActsState.end_sessions.fn(acts),
        UserActsState.invite.fn(acts, {"email": "x@y.example", "role": "operator"}),
    ):
        acts.error = ""
        await call
        assert "permission" in acts.error
    assert (await read(person.id)).role == Role.PARTNER_ANALYST


async def test_staff_are_invited_with_a_link_that_is_shown_once():
    acts, _ = await at("/ops/users?status=disabled")
    await UserActsState.begin.fn(acts)
    await UserActsState.invite.fn(acts, {"email": "nobody", "role": "reviewer"})
    assert acts.error_field == "email"
    await UserActsState.invite.fn(acts, {"email": f"{new_id().hex}@house.example", "role": "partner_admin"})
    assert "/invite/" in acts.link
    await UserActsState.close.fn(acts)
    assert (acts.link, acts.asking) == ("", "")
