"""The page of API keys: rotating, who is late, expiry and what a key never reads."""

from datetime import timedelta

import pytest

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.models.members import Role
from backoffice.services import api_keys
from backoffice.state.partner.keys import KeysState
from tests.services.review_cast import make_cast
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

PLACE = "/partner/developers/keys"


@pytest.fixture
async def acme(database):
    return await make_cast()


async def opened(cast, role=Role.PARTNER_DEVELOPER, **fields):
    """A screen with one key on it; answers the key's secret too."""
    state = await screen(KeysState, await sign_in(cast, role), PLACE)
    await KeysState.begin.fn(state)
    form = {"name": "server", "mode": "live", "scope:documents:read": "on"} | fields
    await KeysState.create.fn(state, form)
    secret = state.secret
    await KeysState.close.fn(state)
    return state, secret


async def use(secret):
    async with transaction(Tenancy.everyone()) as session:
        await api_keys.authenticate(session, secret, "203.0.113.9")


async def test_a_developer_reads_why_a_live_key_has_no_personal_data(acme):
    state, secret = await opened(acme, **{"scope:personal:read": "on"})
    assert (secret, state.rows) == ("", [])
    state = await screen(KeysState, await sign_in(acme, Role.PARTNER_DEVELOPER), PLACE)
    await KeysState.create.fn(state, {"name": "server", "mode": "live", "scope:personal:read": "on"})
    assert "A partner admin can make it." in state.error


async def test_nobody_rotates_another_partners_key(acme):
    state, _ = await opened(acme)
    stranger = await screen(KeysState, await sign_in(await make_cast()), PLACE)
    await KeysState.ask_rotate.fn(stranger, state.rows[0].id)
    with pytest.raises(NotFound):
        await KeysState.rotate.fn(stranger, {"grace": "24"})
    assert stranger.secret == ""


async def test_a_rotation_shows_each_of_its_steps(acme):
    state, old = await opened(acme)
    await KeysState.ask_rotate.fn(state, state.rows[0].id)
    await KeysState.rotate.fn(state, {"grace": "1"})
    new = state.secret
    [row] = state.rows
    assert (row.rotation, row.other_shown, row.late_uses) == ("pending", f"…{new[-4:]}", "")
    assert row.shown.endswith(old[-4:])
    await KeysState.close.fn(state)
    assert (state.secret, state.rotating) == ("", "")
    await use(new)
    await KeysState.refresh.fn(state)
    [row] = state.rows
    assert (row.rotation, row.other_shown, row.late_uses, row.late_at) == (
        "retiring",
        f"…{old[-4:]}",
        "not used since",
        "",
    )
    assert row.shown.endswith(new[-4:])
    for words in ("used once since", "used 2 times since"):
        await use(old)
        await KeysState.refresh.fn(state)
        assert state.rows[0].late_uses == words
        assert state.rows[0].late_at
    soon, late = now().isoformat()[:19], (now() + timedelta(hours=1)).isoformat()[:19]
    assert soon < state.rows[0].ends_at[:19] <= late


@pytest.mark.parametrize("grace", ["", "3", "-1", "nonsense", "168"])
async def test_a_strange_grace_is_the_usual_one(acme, grace):
    state, _ = await opened(acme)
    await KeysState.ask_rotate.fn(state, state.rows[0].id)
    await KeysState.rotate.fn(state, {"grace": grace})
    assert state.secret.startswith("kyc_live_")
    assert state.rows[0].rotation == "pending"


async def test_the_dialog_sets_an_expiry_and_what_is_never_read(acme):
    state, _ = await opened(acme, **{"expires": "30", "deny:surname": "on", "deny:date_of_birth": "on"})
    [row] = state.rows
    assert row.denied == "date_of_birth, surname"
    assert row.expires_at[:10] == (now() + timedelta(days=30)).isoformat()[:10]
    await KeysState.create.fn(state, {"name": "x", "mode": "test", "scope:documents:read": "on", "expires": "9999"})
    assert state.rows[0].expires_at == ""


async def test_a_revoked_key_shows_no_rotation(acme):
    state, _ = await opened(acme)
    row_id = state.rows[0].id
    await KeysState.ask_rotate.fn(state, row_id)
    await KeysState.rotate.fn(state, {"grace": "24"})
    await KeysState.ask.fn(state, row_id)
    await KeysState.revoke.fn(state)
    assert (state.rows[0].status, state.rows[0].rotation) == ("revoked", "")
