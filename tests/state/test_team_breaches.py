"""Causes and "what if" on the team's page through their own handlers."""

import pytest

from backoffice.errors import NotAllowed
from backoffice.models.members import Role
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.review.breaches import BreachesState
from tests.state.review_screen import screen, sign_in
from tests.state.test_review import handlers_of

pytestmark = pytest.mark.usefixtures("database")


def test_handlers_are_for_leads():
    assert {one: audience_of(function).permissions for one, function in handlers_of(BreachesState).items()} == {
        "open": {Permission.QUEUE_MANAGE},
        "what_if": {Permission.QUEUE_MANAGE},
    }


async def opened(role=Role.REVIEW_LEAD) -> BreachesState:
    _, reference = await sign_in(role)
    state = await screen(BreachesState, reference, "/review/team")
    await state.open()
    return state


async def test_past_the_gate_a_reviewer_still_meets_the_service():
    with pytest.raises(NotAllowed):
        await opened(Role.REVIEWER)


async def test_it_begins_measured_and_counts_with_other_numbers():
    state = await opened()
    assert state.words
    assert float(state.minutes) >= 0.1
    await state.what_if({"what-arrivals": "30", "what-minutes": "2", "what-people": "0"})
    assert state.words.startswith("0 people close 0 an hour")
    assert state.error == ""
    before = state.words
    for wrong in ("", "x", "nan", "-1", "1e999"):
        await state.what_if({"what-arrivals": wrong, "what-minutes": "2", "what-people": "3"})
        assert state.error != ""
        assert state.words == before
    await state.what_if({"what-arrivals": "0", "what-minutes": "0", "what-people": "3"})
    assert state.error.startswith("From 0.1")
