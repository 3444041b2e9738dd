import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
from pyotp.totp import TOTP

from tests.e2e.post import Mailbox, post_office
from tests.e2e.product import Product, running
from tests.e2e.receiver import Receiver

expect.set_options(timeout=20_000)
"""Milliseconds; a busy machine is not a broken product."""
SignIn = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="package")
def mailbox() -> Iterator[Mailbox]:
    with post_office() as server:
        yield server


LONG_FRESH = {"BACKOFFICE_STEP_UP_MINUTES": "720"}
"""One sign-in serves all browser tests, longer than ten minutes; `test_passkeys.py` makes sessions stale by itself."""


@pytest.fixture(scope="package")
def product(mailbox: Mailbox) -> Iterator[Product]:
    with running(BACKOFFICE_UNDO_SECONDS="3", BACKOFFICE_SMTP_URL=mailbox.url, **LONG_FRESH) as started:
        yield started


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print with a failure what the product itself logged of it, and what stood on the pages at that moment."""
    report = yield
    given = getattr(item, "funcargs", {})
    product = given.get("product")
    if report.failed and isinstance(product, Product):
        report.sections.append(("errors of the product", product.errors()))
        for name, page in given.items():
            if isinstance(page, Page) and not page.is_closed():
                report.sections.append((f"what {name} saw", _seen(page)))
    return report


def _seen(page: Page) -> str:
    """Answer the address and the text of a page; a browser that does not answer any more is no second failure."""
    try:
        return f"{page.url}\n{page.locator('body').inner_text(timeout=2_000)[:4_000]}"
    except Error as error:
        return f"{page.url}\n{error}"


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser that ends with these tests: its event loop is the thread's until then, and others need their own."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        yield browser
        browser.close()


_cookies: dict[tuple[str, str], Any] = {}
"""Who is signed in already, by product and address: a code of the second step is good for once in half a minute."""


@contextmanager
def signed_in(
    chromium: Browser, product: Product, member: dict[str, Any], *, anew: bool = False, **options: Any
) -> Generator[Page]:
    """A browser of one person, past both steps of the sign-in; `anew` goes through them and shows where one arrives."""
    look: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **options}
    context: BrowserContext = chromium.new_context(**look)
    context.set_default_timeout(15_000)
    page = context.new_page()
    try:
        if anew or not _is_known(context, product, member):
            through_the_door(page, product, member)
            _cookies[product.url, member["email"]] = context.cookies()
        yield page
    finally:
        context.close()


def _is_known(context: BrowserContext, product: Product, member: dict[str, Any]) -> bool:
    """Take the cookies of an earlier sign-in, if the product still knows them."""
    kept = _cookies.get((product.url, member["email"]))
    if kept is None:
        return False
    context.add_cookies(kept)
    if context.request.get(f"{product.url}/account/", max_redirects=0).status == 200:
        return True
    context.clear_cookies()
    return False


def through_the_door(page: Page, product: Product, member: dict[str, Any]) -> None:
    page.goto(f"{product.url}/login")
    page.get_by_test_id("login-email").fill(member["email"])
    page.get_by_test_id("login-password").fill(member["password"])
    page.get_by_test_id("login-submit").click()
    if member["totp_secret"]:
        page.get_by_test_id("mfa-code").fill(fresh_code(member["totp_secret"]))
        page.get_by_test_id("mfa-submit").click()
    page.get_by_test_id("sign-out").first.wait_for(state="attached")


_used: dict[str, int] = {}


def fresh_code(secret: str) -> str:
    """A code whose time step was not used yet: replays are refused, so the next step's is taken (within ±1)."""
    import time

    step = max(int(time.time()) // 30, _used.get(secret, 0) + 1)
    while step > int(time.time()) // 30 + 1:
        time.sleep(0.5)
    _used[secret] = step
    return TOTP(secret).at(step * 30)


@pytest.fixture
def sign_in(chromium: Browser, product: Product) -> SignIn:
    def opener(role: str, partner: str = "acme", *, skip: int = 0, **options: Any) -> AbstractContextManager[Page]:
        return signed_in(chromium, product, product.member(role, partner, skip=skip), **options)

    return opener


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as running_receiver:
        yield running_receiver


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
