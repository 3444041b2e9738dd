"""At the desk by keys alone: wait, ask, write to the applicant, move a key; and the partner's side of it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.desk import at_the_desk, gone, ready
from tests.e2e.product import Product
from tests.e2e.test_looks import problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PARTNERS = {"Acme": "acme", "Rival": "rival", "Start": "start"}
QUESTION, ANSWER = "Is the second surname a former name?", "Yes, before she married."


def test_a_question_goes_to_the_partner_and_comes_back(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        task = at_the_desk(page, product)
        document = page.get_by_test_id("workspace").get_attribute("data-document-id")
        words = page.get_by_test_id("workspace").inner_text()
        partner = next(slug for name, slug in PARTNERS.items() if name in words)
        page.keyboard.press("w")
        expect(page.get_by_test_id("aside-desk")).to_be_visible()
        page.keyboard.press("5")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Write what you need to know.")).to_be_visible()
        page.get_by_test_id("question-text").fill(QUESTION)
        assert problems(page) == []
        page.keyboard.press("Control+Enter")
        gone(page, task)
        with sign_in("partner_admin", partner) as other:
            other.goto(f"{product.url}/partner/documents/{document}")
            expect(other.get_by_test_id("question")).to_contain_text("Hidden until you say")
            other.get_by_test_id("reveal-open").click()
            other.get_by_test_id("purpose-support").click()
            other.get_by_test_id("reveal-confirm").click()
            expect(other.get_by_test_id("question")).to_contain_text(QUESTION)
            other.locator("textarea[name=answer]").fill(ANSWER)
            assert problems(other) == []
            other.get_by_test_id("question-answer").click()
            expect(other.get_by_test_id("question")).to_have_attribute("data-state", "answered")
        page.goto(f"{product.url}/review/work/{task}")
        expect(page.get_by_test_id("question")).to_contain_text(ANSWER)


def test_the_message_is_shown_as_it_will_arrive(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        at_the_desk(page, product)
        page.keyboard.press("s")
        page.keyboard.press("1")
        page.get_by_test_id("message-text").fill("Please use daylight.")
        expect(page.get_by_test_id("message-preview")).to_contain_text("Please use daylight.")
        assert problems(page) == []
        page.keyboard.press("Escape")
        page.reload()
        ready(page)
        page.keyboard.press("s")
        expect(page.get_by_test_id("message-text")).to_have_value("Please use daylight.")


def test_a_moved_key_acts_in_every_browser_and_the_old_one_does_not(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        task = at_the_desk(page, product)
        page.keyboard.press("?")
        page.get_by_test_id("key-wait").click()
        page.keyboard.press("h")
        expect(page.get_by_text("is “Hold” already")).to_be_visible()
        page.keyboard.press("y")
        expect(page.get_by_test_id("key-wait")).to_have_text("Y")
        assert problems(page) == []
        page.keyboard.press("Escape")
    with sign_in("reviewer") as page:
        page.goto(f"{product.url}/review/work/{task}")
        ready(page)
        page.keyboard.press("w")
        page.keyboard.press("y")
        expect(page.get_by_test_id("aside-desk")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        page.get_by_test_id("hotkeys-reset").click()
        page.keyboard.press("Escape")
        page.keyboard.press("y")
        expect(page.get_by_test_id("aside-desk")).to_have_count(0)
        page.keyboard.press("w")
        page.keyboard.press("1")
        gone(page, task)


def test_a_lead_opens_a_decision_again(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        page.goto(f"{product.url}/review/history")
        page.locator("a[href*='/review/documents/']").first.click()
        expect(page.get_by_test_id("reopening")).to_be_visible()
        page.locator("textarea[name=why]").fill("Short")
        page.get_by_test_id("reopen").click()
        expect(page.get_by_text("Say why in 10")).to_be_visible()
        page.locator("textarea[name=why]").fill("The portrait shows somebody else.")
        assert problems(page) == []
        page.get_by_test_id("reopen").click()
        expect(page.get_by_test_id("past")).to_contain_text("The portrait shows somebody else.")
        expect(page.get_by_test_id("reopening")).to_have_count(0)
