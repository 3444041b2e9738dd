"""Single sign-on in a real browser, with a real provider: set up, proven, used, the only way in, and confirmed anew."""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.conftest import SignIn, fresh_code
from tests.e2e.product import ROOT, Product
from tests.e2e.test_looks import paint, problems
from tests.e2e.test_passkeys import make_stale
from tests.oidc_provider import CLIENT, SECRET, Provider

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE: ViewportSize = {"width": 1440, "height": 900}
PASSWORD = "quiet ferries in may"
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of the steps, to be looked at."""


def shoot(page: Page, name: str, part: str = "") -> None:
    for width in (1440, 390) if SHOTS else ():
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            paint(page, theme)
            path = Path(SHOTS or "") / f"sso-{name}-{width}-{theme}.png"
            if part:
                page.locator(part).screenshot(path=path)
            else:
                page.screenshot(path=path, full_page=True)
    page.set_viewport_size(WIDE)
    paint(page, "light")


def command(product: Product, *arguments: str) -> str:
    """Run one command of the product beside it."""
    told = subprocess.run(
        [str(Path(sys.executable).with_name("backoffice")), *arguments],
        cwd=ROOT, env=product.environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()


class Company:
    """One of its own for each try: others of the demo go on signing in with passwords."""

    def __init__(self, product: Product) -> None:
        self.mark = uuid.uuid4().hex[:8]
        self.slug, self.domain = f"nordwind-{self.mark}", f"nordwind-{self.mark}.example"
        self.id = command(product, "partner", "create", "Nordwind Bank", self.slug)
        self.admin = f"ada.{self.mark}@{self.domain}"
        self.person = f"emil.berg@{self.domain}"
        invite = ("member", "invite", self.admin, "Ada Lind", "partner_admin", "--partner-slug", self.slug)
        self.link = command(product, *invite)


def join(page: Page, company: Company) -> None:
    page.goto(company.link)
    page.locator("summary").first.click()
    seed = page.get_by_test_id("invite-seed").inner_text().replace(" ", "")
    page.get_by_test_id("invite-password").fill(PASSWORD)
    page.get_by_test_id("invite-code").fill(fresh_code(seed))
    page.get_by_test_id("invite-submit").click()
    page.wait_for_url(re.compile(r"/partner"))


def set_up(page: Page, product: Product, company: Company, provider: Provider) -> None:
    page.goto(f"{product.url}/partner/settings")
    expect(page.get_by_test_id("sso-begin")).to_be_visible()
    shoot(page, "none")
    page.get_by_test_id("sso-begin").click()
    page.locator("#issuer").fill("http://10.0.0.1")
    page.locator("#client_id").fill(CLIENT)
    page.locator("#secret").fill(SECRET)
    page.get_by_test_id("sso-save").click()
    expect(page.get_by_test_id("sso-dialog")).to_contain_text("must begin with https://")
    assert problems(page) == []
    shoot(page, "dialog")
    page.locator("#issuer").fill(provider.issuer)
    page.locator("[name=role]").select_option("partner_developer")
    page.locator("#secret").fill(SECRET)
    page.get_by_test_id("sso-save").click()
    expect(page.get_by_test_id("sso-test")).to_be_visible()
    page.locator("#domain").fill("gmail.com")
    page.get_by_test_id("sso-claim").click()
    expect(page.get_by_test_id("sso-claim-form")).to_contain_text("Everybody can have an address there")
    page.locator("#domain").fill(company.domain)
    page.get_by_test_id("sso-claim").click()
    expect(page.get_by_test_id("sso-domain")).to_contain_text("partner-backoffice-domain=")
    page.get_by_test_id("sso-test").click()
    expect(page.get_by_test_id("sso-finding").filter(has_text="No domain is proven")).to_be_visible()
    expect(page.locator("[data-testid=sso-finding][data-good=true]")).to_have_count(2)
    assert SECRET not in page.content()
    assert problems(page) == []
    shoot(page, "waiting")


def confirm(sign_in: SignIn, product: Product, company: Company) -> None:
    with sign_in("operator") as page:
        page.goto(f"{product.url}/ops/partners/{company.id}?tab=users")
        expect(page.get_by_test_id("sso-domain")).to_contain_text("partner-backoffice-domain=")
        assert problems(page) == []
        shoot(page, "ops")
        page.get_by_test_id("sso-confirm").click()
        expect(page.get_by_test_id("sso-confirm-dialog")).to_be_visible()
        assert problems(page) == []
        page.get_by_test_id("sso-confirm-yes").click()
        expect(page.locator("[data-testid=sso-domain][data-proven=true]")).to_be_visible()


def come_in(page: Page, product: Product, company: Company) -> None:
    page.goto(f"{product.url}/login")
    assert problems(page) == []
    shoot(page, "login")
    page.get_by_test_id("login-sso").click()
    page.get_by_test_id("sso-email").fill("nobody@elsewhere.example")
    page.get_by_test_id("sso-find-submit").click()
    expect(page.get_by_role("alert")).to_contain_text("No company signs in")
    assert problems(page) == []
    shoot(page, "find")
    page.get_by_test_id("sso-email").fill(company.person)
    page.get_by_test_id("sso-find-submit").click()
    expect(page.get_by_test_id("sso-start-page")).to_contain_text("Nordwind Bank")
    assert problems(page) == []
    shoot(page, "start")
    page.get_by_test_id("sso-start").click()
    page.locator("#email").fill(company.person)
    page.get_by_role("button", name="Sign in at the provider").click()
    page.wait_for_url(re.compile(r"/partner/?$"))
    expect(page.get_by_test_id("sign-out").first).to_be_attached()


def refuse(chromium: Browser, product: Product, company: Company, provider: Provider) -> None:
    """See what people see who are not let in."""
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    provider.lie(claims={"nonce": "another"})
    page.goto(f"{product.url}/login/sso/{company.slug}")
    page.get_by_test_id("sso-start").click()
    page.locator("#email").fill(company.person)
    page.get_by_role("button", name="Sign in at the provider").click()
    expect(page.get_by_test_id("sso-refused")).to_contain_text("sso_wrong_nonce")
    assert problems(page) == []
    shoot(page, "refused")
    provider.lie()
    page.goto(f"{product.url}/login")
    page.get_by_test_id("login-email").fill(company.person)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_role("alert")).to_contain_text("single sign-on only")
    shoot(page, "only-way")
    context.close()


def confirm_anew(page: Page, product: Product, company: Company) -> None:
    make_stale(product, company.person)
    page.goto(f"{product.url}/account/security")
    expect(page.get_by_test_id("step-up-sso")).to_be_visible()
    assert problems(page) == []
    shoot(page, "step-up")
    page.get_by_test_id("step-up-sso").click()
    page.locator("#email").fill(company.person)
    page.get_by_role("button", name="Sign in at the provider").click()
    page.wait_for_url(re.compile(r"/account/security"))
    expect(page.get_by_test_id("step-up-sso")).to_have_count(0)


def make_a_key(page: Page, product: Product, company: Company) -> None:
    """Confirm in a new tab, and find in the old one what was typed there."""
    page.goto(f"{product.url}/partner/developers/keys")
    expect(page.get_by_text("No keys yet")).to_be_visible()
    page.get_by_test_id("key-new").click()
    page.locator("#name").fill("Nightly import")
    make_stale(product, company.person)
    page.get_by_test_id("key-create").click()
    expect(page.get_by_test_id("step-up-sso")).to_be_visible()
    assert problems(page) == []
    shoot(page, "step-up-dialog")
    with page.context.expect_page() as opened:
        page.get_by_test_id("step-up-sso").click()
    tab = opened.value
    tab.locator("#email").fill(company.person)
    tab.get_by_role("button", name="Sign in at the provider").click()
    expect(tab.get_by_test_id("sso-confirmed")).to_be_visible()
    assert problems(tab) == []
    tab.close()
    expect(page.get_by_test_id("step-up-elsewhere")).to_be_visible()
    shoot(page, "step-up-elsewhere")
    page.get_by_test_id("step-up-done").click()
    expect(page.locator("#name")).to_have_value("Nightly import")
    page.get_by_test_id("key-create").click()
    expect(page.get_by_test_id("key-secret")).to_be_visible()


def test_a_company_sets_it_up_and_its_people_come_in(
    product: Product, sign_in: SignIn, chromium: Browser, provider: Provider
):
    provider.lie()
    company = Company(product)
    ours, theirs = chromium.new_context(viewport=WIDE), chromium.new_context(viewport=WIDE)
    admin, person = ours.new_page(), theirs.new_page()
    join(admin, company)
    set_up(admin, product, company, provider)
    confirm(sign_in, product, company)
    expect(admin.locator("[data-testid=sso-domain][data-proven=true]")).to_be_visible()
    come_in(person, product, company)
    admin.get_by_test_id("sso-change").click()
    admin.locator("[name=is_only_way]").check()
    admin.get_by_test_id("sso-save").click()
    expect(admin.get_by_test_id("sso-panel")).to_contain_text("the only way in")
    expect(admin.get_by_test_id("sso-panel")).to_contain_text("1 person has come by it")
    assert problems(admin) == []
    shoot(admin, "on")
    refuse(chromium, product, company, provider)
    confirm_anew(person, product, company)
    make_a_key(person, product, company)
    admin.goto(f"{product.url}/partner/team")
    expect(admin.get_by_test_id("member-row").filter(has_text=company.person)).to_contain_text("Developer")
    assert f"{company.slug}: {company.domain} proven" in command(product, "sso", "list")
    assert "off" in command(product, "sso", "disable", company.slug)
    person.goto(f"{product.url}/partner")
    expect(person.get_by_test_id("login-email")).to_be_visible()
    ours.close()
    theirs.close()
