"""Countries by what documents call them: codes, names in many languages, nationalities."""

from functools import lru_cache
from typing import Any

import iso3166
from anyascii import anyascii
from babel import Locale

_LANGUAGE_CODES = "en fr de es it nl pl pt sv da nb fi cs ro hu tr"
_LANGUAGES = _LANGUAGE_CODES.split()
_DEMONYMS = {
    "FRA": "francaise francais french republiquefrancaise frenchrepublic",
    "DEU": "deutsch german allemande bundesrepublikdeutschland",
    "ESP": "espanola espanol spanish reinodeespana", "ITA": "italiana italiano italian repubblicaitaliana",
    "NLD": "nederlandse dutch koninkrijkdernederlanden", "POL": "polskie polska polish rzeczpospolitapolska",
    "PRT": "portuguesa portugues portuguese republicaportuguesa", "SWE": "svensk swedish konungariketsverige",
    "GBR": "british britishcitizen unitedkingdomofgreatbritainandnorthernireland", "IRL": "irish eireannach eire",
    "USA": "american unitedstatesofamerica usa", "BRA": "brasileira brasileiro brazilian republicafederativadobrasil",
    "IND": "indian republicofindia bharat governmentofindia incometaxdepartment", "CAN": "canadian canadienne",
    "AUS": "australian", "BEL": "belge belgian belg", "AUT": "osterreich austrian republikosterreich",
    "CHE": "swiss schweizer suisse svizzera schweizerischeeidgenossenschaft confederationsuisse",
    "DNK": "dansk danish kongerigetdanmark", "NOR": "norsk norwegian kongeriketnorge", "FIN": "suomi finnish",
    "CZE": "ceskarepublika czech", "ROU": "romana romanian", "HUN": "magyar hungarian", "TUR": "turk turkish",
    "GRC": "ellinikidimokratia greek hellenicrepublic", "UKR": "ukrainian ukraina", "MEX": "mexicana mexican mexicano",
    "ARG": "argentina argentine argentino", "NGA": "nigerian federalrepublicofnigeria", "ZAF": "southafrican",
    "PHL": "filipino philippine republicofthephilippines", "COL": "colombiana colombian", "PER": "peruana peruvian",
    "MAR": "marocaine moroccan royaumedumaroc", "VNM": "vietnamese", "EST": "eesti estonian", "LVA": "latvijas latvian",
    "LTU": "lietuvos lithuanian", "HRV": "hrvatsko croatian republikahrvatska", "SVN": "slovensko slovenian",
    "SVK": "slovenska slovak", "LUX": "luxembourgeoise", "KOR": "republicofkorea korean", "JPN": "japanese",
    "UTO": "utopia utopian",
}  # fmt: skip
_LEAST_NAME = 4


def known(code: str) -> bool:
    """Say whether an alpha-3 code exists in ISO 3166, or is the specimen state of ICAO 9303."""
    return code in iso3166.countries_by_alpha3 or code == "UTO"


def country(text: str) -> str | None:
    """Name the alpha-3 code of a code, a country's name or a nationality; None when the words are unknown."""
    plain = _plain(text)
    if len(plain) == 3 and known(plain.upper()):
        return plain.upper()
    return "DEU" if plain == "d" else _names().get(plain)


def mentioned(texts: list[str]) -> str | None:
    """Find the one country that a page's headings name; None when there are none or several."""
    found = {code for text in texts if (code := _inside(_plain(text)))}
    return found.pop() if len(found) == 1 else None


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
    for code, words in _DEMONYMS.items():
        names |= dict.fromkeys(words.split(), code)
    return names
