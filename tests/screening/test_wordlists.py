"""The words as data: each is one thing's, and what they stand for is what the API calls it."""

from itertools import chain

import pytest

from backoffice.screening import classify, labels, marks, places, reading, wordlists
from backoffice.screening.labels import Label


def test_a_label_names_one_field_only() -> None:
    words = [labels.key(word) for word in chain.from_iterable(wordlists.load("labels").values())]
    assert len(words) == len(set(words)) > 3000
    assert all(words)


def test_kinds_and_countries_are_those_of_the_api() -> None:
    kinds = {"passport", "national_id", "residence_permit", "driving_licence", "tax_id", "proof_of_address"}
    assert wordlists.load("titles").keys() == kinds
    assert wordlists.load("hints").keys() < kinds
    assert all(places.known(code) for code in wordlists.load("nationalities"))


def test_a_nationality_is_one_countrys() -> None:
    words = list(chain.from_iterable(wordlists.load("nationalities").values()))
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Naam Name", "surname"),
        ("Data urodzenia Date of birth", "date_of_birth"),
        ("Apelyido/LeslName", "surname"),
        ("NOMBRE / NAME", "given_names"),
        ("NOM / NAME", "surname"),
        ("Serial number", "other"),
        ("Geldig tot", "expires_on"),
    ],
)
def test_labels_of_several_languages_name_one_field(text: str, name: str) -> None:
    label = labels.match(text)
    assert label is not None
    assert (label.name, label.is_whole_line) == (name, True)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Kewarganegaraan : WNI", "nationality", "WNI"),
        ("Geschlecht M", "sex", "M"),
        ("S/O Ramesh Kumar", "father_name", "Ramesh Kumar"),
        ("Nr konta 123456", "account_number", "123456"),
    ],
)
def test_a_short_value_behind_its_label_is_seen(text: str, name: str, value: str) -> None:
    label = labels.match(text)
    assert label is not None
    assert (label.name, text[label.end :].strip()) == (name, value)


@pytest.mark.parametrize("text", ["SO HYUN", "HOLMES", "Clement Dunmore", "OLIVERA", "Borg", "Saini", "14 Harbour Row"])
def test_names_and_streets_are_no_labels(text: str) -> None:
    assert labels.match(text) is None


def test_a_customers_number_is_preferred_to_a_contracts() -> None:
    customer, contract = (labels.match(text) for text in ("Kundennummer", "Versicherungsschein-Nr."))
    assert isinstance(customer, Label)
    assert isinstance(contract, Label)
    assert customer.name == contract.name == "account_number"
    assert customer.strength > contract.strength


def test_a_licences_number_is_told_from_a_sum() -> None:
    number = marks.match("5.46 22 410225 1")
    assert number is not None
    assert number.name == "document_number"
    assert marks.match("5.46") is None


@pytest.mark.parametrize(
    ("text", "code"), [("SUOMI/FINLAND", "FIN"), ("WNI", "IDN"), ("Kenyan", "KEN"), ("12 MÁR/MAR 1990", None)]
)
def test_nationalities_in_words(text: str, code: str | None) -> None:
    assert places.country(text) == code


@pytest.mark.parametrize(
    ("text", "said"), [("K/M", "M"), ("V/F", "F"), ("M/M", "M"), ("Ž/F", "F"), ("M/F", None), ("Perempuan", "F")]
)
def test_the_sex_behind_the_stroke_is_the_international_one(text: str, said: str | None) -> None:
    assert reading.sex(text) == said


@pytest.mark.parametrize(
    ("text", "name"),
    [("lldikó Réka", "Ildikó Réka"), ("Geeta KumariChauhan", "Geeta Kumari Chauhan"), ("Orla McLoughlin",) * 2],
)
def test_what_a_reader_does_to_names_is_undone(text: str, name: str) -> None:
    assert reading.person_name(text) == name


@pytest.mark.parametrize("text", ["van der", "De", "DATE OF BIRTH"])
def test_particles_and_labels_are_no_names(text: str) -> None:
    assert reading.person_name(text) is None


def test_a_series_and_a_number_are_one() -> None:
    assert reading.number("RX NR 123456") == "RX123456"


def test_money_and_one_word_make_a_bill_and_money_alone_does_not() -> None:
    sums = ["Fixed 1.240,00", "Volume 3.310,50", "Total 5.506,10"]
    assert "proof_of_address" in classify._word_votes([*sums, "Rechnung"])
    assert "proof_of_address" not in classify._word_votes(sums)
