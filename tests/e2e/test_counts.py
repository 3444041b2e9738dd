"""While documents arrive through the API, the dashboard's numbers, the lists, the exports and the tables agree.

COUNTED_DOCUMENTS=1000 runs it at full size; `--log-cli-level=INFO` tells how long it took.
"""

import csv
import io
import logging
import os
import re
import threading
import time
import uuid
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import signed_in
from tests.e2e.desk import rows
from tests.e2e.product import Product
from tests.e2e.test_storm import picture

log = logging.getLogger(__name__)
DOCUMENTS = int(os.environ.get("COUNTED_DOCUMENTS", "48"))
CLIENTS = 8
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(max(420, DOCUMENTS * 6))]
PATIENCE_SECONDS = 20
"""A number is at most a second late; on two cores that do everything else as well, nobody measures that here."""
TODAY = "created_at >= date_trunc('day', now() at time zone 'utc') at time zone 'utc'"
DECIDED = "completed_at >= date_trunc('day', now() at time zone 'utc') at time zone 'utc'"
OWN = "from documents d join partners p on p.id = d.partner_id where p.slug = 'rival' and d.livemode and "
NUMBERS = {
    "kpi-received": f"d.{TODAY}",
    "kpi-in-progress": "d.status in ('submitted', 'processing')",
    "kpi-awaiting-review": "d.status = 'in_review'",
    "kpi-approved": f"d.status = 'approved' and d.{DECIDED}",
}
"""Each number of the dashboard, and what it says of the tables: written here anew, not taken from the product."""


@dataclass
class Flow:
    """Documents that a partner's server posts, one after the other, as long as nobody holds it."""

    product: Product
    prefix: str = field(default_factory=lambda: f"count-{uuid.uuid4().hex[:8]}")
    is_open: threading.Event = field(default_factory=threading.Event)
    posted: list[str] = field(default_factory=list)
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Count oneself in while nobody holds it."""
        while True:
            self.is_open.wait()
            with self.lock:
                if self.is_open.is_set():
                    self.under_way += 1
                    return

    def post(self, number: int) -> None:
        self.begin()
        asked = {
            "headers": {"Authorization": f"Bearer {self.product.key('rival')}"},
            "files": {"files": ("a.jpg", picture(number), "image/jpeg")},
            "data": {"type": "passport", "external_id": f"{self.prefix}-{number}"},
        }
        try:
            answer = httpx2.post(f"{self.product.url}/api/v1/documents", **asked, timeout=60)
            while answer.status_code == 429:
                time.sleep(float(answer.headers.get("retry-after", "1")))
                answer = httpx2.post(f"{self.product.url}/api/v1/documents", **asked, timeout=60)
            assert answer.status_code == 201, answer.text
            self.posted.append(answer.json()["id"])
        finally:
            with self.lock:
                self.under_way -= 1

    def hold(self) -> None:
        """Let nothing more begin, and wait until nothing is under way."""
        with self.lock:
            self.is_open.clear()
        while self.under_way:
            time.sleep(0.02)


def recount(product: Product, condition: str) -> int:
    return rows(product, f"select count(*) {OWN}{condition}")[0][0]


def ids(product: Product, condition: str) -> set[str]:
    from backoffice.models.base import Prefix, public_id

    return {public_id(Prefix.DOCUMENT, row[0]) for row in rows(product, f"select d.id {OWN}{condition}")}


@contextmanager
def arriving(flow: Flow) -> Generator[None]:
    """Post them all beside what is done meanwhile, and see them through."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        sent = [pool.submit(flow.post, number) for number in range(DOCUMENTS)]
        try:
            yield
        finally:
            flow.is_open.set()
        for one in sent:
            one.result()


def shown(page: Page, number: str) -> int:
    return int(float(page.get_by_test_id(number).get_attribute("data-value") or "-1"))


def agrees(page: Page, product: Product, number: str) -> None:
    """Wait no longer than a number may be late, then compare it with the tables."""
    counted = str(recount(product, NUMBERS[number]))
    expect(page.get_by_test_id(number)).to_have_attribute("data-value", counted, timeout=PATIENCE_SECONDS * 1000)


