"""An operator looks at a partner's workspace in a browser: what for, the band over every page, the end, the trail."""

import os
import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, paint, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE = {"width": 1440, "height": 900}
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of the steps, to be looked at."""


def shoot(page: Page, name: str) -> None:
    for width in (1440, 390) if SHOTS else ():
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            paint(page, theme)
            page.screenshot(path=Path(SHOTS or "") / f"{name}-{width}-{theme}.png")
    page.set_viewport_size(WIDE)
    paint(page, "light")


def begin(page: Page, product: Product, why: str) -> str:
    """Open the workspace of acme from its page in the console; answers the address of that page."""
    page.goto(f"{product.url}/ops/partners?q=acme")
    page.get_by_test_id("partner-row").first.locator("a").first.click()
    page.wait_for_url(re.compile(r"/ops/partners/ptr_"))
    place = page.url.partition("?")[0]
    page.get_by_test_id("view-as").click()
    page.locator("#purpose").fill("short")
    page.get_by_test_id("view-as-confirm").click()
    expect(page.get_by_test_id("view-as-dialog")).to_contain_text("at least 10 characters")
    assert problems(page) == []
    shoot(page, "view-as-dialog")
    page.locator("#purpose").fill(why)
    page.get_by_test_id("view-as-confirm").click()
    page.wait_for_url(re.compile(r"/partner/?$"))
    return place


def test_an_operator_looks_and_the_partner_reads_of_it(product: Product, sign_in: SignIn):
    why = f"Ticket {uuid.uuid4().hex[:8]}: their webhooks are late"
    with sign_in("operator") as page:
        place = begin(page, product, why)
        band = page.get_by_test_id("view-as-banner")
        expect(band).to_contain_text("Nothing can be changed")
        expect(page.get_by_test_id("kpi-received")).to_be_visible()
        shoot(page, "view-as-dashboard")
        for path, shown in (
            ("/partner/documents", "documents-row"),
            ("/partner/developers/webhooks", "endpoint-row"),
            ("/partner/team", "view-as-banner"),
            ("/partner/audit", "view-as-banner"),
            ("/partner/settings", "view-as-banner"),
        ):
            look(page, product, path, f"[data-testid={shown}]")
            page.set_viewport_size(WIDE)
            expect(band).to_be_visible()
        page.goto(f"{product.url}/partner/documents")
        page.get_by_test_id("documents-row").first.locator("a").first.click()
        page.wait_for_url(re.compile(r"/partner/documents/doc_"))
        expect(page.get_by_test_id("documents-row")).to_have_count(0)
        expect(page.get_by_test_id("document-status").first).to_be_visible()
        shoot(page, "view-as-document")
        expect(page.get_by_test_id("viewer-image")).to_have_count(0)
        page.goto(f"{product.url}/partner/developers/sandbox")
        expect(page.get_by_test_id("denied-state")).to_be_visible()
        page.goto(f"{product.url}/partner/exports")
        expect(band).to_be_visible()
        other = page.context.new_page()
        other.goto(f"{product.url}/partner/usage")
        expect(other.get_by_test_id("view-as-banner")).to_be_visible()
        page.get_by_test_id("view-as-stop").click()
        page.wait_for_url(re.compile(re.escape(place)))
        other.wait_for_url(re.compile(re.escape(place)))
        expect(page.get_by_test_id("view-as")).to_be_visible()
        page.goto(f"{product.url}/partner")
        expect(page.get_by_test_id("denied-state")).to_be_visible()
    with sign_in("partner_admin") as page:
        page.goto(f"{product.url}/partner/audit?what=viewing")
        expect(page.locator("main")).to_contain_text("Viewing: ended")
        expect(page.locator("main")).to_contain_text("Provider staff")
        row = page.get_by_role("row").filter(has_text="Viewing: started").first
        row.locator("a, button").first.click()
        expect(page.locator("body")).to_contain_text(why)


def test_who_may_not_finds_it_switched_off(product: Product, sign_in: SignIn):
    with sign_in("auditor") as page:
        page.goto(f"{product.url}/ops/partners")
        page.get_by_test_id("partner-row").first.locator("a").first.click()
        expect(page.get_by_test_id("view-as")).to_be_disabled()
        expect(page.get_by_test_id("view-as")).to_have_attribute("title", "Needs the role operator")
        page.goto(f"{product.url}/partner")
        expect(page.get_by_test_id("denied-state")).to_be_visible()
