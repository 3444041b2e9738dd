"""Every page in both themes, wide and narrow: no accessibility violation, no sideways scroll, nothing foreign."""

import json
import re
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.api import request
from tests.e2e.conftest import SignIn, signed_in
from tests.e2e.desk import at_task, post_waiting, ready
from tests.e2e.product import Product
from tests.e2e.test_first_call import invite

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDTHS = (320, 390, 768, 1366, 1440)
SHOT_WIDTHS = (390, 1440)
REVIEW_WIDTHS = (320, 390, 768, 1366)
HEIGHTS = {1366: 768}
THEMES = ("light", "dark")
PAINT = "theme => { const all = document.documentElement.classList; all.remove('light', 'dark'); all.add(theme); }"
READY = "[data-testid=viewer-image][data-state=ready]"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}
"""Without the last two it also describes each element that passes, which takes longer than looking at it."""


FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def wait_until_still(page: Page) -> None:
    """Wait until nothing moves; polled from here, because the page's policy forbids Playwright's own way to wait."""
    ends = "one.playState === 'running' && one.effect.getTiming().iterations !== Infinity"
    moving = f"() => document.getAnimations().filter(one => {ends}).length"
    deadline = time.monotonic() + 10
    while page.evaluate(moving):
        assert time.monotonic() < deadline, "something on the page never comes to rest"
        page.wait_for_timeout(30)
    page.evaluate(FRAMES)


def problems(page: Page, within: list[str] | None = None) -> list[str]:
    """Say what axe finds on the page, or within some elements of it."""
    wait_until_still(page)
    found = (
        Axe()
        .run(page, context={"include": [[one] for one in within]} if within else None, options=OPTIONS)
        .response["violations"]
    )
    return [
        f"{item['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for item in found
        for node in item["nodes"]
    ]


def paint(page: Page, theme: str) -> None:
    """Put the page into a theme as its own switch does, without loading it again."""
    page.evaluate(PAINT, theme)


def look(
    page: Page, product: Product, address: str, shown: str, *, axe: Sequence[int] = SHOT_WIDTHS, reload: bool = False
) -> None:
    """Load a page, then see it in both themes at every width, with axe at some of them.

    With `reload` the theme comes as it does for who chose it before, by loading the page in it.
    """
    foreign, complaints = watched(page, product)
    for theme in THEMES:
        if reload:
            page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
        if reload or theme == THEMES[0]:
            page.goto(f"{product.url}{address}")
            expect(page.locator(shown).first).to_be_visible()
        paint(page, theme)
        found = seen(page, axe)
        assert not found, f"{address}, {theme}: {found}"
    assert foreign == []
    assert complaints == []


def seen(page: Page, axe: Sequence[int], within: list[str] | None = None) -> list[str]:
    """Say what is wrong with what is shown now: what scrolls sideways at any width, what axe finds at some."""
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{width} px: scrolls sideways by {overflow} px"] if overflow > 0 else []
        found += [f"{width} px: {one}" for one in problems(page, within)] if width in axe else []
    return found


def watched(page: Page, product: Product) -> tuple[list[str], list[str]]:
    """What the page asks of others, and what the browser complains of: errors, and what the policy refuses."""
    foreign: list[str] = []
    complaints: list[str] = []
    page.on(
        "request",
        lambda call: None if call.url.startswith((product.url, "data:", "blob:")) else foreign.append(call.url),
    )
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return foreign, complaints


def one_document(product: Product) -> str:
    _, answer = request(product, "GET", "/documents?limit=1&status=approved", key=product.key())
    return answer["data"][0]["id"]


def test_sign_in(product: Product, chromium: Browser):
    page = chromium.new_page()
    look(page, product, "/login", "[data-testid=login-email]", reload=True)
    page.close()


def test_the_public_status(product: Product, chromium: Browser):
    page = chromium.new_page()
    look(page, product, "/login", "[data-testid=status-link]")
    page.get_by_test_id("status-link").click()
    expect(page.get_by_test_id("status-webhooks")).to_have_attribute("data-status", re.compile("working|slow"))
    look(page, product, "/status", "[data-testid=status-page]", reload=True)
    page.locator("details summary").first.click()
    assert seen(page, SHOT_WIDTHS) == []
    page.close()


def test_the_public_status_needs_no_script(product: Product, chromium: Browser):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{product.url}/status")
        expect(page.get_by_test_id("status-api")).to_contain_text("API")
        page.get_by_text("These days in words").first.click()
        expect(page.locator("details[open] li").first).to_be_visible()


