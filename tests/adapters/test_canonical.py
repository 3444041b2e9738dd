"""Canonical JSON against RFC 8785's own numbers and text, and over a second reading."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.adapters.canonical import _written, canonical

NUMBERS = (
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555555", "333333333.3333333"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
)
"""RFC 8785, appendix B."""
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(SCALARS | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_are_written_as_the_rfc_does(bits, text):
    [number] = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number).decode() == text


def test_names_are_sorted_as_utf_16():
    names = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    written = canonical(names).decode()
    assert list(json.loads(written)) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


def test_text_is_written_as_the_rfc_does():
    assert canonical({"string": '€$\x0f\nA\'B"\\\\"/'}).decode() == '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


@given(st.dictionaries(st.text(alphabet="abc"), st.text() | st.integers(-9, 9) | st.booleans()))
def test_the_short_way_writes_what_the_long_one_does(value):
    assert canonical(value).decode() == _written(value)


@given(VALUES)
def test_reading_and_writing_again_changes_nothing(value):
    once = canonical(value)
    try:
        again = json.loads(once)
    except ValueError:
        return  # a number of more than 4,300 digits, which Python does not read
    assert canonical(again) == once


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", {"x": object()}])
def test_what_is_no_json_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        canonical(value)
