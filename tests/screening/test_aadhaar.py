"""Secure QR codes of Aadhaar, real in form and invented in content, and bombs that look like them."""

import gzip
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.screening import aadhaar
from backoffice.screening.types import EXTRACTED_NAMES

TEXTS = [
    "V2", "3", "234620261126101530123", "Rohan Kumar Menon", "17-11-1984", "M", "S/O: Suresh Menon", "Pune", "", "12",
    "Shivaji Nagar", "411005", "Model Colony", "Maharashtra", "Linking Road", "Haveli", "Pune City", "1234",
]  # fmt: skip


def digits(data: bytes) -> bytes:
    number, text = int.from_bytes(data, "big"), b""
    while number:
        number, part = divmod(number, 10**4000)
        text = (str(part).zfill(4000) if number else str(part)).encode() + text
    return text


def secure(texts: list[str], picture: bytes = bytes(range(255)) * 2) -> bytes:
    return digits(gzip.compress(b"\xff".join(text.encode() for text in texts) + b"\xff" + picture, mtime=0))


def test_a_secure_code_is_read_and_its_number_leaves_masked() -> None:
    record = aadhaar.parse(secure(TEXTS))
    assert record
    assert (record.kind, record.country, record.missing) == ("national_id", "IND", ())
    assert record.values["document_number"] == "XXXXXXXX2346"
    assert (record.values["full_name"], record.values["father_name"]) == ("Rohan Kumar Menon", "Suresh Menon")
    assert (record.values["date_of_birth"], record.values["sex"]) == ("1984-11-17", "M")
    assert record.values["address"] == "12, Linking Road, Shivaji Nagar, Pune City, Pune, Maharashtra 411005"
    assert record.values["postal_code"] == "411005"


def test_the_first_edition_has_no_version() -> None:
    record = aadhaar.parse(secure(TEXTS[1:]))
    assert record
    assert record.values["full_name"] == "Rohan Kumar Menon"


def test_a_birth_date_that_never_was_is_a_contradiction() -> None:
    record = aadhaar.parse(secure([text if text != "17-11-1984" else "31-02-1984" for text in TEXTS]))
    assert record
    assert record.missing == ("date_of_birth",)
    assert record.contradictions


def test_a_bomb_unfolds_no_further_than_the_bound() -> None:
    bomb = digits(gzip.compress(b"V2\xff" + bytes(2_500_000), mtime=0))
    assert 300 < len(bomb) <= 7100
    tracemalloc.start()
    assert aadhaar.parse(bomb) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 600_000


@pytest.mark.parametrize("foreign", [b"", b"1" * 299, b"9" * 7100, b"1" * 9000, b"12 34" * 100, secure(TEXTS)[:-9],
                                     secure(TEXTS[:9]), secure(["V2"] * 40), "१".encode() * 400])  # fmt: skip
def test_other_numbers_are_none_of_ours(foreign: bytes) -> None:
    record = aadhaar.parse(foreign)
    assert record is None or record.missing


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=24))
def test_anything_inside_is_read_or_left(parts: list[bytes]) -> None:
    packed = gzip.compress(b"V2\xff" + b"\xff".join(parts), mtime=0)
    record = aadhaar.parse(digits(packed).rjust(300, b"0"))
    if record:
        assert set(record.values) <= set(EXTRACTED_NAMES)
        assert all(value.isprintable() for value in record.values.values())


@settings(max_examples=150, deadline=None)
@given(st.text("0123456789", min_size=290, max_size=900))
def test_any_number_is_read_or_left(text: str) -> None:
    assert aadhaar.parse(text.encode()) is None
