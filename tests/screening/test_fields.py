"""Values from documents of designers that we have never met."""

from datetime import date

import pytest
from anyascii import anyascii

from backoffice import specimens
from backoffice.screening import classify, fields, mrz_lines, ocr, spotting
from backoffice.screening.mrz_lines import Found
from tests.screening import foreign
from tests.screening.conftest import page_text, read_picture

TODAY = date(2026, 11, 23)


def values(page: ocr.Page) -> dict[str, str]:
    return {field.name: field.value for field in fields.read([page_text(page)], today=TODAY).extracted}


def kind(page: ocr.Page) -> str | None:
    return classify.guess([page_text(page)], ["front"]).type


def test_an_american_licence_with_months_first() -> None:
    page = foreign.draw(foreign.AMERICAN)
    found = values(page)
    assert kind(page) == "driving_licence"
    assert found["document_number"] == "D1234567"
    assert (found["surname"], found["given_names"]) == ("SAMPLETON", "JANE QUINN")
    assert (found["date_of_birth"], found["expires_on"], found["issued_on"]) == (
        "1987-08-31",
        "2031-07-15",
        "2023-07-16",
    )
    assert found["sex"] == "F"
    assert found["address"].startswith("2570 24TH STREET")


def test_an_indian_tax_card_with_the_fathers_name() -> None:
    page = foreign.draw(foreign.PAN)
    found = values(page)
    assert kind(page) == "tax_id"
    assert found["document_number"] == "ABCPK1234L"
    assert found["full_name"] == "ROHAN KUMAR MENON"
    assert found["father_name"] == "SURESH MENON"
    assert found["date_of_birth"] == "1984-11-17"
    assert found["issuing_country"] == "IND"


def test_captions_under_their_values() -> None:
    page = foreign.draw(foreign.CAPTIONS_UNDER)
    found = values(page)
    assert kind(page) == "national_id"
    assert (found["surname"], found["given_names"], found["sex"]) == ("HORVAT", "IVANA MARIJA", "F")
    assert (found["date_of_birth"], found["expires_on"]) == ("1991-04-23", "2031-09-01")
    assert found["document_number"] == "109876543"
    assert found["issuing_country"] == "HRV"


def test_labels_and_values_on_one_line() -> None:
    found = values(foreign.draw(foreign.COLONS))
    assert (found["surname"], found["given_names"], found["sex"]) == ("ADEYEMI", "NGOZI", "F")
    assert (found["date_of_birth"], found["expires_on"]) == ("1993-03-05", "2030-12-12")
    assert found["document_number"] == "A0192837465"
    assert found["issuing_country"] == "NGA"


def test_a_german_bill_with_an_address_block() -> None:
    page = foreign.draw(foreign.BILL)
    found = values(page)
    assert kind(page) == "proof_of_address"
    assert found["account_number"] == "4711008155"
    assert found["address"] == "Goethestraße 17, 34117 Kassel"
    assert found["postal_code"] == "34117"
    assert found["issued_on"] == "2026-03-14"


@pytest.mark.parametrize(("nationality", "seed"), [("DEU", 11), ("ESP", 12), ("POL", 13)])
def test_our_own_specimens_are_read_with_accents_and_boxes(nationality: str, seed: int) -> None:
    holder = specimens.person(seed, nationality=nationality)
    page = read_picture(specimens.render("passport", holder)[0].data)
    readout = fields.read([page_text(page)], today=TODAY)
    found = {field.name: field for field in readout.extracted}
    assert anyascii(found["surname"].value).upper() == anyascii(holder.surname).upper()
    assert found["document_number"].value == holder.document_number
    assert found["document_number"].source == "mrz"
    for field in found.values():
        if field.box:
            left, top, wide, high = field.box
            assert 0 <= left <= left + wide <= 1.001
            assert 0 <= top <= top + high <= 1.001


def test_a_turned_picture_is_read_upright() -> None:
    holder = specimens.person(8, nationality="ITA")
    data = specimens.render("passport", holder, condition="rotated")[0].data
    page = read_picture(data)
    assert page.turned
    assert page.width > page.height
    assert values(page)["document_number"] == holder.document_number


def test_an_aadhaar_number_leaves_only_masked() -> None:
    page = foreign.draw([(80, 80, "Government of India", 44, "bold"), (80, 300, "2341 2341 2346", 60, "bold")])
    found = values(page)
    assert found.get("document_number") == "XXXXXXXX2346"
    assert "234123412346" not in str(found)


def test_nothing_is_invented_on_a_page_without_data() -> None:
    found = values(foreign.draw([(80, 80, "A page with an ordinary sentence,", 40, "regular"),
                                 (80, 150, "and another one with 3 numbers 12 45.", 40, "regular")]))  # fmt: skip
    assert found == {}


def test_found_has_a_whole_box(jpeg: bytes) -> None:
    page = read_picture(jpeg)
    found = mrz_lines.find(page)
    assert isinstance(found, Found)
    assert found.whole(page)[1] > 0.6
    assert spotting.read(page)
