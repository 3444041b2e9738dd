"""Usage and billing in a browser: looks, lines that open their records, and a plan that asks before it changes."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


def test_usage_and_its_records(product: Product, sign_in: SignIn):
    with sign_in("partner_developer") as page:
        look(page, product, "/partner/usage", "[data-testid=usage-kind]")
        page.set_viewport_size({"width": 1440, "height": 900})
        kind = page.locator("[data-testid=usage-kind][data-kind=human_review]")
        counted = int((kind.get_attribute("data-value") or "").replace(",", ""))
        assert counted > 0
        page.get_by_role("button", name="show as table").click()
        expect(
            page.get_by_role("table", name="Counted by day (UTC)").or_(page.locator(".chart-box table"))
        ).to_be_visible()
        kind.get_by_role("link").last.click()
        page.wait_for_url(re.compile(r"kind=human_review"))
        expect(page.get_by_test_id("record-row").first).to_be_visible()
        expect(page.locator("[data-testid=record-row]:not([data-kind=human_review])")).to_have_count(0)
        look(page, product, page.url.removeprefix(product.url), "[data-testid=record-row]")
        answer = page.goto(f"{product.url}/partner/billing")
        assert answer
        assert answer.status == 403


def test_billing_its_lines_and_a_change_of_plan(product: Product, sign_in: SignIn):
    with sign_in("partner_admin", "rival") as page:
        look(page, product, "/partner/billing", "[data-testid=bill-line]")
        page.set_viewport_size({"width": 1440, "height": 900})
        expect(page.get_by_test_id("bill")).to_have_attribute("data-status", "draft")
        page.get_by_test_id("thresholds-edit").click()
        expect(page.get_by_test_id("thresholds-dialog")).to_be_visible()
        assert problems(page) == []
        page.get_by_label(re.compile("Cost of the month")).fill("abc")
        page.get_by_test_id("thresholds-save").click()
        expect(page.get_by_text("Write amounts such as")).to_be_visible()
        page.get_by_label(re.compile("Cost of the month")).fill("100")
        page.get_by_test_id("thresholds-save").click()
        expect(page.get_by_test_id("thresholds-dialog")).to_be_hidden()
        expect(page.get_by_test_id("billing-alerts")).to_contain_text("€100.00")
        page.locator("[data-testid=plan-change][data-plan=free]").click()
        expect(page.get_by_test_id("plan-dialog")).to_contain_text("you can take it back")
        assert problems(page) == []
        page.get_by_test_id("plan-confirm").click()
        expect(page.get_by_test_id("billing-plan")).to_contain_text("Becomes Free")
        page.get_by_test_id("plan-stay").click()
        expect(page.get_by_test_id("billing-plan")).to_contain_text("Until you change it")
        page.get_by_test_id("invoice-row").last.locator("a").first.click()
        page.wait_for_url(re.compile(r"invoice=inv_"))
        expect(page.get_by_test_id("bill")).to_have_attribute("data-status", "finalized")
        with page.expect_download() as fetched:
            page.get_by_test_id("bill-pdf").click()
        assert fetched.value.path().read_bytes().startswith(b"%PDF-")
