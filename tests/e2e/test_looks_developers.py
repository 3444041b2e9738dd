"""What developers work with: events and who was told, the sandbox, requests asked again, charts as files."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from backoffice.viewmodels.sandbox import length
from tests.e2e.api import request
from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.receiver import Receiver
from tests.e2e.test_looks import SHOT_WIDTHS, THEMES, look, paint, problems, seen, watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
EVENTS, SANDBOX, REQUESTS = (f"/partner/developers/{name}" for name in ("events", "sandbox", "requests"))
TODAY = "new Date().toLocaleDateString('sv-SE')"
"""The browser's own day, in ISO 8601."""
NOTHING = "0" * 26
"""The id of no thing."""
JSON = {"Content-Type": "application/json"}
WIDE = {"width": 1440, "height": 900}


def in_every_look(page: Page) -> None:
    """What is open now has no violation in either theme, and nothing scrolls sideways."""
    for theme in THEMES:
        paint(page, theme)
        assert seen(page, SHOT_WIDTHS) == [], theme
    page.set_viewport_size(WIDE)


@pytest.fixture
def endpoint(product: Product) -> Iterator[tuple[Receiver, str]]:
    """A real receiver of acme's test events."""
    key = product.key(mode="test_key")
    with Receiver() as receiver:
        wish = {"url": receiver.url, "description": "Orders in Europe"}
        _, made = request(product, "POST", "/webhook_endpoints", key=key, body=json.dumps(wish).encode(), headers=JSON)
        receiver.secret = made["secret"]
        yield receiver, made["id"]
        request(product, "DELETE", f"/webhook_endpoints/{made['id']}", key=key)


def test_pages_in_every_look(product: Product, sign_in: SignIn):
    with sign_in("partner_developer") as page:
        look(page, product, EVENTS, "[data-testid=event-row]")
        look(page, product, f"{EVENTS}?subject=doc_{NOTHING}", "[data-testid=empty-state]")
        look(page, product, f"{EVENTS}?event=evt_{NOTHING}", "[data-testid=event-missing]")
        look(page, product, f"{EVENTS}?cursor=nothing", "[data-testid=error-state]")
        look(page, product, SANDBOX, "[data-testid=magic-card]")


