"""`/invoices` and `/usage_records`: who may not, what a month looks like, and that every line opens what it counts."""

import re
from datetime import timedelta
from io import BytesIO

import pytest

from backoffice.api.texts import THINGS
from backoffice.clock import at
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.services import invoice_sheets, invoices
from backoffice.services.access import Actor
from tests.api.world import World
from tests.services.billing_cast import billed_cast, finalized, fresh_month, records_of, used
from tests.test_upgrade import ROOT

URL = "/api/v1/invoices"


@pytest.fixture
async def billed(database):
    """A partner with one final month and one that goes on; answers a moment in it."""
    month = fresh_month()
    cast = await billed_cast(month)
    await used(cast, month.starts + timedelta(days=1), 5)
    await finalized(cast, month)
    await used(cast, month.ends + timedelta(days=1), 2)
    return cast, World(cast.partner.id), month.ends + timedelta(days=2)


async def get(client, world, path, moment, *, name="live", **options):
    headers = await world.headers(name, **options)
    with at(moment):
        return await client.get(path, headers=headers)


async def test_a_key_without_the_scope_sees_records_and_no_money(client, billed):
    cast, world, moment = billed
    scopes = {"scopes": ["usage:read"]}
    assert (await get(client, world, "/api/v1/usage_records", moment, name="few", **scopes)).status_code == 200
    listed = await get(client, world, URL, moment, name="few", **scopes)
    assert (listed.status_code, listed.json()["code"]) == (403, "insufficient_scope")
    key = public_id(Prefix.DOCUMENT, (await records_of(cast))[0].document_id).replace("doc_", "inv_")
    through = await get(client, world, f"/api/v1/usage_records?invoice_id={key}&line=1", moment, name="few", **scopes)
    assert (through.status_code, through.json()["code"]) == (403, "insufficient_scope")


async def test_another_partner_and_test_keys_find_nothing(client, billed, rival):
    _, world, moment = billed
    ids = [one["id"] for one in (await get(client, world, URL, moment)).json()["data"]]
    for stranger, options in ((rival, {}), (world, {"name": "test", "livemode": False})):
        listed = (await get(client, stranger, URL, moment, **options)).json()["data"]
        assert {one["id"] for one in listed}.isdisjoint(ids)
        assert listed == [] or stranger is rival
        assert (await get(client, stranger, "/api/v1/usage_records", moment, **options)).json()["data"] == []
        for key in ids:
            for path in (f"{URL}/{key}", f"{URL}/{key}/pdf", f"/api/v1/usage_records?invoice_id={key}&line=2"):
                assert (await get(client, stranger, path, moment, **options)).status_code == 404, path


async def test_a_month_is_provisional_until_it_is_final(client, billed):
    _, world, moment = billed
    draft, final = (await get(client, world, URL, moment)).json()["data"]
    assert (draft["status"], draft["provisional"], draft["finalized_at"]) == ("draft", True, None)
    assert (final["status"], final["provisional"]) == ("finalized", False)
    assert (final["currency"], final["total"]) == ("EUR", 4_900 + 61)
    assert [(line["kind"], line["quantity"], line["unit_price"], line["amount"]) for line in final["lines"]] == [
        ("plan_fee", 1, "4900", 4_900),
        ("document_screened", 3, "0", 0),
        ("document_screened", 2, "30.5", 61),
    ]
    for one in (draft, final):
        assert (await get(client, world, f"{URL}/{one['id']}", moment)).json() == one
        assert one["total"] == sum(line["amount"] for line in one["lines"])


async def test_every_line_opens_the_records_that_it_counts(client, billed):
    cast, world, moment = billed
    seen = []
    for one in (await get(client, world, URL, moment)).json()["data"]:
        for line in one["lines"]:
            path = f"/api/v1/usage_records?invoice_id={one['id']}&line={line['position']}&limit=100"
            found = (await get(client, world, path, moment)).json()["data"]
            assert len(found) == (line["quantity"] if line["kind"] != "plan_fee" else 0)
            seen += [record["id"] for record in found]
    assert sorted(seen) == sorted(public_id(Prefix.USAGE_RECORD, row.id) for row in await records_of(cast))
    missing = await get(client, world, f"/api/v1/usage_records?invoice_id={one['id']}&line=99", moment)
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (404, "/line")


async def test_pages_hold_drafts_and_final_ones_in_one_order(client, billed):
    _, world, moment = billed
    whole = [one["id"] for one in (await get(client, world, URL, moment)).json()["data"]]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await get(client, world, f"{URL}?limit=1{cursor}", moment)).json()
        seen += [one["id"] for one in page["data"]]
        cursor = f"&cursor={page['next_cursor']}" if page["has_more"] else None
    assert seen == whole
    assert len(whole) == 2
    assert (await get(client, world, f"{URL}?cursor=inv_x", moment)).json()["code"] == "invalid_cursor"


async def test_the_file_says_what_the_invoice_says(client, billed):
    cast, world, moment = billed
    draft, final = (await get(client, world, URL, moment)).json()["data"]
    for one in (draft, final):
        answer = await get(client, world, f"{URL}/{one['id']}/pdf", moment)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-")
        assert one["number"] in answer.headers["content-disposition"]
        words = text_of(answer.content)
        assert ("Provisional" in words) is one["provisional"]
        assert cast.partner.name in words
        for line in one["lines"]:
            assert line["description"] in words
        assert f"€{one['total'] / 100:,.2f}" in words


def text_of(data: bytes) -> str:
    import pypdfium2

    pages = pypdfium2.PdfDocument(BytesIO(data))
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


async def test_the_same_invoice_gives_the_same_bytes(billed):
    cast, _, moment = billed
    actor = Actor.system(cast.partner.id)
    with at(moment):
        async with transaction(actor.tenancy) as session:
            [row] = (await invoices.page(session, actor)).rows
        first, second = [await invoice_sheets.fetch(actor, row.id) for _ in range(2)]
    assert first == second


def test_every_name_of_a_thing_in_an_address_has_its_word():
    """A wrong id answers that there is no such thing, by its name; a thing without one would be a server error."""
    named = {
        getattr(Prefix, name)
        for path in (ROOT / "backoffice" / "api").rglob("*.py")
        for name in re.findall(r"read_id\(Prefix\.([A-Z_]+)", path.read_text())
    }
    assert named <= set(THINGS)