def test_dashboard(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        look(page, product, "/partner", "[data-testid=kpi-received]", reload=True)
        look(page, product, "/account", "[data-testid=session-row]")
        look(page, product, "/partner/developers/keys", "[data-testid=key-row]")


def test_documents_list(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        look(page, product, "/partner/documents", "[data-testid=documents-row]")


def test_document_detail(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        for tab in ("overview", "files", "checks", "timeline", "deliveries", "raw"):
            address = f"/partner/documents/{one_document(product)}?tab={tab}"
            look(page, product, address, f"[data-testid=tab-{tab}][aria-current=page]")
        look(page, product, f"/partner/documents/doc_{'0' * 26}", "[data-testid=not-found-state]")


def test_webhooks(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        look(page, product, "/partner/developers/webhooks", "[data-testid=endpoint-row]")
        page.get_by_test_id("endpoint-row").filter(has_text="production").locator("a").first.click()
        page.wait_for_url(re.compile(r"/webhooks/whk_"))
        look(page, product, page.url.removeprefix(product.url), "[data-testid=delivery-row]")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.locator('[data-testid="delivery-row"][data-state="delivered"]').first.locator("a").first.click()
        page.wait_for_url(re.compile(r"delivery=dlv_"))
        look(page, product, page.url.removeprefix(product.url), "[data-testid=attempt]")


def test_a_refused_signature(product: Product, sign_in: SignIn):
    """What was really sent, with one blank more in its body, shows where it parts from what arrived."""
    with sign_in("partner_developer") as page:
        page.goto(f"{product.url}/partner/developers/webhooks")
        page.get_by_test_id("endpoint-row").filter(has_text="production").locator("a").first.click()
        page.locator('[data-testid="delivery-row"][data-state="delivered"]').first.locator("a").first.click()
        attempt = page.get_by_test_id("attempt").first
        attempt.locator("summary").first.click()
        headers = dict(line.split(": ", 1) for line in attempt.locator("pre").first.inner_text().splitlines())
        body = json.loads(page.get_by_test_id("delivery").locator("pre").last.inner_text())
        page.get_by_test_id("endpoint-signature").click()
        form = page.get_by_test_id("signature-dialog")
        for name in ("id", "timestamp", "signature"):
            form.locator(f"[name={name}]").fill(headers[f"webhook-{name}"])
        form.locator("[name=body]").fill(json.dumps(body))
        page.get_by_test_id("signature-check").click()
        expect(page.get_by_test_id("signature-difference")).to_be_visible()
        assert not [found for theme in THEMES if (paint(page, theme), found := seen(page, SHOT_WIDTHS))[1]]
        page.set_viewport_size({"width": 1440, "height": 900})
        form.locator("[name=body]").fill(json.dumps(body, separators=(",", ":"), ensure_ascii=False))
        page.get_by_test_id("signature-check").click()
        expect(page.get_by_test_id("signature-difference")).to_have_count(0)
        steps = page.get_by_test_id("signature-step").filter(has_text=re.compile("^(Body|Secret)"))
        assert steps.evaluate_all("all => all.map((one) => one.dataset.good)") == ["true", "true"]


def test_api_requests(product: Product, sign_in: SignIn):
    for path in ("/documents?limit=1", "/documents?limit=0"):
        request(product, "GET", path, key=product.key())
    with sign_in("partner_developer") as page:
        look(page, product, "/partner/developers/requests", "[data-testid=request-row]")


def test_invitation(product: Product, chromium: Browser):
    page = chromium.new_page()
    look(page, product, urlsplit(invite(product, "partner_analyst")).path, "[data-testid=invite-password]")
    page.close()


def test_queue(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        look(page, product, "/review/queue?view=all", "[data-testid=queue-row]", axe=REVIEW_WIDTHS)


def test_the_queue_of_a_lead_with_its_selection_and_dialogs(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        look(page, product, "/review/queue?view=all&risk=low", "[data-testid=queue-row]")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.get_by_test_id("assign")).to_be_visible()
        page.keyboard.press("Shift+J")
        expect(page.locator('[data-testid="queue-row"][aria-selected="true"]')).to_have_count(2)
        assert problems(page) == []
        for key, name in (("Shift+A", "assign-dialog"), ("m", "move-dialog")):
            page.keyboard.press(key)
            expect(page.get_by_test_id(name)).to_be_visible()
            assert problems(page) == [], name
            page.keyboard.press("Escape")
            expect(page.get_by_test_id(name)).to_be_hidden()


def test_assignment(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        look(page, product, "/review/assignment", "[data-testid=reviewer-row]", axe=REVIEW_WIDTHS)
        for button, name in (("reviewer-edit", "skills-dialog"), ("reviewer-bar", "bar-dialog")):
            page.get_by_test_id(button).first.click()
            expect(page.get_by_test_id(name)).to_be_visible()
            assert problems(page) == [], name
            page.keyboard.press("Escape")
            expect(page.get_by_test_id(name)).to_be_hidden()


def test_a_row_is_taken_by_a_key_and_seen_by_others_in_its_place(product: Product, chromium: Browser):
    with (
        signed_in(chromium, product, product.member("reviewer")) as joe,
        signed_in(chromium, product, product.member("reviewer", skip=1)) as kim,
    ):
        for page in (joe, kim):
            page.goto(f"{product.url}/review/queue?view=all&plan=standard")
            expect(page.get_by_test_id("live-status").first).to_have_text("Live")
            page.get_by_test_id("queue-row").last.wait_for()
        free = kim.locator('[data-testid="queue-row"]:has([data-testid="queue-take"])').last
        row = f'[data-testid="queue-row"][data-document-id="{free.get_attribute("data-document-id")}"]'
        kim.locator(row).locator("a").first.focus()
        kim.keyboard.press("a")
        expect(kim.locator(row)).to_contain_text("For you")
        expect(joe.locator(row)).to_contain_text("For Kim Larsen")
        kim.locator(row).locator("a").first.click()
        kim.get_by_test_id("workspace").wait_for()
        expect(joe.locator(row)).to_contain_text("Kim Larsen (now)")
        expect(joe.locator(row).get_by_test_id("queue-viewers")).to_contain_text("Kim Larsen")


def test_workspace(product: Product, chromium: Browser):
    with signed_in(chromium, product, product.member("reviewer", skip=1)) as page:
        page.goto(f"{product.url}/review/queue")
        page.get_by_test_id("queue-row").last.locator("a").first.click()
        page.get_by_test_id("workspace").wait_for()
        look(page, product, page.url.removeprefix(product.url), READY, axe=REVIEW_WIDTHS)


def test_workspace_with_its_reasons_open(product: Product, chromium: Browser):
    with signed_in(chromium, product, product.member("reviewer", skip=1)) as page:
        page.goto(f"{product.url}/review/queue")
        page.get_by_test_id("queue-row").last.locator("a").first.click()
        ready(page)
        page.keyboard.press("r")
        expect(page.get_by_test_id("decision-confirm")).to_be_visible()
        assert problems(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.get_by_test_id("hotkeys-sheet")).to_be_visible()
        assert problems(page) == []


def test_what_a_role_may_not_see_says_so(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        answer = page.goto(f"{product.url}/partner/developers/webhooks")
        assert answer
        assert answer.status == 403
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert problems(page) == []


def test_rows_are_reached_by_keys(product: Product, sign_in: SignIn):
    with sign_in("partner_analyst") as page:
        page.goto(f"{product.url}/partner/documents")
        page.get_by_test_id("documents-row").first.wait_for()
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.get_by_test_id("documents-row").nth(1).locator("a")).to_be_focused()
        page.keyboard.press("k")
        expect(page.get_by_test_id("documents-row").first.locator("a")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("document-status").first).to_be_visible()
        page.wait_for_url(re.compile(r"/documents/doc_"))


def test_workspace_shows_everything_for_a_decision_without_scrolling(product: Product, chromium: Browser):
    typed = {
        "given_names": "Maria", "surname": "Lopez", "date_of_birth": "1990-01-01", "nationality": "ESP",
        "document_number": "X1", "address": "Main street 5, 10115 Berlin",
    }  # fmt: skip
    waiting = post_waiting(product, applicant=typed)
    viewport = {"width": 1366, "height": 768}
    with signed_in(chromium, product, product.member("reviewer", skip=1), viewport=viewport) as page:
        at_task(page, product, waiting.task)
        assert page.locator(".kv tbody tr").count() >= 10
        page.evaluate("document.fonts.ready.then(() => true)")
        wait_until_still(page)
        for reasons in (False, True):
            if reasons:
                page.keyboard.press("r")
                page.get_by_test_id("decision-confirm").wait_for()
            for region in ("html", ".workspace-side"):
                over = page.locator(region).evaluate("one => one.scrollHeight - one.clientHeight")
                assert over <= 0, f"{region} scrolls by {over} px, reasons open: {reasons}"
            for name in ("viewer-image", "decision-approve", "field-address", *(["decision-confirm"] * reasons)):
                box = page.get_by_test_id(name).first.bounding_box()
                assert box, name
                assert box["y"] >= 0, name
                assert box["y"] + box["height"] <= 768, name
