"""What a drawn document says and where it stands, for the sets that are held out."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from types import ModuleType
from typing import Any

import pypdfium2

from backoffice.specimens.mrz import transliterate
from bench.accuracy import heard, held_out, met, seen, shown, spent
from bench.accuracy.printing import Drawn
from bench.accuracy.sheets import Sheet

Box = tuple[float, float, float, float]
SETS: tuple[ModuleType, ...] = (spent, seen, shown, met, heard, held_out)
SEEDS = (4, 11, 23, 38)
NUMERIC = ("%d.%m.%Y", "%d. %m. %Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d",
           "%d %m %Y", "%d.%m.%y", "%d-%m-%y", "%d %m %y")  # fmt: skip
MONTHS = ("JAN|ENE|GEN", "FEB|FEV|FÉV", "MAR|MAA|MÄR", "APR|ABR|AVR", "MAY|MAJ|MEI|MAI|MAG", "JUN|JUIN|GIU",
          "JUL|JUIL|LUG", "AUG|AGO|AOÛ", "SEP|SET", "OCT|OKT|OTT|OUT", "NOV", "DEC|DEZ|DIC|DÉC|DES")  # fmt: skip
SEXES = {"M": "M|M/M|K/M|MALE|Male|HOMBRE|MASCULINO", "F": "F|F/F|K/F|V/F|KV/F|Ž/F|FEMALE|Female|MUJER|FEMENINO"}
NATIONS = {"DOM": "REPÚBLICA DOMINICANA", "EGY": "EGYPT", "SLV": "SALVADOREÑA", "NIC": "NICARAGÜENSE",
           "GUY": "GUYANESE", "SDN": "Sudan"}  # fmt: skip
"""Nationalities of cards without a zone, as their issuers print them."""


def words_of(names: Mapping[str, tuple[str, str, str]]) -> set[str]:
    joined = "|".join("|".join(parts) for parts in names.values())
    return set(re.split(r"[|; ]", joined.casefold()))


def text_of(sheet: Sheet) -> str:
    return pypdfium2.PdfDocument(sheet.pdf())[0].get_textpage().get_text_bounded()


def boxes(sheet: Sheet) -> Iterator[Box]:
    """List where each piece of text and each picture stands, in pixels from the top left."""
    page: Any = pypdfium2.PdfDocument(sheet.pdf())[0]
    text, high = page.get_textpage(), page.get_height()
    for i in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(i)
        yield left * 2, (high - top) * 2, right * 2, (high - bottom) * 2
    for picture, (left, top) in sheet.pictures:
        yield left, top, left + picture.width, top + picture.height


def drawn(template: str) -> Iterator[Drawn]:
    made = next(one for one in SETS if template in one.TEMPLATES)
    return (made.draw(template, seed)[1] for seed in SEEDS)


def signs(text: str) -> str:
    return re.sub(r"\W", "", text.casefold())


def is_printed_date(value: str, text: str) -> bool:
    day = date.fromisoformat(value)
    month = rf"(?:{MONTHS[day.month - 1]})\w*"
    worded = rf"\b0?{day.day}\.?[ /-](?:DE |D')?{month}(?:/\w+)?[ /-](?:DE )?{day.year}\b"
    year_first = rf"\b{day.year}-{month}-{day:%d}\b"
    forms = (*(day.strftime(form) for form in NUMERIC), f"{day.day}. {day.month}. {day.year}")
    numeric = rf"(?<!\d)(?:{'|'.join(map(re.escape, forms))})(?!\d)"
    return bool(re.search(numeric, text) or re.search(f"{worded}|{year_first}", text.upper()))


def stands(name: str, value: str, text: str, zone: tuple[str, ...]) -> bool:
    if name in {"date_of_birth", "issued_on", "expires_on"}:
        return is_printed_date(value, text) or f"{date.fromisoformat(value):%y%m%d}" in "".join(zone)
    if name == "sex":
        in_zone = any(re.search(rf"\d{{7}}{value}\d{{7}}|[A-Z]\d{{7}}{value}\d", line) for line in zone)
        return in_zone or bool(re.search(rf"(?:^|\s)(?:{SEXES[value]})(?:\s|$)", text, re.MULTILINE))
    if name == "nationality":
        coded = any({"DEU": "D<<"}.get(value, value) in line for line in zone)
        return coded or (value in NATIONS and NATIONS[value] in text)
    if name in {"surname", "given_names", "full_name", "father_name"}:
        spoken, coded = signs(text), "".join(zone)
        return all(signs(word) in spoken or transliterate(word) in coded for word in value.split())
    return signs(value.removeprefix("XXXXXXXX")) in signs(text)


def parts_with_digits(zone: tuple[str, ...]) -> list[str]:
    """List every part of a zone that ends with its check digit (ICAO 9303-4, 5 and 6)."""
    if len(zone) == 3:
        one, two, _ = zone
        whole = one[5:30] + two[0:7] + two[8:15] + two[18:29] + two[29]
        spilled = one[15:30].partition("<")[0]
        number = one[5:15] if one[14] != "<" else one[5:14] + spilled
        return [number, two[0:7], two[8:15], whole]
    second = zone[1]
    return [second[0:10], second[13:20], second[21:28], second[0:10] + second[13:20] + second[21:]]
