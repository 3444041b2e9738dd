"""The command menu: opened by keys from anywhere, it goes, acts, finds, and gives the focus back."""

import re
import time
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.api import post_passport, wait_status
from tests.e2e.conftest import SignIn, signed_in
from tests.e2e.desk import at_task, gone, key_of, post_waiting, press, rows
from tests.e2e.product import Product
from tests.e2e.test_looks import THEMES, look, paint, problems, seen, watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


@pytest.fixture
def admin(product: Product, chromium: Browser) -> Iterator[Page]:
    with signed_in(chromium, product, product.member("partner_admin")) as page:
        page.goto(f"{product.url}/partner")
        expect(page.get_by_test_id("kpi-received")).to_be_visible()
        yield page


@pytest.fixture
def joe(product: Product, chromium: Browser) -> Iterator[Page]:
    with signed_in(chromium, product, product.member("reviewer"), viewport={"width": 1366, "height": 768}) as page:
        yield page


def opened(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_test_id("command-input")).to_be_focused()


def option(page: Page, words: str):
    return page.get_by_test_id("command-option").filter(has_text=words)


def active(page: Page):
    return page.locator("[data-testid=command-option][aria-selected=true]")


def shut(page: Page) -> None:
    expect(page.get_by_test_id("command-menu")).to_be_hidden()


def test_it_opens_from_anywhere_and_gives_the_focus_back(product: Product, admin: Page):
    admin.goto(f"{product.url}/partner/documents")
    expect(admin.get_by_test_id("documents-row").first).to_be_visible()
    box = admin.get_by_role("searchbox").first
    box.fill("half a word")
    opened(admin)
    assert admin.get_by_test_id("command-input").get_attribute("aria-expanded") == "true"
    press(admin, "Escape")
    shut(admin)
    expect(box).to_be_focused()
    expect(box).to_have_value("half a word")
    opened(admin)
    press(admin, "Control+k")
    shut(admin)
    admin.get_by_test_id("command-open").click()
    expect(admin.get_by_test_id("command-input")).to_be_focused()
    press(admin, "Escape")
    expect(admin.get_by_test_id("command-open")).to_be_focused()
    press(admin, "?")
    expect(admin.get_by_test_id("hotkeys-sheet")).to_be_visible()
    press(admin, "Control+k")
    expect(admin.get_by_test_id("command-menu")).to_be_hidden()
    admin.get_by_test_id("sheet-menu").click()
    expect(admin.get_by_test_id("command-input")).to_be_focused()
    expect(admin.get_by_test_id("hotkeys-sheet")).to_be_hidden()


def test_a_place_is_found_by_parts_of_its_name_and_is_recent_afterwards(product: Product, admin: Page):
    opened(admin)
    expect(option(admin, "Documents").first.locator("kbd")).to_have_text(["G", "S"])
    admin.keyboard.type("webh")
    expect(active(admin)).to_contain_text("Webhooks")
    press(admin, "Enter")
    admin.wait_for_url(re.compile("/partner/developers/webhooks"))
    shut(admin)
    expect(admin.get_by_role("heading", level=1)).to_have_text("Webhooks")
    opened(admin)
    admin.keyboard.type("invoices")
    expect(active(admin)).to_contain_text("Billing")
    press(admin, "Enter")
    admin.wait_for_url(re.compile("/partner/billing"))
    expect(admin.get_by_role("heading", level=1)).to_have_text("Billing")
    opened(admin)
    expect(active(admin)).to_contain_text("Webhooks")
    kept = admin.evaluate("JSON.stringify({...sessionStorage})")
    assert "invoices" not in kept
    first = active(admin).get_attribute("data-id")
    press(admin, "ArrowDown")
    assert active(admin).get_attribute("data-id") != first
    press(admin, "End")
    expect(active(admin)).to_contain_text("Sign out")
    press(admin, "Home", "ArrowUp")
    expect(active(admin)).to_contain_text("Sign out")
    press(admin, "Escape")


def test_control_enter_opens_apart(product: Product, admin: Page):
    opened(admin)
    admin.keyboard.type("analytics")
    with admin.context.expect_page() as opening:
        press(admin, "Control+Enter")
    opening.value.wait_for_url(re.compile("/partner/analytics"))
    expect(admin.get_by_test_id("command-input")).to_be_focused()
    assert admin.url.rstrip("/").endswith("/partner")


