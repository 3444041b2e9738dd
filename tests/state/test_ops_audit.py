"""The audit log of every workspace on its page: who sees it, its filters, one entry, and the seal."""

import contextlib
from uuid import uuid4

import pytest

from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.services import audit
from backoffice.state.gate import audience_of
from backoffice.state.ops.audit import LogState, log_url
from backoffice.state.sealing import SealingState
from tests.services.review_cast import SYSTEM, make_cast
from tests.services.test_audit_seals import EVERYONE, seal_all
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

pytestmark = pytest.mark.usefixtures("database")
PLACE = "/ops/audit"


async def note(cast, action, **more):
    async with transaction(EVERYONE) as session:
        await audit.record(session, SYSTEM, action, partner_id=cast.partner.id, **more)


async def opened(cast, url=PLACE, role=Role.AUDITOR):
    state = await screen(LogState, await sign_in(cast, role), url)
    await LogState.open.fn(state)
    return state


def of(cast):
    return f"{PLACE}?partner={public_id(Prefix.PARTNER, cast.partner.id)}"


async def test_only_staff_who_read_the_trail_open_it():
    acme = await make_cast()
    for role in (Role.REVIEWER, Role.REVIEW_LEAD, Role.PARTNER_ANALYST):
        with pytest.raises(NotAllowed):
            await opened(acme, role=role)
    assert (await opened(acme, of(acme), Role.OPERATOR)).is_read
    assert audience_of(SealingState.verify.fn).permissions == audience_of(LogState.open.fn).permissions


async def test_filters_stand_in_the_address():
    acme, rival, family = await make_cast(), await make_cast(), f"own{uuid4().hex[:8]}"
    await note(rival, f"{family}.theirs")
    await note(acme, f"{family}.ours", result="denied")
    await note(acme, "other.ours")
    both = await opened(acme, f"{PLACE}?what={family}")
    assert {row.action for row in both.rows} == {f"{family}.theirs", f"{family}.ours"}
    ours = await opened(acme, of(acme))
    assert {row.action for row in ours.rows} == {f"{family}.ours", "other.ours"}
    assert {row.workspace for row in ours.rows} == {acme.partner.name}
    narrow = await opened(acme, f"{of(acme)}&what={family}&result=denied&who=system&since=24h")
    assert [row.action for row in narrow.rows] == [f"{family}.ours"]
    assert [chip.label for chip in narrow.chips] == ["Workspace", "Actor", "Action", "Result", "Since"]
    assert (await opened(acme, f"{of(acme)}&q=203.0.113.99")).rows == []


async def test_an_entry_has_an_address_and_is_proved_by_its_hash():
    acme = await make_cast()
    await note(acme, "settings.changed", changes={"sla": [24, 168]})
    [row] = (await opened(acme, of(acme))).rows
    waiting = await opened(acme, row.href)
    assert waiting.opened.id == row.id
    assert [(one.name, one.before, one.after) for one in waiting.opened.differences] == [("Sla", "24", "168")]
    await seal_all()
    one = await opened(acme, row.href)
    assert "as it was sealed" in one.sealed
    assert not one.is_broken
    assert one.link.endswith(log_url({}, row.id))
    assert (await opened(acme, f"{PLACE}/aud_nonsense")).opened.id == ""


async def test_verifying_shows_up_on_the_line():
    acme = await make_cast()
    await note(acme, "test.done")
    await seal_all()
    state = await screen(SealingState, await sign_in(acme, Role.AUDITOR), PLACE)
    await SealingState.open.fn(state)
    with without_lock(state):
        said = [event async for event in SealingState.verify.fn(state)]
    assert "as it was sealed" in str(said)
    assert state.seal.words.startswith("Verified through entry ")
    assert (state.seal.is_bad, state.is_verifying) == (False, False)


@contextlib.contextmanager
def without_lock(state):
    """Stand in for the lock of a tab that a background event takes; there is one task here."""

    async def enter(self):
        return self

    async def leave(self, *error):
        return None

    kind = type(state)
    kind.__aenter__, kind.__aexit__ = enter, leave
    try:
        yield
    finally:
        del kind.__aenter__, kind.__aexit__
