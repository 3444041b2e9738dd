"""Exports: outsiders first, then files that hold what their list shows, in every form, through crashes and closing."""

import asyncio
import csv
import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select, text

from backoffice.adapters import sheets
from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.jobs import exports as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.events import Event
from backoffice.models.exports import KEPT, MOST_RUNNING, Asked, Export, ExportFormat, ExportKind, ExportStatus
from backoffice.models.members import Member, Role
from backoffice.models.usage import ApiRequest
from backoffice.services import (
    document_tags,
    documents,
    export_books,
    export_counts,
    export_letters,
    export_parts,
    exports,
)
from backoffice.services.export_parts import Part
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


def wish(form=ExportFormat.CSV, kind=ExportKind.DOCUMENTS, **filters) -> Asked:
    return Asked(uuid4(), kind, form, livemode=True, filters=filters)


async def begun(actor, asked=None) -> Export:
    key = await exports.wrap_key(actor.partner_id)
    async with transaction(actor.tenancy) as session:
        return await exports.begin(session, actor, asked or wish(), key)


async def written(actor, asked=None) -> Export:
    row = await begun(actor, asked)
    await jobs.write(str(row.id))
    return await read(row)


async def read(row) -> Export:
    async with transaction(EVERYONE) as session:
        return await session.get(Export, row.id)


async def content(actor, row) -> bytes:
    async with transaction(actor.tenancy) as session:
        found, key = await exports.opened(session, actor, row.id)
    return b"".join([await export_parts.get(found, key, Part.FINAL, number) for number in range(found.parts)])


def lines_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


async def test_no_stranger_sees_fetches_or_stops_an_export():
    acme, rival = await make_cast(), await make_cast()
    admin, colleague = [await member(acme, role) for role in (Role.PARTNER_ADMIN, Role.PARTNER_ANALYST)]
    row = await written(admin)
    for outsider in (await member(rival, Role.PARTNER_ADMIN), colleague):
        for ask in (exports.get, exports.opened, exports.cancel):
            with pytest.raises(NotFound):
                async with transaction(outsider.tenancy) as session:
                    await ask(session, outsider, row.id)
        async with transaction(outsider.tenancy) as session:
            assert (await exports.page(session, outsider)).rows == []
    boss = await member(acme, Role.PARTNER_ADMIN)
    theirs = await written(colleague)
    async with transaction(boss.tenancy) as session:
        assert {one.id for one in (await exports.page(session, boss)).rows} == {row.id, theirs.id}


async def test_who_may_not_see_a_list_cannot_export_it():
    acme = await make_cast()
    analyst = await member(acme, Role.PARTNER_ANALYST)
    with pytest.raises(NotAllowed):
        await begun(analyst, wish(kind=ExportKind.API_REQUESTS))
    with pytest.raises(NotAllowed):
        await begun(acme.api)


async def test_a_file_holds_what_its_list_shows_and_nothing_of_others():
    acme, rival = await make_cast(), await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    ours = [await submitted(acme, external_id=f"user-{number}") for number in range(7)]
    await submitted(acme, livemode=False)
    await submitted(rival)
    async with transaction(SYSTEM.tenancy) as session:
        first = await documents.get(session, SYSTEM, ours[0], lock=True)
        await documents.change_status(session, SYSTEM, first, DocumentStatus.CANCELED)
    row = await written(actor)
    found = lines_of(await content(actor, row))
    assert [line["id"] for line in found] == [public_id(Prefix.DOCUMENT, one) for one in reversed(ours)]
    assert (row.rows, row.status, found[-1]["status"]) == (7, ExportStatus.READY, "canceled")
    few = await written(actor, wish(status="canceled", nonsense="1", mode="test"))
    assert few.filters == {"status": "canceled"}
    assert [line["external_id"] for line in lines_of(await content(actor, few))] == ["user-0"]
    assert "Okonkwo" not in (await content(actor, row)).decode()


async def test_what_comes_while_it_is_written_is_left_out():
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    await submitted(acme)
    row = await begun(actor)
    await submitted(acme)
    await jobs.write(str(row.id))
    assert (await read(row)).rows == 1