def test_what_the_page_offers_now_is_done_by_its_own_button(product: Product, admin: Page):
    admin.goto(f"{product.url}/partner/documents")
    expect(admin.get_by_test_id("documents-row").first).to_be_visible()
    opened(admin)
    expect(option(admin, "Export the list")).to_be_visible()
    expect(option(admin, "Tag")).to_have_count(0)
    press(admin, "Escape")
    press(admin, "j", "x")
    expect(admin.locator(".bulk-bar")).to_be_visible()
    opened(admin)
    acts = admin.locator("[data-testid=command-option][data-kind=action]")
    expect(acts.first).to_be_visible()
    admin.keyboard.type("tag")
    press(admin, "Enter")
    shut(admin)
    expect(admin.get_by_test_id("bulk-dialog")).to_be_visible()
    press(admin, "Escape")


def test_preferences_take_effect(product: Product, admin: Page):
    opened(admin)
    admin.keyboard.type("dark")
    press(admin, "Enter")
    expect(admin.locator("html")).to_have_class(re.compile("dark"))
    opened(admin)
    admin.keyboard.type("compact")
    press(admin, "Enter")
    expect(admin.locator("html")).to_have_attribute("data-density", "compact")
    opened(admin)
    admin.keyboard.type("shortc")
    press(admin, "Enter")
    expect(admin.get_by_test_id("hotkeys-sheet")).to_be_visible()


def test_a_document_that_was_posted_is_found_and_opened(product: Product, admin: Page):
    own_id = f"menu-{uuid.uuid4().hex[:8]}"
    document = post_passport(product, key=product.key(), seed=901, external_id=own_id)
    sent: list[str] = []
    admin.on("request", lambda call: sent.append(call.url))
    opened(admin)
    admin.keyboard.type(own_id[:-1])
    hit = admin.locator("[data-testid=command-option][data-kind=documents]")
    expect(hit).to_have_count(1)
    expect(admin.get_by_test_id("command-count")).to_have_text(re.compile("result"))
    assert own_id in hit.inner_text()
    assert not any("menu-" in url for url in sent), "what is typed stays out of addresses"
    admin.get_by_test_id("command-input").fill(document["id"])
    press(admin, "Enter")  # before the answer: an id that was pasted opens when it is found
    admin.wait_for_url(re.compile(f"/partner/documents/{document['id']}"))
    log = (product.folder / "up.log").read_text(errors="replace")
    assert own_id[:-1] not in log.replace(own_id, "")


def test_nothing_found_leads_to_the_page_of_results(product: Product, admin: Page):
    opened(admin)
    admin.keyboard.type("zzqx nowhere")
    expect(admin.get_by_test_id("command-said")).to_contain_text("Nothing matches “zzqx nowhere”.")
    expect(active(admin)).to_contain_text("Search everything")
    press(admin, "Enter")
    admin.wait_for_url(re.compile(r"/search\?q=zzqx"))
    expect(admin.get_by_test_id("empty-state")).to_contain_text("Nothing matches")
    opened(admin)
    admin.keyboard.type("kyc_live_0123456789")
    expect(admin.get_by_test_id("command-said")).to_contain_text("looks like a secret")
    expect(option(admin, "Search everything")).to_have_count(0)
    press(admin, "Escape")


def test_who_sees_no_personal_data_finds_nobody(product: Product, sign_in: SignIn):
    with sign_in("partner_developer") as page:
        page.goto(f"{product.url}/partner")
        expect(page.get_by_test_id("kpi-received")).to_be_visible()
        opened(page)
        expect(option(page, "Audit trail")).to_have_count(0)
        expect(option(page, "Billing")).to_have_count(0)
        page.keyboard.type("Amina Diallo")
        expect(page.get_by_test_id("command-said")).to_contain_text("Nothing matches")


def test_at_the_desk_typing_decides_nothing_and_the_menu_presses_the_real_button(product: Product, joe: Page):
    task = at_task(joe, product, post_waiting(product).task)
    press(joe, "r", "1")
    joe.get_by_test_id("note-text").fill("Half a thought.")
    opened(joe)
    for letter in "arsehwn":
        joe.keyboard.press(letter)
    joe.wait_for_timeout(500)
    told = (
        "select count(*) from audit_entries where subject_id = %s and action in ('review.signed', 'review.escalated')"
    )
    assert rows(product, told, key_of(task)) == [(0,)]
    press(joe, "Escape")
    expect(joe.get_by_test_id("note-text")).to_be_focused()
    expect(joe.get_by_test_id("note-text")).to_have_value("Half a thought.")
    press(joe, "Escape", "Escape")
    opened(joe)
    joe.keyboard.type("approve")
    expect(active(joe)).to_contain_text("Approve")
    press(joe, "Enter")
    gone(joe, task)
    assert rows(product, told, key_of(task)) == [(1,)]


