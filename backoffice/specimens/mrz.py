"""Machine readable zones as issuers print them (ICAO 9303 parts 3, 4 and 5)."""

import unicodedata
from dataclasses import dataclass
from datetime import date

_PAIRS = "Ä=AE Ö=OE Ü=UE Æ=AE Œ=OE Ø=OE Å=AA Þ=TH Ð=D Đ=D Ł=L Ħ=H ß=SS '= ’= -=<"
_SPELLED = {pair[0]: pair[2:] for pair in _PAIRS.split(" ")} | {" ": "<"}
_TRANSLITERATION = str.maketrans(_SPELLED)
_MRZ_CODES = {"DEU": "D"}


@dataclass(frozen=True, slots=True)
class Zone:
    """What a machine readable zone says; `code` is the document code, such as `P` or `ID`."""

    code: str
    issuer: str
    surname: str
    given_names: str
    number: str
    nationality: str
    born_on: date
    sex: str
    expires_on: date
    optional: str = ""


def transliterate(name: str) -> str:
    """Write a name in the 26 letters of the MRZ (ICAO 9303-3 §6)."""
    plain = unicodedata.normalize("NFKD", name.upper().translate(_TRANSLITERATION))
    return "".join(letter for letter in plain if letter == "<" or "A" <= letter <= "Z")


def check_digit(text: str) -> str:
    """Compute the 7-3-1 check digit (ICAO 9303-3 §4.9)."""
    weighted = (0 if letter == "<" else int(letter, 36) * (7, 3, 1)[i % 3] for i, letter in enumerate(text))
    return str(sum(weighted) % 10)


def td3(zone: Zone) -> list[str]:
    """Write the two lines of a passport (ICAO 9303-4)."""
    number, born, expires = (
        _checked(zone.number.ljust(9, "<")),
        _checked(_day(zone.born_on)),
        _checked(_day(zone.expires_on)),
    )
    optional = _checked(zone.optional.ljust(14, "<")) if zone.optional else "<" * 14 + "0"
    body = f"{number}{_state(zone.nationality)}{born}{_sex(zone)}{expires}{optional}"
    first = f"{zone.code.ljust(2, '<')}{_state(zone.issuer)}{_names(zone, 39)}"
    return [first, body + check_digit(number + born + expires + optional)]


def td1(zone: Zone) -> list[str]:
    """Write the three lines of a card (ICAO 9303-5), long document numbers included."""
    number, optional = zone.number.ljust(9, "<"), zone.optional
    head, check = number[:9], check_digit(number)
    if len(number) > 9:
        optional, check = f"{number[9:]}{check}<{optional}", "<"
    first = f"{zone.code.ljust(2, '<')}{_state(zone.issuer)}{head}{check}{optional.ljust(15, '<')[:15]}"
    born, expires = _checked(_day(zone.born_on)), _checked(_day(zone.expires_on))
    filler = "<" * 11
    second = f"{born}{_sex(zone)}{expires}{_state(zone.nationality)}{filler}"
    return [first, second + check_digit(first[5:30] + born + expires + filler), _names(zone, 30)]


def _checked(text: str) -> str:
    return text + check_digit(text)


def _day(value: date) -> str:
    return value.strftime("%y%m%d")


def _state(country: str) -> str:
    return _MRZ_CODES.get(country, country).ljust(3, "<")


def _sex(zone: Zone) -> str:
    return zone.sex if zone.sex in "MF" else "<"


def _names(zone: Zone, length: int) -> str:
    return f"{transliterate(zone.surname)}<<{transliterate(zone.given_names)}"[:length].ljust(length, "<")
