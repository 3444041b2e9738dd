"""The partner's lists leave as files, personal data is shown for a purpose only, and numbers are drawn."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, one_document, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


def test_a_list_leaves_as_a_file(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        page.goto(f"{product.url}/partner/documents?status=approved")
        page.get_by_test_id("documents-row").first.wait_for()
        page.keyboard.press("e")
        expect(page.get_by_test_id("export-dialog")).to_contain_text("status approved")
        assert problems(page) == []
        page.get_by_test_id("export-csv").dblclick()
        page.wait_for_url(re.compile(r"/partner/exports"))
        row = page.get_by_test_id("export-row").first
        expect(row).to_have_attribute("data-status", "ready")
        with page.expect_download() as waited:
            row.get_by_test_id("export-fetch").click()
        lines = list(csv.DictReader(io.StringIO(waited.value.path().read_text())))
        assert lines
        assert {line["status"] for line in lines} == {"approved"}
        look(page, product, "/partner/exports", "[data-testid=export-row]")


def test_personal_data_is_shown_for_a_purpose_and_not_sent_before(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        frames: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
        page.goto(f"{product.url}/partner/documents/{one_document(product)}")
        expect(page.get_by_test_id("hidden")).to_be_visible()
        masked = page.get_by_test_id("field-surname").inner_text()
        assert "•••••" in masked
        before = "".join(frames)
        page.keyboard.press("v")
        expect(page.get_by_test_id("reveal-confirm")).to_be_disabled()
        page.get_by_test_id("purpose-support").click()
        assert problems(page) == []
        page.get_by_test_id("reveal-confirm").click()
        expect(page.get_by_test_id("shown")).to_be_visible()
        name = shown_name(page)
        assert "•" not in name
        assert name not in before
        assert problems(page) == []
        page.keyboard.press("2")
        picture = page.locator("figure.picture img").first
        expect(picture).to_be_visible()
        assert page.request.get(f"{product.url}{picture.get_attribute('src')}").ok


def shown_name(page: Page) -> str:
    """What stands in the surname's row after its label."""
    return page.get_by_test_id("field-surname").inner_text().split("\n")[-1].split("\t")[1].strip()


def test_analytics(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        look(page, product, "/partner/analytics", "[data-testid=analytics]")
        received = page.get_by_test_id("figure-received")
        amount = int(received.locator(".kpi-value").inner_text().replace(",", ""))
        assert amount > 0
        received.click()
        page.wait_for_url(re.compile(r"/partner/documents\?from="))


def test_one_document_leads_to_the_next(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        page.goto(f"{product.url}/partner/documents?status=approved")
        page.get_by_test_id("documents-row").first.locator("a").first.click()
        expect(page.get_by_test_id("document-after")).to_be_visible()
        first = page.get_by_test_id("document").get_attribute("data-id")
        page.keyboard.press("]")
        expect(page.get_by_test_id("document-before")).to_be_visible()
        expect(page.get_by_test_id("document")).not_to_have_attribute("data-id", str(first))
        page.keyboard.press("[")
        expect(page.get_by_test_id("document")).to_have_attribute("data-id", str(first))
