"""The pages of the console that show the machinery and all partners together."""

import pytest

from backoffice.models.members import Role
from backoffice.state.ops.health import HealthState
from backoffice.state.ops.overview import OverviewState
from tests.services.test_job_desks import broken, name, state_of
from tests.state.review_screen import screen, sign_in

pytestmark = pytest.mark.usefixtures("database")


async def at(state, url, role=Role.OPERATOR):
    _, reference = await sign_in(role)
    one = await screen(state, reference, url)
    await state.open.fn(one)
    return one


async def test_failed_jobs_are_asked_about_and_answered():
    one, other = await broken(name()), await broken(name())
    state = await at(HealthState, "/ops/health")
    assert (len(state.parts), state.status) == (11, "down")
    assert {one, other} <= {row.id for row in state.failed}
    await HealthState.ask.fn(state, "nonsense", one)
    assert state.asking == ""
    await HealthState.ask.fn(state, "retry", one)
    assert (state.asking, state.one.arguments) == ("retry", "document_id x")
    assert "runs again" in str(await HealthState.answer.fn(state))
    await HealthState.ask.fn(state, "discard", other)
    await HealthState.answer.fn(state)
    assert (await state_of(one), await state_of(other)) == (("queued", 0), None)
    assert not {one, other} & {row.id for row in state.failed}


async def test_an_auditor_answers_nothing():
    job_id = await broken(name())
    state = await at(HealthState, "/ops/health", Role.AUDITOR)
    await HealthState.ask.fn(state, "discard", job_id)
    assert "permission jobs:write" in str(await HealthState.answer.fn(state))
    assert await state_of(job_id) == ("failed", 7)


async def test_the_overview_is_read():
    state = await at(OverviewState, "/ops", Role.AUDITOR)
    assert state.is_loaded
    assert len(state.found.days) == len(state.found.before) == 7
