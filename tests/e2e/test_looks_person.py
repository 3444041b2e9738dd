"""All of one person, taken along from one of their documents, in a browser."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.product import Product
from tests.e2e.test_looks import look, problems
from tests.e2e.test_looks_desk import shots

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
WIDE = {"width": 1440, "height": 900}


def test_an_administrator_exports_a_person_and_sees_where_the_data_is(product: Product, sign_in: SignIn):
    with sign_in("partner_admin") as page:
        page.set_viewport_size(WIDE)
        page.goto(f"{product.url}/partner/documents")
        page.get_by_test_id("documents-row").first.click()
        page.wait_for_url(re.compile(r"/partner/documents/doc_"))
        page.get_by_test_id("person-export").click()
        expect(page.get_by_test_id("person-fetch")).to_be_visible(timeout=60_000)
        shots(page, "person")
        page.set_viewport_size(WIDE)
        assert problems(page) == []
        with page.expect_download() as download:
            page.get_by_test_id("person-fetch").click()
        book = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
        said = json.loads(book.read("person.json"))
        assert said["documents"][0]["files"][0]["name"] in book.namelist()
        look(page, product, "/partner/settings", "[data-testid=settings-data]")
        expect(page.get_by_test_id("settings-region")).to_have_text("The region of this installation")
        shots(page, "settings-data")
