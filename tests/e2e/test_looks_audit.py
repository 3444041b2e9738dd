"""The audit log in a browser: it verifies, shows an entry, goes along as a file, says when it was altered."""

import re
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import expect

from backoffice.adapters.audit_proofs import Proofreader
from backoffice.adapters.signed_notes import Verifier
from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems
from tests.e2e.test_looks_desk import shots

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE = {"width": 1440, "height": 900}


def test_an_auditor_verifies_the_log_and_takes_it_along(product: Product, sign_in: SignIn, tmp_path: Path):
    with sign_in("auditor") as page:
        look(page, product, "/ops/audit", "[data-testid=log-row]")
        page.set_viewport_size(WIDE)
        page.keyboard.press("y")
        expect(page.get_by_test_id("seal-words")).to_contain_text("Verified through entry")
        shots(page, "log")
        page.set_viewport_size(WIDE)
        page.get_by_test_id("log-row").first.get_by_role("link").click()
        page.wait_for_url(re.compile(r"/ops/audit/aud_"))
        expect(page.get_by_test_id("log-sealed")).to_contain_text("as it was sealed")
        shots(page, "log-entry")
        page.set_viewport_size(WIDE)
        with page.expect_download() as download:
            page.get_by_test_id("audit-signed-export").click()
        download.value.save_as(tmp_path / "log.jsonl")
        key = page.request.get(f"{product.url}/api/v1/audit/checkpoint").json()["public_key"]
        reader = Proofreader(Verifier.read(key))
        for line in (tmp_path / "log.jsonl").read_bytes().splitlines(keepends=True):
            reader.take_line(line)
        report = reader.finish()
        assert report.problems == []
        assert report.entries == report.size > 0
        page.keyboard.press("Escape")
        page.goto(f"{product.url}/ops/audit?q=req_nothing_of_this_name")
        expect(page.get_by_test_id("empty-state")).to_be_visible()


def test_a_partner_verifies_its_own_trail(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        look(page, product, "/partner/audit", "[data-testid=audit-row]")
        page.set_viewport_size(WIDE)
        page.keyboard.press("y")
        expect(page.get_by_test_id("seal-words")).to_contain_text("Verified through entry")
        shots(page, "own-log")


def test_an_altered_entry_makes_a_red_banner(product: Product, sign_in: SignIn):
    """By the database's owner, past every trigger; put back afterwards, since the product is shared."""
    url = product.runtime()["database_owner_url"].replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as owner, sign_in("auditor") as page:
        owner.execute("select set_config('app.everyone', 'on', false)")
        [(entry, name)] = owner.execute(
            "select e.id, e.actor_name from audit_entries e join audit_leaves l on l.entry_id = e.id where l.index = 6"
        ).fetchall()
        owner.execute("alter table audit_entries disable trigger user")
        try:
            owner.execute("update audit_entries set actor_name = 'nobody' where id = %s", (entry,))
            page.set_viewport_size(WIDE)
            page.goto(f"{product.url}/ops/audit")
            expect(page.get_by_test_id("log-row").first).to_be_visible()
            page.get_by_test_id("audit-verify").click()
            expect(page.get_by_test_id("seal-bad")).to_contain_text("entry 7 is the first bad one")
            assert problems(page) == []
            shots(page, "log-bad")
        finally:
            owner.execute("update audit_entries set actor_name = %s where id = %s", (name, entry))
            owner.execute("alter table audit_entries enable trigger user")
        page.set_viewport_size(WIDE)
        page.get_by_test_id("audit-verify").click()
        expect(page.get_by_test_id("seal-line")).to_contain_text("Verified through entry")


def test_a_reviewer_has_no_log(product: Product, sign_in: SignIn):
    with sign_in("reviewer") as page:
        assert page.goto(f"{product.url}/ops/audit").status == 403