@pytest.mark.parametrize("form", [ExportFormat.CSV, ExportFormat.JSONL, ExportFormat.XLSX])
async def test_every_form_says_the_same_over_several_parts(form, monkeypatch):
    monkeypatch.setattr(exports, "PART_LINES", 2)
    monkeypatch.setattr("backoffice.services.export_sources.MAX_LIMIT", 2)
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    ours = [await submitted(acme, external_id=f"=cmd|{number}") for number in range(5)]
    row = await written(actor, wish(form))
    data = await content(actor, row)
    wanted = [public_id(Prefix.DOCUMENT, one) for one in reversed(ours)]
    assert (row.rows, row.size) == (5, len(data))
    if form == ExportFormat.CSV:
        assert row.parts == 3
        assert [line["id"] for line in lines_of(data)] == wanted
        assert lines_of(data)[0]["external_id"] == "'=cmd|4", "no spreadsheet runs it"
    elif form == ExportFormat.JSONL:
        found = [json.loads(line) for line in data.splitlines()]
        assert [line["id"] for line in found] == wanted
        assert (found[0]["external_id"], found[0]["livemode"], found[0]["outcome"]) == ("=cmd|4", True, None)
    else:
        assert row.drafts == 3
        assert [cells[0] for cells in sheet(data)] == ["id", *wanted]
        assert sheet(data)[1][1] == "=cmd|4"
        assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml"), "a text, no formula"


