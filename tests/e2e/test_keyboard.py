"""The twelve journeys of a reviewer by keys alone: no mouse after the sign-in, the focus always seen, never caught.

`-s` prints what each decision takes; `klm` of the design counted the same on a sketch.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.api import wait_status
from tests.e2e.conftest import fresh_code, signed_in
from tests.e2e.desk import (
    HAND,
    Waiting,
    at_task,
    focus_is_seen,
    gone,
    hand,
    key_of,
    post_waiting,
    press,
    ready,
    rest,
    rows,
    stocked,
    tab_to,
    walk,
)
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
Stock = Callable[[], Waiting]
KLM: dict[str, dict[str, int]] = {}


@pytest.fixture(scope="module")
def stock(product: Product) -> Iterator[Stock]:
    with stocked(product, 14) as take:
        yield take


@pytest.fixture(scope="module")
def people(product: Product, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """One browser for each person, for all journeys; nobody's pointer may touch it."""
    open_: dict[tuple[str, int], tuple[Page, object]] = {}

    def page_of(role: str, skip: int = 0) -> Page:
        if (role, skip) not in open_:
            manager = signed_in(chromium, product, product.member(role, skip=skip))
            page = manager.__enter__()
            page.context.add_init_script(HAND)
            open_[role, skip] = page, manager
        return open_[role, skip][0]

    yield page_of
    for _, manager in open_.values():
        manager.__exit__(None, None, None)


@pytest.fixture
def joe(people: Callable[..., Page]) -> Iterator[Page]:
    page = people("reviewer")
    yield page
    assert hand(page)["pointers"] == 0, "somebody used a mouse"


@pytest.fixture
def lena(people: Callable[..., Page]) -> Iterator[Page]:
    page = people("review_lead")
    yield page
    assert hand(page)["pointers"] == 0, "somebody used a mouse"


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    print("\nklm                            keys  clicks")  # noqa: T201 what this file is for
    for name, took in KLM.items():
        print(f"{name:<30} {took['keys']:>4} {took['clicks']:>7}")  # noqa: T201 as above


def decided(page: Page, task: str, name: str) -> dict[str, int]:
    """Wait until a verdict is signed and answer what it took since `rest`."""
    gone(page, task)
    expect(page.get_by_test_id("decision-undo")).to_be_visible()
    KLM[name] = hand(page)
    return KLM[name]


def outcome(product: Product, task: str) -> tuple[str | None, list[str]]:
    found = rows(product, "select verdict_outcome, verdict_reasons from review_tasks where id = %s", key_of(task))
    return found[0][0], found[0][1]


def test_01_sign_in_and_come_to_the_queue(product: Product, chromium: Browser):
    member = product.member("reviewer", skip=1)
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    context.add_init_script(HAND)
    page = context.new_page()
    page.goto(f"{product.url}/login")
    for text in (member["email"], member["password"]):
        focus_is_seen(page)
        page.keyboard.type(text)
        page.keyboard.press("Tab" if text == member["email"] else "Enter")
    expect(page.get_by_test_id("mfa-code")).to_be_focused()
    page.keyboard.type(fresh_code(member["totp_secret"]))
    page.keyboard.press("Enter")
    page.get_by_test_id("sign-out").first.wait_for(state="attached")
    press(page, "g", "q")
    page.wait_for_url(re.compile("/review/queue"))
    expect(page.get_by_test_id("queue-row").first).to_be_visible()
    assert walk(page) > 10
    assert hand(page)["pointers"] == 0
    context.close()


def best_for(product: Product, page: Page, task: str) -> None:
    """Make a task the one that this person gets next: they hold none, and of theirs it is the first.

    Tasks of nobody would not do: the job that hands out gives them to whom it likes, at any moment.
    """
    page.goto(f"{product.url}/review/queue")
    expect(page.get_by_test_id("queue-row").first).to_be_visible()
    member = "(select id from members where email = %s)"
    mine = product.member("reviewer")["email"]
    rows(
        product,
        f"update review_tasks set claim_expires_at = now() where claimed_by = {member} and claim_expires_at > now()",
        mine,
    )
    rows(product, f"update review_tasks set assigned_at = now() - interval '1 day' where assigned_to = {member}", mine)
    rows(
        product,
        f"update review_tasks set assigned_to = {member}, assigned_at = now(), priority = x.least"
        " from (select min(priority) - 100000 as least from review_tasks) x where id = %s",
        mine,
        key_of(task),
    )


