"""Targets, the team and deciding by the dozen in a browser: how they look, and that one press does what it says."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import REVIEW_WIDTHS, look, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE = {"width": 1440, "height": 900}
QUEUE = "/review/queue?view=all"


def test_targets_are_changed_with_a_preview_and_a_difference(product: Product, sign_in: SignIn):
    with sign_in("operator") as page:
        look(page, product, "/ops/sla", "[data-testid=sla-target]")
        page.set_viewport_size(WIDE)
        row = page.locator("[data-testid=sla-target][data-id='enterprise.escalated']")
        row.get_by_test_id("sla-target-edit").click()
        page.locator("#length").fill("as soon as can be")
        page.get_by_test_id("sla-target-save").click()
        expect(page.get_by_test_id("sla-target-dialog")).to_contain_text("Write a time like")
        page.locator("#length").fill("2 h")
        page.locator("#calendar").select_option("Office hours")
        assert problems(page) == []
        page.get_by_test_id("sla-target-save").click()
        expect(row).to_contain_text("not saved")
        expect(row).to_contain_text("Europe/Berlin")
        page.get_by_test_id("sla-calendar-edit").first.click()
        expect(page.get_by_test_id("sla-calendar-dialog")).to_be_visible()
        assert problems(page) == []
        page.locator("#holidays").fill("2026-12-25")
        page.get_by_test_id("sla-calendar-save").click()
        page.get_by_test_id("sla-review").click()
        expect(page.get_by_test_id("sla-change")).to_have_count(2)
        assert problems(page) == []
        page.get_by_test_id("sla-save").click()
        expect(page.get_by_test_id("sla-version").first).to_contain_text("Version 2")
        expect(page.get_by_test_id("sla-review")).to_be_hidden()


def test_an_auditor_only_reads_targets(product: Product, sign_in: SignIn):
    with sign_in("auditor") as page:
        page.goto(f"{product.url}/ops/sla")
        expect(page.get_by_test_id("sla-target")).to_have_count(9)
        expect(page.get_by_test_id("sla-target-edit")).to_have_count(0)


def test_the_team(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        look(page, product, "/review/team", "[data-testid=lane-row]", axe=REVIEW_WIDTHS)
        page.set_viewport_size(WIDE)
        expect(page.get_by_test_id("lane-row")).to_have_count(3)
        page.get_by_test_id("team-burn").get_by_role("button", name="show as table").click()
        expect(page.get_by_test_id("team-burn").get_by_role("table")).to_be_visible()
        assert problems(page) == []
        page.get_by_test_id("team-open").click()
        page.wait_for_url(re.compile(r"/review/queue"))


def test_a_reviewer_is_told_that_the_team_is_for_leads(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        page.goto(f"{product.url}/review/team")
        expect(page.get_by_test_id("denied-state")).to_be_visible()


def ticks(page: Page):
    return page.locator("[data-testid=queue-row][data-gone=false] input.tick")


def test_many_are_chosen_by_range_decided_and_taken_back(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        page.goto(f"{product.url}{QUEUE}")
        ticks(page).first.click()
        ticks(page).nth(3).click(modifiers=["Shift"])
        expect(page.locator("input.tick:checked")).to_have_count(4)
        page.get_by_test_id("bulk-resubmit").click()
        expect(page.get_by_test_id("bulk-dialog")).to_contain_text("4 documents")
        expect(page.get_by_test_id("bulk-confirm")).to_be_disabled()
        assert problems(page) == []
        page.get_by_test_id("bulk-reason-image_blurred").click()
        page.get_by_test_id("bulk-confirm").dblclick()
        expect(page.get_by_test_id("bulk-progress")).to_be_visible()
        expect(page.get_by_test_id("bulk-undo")).to_be_visible()
        page.get_by_test_id("bulk-undo").click()
        expect(page.get_by_test_id("bulk-words")).to_contain_text("taken back")
        assert problems(page) == []


def test_all_that_match_are_selected(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        page.goto(f"{product.url}{QUEUE}")
        ticks(page).first.click()
        page.get_by_test_id("select-matching").click()
        expect(page.get_by_test_id("select-matching")).to_be_hidden()
        bar = page.locator(".bulk-bar")
        expect(bar).to_contain_text(re.compile(r"\d+ selected"))
        chosen = int(re.search(r"(\d+) selected", bar.inner_text())[1])
        assert chosen >= ticks(page).count()
        page.get_by_test_id("bulk-reject").click()
        expect(page.get_by_test_id("bulk-dialog")).to_contain_text(f"{chosen} documents")
