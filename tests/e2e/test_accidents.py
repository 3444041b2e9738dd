"""What goes wrong at the desk: each does no harm, and a sentence on the screen says what is true and what to do."""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.api import request
from tests.e2e.conftest import signed_in
from tests.e2e.desk import Cable, Waiting, at_task, gone, key_of, post_waiting, press, ready, rows, stocked
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
Stock = Callable[[], Waiting]
OFFLINE = "You are offline. Nothing is sent"
KEPT = "This is kept here and nothing was sent"


@pytest.fixture(scope="module")
def stock(product: Product) -> Iterator[Stock]:
    with stocked(product, 12) as take:
        yield take


@pytest.fixture
def joe(product: Product, chromium: Browser) -> Iterator[Page]:
    with signed_in(chromium, product, product.member("reviewer"), viewport={"width": 1366, "height": 768}) as page:
        yield page


@pytest.fixture
def kim(product: Product, chromium: Browser) -> Iterator[Page]:
    with signed_in(chromium, product, product.member("reviewer", skip=1)) as page:
        yield page


def verdict(product: Product, task: str) -> tuple[str | None, list[str]]:
    found = rows(product, "select verdict_outcome, verdict_reasons from review_tasks where id = %s", key_of(task))
    return found[0][0], found[0][1]


def signatures(product: Product, task: str) -> int:
    asked = "select count(*) from audit_entries where subject_id = %s and action = 'review.signed'"
    return rows(product, asked, key_of(task))[0][0]


