"""An American driving licence: numbered fields with words on the front, a real PDF417 code (AAMVA) on the back."""

import random
from datetime import date

import numpy as np
import zxingcpp
from PIL import Image

from backoffice.specimens.countries import COUNTRIES
from backoffice.specimens.licences import SIZE, licence_number
from backoffice.specimens.people import Person, address
from backoffice.specimens.sheet import Sheet

_ISSUER = "636999"
"""Assigned to no jurisdiction."""
_COUNTRY = COUNTRIES["USA"]
_SEXES = {"M": "1", "F": "2"}
_MODULE = 5


def front(person: Person) -> Image.Image:
    """Print the side with portrait and fields."""
    sheet = Sheet(_COUNTRY, SIZE)
    street, town, _region, _code = home(person)
    sheet.heading((56, 34), "DRIVER LICENSE", f"{_COUNTRY.english} · USA", size=48)
    sheet.photo(person, (56, 190, 320, 420))
    rows = (
        ("4d DL", licence_number(person)),
        ("1", person.surname.upper()),
        ("2", person.given_names.upper()),
        ("8", street.upper()),
        ("", f"{town.upper()}, {_region} {_code}"),
        ("3 DOB", _printed(person.date_of_birth)),
        ("4a ISS", _printed(person.issued_on)),
        ("4b EXP", _printed(person.expires_on)),
        ("15 SEX", person.sex),
    )
    for i, (mark, value) in enumerate(rows):
        sheet.text((424, 170 + 66 * i), f"{mark} {value}".strip(), 36, cut="bold", wide=860)
    sheet.signature(person, (90, 650, 260, 100))
    return sheet.image


def back(person: Person) -> Image.Image:
    """Print the side with the code; it is marked SPECIMEN beside the code, because a mark on it would break it."""
    sheet = Sheet(_COUNTRY, SIZE)
    sheet.text((80, 50), "SPECIMEN", 96, cut="bold", ink=_COUNTRY.accent)
    sheet.text((80, 180), "CLASS: C   ENDORSEMENTS: NONE   RESTRICTIONS: NONE", 30)
    sheet.text((80, 232), f"REV {_printed(person.issued_on)}   {_COUNTRY.english}", 26, ink=_COUNTRY.ink)
    code = pdf417(payload(person))
    sheet.image.paste(code, ((SIZE[0] - code.width) // 2, SIZE[1] - code.height - 60))
    return sheet.image


def payload(person: Person, *, version: int = 10) -> bytes:
    """Write the holder's data as the standard's annex D wants it."""
    street, town, region, code = home(person)
    elements = {
        "DAQ": licence_number(person), "DCS": person.surname.upper(), "DDE": "N",
        **dict(zip(("DAC", "DAD"), person.given_names.upper().split(" ", 1), strict=False)), "DDF": "N", "DDG": "N",
        "DCA": "C", "DCB": "NONE", "DCD": "NONE", "DBD": _coded(person.issued_on), "DBB": _coded(person.date_of_birth),
        "DBA": _coded(person.expires_on), "DBC": _SEXES.get(person.sex, "9"), "DAU": "070 in", "DAY": "BRO",
        "DAG": street.upper(), "DAI": town.upper(), "DAJ": region, "DAK": code.ljust(9, "0"),
        "DCF": f"SPECIMEN{person.seed}", "DCG": "USA",
    }  # fmt: skip
    body = "DL" + "\n".join(name + value for name, value in elements.items()) + "\n\r"
    header = f"@\n\x1e\rANSI {_ISSUER}{version:02}0001DL{31:04}{len(body):04}"
    return (header + body).encode("latin-1", "replace")


def pdf417(content: bytes, *, module: int = _MODULE) -> Image.Image:
    """Draw a code with its quiet zone, `module` pixels to its narrowest bar."""
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.PDF417, ec_level="3")
    return Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=module))).convert("RGB")


def home(person: Person) -> tuple[str, str, str, str]:
    """Say street, town, state and ZIP code; who lives elsewhere gets an invented address here."""
    text = person.address if person.nationality == "USA" else address("USA", random.Random(person.seed))
    street, town, region = text.split(", ")
    state, _, code = region.partition(" ")
    return street, town, state, code


def _printed(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def _coded(day: date) -> str:
    return day.strftime("%m%d%Y")
