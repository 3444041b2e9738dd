"""Marks, comparing and copies in a browser: by mouse, by keys alone, at every width."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.desk import ready
from tests.e2e.product import Product
from tests.e2e.test_looks import READY, look, paint, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
SHOTS = os.environ.get("DESK_SHOTS")
SIZES = ((390, 844), (768, 1024), (1366, 768), (1440, 900))


def shots(page: Page, name: str) -> None:
    """Keep pictures for a person to look at, where `DESK_SHOTS` names a folder."""
    for width, height in SIZES if SHOTS else ():
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            paint(page, theme)
            page.wait_for_timeout(250)
            page.screenshot(path=Path(SHOTS or "") / f"{name}-{width}-{theme}.png")


def test_marks_and_comparing_at_the_desk(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(f"{product.url}/review/work")
        page.wait_for_url(re.compile(r"/review/work/rvt_"))
        address = page.url.removeprefix(product.url)
        look(page, product, address, READY)
        shots(page, "desk")
        page.set_viewport_size({"width": 1366, "height": 768})
        ready(page)
        page.keyboard.press("m")
        expect(page.get_by_test_id("viewer-placer")).to_be_focused()
        for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight", "a"):
            page.keyboard.press(key)
        expect(page.get_by_test_id("viewer-said")).to_contain_text("from the left")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("mark")).to_have_count(1)
        page.locator("#mark-note").fill("The 7 was written over.")
        page.get_by_test_id("mark-save").click()
        expect(page.get_by_test_id("mark")).to_contain_text("The 7 was written over.")
        page.keyboard.press("m")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("viewer-placer")).to_be_hidden()
        expect(page.get_by_test_id("mark")).to_have_count(1)
        page.get_by_test_id("redaction").locator("summary").click()
        page.get_by_label("Blacken Mark 1").click()
        expect(page.get_by_label("Blacken Mark 1")).to_be_checked()
        page.locator("#copy-why").fill("For the file.")
        page.get_by_test_id("copy-make").click()
        with page.expect_download() as download:
            page.get_by_test_id("copy-link").click()
        assert download.value.suggested_filename.endswith("-redacted.jpg")
        shots(page, "marks")
        assert problems(page) == []
        page.set_viewport_size({"width": 1366, "height": 768})
        page.get_by_role("button", name="Remove Mark 1").click()
        expect(page.get_by_test_id("mark")).to_have_count(0)


def test_comparing_two_sides(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(f"{product.url}/review/work/{two_sided(page, product)}")
        expect(page.get_by_test_id("viewer-image").first).to_have_attribute("data-state", "ready")
        expect(page.get_by_test_id("compare")).to_have_attribute("aria-pressed", "false")
        ready(page)
        for mode in ("side", "overlay", "blink"):
            page.keyboard.press("b")
            expect(page.get_by_test_id(f"compare-{mode}")).to_have_attribute("aria-pressed", "true")
            if mode == "side":
                expect(page.locator("[data-testid=viewer-image][data-state=ready]")).to_have_count(2)
            else:
                expect(page.locator("[data-testid=comparison] img[data-state=ready]")).to_have_count(2)
            shots(page, f"compare-{mode}")
            assert problems(page) == []
            page.set_viewport_size({"width": 1366, "height": 768})
        page.keyboard.press("b")
        expect(page.get_by_test_id("compare-bar")).to_be_hidden()


def two_sided(page: Page, product: Product) -> str:
    """Find a waiting task whose document has two pictures."""
    page.goto(f"{product.url}/review/queue")
    rows = page.get_by_test_id("queue-row")
    expect(rows.first).to_be_visible()
    tasks = [str(rows.nth(number).locator("a").first.get_attribute("href")) for number in range(rows.count())]
    for task in tasks:
        page.goto(f"{product.url}{task}")
        expect(page.get_by_test_id("viewer-image").first).to_have_attribute("data-state", "ready")
        if page.locator(".thumb").count() > 1 or page.get_by_test_id("related").count():
            return task.rstrip("/").rsplit("/", 1)[-1]
    raise AssertionError("no task of the demo has two pictures")
