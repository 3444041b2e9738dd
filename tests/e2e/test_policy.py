"""The demo's policy decides what screening knows for certain, while somebody looks; nothing is reloaded."""

import time
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.api import holder_of, post_passport, wait_status
from tests.e2e.conftest import SignIn
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 45
"""Far more than it takes: other tests use the same two cores."""
LIST_OR_NONE = '[data-testid="documents-row"], [data-testid="empty-state"]'
"""Only what comes after the list was read is new to it."""


def post(product: Product, seed: int, condition: str, **changed: str):
    external_id = f"e2e-policy-{condition}-{uuid.uuid4().hex[:8]}"
    applicant = holder_of(seed) | changed
    return post_passport(
        product, key=product.key(), seed=seed, external_id=external_id, condition=condition, applicant=applicant
    )


def see(page: Page, document, words: str) -> None:
    """Watch one document's row until it says so."""
    row = page.locator(f'[data-testid="documents-row"][data-id="{document["id"]}"]')
    expect(row.get_by_test_id("document-status")).to_contain_text(words, timeout=SECONDS * 1000)


@pytest.mark.parametrize(
    ("condition", "status", "reasons"),
    [
        ("clean", "approved", []),
        ("expired", "rejected", ["document_expired"]),
        ("blurred", "resubmission_requested", ["image_blurred"]),
    ],
)
def test_what_is_certain_is_decided_without_a_person(product, sign_in: SignIn, condition, status, reasons):
    with sign_in("partner_admin") as partner:
        partner.goto(f"{product.url}/partner/documents")
        expect(partner.get_by_test_id("live-status").first).to_have_text("Live")
        expect(partner.locator(LIST_OR_NONE).first).to_be_visible()
        document = post(product, int(time.time() * 10) % 10**6, condition)
        partner.get_by_test_id("new-rows").click(timeout=SECONDS * 1000)
        see(partner, document, status.split("_")[0].capitalize())
        decided = wait_status(product, document["id"], status, key=product.key())
        assert decided["decision"]["decided_by"] == {"type": "policy"}
        assert decided["decision"]["policy_version"].endswith("@2")
        assert [one["code"] for one in decided["decision"]["reasons"]] == reasons


def test_a_mismatch_goes_to_a_person_and_is_the_first_thing_they_see(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as reviewer:
        reviewer.goto(f"{product.url}/review/queue")
        expect(reviewer.get_by_test_id("live-status").first).to_have_text("Live")
        document = post(product, int(time.time() * 10) % 10**6, "photo", surname="Someone-Else", given_names="Quite")
        waiting = wait_status(product, document["id"], "in_review", key=product.key())
        assert waiting["decision"] is None
        reviewer.goto(f"{product.url}/review/queue?q={document['external_id']}")
        row = reviewer.locator(f'[data-testid="queue-row"][data-document-id="{document["id"]}"]').first
        expect(row).to_contain_text("Name differs")
        row.locator("a").first.click()
        checks = reviewer.locator('[data-testid^="check-"]')
        expect(checks.first).to_have_attribute("data-testid", "check-applicant_match")


def test_an_operator_drafts_and_a_lead_publishes(product: Product, sign_in: SignIn):
    with sign_in("operator") as operator:
        operator.goto(f"{product.url}/ops/policies")
        expect(operator.get_by_test_id("policy-row")).to_have_count(3)
        operator.keyboard.press("n")
        operator.locator("#whose").select_option(label="Start Loans")
        operator.get_by_test_id("policy-create").click()
        source = operator.locator('textarea[data-testid="policy-source"]')
        expect(source).to_be_visible()
        source.fill(source.input_value().replace("outcome: rejected", "outcome: rejcted"))
        expect(operator.get_by_test_id("policy-faults")).to_contain_text("outcome")
        source.fill(source.input_value().replace("outcome: rejcted", "outcome: rejected"))
        expect(operator.get_by_test_id("policy-sound")).to_be_visible()
        operator.get_by_test_id("policy-save").click()
        expect(operator.get_by_test_id("policy-own")).to_be_visible()
        expect(operator.get_by_test_id("policy-publish")).to_be_disabled()
        operator.keyboard.press("Escape")
        operator.get_by_test_id("backtest-start").click()
        expect(operator.get_by_test_id("backtest")).to_have_attribute("data-status", "done", timeout=30_000)
        address = operator.url
    with sign_in("review_lead") as lead:
        lead.goto(address)
        lead.get_by_test_id("policy-publish").click()
        lead.get_by_test_id("policy-confirm").click()
        expect(lead.get_by_text("Rules now").first).to_be_visible()
        lead.goto(f"{product.url}/ops/policies")
        expect(lead.locator('[data-testid="policy-row"][data-status="published"]')).to_have_count(2)
    with sign_in("reviewer") as reviewer:
        reviewer.goto(f"{product.url}/ops/policies")
        expect(reviewer.get_by_test_id("denied-state")).to_be_visible()
