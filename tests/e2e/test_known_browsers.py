"""Known browsers in a browser: the list on the account page, one forgotten in every tab, the letter about a new one."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import signed_in
from tests.e2e.post import Mailbox
from tests.e2e.product import Product
from tests.e2e.test_looks import paint, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of the list, to be looked at."""


def shoot(page: Page) -> None:
    for width in (1440, 390) if SHOTS else ():
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            paint(page, theme)
            page.screenshot(path=Path(SHOTS or "") / f"known-browsers-{width}-{theme}.png", full_page=True)


def this_one(page: Page, product: Product) -> str:
    """The id of the browser that somebody sits at, once the page lists it."""
    page.goto(f"{product.url}/account")
    row = page.get_by_test_id("browser-row").filter(has_text="This browser")
    expect(row).to_have_count(1)
    return str(row.get_attribute("data-id"))


def row_of(page: Page, browser_id: str) -> Locator:
    return page.locator(f'[data-testid="browser-row"][data-id="{browser_id}"]')


def test_one_is_forgotten_in_every_tab_and_a_new_one_is_told_by_letter(
    product: Product, chromium: Browser, mailbox: Mailbox
):
    member = product.member("partner_analyst", "acme")
    with (
        signed_in(chromium, product, member, anew=True) as here,
        signed_in(chromium, product, member, anew=True) as there,
    ):
        mailbox.wait_for(member["email"], "A new browser signed in to your login")
        away, mine = this_one(there, product), this_one(here, product)
        assert away != mine
        expect(row_of(here, away)).to_contain_text("Chrome on Linux")
        assert problems(here) == []
        shoot(here)
        row_of(here, away).get_by_test_id("browser-forget").click()
        for page in (here, there):
            expect(row_of(page, away)).to_have_count(0)
            expect(row_of(page, mine)).to_have_count(1)