def test_02_the_best_next_task_is_approved_with_one_key(product: Product, joe: Page, stock: Stock):
    task = stock().task
    best_for(product, joe, task)
    joe.keyboard.press("Enter")
    joe.wait_for_url(f"**/review/work/{task}")
    joe.locator(f"[data-testid=workspace][data-task-id={task}]").wait_for()
    assert ready(joe) == task
    rest(joe)
    press(joe, "a")
    took = decided(joe, task, "approve, keys")
    assert outcome(product, task)[0] == "approved"
    assert (took["keys"], took["clicks"]) == (1, 0)


def test_03_reject_with_one_reason_by_its_digit(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    rest(joe)
    press(joe, "r")
    expect(joe.get_by_test_id("reason-picker").get_by_role("checkbox").first).to_be_focused()
    press(joe, "1", "Enter")
    took = decided(joe, task, "reject with one reason, keys")
    assert (took["keys"], took["clicks"]) == (3, 0)
    assert outcome(product, task)[0] == "rejected"
    assert len(outcome(product, task)[1]) == 1


def test_04_a_reason_is_found_by_search_and_the_message_is_previewed(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    rest(joe)
    press(joe, "r", "/")
    joe.keyboard.type("tamper")
    press(joe, "Enter")
    chosen = joe.get_by_test_id("reason-picker").locator("[role=checkbox][aria-checked=true]")
    expect(chosen).to_have_count(1)
    tab_to(joe, joe.get_by_test_id("message-text"))
    joe.keyboard.type("Please call us.")
    expect(joe.get_by_test_id("message-preview")).to_contain_text("Please call us.")
    tab_to(joe, joe.get_by_test_id("note-text"))
    joe.keyboard.type("As in May.")
    expect(joe.get_by_test_id("message-preview")).not_to_contain_text("As in May.")
    press(joe, "Control+Enter")
    decided(joe, task, "reject by search, with message")
    assert outcome(product, task) == ("rejected", ["tampering_suspected"])


def test_05_the_applicant_is_asked_again(product: Product, joe: Page, stock: Stock):
    task = at_task(joe, product, stock().task)
    rest(joe)
    press(joe, "s", "1", "2", "Enter")
    decided(joe, task, "ask again with two reasons")
    assert outcome(product, task)[0] == "resubmission_requested"
    assert len(outcome(product, task)[1]) == 2


def test_06_undo_within_the_window_leaves_no_event_and_both_in_the_audit(product: Product, joe: Page, stock: Stock):
    waiting = stock()
    task = at_task(joe, product, waiting.task)
    rest(joe)
    press(joe, "a")
    gone(joe, task)
    press(joe, "z")
    joe.locator(f"[data-testid=workspace][data-task-id={task}]").wait_for()
    expect(joe.get_by_text("Taken back. Nothing was sent.")).to_be_visible()
    KLM["approve and undo"] = hand(joe)
    told = "select action from audit_entries where subject_id = %s and action = any(%s) order by sequence"
    both = ["review.signed", "review.undone"]
    assert [row[0] for row in rows(product, told, key_of(task), both)] == both
    left = "select count(*) from events where type = 'document.approved' and data->'object'->>'id' = %s"
    assert rows(product, left, waiting.document) == [(0,)]


def test_07_an_area_is_marked_explained_and_taken_away(product: Product, joe: Page, stock: Stock):
    at_task(joe, product, stock().task)
    press(joe, "m")
    expect(joe.get_by_test_id("viewer-placer")).to_be_focused()
    press(joe, "ArrowRight", "ArrowDown", "Shift+ArrowRight", "Enter")
    expect(joe.locator("#mark-note")).to_be_focused()
    joe.keyboard.type("The 7 was written over.")
    tab_to(joe, joe.get_by_test_id("mark-save"))
    press(joe, "Enter")
    expect(joe.get_by_test_id("mark")).to_contain_text("The 7 was written over.")
    tab_to(joe, joe.get_by_role("button", name="Remove Mark 1"), back=True)
    press(joe, "Enter")
    expect(joe.get_by_test_id("mark")).to_have_count(0)
    focus_is_seen(joe)
    assert walk(joe) > 20


def test_08_comparing_goes_round_and_is_left(product: Product, joe: Page):
    at_task(joe, product, post_waiting(product, "national_id").task)
    for mode in ("side", "overlay", "blink"):
        press(joe, "b")
        expect(joe.get_by_test_id(f"compare-{mode}")).to_have_attribute("aria-pressed", "true")
    assert walk(joe) > 20
    press(joe, "b")
    expect(joe.get_by_test_id("compare-bar")).to_be_hidden()


def test_09_what_cannot_be_decided_now_is_put_aside(product: Product, joe: Page, stock: Stock):
    ways = (
        (("w", "1"), "on_hold"),
        (("h",), "on_hold"),
        (("e",), "escalated"),
    )
    for keys, status in ways:
        task = at_task(joe, product, stock().task)
        rest(joe)
        press(joe, *keys)
        gone(joe, task)
        KLM[f"put aside: {' '.join(keys)}"] = hand(joe)
        assert rows(product, "select status from review_tasks where id = %s", key_of(task)) == [(status,)]
    task = at_task(joe, product, stock().task)
    press(joe, "w", "5")
    expect(joe.get_by_test_id("question-text")).to_be_focused()
    joe.keyboard.type("Is this the maiden name?")
    press(joe, "Control+Enter")
    gone(joe, task)
    asked = "select status, waits_for from review_tasks where id = %s"
    assert rows(product, asked, key_of(task))[0][0] == "on_hold"


def test_10_the_second_of_two_signs_without_knowing_the_first_verdict(
    product: Product, joe: Page, people: Callable[..., Page], stock: Stock
):
    waiting = stock()
    at_task(joe, product, waiting.task)
    press(joe, "w", "6")
    expect(joe.get_by_text("Two people sign this one.")).to_be_visible()
    at_task(joe, product, waiting.task)
    press(joe, "r", "2", "Enter")
    gone(joe, waiting.task)
    first = "select first_by is not null from review_tasks where id = %s"
    joe.wait_for_timeout(3_000)
    for _ in range(100):
        if rows(product, first, key_of(waiting.task)) == [(True,)]:
            break
        joe.wait_for_timeout(100)
    kim = people("reviewer", 1)
    at_task(kim, product, waiting.task)
    words = kim.get_by_test_id("workspace").inner_text()
    assert "Rejected" not in words
    assert "Joe Park" not in words
    rest(kim)
    press(kim, "r", "2", "Enter")
    gone(kim, waiting.task)
    KLM["second signature"] = hand(kim)
    decision = wait_status(product, waiting.document, "rejected", key=product.key())["decision"]
    assert len(decision["reasons"]) == 1
    assert hand(kim)["pointers"] == 0


def test_11_the_queue_is_narrowed_selected_assigned_and_decided(product: Product, lena: Page, stock: Stock):
    ours = stock()
    lena.goto(f"{product.url}/review/queue?view=all")
    expect(lena.get_by_test_id("queue-row").first).to_be_visible()
    tab_to(lena, lena.get_by_test_id("queue-tab-unassigned"))
    press(lena, "Enter")
    lena.wait_for_url(re.compile("view=unassigned"))
    menu = lena.locator(".menu", has=lena.get_by_role("button", name="Filter by Partner"))
    tab_to(lena, menu.locator("button").first)
    press(lena, "Enter")
    while not menu.get_by_text("Acme Bank").evaluate("one => one === document.activeElement"):
        press(lena, "ArrowDown")
    press(lena, "Enter")
    lena.wait_for_url(re.compile("partner="))
    expect(lena.locator(".chip")).to_have_count(1)
    press(lena, "/")
    lena.keyboard.type(ours.external)
    press(lena, "Enter")
    expect(lena.get_by_test_id("queue-row")).to_have_count(1)
    press(lena, "j", "x")
    expect(lena.get_by_test_id("assign")).to_be_visible()
    press(lena, "Shift+A")
    expect(lena.get_by_test_id("assign-dialog")).to_be_visible()
    tab_to(lena, lena.get_by_test_id("assign-confirm"))
    press(lena, "Enter")
    expect(lena.get_by_test_id("assign-dialog")).to_be_hidden()
    whose = "select assigned_to is not null from review_tasks where id = %s"
    assert rows(product, whose, key_of(ours.task)) == [(True,)]
    lena.goto(f"{product.url}/review/queue?view=all&partner=acme")
    expect(lena.get_by_test_id("queue-row").nth(3)).to_be_visible()
    press(lena, "j", "x", "Shift+J", "Shift+J")
    expect(lena.locator('[data-testid="queue-row"][aria-selected="true"]')).to_have_count(3)
    press(lena, "Shift+A")
    expect(lena.get_by_test_id("assign-dialog")).to_be_visible()
    press(lena, "Escape")
    expect(lena.get_by_test_id("assign-dialog")).to_be_hidden()
    press(lena, "Escape")
    expect(lena.locator('[data-testid="queue-row"][aria-selected="true"]')).to_have_count(0)
    lena.goto(f"{product.url}/review/queue?view=all&q={ours.external}")
    expect(lena.get_by_test_id("queue-row")).to_have_count(1)
    press(lena, "j", "x")
    tab_to(lena, lena.get_by_test_id("bulk-resubmit"))
    press(lena, "Enter")
    tab_to(lena, lena.get_by_test_id("bulk-dialog").get_by_label("Image is blurred"))
    press(lena, "Space")
    expect(lena.get_by_test_id("bulk-confirm")).to_be_enabled()
    tab_to(lena, lena.get_by_test_id("bulk-confirm"))
    press(lena, "Enter")
    tab_to(lena, lena.get_by_test_id("bulk-undo"))
    press(lena, "Enter")
    expect(lena.get_by_test_id("bulk-words")).to_contain_text("taken back")


def test_12_history_timeline_reopening_and_a_key_of_ones_own(product: Product, lena: Page):
    lena.goto(f"{product.url}/review/history")
    expect(lena.get_by_test_id("history-row").first).to_be_visible()
    assert walk(lena) > 10
    press(lena, "j", "Enter")
    lena.wait_for_url(re.compile("/review/documents/doc_"))
    expect(lena.get_by_test_id("story")).to_be_visible()
    tab_to(lena, lena.locator("textarea[name=why]"))
    lena.keyboard.type("The portrait shows somebody else.")
    press(lena, "Tab", "Enter")
    expect(lena.get_by_test_id("past").first).to_contain_text("The portrait shows somebody else.")
    lena.goto(f"{product.url}/review/work")
    lena.wait_for_url(re.compile("/review/work/rvt_"))
    ready(lena)
    press(lena, "?")
    tab_to(lena, lena.get_by_test_id("key-wait"))
    press(lena, "Enter", "y")
    expect(lena.get_by_test_id("key-wait")).to_have_text("Y")
    press(lena, "Escape")
    expect(lena.get_by_test_id("hotkeys-sheet")).to_be_hidden()
    press(lena, "y")
    expect(lena.get_by_test_id("aside-desk")).to_be_visible()
    press(lena, "Escape", "?")
    tab_to(lena, lena.get_by_test_id("hotkeys-reset"))
    press(lena, "Enter", "Escape", "w")
    expect(lena.get_by_test_id("aside-desk")).to_be_visible()
    press(lena, "Escape")
    expect(lena.get_by_test_id("aside-desk")).to_be_hidden()


def test_by_mouse_it_is_one_click_and_three(product: Product, people: Callable[..., Page], stock: Stock):
    page = people("reviewer", 1)
    task = at_task(page, product, stock().task)
    rest(page)
    page.get_by_test_id("decision-approve").click()
    took = decided(page, task, "approve, mouse")
    assert (took["keys"], took["clicks"]) == (0, 1)
    task = at_task(page, product, stock().task)
    rest(page)
    page.get_by_test_id("decision-reject").click()
    page.get_by_test_id("reason-picker").get_by_role("checkbox").first.click()
    page.get_by_test_id("decision-confirm").click()
    took = decided(page, task, "reject with one reason, mouse")
    assert (took["keys"], took["clicks"]) == (0, 3)
