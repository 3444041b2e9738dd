"""The documentation's page: who gets a test key there, what it may see, and that it stays in the tab."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.members import Role
from backoffice.services import api_keys
from backoffice.services.access import Permission
from backoffice.services.permissions import ROLE_PERMISSIONS, SCOPES
from backoffice.state.gate import audience_of
from backoffice.state.partner.docs import KEY_NAME, DocsState
from tests.services.review_cast import SYSTEM, make_cast
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

PATH = "/partner/developers/docs"


async def keys_of(partner_id):
    async with transaction(Tenancy.of(partner_id)) as session:
        page = await api_keys.page(session, SYSTEM, limit=100)
    return [key for key in page.rows if key.partner_id == partner_id]


async def test_an_analyst_gets_no_key(database):
    cast = await make_cast()
    state = await screen(DocsState, await sign_in(cast, Role.PARTNER_ANALYST), PATH)
    with pytest.raises(NotAllowed):
        await DocsState.create_key.fn(state)
    assert state.secret == ""
    assert await keys_of(cast.partner.id) == []
    assert audience_of(DocsState.create_key.fn).permissions == {Permission.KEYS_WRITE}
    assert Permission.KEYS_WRITE not in ROLE_PERMISSIONS[Role.PARTNER_ANALYST]


async def test_one_click_makes_a_test_key_of_ones_own_company(database):
    cast, rival = await make_cast(), await make_cast()
    state = await screen(DocsState, await sign_in(cast, Role.PARTNER_DEVELOPER), PATH)
    await DocsState.open.fn(state)
    await DocsState.create_key.fn(state)
    assert state.secret.startswith("kyc_test_")
    (key,) = await keys_of(cast.partner.id)
    expected = {str(scope) for scope in SCOPES - {Permission.AUDIT_READ}}
    assert (key.name, key.livemode, set(key.scopes)) == (KEY_NAME, False, expected)
    assert await keys_of(rival.partner.id) == []
    async with transaction(Tenancy.everyone()) as session:
        caller = await api_keys.authenticate(session, state.secret, "127.0.0.1")
    assert (caller.actor.partner_id, caller.actor.livemode) == (cast.partner.id, False)


async def test_opening_the_page_anew_forgets_the_key(database):
    state = await screen(DocsState, await sign_in(await make_cast()), PATH)
    await DocsState.create_key.fn(state)
    await DocsState.open.fn(state)
    assert (state.secret, state.is_ready) == ("", True)
    await DocsState.create_key.fn(state)
    await DocsState.leave.fn(state)
    assert (state.secret, state.is_ready) == ("", False)
