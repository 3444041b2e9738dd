"""What is left out because the page may mean something else, on pages written line by line."""

from dataclasses import replace

import pytest

from backoffice.screening import labels
from tests.screening.test_neighbours import LETTER, line, page, values


def card(*rows: tuple[str, str], small: int = 33, large: int = 46, captions: dict[str, int] | None = None):
    """Labels over their values, one pair under the other."""
    heights = captions or {}
    return [
        part for row, (label, value) in enumerate(rows)
        for part in (line(label, 80, 100 + 110 * row, heights.get(label, small)),
                     line(value, 80, 140 + 110 * row, large))
    ]  # fmt: skip


@pytest.mark.parametrize("label", ["Contract No.", "Customer reference", "Your reference"])
def test_a_second_best_number_is_left_out_where_an_unknown_label_names_another(label):
    own = (line(label, 80, 400, 31), line("61553365", 420, 400, 31))
    other = (line("Zorblat No.", 80, 460, 31), line("C8363404", 420, 460, 31))
    assert values(page(*own, size=LETTER))["account_number"] == "61553365"
    assert "account_number" not in values(page(*own, *other, size=LETTER))


def test_the_best_label_needs_nobodys_leave():
    own = (line("Account number", 80, 400, 31), line("61553365", 420, 400, 31))
    other = (line("Zorblat No.", 80, 460, 31), line("C8363404", 420, 460, 31))
    assert values(page(*own, *other, size=LETTER))["account_number"] == "61553365"


@pytest.mark.parametrize("beside", ["34117 Kassel", "361,20 EUR", "14.03.2026", "Meter number 88120463", "+44 20 123"])
def test_towns_amounts_days_and_what_has_a_label_are_no_rivals(beside):
    own = (line("Customer number", 80, 400, 31), line("61553365", 420, 400, 31))
    assert values(page(*own, line(beside, 80, 700, 31), size=LETTER))["account_number"] == "61553365"


def test_a_bank_account_beside_words_that_nobody_knows_is_a_rival():
    own = (line("Contract No.", 80, 400, 31), line("61553365", 420, 400, 31))
    bank = line("TR12 3765 2083 1034 1913 8520 54", 420, 460, 31)
    assert "account_number" not in values(page(*own, line("Zorblat", 80, 460, 31), bank, size=LETTER))


def test_the_holders_number_is_not_the_cards_where_another_stands_beside_unknown_words():
    known = (line("ID No.", 80, 400), line("3411712355148", 420, 400))
    assert values(page(*known))["document_number"] == "3411712355148"
    assert "document_number" not in values(page(*known, line("Zorblat", 80, 100), line("61315149", 420, 100)))


def test_a_number_without_a_label_is_left_out_where_another_such_stands_on_the_other_side():
    front = page(line("Surname", 80, 100), line("LABONTE", 400, 100), line("Zorblat", 80, 200),
                 line("L020979277720C", 400, 200), line("Signature", 80, 500), line("A29292758", 900, 700))  # fmt: skip
    back = page(line("The property of the Republic", 80, 100), line("MU585098802", 80, 300))
    assert values(back)["document_number"] == "MU585098802"
    assert "document_number" not in values(front, replace(back, page_index=1))


def test_a_number_without_a_label_is_left_out_where_a_label_of_the_number_is_on_the_page():
    hidden = line("Passport number", 80, 400)
    assert "document_number" not in values(page(hidden, line("A29292758", 900, 800)))


@pytest.mark.parametrize("label", ["Date of zorblat", "DATE OF BYRTHE", "Date of first entry"])
def test_a_day_of_something_unknown_is_no_day_of_issue(label):
    assert labels.match(label) is None or labels.match(label).name != "issued_on"
    assert "issued_on" not in values(page(line(label, 80, 100), line("12 May 2021", 80, 150)))


def test_a_day_that_something_is_due_is_no_day_of_issue():
    assert labels.match("Due Date").name == "other"


@pytest.mark.parametrize(("day", "is_read"), [("12.05.2021", True), ("12.05.2001", False)])
def test_nothing_is_shown_that_was_issued_long_ago(day, is_read):
    lines = (line("Date of issue", 80, 100), line(day, 400, 100))
    assert ("issued_on" in values(page(*lines))) == is_read


def test_a_label_that_nobody_knows_ends_an_address_by_its_size():
    rows = card(("Surname", "WHITFORD"), ("Given names", "CALLAN"), ("Nationality", "AUSTRALIAN"),
                ("Address", "12 HIGH STREET, TAMALE"))  # fmt: skip
    unknown = (line("Zorblat status", 80, 526, 33), line("MARRIED", 80, 566, 46))
    assert values(page(*rows, *unknown))["address"] == "12 HIGH STREET, TAMALE"


