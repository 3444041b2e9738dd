"""Alerts in a browser: a rule that fires on real requests, the bell that counts, the letter that arrives, the looks."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.api import request
from tests.e2e.conftest import SignIn
from tests.e2e.desk import rows
from tests.e2e.post import Mailbox
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
PLACE = "/partner/alerts"
NOTICED = 90_000
"""Milliseconds: rules are gone through every half minute."""


def fail_often(product: Product, partner: str, times: int = 30) -> None:
    for _ in range(times):
        status, _ = request(product, "GET", "/documents/doc_none", key=product.key(partner))
        assert status in {404, 429}


def row_of(page: Page, kind: str):
    return page.locator(f"[data-testid=alert-row][data-kind={kind}]")


def test_a_rule_fires_the_bell_counts_and_a_letter_arrives(product: Product, sign_in: SignIn, mailbox: Mailbox):
    address = product.member("partner_admin", "rival")["email"]
    with sign_in("partner_admin", "rival") as page:
        page.goto(f"{product.url}/partner")
        bell = page.get_by_test_id("bell")
        expect(bell).to_have_attribute("data-value", re.compile(r"\d+"))
        fail_often(product, "rival")
        panel = page.get_by_test_id("alerts-panel")
        expect(panel).to_contain_text("% of API requests fail", timeout=NOTICED)
        expect(bell).not_to_have_attribute("data-value", "0")
        before = int(bell.get_attribute("data-value") or "0")
        expect(bell).to_have_attribute("aria-label", re.compile(rf"{before} new"))
        bell.click()
        expect(page.get_by_test_id("bell-item").filter(has_text="API requests fail")).to_be_visible()
        assert problems(page) == []
        expect(bell).to_have_attribute("data-value", "0")
        page.keyboard.press("Escape")
        page.goto(f"{product.url}{PLACE}?kind=api_errors")
        expect(row_of(page, "api_errors")).to_have_attribute("data-state", "open")
        page.keyboard.press("j")
        page.keyboard.press("a")
        expect(page.get_by_test_id("empty-state")).to_be_visible()
        page.get_by_test_id("alerts-tab-acknowledged").click()
        expect(row_of(page, "api_errors")).to_be_visible()
        page.get_by_test_id("alert-reopen").click()
        page.get_by_test_id("alerts-tab-open").click()
        expect(row_of(page, "api_errors")).to_be_visible()
        page.keyboard.press("m")
        expect(page.get_by_test_id("mute-dialog")).to_contain_text("API requests fail")
        assert problems(page) == []
        page.get_by_test_id("mute-hour").click()
        page.get_by_test_id("alerts-tab-muted").click()
        expect(row_of(page, "api_errors")).to_contain_text("for 59:")
    mail = mailbox.wait_for(address, "of API requests fail")
    body = mail.get_body(("plain",)).get_content()
    assert f"{product.url}/partner/developers/requests?status=4xx" in body
    stop = str(mail["List-Unsubscribe"]).strip("<>")
    with sign_in("partner_admin", "rival") as page:
        answer = page.request.post(stop, form={"List-Unsubscribe": "One-Click"})
        assert answer.ok
        page.goto(f"{product.url}{PLACE}?tab=letters")
        expect(page.get_by_test_id("rhythms-stopped")).to_be_visible()
        page.get_by_test_id("rhythms-resume").click()
        expect(page.get_by_test_id("rhythms-stopped")).to_be_hidden()


def test_alerts_look_well_and_end_with_their_rule(product: Product, sign_in: SignIn):
    ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    body = f'{{"name": "Till", "scopes": ["documents:read"], "expires_at": "{ends}"}}'.encode()
    headers = {"Content-Type": "application/json"}
    status, _ = request(product, "POST", "/api_keys", key=product.key(), body=body, headers=headers)
    assert status == 201
    recent = "select count(*) from api_requests where created_at > now() - interval '15 min'"
    fail_often(product, "acme", 30 + rows(product, recent)[0][0] // 3)  # beside what other tests have asked for
    with sign_in("partner_admin") as page:
        page.goto(f"{product.url}{PLACE}")
        expect(row_of(page, "key_expiring")).to_be_visible(timeout=NOTICED)
        expect(row_of(page, "api_errors")).to_be_visible(timeout=NOTICED)
        look(page, product, PLACE, "[data-testid=alert-row]")
        look(page, product, f"{PLACE}?tab=rules", "[data-testid=rule]")
        look(page, product, f"{PLACE}?tab=letters", "[data-testid=rhythm]")
        look(page, product, f"{PLACE}?tab=muted", "[data-testid=empty-state]", axe=())
        change_rules(page, product)
    with sign_in("partner_analyst") as page:
        page.goto(f"{product.url}{PLACE}?tab=rules")
        expect(page.get_by_test_id("rules-closed")).to_be_visible()
        expect(page.locator("#quota")).to_be_disabled()
        page.get_by_test_id("alerts-tab-open").click()
        expect(row_of(page, "api_errors")).to_have_count(0)
    with sign_in("reviewer") as page:
        answer = page.goto(f"{product.url}{PLACE}")
        assert answer
        assert answer.status == 403


def change_rules(page: Page, product: Product) -> None:
    """Save another threshold and switch a rule off, whose alert is over then."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{product.url}{PLACE}?tab=rules")
    page.locator("#quota").fill("101")
    page.get_by_test_id("save-review").click()
    expect(page.locator("#quota-error")).to_contain_text("1 to 100")
    page.locator("#quota").fill("75")
    page.locator("[data-testid=rule][data-kind=key_expiring] input[type=checkbox]").uncheck()
    page.get_by_test_id("save-review").click()
    expect(page.get_by_test_id("rules-change")).to_have_count(2)
    assert problems(page) == []
    page.get_by_test_id("rules-save").click()
    expect(page.get_by_test_id("rules-form")).to_have_attribute("data-version", "1")
    page.goto(f"{product.url}{PLACE}?kind=key_expiring")
    expect(page.get_by_test_id("empty-state")).to_be_visible(timeout=NOTICED)
    page.goto(f"{product.url}{PLACE}?tab=resolved&kind=key_expiring")
    expect(row_of(page, "key_expiring").first).to_have_attribute("data-state", "resolved")
