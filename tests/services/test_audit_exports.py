"""The audit trail as a file: everything of the company, in order, and one entry that it was read."""

import json

import pytest
from sqlalchemy import func, select

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.exports import ExportFormat, ExportKind
from backoffice.models.members import Role
from backoffice.services import audit, audit_entries
from backoffice.services.audit_entries import Filter
from tests.services.review_cast import SYSTEM, make_cast, member
from tests.services.test_exports import begun, content, wish, written

pytestmark = pytest.mark.usefixtures("database")


async def fill(cast, number: int, action="document.created") -> None:
    async with transaction(SYSTEM.tenancy) as session:
        for _ in range(number):
            await audit.record(session, cast.api, action, changes={"status": [None, "submitted"]})


async def reads(cast) -> list[dict]:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.changes).where(
            AuditEntry.partner_id == cast.partner.id, AuditEntry.action == "audit.read"
        )
        return list((await session.execute(statement)).scalars())


async def test_only_who_reads_the_trail_takes_it_along():
    acme = await make_cast()
    for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST):
        with pytest.raises(NotAllowed):
            await begun(await member(acme, role), wish(kind=ExportKind.AUDIT_ENTRIES))


async def test_one_file_is_one_entry_however_many_pages(monkeypatch):
    monkeypatch.setattr("backoffice.services.export_sources.MAX_LIMIT", 2)
    acme, rival = await make_cast(), await make_cast()
    await fill(acme, 7)
    await fill(rival, 3)
    admin = await member(acme, Role.PARTNER_ADMIN)
    row = await written(admin, wish(ExportFormat.JSONL, ExportKind.AUDIT_ENTRIES, what="document"))
    lines = [json.loads(line) for line in (await content(admin, row)).splitlines()]
    assert (row.rows, {line["action"] for line in lines}) == (7, {"document.created"})
    assert json.loads(lines[0]["changes"]) == {"status": [None, "submitted"]}
    [entry] = await reads(acme)
    assert entry["filters"] == ["family"]
    assert entry["export"].startswith("exp_")
    assert await reads(rival) == []


async def test_each_page_on_a_screen_is_an_entry():
    acme = await make_cast()
    await fill(acme, 3)
    admin = await member(acme, Role.PARTNER_ADMIN)
    for _ in range(2):
        async with transaction(admin.tenancy) as session:
            await audit_entries.page(session, admin, Filter(limit=2))
    assert len(await reads(acme)) == 2


async def test_what_is_rare_is_found_further_back_page_by_page(monkeypatch):
    monkeypatch.setattr(audit_entries, "LOOKED_AT", 4)
    acme = await make_cast()
    await fill(acme, 1, "api_key.created")
    await fill(acme, 9)
    admin = await member(acme, Role.PARTNER_ADMIN)
    cursor, found, pages = None, [], 0
    while pages == 0 or cursor:
        async with transaction(admin.tenancy) as session:
            page = await audit_entries.page(session, admin, Filter(family="api_key", cursor=cursor))
        found, cursor, pages = [*found, *page.rows], page.next_cursor, pages + 1
    assert [one.entry.action for one in found] == ["api_key.created"]
    assert pages >= 3
    async with transaction(Tenancy.everyone()) as session:
        count = select(func.count()).where(AuditEntry.partner_id == acme.partner.id)
        assert (await session.execute(count)).scalar_one() >= 10
