"""A tab whose old socket is still written down: it gets its state again when it comes back, a copy of it does not."""

import uuid

import pytest

from backoffice.models.members import Role
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import ROOT, tab

pytestmark = pytest.mark.usefixtures("database")
NOTICE = f"{ROOT}.backoffice___state___notices____notice_state.show"


async def test_nobody_else_comes_back_to_a_tab(web):
    token, said = str(uuid.uuid4()), uuid.uuid4().hex
    async with (
        signed_in(web, Role.PARTNER_ADMIN) as (_, owner),
        tab(web.url, cookie=cookie_of(owner), token=token) as one,
    ):
        await one.send(NOTICE, {"kind": "info", "text": said})
        await one.until(lambda mine: said in mine.messages)
        async with (
            signed_in(web, Role.PARTNER_ADMIN) as (_, other),
            tab(web.url, cookie=cookie_of(other), token=token, returns=True) as theirs,
        ):
            await theirs.settle()
            assert said not in theirs.everything
        async with tab(web.url, token=token, returns=True) as stranger:
            assert said not in stranger.everything
        await one.settle()


async def test_a_tab_that_comes_back_has_its_state(web):
    token, said = str(uuid.uuid4()), uuid.uuid4().hex
    async with signed_in(web, Role.PARTNER_ADMIN) as (_, client):
        async with tab(web.url, cookie=cookie_of(client), token=token) as cut:
            await cut.send(NOTICE, {"kind": "info", "text": said})
            await cut.until(lambda mine: said in mine.messages)
            async with tab(web.url, cookie=cookie_of(client), token=token, returns=True) as back:
                assert "new_token" not in back.everything
                assert said in back.everything
                await cut.closed()
        async with tab(web.url, cookie=cookie_of(client), token=token, returns=True) as again:
            assert said in again.everything, "the end of the old socket takes nothing away"


async def test_a_copy_of_a_tab_begins_anew(web):
    token, said = str(uuid.uuid4()), uuid.uuid4().hex
    async with (
        signed_in(web, Role.PARTNER_ADMIN) as (_, client),
        tab(web.url, cookie=cookie_of(client), token=token) as first,
    ):
        await first.send(NOTICE, {"kind": "info", "text": said})
        await first.until(lambda mine: said in mine.messages)
        async with tab(web.url, cookie=cookie_of(client), token=token) as copy:
            assert "new_token" in copy.everything
            assert said not in copy.everything
        await first.settle()