def between(page: Page, product: Product) -> None:
    """See that the number comes to what was there before, and is never beyond what is there now."""
    least, late = recount(product, NUMBERS["kpi-received"]), time.monotonic() + PATIENCE_SECONDS
    while (now := shown(page, "kpi-received")) < least:
        assert time.monotonic() < late, f"{now} of {least}"
        page.wait_for_timeout(100)
    assert now <= recount(product, NUMBERS["kpi-received"])


def listed(page: Page, product: Product, address: str) -> set[str]:
    """Walk a list from its first page to its last; a document that stands on two of them is one too many."""
    found: list[str] = []
    while address:
        page.goto(f"{product.url}{address}")
        page.locator("[data-testid=documents-row], [data-testid=empty-state]").first.wait_for()
        found += [row.get_attribute("data-id") or "" for row in page.get_by_test_id("documents-row").all()]
        older = page.get_by_role("link", name="Older")
        address = older.get_attribute("href") or "" if older.count() else ""
    assert len(found) == len(set(found))
    return set(found)


def newest_export(product: Product) -> str:
    from backoffice.models.base import Prefix, public_id

    found = rows(product, "select id from exports order by id desc limit 1")
    return public_id(Prefix.EXPORT, found[0][0]) if found else ""


def exported(page: Page, product: Product, address: str) -> set[str]:
    """Export a list from its own page and read the file."""
    page.goto(f"{product.url}{address}")
    page.locator("[data-testid=documents-row], [data-testid=empty-state]").first.wait_for()
    before = newest_export(product)
    page.keyboard.press("e")
    page.get_by_test_id("export-csv").click()
    page.wait_for_url(re.compile("/partner/exports"))
    while (made := newest_export(product)) == before:
        page.wait_for_timeout(100)
    row = page.locator(f"[data-testid=export-row][data-id={made}]")
    expect(row).to_have_attribute("data-status", "ready", timeout=120_000)
    with page.expect_download() as waited:
        row.get_by_test_id("export-fetch").click()
    lines = list(csv.DictReader(io.StringIO(waited.value.path().read_text())))
    assert len(lines) == len({line["id"] for line in lines})
    return {line["id"] for line in lines}


def test_number_list_export_and_recount_agree(product: Product, chromium: Browser):
    flow, started = Flow(product), time.monotonic()
    with signed_in(chromium, product, product.member("partner_admin", "rival")) as page:
        page.goto(f"{product.url}/partner")
        expect(page.get_by_test_id("kpi-received")).to_be_visible()
        agrees(page, product, "kpi-received")
        with arriving(flow):
            flow.is_open.set()
            for part in (1, 2, 3):
                while len(flow.posted) < DOCUMENTS * part // 3 - CLIENTS:
                    between(page, product)
                flow.hold()
                agrees(page, product, "kpi-received")
                flow.is_open.set()
        log.info("%d documents in %.0f s", DOCUMENTS, time.monotonic() - started)
        assert len(flow.posted) == DOCUMENTS
        wait_screened(page, product)
        links = {number: page.get_by_test_id(number).get_attribute("href") or "" for number in NUMBERS}
        for number in NUMBERS:
            agrees(page, product, number)
        for number, condition in NUMBERS.items():
            wanted = ids(product, condition)
            assert listed(page, product, links[number]) == wanted, number
            assert exported(page, product, links[number]) == wanted, number
        assert set(flow.posted) <= ids(product, NUMBERS["kpi-received"])
        log.info("and counted four ways in %.0f s", time.monotonic() - started)


def wait_screened(page: Page, product: Product) -> None:
    """Wait as long as fewer and fewer are being screened."""
    left, patience = DOCUMENTS + 1, time.monotonic() + 90
    while left:
        now = recount(product, NUMBERS["kpi-in-progress"])
        if now < left:
            left, patience = now, time.monotonic() + 90
        assert time.monotonic() < patience, f"{now} documents are not screened and nothing moves"
        page.wait_for_timeout(300)
