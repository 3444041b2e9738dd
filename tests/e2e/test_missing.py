"""A wrong address ends at a page that says so and leads on, from outside and from within the product."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import THEMES, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WRONG = "/partner/applicants/nobody"
GO = "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }"


@pytest.mark.parametrize("width", [390, 1440])
def test_a_wrong_address_says_so_and_leads_on(product: Product, sign_in: SignIn, width: int):
    with sign_in("partner_admin") as page:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            answer = page.goto(f"{product.url}{WRONG}")
            assert answer
            assert answer.status == 404
            expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
            assert problems(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.screenshot(path=product.folder / f"missing-{theme}-{width}.png")
        page.get_by_role("link", name="Go to the start page").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def test_a_way_within_the_product_that_leads_nowhere_ends_there_too(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        page.goto(f"{product.url}/partner")
        expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
        page.evaluate(GO, WRONG)
        expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
        assert page.url.endswith(WRONG)


def test_who_is_not_signed_in_is_told_alike(product: Product, chromium):
    with chromium.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.goto(f"{product.url}{WRONG}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Page introuvable")
