"""Team, settings and the audit trail in a browser: how they look, and that a form keeps what was typed."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE = {"width": 1440, "height": 900}


def test_people_are_invited_and_a_role_says_what_it_means(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        look(page, product, "/partner/team", "[data-testid=member-row]")
        page.set_viewport_size(WIDE)
        page.get_by_test_id("invite-new").click()
        page.locator("#email").fill("nobody")
        page.get_by_test_id("invite-send").click()
        expect(page.get_by_test_id("invite-dialog")).to_contain_text("not an e-mail address")
        assert problems(page) == []
        page.locator("#email").fill("nadia.rahman@acme.example")
        page.get_by_test_id("invite-send").click()
        expect(page.get_by_test_id("invite-link")).to_be_visible()
        assert problems(page) == []
        page.get_by_test_id("invite-done").click()
        expect(page.get_by_test_id("invitation-row").filter(has_text="Nadia Rahman")).to_be_visible()
        assert problems(page) == []
        row = page.locator("[data-testid=member-row][data-role=partner_analyst]").first
        row.get_by_test_id("member-role").click()
        page.get_by_test_id("role-partner_developer").check()
        expect(page.get_by_test_id("role-diff")).to_have_text("Analyst → Developer")
        assert problems(page) == []
        page.keyboard.press("Escape")
        row.get_by_test_id("member-remove").click()
        expect(page.get_by_test_id("remove-dialog")).to_be_visible()
        page.get_by_test_id("remove-confirm").click()
        expect(page.get_by_test_id("remove-dialog")).to_contain_text("to be sure.")
        assert problems(page) == []
        page.keyboard.press("Escape")
        nadia = page.get_by_test_id("invitation-row").filter(has_text="Nadia Rahman")
        nadia.get_by_test_id("invite-back").click()
        page.get_by_test_id("invite-back-confirm").click()
        expect(nadia).to_have_count(0)


def test_settings_mark_what_changed_and_ask_before_it_is_lost(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        look(page, product, "/partner/settings", "[data-testid=settings-form]")
        page.set_viewport_size(WIDE)
        bar = page.get_by_test_id("settings-save-bar")
        page.locator("#brand_name").fill("Acme Identity")
        page.locator("#session_hours").fill("8")
        expect(bar).to_contain_text("2 changes, not saved")
        expect(page.locator("[data-changed]")).to_have_count(2)
        assert problems(page) == []
        page.get_by_role("link", name="Team").first.click()
        expect(page.get_by_test_id("leave-dialog")).to_contain_text("would be lost")
        assert problems(page) == []
        page.get_by_test_id("leave-stay").click()
        expect(page.locator("#brand_name")).to_have_value("Acme Identity")
        page.get_by_test_id("save-discard").click()
        expect(bar).not_to_contain_text("not saved")
        expect(page.locator("#brand_name")).to_have_value("")
        page.locator("#brand_color").fill("#ffee00")
        page.get_by_test_id("save-review").click()
        expect(page.get_by_test_id("settings-form")).to_contain_text("too little to be read well")
        page.locator("#brand_color").fill("#14532d")
        page.locator("#brand_name").fill("Acme Identity")
        page.get_by_test_id("save-review").click()
        expect(page.get_by_test_id("settings-change")).to_have_count(2)
        assert problems(page) == []
        page.get_by_test_id("settings-save").click()
        expect(page.get_by_test_id("brand-preview")).to_contain_text("Acme Identity")
        expect(bar).not_to_contain_text("not saved")
        page.get_by_role("link", name="Team").first.click()
        expect(page.get_by_test_id("member-row").first).to_be_visible()


def test_an_analyst_chooses_letters_only(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        look(page, product, "/partner/settings", "[data-testid=letter-switch]")
        expect(page.get_by_test_id("settings-form")).to_have_count(0)
        page.goto(f"{product.url}/partner/team")
        expect(page.get_by_test_id("denied-state")).to_be_visible()
        page.goto(f"{product.url}/partner/audit")
        expect(page.get_by_test_id("denied-state")).to_be_visible()


def test_the_trail_is_narrowed_and_opened(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        look(page, product, "/partner/audit", "[data-testid=audit-row]")
        page.set_viewport_size(WIDE)
        page.goto(f"{product.url}/partner/audit?what=member")
        page.get_by_test_id("audit-row").first.get_by_role("button").click()
        expect(page.get_by_test_id("audit-entry")).to_contain_text("UTC")
        assert re.search(r"entry=aud_", page.url)
        assert problems(page) == []
        page.get_by_test_id("audit-days-menu").click()
        page.locator("input[name=from]").fill("2020-01-01")
        page.locator("input[name=to]").fill("2020-01-02")
        page.get_by_test_id("audit-days").click()
        expect(page.get_by_test_id("empty-state")).to_be_visible()
        assert problems(page) == []
