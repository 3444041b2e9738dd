"""Which line is whose value, on pages written line by line: rows of names and addresses, captions, others' numbers."""

from datetime import date

import numpy as np
import pytest

from backoffice.screening import classify, fields, labels, reading
from backoffice.screening.ocr import Line, Page
from backoffice.screening.page_texts import PageText

TODAY = date(2026, 11, 23)
CARD, LETTER = (860, 1360), (1750, 1240)
Placed = tuple[int, int, str]


def page(*placed: Placed, size: tuple[int, int] = CARD) -> PageText:
    """Write lines at their left and top, 36 high and 17 to a letter."""
    lines = tuple(
        Line(
            text, 0.99, ((left, top), (left + 17 * len(text), top), (left + 17 * len(text), top + 36), (left, top + 36))
        )
        for left, top, text in placed
    )
    return PageText(0, 0, Page(lines, np.zeros((*size, 3), np.uint8), 0), None)


def values(*placed: Placed, size: tuple[int, int] = CARD, kind: str | None = None, country: str = "") -> dict[str, str]:
    found = fields.read([page(*placed, size=size)], today=TODAY, country=country or None, kind=kind)
    return {field.name: field.value for field in found.extracted}


def rows(*texts: str, left: int = 60, top: int = 60, step: int = 50) -> list[Placed]:
    return [(left, top + step * i, text) for i, text in enumerate(texts)]


def test_an_address_over_its_caption_is_read_from_its_first_line() -> None:
    found = values(
        *rows("NOVAK", "Surname", "12.03.1990", "Date of birth", "HARBOUR ROW 14", "7414 KILMORE", "Address")
    )
    assert found["address"] == "HARBOUR ROW 14, 7414 KILMORE"
    assert (found["surname"], found["date_of_birth"]) == ("NOVAK", "1990-03-12")


def test_what_stands_over_the_caption_before_is_no_part_of_an_address() -> None:
    found = values(*rows("none", "Remarks", "Fjellheim", "Birth name", "Storgata 87", "5128 Hamar", "Address", step=46))
    assert found["address"] == "Storgata 87, 5128 Hamar"


def test_the_second_line_of_an_address_stands_under_the_first_and_not_under_its_label() -> None:
    found = values((60, 60, "Address: 82 Kauri Crescent"), (196, 104, "Timaru 4568"), (60, 160, "Sex: F"))
    assert found["address"] == "82 Kauri Crescent, Timaru 4568"


def test_a_line_level_with_another_label_is_that_labels() -> None:
    found = values(
        (60, 60, "Address"), (400, 60, "RUA DO PORTO 108"), (400, 104, "53843-845 OLINDA"),
        (60, 150, "Date of issue"), (400, 150, "26 OUTUBRO"), (580, 150, "2024"),
    )  # fmt: skip
    assert found["address"] == "RUA DO PORTO 108, 53843-845 OLINDA"
    assert found["issued_on"] == "2024-10-26"


def test_a_town_alone_is_no_address() -> None:
    assert "address" not in values(*rows("Address", "PADANG"))


@pytest.mark.parametrize("second", ["HANNELE MARIA", "Hannele"])
def test_a_whole_name_in_two_rows_is_joined(second: str) -> None:
    first = "RAUTIAINEN" if second.isupper() else "Rautiainen"
    assert values(*rows("Surname and given names", first, second))["full_name"] == f"{first} {second}"
    beside = values((60, 60, "Full name:"), (400, 60, first), (400, 104, second), (60, 170, "Sex:"), (400, 170, "F"))
    assert beside["full_name"] == f"{first} {second}"


def test_the_next_rows_value_is_no_second_row_of_a_name() -> None:
    found = values((60, 60, "Full name"), (400, 60, "BODNÁR ÁKOS"), (60, 120, "Authority"), (400, 104, "MINISTRY"))
    assert found["full_name"] == "BODNÁR ÁKOS"


def test_a_name_that_promises_more_and_shows_no_more_is_left_out() -> None:
    whole = values((60, 60, "Full name: CHISSANO TEMBE,"), (250, 104, "SALOMÃO"))
    assert (whole["surname"], whole["given_names"]) == ("CHISSANO TEMBE", "SALOMÃO")
    assert "full_name" not in values((60, 60, "Full name: CHISSANO TEMBE,"), (60, 260, "SALOMÃO"))


