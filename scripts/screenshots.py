"""Takes the pictures of the README from the running demo (`make run`, then `make screenshot`).

Names a folder to get every page there instead, in both themes and two widths. Reads `demo.json` of the data folder
that BACKOFFICE_DATA_DIR names.
"""

import io
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Literal, cast

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from pyotp.totp import TOTP

from backoffice.settings import settings

ROOT = Path(__file__).resolve().parents[1]
CAST = json.loads((ROOT / settings().data_dir / "demo.json").read_text())
URL = CAST["url"]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 250_000
"""What one picture of the README may weigh."""
FLAT_COLOURS = 96
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
PARTNER_PAGES = {
    "dashboard": ("/partner", "kpi-received"),
    "documents": ("/partner/documents", "documents-row"),
    "webhooks": ("/partner/developers/webhooks", "endpoint-row"),
    "keys": ("/partner/developers/keys", "key-row"),
    "account": ("/account", "session-row"),
}
last_step: dict[str, int] = {}


def sign_in(browser: Browser, role: str, theme: Theme, viewport: ViewportSize) -> Page:
    """Open a page of one person."""
    member = next(row for row in CAST["members"] if row["role"] == role)
    page = browser.new_context(viewport=viewport, color_scheme=theme, device_scale_factor=1).new_page()
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page.goto(f"{URL}/login")
    page.get_by_test_id("login-email").fill(member["email"])
    page.get_by_test_id("login-password").fill(member["password"])
    page.get_by_test_id("login-submit").click()
    if member["totp_secret"]:
        page.get_by_test_id("mfa-code").fill(fresh_code(role, member["totp_secret"]))
        page.get_by_test_id("mfa-submit").click()
    page.get_by_test_id("sign-out").first.wait_for(state="attached")
    return page


def fresh_code(role: str, secret: str) -> str:
    """Make a code that was not used yet: replays are refused, one step ahead is taken."""
    step = max(int(time.time()) // 30, last_step.get(role, 0) + 1)
    while step > int(time.time()) // 30 + 1:
        time.sleep(0.5)
    last_step[role] = step
    return TOTP(secret).at(step * 30)


def visit(page: Page, address: str, ready: str) -> None:
    """Open one page and wait until it is filled."""
    page.goto(f"{URL}{address}")
    page.get_by_test_id(ready).first.wait_for()
    page.wait_for_timeout(1200)


def open_row(page: Page, rows: str, text: str, ready: str) -> None:
    """Follow the first row that says the text, else the first row, and wait until its page is filled."""
    found = page.get_by_test_id(rows)
    wanted = found.filter(has_text=text)
    (wanted if wanted.count() else found).first.get_by_role("link").first.click()
    page.get_by_test_id(ready).first.wait_for()
    page.wait_for_timeout(1800)


def keep(page: Page, path: Path) -> None:
    """Write a picture as it is if it is light enough, else with 256 colours."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        shot.quantize(palette=palette(shot), dither=Image.Dither.NONE).save(path, optimize=True)


def palette(shot: Image.Image) -> Image.Image:
    """Choose 256 colours: the flat ones of the interface as they are, and the widest choice of a photo's."""
    counted = cast("list[tuple[int, tuple[int, int, int]]]", shot.getcolors(shot.width * shot.height))
    flat = [value for _, colour in sorted(counted, reverse=True)[:FLAT_COLOURS] for value in colour]
    photo = shot.quantize(256 - FLAT_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3).getpalette() or []
    chosen = Image.new("P", (1, 1))
    chosen.putpalette((flat + photo)[: 256 * 3])
    return chosen


def partner(browser: Browser, out: Path, theme: Theme, viewport: ViewportSize) -> None:
    """Picture the partner's pages."""
    page, mark = sign_in(browser, "partner_admin", theme, viewport), f"{theme}-{viewport['width']}"
    for name, (address, ready) in PARTNER_PAGES.items():
        visit(page, address, ready)
        keep(page, out / f"{name}-{mark}.png")
    visit(page, *PARTNER_PAGES["documents"])
    open_row(page, "documents-row", "Approved", "document-status")
    keep(page, out / f"document-{mark}.png")
    visit(page, *PARTNER_PAGES["webhooks"])
    open_row(page, "endpoint-row", "", "delivery-row")
    keep(page, out / f"endpoint-{mark}.png")
    page.context.close()


def review(browser: Browser, out: Path, theme: Theme, viewport: ViewportSize) -> None:
    """Picture the reviewer's pages."""
    page, mark = sign_in(browser, "reviewer", theme, viewport), f"{theme}-{viewport['width']}"
    visit(page, "/review/queue", "queue-row")
    keep(page, out / f"queue-{mark}.png")
    open_row(page, "queue-row", "Glare", "viewer-image")
    keep(page, out / f"workspace-{mark}.png")
    for name, ready in (("samples", "sample-row"), ("quality", "quality"), ("history", "history-row")):
        visit(page, f"/review/{name}", ready)
        keep(page, out / f"{name}-{mark}.png")
    open_row(page, "history-row", "Rejected", "story-entry")
    keep(page, out / f"story-{mark}.png")
    page.context.close()


def operations(browser: Browser, out: Path, theme: Theme, viewport: ViewportSize) -> None:
    """Picture the operators' pages."""
    page, mark = sign_in(browser, "operator", theme, viewport), f"{theme}-{viewport['width']}"
    visit(page, "/ops/engines", "engine-row")
    keep(page, out / f"engines-{mark}.png")
    visit(page, "/ops/policies", "policy-row")
    keep(page, out / f"policies-{mark}.png")
    tested_policy(page)
    keep(page, out / f"policy-{mark}.png")
    page.context.close()


def tested_policy(page: Page) -> None:
    """Open the version in shadow and back-test it."""
    open_row(page, "policy-row", "In shadow", "policy-rule")
    page.get_by_test_id("backtest-start").click()
    page.get_by_test_id("move").first.wait_for()
    page.wait_for_timeout(3000)


def readme(browser: Browser) -> None:
    """Picture what the README and the guides show."""
    page = sign_in(browser, "reviewer", "light", WIDE)
    visit(page, "/review/queue", "queue-row")
    keep(page, IMAGES / "queue-light.png")
    open_row(page, "queue-row", "Glare", "viewer-image")
    keep(page, IMAGES / "workspace-light.png")
    page.context.close()
    page = sign_in(browser, "partner_admin", "dark", WIDE)
    visit(page, "/partner", "kpi-received")
    keep(page, IMAGES / "dashboard-dark.png")
    page.context.close()
    page = sign_in(browser, "operator", "light", ViewportSize(width=1440, height=1300))
    visit(page, "/ops/policies", "policy-row")
    tested_policy(page)
    keep(page, IMAGES / "policy-light.png")
    page.context.close()


def main() -> None:
    """Picture the README's pages, or every page into the folder that is named."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    out.mkdir(parents=True, exist_ok=True)
    path = next(found for name in ("chromium", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if out == IMAGES:
            readme(browser)
        else:
            for theme in THEMES:
                for viewport in (WIDE, NARROW):
                    partner(browser, out, theme, viewport)
                    review(browser, out, theme, viewport)
                    operations(browser, out, theme, viewport)
        browser.close()


main()
