"""The operator console in a browser: how it looks in both themes, and its ways from end to end."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems
from tests.e2e.test_looks_desk import shots

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE = {"width": 1440, "height": 900}
TABS = {
    "overview": "onboarding-step",
    "limits": "limit-row",
    "users": "partner-person",
    "keys": "partner-key",
    "webhooks": "partner-endpoint",
    "usage": "tab-usage",
    "audit": "partner-entry",
}


def test_partners_are_listed_and_one_is_opened_tab_by_tab(product: Product, sign_in: SignIn):
    with sign_in("operator") as page:
        look(page, product, "/ops/partners", "[data-testid=partner-row]")
        page.set_viewport_size(WIDE)
        page.get_by_role("button", name="Documents").click()
        page.wait_for_url(re.compile(r"sort=-volume"))
        expect(page.get_by_test_id("partner-row").first).to_have_attribute("data-slug", "acme")
        page.goto(f"{product.url}/ops/partners?q=nobody-is-called-so")
        expect(page.get_by_test_id("empty-state")).to_be_visible()
        page.get_by_test_id("clear-filters").click()
        expect(page.get_by_test_id("partner-row").first).to_be_visible()
        page.keyboard.press("j")
        expect(page.get_by_test_id("partner-row").first.locator("a").first).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/ops/partners/ptr_"))
        place = page.url.removeprefix(product.url).partition("?")[0]
        for tab, shown in TABS.items():
            axe = (390, 1440) if tab in {"overview", "webhooks"} else (1440,)
            look(page, product, f"{place}?tab={tab}", f"[data-testid={shown}]", axe=axe)
        page.goto(f"{product.url}/ops/partners/ptr_{'0' * 26}")
        expect(page.get_by_test_id("not-found-state")).to_be_visible()


def test_an_exception_is_made_seen_beside_the_plans_and_ended(product: Product, sign_in: SignIn):
    why = f"Launch week {uuid4().hex[:6]}"
    with sign_in("operator") as page:
        page.goto(f"{product.url}/ops/partners?q=rival")
        page.get_by_test_id("partner-row").first.locator("a").first.click()
        page.wait_for_url(re.compile(r"/ops/partners/ptr_"))
        place = page.url.partition("?")[0]
        page.goto(f"{place}?tab=limits")
        row = page.locator("[data-testid=limit-row][data-name=documents_per_month]")
        row.get_by_test_id("limit-grant").click()
        dialog = page.get_by_test_id("limit-dialog")
        dialog.locator("#value").fill("0")
        dialog.locator("#reason").fill(why)
        page.get_by_test_id("limit-confirm").click()
        expect(dialog).to_contain_text("From 1 to")
        assert problems(page) == []
        dialog.locator("#value").fill("77,000")
        dialog.locator("#until").fill("2030-01-31")
        page.get_by_test_id("limit-confirm").click()
        expect(row).to_have_attribute("data-exception", "true")
        expect(row).to_contain_text("77,000")
        expect(row).to_contain_text(why)
        look(page, product, f"{place.removeprefix(product.url)}?tab=limits", "[data-testid=limit-row]")
        look(page, product, "/ops/tiers", "[data-testid=tier-row]")
        page.set_viewport_size(WIDE)
        shown = page.get_by_test_id("exception-row").filter(has_text=why)
        expect(shown).to_contain_text("77,000")
        shown.get_by_role("link").click()
        page.wait_for_url(re.compile("tab=limits"))
        row.get_by_test_id("limit-end").click()
        page.get_by_test_id("limit-end-confirm").click()
        expect(row).to_have_attribute("data-exception", "false")
    with sign_in("auditor") as page:
        page.goto(f"{place}?tab=limits")
        expect(page.get_by_test_id("limit-grant").first).to_be_disabled()
        page.goto(f"{product.url}/ops/tiers")
        expect(page.get_by_test_id("tier-row").first).to_be_visible()
    with sign_in("review_lead") as page:
        page.goto(f"{product.url}/ops/tiers")
        expect(page.get_by_test_id("denied-state")).to_be_visible()


def test_a_partner_is_taken_on_suspended_and_resumed(product: Product, sign_in: SignIn):
    slug = f"harbour-{uuid4().hex[:8]}"
    with sign_in("operator") as page:
        page.goto(f"{product.url}/ops/partners")
        page.get_by_test_id("partner-row").first.wait_for()
        page.get_by_test_id("partner-new").click()
        page.locator("#name").fill("Harbour Credit")
        page.locator("#slug").fill("Harbour Credit")
        page.locator("#email").fill(f"eva.holm@{slug}.example")
        page.get_by_test_id("partner-create").click()
        expect(page.get_by_test_id("partner-dialog")).to_contain_text("begins with a letter")
        assert problems(page) == []
        page.locator("#slug").fill(slug)
        page.get_by_test_id("partner-create").click()
        expect(page.get_by_test_id("invite-link")).to_be_visible()
        assert problems(page) == []
        page.get_by_test_id("partner-open").click()
        expect(page.get_by_test_id("onboarding-step").first).to_contain_text("1 invited, not here yet")
        page.get_by_test_id("partner-plan").click()
        page.get_by_test_id("plan-enterprise").check()
        expect(page.get_by_test_id("plan-dialog")).to_contain_text("At once.")
        assert problems(page) == []
        page.get_by_test_id("plan-confirm").click()
        expect(page.get_by_test_id("plan-dialog")).to_be_hidden()
        page.get_by_test_id("partner-suspend").click()
        page.locator("#reason").fill("Papers of the company are missing")
        page.locator("#typed").fill("wrong")
        page.get_by_test_id("suspend-confirm").click()
        expect(page.get_by_test_id("suspend-dialog")).to_contain_text(f"Write {slug} to be sure.")
        assert problems(page) == []
        page.locator("#typed").fill(slug)
        page.get_by_test_id("suspend-confirm").click()
        expect(page.get_by_test_id("partner-suspended")).to_contain_text("Papers of the company are missing")
        assert problems(page, ["main"]) == []
        page.get_by_test_id("partner-resume").click()
        page.get_by_test_id("resume-confirm").click()
        expect(page.get_by_test_id("partner-status")).to_contain_text("Active")


def test_an_auditor_sees_everything_and_every_control_is_off(product: Product, sign_in: SignIn):
    with sign_in("auditor") as page:
        page.goto(f"{product.url}/ops/partners")
        expect(page.get_by_test_id("looks-on")).to_contain_text("role operator")
        expect(page.get_by_test_id("partner-new")).to_be_disabled()
        page.get_by_test_id("partner-row").first.locator("a").first.click()
        for name in ("partner-plan", "partner-suspend"):
            expect(page.get_by_test_id(name)).to_be_disabled()
            expect(page.get_by_test_id(name)).to_have_attribute("title", "Needs the role operator")
        assert problems(page) == []
    with sign_in("reviewer") as page:
        page.goto(f"{product.url}/ops/partners")
        expect(page.get_by_test_id("denied-state")).to_be_visible()


def test_the_overview_leads_from_each_number_to_its_list(product: Product, sign_in: SignIn):
    with sign_in("operator") as page:
        look(page, product, "/ops", "[data-testid=ops-today]")
        page.set_viewport_size(WIDE)
        for name, place in (("ops-reviews", "need=sla"), ("ops-quota", "need=quota"), ("ops-today", "sort=-volume")):
            page.goto(f"{product.url}/ops")
            page.get_by_test_id(name).click()
            page.wait_for_url(re.compile(place))
            expect(page.get_by_role("heading", level=1, name="Partners")).to_be_visible()
    with sign_in("reviewer") as page:
        page.goto(f"{product.url}/ops")
        expect(page.get_by_test_id("denied-state")).to_be_visible()


def test_the_machinery_says_how_it_does(product: Product, sign_in: SignIn):
    with sign_in("operator") as page:
        look(page, product, "/ops/health", "[data-testid=health-worker]")
        expect(page.get_by_test_id("health-part")).to_have_count(11)
        for part in ("PostgreSQL", "Key store", "Valkey", "Storage", "Workers"):
            expect(page.locator(f"[data-testid=health-part][data-id='{part}']")).to_have_attribute("data-status", "ok")


def test_people_are_found_changed_and_invited(product: Product, sign_in: SignIn):
    with sign_in("operator") as page:
        look(page, product, "/ops/users", "[data-testid=user-row]")
        page.set_viewport_size(WIDE)
        page.goto(f"{product.url}/ops/users?q=sara@start.example")
        row = page.get_by_test_id("user-row")
        expect(row).to_have_count(1)
        row.get_by_test_id("user-role").click()
        page.locator("[data-testid=role-choice][data-role=partner_analyst]").check()
        assert problems(page) == []
        page.get_by_test_id("role-confirm").click()
        expect(page.get_by_test_id("user-role-dialog")).to_contain_text("last administrator")
        assert problems(page) == []
        page.keyboard.press("Escape")
        row.get_by_test_id("user-disable").click()
        page.get_by_test_id("disable-confirm").click()
        expect(page.get_by_test_id("user-disable-dialog")).to_contain_text("to be sure")
        assert problems(page) == []
        page.keyboard.press("Escape")
        page.get_by_test_id("user-invite").click()
        page.locator("#email").fill(f"nils-{uuid4().hex[:8]}@backoffice.example")
        page.get_by_test_id("invite-send").click()
        expect(page.get_by_test_id("invite-link")).to_be_visible()
        assert problems(page) == []
    with sign_in("auditor") as page:
        page.goto(f"{product.url}/ops/users")
        expect(page.get_by_test_id("user-invite")).to_be_disabled()
        expect(page.get_by_test_id("user-disable").first).to_be_disabled()


def test_roles_say_who_may_do_what(product: Product, sign_in: SignIn):
    with sign_in("auditor") as page:
        look(page, product, "/ops/roles", "[data-testid=permission-row]")
        page.set_viewport_size(WIDE)
        erase = page.locator("[data-testid=permission-row][data-permission='applicants:erase']")
        expect(erase.locator("[data-granted=true]")).to_have_count(1)
        page.locator("[data-testid=role-row][data-role=operator]").get_by_role("link").click()
        page.wait_for_url(re.compile("role=operator"))
        expect(page.get_by_test_id("user-row").first).to_have_attribute("data-role", "operator")
    with sign_in("reviewer") as page:
        page.goto(f"{product.url}/ops/roles")
        expect(page.get_by_test_id("denied-state")).to_be_visible()


def test_a_lead_is_offered_what_is_open_to_leads(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        page.goto(f"{product.url}/ops/policies")
        rail = page.get_by_role("navigation", name="Primary")
        expect(rail.get_by_role("link", name="Policies")).to_be_visible()
        expect(rail.get_by_role("link", name="Partners")).to_have_count(0)
        page.set_viewport_size({"width": 390, "height": 844})
        bar = page.get_by_role("navigation", name="Main places")
        expect(bar.get_by_role("link")).to_have_text(["Policies", "Engines", "SLA"])
        assert problems(page) == []
    with sign_in("operator") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{product.url}/ops")
        bar = page.get_by_role("navigation", name="Main places")
        expect(bar.get_by_role("link")).to_have_text(["Overview", "Partners", "Users", "Health"])


def test_retention_is_shown_to_operators(product: Product, sign_in: SignIn):
    with sign_in("operator") as page:
        look(page, product, "/ops/retention", "[data-testid=rule-row]")


def rule_of_refusals(page, threshold: str) -> None:
    page.locator("[data-testid=security-rule][data-kind=guard_denials]").get_by_test_id("security-rule-change").click()
    page.get_by_label("From how many").fill(threshold)
    page.get_by_test_id("security-rule-save").click()
    expect(page.get_by_test_id("security-rule-dialog")).to_be_hidden()


def test_an_attack_is_found_while_one_looks_and_answered_with_a_note(product: Product, sign_in: SignIn):
    with sign_in("operator") as page:
        look(page, product, "/ops/security", "[data-testid=security-rule]")
        page.set_viewport_size(WIDE)
        rule_of_refusals(page, "1")
        with sign_in("reviewer") as other:
            other.goto(f"{product.url}/ops/audit")
        row = page.locator("[data-testid=security-row][data-kind=guard_denials][data-state=open]").first
        expect(row).to_be_visible(timeout=90_000)
        rule_of_refusals(page, "20")
        look(page, product, "/ops/security", "[data-testid=security-row]")
        page.set_viewport_size(WIDE)
        shots(page, "security")
        page.set_viewport_size(WIDE)
        row.get_by_test_id("security-acknowledge").click()
        page.get_by_label("What you found").fill("A reviewer followed an old bookmark.")
        page.get_by_test_id("security-confirm").click()
        done = page.locator("[data-testid=security-row][data-state=acknowledged]").first
        expect(done).to_contain_text("A reviewer followed an old bookmark.")


def test_settings_are_read_searched_and_copied(product: Product, sign_in: SignIn):
    with sign_in("auditor") as page:
        look(page, product, "/ops/settings", "[data-testid=setting-row]")
        page.set_viewport_size(WIDE)
        expect(page.locator("[data-testid=risk-row][data-id=BACKOFFICE_DEMO]")).to_have_attribute("data-tone", "red")
        expect(page.locator("[data-testid=version][data-id=PostgreSQL]")).to_have_text(re.compile(r"^\d+\.\d+"))
        secret = page.locator("[data-testid=setting-row][data-id=BACKOFFICE_SECRET_KEY]")
        expect(secret.get_by_test_id("setting-value")).to_have_text("set")
        page.keyboard.press("f")
        page.keyboard.type("undo verdict")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"q=undo"))
        expect(page.get_by_test_id("settings-shown")).to_have_text("1 setting")
        expect(page.get_by_test_id("setting-row")).to_contain_text("BACKOFFICE_UNDO_SECONDS")
        page.goto(f"{product.url}/ops/settings?q=nobody-is-called-so")
        expect(page.get_by_test_id("empty-state").first).to_be_visible()
        assert problems(page) == []
        page.get_by_test_id("clear-filters").click()
        expect(page.get_by_test_id("settings-shown")).to_have_text(re.compile(r"^\d\d settings"))