def test_a_documents_own_number_goes_before_its_holders() -> None:
    found = values(*rows("ID number", "N8104659", "National identification number", "34485254943"))
    assert found["document_number"] == "N8104659"
    assert values(*rows("National identification number", "34485254943"))["document_number"] == "34485254943"


def test_a_tax_number_is_the_documents_on_a_tax_card_only() -> None:
    assert "document_number" not in values(*rows("IDENTITY CARD", "TIN", "0186611368"))
    assert values(*rows("TAX IDENTIFICATION CARD", "TIN", "0186611368"))["document_number"] == "0186611368"


def test_a_number_of_something_else_is_not_taken_for_want_of_another() -> None:
    assert "document_number" not in values(*rows("Serial No.", "99362016"))
    assert values(*rows("IDENTITY CARD", "99362016"))["document_number"] == "99362016"


def test_an_account_goes_before_a_customer_and_a_customer_before_a_contract() -> None:
    lines = rows("Customer number: 99553311", "Contract No.: 12-998-71", "Account number: 8764117904")
    assert values(*lines, size=LETTER)["account_number"] == "8764117904"
    assert values(*lines[:2], size=LETTER)["account_number"] == "99553311"
    stacked = ((600, 60, "Account No:"), (900, 60, "8764117904"), (600, 110, "Customer No:"), (900, 110, "34475876"))
    assert values(*stacked, size=LETTER)["account_number"] == "8764117904"


def test_an_international_account_is_read_whole_and_proves_itself() -> None:
    assert (
        reading.international_account("IBAN GB82 WEST 1234 5698 7654 32".removeprefix("IBAN "))
        == "GB82WEST12345698765432"
    )
    assert reading.international_account("GB82 WEST 1234 5698 7654 33") is None


def test_a_letter_ends_at_no_day_and_has_no_documents_number() -> None:
    lines = rows("Invoice", "Document No.: 18349104", "Expiry date: 28.04.2027", "Account number: 7515069673")
    assert values(*lines, size=LETTER, kind="proof_of_address").keys() == {"account_number"}


def test_the_name_over_a_known_address_is_the_addressees() -> None:
    lines = [*rows("AMINATA THIAM", "VILLA 544 CITE KEUR", "SAINT-LOUIS", step=40), (60, 400, "Supply address"),
             (60, 440, "Villa 544 Cité Keur, Saint-Louis")]  # fmt: skip
    assert values(*lines, size=LETTER)["full_name"] == "AMINATA THIAM"


def test_where_the_sender_is_is_no_address() -> None:
    assert "address" not in values(*rows("Bahnhofstraße 73, 23966 Wismar Tel. 038 29", "IBAN", step=90), size=LETTER)


def test_a_day_that_may_be_a_month_needs_a_page_that_agrees_with_its_country() -> None:
    clear = values(*rows("Statement date: 07/01/2024", "Due 07/28/2024"), size=LETTER, country="USA")
    assert clear["issued_on"] == "2024-07-01"
    torn = values(*rows("Statement date: 07/01/2024", "Period 28.06.2024"), size=LETTER, country="USA")
    assert "issued_on" not in torn


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for being with us",
        "Thank you for being with us.",
        "ibu",
        "Nama Diberi",
        "Surname / Primary identifier",
    ],
)
def test_sentences_and_words_of_labels_are_no_names(text: str) -> None:
    assert reading.person_name(text) is None


@pytest.mark.parametrize(
    "text", ["Ludwig van der Heyden", "María de los Ángeles", "NGUYEN", "Siti binti Ahmad", "O'Hara"]
)
def test_names_with_particles_are_names(text: str) -> None:
    assert reading.person_name(text) == text


@pytest.mark.parametrize("title", ["Mr.", "HERR", "Herrn", "Puan", "PANÍ", "Bw.", "Sayin", "Herra", "Mme"])
def test_how_a_person_is_addressed_is_no_part_of_the_name(title: str) -> None:
    assert reading.without_title(f"{title} Hui Shan Zainal") == "Hui Shan Zainal"


