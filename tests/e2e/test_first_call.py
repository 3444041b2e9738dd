"""From a fresh invitation to the first answer of the API, as a new developer goes: at most seven clicks."""

import json
import re
import shlex
import subprocess
import sys
import urllib.request
import uuid
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.product import ROOT, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
MOST_CLICKS = 7
PASSWORD = "four words and a fish"


@dataclass
class Hand:
    """Counts what a person does with the mouse."""

    clicks: int = 0

    def click(self, place: Locator) -> None:
        place.click()
        self.clicks += 1


def invite(product: Product, role: str) -> str:
    """Invite somebody to acme from the command line; answers the link that they get."""
    environment = product.environment | {
        "BACKOFFICE_SECRET_KEY": (product.folder / "keys" / "secret_key").read_text().strip()
    }
    email = f"new-{uuid.uuid4().hex[:8]}@acme.example"
    line = [sys.executable, "-c", "from backoffice.cli import main; main()", "member", "invite"]
    done = subprocess.run(
        [*line, email, "Noor Visser", role, "--partner-slug", "acme"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def called(snippet: str) -> tuple[int, dict]:
    """Do what the copied curl says, word for word."""
    words = shlex.split(snippet.replace("\\\n", " "))
    assert words[0] == "curl"
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word in {"-H", "--header"})
    url = next(word for word in words if word.startswith("http"))
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        return answer.status, json.load(answer)


def test_a_new_developer_gets_the_first_answer_within_seven_clicks(product: Product, chromium: Browser):
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page, hand = context.new_page(), Hand()
    page.set_default_timeout(20_000)
    page.goto(invite(product, "partner_developer"))
    page.get_by_test_id("invite-password").fill(PASSWORD)
    hand.click(page.get_by_test_id("invite-submit"))
    page.wait_for_url(re.compile(r"/partner"))
    hand.click(page.get_by_role("navigation", name="Primary").get_by_role("link", name="Docs"))
    hand.click(page.get_by_test_id("docs-key-create"))
    expect(page.get_by_test_id("key-secret")).to_contain_text("kyc_test_")
    status, body = called(copied(page, hand))
    assert (status, list(body)) == (200, ["data", "next_cursor", "has_more"])
    assert hand.clicks <= MOST_CLICKS
    context.close()


def copied(page: Page, hand: Hand) -> str:
    """Copy the first call of the page, once the key stands in it."""
    box = page.get_by_test_id("docs-snippet").first
    expect(box).to_contain_text(re.compile(r"kyc_test_\w{20}"))
    hand.click(page.get_by_test_id("docs-copy").first)
    expect(page.get_by_test_id("docs-copy").first).to_contain_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")
