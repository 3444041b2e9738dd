"""Values without labels: taken where one reading is possible, left where a number or a name could be something else."""

from datetime import date

import pytest

from backoffice.screening import dates, layout, unlabelled
from backoffice.screening.ocr import Line
from backoffice.screening.reading import Readings
from backoffice.screening.spotting import Spot

READINGS = Readings(date(2026, 11, 23))


def spots(*rows: str, left: int = 40, score: float = 0.99) -> list[Spot]:
    found: list[Spot] = []
    for i, text in enumerate(rows):
        top, right = 40 + 44 * i, left + 16 * len(text)
        line = Line(text, score, ((left, top), (right, top), (right, top + 32), (left, top + 32)))
        found.append(Spot(line, left, top, right, top + 32))
    return found


def read(rows: list[unlabelled.Lone]) -> dict[str, str]:
    return {one.name: one.value for one in rows}


def test_a_letters_head_gives_addressee_and_address() -> None:
    head = spots("Mrs Nerys Llewellyn", "7 Station Road", "Ashvale 2093")
    assert read(unlabelled.letter_head(head)) == {
        "full_name": "Nerys Llewellyn",
        "address": "7 Station Road, Ashvale 2093",
    }


def test_lines_of_a_bill_are_no_address_and_two_heads_are_none() -> None:
    assert unlabelled.letter_head(spots("Electricity charges 312 kWh", "Meter reading 40118")) == []
    two = spots("Ann Lee", "7 Mill Lane", "York 20931") + spots("Bob Ray", "9 High Row", "Bath 40931", left=900)
    assert unlabelled.letter_head(two) == []


def test_a_faint_addressee_is_left_out() -> None:
    head = spots("Nerys Llewellyn", score=0.85) + spots("", "7 Station Road", "Ashvale 2093")[1:]
    assert set(read(unlabelled.letter_head(head))) == {"address"}


def test_a_lone_number_is_the_documents_but_not_on_a_bill_and_not_of_twelve_digits() -> None:
    assert read(unlabelled.lone_number(spots("REPUBLIC", "X1234567"), {})) == {"document_number": "X1234567"}
    assert unlabelled.lone_number(spots("X1234567", "Y7654321"), {}) == []
    assert unlabelled.lone_number(spots("Electricity", "Meter reading", "X1234567"), {}) == []
    assert unlabelled.lone_number(spots("246625939188"), {}) == []


@pytest.mark.parametrize(
    ("rows", "masked"),
    [
        (["2341 2341 2346"], "XXXXXXXX2346"),
        (["234123412346"], None),
        (["Government of India", "234123412346"], "XXXXXXXX2346"),
        (["2341 2341 2347"], None),
    ],
)
def test_twelve_digits_are_an_aadhaar_number_where_the_page_says_so(rows: list[str], masked: str | None) -> None:
    assert read(list(unlabelled.proven(spots(*rows)))).get("document_number") == masked


def test_a_sex_that_is_written_out_needs_no_label_and_a_letter_does() -> None:
    assert read(unlabelled.lone_sex(spots("Ishita Reddy", "FEMALE"))) == {"sex": "F"}
    assert unlabelled.lone_sex(spots("M")) == []
    assert unlabelled.lone_sex(spots("MALE", "FEMALE")) == []


def test_dates_of_a_life_are_told_apart() -> None:
    lived = spots("12.03.1980", "01.02.2023", "31.01.2033")
    found = read(unlabelled.life_dates(lived, {}, READINGS))
    assert found == {"date_of_birth": "1980-03-12", "issued_on": "2023-02-01", "expires_on": "2033-01-31"}


def test_a_numbered_list_is_no_licence() -> None:
    statement = spots("3 Card payment", "5 Transfer", "6 Card payment", "8 Transfer", "9 Card payment")
    assert layout.values(statement, READINGS.read) == []
    licence = spots("1. Holm", "2. Dagny", "3. 09.03.1972 Ribe", "4b. 06.08.2034", "5. 71525424")
    found = {value.name: value.value for value in layout.values(licence, READINGS.read)}
    assert found["date_of_birth"] == "1972-03-09"
    assert found["document_number"] == "71525424"


def test_a_fields_mark_does_not_turn_days_into_months() -> None:
    assert dates.order_of(["3. 25.03.1972", "4a. 07.08.2024"], "dmy") == "dmy"
    assert [day.value for day in dates.find("3. 25.03.1972 Ribe")] == [date(1972, 3, 25)]
    assert [day.value for day in dates.find("23-07-33", latest=2076)] == [date(2033, 7, 23)]
    assert dates.find("20-45-77-12") == []


def test_the_only_old_date_is_a_birth_and_the_only_coming_one_an_end() -> None:
    assert read(unlabelled.life_dates(spots("25.09.1979"), {}, READINGS)) == {"date_of_birth": "1979-09-25"}
    assert read(unlabelled.life_dates(spots("25.09.2031"), {}, READINGS)) == {"expires_on": "2031-09-25"}
    assert unlabelled.life_dates(spots("25.09.2022"), {}, READINGS) == []


def test_the_date_between_birth_and_end_is_the_day_of_issue() -> None:
    known = {"date_of_birth": "1980-03-12", "expires_on": "2033-01-31"}
    rows = spots("12.03.1980", "01.02.2023", "31.01.2033")
    assert read(unlabelled.issue_date([rows], known, READINGS)) == {"issued_on": "2023-02-01"}
    two = [rows, spots("14.06.2024")]
    assert unlabelled.issue_date(two, known, READINGS) == []
    assert unlabelled.issue_date([spots("01.02.2015")], known, READINGS) == []


def test_a_letters_only_date_is_its_own_and_a_cards_is_not() -> None:
    home = {"address": "7 Mill Lane, York 20931"}
    assert read(unlabelled.issue_date([spots("12.05.2026")], home, READINGS)) == {"issued_on": "2026-05-12"}
    assert unlabelled.issue_date([spots("12.05.2026")], home | {"document_number": "X1"}, READINGS) == []


def test_an_address_in_one_line_needs_no_label_when_it_is_the_only_one() -> None:
    line = "Birkeveien 22, 0572 Solvik"
    assert read(unlabelled.address_line(spots("AVBC", line))) == {"address": line}
    assert unlabelled.address_line(spots(line, "Burgh Quay 13, 10234 Dublin")) == []


def test_the_name_under_a_surname_is_the_given_one_but_a_country_is_not() -> None:
    card = spots("REYES", "JEJOMAR")
    assert read(unlabelled.given_names(card, card[0].line)) == {"given_names": "JEJOMAR"}
    other = spots("REYES", "FINLAND")
    assert unlabelled.given_names(other, other[0].line) == []


def test_a_licences_surname_stands_over_its_second_field() -> None:
    rows = spots("Wójcik", "Kacper")
    assert read(unlabelled.surname_over(rows, rows[1].line)) == {"surname": "Wójcik"}


def test_two_names_on_a_pan_card_are_the_holders_and_the_fathers() -> None:
    card = spots("INCOME TAX DEPARTMENT", "REKHA LAXMI WAGHMARE", "SADASHIV MORESHWAR", "14/03/1965")
    assert read(unlabelled.names_on_pan_card(card)) == {
        "full_name": "REKHA LAXMI WAGHMARE",
        "father_name": "SADASHIV MORESHWAR",
    }
    assert unlabelled.names_on_pan_card(spots("REKHA LAXMI WAGHMARE", "14/03/1965")) == []
