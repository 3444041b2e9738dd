"""A role of a company's own in a browser: made, given, obeyed by the pages, changed while somebody works, and gone."""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import SignIn, signed_in
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems
from tests.e2e.test_own_login import shoot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PASSWORD = "seven quiet otters swim"
DESK = ("documents:tag", "applicants:read")


def make_role(page: Page, name: str, permissions: tuple[str, ...]) -> None:
    page.get_by_test_id("role-new").click()
    page.locator("#role_name").fill(name)
    for permission in permissions:
        page.locator(f"[data-permission='{permission}']").click()
    expect(page.get_by_test_id("custom-role-diff")).to_contain_text("Whoever has it may")


def row_of(page: Page, name: str):
    return page.get_by_test_id("roles").get_by_test_id("role-row").filter(has_text=name)


def invited(admin: Page, email: str, role: str) -> str:
    admin.get_by_test_id("invite-new").click()
    admin.locator("#email").fill(email)
    admin.locator("#role").select_option(label=role)
    admin.get_by_test_id("invite-send").click()
    link = admin.get_by_test_id("invite-link").get_attribute("data-value") or ""
    admin.get_by_test_id("invite-done").click()
    return link


def join(page: Page, link: str, role: str) -> None:
    page.goto(link)
    expect(page.get_by_test_id("invitation")).to_contain_text(role)
    page.get_by_test_id("invite-password").fill(PASSWORD)
    page.get_by_test_id("invite-submit").click()


def test_a_role_is_made_given_obeyed_changed_and_deleted(product: Product, sign_in: SignIn, chromium: Browser):
    name, email = f"Support desk {uuid4().hex[:6]}", f"desk-{uuid4().hex[:8]}@acme.example"
    with sign_in("partner_admin") as admin:
        admin.goto(f"{product.url}/partner/team")
        make_role(admin, name, DESK)
        expect(admin.locator("[data-permission='documents:read']")).to_be_checked()
        assert problems(admin) == []
        shoot(admin, "role-new")
        admin.get_by_test_id("role-save").click()
        expect(row_of(admin, name)).to_have_attribute("data-people", "0")
        shoot(admin, "role-listed")
        admin.get_by_test_id("role-new").click()
        admin.locator("#role_name").fill(name.upper())
        admin.locator("[data-permission='audit:read']").click()
        expect(admin.get_by_test_id("custom-role-diff")).to_contain_text("second factor")
        admin.get_by_test_id("role-save").click()
        expect(admin.get_by_test_id("custom-role-dialog")).to_contain_text("has this name")
        assert problems(admin) == []
        admin.keyboard.press("Escape")
        link = invited(admin, email, name)
        context = chromium.new_context(viewport=WIDE)
        person = context.new_page()
        try:
            join(person, link, name)
            _sees_only_what_it_may(person, product, name)
            _obeys_while_open(admin, person, product, name)
        finally:
            context.close()
        _goes_with_a_word(admin, name, email)


def _sees_only_what_it_may(person: Page, product: Product, name: str) -> None:
    person.wait_for_url("**/partner/documents**")
    expect(person.get_by_test_id("documents-row").first).to_be_visible()
    expect(person.locator(".rail-link")).to_have_text(["Documents", "Exports", "Docs", "Settings"])
    expect(person.get_by_test_id("user-menu")).to_have_count(1)
    assert problems(person) == []
    shoot(person, "role-holder")
    for path in ("/partner", "/partner/team", "/partner/developers/keys", "/partner/usage", "/partner/alerts"):
        person.goto(f"{product.url}{path}")
        expect(person.get_by_test_id("denied-state")).to_be_visible()
    look(person, product, "/partner/documents", "[data-testid=documents-row]")
    person.set_viewport_size(PHONE)
    person.goto(f"{product.url}/partner/documents")
    bar = person.get_by_role("navigation", name="Main places")
    expect(bar.get_by_role("link")).to_have_text(["Documents", "Exports", "Docs", "Settings"])
    assert problems(person) == []
    person.set_viewport_size(WIDE)
    person.get_by_test_id("user-menu").click()
    expect(person.locator("body")).to_contain_text(name)
    person.keyboard.press("Escape")


