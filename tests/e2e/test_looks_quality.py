"""Quality, samples, history and stories in a browser: how they look, and that a decision is counted as it was made."""

import json
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import SignIn, signed_in
from tests.e2e.product import Product
from tests.e2e.test_looks import REVIEW_WIDTHS, look, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
AGREED = re.compile(r"^\d+\.\d %$")


def test_quality(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        look(page, product, "/review/quality", "[data-testid=quality]", axe=REVIEW_WIDTHS)
        expect(page.get_by_test_id("figure-agreement").locator(".kpi-value")).to_have_text(AGREED)
        expect(page.get_by_test_id("person-row").nth(1)).to_be_visible()
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_test_id("quality-weeks").get_by_role("button", name="show as table").click()
        expect(page.get_by_test_id("quality-weeks").get_by_role("table")).to_be_visible()
        page.get_by_test_id("person-row").first.locator("a").click()
        page.wait_for_url(re.compile(r"person=mem_"))
        expect(page.get_by_test_id("person-row")).to_have_count(0)
        page.goto(f"{product.url}/review/quality?check=image_quality:laplacian@1")
        expect(page.get_by_test_id("quality-check")).to_contain_text("decisions needed before we show")


def test_a_reviewer_sees_their_own_quality(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        look(page, product, "/review/quality", "[data-testid=quality]")
        expect(page.get_by_test_id("person-row")).to_have_count(0)
        expect(page.get_by_test_id("figure-gold")).to_contain_text("of 30 decisions needed before we show an accuracy.")


def test_history_and_the_story_behind_a_row(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        look(page, product, "/review/history", "[data-testid=history-row]", axe=REVIEW_WIDTHS)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_label("Outcome").select_option("rejected")
        page.wait_for_url(re.compile(r"outcome=rejected"))
        expect(page.locator("[data-testid=history-row]:not([data-outcome=rejected])")).to_have_count(0)
        page.get_by_test_id("history-overturned").click()
        page.wait_for_url(re.compile(r"overturned=1"))
        expect(page.get_by_test_id("empty-state")).to_be_visible()
        assert problems(page) == []
        page.get_by_test_id("clear-filters").click()
        page.get_by_test_id("history-row").first.locator("a").click()
        page.wait_for_url(re.compile(r"/review/documents/doc_"))
        look(page, product, page.url.removeprefix(product.url), "[data-testid=story-entry]", axe=REVIEW_WIDTHS)


def test_a_second_look_by_keys_alone(product: Product, chromium: Browser):
    with signed_in(chromium, product, product.member("reviewer", skip=1)) as page:
        look(page, product, "/review/samples", "[data-testid=sample-row]", axe=REVIEW_WIDTHS)
        page.set_viewport_size({"width": 1440, "height": 900})
        expect(page.get_by_test_id("sample-take")).to_be_enabled()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/review/samples/smp_"))
        address = page.url.removeprefix(product.url)
        look(page, product, address, "[data-testid=viewer-image][data-state=ready]")
        assert "doc_" not in page.content()
        page.wait_for_timeout(500)
        page.keyboard.press("r")
        expect(page.get_by_test_id("reason-picker")).to_be_visible()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("sample-revealed")).to_be_visible()
        look(page, product, address, "[data-testid=sample-revealed]")
        if page.get_by_test_id("sample-result").get_attribute("data-agrees") == "false":
            page.get_by_role("button", name="Image", exact=True).click()
            expect(page.get_by_role("button", name="Image", exact=True)).to_have_attribute("aria-pressed", "true")


def test_disagreements_and_percentages_for_leads(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        look(page, product, "/review/samples?view=disagreements", "[data-testid=sample-row]")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_test_id("shares-edit").click()
        expect(page.get_by_label("Low risk, percent")).to_be_visible()
        assert problems(page) == []
        page.get_by_label("Low risk, percent").fill("200")
        page.get_by_test_id("shares-save").click()
        expect(page.get_by_text("whole number from 0 to 100")).to_be_visible()
        page.get_by_label("Low risk, percent").fill("12")
        page.get_by_test_id("shares-save").click()
        expect(page.get_by_label("Low risk, percent")).to_be_hidden()


def test_the_workspace_counts_what_a_decision_takes(product: Product, chromium: Browser):
    sent: list[dict[str, object]] = []

    def frame(payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else ""
        if "work_state.tally" in text:
            sent.append(json.loads(text[text.index("[") :])[1]["payload"])

    with signed_in(chromium, product, product.member("reviewer")) as page:
        page.on("websocket", lambda socket: socket.on("framesent", frame))
        page.goto(f"{product.url}/review/work")
        expect(page.get_by_test_id("viewer-image")).to_have_attribute("data-state", "ready")
        page.wait_for_timeout(600)
        page.keyboard.press("+")
        page.locator("[data-testid^=check-]").first.click()
        page.keyboard.press("r")
        expect(page.get_by_test_id("reason-picker")).to_be_visible()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("decision-undo")).to_be_visible()
        page.wait_for_timeout(300)
        page.keyboard.press("z")
        expect(page.get_by_test_id("decision-undo")).to_be_hidden()
    assert len(sent) == 1
    counts = sent[0]["counts"]
    assert isinstance(counts, dict)
    assert (counts["keys"], counts["clicks"], counts["zoom_used"], counts["checks_opened"]) == (4, 1, 1, 1)
    assert 500 <= counts["active_ms"] < 60_000
    assert 500 <= counts["first_input_ms"] <= counts["active_ms"]
    assert (counts["images_opened"], counts["connection_lost_ms"]) == (1, 0)
