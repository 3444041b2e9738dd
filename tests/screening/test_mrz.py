"""ICAO 9303's own specimens, and what readers do to them."""

from datetime import date

import numpy as np
import pytest

from backoffice.screening import mrz_lines
from backoffice.screening.mrz import Kind, check_digit, parse
from backoffice.screening.ocr import Line, Page

ICAO: list[tuple[Kind, list[str], str]] = [
    ("TD3", ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
     "L898902C36UTO7408122F1204159ZE184226B<<<<<10"], "L898902C3"),
    ("TD1", ["I<UTOD231458907<<<<<<<<<<<<<<<",
     "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"], "D23145890"),
    ("TD2", ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"], "D23145890"),
    ("MRVA", ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
     "L898902C<3UTO6908061F9406236ZE184226B<<<<<<<"], "L898902C"),
    ("MRVB", ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L898902C<3UTO6908061F9406236ZE184226"], "L898902C"),
    ("TD1", ["I<UTOD23145890<7349<<<<<<<<<<<",
     "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"], "D23145890734"),
]  # fmt: skip


def page_of(texts: list[str]) -> Page:
    lines = tuple(
        Line(text, 0.99, ((20, 40 * i), (920, 40 * i), (920, 40 * i + 28), (20, 40 * i + 28)))
        for i, text in enumerate(texts)
    )
    return Page(lines, np.full((40 * len(texts) + 40, 1000, 3), 255, np.uint8), 0)


def test_the_worked_example_of_part_3() -> None:
    assert check_digit("520727") == "3"
    assert check_digit("AB2134<<<") == "5"


@pytest.mark.parametrize(("kind", "lines", "number"), ICAO)
def test_the_specimens_of_icao(kind: Kind, lines: list[str], number: str) -> None:
    zone = parse(kind, lines)
    assert zone.is_valid
    assert zone.number == number
    assert (zone.issuer, zone.nationality) == ("UTO", "UTO")
    assert zone.surname in {"ERIKSSON", "STEVENSON"}


@pytest.mark.parametrize(("kind", "lines", "number"), ICAO)
def test_a_zone_is_found_among_other_lines(kind: Kind, lines: list[str], number: str) -> None:
    found = mrz_lines.find(page_of(["UTOPIA", "Surname", "ERIKSSON", *lines]))
    assert found
    assert found.zone.kind == kind
    assert found.zone.number == number
    assert found.whole(page_of(lines))[2] > 0.8


def test_confused_signs_are_repaired_where_only_one_reading_fits() -> None:
    first = "P<UT0ERIKSSON<<ANNA<MARIA<<<<<<<<<<KK<<<<"
    found = mrz_lines.find(page_of([first, "L8989O2C36UTO74O8122F1204159ZE184226B<<<10"]))
    assert found
    assert found.zone.is_valid
    assert (found.zone.issuer, found.zone.surname, found.zone.given_names) == ("UTO", "ERIKSSON", "ANNA MARIA")


@pytest.mark.parametrize("place", [0, 9, 13, 21, 43])
def test_a_wrong_sign_is_never_silently_accepted(place: int) -> None:
    lines = list(ICAO[0][1])
    wrong = "8" if lines[1][place] != "8" else "9"
    lines[1] = lines[1][:place] + wrong + lines[1][place + 1 :]
    assert not parse("TD3", lines).is_valid


def test_two_digit_years_are_read_by_what_they_mean() -> None:
    zone = parse("TD3", ICAO[0][1])
    assert zone.born_on(date(2026, 1, 1)) == date(1974, 8, 12)
    assert zone.expires_on(date(2026, 1, 1)) == date(2012, 4, 15)
    assert parse("TD1", ICAO[5][1]).born_on(date(2026, 1, 1)) == date(1934, 7, 12)


def test_ordinary_text_is_no_zone() -> None:
    assert (
        mrz_lines.find(page_of(["THIS IS AN ORDINARY LETTER OF SOME LENGTH", "WITH A SECOND LINE AND 1234567890"]))
        is None
    )


def test_fillers_read_as_letters_do_not_become_names() -> None:
    lines = ["P<UTOERIKSSON<<ANNA<MARIACCCCCCCCCCCCCCCCCCC", ICAO[0][1][1]]
    found = mrz_lines.find(page_of(lines))
    assert found
    assert found.zone.given_names == "ANNA MARIA"


def test_values_know_their_part_of_the_line() -> None:
    page = page_of(ICAO[0][1])
    found = mrz_lines.find(page)
    assert found
    box = found.box(page, "document_number")
    assert box
    assert box[0] == pytest.approx(0.02)
    assert box[2] == pytest.approx(0.9 * 9 / 44, abs=0.001)


def test_a_misread_country_is_mended_where_one_is_near() -> None:
    lines = ["IDBE12381426093<<<<<<<<<<<<<<<", "6209089F3205024BEL<<<<<<<<<<<6", "CLAES<<NOELLA<<<<<<<<<<<<<<<<<"]
    zone = parse("TD1", lines)
    assert (zone.issuer, zone.nationality, zone.is_valid) == ("BEL", "BEL", True)
    assert zone.lines[0].startswith("IDBEL")
    assert parse("TD3", ICAO[0][1]).issuer == "UTO"


def test_two_exchanged_signs_are_mended_only_where_the_number_is_printed() -> None:
    data = "LB989O2C36UTO7408122F1204159ZE184226B<<<<<10"
    names = ICAO[0][1][0]
    assert not parse("TD3", [names, data]).checks["document_number"]
    assert parse("TD3", [names, data], printed=["L898902C3"]).number == "L898902C3"


def test_a_line_that_was_brought_to_its_length_is_not_mended_boldly() -> None:
    data = ICAO[0][1][1].replace("L898902C3", "L8989O2C3")
    assert parse("TD3", [ICAO[0][1][0], data]).checks["document_number"]
    assert not parse("TD3", [ICAO[0][1][0], data], is_bold=False).checks["document_number"]


def test_a_sex_that_was_misread_is_missing() -> None:
    second = ICAO[0][1][1]
    assert parse("TD3", [ICAO[0][1][0], second.replace("2F1", "2H1")]).sex == ""
    assert parse("TD3", [ICAO[0][1][0], second.replace("2F1", "2<1")]).sex == "X"