def _obeys_while_open(admin: Page, person: Page, product: Product, name: str) -> None:
    """Take the documents away: the open page goes to the sign-in at once, and the next one is another."""
    person.goto(f"{product.url}/partner/documents")
    expect(person.get_by_test_id("documents-row").first).to_be_visible()
    row_of(admin, name).get_by_test_id("role-edit").click()
    admin.locator("[data-permission='usage:read']").click()
    admin.locator("[data-permission='documents:read']").click()
    expect(admin.locator("[data-permission='documents:tag']")).not_to_be_checked()
    diff = admin.get_by_test_id("custom-role-diff")
    expect(diff).to_contain_text("May from now on: see usage and quotas.")
    expect(diff).to_contain_text("1 person signs in again.")
    assert problems(admin) == []
    shoot(admin, "role-edit")
    admin.get_by_test_id("role-save").click()
    person.wait_for_url("**/login**", timeout=5_000)


def _goes_with_a_word(admin: Page, name: str, email: str) -> None:
    row_of(admin, name).get_by_test_id("role-delete").click()
    dialog = admin.get_by_test_id("role-delete-dialog")
    expect(dialog.get_by_test_id("role-delete-confirm")).to_be_disabled()
    assert problems(admin) == []
    shoot(admin, "role-delete")
    dialog.get_by_test_id("role-to-partner_analyst").click()
    dialog.get_by_test_id("role-delete-confirm").click()
    expect(row_of(admin, name)).to_have_count(0)
    expect(admin.get_by_test_id("member-row").filter(has_text=email)).to_contain_text("Analyst")


def test_the_roles_part_looks_well(product: Product, sign_in: SignIn):
    name = f"Compliance {uuid4().hex[:6]}"
    with sign_in("partner_admin") as admin:
        admin.goto(f"{product.url}/partner/team")
        make_role(admin, name, ("audit:read", "documents:read"))
        admin.get_by_test_id("role-save").click()
        expect(row_of(admin, name)).to_be_visible()
        look(admin, product, "/partner/team", "[data-testid=roles] [data-testid=role-row]")
        admin.set_viewport_size(WIDE)
        member = admin.locator("[data-testid=member-row][data-role=partner_analyst]").first
        member.get_by_test_id("member-role").click()
        admin.get_by_test_id("role-dialog").locator("label").filter(has_text=name).click()
        expect(admin.get_by_test_id("role-diff")).to_have_text(f"Analyst → {name}")
        assert problems(admin) == []
        shoot(admin, "role-change")
        admin.keyboard.press("Escape")
        row_of(admin, name).get_by_test_id("role-delete").click()
        admin.get_by_test_id("role-delete-confirm").click()
        expect(row_of(admin, name)).to_have_count(0)


def test_operators_see_the_roles_of_partners(product: Product, sign_in: SignIn, chromium: Browser):
    name = f"Reader {uuid4().hex[:6]}"
    with sign_in("partner_admin") as admin:
        admin.goto(f"{product.url}/partner/team")
        make_role(admin, name, ("usage:read",))
        admin.get_by_test_id("role-save").click()
        expect(row_of(admin, name)).to_be_visible()
        with signed_in(chromium, product, product.member("operator")) as operator:
            look(operator, product, "/ops/roles", "[data-testid=custom-role-row]")
            operator.set_viewport_size(WIDE)
            shoot(operator, "role-ops")
            line = operator.get_by_test_id("custom-role-row").filter(has_text=name)
            expect(line).to_contain_text("see usage and quotas")
        row_of(admin, name).get_by_test_id("role-delete").click()
        admin.get_by_test_id("role-delete-confirm").click()
        expect(row_of(admin, name)).to_have_count(0)
