"""Dates as documents print them, in the orders and month names of many languages."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from anyascii import anyascii
from babel import Locale

Order = Literal["dmy", "mdy"]

_LANGUAGE_CODES = "en fr de es it nl pl pt sv da nb fi cs ro hu hr tr lt"
_LANGUAGES = _LANGUAGE_CODES.split()
_MORE_LANGUAGE_CODES = "et lv is sl sk sq ga mt id ms sw af cy eu gl ca sr_Latn bs"
"""Their months are known by their whole names only: cut short, they are other languages' other months."""
_EXTRA = {"sept": 9, "agt": 8, "okt": 10, "mai": 5, "maa": 3, "mei": 5, "lut": 2, "gru": 12}
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[./\- ]\s?(\d{1,2})\s?[./\- ]\s?(\d{4})(?!\d)")
_SHORT = re.compile(r"(?<![\d.,/\-])(\d{1,2})([./\-]|\s)(\d{1,2})\2(\d{2})(?![\d.,/])(?!-(?!\d{1,2}[./]\d))")
"""Two digits of a year need the same separator twice and nothing number-like around them."""
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d{2})\s?[./\- ]\s?(\d{1,2})\s?[./\- ]\s?(\d{1,2})(?!\d)")
_WORDS = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s.\-/]*(?:de\s+)?([^\W\d_]{3,12})\.?"
                    r"(?:\s?/\s?[^\W\d_]{3,12}\.?)?"
                    r"[\s.,\-/]*(?:de\s+)?((?:19|20)\d{2}|\d{2})(?!\d)", re.IGNORECASE)  # fmt: skip
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,9})\.?\s?(\d{1,2})(?:st|nd|rd|th)?,?\s?((?:19|20)\d{2})(?!\d)", re.IGNORECASE)
_COMPACT = re.compile(r"(?<!\d)(\d{2})[. ]?(\d{2})[. ]?((?:19|20)\d{2})(?!\d)")
_YEARS = (1900, 2100)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Day:
    """A date found in a text with its place in it; `is_ambiguous` when day and month could be exchanged."""

    value: date
    start: int
    end: int
    is_ambiguous: bool = False


def find(text: str, *, order: Order = "dmy", latest: int = 2099) -> list[Day]:
    """Find every calendar date of a text, from left to right; two-digit years end at `latest`."""
    found: list[Day] = []
    for match in _YEAR_FIRST.finditer(text):
        year, month, day = (int(part) for part in match.groups())
        _add(found, match, (year, month, day))
    for match in _WORDS.finditer(text):
        _add(found, match, (_year(match[3], latest), _month(match[2]), int(match[1])))
    for match in _MONTH_FIRST.finditer(text):
        _add(found, match, (int(match[3]), _month(match[1]), int(match[2])))
    for pattern, groups in ((_NUMERIC, (1, 2, 3)), (_COMPACT, (1, 2, 3)), (_SHORT, (1, 3, 4))):
        for match in pattern.finditer(text):
            _add_numeric(found, match, groups, order, latest)
    return sorted(found, key=lambda day: day.start)


def order_of(texts: list[str], default: Order) -> Order:
    """Tell a page's order of day and month from its dates that allow only one."""
    firsts = seconds = 0
    for match in (match for text in texts for match in _NUMERIC.finditer(text)):
        firsts += int(match[1]) > _MONTHS
        seconds += int(match[2]) > _MONTHS
    if firsts == seconds:
        return default
    return "dmy" if firsts > seconds else "mdy"


def _add_numeric(
    found: list[Day], match: re.Match[str], groups: tuple[int, int, int], order: Order, latest: int
) -> None:
    first, second, year = int(match[groups[0]]), int(match[groups[1]]), _year(match[groups[2]], latest)
    is_ambiguous = first <= _MONTHS and second <= _MONTHS and first != second
    day, month = (first, second) if order == "dmy" else (second, first)
    if not is_ambiguous and month > _MONTHS:
        day, month = month, day
    _add(found, match, (year, month, day), is_ambiguous=is_ambiguous)


def _add(found: list[Day], match: re.Match[str], parts: tuple[int, int, int], *, is_ambiguous: bool = False) -> None:
    if any(match.start() < day.end and day.start < match.end() for day in found):
        return
    if not _YEARS[0] <= parts[0] <= _YEARS[1]:
        return
    try:
        found.append(Day(date(*parts), match.start(), match.end(), is_ambiguous))
    except ValueError:
        return


def _year(text: str, latest: int) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    century = latest - latest % 100
    return century + year if century + year <= latest else century + year - 100


def _month(word: str) -> int:
    plain = anyascii(word).lower()
    months = _months()
    return months.get(plain) or months.get(plain[:4]) or months.get(plain[:3], 0)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Collect month names of the languages that cards use; a short form that two months share is left out."""
    names: dict[str, int] = {}
    shared: set[str] = set()
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in Locale(language).months[context][width].items():
                    plain = anyascii(name).lower().strip(".")
                    for form in {plain, plain[:3]} if len(plain) > 2 else {plain}:
                        if names.setdefault(form, number) != number:
                            shared.add(form)
    for language in _MORE_LANGUAGE_CODES.split():
        for number, name in Locale.parse(language).months["format"]["wide"].items():
            plain = anyascii(name).lower()
            if names.setdefault(plain, number) != number:
                shared.add(plain)
    kept = {form: number for form, number in names.items() if form not in shared}
    english = {name[:3].lower(): number for number, name in Locale("en").months["format"]["wide"].items()}
    return kept | _EXTRA | english
