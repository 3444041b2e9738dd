"""The list of documents by keys and by the dozen, on a desk and on a phone, in both themes."""

import io
import json
import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import THEMES, paint, problems, seen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


def at_list(page: Page, product: Product, query: str = "") -> None:
    page.goto(f"{product.url}/partner/documents{query}")
    page.get_by_test_id("documents-row").first.wait_for()


def see(page: Page, within: str) -> None:
    """Look at a part of the page in both themes."""
    for theme in THEMES:
        paint(page, theme)
        assert problems(page, [within]) == [], theme
    paint(page, "light")


def test_rows_are_looked_at_picked_tagged_and_untagged_by_keys_alone(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        at_list(page, product)
        rows, peek = page.get_by_test_id("documents-row"), page.get_by_test_id("peek-document")
        page.keyboard.press("j")
        page.keyboard.press("Space")
        expect(peek).to_have_attribute("data-id", str(rows.first.get_attribute("data-id")))
        expect(page.get_by_test_id("peek-masked")).to_be_visible()
        see(page, "[data-testid=peek]")
        page.keyboard.press("j")
        expect(peek).to_have_attribute("data-id", str(rows.nth(1).get_attribute("data-id")))
        page.keyboard.press("Escape")
        expect(peek).to_have_count(0)
        page.keyboard.press("x")
        expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Shift+J")
        expect(rows.nth(2)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_test_id("bulk-cancel")).to_have_count(0)
        see(page, ".bulk-bar")
        page.keyboard.press("t")
        expect(page.locator("#bulk-tag")).to_be_focused()
        see(page, "[data-testid=bulk-dialog]")
        page.keyboard.type("From Keys")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("bulk-words")).to_have_text("2 done")
        expect(rows.nth(1).get_by_test_id("document-tag")).to_have_text("from-keys")
        at_list(page, product, "?tag=from-keys")
        expect(rows).to_have_count(2)
        page.keyboard.press("v")
        page.get_by_test_id("view-save").press("Enter")
        page.locator("#view-name").fill("By keys")
        see(page, "[data-testid=view-dialog]")
        page.keyboard.press("Enter")
        view = page.locator("[data-testid=view-tab][data-name='By keys']")
        expect(view).to_have_attribute("data-count", "2")
        expect(view).to_have_attribute("aria-current", "page")


def test_canceling_wants_the_number_and_says_what_it_left_alone(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        at_list(page, product, "?status=approved")
        total = int(str(page.locator("[data-testid=view-tab][aria-current=page]").get_attribute("data-count")))
        page.get_by_test_id("select-page").click()
        page.get_by_test_id("select-matching").click()
        expect(page.locator(".bulk-bar")).to_contain_text(f"{total} selected")
        page.get_by_test_id("bulk-cancel").click()
        see(page, "[data-testid=bulk-dialog]")
        page.locator("#bulk-count").fill("1")
        page.get_by_test_id("bulk-confirm").click()
        expect(page.get_by_test_id("bulk-dialog")).to_contain_text(f"Type {total} to cancel")
        page.locator("#bulk-count").fill(str(total))
        page.get_by_test_id("bulk-confirm").click()
        expect(page.get_by_test_id("bulk-words")).to_have_text(f"0 done, {total} skipped")
        expect(page.get_by_test_id("bulk-skipped").first).to_contain_text("cannot become canceled")
        see(page, "[data-testid=bulk-progress]")


def test_columns_and_height_stay_as_they_were_chosen(product: Product, sign_in: SignIn):
    with sign_in("partner_developer") as page:
        at_list(page, product)
        tall = page.get_by_test_id("documents-row").first.bounding_box()
        page.get_by_test_id("looks-menu").click()
        see(page, ".menu-list:not([hidden])")
        page.get_by_test_id("column-attempt").click()
        expect(page.get_by_test_id("column-attempt")).not_to_be_checked()
        page.get_by_role("button", name="Compact").click()
        expect(page.locator("table[data-density=compact]")).to_be_visible()
        at_list(page, product)
        expect(page.get_by_role("columnheader", name="Attempt")).to_have_count(0)
        expect(page.locator("table[data-density=compact]")).to_be_visible()
        low = page.get_by_test_id("documents-row").first.bounding_box()
        assert tall is not None
        assert low is not None
        assert low["height"] < tall["height"]


def test_a_phone_has_cards_and_a_sheet_of_filters(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst", viewport={"width": 390, "height": 844}) as page:
        at_list(page, product)
        page.get_by_test_id("filters-open").click()
        sheet = page.get_by_test_id("filters-sheet")
        see(page, "[data-testid=filters-sheet]")
        sheet.get_by_text("Passport", exact=True).click()
        page.wait_for_url(re.compile(r"type=passport"))
        expect(sheet).to_be_hidden()
        assert seen(page, (), None) == []


def test_an_evidence_pack_is_written_and_fetched(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        at_list(page, product, "?status=approved")
        page.get_by_test_id("documents-row").first.locator("a").first.click()
        page.get_by_test_id("document").wait_for()
        page.keyboard.press("e")
        expect(page.get_by_test_id("evidence-pack")).to_have_attribute("data-status", "ready")
        see(page, "[data-testid=evidence-pack]")
        with page.expect_download() as waited:
            page.get_by_test_id("evidence-fetch").click()
        book = zipfile.ZipFile(io.BytesIO(waited.value.path().read_bytes()))
        assert set(book.namelist()) == {"report.pdf", "evidence.json", "manifest.json", "manifest.jws"}
        told = json.loads(book.read("evidence.json"))
        assert told["document"]["id"] == page.get_by_test_id("document").get_attribute("data-id")
        assert told["personal_data"] is False
