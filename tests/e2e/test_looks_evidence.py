"""Pictures on the timeline, areas blackened at once, texts for many, and the causes of lateness, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems
from tests.e2e.test_looks_desk import shots

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
DESK = {"width": 1366, "height": 768}
READY = "[data-testid=viewer-image][data-state=ready]"


def drawn(page: Page, inside: str) -> None:
    """Draw a rectangle on the picture by mouse."""
    page.locator(inside).get_by_role("button", name="Mark an area").click()
    box = page.locator(f"{inside} .viewer-stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 40, y - 30)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.up()


def test_areas_are_blackened_at_once(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        page.set_viewport_size(DESK)
        page.goto(f"{product.url}/review/work")
        page.wait_for_url(re.compile(r"/review/work/rvt_"))
        expect(page.locator(READY)).to_have_count(1)
        marks = page.get_by_test_id("mark").count()
        shots(page, "desk")
        page.set_viewport_size(DESK)
        page.get_by_test_id("areas-tool").click()
        dialog = page.get_by_test_id("areas-dialog")
        expect(dialog.locator(READY)).to_have_count(1)
        expect(page.get_by_test_id("areas-make")).to_be_disabled()
        for count in (1, 2):
            drawn(page, "[data-testid=areas-picture]")
            expect(page.get_by_test_id("area")).to_have_count(count)
        dialog.get_by_role("button", name="Mark an area").click()
        dialog.get_by_test_id("viewer-image").focus()
        page.keyboard.press("Escape")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="Remove Area 1").click()
        expect(page.get_by_test_id("area")).to_have_count(1)
        page.locator("#area-why").fill("For the file.")
        shots(page, "areas")
        page.set_viewport_size(DESK)
        page.get_by_test_id("areas-make").click()
        with page.expect_download() as download:
            page.get_by_test_id("areas-link").click()
        assert download.value.suggested_filename.endswith("-redacted.jpg")
        assert problems(page) == []
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.get_by_test_id("mark")).to_have_count(marks)


def test_pictures_open_on_the_timeline(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        page.set_viewport_size(DESK)
        page.goto(f"{product.url}/review/history")
        page.locator("a[href*='/review/documents/doc_']").first.click()
        page.wait_for_url(re.compile(r"/review/documents/doc_"))
        expect(page.get_by_test_id("story")).to_be_visible()
        page.get_by_test_id("exhibits-open").click()
        expect(page.locator(READY)).to_have_count(1)
        box = page.locator("[data-testid=exhibits] .viewer-box").first
        expect(box).to_be_visible()
        box.click()
        expect(box).to_have_attribute("data-current", "true")
        zoom = page.locator("[data-testid=exhibits] .zoom")
        before = zoom.inner_text()
        page.keyboard.press("+")
        expect(zoom).not_to_have_text(before)
        shots(page, "exhibits")
        assert problems(page) == []
        page.get_by_test_id("exhibits-close").click()
        expect(page.locator(READY)).to_have_count(0)


def test_many_are_given_a_note_and_a_message(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        page.set_viewport_size(DESK)
        page.goto(f"{product.url}/review/queue?view=all")
        free = "[data-testid=queue-row][data-gone=false]:has([data-testid=queue-take])"
        ticks = page.locator(f"{free} input.tick")
        ticks.nth(0).click()
        ticks.nth(1).click()
        page.get_by_test_id("bulk-reject").click()
        page.get_by_test_id("bulk-reason-other").click()
        page.get_by_test_id("bulk-confirm").click()
        expect(page.get_by_test_id("bulk-dialog")).to_contain_text("needs a note that explains it")
        page.locator("#bulk-note").fill("One campaign.")
        page.locator("#bulk-message").fill("Please write to us.")
        shots(page, "bulk")
        assert problems(page) == []
        page.set_viewport_size(DESK)
        page.get_by_test_id("bulk-confirm").click()
        expect(page.get_by_test_id("bulk-words")).to_have_text("2 done")
        page.get_by_test_id("bulk-undo").click()
        expect(page.get_by_test_id("bulk-words")).to_contain_text("2 taken back")


def test_the_team_sees_causes_and_asks_what_if(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        look(page, product, "/review/team", "[data-testid=team-what-if]")
        page.set_viewport_size(DESK)
        expect(page.get_by_test_id("team-causes")).to_be_visible()
        page.locator("#what-arrivals").fill("30")
        page.locator("#what-minutes").fill("2")
        page.locator("#what-people").fill("0")
        page.get_by_test_id("what-count").click()
        expect(page.get_by_test_id("what-words")).to_contain_text("0 people close 0 an hour")
        shots(page, "team")
        assert problems(page) == []
