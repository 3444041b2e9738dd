"""Machine readable zones: layout, check digits and repair of what readers confuse (ICAO 9303 parts 3 to 7)."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import iso3166

Kind = Literal["TD1", "TD2", "TD3", "MRVA", "MRVB"]
Span = tuple[int, int, int]
"""Line, start and end of a value inside the zone."""

LENGTHS: dict[Kind, int] = {"TD1": 30, "TD2": 36, "TD3": 44, "MRVA": 44, "MRVB": 36}
_TO_DIGIT = str.maketrans("OQDUILZSBGTAJ", "0000112586741")
_TO_LETTER = str.maketrans("0125864", "OIZSBGA")
_CONFUSED = {
    "O": "0DQ", "0": "OQD", "I": "1", "1": "I", "S": "5", "5": "S", "B": "8", "8": "B", "Z": "2", "2": "Z",
    "G": "6", "6": "G", "Q": "0", "D": "0", "L": "1", "T": "7", "7": "T", "A": "4", "4": "A",
}  # fmt: skip
_ALIKE = {"I": "LT", "L": "I", "T": "I", "O": "DQCU", "D": "O", "Q": "O", "C": "OG", "G": "C", "U": "VO", "V": "U",
          "N": "M", "M": "N", "E": "F", "F": "E", "R": "P", "P": "R", "B": "E"}  # fmt: skip
_MOST_SWAPS = 2
_ODD_ISSUERS = {"D": "DEU", "GBD": "GBR", "GBN": "GBR", "GBO": "GBR", "GBP": "GBR", "GBS": "GBR", "RKS": "XKX"}


@dataclass(frozen=True, slots=True)
class Zone:
    """What one zone says; dates are None where they do not exist in a calendar."""

    kind: Kind
    lines: tuple[str, ...]
    code: str
    issuer: str
    number: str
    nationality: str
    sex: str
    surname: str
    given_names: str
    optional: str
    born: str
    expires: str
    checks: dict[str, bool]
    repaired: bool
    spans: dict[str, Span] = field(default_factory=dict[str, Span])

    @property
    def is_valid(self) -> bool:
        """Say whether every check digit fits."""
        return all(self.checks.values())

    def born_on(self, today: date) -> date | None:
        """Read the birth date: two-digit years are never in the future."""
        return _calendar(self.born, latest=today.year)

    def expires_on(self, today: date) -> date | None:
        """Read the expiry date: two-digit years lie at most fifty years ahead."""
        return _calendar(self.expires, latest=today.year + 50)


def check_digit(text: str) -> str:
    """Compute the 7-3-1 check digit (ICAO 9303-3 §4.9)."""
    values = (0 if letter == "<" else int(letter, 36) for letter in text)
    return str(sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10)


@dataclass(frozen=True, slots=True)
class Repair:
    """How a number may be mended: `printed` texts confirm a reading, `is_bold` believes one that is only unique."""

    printed: tuple[str, ...] = ()
    is_bold: bool = True


def parse(kind: Kind, lines: Iterable[str], *, printed: Iterable[str] = (), is_bold: bool = True) -> Zone:
    """Read lines of the right length; a line that was brought to its length may not be mended boldly as well."""
    rows, repair = list(lines), Repair(tuple(printed), is_bold)
    return _parse_td1(rows, repair) if kind == "TD1" else _parse_two_lines(kind, rows, repair)


def _parse_two_lines(kind: Kind, rows: list[str], repair: Repair) -> Zone:
    length = LENGTHS[kind]
    first = _spelled(rows[0].translate(_TO_LETTER), 2)
    digits = [(9, 10), (13, 20), (21, 28)] + ([(length - 1, length)] if kind in {"TD3", "TD2"} else [])
    second = _spelled(_coerced(rows[1], digits=digits, letters=[(10, 13)]), 10)
    second, repaired = _repair(second, 0, 9, repair)
    checks = {
        "document_number": check_digit(second[:9]) == second[9],
        "date_of_birth": check_digit(second[13:19]) == second[19],
        "expires_on": check_digit(second[21:27]) == second[27],
    }
    optional = second[28:42] if kind == "TD3" else second[28:35] if kind == "TD2" else second[28:]
    if kind == "TD3":
        checks["optional"] = second[42] in {check_digit(optional), "<"} if optional.strip("<") else second[42] in "0<"
    if kind in {"TD3", "TD2"}:
        body = second[:10] + second[13:20] + second[21 : length - 1]
        checks["composite"] = check_digit(body) == second[length - 1]
    spans = {
        "surname": (0, 5, length), "given_names": (0, 5, length), "issuing_country": (0, 2, 5),
        "document_number": (1, 0, 9), "nationality": (1, 10, 13), "date_of_birth": (1, 13, 19), "sex": (1, 20, 21),
        "expires_on": (1, 21, 27), "personal_number": (1, 28, 28 + len(optional)),
    }  # fmt: skip
    return _zone(kind, (first, second), (first[5:], second[:9], optional), checks, repaired=repaired, spans=spans)


def _parse_td1(rows: list[str], repair: Repair) -> Zone:
    first = _coerced(rows[0], digits=[] if rows[0][14] == "<" else [(14, 15)], letters=[(0, 1), (2, 5)])
    first = _spelled(first, 2)
    second = _spelled(_coerced(rows[1], digits=[(0, 7), (8, 15), (29, 30)], letters=[(15, 18)]), 15)
    third = rows[2].translate(_TO_LETTER)
    repaired = False
    number, optional, number_fits = first[5:14], first[15:30], False
    if first[14] == "<":
        rest = optional.split("<", 1)[0]
        if len(rest) > 1:
            number, number_fits = number + rest[:-1], check_digit(number + rest[:-1]) == rest[-1]
            optional = optional[len(rest) :]
    else:
        first, repaired = _repair(first, 5, 14, repair)
        number, number_fits = first[5:14], check_digit(first[5:14]) == first[14]
    checks = {
        "document_number": number_fits,
        "date_of_birth": check_digit(second[:6]) == second[6],
        "expires_on": check_digit(second[8:14]) == second[14],
        "composite": check_digit(first[5:30] + second[:7] + second[8:15] + second[18:29]) == second[29],
    }
    spans = {
        "surname": (2, 0, 30), "given_names": (2, 0, 30), "issuing_country": (0, 2, 5), "document_number": (0, 5, 14),
        "nationality": (1, 15, 18), "date_of_birth": (1, 0, 6), "sex": (1, 7, 8), "expires_on": (1, 8, 14),
        "personal_number": (0, 15, 30),
    }  # fmt: skip
    return _zone("TD1", (first, second, third), (third, number, optional), checks, repaired=repaired, spans=spans)


def _zone(  # noqa: PLR0913 - the parts of a zone are what they are
    kind: Kind,
    lines: tuple[str, ...],
    parts: tuple[str, str, str],
    checks: dict[str, bool],
    *,
    repaired: bool,
    spans: dict[str, Span],
) -> Zone:
    names, number, optional = parts
    surname, _, given = names.partition("<<")
    data = lines[1]
    born, sex, expires, nationality = (
        (data[:6], data[7], data[8:14], data[15:18])
        if kind == "TD1"
        else (data[13:19], data[20], data[21:27], data[10:13])
    )
    return Zone(
        kind=kind,
        lines=lines,
        code=lines[0][:2].strip("<"),
        issuer=alpha3(lines[0][2:5]),
        number=number.replace("<", ""),
        nationality=alpha3(nationality),
        sex={"M": "M", "F": "F", "<": "X", "X": "X"}.get(sex, ""),
        surname=" ".join(surname.replace("<", " ").split()),
        given_names=" ".join(given.replace("<", " ").split()),
        optional=optional.strip("<").replace("<", " "),
        born=born,
        expires=expires,
        checks=checks,
        repaired=repaired,
        spans=spans,
    )


def alpha3(code: str) -> str:
    """Turn the few codes that are not ISO 3166 into it (ICAO 9303-3 §5)."""
    plain = code.strip("<").translate(_TO_LETTER)
    return _ODD_ISSUERS.get(plain, plain)


def _spelled(line: str, start: int) -> str:
    """Correct the country's code that begins at a place of a line, where one sign of it was taken for another."""
    code = line[start : start + 3]
    if code in iso3166.countries_by_alpha3 or code.strip("<") in {"UTO", *_ODD_ISSUERS} or "<" in code:
        return line
    near = {text for text in _near(code) if text in iso3166.countries_by_alpha3}
    return line[:start] + near.pop() + line[start + 3 :] if len(near) == 1 else line