def test_who_may_not_is_told_who_may(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        page.goto(f"{product.url}{SANDBOX}")
        expect(page.get_by_text("sandbox:use")).to_be_visible()
        page.goto(f"{product.url}{EVENTS}")
        page.get_by_test_id("event-row").first.locator("button").first.click()
        expect(page.get_by_test_id("event-untellable")).to_be_visible()
        expect(page.get_by_test_id("event-told")).to_have_count(0)


def test_what_happened_and_who_was_told(product: Product, sign_in: SignIn, endpoint: tuple[Receiver, str]):
    receiver, endpoint_id = endpoint
    key = product.key(mode="test_key")
    with sign_in("partner_developer") as page:
        page.goto(f"{product.url}{EVENTS}?mode=test&type=webhook_endpoint.test")
        expect(page.get_by_test_id("event-row").or_(page.get_by_test_id("empty-state")).first).to_be_visible()
        before = page.get_by_test_id("event-row").evaluate_all("all => all.map((one) => one.dataset.id)")
        request(product, "POST", f"/webhook_endpoints/{endpoint_id}/test", key=key)
        pill = page.get_by_test_id("new-rows")
        expect(pill).to_contain_text("1 new")
        assert page.get_by_test_id("event-row").evaluate_all("all => all.map((one) => one.dataset.id)") == before
        pill.click()
        expect(page.get_by_test_id("event-row")).to_have_count(len(before) + 1)
        page.get_by_test_id("event-row").first.locator("button").first.click()
        told = page.get_by_test_id("event-told").filter(has_text="Orders in Europe")
        expect(told).to_have_attribute("data-state", "delivered")
        shown = json.loads(page.get_by_test_id("event-body").inner_text())
        _, answer = request(product, "GET", f"/events/{shown['id']}", key=key)
        assert shown == answer
        in_every_look(page)
        told.get_by_test_id("event-resend").click()
        expect(told).to_contain_text("2 attempts")
        expect(told).to_have_attribute("data-state", "delivered")
        assert [one["id"] for one in receiver.events].count(shown["id"]) == 2
        told.get_by_test_id("event-log").click()
        page.wait_for_url(re.compile(rf"/webhooks/{endpoint_id}\?delivery=dlv_"))


def test_a_document_of_the_sandbox_from_the_press_to_the_webhook(
    product: Product, sign_in: SignIn, endpoint: tuple[Receiver, str]
):
    receiver, _ = endpoint
    with sign_in("partner_developer") as page:
        _, complaints = watched(page, product)
        page.goto(f"{product.url}{SANDBOX}")
        card = page.locator('[data-testid="magic-card"][data-name="rejected_fraud"]')
        rows = page.get_by_test_id("sandbox-row")
        expect(card).to_be_visible()
        before = rows.count()
        card.get_by_test_id("send-rejected_fraud").dblclick()
        became = card.get_by_test_id("sandbox-became")
        expect(became).to_have_attribute("data-status", "rejected", timeout=60_000)
        expect(rows.first).to_have_attribute("data-status", "rejected")
        document = str(became.get_attribute("data-id"))
        assert rows.count() == min(before + 1, 10)
        _, listed = request(product, "GET", "/documents?limit=2", key=product.key(mode="test_key"))
        assert [one["id"] for one in listed["data"]].count(document) == 1
        assert listed["data"][0]["decision"]["decided_by"]["type"] == "simulation"
        received(receiver, page, document, "document.rejected")
        _decide(page)
        _advance(page)
        line = page.get_by_test_id("sandbox-endpoint").filter(has_text="Orders in Europe")
        line.get_by_test_id("sandbox-test-event").click()
        expect(page.get_by_text("A test event is on its way.")).to_be_visible()
        assert complaints == []


def received(receiver: Receiver, page: Page, document: str, type_: str) -> None:
    for _ in range(100):
        if receiver.of(document, type_):
            return
        page.wait_for_timeout(200)
    raise AssertionError([one["type"] for one in receiver.events])


def _decide(page: Page) -> None:
    """Say what becomes of a document, with a reason."""
    card = page.locator('[data-testid="magic-card"][data-name="in_review"]')
    card.get_by_test_id("send-in_review").click()
    expect(card.get_by_test_id("sandbox-became")).to_have_attribute("data-status", "in_review", timeout=60_000)
    document = str(card.get_by_test_id("sandbox-became").get_attribute("data-id"))
    row = page.locator(f'[data-testid="sandbox-row"][data-id="{document}"]')
    row.get_by_test_id("sandbox-decide").click()
    page.get_by_test_id("fate-resubmission_requested").click()
    page.get_by_test_id("reason-image_glare").click()
    in_every_look(page)
    page.get_by_test_id("simulate-confirm").click()
    expect(row).to_have_attribute("data-status", "resubmission_requested")


def _advance(page: Page) -> None:
    """Let four hours pass, after a question, once."""
    clock = page.get_by_test_id("test-clock")
    before = str(clock.get_attribute("data-ahead"))
    _ask_for_four_hours(page)
    assert clock.get_attribute("data-ahead") == before
    in_every_look(page)
    page.get_by_test_id("clock-confirm").dblclick()
    after = length(_read(before) + timedelta(hours=4))
    expect(clock).to_have_attribute("data-ahead", after)
    _ask_for_four_hours(page)
    assert clock.get_attribute("data-ahead") == after, "the second press was answered before this question"
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("clock-dialog")).to_be_hidden()


def _ask_for_four_hours(page: Page) -> None:
    page.locator("[name=amount]").fill("4")
    page.locator("[name=unit]").select_option("hours")
    page.get_by_test_id("clock-ask").click()
    expect(page.get_by_test_id("clock-dialog")).to_contain_text("never goes back")


