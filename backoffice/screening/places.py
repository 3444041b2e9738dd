"""Countries by what documents call them: codes, names in many languages, nationalities."""

import re
from functools import lru_cache
from typing import Any

import iso3166
from anyascii import anyascii
from babel import Locale

from backoffice.screening import wordlists

_LANGUAGE_CODES = "en fr de es it nl pl pt sv da nb fi cs ro hu tr et lv lt is sl sk hr sq ga mt id ms sw af ca"
_LANGUAGES = _LANGUAGE_CODES.split()
_LEAST_NAME = 4
_STATE_OF = re.compile(
    r"(?:governmentof|republicof|commonwealthof|kingdomof|sultanateof|principalityof|stateof|republique(?:de|du|des|d)"
    r"|gouvernement(?:de|du|des|d)|royaume(?:de|du|d)|republica(?:de|do|da|del)?|gobiernode|governode|repubblica(?:di)?)"
    r"(?:the|la|las|el|los|l)?(.{4,})$"
)
"""What stands before a country's name in a heading; behind it a short name says enough."""


def known(code: str) -> bool:
    """Say whether an alpha-3 code exists in ISO 3166, or is the specimen state of ICAO 9303."""
    return code in iso3166.countries_by_alpha3 or code == "UTO"


def country(text: str) -> str | None:
    """Name the alpha-3 code of a code, a country's name or a nationality; None when the words are unknown."""
    whole = _named(text)
    if whole:
        return whole
    parts = {code for part in re.split(r"[/·|(),]|\s-\s", text) if (code := _named(part))}
    return parts.pop() if len(parts) == 1 else None


def _named(text: str) -> str | None:
    plain = _plain(text)
    if len(plain) == 3 and text.strip(" .").isalpha() and known(plain.upper()):
        return plain.upper()
    return "DEU" if plain == "d" else _names().get(plain)


def mentioned(texts: list[str]) -> str | None:
    """Find the one country that a page's headings name; None when there are none or several."""
    plain = [_plain(text) for text in texts]
    states = {code for text in plain if (code := _state(text))}
    found = states if len(states) == 1 else {code for text in plain if (code := _state(text) or _inside(text))}
    return found.pop() if len(found) == 1 else None


def _state(plain: str) -> str | None:
    at = _STATE_OF.search(plain)
    return _names().get(at[1]) if at else None


def _inside(plain: str) -> str | None:
    if plain in _names():
        return _names()[plain]
    official = [name for name in _names() if len(name) > 9 and name in plain]
    return _names()[max(official, key=len)] if official else None


def _plain(text: str) -> str:
    return "".join(sign for sign in anyascii(text).lower() if sign.isalpha())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        named: Any = Locale(language).territories
        territories: dict[str, str] = dict(named)
        for alpha2, name in territories.items():
            entry = iso3166.countries_by_alpha2.get(alpha2)
            if entry and len(_plain(name)) >= _LEAST_NAME:
                names.setdefault(_plain(name), entry.alpha3)
    for code, words in wordlists.load("nationalities").items():
        names |= dict.fromkeys(words, code)
    return names
