"""Passkeys in a real browser with a virtual device: made, used alone and as the second step, taken away."""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, expect

from tests.e2e.conftest import SignIn
from tests.e2e.desk import rows
from tests.e2e.post import Mailbox
from tests.e2e.product import Product
from tests.e2e.test_looks import paint, problems

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE: ViewportSize = {"width": 1440, "height": 900}
PASSWORD = "quiet ferries in may"
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of the steps, to be looked at."""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def shoot(page: Page, name: str) -> None:
    for width in (1440, 390) if SHOTS else ():
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            paint(page, theme)
            page.screenshot(path=Path(SHOTS or "") / f"{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size(WIDE)
    paint(page, "light")


@contextmanager
def device(page: Page) -> Iterator[tuple[CDPSession, str]]:
    """A browser whose computer has a fingerprint reader, which always says yes."""
    client = page.context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    added = client.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield client, added["authenticatorId"]


def joined(product: Product, sign_in: SignIn, page: Page, role: str = "partner_analyst") -> str:
    """Invite somebody new and come in as them; answers their address."""
    email = f"petra.{uuid.uuid4().hex[:8]}@acme.example"
    with sign_in("partner_admin") as admin:
        admin.goto(f"{product.url}/partner/team")
        admin.get_by_test_id("invite-new").click()
        admin.locator("#email").fill(email)
        admin.locator("[name=role]").select_option(role)
        admin.get_by_test_id("invite-send").click()
        expect(admin.get_by_test_id("invite-link")).to_be_visible()
        found = re.search(r"http\S+/invite/[\w-]+", admin.get_by_test_id("invite-dialog").inner_text())
        assert found
    page.goto(found[0])
    page.get_by_test_id("invite-password").fill(PASSWORD)
    page.get_by_test_id("invite-submit").click()
    page.wait_for_url(re.compile(r"/partner"))
    return email


def add(page: Page, product: Product, name: str) -> None:
    page.goto(f"{product.url}/account/security")
    page.get_by_test_id("passkey-name").fill(name)
    page.get_by_test_id("passkey-add").click()
    expect(page.get_by_test_id("security-done")).to_contain_text("new passkey")
    expect(page.get_by_test_id("passkey-row").filter(has_text=name)).to_be_visible()


def test_passkey_is_made_used_both_ways_and_removed(
    product: Product, sign_in: SignIn, chromium: Browser, mailbox: Mailbox
):
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    with device(page):
        email = joined(product, sign_in, page)
        page.goto(f"{product.url}/account/security")
        shoot(page, "passkeys-none")
        add(page, product, "Work laptop")
        mailbox.wait_for(email, "A passkey signs in to your login now")
        assert problems(page) == []
        shoot(page, "passkeys-one")
        page.get_by_test_id("passkey-add").click()
        expect(page.get_by_role("status").filter(has_text="already")).to_be_visible()

        context.clear_cookies()
        page.goto(f"{product.url}/login?next=/account")
        assert problems(page) == []
        shoot(page, "login-passkey")
        page.get_by_test_id("login-passkey").click()
        page.wait_for_url(re.compile(r"/account$|/account/$"))

        context.clear_cookies()
        page.goto(f"{product.url}/login")
        page.get_by_test_id("login-email").fill(email)
        page.get_by_test_id("login-password").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        expect(page.get_by_test_id("passkey-step")).to_be_visible()
        assert problems(page) == []
        shoot(page, "passkey-step")
        page.get_by_test_id("mfa-passkey").click()
        page.wait_for_url(re.compile(r"/partner"))

        page.goto(f"{product.url}/account/security")
        page.locator("summary").first.click()
        shoot(page, "passkeys-change")
        page.get_by_test_id("passkey-rename").fill("Old laptop")
        page.get_by_test_id("passkey-rename-submit").click()
        expect(page.get_by_test_id("passkey-row")).to_contain_text("Old laptop")
        page.locator("summary").first.click()
        page.get_by_test_id("passkey-remove").click()
        expect(page.get_by_test_id("security-done")).to_contain_text("removed")
        expect(page.get_by_test_id("passkey-row")).to_have_count(0)
        mailbox.wait_for(email, "A passkey was removed")
    context.close()


def test_device_that_does_not_know_its_person_gets_nobody_in(product: Product, sign_in: SignIn, chromium: Browser):
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    with device(page) as (client, number):
        joined(product, sign_in, page)
        add(page, product, "Phone")
        context.clear_cookies()
        client.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
        page.goto(f"{product.url}/login")
        page.get_by_test_id("login-passkey").click()
        expect(page.get_by_role("status").filter(has_text="No passkey was used")).to_be_visible()
        shoot(page, "login-passkey-refused")
    context.close()


def test_an_address_of_numbers_says_where_passkeys_work(product: Product, chromium: Browser):
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(f"{product.url.replace('localhost', '127.0.0.1')}/login")
    expect(page.get_by_test_id("passkey-away")).to_contain_text("need a host name")
    expect(page.get_by_test_id("passkey-away").get_by_role("link")).to_have_attribute("href", f"{product.url}/login")
    expect(page.get_by_test_id("login-passkey")).to_have_count(0)
    shoot(page, "login-numbers")
    context.close()


def make_stale(product: Product, email: str) -> None:
    """Let a person's last proof be a day old: nobody waits ten minutes in a test."""
    changed = rows(
        product,
        "update sessions set confirmed_at = now() - interval '1 day'"
        " where member_id = (select id from members where email = %s) and revoked_at is null returning id",
        email,
    )
    assert changed