def _read(words: str) -> timedelta:
    """Read `2 days 4 hours`."""
    parts = words.replace(",", "").split()
    amounts = zip(parts[::2], parts[1::2], strict=True)
    return sum((timedelta(**{f"{unit.rstrip('s')}s": int(amount)}) for amount, unit in amounts), timedelta())


def test_a_request_is_asked_again_in_the_sandbox(product: Product, sign_in: SignIn):
    request(product, "GET", "/documents?limit=1", key=product.key())
    request(product, "DELETE", f"/applicants/app_{'0' * 26}", key=product.key())
    with sign_in("partner_developer") as page:
        _open(page, product, "method=GET", "GET /documents")
        page.locator("[name=query]").fill("limit=1")
        page.get_by_test_id("replay-send").click()
        expect(page.get_by_test_id("replay-answer")).to_have_attribute("data-status", "200")
        body = json.loads(page.get_by_test_id("replay-body").inner_text())
        assert [one["livemode"] for one in body["data"]] == [False]
        in_every_look(page)
        _open(page, product, "method=DELETE", "DELETE /applicants")
        expect(page.get_by_test_id("replay-refused")).to_contain_text("not kept")
        assert problems(page) == []
        expect(page.get_by_test_id("replay-send")).to_have_count(0)


def _open(page: Page, product: Product, query: str, words: str) -> None:
    page.goto(f"{product.url}{REQUESTS}?{query}")
    page.get_by_test_id("request-row").filter(has_text=words).first.locator("button").first.click()
    page.get_by_test_id("request-replay").click()
    expect(page.get_by_test_id("replay-dialog")).to_be_visible()


@pytest.mark.parametrize(("theme", "is_light"), [("light", True), ("dark", False)])
def test_a_chart_leaves_as_a_picture(product: Product, sign_in: SignIn, theme: str, is_light: bool):
    with sign_in("partner_analyst") as page:
        _, complaints = watched(page, product)
        page.goto(f"{product.url}/partner/analytics")
        chart = page.locator(".chart-box").filter(has_text="Outcomes by day received")
        expect(chart).to_be_visible()
        paint(page, theme)
        chart.get_by_test_id("chart-save").click()
        assert problems(page, [".chart-box"]) == []
        with page.expect_download() as waited:
            chart.get_by_test_id("chart-png").click()
        assert waited.value.suggested_filename == f"outcomes-by-day-received-{page.evaluate(TODAY)}.png"
        content = waited.value.path().read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        height = int(str(chart.locator("svg.chart").get_attribute("viewBox")).split()[3])
        assert picture.width == (720 + 48) * 2
        assert picture.height > height * 2 + 100
        ground = picture.getpixel((2, 2))
        assert isinstance(ground, tuple)
        assert (min(ground) > 240) is is_light
        colours = picture.getcolors(1 << 20) or []
        drawn = sum(count for count, colour in colours if colour != ground)
        assert drawn > picture.width * picture.height / 100, "hardly anything is drawn"
        title = picture.crop((40, 40, 700, 96)).getcolors(1 << 16) or []
        assert len(title) > 10, "no title is drawn"
        assert complaints == []


def test_a_chart_leaves_as_numbers(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        page.goto(f"{product.url}/partner/analytics")
        chart = page.locator(".chart-box").filter(has_text="Documents received")
        expect(chart).to_be_visible()
        chart.get_by_test_id("chart-save").click()
        with page.expect_download() as waited:
            chart.get_by_test_id("chart-csv").click()
        rows = list(csv.reader(io.StringIO(waited.value.path().read_text())))
        page.keyboard.press("Escape")
        chart.get_by_role("button", name=re.compile("show as table")).click()
        shown = chart.locator("tbody tr")
        assert len(rows) == shown.count() + 1
        assert rows[1][0] == shown.first.locator("th").inner_text()
        expect(chart.locator("svg.chart")).to_be_hidden()
