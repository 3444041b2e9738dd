"""Takes the pictures of the README and docs from the running demo (`make run`, then `make screenshot`)."""

import json
import shutil
import sys
import time
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CAST = json.loads((ROOT / ".data" / "demo.json").read_text())
URL = CAST["url"]
OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PARTNER_PAGES = {
    "dashboard": ("/partner", "kpi-received"),
    "documents": ("/partner/documents", "documents-row"),
    "webhooks": ("/partner/developers/webhooks", "endpoint-row"),
}
last_step: dict[str, int] = {}


def sign_in(browser: Browser, role: str, theme: str, viewport: dict[str, int]) -> Page:
    """Open a page of one person."""
    member = next(row for row in CAST["members"] if row["role"] == role)
    page = browser.new_context(viewport=viewport, color_scheme=theme, device_scale_factor=1).new_page()
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page.goto(f"{URL}/login")
    page.screenshot(path=OUT / f"login-{theme}-{viewport['width']}.png")
    page.get_by_test_id("login-email").fill(member["email"])
    page.get_by_test_id("login-password").fill(member["password"])
    page.get_by_test_id("login-submit").click()
    if member["totp_secret"]:
        step = max(int(time.time()) // 30, last_step.get(role, 0) + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.5)
        last_step[role] = step
        page.get_by_test_id("mfa-code").fill(pyotp.TOTP(member["totp_secret"]).at(step * 30))
        page.get_by_test_id("mfa-submit").click()
    page.get_by_test_id("sign-out").first.wait_for(state="attached")
    return page


def shoot(page: Page, name: str, address: str, ready: str, theme: str, width: int) -> None:
    """Picture one page once it is filled."""
    page.goto(f"{URL}{address}")
    page.get_by_test_id(ready).first.wait_for()
    page.wait_for_timeout(1200)
    page.screenshot(path=OUT / f"{name}-{theme}-{width}.png")


def main() -> None:
    """Picture every page in both themes and two widths."""
    OUT.mkdir(parents=True, exist_ok=True)
    path = next(found for name in ("chromium", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            for viewport in (WIDE, NARROW):
                width = viewport["width"]
                page = sign_in(browser, "partner_admin", theme, viewport)
                for name, (address, ready) in PARTNER_PAGES.items():
                    shoot(page, name, address, ready, theme, width)
                page.goto(f"{URL}/partner/documents")
                page.get_by_test_id("documents-row").nth(8).get_by_role("link").first.click()
                page.get_by_test_id("document-status").first.wait_for()
                page.wait_for_timeout(1200)
                page.screenshot(path=OUT / f"document-{theme}-{width}.png")
                page.goto(f"{URL}/partner/developers/webhooks")
                page.get_by_test_id("endpoint-row").first.get_by_role("link").first.click()
                page.get_by_test_id("delivery-row").first.wait_for()
                page.wait_for_timeout(800)
                page.screenshot(path=OUT / f"endpoint-{theme}-{width}.png")
                page.context.close()
                page = sign_in(browser, "reviewer", theme, viewport)
                shoot(page, "queue", "/review/queue", "queue-row", theme, width)
                page.get_by_test_id("queue-row").nth(2).get_by_role("link").first.click()
                page.get_by_test_id("viewer-image").first.wait_for()
                page.wait_for_timeout(1800)
                page.screenshot(path=OUT / f"workspace-{theme}-{width}.png")
                page.context.close()
        browser.close()


main()