def sheet(data: bytes) -> list[list[str]]:
    """Read the texts of a workbook's rows without the library that wrote them."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    tree = ET.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml"))  # noqa: S314 ours
    return [
        ["".join(text.text or "" for text in cell.iter(f"{space}t")) for cell in line.iter(f"{space}c")]
        for line in tree.iter(f"{space}row")
    ]


async def test_nothing_to_list_is_a_file_with_a_head():
    actor = await member(await make_cast(), Role.PARTNER_ANALYST)
    row = await written(actor)
    data = await content(actor, row)
    assert (row.rows, data.decode().split("\r\n")[1:]) == (0, [""])
    assert data.startswith(b"id,external_id,")


async def test_a_double_click_is_one_export_and_six_are_too_many():
    actor = await member(await make_cast(), Role.PARTNER_ANALYST)
    asked = wish()
    first, again = await begun(actor, asked), await begun(actor, asked)
    assert first.id == again.id
    for _ in range(MOST_RUNNING - 2):
        await begun(actor)
    last = wish()
    assert (await begun(actor, last)).id == (await begun(actor, last)).id, "also when it was the last that fits"
    with pytest.raises(Conflict, match="being written already") as refused:
        await begun(actor)
    assert refused.value.code == "too_many_exports"
    async with transaction(actor.tenancy) as session:
        await exports.cancel(session, actor, first.id)
    await begun(actor)


async def test_a_worker_that_dies_loses_one_part_at_most(monkeypatch):
    monkeypatch.setattr(exports, "PART_LINES", 2)
    monkeypatch.setattr("backoffice.services.export_sources.MAX_LIMIT", 2)
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    ours = [await submitted(acme) for _ in range(5)]
    for form in (ExportFormat.CSV, ExportFormat.XLSX):
        row = await begun(actor, wish(form))
        async with transaction(SYSTEM.tenancy) as session:
            assert await exports.step(session, SYSTEM, row.id)
        with pytest.raises(RuntimeError):
            async with transaction(SYSTEM.tenancy) as session:
                await exports.step(session, SYSTEM, row.id)
                raise RuntimeError("killed after it wrote the part")
        assert (await read(row)).rows == 2
        await jobs.write(str(row.id))
        found = await read(row)
        data = await content(actor, found)
        got = (
            [line["id"] for line in lines_of(data)] if form == ExportFormat.CSV else [one[0] for one in sheet(data)[1:]]
        )
        assert got == [public_id(Prefix.DOCUMENT, one) for one in reversed(ours)]


@pytest.mark.parametrize("is_cleared_before", [True, False])
async def test_a_workbook_can_be_stopped_while_it_is_bound_and_leaves_nothing(monkeypatch, is_cleared_before):
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    await submitted(acme)
    row, bind, made = await begun(actor, wish(ExportFormat.XLSX)), export_books.bind, []

    async def stopped_meanwhile(waiting):
        async with transaction(actor.tenancy) as session:
            await exports.cancel(session, actor, row.id)
        if is_cleared_before:
            await jobs.discard()
        made.append(await bind(waiting))
        return made[-1]

    monkeypatch.setattr(export_books, "bind", stopped_meanwhile)
    await jobs.write(str(row.id))
    found = await read(row)
    assert (found.status, found.wrapped) == (ExportStatus.CANCELED, None)
    assert [one.parts for one in made] == ([] if is_cleared_before else [1])
    with pytest.raises(NotFound):
        await export_parts.get(found, b"0" * 32, Part.FINAL, 0)


async def test_a_workbook_that_is_bound_twice_has_the_same_bytes():
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    await submitted(acme)
    row = await begun(actor, wish(ExportFormat.XLSX))
    async with transaction(SYSTEM.tenancy) as session:
        assert await exports.step(session, SYSTEM, row.id)
    async with transaction(SYSTEM.tenancy) as session:
        waiting = await export_books.waiting(session, SYSTEM, row.id)
    key, files = await export_parts.key_of(waiting), []
    for _ in range(2):
        await export_books.bind(waiting)
        files.append(await export_parts.get(waiting, key, Part.FINAL, 0))
        await asyncio.sleep(2.1)  # a ZIP counts in steps of two seconds
    assert files[0] == files[1]


async def test_nothing_stays_behind_of_what_was_stopped_half_way():
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ADMIN)
    await submitted(acme)
    row = await begun(actor, wish(q="Okonkwo"))
    with pytest.raises(RuntimeError):
        async with transaction(SYSTEM.tenancy) as session:
            await exports.step(session, SYSTEM, row.id)
            raise RuntimeError("killed after it wrote the part")
    assert (await read(row)).parts == 0
    async with transaction(actor.tenancy) as session:
        stopped = await exports.cancel(session, actor, row.id)
        assert stopped.filters == {}, "what was searched for may have been a name"
    await jobs.discard()
    with pytest.raises(NotFound):
        await export_parts.get(row, b"0" * 32, Part.FINAL, 0)
    assert (await read(row)).discarded_at is not None


async def test_a_lost_job_is_found_again():
    actor = await member(await make_cast(), Role.PARTNER_ANALYST)
    with at(now() - timedelta(minutes=5)):
        row = await begun(actor)
    key = {"key": f"{exports.JOB}:{row.id}"}
    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from pgqueuer where dedupe_key = :key"), key)
    await jobs.enqueue_lost()
    async with transaction(EVERYONE) as session:
        waiting = await session.execute(text("select count(*) from pgqueuer where dedupe_key = :key"), key)
        assert waiting.scalar_one() == 1


async def test_a_closed_account_gets_no_file():
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    row = await begun(actor)
    async with transaction(EVERYONE) as session:
        (await session.get(Member, actor.id)).disabled_at = now()
    await jobs.write(str(row.id))
    found = await read(row)
    assert (found.status, found.failure) == (ExportStatus.FAILED, "The account that asked for this was closed.")
    assert found.wrapped is None


async def test_a_sheet_that_would_not_hold_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(export_counts, "SHEET_ROWS", 1)
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST)
    for _ in range(2):
        await submitted(acme)
    row = await written(actor, wish(ExportFormat.XLSX))
    assert row.status == ExportStatus.FAILED
    assert "Export it as CSV" in row.failure


async def test_it_is_told_once_ready_and_gone_after_a_day():
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ANALYST, "Ines Moreau")
    await submitted(acme)
    row = await written(actor)
    async with transaction(EVERYONE) as session:
        told = (await session.execute(select(Event.type).where(Event.subject_id == row.id))).scalars().all()
        letter = (await export_letters.addressed(session, SYSTEM, row.id)).letter
    assert told == ["export.ready"]
    assert ("Rows", "1") in letter.facts
    await content(actor, row)
    with at(row.expires_at + timedelta(seconds=1)):
        with pytest.raises(NotFound, match="Export the list again"):
            await content(actor, row)
        await jobs.discard()
    gone = await read(row)
    assert (gone.status, gone.wrapped, gone.parts) == (ExportStatus.EXPIRED, None, 0)
    with pytest.raises(NotFound):
        await export_parts.get(gone, b"0" * 32, Part.FINAL, 0)
    async with transaction(EVERYONE) as session:
        actions = select(AuditEntry.action).where(AuditEntry.subject_id == row.id).order_by(AuditEntry.id)
        done = (await session.execute(actions)).scalars().all()
        assert await export_letters.addressed(session, SYSTEM, row.id) is None
    assert done == ["export.asked", "export.ready", "export.fetched", "export.expired"]
    assert row.expires_at - row.finished_at == KEPT


async def test_the_log_of_requests_can_be_taken_along():
    acme = await make_cast()
    actor, wanted = await member(acme, Role.PARTNER_DEVELOPER), ["/documents/c", "/documents/b", "/documents/a"]
    with at(now() - timedelta(minutes=1)):
        rows = [
            ApiRequest(
                partner_id=acme.partner.id, livemode=True, key_id=new_id(), method="GET", route="/documents", path=path,
                status=200, duration_ms=1.25,
            )
            for path in reversed(wanted)
        ]  # fmt: skip
        async with transaction(EVERYONE) as session:
            session.add_all(rows)
    row = await written(actor, wish(ExportFormat.JSONL, ExportKind.API_REQUESTS))
    found = [json.loads(line) for line in (await content(actor, row)).splitlines()]
    assert [line["path"] for line in found] == wanted
    assert found[0]["duration_ms"] == 1.25


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_spreadsheet_runs_nothing(value):
    assert sheets.csv([{"a": value}], ["a"], with_head=False).decode().lstrip('"').startswith("'")


def test_other_values_stay_as_they_are():
    line = {"a": -1, "b": None, "c": True, "d": 'say "hi", twice', "e": "Ünï"}
    assert sheets.csv([line], list("abcde"), with_head=True).decode() == (
        'a,b,c,d,e\r\n-1,,True,"say ""hi"", twice",Ünï\r\n'
    )


async def test_every_document_is_counted_where_the_list_counts_it():
    acme = await make_cast()
    actor = await member(acme, Role.PARTNER_ADMIN)
    for _ in range(3):
        await submitted(acme)
    row = await written(actor)
    async with transaction(actor.tenancy) as session:
        listed = (await session.execute(select(Document).where(Document.livemode))).scalars().all()
    assert row.rows == len(listed)


async def test_a_selection_leaves_as_it_was_ticked_and_nothing_of_a_stranger_with_it():
    acme, rival = await make_cast(), await make_cast()
    actor, theirs = await member(acme, Role.PARTNER_ADMIN), await submitted(rival)
    first, second, _ = [await submitted(acme) for _ in range(3)]
    async with transaction(actor.tenancy) as session:
        await document_tags.add(session, actor, first, "vip")
        await document_tags.add(session, actor, first, "late")
    ids = ",".join(public_id(Prefix.DOCUMENT, one) for one in (first, theirs, second))
    lines = lines_of(await content(actor, await written(actor, wish(ids=ids))))
    assert [line["id"] for line in lines] == [public_id(Prefix.DOCUMENT, one) for one in (second, first)]
    assert [line["tags"] for line in lines] == ["", "late vip"]
    assert lines_of(await content(actor, await written(actor, wish(ids="nonsense")))) == []
    tagged = lines_of(await content(actor, await written(actor, wish(tag="vip"))))
    assert [line["id"] for line in tagged] == [public_id(Prefix.DOCUMENT, first)]
