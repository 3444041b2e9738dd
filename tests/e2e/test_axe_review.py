"""The review screens when they are empty, when something is wrong, and without a connection, at four widths in both
themes. How they look when they are full is in `test_looks*`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import SignIn, signed_in
from tests.e2e.desk import Cable, at_the_desk, key_of, rows
from tests.e2e.product import Product
from tests.e2e.test_looks import REVIEW_WIDTHS, THEMES, paint, seen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
NOBODY = "0" * 26
EMPTY = "[data-testid=empty-state]"
PLACES = (
    ("/review/queue?view=all", "[data-testid=queue-row]"),
    ("/review/history", "[data-testid=history-row]"),
    ("/review/quality", "[data-testid=quality]"),
    ("/review/samples", "[data-testid=sample-row], [data-testid=empty-state]"),
    ("/review/team", "[data-testid=lane-row]"),
    ("/review/assignment", "[data-testid=reviewer-row]"),
)


def examine(page: Page, what: str, within: list[str] | None = None) -> None:
    """Look at what is shown now at every width in both themes."""
    for theme in THEMES:
        paint(page, theme)
        found = seen(page, REVIEW_WIDTHS, within)
        assert not found, f"{what}, {theme}: {found}"


def visit(page: Page, product: Product, address: str, shown: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{product.url}{address}")
    expect(page.locator(shown).first).to_be_visible()


@contextmanager
def barred(product: Product, email: str) -> Iterator[None]:
    """Bar somebody from every partner: then nothing waits for them."""
    made = (
        "insert into review_bars (id, created_at, partner_id, member_id, reason)"
        " select gen_random_uuid(), now(), p.id, m.id, 'For a test.' from partners p, members m where m.email = %s"
    )
    rows(product, made, email)
    try:
        yield
    finally:
        rows(product, "delete from review_bars where reason = 'For a test.'")


def test_empty(product: Product, chromium: Browser, sign_in: SignIn):
    with sign_in("review_lead") as page:
        for address in (
            f"/review/queue?view=all&q=doc_{NOBODY}",
            "/review/history?outcome=approved&overturned=1&days=7",
            "/review/queue?view=on_hold&risk=high&plan=free",
        ):
            visit(page, product, address, EMPTY)
            examine(page, address)
    member = product.member("reviewer", skip=1)
    with barred(product, member["email"]), signed_in(chromium, product, member) as page:
        for address in ("/review/queue?view=all", "/review/work"):
            visit(page, product, address, EMPTY)
            expect(page.get_by_text("Queue is clear")).to_be_visible()
            examine(page, address)
    lead = product.member("review_lead")
    with barred(product, lead["email"]), signed_in(chromium, product, lead) as page:
        for address in ("/review/team", "/review/quality", "/review/samples", "/review/history"):
            visit(page, product, address, "main h1")
            page.wait_for_timeout(500)  # what would come has come
            examine(page, f"{address} of a lead who is barred from everybody")


def test_wrong(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        visit(page, product, f"/review/documents/doc_{NOBODY}", "[data-testid=not-found-state]")
        examine(page, "an unknown document")
        visit(page, product, f"/review/work/rvt_{NOBODY}", "[data-testid=not-found-state]")
        examine(page, "an unknown task")
        visit(page, product, "/review/queue?view=all", "[data-testid=queue-row]")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("m")  # at once: the button comes with the answer
        page.get_by_test_id("move-confirm").click()
        expect(page.get_by_test_id("move-dialog").locator(".field-error")).to_be_visible()
        examine(page, "moving without a reason")
        visit(page, product, "/review/samples", "[data-testid=shares-edit]")
        page.get_by_test_id("shares-edit").click()
        page.get_by_label("Low risk, percent").fill("200")
        page.get_by_test_id("shares-save").click()
        expect(page.get_by_text("whole number from 0 to 100")).to_be_visible()
        examine(page, "a percentage of 200")
    with sign_in("reviewer") as page:
        for address in ("/review/team", "/review/assignment"):
            visit(page, product, address, "[data-testid=denied-state]")
            examine(page, f"{address} of a reviewer")
        task = at_the_desk(page, product)
        rows(product, "update review_tasks set claim_expires_at = now() - interval '1 s' where id = %s", key_of(task))
        page.keyboard.press("a")
        expect(page.locator(".toast, [data-testid=work-notice]").first).to_be_visible()
        examine(page, "a lease that ended, as it is told", [".toasts"])
        page.locator(".toast button").evaluate_all("all => all.forEach((one) => one.click())")  # it stood before others
        examine(page, "a lease that ended")


def test_disconnected(product: Product, sign_in: SignIn):
    with sign_in("review_lead") as page:
        cable = Cable(page)
        story = rows(product, "select document_id from decisions order by created_at desc limit 1")[0][0]
        for address, shown in (*PLACES, (f"/review/documents/{document_name(story)}", "[data-testid=story]")):
            visit(page, product, address, shown)
            cable.pull()
            expect(page.get_by_test_id("connection-lost")).to_be_visible()
            examine(page, f"{address} without a connection")
            cable.plug()
        at_the_desk(page, product)
        page.keyboard.press("r")
        cable.pull()
        expect(page.get_by_test_id("desk-offline")).to_be_visible()
        expect(page.get_by_test_id("connection-lost")).to_be_visible()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("reasons-said")).to_contain_text("nothing was sent")
        examine(page, "the desk without a connection")


def document_name(key: object) -> str:
    from uuid import UUID

    from backoffice.models.base import Prefix, public_id

    return public_id(Prefix.DOCUMENT, UUID(str(key)))
