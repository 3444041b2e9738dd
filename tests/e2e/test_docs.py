"""The documentation in a real browser: a key with one click, a line that works, everything found without the server."""

import json
import re
import subprocess

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import problems, watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PAGE = "/partner/developers/docs"
MAX_CLICKS = 3
"""From the dashboard; a fresh invitation takes at most four more."""


def opened(page: Page, product: Product, place: str = "") -> Page:
    page.goto(f"{product.url}{PAGE}{place}")
    expect(page.get_by_test_id("docs-operation").first).to_be_visible()
    return page


def copied(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def test_a_developer_has_a_successful_call_after_three_clicks(product: Product, sign_in: SignIn):
    with sign_in("partner_developer", anew=True) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.url)
        clicks = 0
        for target in (
            page.get_by_role("navigation", name="Primary").get_by_role("link", name="Docs"),
            page.get_by_test_id("docs-key-create"),
            page.locator("#first-call").get_by_test_id("docs-copy"),
        ):
            target.click()
            clicks += 1
            if clicks == MAX_CLICKS - 1:
                expect(page.get_by_test_id("key-secret")).to_be_visible()
        line = copied(page)
        assert re.search(r"Bearer kyc_test_\w+", line)
        done = subprocess.run(
            ["bash", "-c", line.replace("curl ", "curl -sS ", 1)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert json.loads(done.stdout)["has_more"] in {True, False}, done.stdout + done.stderr
        assert clicks <= MAX_CLICKS


def test_the_key_stands_in_every_snippet_of_this_tab_and_stays_while_one_reads(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        opened(page, product)
        page.get_by_test_id("docs-key-create").click()
        secret = page.get_by_test_id("key-secret").get_attribute("data-value")
        assert secret
        expect(page.locator(".docs-key[data-filled]").first).to_have_text(secret)
        page.locator(".docs-places a").filter(has_text="Read a document").click()
        expect(page).to_have_url(re.compile(r"#read-document$"))
        page.go_back()
        keys = set(page.locator(".docs-key").all_text_contents())
        assert keys == {secret}
        other = page.context.new_page()
        opened(other, product)
        assert set(other.locator(".docs-key").all_text_contents()) == {"kyc_test_…"}
        page.goto(f"{product.url}/partner/developers/keys")
        expect(page.get_by_test_id("key-row").filter(has_text="Docs").first).to_be_visible()


def test_search_finds_operations_fields_codes_and_goes_there(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        opened(page, product)
        page.keyboard.press("/")
        expect(page.get_by_test_id("docs-search")).to_be_focused()
        for words, title in (
            ("cancel", "Withdraw a document"),
            ("invalid_country", "invalid_country"),
            ("replaces", "Submit"),
        ):
            page.get_by_test_id("docs-search").fill(words)
            expect(page.locator(".docs-results a").filter(has_text=title).first).to_be_visible()
        page.get_by_test_id("docs-search").fill("idempotency_mismatch")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"#error-idempotency_mismatch$"))
        expect(page.locator("#error-idempotency_mismatch")).to_be_in_viewport()
        page.get_by_test_id("docs-search").fill("nothingofthekind")
        expect(page.get_by_text("Nothing found")).to_be_visible()


def test_what_is_folded_away_opens_in_colour(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        opened(page, product, "#withdraw-document")
        answer = page.locator("#withdraw-document .docs-folded")
        expect(answer.locator("pre")).to_be_hidden()
        answer.locator("summary").click()
        expect(answer.locator("pre .s").first).to_be_visible()
        assert json.loads(answer.locator("pre").text_content() or "")["object"] == "document"


def test_a_link_into_the_middle_leads_there_and_languages_change_together(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        opened(page, product, "#withdraw-document")
        expect(page.locator("#withdraw-document")).to_be_in_viewport()
        page.locator("#withdraw-document").get_by_role("radio", name="Python").check()
        expect(page.locator("#withdraw-document pre[data-language=python]").first).to_be_visible()
        expect(page.locator("#submit-document input[value=python]")).to_be_checked()
        expect(page.locator("#withdraw-document")).to_be_in_viewport()
        opened(page, product)
        expect(page.locator("#list-documents input[value=python]")).to_be_checked()


def test_who_may_not_create_a_key_reads_who_can(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        opened(page, product)
        expect(page.get_by_test_id("docs-key-create")).to_be_disabled()
        expect(page.locator("#docs-who-can")).to_contain_text("partner admin or partner developer")


def test_the_plain_page_needs_no_script(product: Product, chromium: Browser):
    context = chromium.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    foreign, complaints = watched(page, product)
    page.goto(f"{product.url}/api/v1/docs#error-not_found")
    expect(page.locator("#error-not_found")).to_be_in_viewport()
    assert (
        page.locator("body").evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(11, 18, 32)"
    )
    box = page.locator("#submit-document")
    expect(box.locator("pre[data-language=bash]")).to_be_visible()
    box.get_by_role("radio", name="Python").check()
    expect(box.locator("pre[data-language=python]")).to_be_visible()
    expect(box.locator("pre[data-language=bash]")).to_be_hidden()
    assert (foreign, complaints) == ([], [])
    context.close()


SOME = ["header", "#first-call", "#submit-document", "#error-not_found"]
"""One of each kind; the whole page has some fourteen thousand elements and is looked at once."""


@pytest.mark.parametrize(("scheme", "width", "within"), [("light", 1440, None), ("dark", 320, SOME)])
def test_the_plain_page_looks_right(product: Product, chromium: Browser, scheme, width, within):
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    foreign, complaints = watched(page, product)
    page.goto(f"{product.url}/api/v1/docs")
    expect(page.get_by_test_id("docs-search")).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    assert problems(page, within) == []
    assert (foreign, complaints) == ([], [])
    context.close()