def test_a_reviewer_finds_a_task_and_goes_to_it(product: Product, joe: Page):
    waiting = post_waiting(product)
    joe.goto(f"{product.url}/review/queue")
    expect(joe.get_by_test_id("queue-row").first).to_be_visible()
    opened(joe)
    joe.keyboard.type(waiting.external)
    hit = joe.locator("[data-testid=command-option][data-kind=tasks]")
    expect(hit).to_have_count(1)
    hit.click()
    joe.wait_for_url(re.compile(f"/review/work/{waiting.task}"))
    joe.keyboard.press("n")


def test_a_phone_has_a_button_and_a_whole_sheet(product: Product, sign_in: SignIn):
    with sign_in("partner_admin", viewport={"width": 390, "height": 844}, has_touch=True) as page:
        page.goto(f"{product.url}/partner/documents")
        expect(page.get_by_test_id("documents-row").first).to_be_visible()
        button = page.get_by_test_id("command-open")
        assert button.bounding_box()["width"] <= 44
        button.tap()
        expect(page.get_by_test_id("command-menu")).to_be_visible()
        assert page.get_by_test_id("command-menu").bounding_box()["width"] == 390
        page.get_by_test_id("command-input").fill("alerts")
        option(page, "Alerts").first.tap()
        page.wait_for_url(re.compile("/partner/alerts"))


def test_without_a_connection_it_says_so_and_still_goes(product: Product, admin: Page):
    admin.context.set_offline(True)
    opened(admin)
    admin.keyboard.type("docume")
    expect(admin.get_by_test_id("command-said")).to_contain_text("You are offline")
    expect(active(admin)).to_contain_text("Documents")
    admin.context.set_offline(False)


def test_the_menu_looks_right_in_both_themes_wide_and_narrow(product: Product, admin: Page):
    foreign, complaints = watched(admin, product)
    opened(admin)
    for typed in ("", "do", "user-", "zzqx nowhere"):
        admin.get_by_test_id("command-input").fill(typed)
        expect(admin.locator("[data-testid=command-menu] [aria-busy=false]")).to_be_visible()
        for theme in THEMES:
            paint(admin, theme)
            assert seen(admin, (390, 1440), ["[data-testid=command-menu]"]) == [], (typed, theme)
    assert problems(admin) == []
    assert (foreign, complaints) == ([], [])


def test_the_page_of_results(product: Product, admin: Page, sign_in: SignIn):
    post_passport(product, key=product.key(), seed=902, external_id=f"page-{uuid.uuid4().hex[:8]}")
    look(admin, product, "/search?q=page-", "[data-testid=search-hit]")
    look(admin, product, "/search?q=x", "[data-testid=empty-state]")
    admin.get_by_test_id("search-q").fill("webhook")
    admin.get_by_test_id("search-submit").click()
    admin.wait_for_url(re.compile(r"/search\?q=webhook"))
    with sign_in("reviewer") as page:
        look(page, product, "/search?q=user", "[data-testid=search-hit]")
    with sign_in("operator") as page:
        look(page, product, "/search?q=acme", "[data-testid=search-hit]")


def test_one_answer_comes_for_each_pause_and_the_last_wins(product: Product, admin: Page):
    own_id = f"last-{uuid.uuid4().hex[:8]}"
    document = post_passport(product, key=product.key(), seed=903, external_id=own_id)
    wait_status(product, document["id"], "in_review", "approved", "rejected", key=product.key())
    frames: list[str] = []
    admin.on("websocket", lambda socket: socket.on("framesent", lambda data: frames.append(str(data))))
    admin.reload()
    expect(admin.get_by_test_id("live-status").first).to_have_text("Live")
    expect(admin.get_by_test_id("kpi-received")).to_be_visible()
    opened(admin)
    started = time.monotonic()
    admin.keyboard.type(own_id, delay=15)
    expect(admin.locator("[data-testid=command-option][data-kind=documents]")).to_have_count(1)
    took = time.monotonic() - started
    asked = [frame for frame in frames if "command_menu_state.look" in frame]
    assert len(asked) <= 3, "a question for each letter"
    assert took < 5
