"""Barcodes of North American driving licences and identity cards (AAMVA DL/ID Card Design Standard, annex D)."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from backoffice.screening.records import Record, decoded, printable

_HEADER = re.compile(r"@[\r\n]{1,2}[\x1c\x1e][\r\n]{1,2}(?:ANSI |AAMVA)(\d{6})(\d{2})", re.ASCII)
_SUBFILES = re.compile(r"(?:\d{2})?\d{2}((?:[A-Z]{2}\d{8}){1,10})", re.ASCII)
_ELEMENT = re.compile(r"D[A-Z]{2}")
_ENDS = re.compile(r"[\n\r\x1c\x1e]")
_DATE = re.compile(r"\d{8}", re.ASCII)
_KINDS = {"DL": "driving_licence", "EN": "driving_licence", "ID": "national_id"}
_MOST_ELEMENTS, _LONGEST = 120, 128
_YEARS = (1900, 2099)
_NOT_GIVEN = {"", "NONE", "UNAVL", "UNAVAILABLE", "NULL", "N/A"}
_ENDLESS = {"00000000", "99999999"}
_SEXES = {"1": "M", "M": "M", "2": "F", "F": "F", "9": "X", "X": "X"}
_COUNTRIES = {"USA": "USA", "US": "USA", "CAN": "CAN", "CA": "CAN"}
_PROVINCE_CODES = "AB BC MB NB NL NS NT NU ON PE QC SK YT"
_STATE_CODES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI"
)
_PROVINCES, _STATES = frozenset(_PROVINCE_CODES.split()), frozenset(_STATE_CODES.split())
_DATES = {
    "date_of_birth": ("DBB", "a date of birth"),
    "issued_on": ("DBD", "a date of issue"),
    "expires_on": ("DBA", "an expiry date"),
}
_WANTED = ("document_number", "surname", "given_names", "date_of_birth", "expires_on")


def parse(payload: bytes) -> Record | None:
    """Read the elements of a licence's code; None when the code is something else.

    Offsets and lengths of the header are often wrong on real cards, so elements are found by their separators.
    """
    text = decoded(payload)
    header = _HEADER.match(text)
    if header is None:
        return None
    rest = text[header.end() :]
    subfiles = _SUBFILES.match(rest)
    elements, clashes = _elements(rest[subfiles.end() :] if subfiles else rest)
    values = _names(elements) | _address(elements) | _plain(elements)
    dates, contradictions = _dates(elements)
    contradictions += [f"gives {element} twice with different values" for element in clashes]
    country = _country(elements)
    if country:
        values["issuing_country"] = country
    kind = _KINDS.get(subfiles[1][:2]) if subfiles else None
    return Record(
        f"AAMVA {int(header[2])}", kind, country, values | dates, _WANTED, tuple(contradictions + _disorder(dates))
    )


def _elements(body: str) -> tuple[dict[str, str], list[str]]:
    """Take the standard's own elements; a jurisdiction's begin with Z and are nobody else's business."""
    found: dict[str, str] = {}
    clashes: list[str] = []
    for part in _ENDS.split(body, maxsplit=_MOST_ELEMENTS)[:_MOST_ELEMENTS]:
        chunk = part[2:] if part[:2] in _KINDS and _ELEMENT.match(part, 2) else part
        if not _ELEMENT.match(chunk):
            continue
        name, value = chunk[:3], printable(chunk[3:], _LONGEST)
        if value.upper() in _NOT_GIVEN:
            continue
        if found.setdefault(name, value) != value and name not in clashes:
            clashes.append(name)
    return found, clashes


def _plain(elements: Mapping[str, str]) -> dict[str, str]:
    number = re.sub(r"[^A-Z0-9]", "", elements.get("DAQ", "").upper())
    sex = _SEXES.get(elements.get("DBC", "").upper(), "")
    return {name: value for name, value in (("document_number", number), ("sex", sex)) if value}


def _names(elements: Mapping[str, str]) -> dict[str, str]:
    """Read the name as version 1 (`DAA`), 2 and 3 (`DCT`) and later ones (`DAC`, `DAD`) write it."""
    surname = elements.get("DCS") or elements.get("DAB", "")
    given = " ".join(filter(None, (elements.get("DAC"), elements.get("DAD")))) or elements.get("DCT", "")
    whole = elements.get("DAA", "")
    if whole and not surname and "," in whole:
        surname, _, given = whole.partition(",")
    parts = {"surname": surname, "given_names": given.replace(",", " ")}
    if whole and not surname:
        parts = {"full_name": whole}
    tidy = {name: " ".join(value.split()).strip(" ,") for name, value in parts.items()}
    return {name: value for name, value in tidy.items() if _is_name(value)}


def _is_name(text: str) -> bool:
    return any(sign.isalpha() for sign in text) and not any(sign.isdigit() for sign in text)


def _address(elements: Mapping[str, str]) -> dict[str, str]:
    code = _postal_code(elements.get("DAK", ""))
    region = " ".join(filter(None, (elements.get("DAJ"), code)))
    lines = [elements.get("DAG") or elements.get("DAL", ""), elements.get("DAH", ""), elements.get("DAI", ""), region]
    address = ", ".join(filter(None, lines)) if lines[0] and lines[2] else ""
    return {name: value for name, value in (("address", address), ("postal_code", code)) if value}


def _postal_code(text: str) -> str:
    """Write 972010000 as 97201, 972011234 as 97201-1234 and K1A0B1 as K1A 0B1."""
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    if re.fullmatch(r"\d{5}|\d{9}", plain, re.ASCII):
        return plain[:5] if plain[5:] in {"", "0000"} else f"{plain[:5]}-{plain[5:]}"
    if re.fullmatch(r"(?:[A-Z]\d){3}", plain, re.ASCII):
        return f"{plain[:3]} {plain[3:]}"
    return ""


def _dates(elements: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    wrong: list[str] = []
    for name, (element, words) in _DATES.items():
        text = elements.get(element, "").replace("/", "").replace("-", "")
        if not _DATE.fullmatch(text) or text in _ENDLESS:
            continue
        day = next(_readings(text), None)
        if day:
            found[name] = day.isoformat()
        else:
            wrong.append(f"gives {words} that is in no calendar")
    return found, wrong


def _readings(text: str) -> Iterator[date]:
    """Read MMDDCCYY (United States) or CCYYMMDD (Canada, version 1); no date of our centuries fits both."""
    for year, month, day in ((text[4:], text[:2], text[2:4]), (text[:4], text[4:6], text[6:])):
        if _YEARS[0] <= int(year) <= _YEARS[1]:
            try:
                yield date(int(year), int(month), int(day))
            except ValueError:
                continue


def _disorder(dates: Mapping[str, str]) -> list[str]:
    """Compare dates of one code with each other; ISO 8601 sorts as text."""
    pairs = (
        ("date_of_birth", "issued_on", "was issued before its holder was born"),
        ("date_of_birth", "expires_on", "ended before its holder was born"),
        ("issued_on", "expires_on", "ended before it was issued"),
    )
    return [says for first, then, says in pairs if first in dates and then in dates and dates[first] >= dates[then]]


def _country(elements: Mapping[str, str]) -> str | None:
    named = _COUNTRIES.get(elements.get("DCG", "").upper())
    region = elements.get("DAJ", "").upper()
    if named:
        return named
    return "CAN" if region in _PROVINCES else "USA" if region in _STATES else None
