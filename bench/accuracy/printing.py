"""What the templates of both splits share: how a holder's data is written, and codes and zones that hold it."""

import gzip
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import zxingcpp
from PIL import Image

from backoffice.specimens import american
from backoffice.specimens.mrz import Zone, check_digit, td1, td3, transliterate
from backoffice.specimens.people import Person
from backoffice.specimens.portrait import portrait
from bench.accuracy.sheets import Sheet

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
MONTHS = _MONTHS.split()


@dataclass(frozen=True)
class Drawn:
    """One document with what is printed on it; `truth` are the values that the sides show, `zone` its MRZ lines."""

    kind: str
    country: str
    sides: Mapping[str, Sheet]
    truth: Mapping[str, str]
    zone: tuple[str, ...] = field(default=())


def told(holder: Person, *names: str, **others: str) -> dict[str, str]:
    """List the truth: the named fields as the holder has them, and others as they were printed."""
    known = {
        "surname": holder.surname, "given_names": holder.given_names, "full_name": holder.full_name,
        "date_of_birth": holder.date_of_birth.isoformat(), "sex": holder.sex, "nationality": holder.nationality,
        "document_number": holder.document_number, "issued_on": holder.issued_on.isoformat(),
        "expires_on": holder.expires_on.isoformat(), "address": holder.address,
        "personal_number": holder.personal_number,
    }  # fmt: skip
    return {name: known[name] for name in names} | others


def worded(day: date, *, glue: str = " ") -> str:
    """Write 05 MAR 1993."""
    return glue.join((f"{day.day:02}", MONTHS[day.month - 1], str(day.year)))


def face(sheet: Sheet, holder: Person, box: tuple[int, int, int, int]) -> None:
    """Place the portrait; box is left, top, width, height."""
    left, top, wide, high = box
    sheet.picture(portrait(holder.seed, holder.sex, wide, high), (left, top))


def zone_of(holder: Person, code: str, *, country: str = "", number: str = "", optional: str = "") -> Zone:
    """Collect what a zone says; a permit's number and issuer are not the holder's own."""
    return Zone(
        code, country or holder.nationality, holder.surname, holder.given_names, number or holder.document_number,
        holder.nationality, holder.date_of_birth, holder.sex, holder.expires_on, optional,
    )  # fmt: skip


def passport_zone(holder: Person, optional: str = "") -> tuple[str, ...]:
    return tuple(td3(zone_of(holder, "P", optional=optional)))


def card_zone(holder: Person, code: str, *, country: str = "", optional: str = "") -> tuple[str, ...]:
    return tuple(td1(zone_of(holder, code, country=country, optional=optional)))


def two_line_zone(holder: Person, code: str, length: int, *, issuer: str) -> tuple[str, ...]:
    """Write a TD2 zone, or a visa's of 44 or 36 signs, which has no composite digit (ICAO 9303 parts 6 and 7)."""
    names = f"{transliterate(holder.surname)}<<{transliterate(holder.given_names)}"
    first = f"{code.ljust(2, '<')}{issuer}{names}"[:length].ljust(length, "<")
    number, born, ends = (
        text + check_digit(text)
        for text in (
            holder.document_number.ljust(9, "<"),
            f"{holder.date_of_birth:%y%m%d}",
            f"{holder.expires_on:%y%m%d}",
        )
    )
    second = f"{number}{holder.nationality}{born}{holder.sex}{ends}"
    if code.startswith("V"):
        return first, second.ljust(length, "<")
    second = second.ljust(length - 1, "<")
    return first, second + check_digit(number + born + ends + second[28:])


def licence_code(holder: Person, *, country: str, region: str, town: str, street: str, code: str) -> Image.Image:
    """Draw a PDF417 code with the holder's data as AAMVA's annex D wants it; Canada writes the year first."""
    day = "%m%d%Y" if country == "USA" else "%Y%m%d"
    given, _, middle = holder.given_names.upper().partition(" ")
    elements = {
        "DAQ": holder.document_number, "DCS": holder.surname.upper(), "DDE": "N", "DAC": given, "DDF": "N",
        "DAD": middle or "NONE", "DDG": "N", "DCA": "C", "DCB": "NONE", "DCD": "NONE",
        "DBD": f"{holder.issued_on:{day}}", "DBB": f"{holder.date_of_birth:{day}}", "DBA": f"{holder.expires_on:{day}}",
        "DBC": {"M": "1", "F": "2"}.get(holder.sex, "9"), "DAU": "068 in", "DAY": "GRN", "DAG": street, "DAI": town,
        "DAJ": region, "DAK": code, "DCF": f"HO{holder.seed}", "DCG": country,
    }  # fmt: skip
    body = "DL" + "\n".join(name + value for name, value in elements.items()) + "\r"
    header = f"@\n\x1e\rANSI 636998090002DL0041{len(body):04}ZO03200000"
    return american.pdf417((header + body).encode("latin-1", "replace"), module=4)


def secure_code(holder: Person, last_four: str) -> Image.Image:
    """Draw an Aadhaar secure QR code without a picture; the signature is noise."""
    street, _, town = holder.address.partition(", ")
    texts = (
        "V2", "3", f"{last_four}20240101000000", holder.full_name, f"{holder.date_of_birth:%d-%m-%Y}", holder.sex, "",
        town, "", "", street, "411002", town, "Maharashtra", "", "", town,
    )  # fmt: skip
    packed = gzip.compress(
        b"\xff".join(text.encode("latin-1", "replace") for text in texts)
        + b"\xff"
        + random.Random(holder.seed).randbytes(256),
        mtime=0,
    )
    digits = str(int.from_bytes(packed, "big"))
    code = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    return Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=3))).convert("RGB")


def dice_of(holder: Person) -> random.Random:
    return random.Random(f"print{holder.seed}")
