"""What was refused is in the trail: once a minute for each who and what, with a count, and in nobody else's trail."""

import pytest
from sqlalchemy import text

from backoffice.api.refusals import note_page
from backoffice.db import Tenancy, transaction
from backoffice.models.members import Role
from tests.services.review_cast import make_cast, member

pytestmark = pytest.mark.usefixtures("database")


async def refused_of(partner_id, action="request.refused"):
    sql = "select changes, result, actor_type, ip from audit_entries where partner_id = :p and action = :a order by id"
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(text(sql), {"p": partner_id, "a": action})).all()


async def test_a_key_without_the_scope_is_written_down_once_a_minute(client, acme, rival):
    before, others = await refused_of(acme.partner_id), await refused_of(rival.partner_id)
    headers = await acme.headers("narrow", scopes={"metrics:read"})
    for _ in range(5):
        assert (await client.get("/api/v1/audit_entries", headers=headers)).status_code == 403
    [entry] = (await refused_of(acme.partner_id))[len(before) :]
    assert entry.changes == {"method": "GET", "path": "/audit_entries", "code": "insufficient_scope"}
    assert (entry.result, entry.actor_type) == ("denied", "api_key")
    assert await refused_of(rival.partner_id) == others


async def test_a_page_that_is_not_open_is_written_down_in_its_readers_own_trail():
    acme = await make_cast()
    analyst = await member(acme, Role.PARTNER_ANALYST)
    for page in ("/partner/audit", "/partner/team"):
        await note_page(analyst, page)
    [entry] = await refused_of(acme.partner.id, "page.refused")
    assert (entry.changes, entry.actor_type) == ({"page": "/partner/audit"}, "member")


async def test_a_stranger_writes_nothing(client, acme):
    before = await refused_of(acme.partner_id)
    for headers in ({}, {"Authorization": "Bearer kyc_live_nonsense"}):
        assert (await client.get("/api/v1/audit_entries", headers=headers)).status_code == 401
    assert await refused_of(acme.partner_id) == before