@pytest.mark.parametrize("text", ["86 Jalan Bukit Indah 4", "78-181 Kielce", "Unit 6 48 Banksia Parade"])
def test_streets_and_towns_are_no_numbers(text: str) -> None:
    assert reading.number(text) is None


@pytest.mark.parametrize(
    "text", ["Dear customer,", "Sehr geehrte Damen und Herren,", "Pan", "NO. 86 JALAN BUKIT INDAH"]
)
def test_greetings_titles_and_house_numbers_are_no_labels(text: str) -> None:
    assert labels.match(text) is None


def test_two_letters_in_six_may_not_be_misread_in_a_label() -> None:
    near, far = labels.match("Natlonality"), labels.match("Rationalism")
    assert near is not None
    assert near.name == "nationality"
    assert far is None


def test_sums_without_hundredths_make_a_bill_too() -> None:
    assert "proof_of_address" in classify._word_votes(["Skatteverket", "98 412", "-31 204", "68 020 kr", "71 544"])
    assert "proof_of_address" not in classify._word_votes(["Skatteverket", "98 412", "68 020"])


def test_a_day_of_issue_before_a_life_or_after_its_end_is_left_out() -> None:
    lines = rows("Date of birth: 22.01.1952", "Date of issue: 22.01.1952", "Date of expiry: 01.02.2030")
    assert "issued_on" not in values(*lines)
    assert values(*lines[::2], (60, 300, "Date of issue: 01.02.2020"))["issued_on"] == "2020-02-01"


def test_the_account_that_a_bill_is_paid_to_is_not_the_customers() -> None:
    paid_to = "IBAN: GB82 WEST 1234 5698 7654 32"
    bill = rows("Jadran Mobil d.o.o.", paid_to, "Customer number: 7000476788")
    assert values(*bill, size=LETTER)["account_number"] == "7000476788"
    assert "account_number" not in values(*bill[:2], size=LETTER)
    statement = rows("Statement of account", paid_to)
    assert values(*statement, size=LETTER)["account_number"] == "GB82WEST12345698765432"


def test_the_place_that_is_supplied_has_a_number_that_is_not_the_customers() -> None:
    lines = rows("Point de livraison: 98114207336051", "Référence client: 1007646553")
    assert values(*lines, size=LETTER)["account_number"] == "1007646553"


def test_a_label_says_at_its_end_what_it_is() -> None:
    assert values(*rows("Land Tax Account Number: 8842107"), size=LETTER)["account_number"] == "8842107"


def test_the_line_of_the_day_and_the_heading_of_a_bill_date_a_letter() -> None:
    dated = rows("Vaduz, 5. März 2024", "Umsatz vom 01.02.2024 bis 28.02.2024", step=200)
    assert values(*dated, size=LETTER)["issued_on"] == "2024-03-05"
    headed = rows("Votre facture d'électricité du 5 mars 2024", "avant le 27 mars 2024", step=200)
    assert values(*headed, size=LETTER)["issued_on"] == "2024-03-05"
    assert "issued_on" not in values(*rows("avant le 27 mars 2024", "vers le 28 avril 2024"), size=LETTER)


def test_a_courtesy_title_begins_the_addressees_block() -> None:
    found = values(*rows("MR. DELROY BOGLE", "14 ORANGE GROVE", "BRIDGETOWN", step=40), size=LETTER)
    assert (found["full_name"], found["address"]) == ("DELROY BOGLE", "14 ORANGE GROVE, BRIDGETOWN")
    assert "address" not in values(*rows("DELROY BOGLE", "14 ORANGE GROVE", "BRIDGETOWN", step=40), size=LETTER)


def test_a_surname_in_capitals_a_comma_and_a_given_name_need_no_label() -> None:
    card = rows("PERMANENT IDENTITY CARD", "CHEUNG, Wing Yan", "Date of Birth", "14-03-1991", step=80)
    found = values(*card)
    assert (found["surname"], found["given_names"]) == ("CHEUNG", "Wing Yan")
    assert "surname" not in values(*rows("LISBOA, Portugal", "Date of Birth", "14-03-1991", step=80))
    assert "surname" not in values(*rows("Place of birth", "KENT, Deal", "Date of Birth", "14-03-1991", step=50))


