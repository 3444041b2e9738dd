"""What stands next to a value and is no part of it, on pages written line by line."""

from datetime import date

import numpy as np
import pytest

from backoffice.screening import classify, fields, labels, ocr, places
from backoffice.screening.ocr import Line
from tests.screening.conftest import page_text

TODAY = date(2026, 11, 23)
CARD, LETTER = (880, 1360), (1600, 1100)


def line(text: str, left: int, top: int, high: int = 40) -> Line:
    right = left + round(0.55 * high * len(text))
    return Line(text, 0.99, ((left, top), (right, top), (right, top + high), (left, top + high)))


def page(*lines: Line, size: tuple[int, int] = CARD) -> fields.PageText:
    return page_text(ocr.Page(lines, np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (*size, 3)), 0))


def values(*pages: fields.PageText, kind: str | None = None) -> dict[str, str]:
    return {field.name: field.value for field in fields.read(list(pages), today=TODAY, kind=kind).extracted}


@pytest.mark.parametrize(
    "first",
    ["Data da 1.ª emissão", "Fecha de primera expedición", "Date de 1ère délivrance", "Datum der Erstausstellung",
     "Data primo rilascio", "Date of first issue"],
)  # fmt: skip
def test_the_day_of_the_first_card_is_not_this_ones(first):
    front = page(line("Data desta emissão", 80, 100), line("02-05-2023", 80, 150))
    back = page(line(first, 80, 100), line("02-05-2013", 80, 150))
    assert values(front, back)["issued_on"] == "2023-05-02"
    assert "issued_on" not in values(back)


@pytest.mark.parametrize("behind", [" CIT M", " CIT F", ""])
def test_what_somebody_is_stands_behind_the_number(behind):
    front = page(line(f"I.D. NUMBER 63-737612 N 42{behind}", 80, 100), line("SURNAME", 80, 200), line("MOYO", 400, 200))
    assert values(front)["document_number"] == "63737612N42"


def test_a_label_that_is_set_small_parts_an_address_from_the_next_value():
    lines = (line("Domicile", 80, 100, 33), line("52 AVENUE HABIB BOURGUIBA SFAX", 80, 130, 48),
             line("Profession", 80, 190, 33), line("COMMERÇANT", 80, 216, 48))  # fmt: skip
    assert values(page(*lines))["address"] == "52 AVENUE HABIB BOURGUIBA SFAX"


@pytest.mark.parametrize("classes", ["AM/B1/B/f/k/p/q", "AM B B1", "B/BE"])
def test_classes_of_vehicles_are_no_line_of_an_address(classes):
    lines = (line("Address", 80, 100), line("29 Clubley Estate", 400, 100), line("Grouville JE3 4RD", 400, 150),
             line(classes, 400, 200))  # fmt: skip
    assert values(page(*lines))["address"] == "29 Clubley Estate, Grouville JE3 4RD"


@pytest.mark.parametrize("house", ["11 Clubley Estate", "9 Les Vaux Villas", "Clubley Estate 4"])
def test_a_houses_number_is_no_fields_number(house):
    rows = [("1.", "BISSON"), ("2.", "HEDLEY"), ("3.", "25.07.1998 JERSEY"), ("4a.", "07.08.2025"),
            ("4b.", "07.08.2030"), ("5.", "JY 097 2380"), ("8.", house)]  # fmt: skip
    lines = [part for row, (mark, text) in enumerate(rows)
             for part in (line(mark, 80, 100 + 70 * row), line(text, 180, 100 + 70 * row))]  # fmt: skip
    assert values(page(*lines, line("St Saviour JE2 7GB", 180, 570)))["address"] == f"{house}, St Saviour JE2 7GB"


def test_a_line_of_an_address_may_be_as_short_as_classes():
    lines = (line("Address", 80, 100), line("29 Clubley Estate", 400, 100), line("St Helier / Jersey", 400, 150))
    assert values(page(*lines))["address"] == "29 Clubley Estate, St Helier / Jersey"


def statement(*days: str) -> fields.PageText:
    movements = [line(day, 110, 700 + 38 * row, 30) for row, day in enumerate(days)]
    return page(
        line("RELEVÉ DE COMPTE", 120, 436), line("Lomé, le 18 mai 2024", 596, 460, 28),
        line("Date", 115, 665, 30), line("Libellé", 257, 665, 30), line("Débit", 763, 665, 30), *movements, size=LETTER,
    )  # fmt: skip


def test_a_column_of_days_says_when_money_moved():
    assert values(statement("01/04/2024", "04/04/2024", "11/04/2024"))["issued_on"] == "2024-05-18"


def test_a_lone_day_under_its_label_is_the_letters():
    assert values(statement("17/05/2024"))["issued_on"] == "2024-05-17"


def test_an_address_has_as_many_lines_as_it_needs():
    rows = ["Mr Finlo Robert Corlett", "Thie Vane", "95 Derby Road", "Douglas", "IM1 3VD"]
    block = [line(text, 140, 446 + 29 * row, 29) for row, text in enumerate(rows)]
    found = values(page(*block, line("Property: 1 Strand Street, Douglas", 140, 640, 29), size=LETTER))
    assert found["full_name"] == "Finlo Robert Corlett"
    assert found["address"] == "Thie Vane, 95 Derby Road, Douglas, IM1 3VD"


@pytest.mark.parametrize(
    ("text", "name"),
    [("3. Date et lieu de naissance", "date_of_birth"), ("1. Nom et Postnom", "surname"), ("Organismo emisor", "other"),
     ("N°IFU", "tax_number")],
)  # fmt: skip
def test_labels_are_known_by_their_whole_words(text, name):
    found = labels.match(text)
    assert found
    assert (found.name, found.is_whole_line) == (name, True)


def test_a_card_of_a_french_speaking_tax_office_is_known():
    front = page(line("CARTE IFU", 900, 100), line("Identifiant Fiscal Unique", 900, 150))
    assert classify.guess([front], ["front"]).type == "tax_id"


@pytest.mark.parametrize(
    ("heading", "country"),
    [("GOVERNMENT OF BELIZE", "BLZ"), ("RÉPUBLIQUE DU BÉNIN", "BEN"), ("República de Costa Rica", "CRI"),
     ("REPUBLIC OF THE FIJI", "FJI"), ("Kingdom of Bahrain", "BHR"), ("République d'Haïti", "HTI")],
)  # fmt: skip
def test_a_heading_says_whose_document_it_is(heading, country):
    lines = (line(heading, 80, 40), line("Surname", 80, 200), line("BACCHUS", 80, 240), line("Nationality", 80, 320),
             line("GUYANESE", 80, 360), line("Place of birth", 600, 320), line("GUYANA", 600, 360))  # fmt: skip
    assert values(page(*lines))["issuing_country"] == country


def test_a_sentence_names_no_country_by_its_end():
    assert places.mentioned(["This card is no proof of residence of Jane Guy"]) is None
