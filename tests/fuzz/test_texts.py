"""Signs: whatever a reader or a code gives, the parsers read it or leave it."""

import gzip
from datetime import date
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backoffice.screening import aadhaar, aamva, dates, mrz, mrz_lines, names
from backoffice.screening.ocr import Line, Page
from backoffice.screening.records import Record
from backoffice.screening.types import EXTRACTED_NAMES
from tests.fuzz import fuzzed
from tests.screening.test_aamva import HEADER, OREGON, payload

TODAY = date(2026, 11, 26)
ZONE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
LETTERS = ZONE[:26]
CODED = st.sampled_from([*OREGON, "DAA", "DCT", "DAH"])
zone_text = st.text(ZONE, max_size=50)


@st.composite
def zones(draw: st.DrawFn) -> tuple[mrz.Kind, list[str]]:
    kind = draw(st.sampled_from(sorted(mrz.LENGTHS)))
    length = mrz.LENGTHS[kind]
    return kind, [draw(st.text(ZONE, min_size=length, max_size=length)) for _ in range(3 if kind == "TD1" else 2)]


@st.composite
def passports(draw: st.DrawFn) -> tuple[str, str, str, list[str]]:
    """Draw a passport's zone by the book (ICAO 9303-4 §4.2)."""
    surname, given_name = (draw(st.text(LETTERS, min_size=1, max_size=14)) for _ in range(2))
    number = draw(st.text(ZONE[:36], min_size=9, max_size=9))
    born, expires = (draw(st.dates(date(1930, 1, 1), date(2025, 1, 1))).strftime("%y%m%d") for _ in range(2))
    first = f"P<UTO{surname}<<{given_name}".ljust(44, "<")
    body = number + mrz.check_digit(number) + "UTO" + born + mrz.check_digit(born) + draw(st.sampled_from("MF<"))
    body += expires + mrz.check_digit(expires) + "<" * 14 + "0"
    whole = body[:10] + body[13:20] + body[21:43]
    return surname, given_name, number, [first, body + mrz.check_digit(whole)]


def row(text: str, number: int) -> Line:
    top, bottom = 20.0 * number, 20.0 * number + 16
    return Line(text, 0.9, ((0, top), (600, top), (600, bottom), (0, bottom)))


@fuzzed
@given(zones(), st.lists(zone_text, max_size=3))
def test_any_zone_is_parsed(drawn: tuple[mrz.Kind, list[str]], printed: list[str]) -> None:
    kind, rows = drawn
    zone = mrz.parse(kind, rows, printed=printed)
    assert zone.sex in {"M", "F", "X", ""}
    assert "<" not in zone.number + zone.surname + zone.given_names + zone.optional
    assert all(len(line) == mrz.LENGTHS[kind] for line in zone.lines)
    for day in (zone.born_on(TODAY), zone.expires_on(TODAY)):
        assert day is None or day.year <= TODAY.year + 50


@fuzzed
@given(passports())
def test_a_zone_by_the_book_is_read_as_it_is(drawn: tuple[str, str, str, list[str]]) -> None:
    surname, given_name, number, rows = drawn
    zone = mrz.parse("TD3", rows)
    assert zone.is_valid
    assert not zone.repaired
    assert (zone.surname, zone.given_names, zone.number) == (surname, given_name, number)


@fuzzed
@given(st.lists(zone_text | st.text(max_size=50) | zones().map(lambda drawn: drawn[1][-1]), max_size=5))
def test_any_lines_of_a_page_hold_a_zone_or_none(texts: list[str]) -> None:
    page = Page(tuple(row(text, number) for number, text in enumerate(texts)), np.full((120, 600, 3), 255, np.uint8), 0)
    found = mrz_lines.find(page)
    if found:
        assert len(found.zone.lines) == len(found.rows)


def hold(record: Record | None) -> None:
    if record:
        assert set(record.values) <= set(EXTRACTED_NAMES)
        assert all(value and value.isprintable() and len(value) <= 1_500 for value in record.values.values())
        for name in {"date_of_birth", "issued_on", "expires_on"} & set(record.values):
            date.fromisoformat(record.values[name])
        for words in record.contradictions:
            assert not any(value in words for value in record.values.values() if len(value) > 4)


@fuzzed
@given(st.binary(max_size=900), st.dictionaries(CODED, st.text(max_size=60), max_size=16))
def test_any_licence_code_is_read_or_left(body: bytes, elements: dict[str, str]) -> None:
    hold(aamva.parse(body))
    hold(aamva.parse(HEADER.encode() + body))
    text = HEADER + "\n".join(name + value for name, value in elements.items())
    hold(aamva.parse(text.encode("utf-8", "surrogatepass")))


@fuzzed
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8), st.integers(0, 500))
def test_a_damaged_licence_code_is_read_or_left(harms: list[tuple[int, int]], length: int) -> None:
    whole = bytearray(payload(OREGON))
    for at, byte in harms:
        whole[at % len(whole)] = byte
    hold(aamva.parse(bytes(whole[:length])))


@fuzzed
@given(st.lists(st.binary(max_size=60), max_size=24), st.binary(max_size=400), st.text("0123456789", max_size=900))
def test_any_aadhaar_code_is_read_or_left(parts: list[bytes], packed: bytes, digits: str) -> None:
    folded = gzip.compress(b"V2\xff" + b"\xff".join(parts), mtime=0)
    for data in (folded, b"\x1f\x8b\x08" + packed, folded[: len(packed)]):
        number = str(int.from_bytes(data or b"\0", "big")).encode()
        hold(aadhaar.parse(number if len(number) > 300 else number.rjust(300, b"0")))
    hold(aadhaar.parse(digits.encode()))


@fuzzed
@given(
    st.text(max_size=200) | st.text("0123456789./- JanFebMärzmaisept,", max_size=80), st.sampled_from(["dmy", "mdy"])
)
def test_dates_are_found_inside_the_text_and_apart(text: str, order: dates.Order) -> None:
    found = dates.find(text, order=order)
    for day in found:
        assert 0 <= day.start < day.end <= len(text)
        assert 1900 <= day.value.year <= 2100
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert dates.order_of([text], order) in {"dmy", "mdy"}


@fuzzed
@given(st.text(max_size=60), st.text(max_size=60))
def test_names_are_compared_whatever_they_are(one: str, other: str) -> None:
    likeness = names.similarity(one, other)
    assert 0.0 <= likeness <= 1.0
    assert names.same_as_zone(one, other) in {True, False}
    assert isinstance(names.spaced_like_zone(one, other), str)
    assert names.letters(one).isascii()


@fuzzed
@given(st.text(LETTERS.lower(), min_size=2, max_size=12), st.text(LETTERS.lower(), min_size=2, max_size=12))
def test_a_name_is_itself_in_any_order_and_case(first: str, last: str) -> None:
    assert names.similarity(f"{first} {last}", f"{last.upper()}, {first}") > 0.85
