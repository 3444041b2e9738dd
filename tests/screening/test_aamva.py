"""Licences' codes of all versions and both orders of dates, and what hostile codes try."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice import specimens
from backoffice.screening import aamva
from backoffice.screening.records import Record
from backoffice.screening.types import EXTRACTED_NAMES
from backoffice.specimens import american

HEADER = "@\n\x1e\rANSI 636026100102DL00410288ZA03290015DL"
OREGON = {
    "DAQ": "D123-456 78", "DCS": "CASTAÑEDA", "DAC": "MILES", "DAD": "ANTHONY", "DBB": "03041980", "DBD": "01022020",
    "DBA": "01012030", "DBC": "1", "DAG": "180 HARBOR BLVD", "DAI": "PORTLAND", "DAJ": "OR", "DAK": "972010000",
    "DCG": "USA",
}  # fmt: skip
VERSION_1 = (
    "@\n\x1c\rANSI 6360000102DL00390187ZV02260032DLDAQT64235789\nDAASAMPLE,MICHAEL,JOHN\nDAG2300 WEST BROAD STREET\n"
    "DAIRICHMOND\nDAJVA\nDAK23269     \nDBB19700301\nDBCM\nDBD19990825\nDBA20040301\rZVZVAJURISDICTION\r"
)
ONTARIO = OREGON | {
    "DAQ": "A1234-56789-01234", "DCS": "TREMBLAY", "DAC": "ZOÉ", "DAD": "NONE", "DBB": "19800304", "DBD": "20200102",
    "DBA": "20300101", "DBC": "2", "DAI": "OTTAWA", "DAJ": "ON", "DAK": "K1A0B1", "DCG": "CAN",
}  # fmt: skip


def payload(elements: dict[str, str], header: str = HEADER) -> bytes:
    return (header + "\n".join(name + value for name, value in elements.items()) + "\r").encode("latin-1")


def parsed(elements: dict[str, str]) -> Record:
    record = aamva.parse(payload(elements))
    assert record
    return record


def test_a_licence_of_the_united_states() -> None:
    record = parsed(OREGON)
    assert (record.standard, record.kind, record.country) == ("AAMVA 10", "driving_licence", "USA")
    assert record.values == {
        "document_number": "D12345678", "surname": "CASTAÑEDA", "given_names": "MILES ANTHONY", "sex": "M",
        "date_of_birth": "1980-03-04", "issued_on": "2020-01-02", "expires_on": "2030-01-01", "postal_code": "97201",
        "address": "180 HARBOR BLVD, PORTLAND, OR 97201", "issuing_country": "USA",
    }  # fmt: skip
    assert record.missing == ()
    assert record.contradictions == ()


def test_a_canadian_licence_writes_the_year_first() -> None:
    record = parsed(ONTARIO)
    assert record.country == "CAN"
    assert [record.values[name] for name in ("date_of_birth", "issued_on", "expires_on")] == [
        "1980-03-04", "2020-01-02", "2030-01-01",
    ]  # fmt: skip
    assert (record.values["given_names"], record.values["postal_code"]) == ("ZOÉ", "K1A 0B1")


def test_version_1_has_one_name_element_and_no_version_of_its_jurisdiction() -> None:
    record = aamva.parse(VERSION_1.encode())
    assert record
    assert (record.standard, record.kind, record.country) == ("AAMVA 1", "driving_licence", "USA")
    assert (record.values["surname"], record.values["given_names"]) == ("SAMPLE", "MICHAEL JOHN")
    assert (record.values["date_of_birth"], record.values["expires_on"]) == ("1970-03-01", "2004-03-01")
    assert record.values["sex"] == "M"


def test_version_3_joins_the_given_names_and_an_identity_card_says_so() -> None:
    elements = {name: value for name, value in OREGON.items() if name not in {"DAC", "DAD"}} | {"DCT": "MILES,ANTHONY"}
    record = aamva.parse(payload(elements, "@\n\x1e\rAAMVA636026030001ID00310200ID"))
    assert record
    assert (record.standard, record.kind) == ("AAMVA 3", "national_id")
    assert record.values["given_names"] == "MILES ANTHONY"


def test_specimens_follow_the_standard() -> None:
    holder = specimens.person(31, nationality="USA")
    record = aamva.parse(american.payload(holder))
    assert record
    assert record.missing == ()
    assert record.values["document_number"] == specimens.document_number("american_licence", holder)
    assert record.values["date_of_birth"] == holder.date_of_birth.isoformat()
    assert record.values["address"].upper() == holder.address.upper()


@pytest.mark.parametrize("element", ["DAQ", "DCS", "DBB", "DBA"])
def test_missing_elements_are_named_not_guessed(element: str) -> None:
    left = {name: value for name, value in OREGON.items() if name != element}
    name = {"DAQ": "document_number", "DCS": "surname", "DBB": "date_of_birth", "DBA": "expires_on"}[element]
    assert parsed(left).missing == (name,)
    assert name not in parsed(left).values


def test_offsets_of_the_header_are_not_believed() -> None:
    record = aamva.parse(payload(OREGON, "@\n\x1e\rANSI 636026100101DL99990001DL"))
    assert record
    assert record.missing == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"DBB": "02302000"}, "gives a date of birth that is in no calendar"),
        ({"DBA": "13452030"}, "gives an expiry date that is in no calendar"),
        ({"DBB": "01022021"}, "was issued before its holder was born"),
        ({"DBA": "01012019"}, "ended before it was issued"),
    ],
)
def test_dates_that_cannot_be_are_contradictions(changes: dict[str, str], says: str) -> None:
    assert parsed(OREGON | changes).contradictions == (says,)


def test_an_element_that_comes_twice_differently_is_a_contradiction() -> None:
    record = aamva.parse(payload(OREGON) + b"DBB01011990\r")
    assert record
    assert record.contradictions == ("gives DBB twice with different values",)
    same = aamva.parse(payload(OREGON) + b"DBB03041980\r")
    assert same
    assert same.contradictions == ()


@pytest.mark.parametrize("never", ["00000000", "99999999", ""])
def test_a_licence_without_end_has_no_expiry_date(never: str) -> None:
    record = parsed(OREGON | {"DBA": never})
    assert "expires_on" not in record.values
    assert record.contradictions == ()


def test_control_signs_and_endless_values_do_not_get_through() -> None:
    record = parsed(OREGON | {"DCS": "DO\x00E\x1b\x7f", "DAG": "A" * 5000})
    assert record.values["surname"] == "DO E"
    assert all(value.isprintable() and len(value) < 500 for value in record.values.values())


@pytest.mark.parametrize(
    "foreign",
    [b"", b"@", b"https://example.com", b"\x1f\x8b\x08" + bytes(400), b"ANSI 636026100102DL", bytes(range(256)) * 16,
     b"<?xml version='1.0'?><PrintLetterBarcodeData uid='999999990019'/>"],
)  # fmt: skip
def test_other_codes_are_none_of_ours(foreign: bytes) -> None:
    assert aamva.parse(foreign) is None


def held(record: Record | None) -> None:
    if record is None:
        return
    assert set(record.values) <= set(EXTRACTED_NAMES)
    assert all(value and value.isprintable() and len(value) <= 600 for value in record.values.values())
    for name in {"date_of_birth", "issued_on", "expires_on"} & set(record.values):
        assert 1900 <= date.fromisoformat(record.values[name]).year <= 2099


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_anything_behind_the_header_is_read_or_left(body: bytes) -> None:
    held(aamva.parse(body))
    held(aamva.parse(HEADER.encode() + body))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*OREGON, "DAA", "DCT", "DAH"]), st.text(max_size=40), max_size=16))
def test_elements_may_say_anything(elements: dict[str, str]) -> None:
    text = HEADER + "\n".join(name + value for name, value in elements.items())
    held(aamva.parse(text.encode("utf-8", "surrogatepass")))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_payload_is_read_or_left(data: st.DataObject) -> None:
    whole = bytearray(payload(OREGON))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    held(aamva.parse(bytes(whole[: data.draw(st.integers(0, len(whole)))])))