def _near(code: str) -> Iterable[str]:
    """Exchange one sign that readers take for another: `BE1` is Belgium."""
    for place, sign in enumerate(code):
        for other in _ALIKE.get(sign, ""):
            yield code[:place] + other + code[place + 1 :]


def _calendar(text: str, *, latest: int) -> date | None:
    try:
        year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
        century = latest - latest % 100
        return date(century + year if century + year <= latest else century + year - 100, month, day)
    except ValueError:
        return None


def _coerced(line: str, *, digits: list[tuple[int, int]], letters: list[tuple[int, int]]) -> str:
    signs = list(line)
    for ranges, table in ((digits, _TO_DIGIT), (letters, _TO_LETTER)):
        for start, end in ranges:
            signs[start:end] = "".join(signs[start:end]).translate(table)
    return "".join(signs)


def _repair(line: str, start: int, end: int, repair: Repair) -> tuple[str, bool]:
    """Swap confusable signs of a number until its check digit fits.

    One exchanged sign is believed when only one reading is left, more of them only when the number is printed too.
    """
    number, check = line[start:end], line[end]
    if check_digit(number) == check:
        return line, False
    places = [i for i, sign in enumerate(number) if sign in _CONFUSED]
    for count in range(1, _MOST_SWAPS + 1):
        found = {text for chosen in itertools.combinations(places, count) for text in _swapped(number, chosen, check)}
        confirmed = {text for text in found if any(text.strip("<") in value for value in repair.printed)}
        readings = confirmed or (found if count == 1 and repair.is_bold else set[str]())
        if len(readings) == 1:
            return line[:start] + readings.pop() + line[end:], True
        if found:
            return line, False
    return line, False


def _swapped(number: str, places: tuple[int, ...], check: str) -> Iterable[str]:
    for signs in itertools.product(*(_CONFUSED[number[place]] for place in places)):
        text = list(number)
        for place, sign in zip(places, signs, strict=True):
            text[place] = sign
        if check_digit("".join(text)) == check:
            yield "".join(text)
