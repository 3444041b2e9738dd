"""The page of engines: who may read documents again, and what the comparison shows."""

import pytest
from sqlalchemy import update

from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import engines as jobs
from backoffice.models.engines import Rescreen
from backoffice.models.members import Role
from backoffice.services import rescreens
from backoffice.state.ops.engines import EnginesState
from backoffice.viewmodels.engines import RescreenView
from tests.services.policy_cast import EVERYONE, screened
from tests.services.review_cast import make_cast
from tests.services.test_engines import Reader
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

PLACE = "/ops/engines"


@pytest.fixture
async def acme(database, monkeypatch):
    """A partner whose documents alone are there to be read again."""
    cast = await make_cast()
    async with transaction(EVERYONE) as session:
        await session.execute(update(Rescreen).where(Rescreen.status == "running").values(status="canceled"))
    begin = rescreens.begin

    async def of_this_partner(session, actor, **fields):
        return await begin(session, actor, partner_id=cast.partner.id, **fields)

    monkeypatch.setattr(rescreens, "begin", of_this_partner)
    return cast


async def opened(cast, role=Role.OPERATOR):
    state = await screen(EnginesState, await sign_in(cast, role), PLACE)
    await EnginesState.open.fn(state)
    return state


async def test_an_auditor_reads_and_starts_nothing(acme):
    state = await opened(acme, Role.AUDITOR)
    assert state.is_loaded
    assert "permission policies:write" in str(await EnginesState.start.fn(state))
    with pytest.raises(NotAllowed):
        await EnginesState.open.fn(await screen(EnginesState, await sign_in(acme, Role.REVIEWER), PLACE))


async def test_documents_read_again_show_what_differs(acme, monkeypatch):
    for _ in range(2):
        await screened(acme)
    state = await opened(acme, Role.REVIEW_LEAD)
    assert any(row.model == "rules@1" for row in state.rows)
    await EnginesState.look_back.fn(state, 4)
    assert state.days == 7
    await EnginesState.ask.fn(state)
    await EnginesState.start.fn(state)
    assert (state.is_asking, state.rescreen.status, state.rescreen.total) == (False, "running", 2)
    assert "being read again already" in str(await EnginesState.start.fn(state))
    monkeypatch.setattr(jobs, "screener", Reader)
    await jobs.rescreen(state.rescreen.id)
    await EnginesState.refresh.fn(state)
    assert (state.rescreen.status, state.rescreen.done) == ("done", 2)
    text = next(row for row in state.compared if row.name == "Readable text")
    assert (text.same, text.model, text.moves[0].was, text.moves[0].would) == ("0.0 %", "reader@2", "Passed", "Unsure")
    assert text.moves[0].example.startswith("doc_")
    assert "ended already" in str(await EnginesState.stop.fn(state))


async def test_stop_without_anything_to_stop(acme):
    state = await opened(acme)
    state.rescreen = RescreenView()
    assert "Nothing is being read again" in str(await EnginesState.stop.fn(state))
