"""French, as a partner's person meets it: every page, their choice, and who it is not for."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backoffice.i18n.catalogue import catalogues
from tests.e2e.conftest import signed_in
from tests.e2e.desk import rows

WORDS = Path(__file__).with_name("words.js").read_text()
FRENCH = catalogues()["fr"].texts
PLACES = (
    "/partner",
    "/partner/documents",
    "/partner/alerts",
    "/partner/alerts?tab=rules",
    "/partner/analytics",
    "/partner/exports",
    "/partner/developers/keys",
    "/partner/developers/webhooks",
    "/partner/developers/requests",
    "/partner/developers/events",
    "/partner/developers/sandbox",
    "/partner/usage",
    "/partner/usage/records",
    "/partner/billing",
    "/partner/team",
    "/partner/audit",
    "/partner/settings",
    "/account",
    "/search?q=anna",
)
pytestmark = pytest.mark.timeout(360)
DATA = re.compile(r"[\d_@/:…]|^[A-Z]{2,}$|^[a-z]+(\.[a-z]+)?$")
"""Ids, addresses, codes and names of things; a word in small letters is a scope, a name of an engine, a job."""
ALIKE = {text for text, said in FRENCH.items() if text == said} | {"Ctrl", "JavaScript"}
THEIRS = {"Acme Bank", "Acme Bank, production"}
"""Names of the demo's own."""
NAMES = """
    select name from members union select name from partners union select name from api_keys
    union select name from saved_views union select tag from document_tags
    union select description from webhook_endpoints
"""
"""Names that people gave, those of other tests too: data, whatever language they are in."""


@pytest.fixture
def french(product, chromium):
    with signed_in(chromium, product, product.member("partner_admin"), locale="fr-FR") as page:
        yield page


def settled(page: Page, address: str) -> set[str]:
    page.goto(address)
    expect(page.get_by_test_id("live-status").first).to_have_attribute("data-state", "live")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_timeout(300)
    return set(page.evaluate(WORDS))


@pytest.mark.parametrize("place", PLACES)
def test_no_page_of_a_partner_leaves_english_on_the_screen(product, french, chromium, place):
    said = settled(french, product.url + place)
    assert french.locator("html").get_attribute("lang") == "fr"
    left = {text for text in said if FRENCH.get(text, text) != text}
    assert left == set()
    with signed_in(chromium, product, product.member("partner_admin")) as page:
        english = settled(page, product.url + place)
    given = {name for (name,) in rows(product, NAMES)}
    assert {text for text in said & english if not DATA.search(text)} - ALIKE - THEIRS - given == set()


def test_a_page_in_french_complains_of_nothing_and_asks_for_french_files_only(product, french):
    told: list[str] = []
    french.on("console", lambda message: told.append(message.text) if message.type in {"error", "warning"} else None)
    french.on("pageerror", lambda error: told.append(str(error)))
    asked: list[str] = []
    french.on("request", lambda request: asked.append(request.url) if request.url.endswith(".js") else None)
    settled(french, f"{product.url}/partner/documents")
    assert told == []
    modules = [url for url in asked if "/assets/" in url]
    assert modules
    assert all(f"/assets/{catalogues()['fr'].folder}/" in url for url in modules)


def test_what_is_pressed_on_a_french_page_is_understood(product, french):
    """The names of what a page sends are no texts, whatever words they are."""
    french.goto(f"{product.url}/partner/settings")
    letter = french.get_by_test_id("letter-switch").first
    before = letter.is_checked()
    letter.click()
    french.reload()
    expect(letter).to_be_checked(checked=not before)
    letter.click()
    expect(letter).to_be_checked(checked=before)
    french.goto(f"{product.url}/partner/documents")
    french.locator("a[href*='/partner/documents/doc_']").first.click()
    bar = french.get_by_test_id("document-tags")
    bar.get_by_placeholder("Ajouter une étiquette").fill("vip-fr")
    french.get_by_test_id("tag-add").click()
    chip = bar.get_by_test_id("document-tag").filter(has_text="vip-fr")
    chip.get_by_role("button", name=re.compile("vip-fr")).click()
    expect(chip).to_have_count(0)


def test_a_choice_is_kept_for_this_browser_and_at_the_next_sign_in(product, chromium):
    someone = product.member("partner_analyst")
    with signed_in(chromium, product, someone, anew=True) as page:
        page.goto(f"{product.url}/account")
        page.get_by_test_id("language-switch").first.get_by_role("button", name="Français").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Compte")
        assert page.url.rstrip("/") == f"{product.url}/account"
        page.goto(f"{product.url}/partner")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tableau de bord")
    with signed_in(chromium, product, someone, anew=True) as page:
        page.goto(f"{product.url}/partner")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tableau de bord")
        page.goto(f"{product.url}/account")
        page.get_by_test_id("language-switch").first.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Account")


def test_the_way_in_speaks_the_browsers_language(product, chromium):
    context = chromium.new_context(locale="fr-CA")
    page = context.new_page()
    page.goto(f"{product.url}/login")
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.evaluate(WORDS)
    assert [text for text in page.evaluate(WORDS) if FRENCH.get(text, text) != text] == []
    context.close()


def test_staff_and_programs_are_answered_in_english(product, chromium):
    with signed_in(chromium, product, product.member("reviewer"), locale="fr-FR") as page:
        page.goto(f"{product.url}/review/queue")
        expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
        assert page.locator("html").get_attribute("lang") == "en"
        answer = page.request.get(f"{product.url}/api/v1/documents", headers={"Accept-Language": "fr"})
        assert "API key" in answer.json()["title"]


def test_a_language_that_is_none_changes_nothing(product, french):
    for code in ("tlh", "", "../../etc", "fr' or 1"):
        sent = french.request.post(
            f"{product.url}/auth/language",
            form={"language": code, "next": "https://elsewhere.example/"},
            headers={"Origin": product.url},
            max_redirects=0,
        )
        assert sent.status == 303
        assert sent.headers["location"] == "/account"
        assert "language" not in sent.headers.get("set-cookie", "")
