"""A document's whole way, in two browsers and one partner's server; nothing is reloaded."""

import re
import time
import uuid
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from tests.e2e.api import post_passport, wait_status
from tests.e2e.conftest import SignIn
from tests.e2e.desk import ready
from tests.e2e.hooks import create_endpoint
from tests.e2e.product import Product
from tests.e2e.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def endpoint(product: Product, receiver: Receiver) -> Receiver:
    receiver.secret = create_endpoint(product, receiver.url)
    Webhook(receiver.secret)
    return receiver


def kpi(page: Page, name: str) -> int:
    value = page.get_by_test_id(f"kpi-{name}").get_attribute("data-value")
    assert value is not None
    return int(float(value))


def arrive(product: Product, page: Page, name: str) -> dict[str, Any]:
    """Post a document while the queue is open and wait until its row is there."""
    external_id = f"e2e-{name}-{uuid.uuid4().hex[:8]}"
    page.goto(f"{product.url}/review/queue?q={external_id}")
    expect(page.get_by_test_id("live-status").first).to_have_text("Live")
    expect(page.get_by_test_id("queue-row")).to_have_count(0)
    document = post_passport(product, key=product.key(), seed=int(time.time() * 10) % 10**6, external_id=external_id)
    row = page.locator(f'[data-testid="queue-row"][data-document-id="{document["id"]}"]').first
    expect(row).to_be_visible(timeout=40_000)
    return document


def open_task(page: Page, document: dict[str, Any]) -> None:
    page.locator(f'[data-testid="queue-row"][data-document-id="{document["id"]}"] a').first.click()
    workspace = page.locator(f'[data-testid="workspace"][data-document-id="{document["id"]}"]')
    expect(workspace).to_be_visible()
    ready(page)


def test_approve_with_one_key_reaches_dashboard_and_receiver(product: Product, sign_in: SignIn, endpoint: Receiver):
    with sign_in("reviewer") as reviewer, sign_in("partner_admin") as partner:
        partner.goto(f"{product.url}/partner")
        expect(partner.get_by_test_id("live-status").first).to_have_text("Live")
        before = kpi(partner, "approved")
        document = arrive(product, reviewer, "approve")
        open_task(reviewer, document)
        reviewer.keyboard.press("a")
        expect(reviewer.get_by_test_id("decision-undo").first).to_be_visible()
        assert endpoint.of(document["id"], "document.approved") == []
        wait_status(product, document["id"], "approved", key=product.key())
        expect(partner.get_by_test_id("kpi-approved")).not_to_have_attribute("data-value", str(before), timeout=15_000)
        assert kpi(partner, "approved") == before + 1
        deadline = time.monotonic() + 15
        while not endpoint.of(document["id"], "document.approved") and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1.5)
        assert len(endpoint.of(document["id"], "document.approved")) == 1
        assert endpoint.refused == []
        numbers = sorted(event["sequence"] for event in endpoint.of(document["id"]))
        assert numbers == list(range(1, len(numbers) + 1))


def test_reject_with_a_reason_in_three_keys(product: Product, sign_in: SignIn, endpoint: Receiver):
    with sign_in("reviewer", skip=1) as reviewer:
        document = arrive(product, reviewer, "reject")
        open_task(reviewer, document)
        for key in ("r", "1", "Enter"):
            reviewer.keyboard.press(key)
        decided = wait_status(product, document["id"], "rejected", key=product.key())
        assert len(decided["decision"]["reasons"]) == 1
        assert decided["decision"]["decided_by"] == {"type": "reviewer"}
        deadline = time.monotonic() + 15
        while not endpoint.of(document["id"], "document.rejected") and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(endpoint.of(document["id"], "document.rejected")) == 1


def test_undo_takes_the_verdict_back_and_no_event_leaves(product: Product, sign_in: SignIn, endpoint: Receiver):
    with sign_in("reviewer") as reviewer:
        document = arrive(product, reviewer, "undo")
        open_task(reviewer, document)
        reviewer.keyboard.press("a")
        expect(reviewer.get_by_test_id("decision-undo").first).to_be_visible()
        reviewer.keyboard.press("z")
        expect(reviewer.locator(f'[data-testid="workspace"][data-document-id="{document["id"]}"]')).to_be_visible()
        time.sleep(5)
        assert wait_status(product, document["id"], "in_review", key=product.key())["decision"] is None
        assert endpoint.of(document["id"], "document.approved") == []
        with psycopg.connect(product.runtime()["database_owner_url"].replace("+psycopg", "")) as database:
            database.execute("select set_config('app.everyone', 'on', false)")
            query = "select count(*) from events where type = 'document.approved' and data->'object'->>'id' = %s"
            assert database.execute(query, (document["id"],)).fetchone() == (0,)


def test_two_reviewers_press_a_at_once_and_one_decides(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as one, sign_in("reviewer", skip=1) as two:
        document = arrive(product, one, "race")
        open_task(one, document)
        address = one.url
        two.goto(address)
        ready(two)
        one.keyboard.press("a")
        two.keyboard.press("a")
        wait_status(product, document["id"], "approved", key=product.key())
        expect(two.get_by_text(re.compile(r"Decided by Joe Park .* ago: Approved"))).to_be_visible()
        with psycopg.connect(product.runtime()["database_owner_url"].replace("+psycopg", "")) as database:
            database.execute("select set_config('app.everyone', 'on', false)")
            query = "select count(*) from decisions d join documents x on x.id = d.document_id where x.external_id = %s"
            assert database.execute(query, (document["external_id"],)).fetchone() == (1,)