def test_an_address_is_left_out_where_its_last_line_may_name_what_stands_under_it():
    lines = (line("Address", 80, 100), line("DISTRICT PLEVEN", 80, 145), line("UL. TSAR SIMEON 41", 80, 190),
             line("ZORBLAT", 80, 235))  # fmt: skip
    assert values(page(*lines))["address"] == "DISTRICT PLEVEN, UL. TSAR SIMEON 41, ZORBLAT"
    assert "address" not in values(page(*lines, line("07 01 2023", 80, 280)))


@pytest.mark.parametrize("behind", ["Property: 95 Derby Road", "Tariff: GRS Residential"])
def test_a_word_and_a_colon_end_an_address(behind):
    lines = (line("Address", 80, 100), line("29 Clubley Estate", 400, 100), line("Grouville JE3 4RD", 400, 150),
             line(behind, 400, 200))  # fmt: skip
    assert values(page(*lines))["address"] == "29 Clubley Estate, Grouville JE3 4RD"


def test_a_code_is_no_address():
    assert "address" not in values(page(line("Address", 80, 100), line("BDC317220", 80, 150)))


def test_what_follows_a_known_word_on_a_page_that_sets_values_apart_is_the_rest_of_a_label():
    rows = card(("Surname", "CHUTAN"), ("Nationality", "MEXICAN"), ("Date of birth", "12.05.1981"))
    assert "given_names" not in values(page(*rows, line("GIVEN NAMES ZORBLAT", 700, 100)))
    assert values(page(line("SURNAME MOYO", 80, 100), line("GIVEN NAMES TAPIWA", 80, 150)))["surname"] == "MOYO"


def test_a_colon_at_the_end_makes_all_of_a_line_a_label():
    assert "given_names" not in values(page(line("NOMBRE USUAL:", 80, 100), line("22-ENE-2004", 500, 100)))


def test_two_labels_that_nobody_knows_quite_so_name_no_one_surname():
    given = (line("Nombre:", 80, 100), line("KATTIA VANESSA", 400, 100))
    first = (line("1° Apellido:", 80, 200), line("UGALDE", 400, 200))
    second = (line("9° Apellido:", 80, 300), line("BRENES", 400, 300))
    assert "surname" in values(page(*given, *first))
    assert values(page(*given, *first, *second)).get("surname") not in {"UGALDE", "BRENES"}


def test_a_letter_names_people_wholly():
    lines = (line("Surname", 80, 400, 31), line("Bronwyn Parata", 420, 400, 31))
    assert "surname" not in values(page(*lines, size=LETTER), kind="proof_of_address")


def test_two_accounts_that_are_labelled_alike_are_none():
    first = (line("Account Number", 80, 400, 31), line("0106964276", 420, 400, 31))
    second = (line("Assessment Number", 80, 460, 31), line("074478555", 420, 460, 31))
    assert values(page(*first, size=LETTER))["account_number"] == "0106964276"
    assert "account_number" not in values(page(*first, *second, size=LETTER))


def test_names_beside_a_surname_are_the_given_ones():
    lines = (
        line("Surname:", 80, 100),
        line("NXUMALO", 400, 100),
        line("Names:", 80, 200),
        line("SIFISO MUZI", 400, 200),
    )
    found = values(page(*lines))
    assert (found["given_names"], found["full_name"]) == ("SIFISO MUZI", "SIFISO MUZI NXUMALO")


def test_the_one_name_on_a_tax_card_is_the_whole_one():
    lines = (line("CARTÃO DE CONTRIBUINTE", 80, 50), line("Nome", 80, 200), line("Arlindo Lima Trovoada", 80, 245))
    found = values(page(*lines), kind="tax_id")
    assert found.get("full_name") == "Arlindo Lima Trovoada"
    assert "given_names" not in found


def test_what_firms_print_of_their_registers_is_no_town():
    firm = (line("Rector Zwijsenstraat 1, Willemstad", 80, 300, 30),
            line("Crib nr. 102 417 330 KvK 14871", 80, 334, 30))  # fmt: skip
    assert "address" not in values(page(*firm, size=LETTER))


def test_between_who_is_addressed_and_the_town_everything_is_the_address():
    lines = (line("M BROTHERSON MANUTEA HEIFARA", 645, 296, 31), line("Servitude Teissier", 645, 334, 31),
             line("lot 2", 645, 374, 31), line("98704 Faa'a", 645, 416, 31))  # fmt: skip
    found = values(page(*lines, size=LETTER))
    assert found.get("full_name") in {None, "BROTHERSON MANUTEA HEIFARA"}
    assert found.get("address") in {None, "Servitude Teissier, lot 2, 98704 Faa'a"}
