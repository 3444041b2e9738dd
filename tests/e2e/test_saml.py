"""Single sign-on by SAML in a real browser: metadata pasted, a form of another site, and confirming anew."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import problems
from tests.e2e.test_passkeys import make_stale
from tests.e2e.test_sso import WIDE, Company, confirm, join, shoot
from tests.saml_provider import Idp, signer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


@pytest.fixture
def idp() -> Iterator[Idp]:
    with Idp(signer=signer(days=12)).served() as running:
        yield running


def set_up(page: Page, product: Product, company: Company, idp: Idp) -> None:
    page.goto(f"{product.url}/partner/settings")
    page.get_by_test_id("sso-begin").click()
    page.locator("#kind").select_option("saml")
    page.locator("#metadata").fill("<html/>")
    page.get_by_test_id("saml-read").click()
    expect(page.get_by_test_id("sso-dialog")).to_contain_text("not the metadata of one SAML 2.0 identity provider")
    page.locator("#metadata").fill(idp.metadata)
    page.get_by_test_id("saml-read").click()
    expect(page.locator("#issuer")).to_have_value(idp.entity_id)
    expect(page.locator("#saml_url")).to_have_value(idp.url)
    expect(page.locator("#certificates")).to_have_value(re.compile("BEGIN CERTIFICATE"))
    expect(page.get_by_test_id("sso-dialog")).to_contain_text(f"/auth/sso/acs/{company.id}")
    assert problems(page) == []
    shoot(page, "saml-dialog")
    page.get_by_test_id("sso-save").click()
    expect(page.locator("[data-testid=saml-certificate][data-warns=true]")).to_contain_text("Expires in 11 days")
    page.locator("#domain").fill(company.domain)
    page.get_by_test_id("sso-claim").click()
    expect(page.get_by_test_id("sso-domain")).to_contain_text("partner-backoffice-domain=")
    page.get_by_test_id("sso-test").click()
    expect(page.get_by_test_id("sso-finding").filter(has_text="A certificate expires on")).to_be_visible()
    expect(page.locator("[data-testid=sso-finding][data-good=true]")).to_have_count(2)
    assert problems(page) == []
    shoot(page, "saml-panel", "#single-sign-on")


def at_the_provider(page: Page, email: str) -> None:
    page.locator("#email").fill(email)
    page.get_by_role("button", name="Sign in at the provider").click()


def come_in(page: Page, product: Product, company: Company) -> None:
    page.goto(f"{product.url}/login/sso/{company.slug}?next=/partner/documents")
    page.get_by_test_id("sso-start").click()
    at_the_provider(page, company.person)
    page.wait_for_url(re.compile(r"/partner/documents"))
    expect(page.get_by_test_id("sign-out").first).to_be_attached()


def refuse(chromium: Browser, product: Product, company: Company, idp: Idp) -> None:
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    idp.lies = {"signs": ()}
    page.goto(f"{product.url}/login/sso/{company.slug}")
    page.get_by_test_id("sso-start").click()
    at_the_provider(page, company.person)
    expect(page.get_by_test_id("sso-refused")).to_contain_text("sso_saml_unsigned")
    assert problems(page) == []
    shoot(page, "saml-refused")
    idp.lies = {}
    context.close()


def confirm_anew(page: Page, product: Product, company: Company) -> None:
    make_stale(product, company.person)
    page.goto(f"{product.url}/account/security")
    page.get_by_test_id("step-up-sso").click()
    at_the_provider(page, company.person)
    page.wait_for_url(re.compile(r"/account/security"))
    expect(page.get_by_test_id("step-up-sso")).to_have_count(0)


def test_a_company_sets_saml_up_and_its_people_come_in(
    product: Product, sign_in: SignIn, chromium: Browser, idp: Idp
) -> None:
    company = Company(product)
    ours, theirs = chromium.new_context(viewport=WIDE), chromium.new_context(viewport=WIDE)
    admin, person = ours.new_page(), theirs.new_page()
    join(admin, company)
    set_up(admin, product, company, idp)
    confirm(sign_in, product, company)
    expect(admin.locator("[data-testid=sso-domain][data-proven=true]")).to_be_visible()
    come_in(person, product, company)
    refuse(chromium, product, company, idp)
    confirm_anew(person, product, company)
    admin.get_by_test_id("sso-change").click()
    expect(admin.locator("#issuer")).to_have_value(idp.entity_id)
    admin.locator("#kind").select_option("oidc")
    expect(admin.locator("#client_id")).to_have_value("")
    expect(admin.locator("#issuer")).to_have_value("")
    ours.close()
    theirs.close()