def test_a_key_that_is_held_down_decides_once(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    for _ in range(12):
        joe.keyboard.down("a")
    gone(joe, task)
    following = ready(joe)
    for _ in range(5):
        joe.keyboard.down("a")
    joe.keyboard.up("a")
    assert (signatures(product, task), verdict(product, following)[0]) == (1, None)
    joe.keyboard.press("?")
    expect(joe.get_by_text("Keys never act while you type, while a key is held down")).to_be_visible()


def test_letters_in_a_note_are_words(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    press(joe, "r", "1")
    joe.get_by_test_id("note-text").click()
    joe.keyboard.type("a rash handwritten note: zzz ashen 123 ?")
    expect(joe.get_by_test_id("note-text")).to_have_value("a rash handwritten note: zzz ashen 123 ?")
    expect(joe.get_by_test_id("hotkeys-sheet")).to_be_hidden()
    expect(joe.get_by_test_id("reasons-said")).to_have_text("1 chosen")
    assert verdict(product, task)[0] is None
    joe.keyboard.press("Control+Enter")
    gone(joe, task)


def test_a_double_click_decides_once(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    joe.get_by_test_id("decision-approve").dblclick()
    gone(joe, task)
    expect(joe.get_by_test_id("decision-undo").locator("xpath=..")).to_contain_text("approved")
    assert (signatures(product, task), verdict(product, ready(joe))[0]) == (1, None)


def test_a_second_tab_of_ones_own_says_that_it_is_decided(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    other = joe.context.new_page()
    at_task(other, product, task)
    press(joe, "a")
    gone(joe, task)
    expect(other.get_by_test_id("work-notice")).to_have_text(re.compile("Decided by Joe Park .* ago: Approved"))
    expect(other.get_by_test_id("work-next")).to_be_visible()
    expect(other.get_by_test_id("decision-approve")).to_be_disabled()
    assert signatures(product, task) == 1


def test_a_lease_that_ended_says_so_and_the_draft_stays(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    press(joe, "r", "1")
    joe.get_by_test_id("note-text").fill("Half a thought.")
    rows(product, "update review_tasks set claim_expires_at = now() - interval '1 s' where id = %s", key_of(task))
    joe.keyboard.press("Control+Enter")
    notice = joe.get_by_test_id("work-notice")
    expect(notice).to_have_text(re.compile("Claim it (again )?to decide"))
    expect(joe.get_by_test_id("decision-reject")).to_be_disabled()
    assert verdict(product, task)[0] is None
    joe.get_by_test_id("work-claim").click()
    expect(notice).to_have_count(0)
    ready(joe)
    press(joe, "r")
    expect(joe.get_by_test_id("note-text")).to_have_value("Half a thought.")
    joe.keyboard.press("Control+Enter")
    gone(joe, task)
    assert signatures(product, task) == 1


def test_who_was_slower_reads_who_decided(product: Product, joe: Page, kim: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    at_task(kim, product, task)
    expect(kim.get_by_test_id("work-notice")).to_have_text("Joe Park is working on this task.")
    expect(kim.get_by_test_id("decision-approve")).to_be_disabled()
    press(joe, "a")
    expect(kim.get_by_test_id("work-notice")).to_have_text(re.compile("Decided by Joe Park .* ago: Approved"))
    expect(kim.get_by_test_id("work-next")).to_be_visible()


def test_a_draft_is_kept_when_another_takes_the_task(product: Product, joe: Page, kim: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    press(joe, "r", "1")
    joe.get_by_test_id("note-text").fill("Mine.")
    rows(product, "update review_tasks set claim_expires_at = now() - interval '1 s' where id = %s", key_of(task))
    at_task(kim, product, task)
    expect(joe.get_by_test_id("work-notice")).to_have_text("Kim Larsen is working on this task.")
    expect(joe.get_by_test_id("draft-kept")).to_contain_text("nothing was sent. Your draft is kept")
    press(kim, "a")
    expect(joe.get_by_test_id("work-notice")).to_have_text(re.compile("Decided by Kim Larsen"))
    assert signatures(product, task) == 1


def test_a_picture_that_cannot_be_loaded_says_what_is_left(product: Product, joe: Page, stock: Stock):
    is_broken = [True]

    def answer(route: Route) -> None:
        if is_broken[0]:
            route.abort()
        else:
            route.continue_()

    joe.route(re.compile(r"/files/"), answer)
    joe.goto(f"{product.url}/review/work/{stock().task}")
    said = joe.locator(".viewer-message[role=alert]")
    expect(said).to_contain_text("This picture could not be loaded. Try again")
    expect(said).to_contain_text("ask the applicant again")
    expect(joe.get_by_test_id("decision-resubmit")).to_be_enabled()
    is_broken[0] = False
    said.get_by_role("button", name="Try again").click()
    ready(joe)


def test_a_note_has_room_for_4000_signs_and_says_when_it_is_longer(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    press(joe, "r", "1")
    note = joe.get_by_test_id("note-text")
    note.fill("ß" * 4_012)
    expect(joe.get_by_test_id("room")).to_contain_text("12 characters too long: 4,000 fit.")
    joe.keyboard.press("Control+Enter")
    expect(joe.get_by_text("The internal note is too long.")).to_be_visible()
    note.fill("ß" * 4_000)
    expect(joe.get_by_test_id("room")).to_contain_text("4,000 of 4,000")
    overflow = joe.evaluate("document.documentElement.scrollHeight - document.documentElement.clientHeight")
    assert overflow <= 0
    joe.get_by_test_id("note-text").press("Control+Enter")
    gone(joe, task)
    assert signatures(product, task) == 1


def test_names_from_right_to_left_stand_as_they_are_read(product: Product, joe: Page):
    name = {"given_names": "محمد (علي) 2", "surname": "الخوارزمي"}
    waiting = post_waiting(product, applicant={**name, "date_of_birth": date(1990, 5, 17).isoformat()})
    task = at_task(joe, product, waiting.task)
    title = joe.get_by_role("heading", level=1)
    expect(title).to_have_text("محمد (علي) 2 الخوارزمي")
    assert title.evaluate("one => getComputedStyle(one).direction") == "rtl"
    for width in (390, 1366):
        joe.set_viewport_size({"width": width, "height": 768})
        assert joe.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    press(joe, "a")
    gone(joe, task)
    said = joe.get_by_test_id("decision-undo").locator("xpath=..")
    expect(said).to_contain_text("محمد (علي) 2 الخوارزمي")
    expect(said.locator("bdi")).to_have_text("محمد (علي) 2 الخوارزمي")


def test_a_reason_that_was_removed_meanwhile_is_not_given(product: Product, joe: Page, stock: Stock):
    changed = '{"code": "test_only", "label": "For this test only", "needs_note": false, "position": 900}'
    made = (
        "insert into reasons select (jsonb_populate_record(r, %s::jsonb)).* from reasons r where code = 'image_blurred'"
    )
    rows(product, made, changed)
    try:
        task = at_task(joe, product, stock().task)
        press(joe, "r", "/")
        joe.keyboard.type("for this test")
        press(joe, "Enter")
        expect(joe.get_by_test_id("reasons-said")).to_have_text("1 chosen")
    finally:
        rows(product, "delete from reasons where code = 'test_only'")
    joe.keyboard.press("Enter")
    expect(joe.get_by_text("is not a reason that can be given, or has been removed. Choose another.")).to_be_visible()
    assert verdict(product, task)[0] is None
    expect(joe.get_by_test_id("reason-picker")).to_be_hidden()
    joe.wait_for_timeout(3_500)  # until it is sure that the desk still stands, it is not read again
    press(joe, "r")
    expect(joe.get_by_test_id("reason-picker")).to_be_visible()
    expect(joe.get_by_test_id("reason-test_only")).to_have_count(0)
    expect(joe.get_by_test_id("reasons-said")).to_have_text("")


def test_a_document_that_is_erased_while_it_is_open_leaves_the_screen(product: Product, joe: Page, stock: Stock):
    waiting = stock()
    at_task(joe, product, waiting.task)
    press(joe, "r", "1")
    _, document = request(product, "GET", f"/documents/{waiting.document}", key=product.key())
    status, answer = request(product, "DELETE", f"/applicants/{document['applicant_id']}", key=product.key())
    assert status in {200, 202}, answer
    expect(joe.get_by_test_id("work-notice")).to_contain_text("has been erased as its applicant asked")
    expect(joe.get_by_test_id("work-next")).to_be_visible()
    expect(joe.get_by_test_id("viewer-image")).to_have_count(0)
    expect(joe.get_by_test_id("decision-resubmit")).to_be_disabled()
    expect(joe.get_by_role("heading", level=1)).to_have_text("Unnamed")


def test_a_document_that_is_taken_back_while_it_is_open_says_so(product: Product, joe: Page, stock: Stock):
    waiting = stock()
    at_task(joe, product, waiting.task)
    status, answer = request(product, "POST", f"/documents/{waiting.document}/cancel", key=product.key())
    assert status == 200, answer
    expect(joe.get_by_test_id("work-notice")).to_contain_text("The partner has taken this document back")
    expect(joe.get_by_test_id("work-next")).to_be_visible()


def test_without_a_connection_nothing_is_sent_and_on_return_it_is_sent_once(product: Product, joe: Page, stock: Stock):
    cable = Cable(joe)
    task = at_task(joe, product, stock().task)
    expect(joe.get_by_test_id("decision-reject")).to_be_enabled()
    press(joe, "r", "1")
    joe.get_by_test_id("note-text").fill("Half a thought.")
    cable.pull()
    expect(joe.get_by_test_id("desk-offline")).to_contain_text(OFFLINE)
    expect(joe.get_by_test_id("connection-lost")).to_be_visible()
    joe.get_by_test_id("note-text").fill("A whole thought.")
    joe.keyboard.press("Control+Enter")
    joe.keyboard.press("Control+Enter")
    expect(joe.get_by_test_id("reasons-said")).to_contain_text(KEPT)
    assert signatures(product, task) == 0
    cable.plug()
    gone(joe, task)
    expect(joe.get_by_test_id("desk-offline")).to_be_hidden()
    assert (signatures(product, task), verdict(product, task)[0]) == (1, "rejected")


def test_without_a_connection_approve_does_not_wait_in_a_queue(product: Product, joe: Page, stock: Stock):
    cable = Cable(joe)
    task = at_task(joe, product, stock().task)
    expect(joe.get_by_test_id("decision-approve")).to_be_enabled()  # the page is there before its task is taken
    cable.pull()
    expect(joe.get_by_test_id("desk-offline")).to_contain_text(OFFLINE)
    for _ in range(3):
        joe.keyboard.press("a")
    expect(joe.get_by_test_id("desk-offline")).to_contain_text("Press again when the connection is back.")
    cable.plug()
    expect(joe.get_by_test_id("desk-offline")).to_be_hidden()
    expect(joe.get_by_test_id("live-status").first).to_have_text("Live")
    ready(joe)
    assert signatures(product, task) == 0
    press(joe, "a")
    gone(joe, task)
    assert signatures(product, task) == 1


def test_a_lease_that_ended_while_away_sends_nothing(product: Product, joe: Page, kim: Page, stock: Stock):
    cable = Cable(joe)
    task = at_task(joe, product, stock().task)
    expect(joe.get_by_test_id("decision-reject")).to_be_enabled()
    press(joe, "r", "1")
    joe.get_by_test_id("note-text").fill("A whole thought.")
    cable.pull()
    expect(joe.get_by_test_id("desk-offline")).to_contain_text(OFFLINE)
    joe.keyboard.press("Control+Enter")
    expect(joe.get_by_test_id("reasons-said")).to_contain_text(KEPT)
    rows(product, "update review_tasks set claim_expires_at = now() - interval '1 s' where id = %s", key_of(task))
    at_task(kim, product, task)
    expect(kim.get_by_test_id("work-notice")).to_have_count(0)
    cable.plug()
    expect(joe.get_by_test_id("work-notice")).to_have_text("Kim Larsen is working on this task.")
    expect(joe.get_by_test_id("draft-kept")).to_contain_text("nothing was sent. Your draft is kept")
    assert signatures(product, task) == 0
    press(kim, "n")
    joe.goto(f"{product.url}/review/work/{task}")
    ready(joe)
    expect(joe.get_by_test_id("decision-reject")).to_be_enabled()  # the page is there before its task is taken again
    press(joe, "r")
    expect(joe.get_by_test_id("note-text")).to_have_value("A whole thought.")
