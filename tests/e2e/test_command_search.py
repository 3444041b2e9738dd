"""The search in the command menu and on its own page: what is found, for whom, and what is never sent."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.api import post_passport, wait_status
from tests.e2e.conftest import SignIn
from tests.e2e.desk import post_waiting, press
from tests.e2e.menu import active, answered, opened, option, sent_frames, shut, wait_sent
from tests.e2e.product import Product
from tests.e2e.test_looks import look

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]


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
    sent: list[str] = []
    admin.on("request", lambda call: sent.append(call.url))
    opened(admin)
    admin.keyboard.type("zzqx nowhere")
    expect(admin.get_by_test_id("command-said")).to_contain_text("Nothing matches “zzqx nowhere”.")
    expect(active(admin)).to_contain_text("Search everything")
    press(admin, "Enter")
    admin.wait_for_url(re.compile(r"/search/?$"))
    expect(admin.get_by_test_id("empty-state")).to_contain_text("Nothing matches")
    expect(admin.get_by_test_id("search-q")).to_have_value("zzqx nowhere")
    admin.reload()
    expect(admin.get_by_test_id("search-q")).to_have_value("zzqx nowhere")
    opened(admin)
    admin.keyboard.type("zzqx elsewhere")
    answered(admin, "zzqx elsewhere")
    press(admin, "Enter")
    expect(admin.get_by_test_id("search-q")).to_have_value("zzqx elsewhere")
    assert not any("zzqx" in url for url in sent), "what is typed stays out of addresses"
    opened(admin)
    unknown = f"doc_{'0' * 26}"
    admin.keyboard.type(unknown)
    answered(admin, unknown)
    press(admin, "Enter")
    admin.wait_for_url(re.compile(rf"/search/?\?q={unknown}"))


@pytest.mark.parametrize("secret", ["kyc_live_0123456789", "key: KYC_TEST_0123", "the one whsec_0123"])
def test_a_secret_is_sent_nowhere_and_a_reader_hears_why(admin: Page, secret: str):
    frames = sent_frames(admin)
    opened(admin)
    admin.get_by_test_id("command-input").fill(secret)
    expect(admin.get_by_test_id("command-menu").get_by_role("status").first).to_contain_text("looks like a secret")
    expect(option(admin, "Search everything")).to_have_count(0)
    admin.get_by_test_id("command-input").fill("zzqx")
    wait_sent(admin, frames, "command_menu_state.look")
    assert not any("0123" in frame for frame in frames)


def test_who_sees_no_personal_data_finds_nobody(product: Product, sign_in: SignIn):
    with sign_in("partner_developer") as page:
        page.goto(f"{product.url}/partner")
        expect(page.get_by_test_id("kpi-received")).to_be_visible()
        opened(page)
        expect(option(page, "Audit trail")).to_have_count(0)
        expect(option(page, "Billing")).to_have_count(0)
        page.keyboard.type("Amina Diallo")
        expect(page.get_by_test_id("command-said")).to_contain_text("Nothing matches")


def test_what_is_found_goes_before_what_is_only_alike(product: Product, admin: Page):
    post_passport(product, key=product.key(), seed=904, external_id=f"excel-{uuid.uuid4().hex[:8]}")
    opened(admin)
    admin.keyboard.type("excel")
    answered(admin, "excel")
    expect(active(admin)).to_have_attribute("data-kind", "documents")
    expect(option(admin, "Exports")).to_be_visible()


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


def test_closed_by_the_browser_it_forgets_what_was_asked(admin: Page):
    frames = sent_frames(admin)
    opened(admin)
    admin.keyboard.type("zzqx")
    wait_sent(admin, frames, "command_menu_state.look")
    admin.get_by_test_id("command-menu").evaluate("one => one.close()")
    shut(admin)
    wait_sent(admin, frames, "command_menu_state.forget")
    opened(admin)
    expect(admin.get_by_test_id("command-input")).to_have_value("")
    press(admin, "Escape")
    shut(admin)
    wait_sent(admin, frames, "command_menu_state.forget", 2)


def test_the_enter_that_ends_a_composition_opens_nothing(admin: Page):
    opened(admin)
    admin.keyboard.type("analytics")
    expect(active(admin)).to_contain_text("Analytics")
    composed = "one => one.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true}))"
    admin.get_by_test_id("command-input").evaluate(composed)
    expect(admin.get_by_test_id("command-menu")).to_be_visible()
    expect(admin.get_by_test_id("command-input")).to_have_value("analytics")


def test_the_page_of_results(product: Product, admin: Page, sign_in: SignIn):
    post_passport(product, key=product.key(), seed=902, external_id=f"page-{uuid.uuid4().hex[:8]}")
    look(admin, product, "/search?q=page-", "[data-testid=search-hit]")
    look(admin, product, "/search?q=x", "[data-testid=empty-state]")
    admin.get_by_test_id("search-q").fill("webhook")
    admin.get_by_test_id("search-submit").click()
    admin.wait_for_url(re.compile(r"/search/?$"))
    expect(admin.get_by_test_id("search-q")).to_have_value("webhook")
    waiting = post_waiting(product)
    with sign_in("reviewer") as page:
        look(page, product, f"/search?q={waiting.external}", "[data-testid=search-hit]")
    with sign_in("operator") as page:
        look(page, product, "/search?q=acme", "[data-testid=search-hit]")


def test_one_question_is_asked_for_each_pause(product: Product, admin: Page):
    own_id = f"last-{uuid.uuid4().hex[:8]}"
    document = post_passport(product, key=product.key(), seed=903, external_id=own_id)
    wait_status(product, document["id"], "in_review", "approved", "rejected", key=product.key())
    frames = sent_frames(admin)
    opened(admin)
    # All letters in one go of the browser: however busy the machine is, there is no pause between them.
    typed = """(one, words) => {
        const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
        for (let end = 1; end <= words.length; end++) {
            put.call(one, words.slice(0, end));
            one.dispatchEvent(new Event('input', {bubbles: true}));
        }
    }"""
    admin.get_by_test_id("command-input").evaluate(typed, own_id)
    answered(admin, own_id)
    expect(admin.locator("[data-testid=command-option][data-kind=documents]")).to_have_count(1)
    asked = [frame for frame in frames if "command_menu_state.look" in frame]
    assert len(asked) == 1
    assert own_id in asked[0]
