"""The command menu: opened by keys from anywhere, it goes, acts, and gives the focus back."""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.api import request
from tests.e2e.conftest import SignIn, signed_in
from tests.e2e.desk import at_task, gone, key_of, post_waiting, press, rows
from tests.e2e.menu import active, answered, opened, option, shut
from tests.e2e.product import Product
from tests.e2e.test_looks import THEMES, paint, problems, seen, watched
from tests.e2e.test_looks_alerts import NOTICED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


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


def test_letters_inside_a_word_sign_nothing(product: Product, joe: Page):
    task = at_task(joe, product, post_waiting(product).task)
    opened(joe)
    joe.keyboard.type("ape")
    answered(joe, "ape")
    expect(option(joe, "Approve")).to_have_count(0)
    joe.keyboard.press("Enter")
    gone(joe, task)  # another place was meant
    signed = "select count(*) from audit_entries where subject_id = %s and action = 'review.signed'"
    assert rows(product, signed, key_of(task)) == [(0,)]


def test_a_decision_is_chosen_or_named_in_full(product: Product, joe: Page):
    task = at_task(joe, product, post_waiting(product).task)
    opened(joe)
    for begun, words in (("appr", "Approve"), ("rej", "Reject"), ("sign", "Sign out")):
        joe.get_by_test_id("command-input").fill(begun)
        expect(joe.get_by_test_id("command-said")).to_contain_text(f"Choose “{words}”")
        expect(active(joe)).to_have_count(0)
        press(joe, "Enter")
        answered(joe, begun)
        expect(active(joe)).to_have_count(0)
        press(joe, "Enter")
        expect(joe.get_by_test_id("command-input")).to_be_focused()
        option(joe, words).hover()
        expect(active(joe)).to_have_count(0)
        press(joe, "ArrowDown")
        expect(active(joe)).to_contain_text(words)
    assert joe.get_by_test_id("workspace").get_attribute("data-task-id") == task


def test_the_words_on_the_button_are_the_words_in_the_menu(product: Product, joe: Page):
    at_task(joe, product, post_waiting(product).task)
    named = "one => { [...one.childNodes].find((part) => part.nodeType === 3).data = 'Approve, first of two' }"
    joe.get_by_test_id("decision-approve").evaluate(named)
    opened(joe)
    joe.keyboard.type("approve")
    expect(active(joe).locator(".option-words")).to_have_text("Approve, first of two")
    expect(active(joe).locator("kbd")).to_have_text("A")


@contextmanager
def expiring_keys(product: Product, partner: str) -> Iterator[list[str]]:
    """Two keys that end soon, each with an alert, which ends with the reason for it."""
    ends, names = (datetime.now(UTC) + timedelta(days=3)).isoformat(), [f"till-{uuid.uuid4().hex[:6]}" for _ in "12"]
    for name in names:
        body = json.dumps({"name": name, "scopes": ["documents:read"], "expires_at": ends}).encode()
        headers = {"Content-Type": "application/json"}
        status, _ = request(product, "POST", "/api_keys", key=product.key(partner), body=body, headers=headers)
        assert status == 201
    try:
        yield names
    finally:
        rows(product, "update api_keys set expires_at = null where name = any(%s)", names)


def test_an_action_for_a_row_that_is_gone_is_not_the_next_rows(product: Product, chromium: Browser):
    rival = product.member("partner_admin", "rival")
    with expiring_keys(product, "rival"), signed_in(chromium, product, rival) as page:
        place = f"{product.url}/partner/alerts?kind=key_expiring"
        page.goto(place)
        alerts = page.get_by_test_id("alert-row")
        expect(alerts).to_have_count(2, timeout=NOTICED)
        press(page, "j", "j")
        expect(alerts.nth(1).locator(".row-link")).to_be_focused()
        first, second = (alerts.nth(place).get_attribute("data-id") for place in (0, 1))
        opened(page)
        page.keyboard.type("acknowledge")
        answered(page, "acknowledge")
        expect(active(page)).to_have_attribute("data-kind", "action")
        other = page.context.new_page()
        other.goto(place)
        other.locator(f"[data-testid=alert-row][data-id={second}] [data-testid=alert-acknowledge]").click()
        expect(alerts).to_have_count(1)
        page.keyboard.press("Enter")
        shut(page)
        page.wait_for_timeout(1_500)  # longer than a key waits for its button
        expect(page.locator(f"[data-testid=alert-row][data-id={first}]")).to_have_attribute("data-state", "open")


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


def test_without_a_connection_it_says_so_and_does_only_what_the_browser_can(product: Product, admin: Page):
    admin.goto(f"{product.url}/partner/documents")
    expect(admin.get_by_test_id("documents-row").first).to_be_visible()
    expect(admin.get_by_test_id("live-status").first).to_have_text("Live")
    opened(admin)
    expect(option(admin, "Export the list")).to_be_visible()
    admin.context.set_offline(True)
    expect(admin.get_by_test_id("command-menu").get_by_role("status").first).to_contain_text("You are offline")
    for typed in ("export", "analyt", "sign out"):
        admin.get_by_test_id("command-input").fill(typed)
        expect(admin.get_by_test_id("command-option")).to_have_count(0)
        press(admin, "Enter")
        expect(admin.get_by_test_id("command-input")).to_be_focused()
    admin.get_by_test_id("command-input").fill("dark")
    press(admin, "Enter")
    expect(admin.locator("html")).to_have_class(re.compile("dark"))
    admin.context.set_offline(False)
    expect(admin.get_by_test_id("live-status").first).to_have_text("Live")
    assert admin.url.rstrip("/").endswith("/partner/documents")
    opened(admin)
    admin.keyboard.type("analyt")
    press(admin, "Enter")
    admin.wait_for_url(re.compile("/partner/analytics"))


def test_the_menu_looks_right_in_both_themes_wide_and_narrow(product: Product, admin: Page):
    foreign, complaints = watched(admin, product)
    opened(admin)
    for typed in ("", "do", "user-", "zzqx nowhere"):
        admin.get_by_test_id("command-input").fill(typed)
        if typed:
            answered(admin, typed)
        for theme in THEMES:
            paint(admin, theme)
            assert seen(admin, (390, 1440), ["[data-testid=command-menu]"]) == [], (typed, theme)
    assert problems(admin) == []
    assert (foreign, complaints) == ([], [])