def test_stale_session_is_asked_before_it_makes_a_key(product: Product, sign_in: SignIn, chromium: Browser):
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    with device(page):
        email = joined(product, sign_in, page, "partner_developer")
        page.goto(f"{product.url}/partner/developers/keys")
        page.get_by_test_id("key-new").click()
        page.locator("#name").fill("Nightly import")
        make_stale(product, email)
        page.get_by_test_id("key-create").click()
        expect(page.get_by_test_id("step-up")).to_be_visible()
        expect(page.get_by_test_id("step-up-field")).to_be_focused()
        assert problems(page) == []
        shoot(page, "step-up-password")
        page.get_by_test_id("step-up-field").fill("not my password")
        page.get_by_test_id("step-up-submit").click()
        expect(page.get_by_test_id("step-up-wrong")).to_contain_text("not your password")
        shoot(page, "step-up-wrong")
        before = context.cookies()
        page.get_by_test_id("step-up-field").fill(PASSWORD)
        page.get_by_test_id("step-up-submit").click()
        expect(page.get_by_test_id("step-up-confirmed")).to_be_visible()
        shoot(page, "step-up-confirmed")
        page.get_by_test_id("step-up-done").click()
        expect(page.locator("#name")).to_have_value("Nightly import")
        page.get_by_test_id("key-create").click()
        expect(page.get_by_test_id("key-secret")).to_be_visible()
        old = chromium.new_context()
        old.add_cookies([one for one in before if one["name"] == "sid"])
        assert "/login" in old.request.get(f"{product.url}/account/", max_redirects=0).headers["location"]
        old.close()
    context.close()


def type_name(page: Page, product: Product, name: str) -> None:
    page.goto(f"{product.url}/partner/developers/keys")
    page.get_by_test_id("key-new").click()
    page.locator("#name").fill(name)


def test_a_proof_keeps_every_tab_of_the_browser_and_cuts_who_has_the_old_cookie(
    product: Product, sign_in: SignIn, chromium: Browser
):
    context, stolen = chromium.new_context(viewport=WIDE), chromium.new_context(viewport=WIDE)
    page, other, thief = context.new_page(), context.new_page(), stolen.new_page()
    email = joined(product, sign_in, page, "partner_developer")
    stolen.add_cookies([one for one in context.cookies() if one["name"] == "sid"])
    thief.goto(f"{product.url}/partner/developers/keys")
    expect(thief.get_by_test_id("key-new")).to_be_visible()
    type_name(other, product, "Typed in the other tab")
    type_name(page, product, "Typed in this tab")
    make_stale(product, email)
    page.get_by_test_id("key-create").click()
    page.get_by_test_id("step-up-field").fill(PASSWORD)
    page.get_by_test_id("step-up-submit").click()
    page.get_by_test_id("step-up-done").click()
    expect(page.locator("#name")).to_have_value("Typed in this tab")
    page.get_by_test_id("key-create").click()
    expect(page.get_by_test_id("key-secret")).to_be_visible()
    thief.wait_for_url(re.compile(r"/login"))
    expect(other.locator("#name")).to_have_value("Typed in the other tab")
    other.get_by_test_id("key-create").click()
    expect(other.get_by_test_id("key-secret")).to_be_visible()
    context.close()
    stolen.close()


def test_passkey_confirms_who_it_is(product: Product, sign_in: SignIn, chromium: Browser):
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    with device(page):
        email = joined(product, sign_in, page, "partner_developer")
        add(page, product, "Phone")
        make_stale(product, email)
        page.goto(f"{product.url}/account/security")
        expect(page.get_by_test_id("step-up-page")).to_be_visible()
        assert problems(page) == []
        shoot(page, "step-up-page")
        page.get_by_test_id("step-up-passkey").click()
        expect(page.get_by_test_id("security-passkeys")).to_be_visible()
        page.goto(f"{product.url}/partner/developers/keys")
        page.get_by_test_id("key-new").click()
        page.locator("#name").fill("Second import")
        make_stale(product, email)
        page.get_by_test_id("key-create").click()
        shoot(page, "step-up-passkey")
        page.get_by_test_id("step-up-passkey").click()
        page.get_by_test_id("step-up-done").click()
        page.get_by_test_id("key-create").click()
        expect(page.get_by_test_id("key-secret")).to_be_visible()
    context.close()
