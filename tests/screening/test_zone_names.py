"""Names of the zone, which no check digit covers, against every line that prints them."""

from datetime import date

import numpy as np
import pytest

from backoffice.screening import fields, mrz_lines
from backoffice.screening.ocr import Line, Page
from backoffice.screening.page_texts import PageText

DATA = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def names_of(zone: str, *printed: str, score: float = 0.99) -> dict[str, str]:
    texts = [*printed, zone.ljust(44, "<"), DATA]
    lines = tuple(
        Line(text, score, ((20, 40 + 60 * i), (20 + 20 * len(text), 40 + 60 * i), (20 + 20 * len(text), 72 + 60 * i),
                           (20, 72 + 60 * i)))
        for i, text in enumerate(texts)
    )  # fmt: skip
    page = Page(lines, np.full((900, 1000, 3), 255, np.uint8), 0)
    read = fields.read([PageText(0, 0, page, mrz_lines.find_once(page))], today=date(2026, 11, 23))
    return {field.name: field.value for field in read.extracted if field.name in {"surname", "given_names"}}


def test_a_line_without_label_gives_the_accents() -> None:
    found = names_of("P<UTOKAERNER<<OIE<MARIA", "Kärner", "Õie Maria")
    assert found == {"surname": "Kärner", "given_names": "Õie Maria"}


@pytest.mark.parametrize("printed", ["ANINA BELLO", "AMINNABELLO"])
def test_a_name_that_is_read_in_two_ways_is_left_out(printed: str) -> None:
    assert "given_names" not in names_of("P<UTOEZE<<AMINA<BELLO", "EZE", printed)


@pytest.mark.parametrize("printed", ["Surname SCHWARZENBERG", "SCHWARZENBERG JR", "Schwarzenberg"])
def test_a_name_with_more_beside_it_is_no_other_name(printed: str) -> None:
    assert names_of("P<UTOSCHWARZENBERG<<ANNA", printed)["surname"].upper().startswith("SCHWARZENBERG")


def test_a_faint_line_contradicts_nobody() -> None:
    assert names_of("P<UTOEZE<<AMINA<BELLO", "ANINA BELLO", score=0.85)["given_names"] == "AMINA BELLO"


def test_a_zone_without_room_is_completed_by_print() -> None:
    cut = "I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "OLIVERA<TECHERA<<SILVANA<GIMEN"
    found = read_card(["Surname", "OLIVERA TECHERA", "Given names", "SILVANA GIMENA", *cut])
    assert found["given_names"] == "SILVANA GIMENA"


def read_card(texts: list[str]) -> dict[str, str]:
    lines = tuple(
        Line(text, 0.99, ((20, 40 + 60 * i), (20 + 20 * len(text), 40 + 60 * i), (20 + 20 * len(text), 72 + 60 * i),
                          (20, 72 + 60 * i)))
        for i, text in enumerate(texts)
    )  # fmt: skip
    page = Page(lines, np.full((900, 1000, 3), 255, np.uint8), 0)
    read = fields.read([PageText(0, 0, page, mrz_lines.find_once(page))], today=date(2026, 11, 23))
    return {field.name: field.value for field in read.extracted}


def test_two_labelled_parts_are_one_name() -> None:
    found = read_card(["1er Apellido", "CHINCHILLA", "2do Apellido", "MATA", "Nombre", "RANDALL"])
    assert (found["surname"], found["given_names"]) == ("CHINCHILLA MATA", "RANDALL")
    found = read_card(["First name", "JUMA", "Middle name", "HAMISI", "Last name", "MASSAWE"])
    assert (found["surname"], found["given_names"]) == ("MASSAWE", "JUMA HAMISI")


def test_a_comma_parts_surname_and_given_names() -> None:
    found = read_card(["Name", "SAMUELS, TASHOY NADINE", "Date of birth", "20.05.1997"])
    assert (found["surname"], found["given_names"]) == ("SAMUELS", "TASHOY NADINE")
    assert found["full_name"] == "TASHOY NADINE SAMUELS"


def test_an_issuers_name_is_no_address() -> None:
    assert "address" not in read_card(["DIRECCION GENERAL DE REGISTRO CIVIL", "Nombre", "RANDALL"])


def test_a_title_of_courtesy_is_no_part_of_a_name() -> None:
    assert (
        read_card(["Name", "MR. ANUCHA RATTANAKUL", "Date of birth", "20.05.1997"])["full_name"] == "ANUCHA RATTANAKUL"
    )


def test_a_letter_that_the_zone_lost_is_taken_from_print() -> None:
    found = names_of("P<UTOPHAM<<HI<HUONG", "Surname", "PHAM", "Given names", "THI HUONG")
    assert found["given_names"] == "THI HUONG"
    assert "given_names" not in names_of("P<UTOPHAM<<HI<HUONG", "Surname", "PHAM", "THI HUONG")
