"""A person's own login in a browser: an app, recovery codes, a forgotten password with its letter, and back in."""

import os
import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.conftest import SignIn, fresh_code
from tests.e2e.post import Mailbox
from tests.e2e.product import Product
from tests.e2e.test_looks import look, paint, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE: ViewportSize = {"width": 1440, "height": 900}
EMAIL = f"otto.lind.{uuid.uuid4().hex[:6]}@acme.example"
FIRST, SECOND = "quiet ferries in may", "seven otters swim north"
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of the steps, to be looked at."""


def shoot(page: Page, name: str) -> None:
    for width in (1440, 390) if SHOTS else ():
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            paint(page, theme)
            page.screenshot(path=Path(SHOTS or "") / f"{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size(WIDE)
    paint(page, "light")


def invited(product: Product, sign_in: SignIn) -> str:
    with sign_in("partner_admin") as page:
        page.goto(f"{product.url}/partner/team")
        page.get_by_test_id("invite-new").click()
        page.locator("#email").fill(EMAIL)
        page.get_by_test_id("invite-send").click()
        expect(page.get_by_test_id("invite-link")).to_be_visible()
        found = re.search(r"http\S+/invite/[\w-]+", page.get_by_test_id("invite-dialog").inner_text())
        assert found
        return found[0]


def join(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_test_id("invite-password").fill("passwordpassword")
    page.get_by_test_id("invite-submit").click()
    expect(page.get_by_role("alert")).to_contain_text("among the first")
    page.get_by_test_id("invite-password").fill(FIRST)
    page.get_by_test_id("invite-submit").click()
    page.wait_for_url(re.compile(r"/partner"))


def set_up_app(page: Page, product: Product) -> str:
    page.goto(f"{product.url}/account")
    page.get_by_test_id("account-security").click()
    page.wait_for_url(re.compile(r"/account/security"))
    expect(page.get_by_test_id("security-codes")).to_have_count(0)
    shoot(page, "security-none")
    page.get_by_test_id("factor-begin").click()
    page.locator("summary").click()
    seed = page.get_by_test_id("factor-seed").inner_text().replace(" ", "")
    assert problems(page) == []
    shoot(page, "security-square")
    page.get_by_test_id("factor-code").fill("000000")
    page.get_by_test_id("factor-finish").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.get_by_test_id("factor-code").fill(fresh_code(seed))
    page.get_by_test_id("factor-finish").click()
    expect(page.get_by_test_id("security-done")).to_be_visible()
    expect(page.get_by_test_id("codes-left")).to_contain_text("You have none")
    return seed


def make_codes(page: Page, product: Product, seed: str) -> list[str]:
    look(page, product, "/account/security", "[data-testid=security-codes]")
    shoot(page, "security-set")
    page.get_by_test_id("codes-code-code").fill(fresh_code(seed))
    page.get_by_test_id("codes-make").click()
    expect(page.locator(".codes code")).to_have_count(10)
    assert problems(page) == []
    shoot(page, "security-codes")
    codes = page.locator(".codes code").all_inner_texts()
    page.get_by_test_id("codes-kept").click()
    expect(page.get_by_test_id("codes-left")).to_have_text("10 codes left.")
    return codes


def forget(page: Page, product: Product, mailbox: Mailbox) -> None:
    page.context.clear_cookies()
    page.goto(f"{product.url}/login")
    page.get_by_test_id("login-forgot").click()
    look(page, product, "/reset", "[data-testid=reset-email]")
    page.get_by_test_id("reset-email").fill(EMAIL)
    page.get_by_test_id("reset-submit").click()
    expect(page.get_by_test_id("reset-sent")).to_be_visible()
    shoot(page, "reset-sent")
    text = mailbox.wait_for(EMAIL, "Choose a new password").get_body(("plain",))
    link = re.search(r"http\S+/reset/[\w-]+", text.get_content() if text else "")
    assert link
    page.goto(link[0])
    assert problems(page) == []
    shoot(page, "reset-choose")
    page.get_by_test_id("reset-password").fill(SECOND)
    page.get_by_test_id("reset-choose").click()
    expect(page.get_by_role("status")).to_contain_text("Your new password is set")
    mailbox.wait_for(EMAIL, "Your password was changed")


def come_back(page: Page, product: Product, mailbox: Mailbox, code: str) -> None:
    page.get_by_test_id("login-email").fill(EMAIL)
    page.get_by_test_id("login-password").fill(SECOND)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("mfa-recovery").click()
    assert problems(page) == []
    shoot(page, "recovery")
    page.get_by_test_id("recovery-code").fill("no code at all")
    page.get_by_test_id("recovery-submit").click()
    expect(page.get_by_role("alert")).to_contain_text("recovery code is not right")
    page.get_by_test_id("recovery-code").fill(code.lower())
    page.get_by_test_id("recovery-submit").click()
    page.wait_for_url(re.compile(r"/partner"))
    mailbox.wait_for(EMAIL, "recovery code was used")
    page.goto(f"{product.url}/account/security")
    expect(page.get_by_test_id("codes-left")).to_have_text("9 codes left.")


def test_phone_and_password_are_lost_and_their_person_comes_back(
    product: Product, sign_in: SignIn, chromium: Browser, mailbox: Mailbox
):
    link = invited(product, sign_in)
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    join(page, link)
    codes = make_codes(page, product, set_up_app(page, product))
    forget(page, product, mailbox)
    come_back(page, product, mailbox, codes[0])
    context.close()