def test_a_permit_that_names_a_passport_is_a_permit() -> None:
    lines = ["Residency Permit", "Passport Number:", "Passport Expiry:", "General Director of Passports"]
    votes = classify._word_votes(lines)
    assert votes.keys() == {"residence_permit"}
    assert "passport" in classify._word_votes(["PASSPORT", "Passport No."])


def test_a_licence_with_two_numbers_is_known_by_the_licences() -> None:
    card = rows("Omang/ID No. 561028541", "Licence No. 3103003272", "Date of birth 12/03/1990", step=60)
    found = values(*card)
    assert (found["document_number"], found["personal_number"]) == ("3103003272", "561028541")
    found = values(*rows("Licence No. 3103003272", "Document No. 77120045", step=60))
    assert found["document_number"] == "3103003272"
    assert "personal_number" not in found


def test_a_number_of_a_person_alone_is_the_documents() -> None:
    found = values(*rows("ID No. 28181888291", "Date of birth 12/03/1990", step=60))
    assert found["document_number"] == "28181888291"


def test_how_a_holder_is_addressed_is_no_given_name() -> None:
    card = rows("Surname: BUTTIGIEG", "Given names: MS CHARMAINE", "Date of birth: 12.03.1990", step=60)
    assert values(*card)["given_names"] == "CHARMAINE"


def test_the_number_beside_the_senders_telephone_is_the_senders() -> None:
    letter = rows("Isla Telecom N.V.", "Persoonsnummer 8117704 Tel. (+297) 000 0000", "Klantnummer: 30-37262-5")
    found = values(*letter, size=LETTER)
    assert "personal_number" not in found
    assert found["account_number"] == "30372625"


def test_captions_set_close_over_their_values_are_no_column_of_labels() -> None:
    lines = [
        (60, 60, "Cliente n.º"), (400, 60, "Contador n.º"), (60, 80, "1152890"), (400, 80, "20410773"),
        (60, 140, "Contrato / CIL"), (400, 140, "Tarifa"), (60, 160, "118 004 217"), (400, 160, "BT 14"),
    ]  # fmt: skip
    assert values(*lines, size=LETTER)["account_number"] == "1152890"


def test_pere_is_a_name_and_a_father_only_as_a_label() -> None:
    assert values(*rows("Titular", "PERE NAUDI CASAL"), size=LETTER)["full_name"] == "PERE NAUDI CASAL"
    assert values(*rows("Père: JEAN MOREAU", "Nom: MOREAU"))["father_name"] == "JEAN MOREAU"


def test_a_large_number_behind_nothing_but_its_sign_is_the_documents() -> None:
    found = values(*rows("CÉDULA DE IDENTIDAD", "N°001-071162-0076A", "Nombres: XOCHILT", step=80))
    assert found["document_number"] == "0010711620076A"
    assert "document_number" not in values(*rows("N° 12, RUE DU PORT", "Nom: MOREAU", step=80))


def test_parts_of_a_name_are_joined_whichever_the_reader_saw_first() -> None:
    found = values((60, 60, "Full name"), (60, 114, "AKINYI"), (170, 110, "CHERUIYOT"), (60, 180, "Sex: F"))
    assert found["full_name"] == "AKINYI CHERUIYOT"


def test_a_comma_parts_surname_and_given_names_under_any_label_of_names() -> None:
    found = values(*rows("Given names", "MACARAEG, FERDINAND OCAMPO", "Date of birth", "13 OCT 1995"))
    assert (found["surname"], found["given_names"]) == ("MACARAEG", "FERDINAND OCAMPO")


def test_a_javanese_street_of_an_addressee_is_written_as_one() -> None:
    letter = rows("Bpk. Wayan Suryanto", "JI. Diponegoro 101", "Semarang 71098", step=40)
    assert values(*letter, size=LETTER)["address"] == "Jl. Diponegoro 101, Semarang 71098"
