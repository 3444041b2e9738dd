"""A reviewer's hands and eyes at the desk, in the tests."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Locator, Page, expect

from tests.e2e.api import post_specimen, wait_status
from tests.e2e.product import Product

PAINTED = "[data-testid=viewer-image][data-state=ready]"
MOST_TABS = 500
HAND = Path(__file__).with_name("hand.js").read_text()
FOCUS = Path(__file__).with_name("focus.js").read_text().split("\n", 1)[1]
STOP = Path(__file__).with_name("stop.js").read_text().split("\n", 1)[1]


@dataclass(frozen=True)
class Waiting:
    """A document of ours that waits, with its task."""

    document: str
    task: str
    external: str


class Cable:
    """A browser's network, which can be pulled out and put in again."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def pull(self) -> None:
        self.page.context.set_offline(True)

    def plug(self) -> None:
        self.page.context.set_offline(False)


def rows(product: Product, sql: Any, *values: object) -> list[tuple[Any, ...]]:
    """Ask, or change, the product's database past its rules."""
    with psycopg.connect(product.runtime()["database_owner_url"].replace("+psycopg", "")) as database:
        database.execute("select set_config('app.everyone', 'on', false)")
        cursor = database.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def task_of(product: Product, document: str) -> str:
    """Answer the public id of the task that a document waits with."""
    from backoffice.models.base import Prefix, parse_public_id, public_id

    key = parse_public_id(Prefix.DOCUMENT, document)
    found = rows(product, "select id from review_tasks where document_id = %s order by created_at desc limit 1", key)
    return public_id(Prefix.REVIEW_TASK, found[0][0])


def key_of(name: str) -> uuid.UUID:
    """Answer the key behind the public id of a task."""
    from backoffice.models.base import Prefix, parse_public_id

    return parse_public_id(Prefix.REVIEW_TASK, name)


def post_waiting(product: Product, kind: str = "passport", applicant: dict[str, str] | None = None) -> Waiting:
    """Post a document and wait until a person has to decide it."""
    external = f"desk-{uuid.uuid4().hex[:10]}"
    seed = uuid.uuid4().int % 10**6
    sent = {"key": product.key(), "seed": seed, "external_id": external, "applicant": applicant}
    document = post_specimen(product, kind, **sent)["id"]
    wait_status(product, document, "in_review", key=product.key())
    return Waiting(document, task_of(product, document), external)


@contextmanager
def stocked(product: Product, number: int) -> Iterator[Callable[[], Waiting]]:
    """Have documents screened while other tests run; each call gives one that nobody has touched."""
    with ThreadPoolExecutor(1) as pool:
        coming: list[Future[Waiting]] = [pool.submit(post_waiting, product) for _ in range(number)]
        yield lambda: coming.pop(0).result(90) if coming else post_waiting(product)
        for one in coming:
            one.cancel()


def at_the_desk(page: Page, product: Product) -> str:
    page.goto(f"{product.url}/review/work")
    page.wait_for_url(re.compile(r"/review/work/rvt_"))
    return ready(page)


def at_task(page: Page, product: Product, task: str) -> str:
    page.goto(f"{product.url}/review/work/{task}")
    page.locator(f"[data-testid=workspace][data-task-id={task}]").wait_for()
    return ready(page)


def ready(page: Page) -> str:
    """Wait until keys act on the task that is shown; answers its id."""
    expect(page.locator(PAINTED).first).to_be_visible()
    expect(page.locator("html[data-arming]")).to_have_count(0)
    return page.get_by_test_id("workspace").get_attribute("data-task-id") or ""


def gone(page: Page, task: str) -> None:
    expect(page.locator(f"[data-testid=workspace][data-task-id={task}]")).to_have_count(0)


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other; where the focus is must be seen after each."""
    for key in keys:
        page.keyboard.press(key)
        focus_is_seen(page)


def focus_is_seen(page: Page) -> None:
    """Fail where the focus is on something that nobody sees; what scrolls, opens or passes by gets a moment."""
    deadline = time.monotonic() + 8
    while (said := page.evaluate(FOCUS)) and time.monotonic() < deadline:
        page.wait_for_timeout(30)
    assert not said, f"the focus {said}"


def tab_to(page: Page, place: Locator, back: bool = False) -> None:
    """Go to something by Tab alone."""
    expect(place).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if place.evaluate("one => one === document.activeElement"):
            focus_is_seen(page)
            return
    raise AssertionError(f"{place} is not reached by Tab")


def walk(page: Page) -> int:
    """Go once round by Tab: each stop is seen, and there is an end; answers how many stops there are."""
    page.evaluate("window.stops = []; document.activeElement.blur()")
    stops = 0
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        where = page.evaluate(STOP)
        assert where != "stuck", f"Tab stays at {page.evaluate('document.activeElement.outerHTML')[:200]}"
        if where == "seen":
            return stops
        focus_is_seen(page)
        stops += where == "new"
    raise AssertionError("Tab never comes round")


def hand(page: Page) -> dict[str, int]:
    """Answer what was pressed since the page was loaded, or since `rest`."""
    return page.evaluate("({ ...window.hand })")


def rest(page: Page) -> None:
    """Count from here."""
    page.evaluate("Object.assign(window.hand, { keys: 0, clicks: 0, pointers: 0 })")
