"""The held-out set: documents that say what is told of them, within their page, and share nothing with another set."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Any

import pypdfium2
import pytest

from backoffice.specimens import people as specimen_people
from backoffice.specimens.mrz import check_digit, transliterate
from bench.accuracy import development, held_out, known
from bench.accuracy.held_out_people import NAMES
from bench.accuracy.people import DEVELOPMENT, KNOWN
from bench.accuracy.printing import Drawn
from bench.accuracy.sheets import Sheet

Box = tuple[float, float, float, float]
SEEDS = (4, 11, 23, 38)
CLEAR = 2
"""Pixels that stay free between one line and the next."""
NUMERIC = ("%d.%m.%Y", "%d. %m. %Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y.%m.%d", "%d %m %Y",
           "%d.%m.%y", "%d %m %y")  # fmt: skip
MONTHS = ("JAN|ENE", "FEB", "MAR|MAA|MÄR", "APR|ABR", "MAY|MAJ|MEI|MAI", "JUN", "JUL", "AUG|AGO", "SEP", "OCT|OKT",
          "NOV", "DEC|DEZ|DIC")  # fmt: skip
SEXES = {"M": "M|M/M|K/M|MALE", "F": "F|K/F|V/F|KV/F|Ž/F|FEMALE"}


def words_of(names: dict[str, tuple[str, str, str]]) -> set[str]:
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
    return (held_out.draw(template, seed)[1] for seed in SEEDS)


def signs(text: str) -> str:
    return re.sub(r"\W", "", text.casefold())


def is_printed_date(value: str, text: str) -> bool:
    day = date.fromisoformat(value)
    worded = rf"\b0?{day.day}\.?[ -](?:{MONTHS[day.month - 1]})[A-Z]*(?:/[A-Z]+)?[ -]{day.year}\b"
    return any(day.strftime(form) in text for form in NUMERIC) or bool(re.search(worded, text.upper()))


def stands(name: str, value: str, text: str, zone: tuple[str, ...]) -> bool:
    if name in {"date_of_birth", "issued_on", "expires_on"}:
        return is_printed_date(value, text) or f"{date.fromisoformat(value):%y%m%d}" in "".join(zone)
    if name == "sex":
        in_zone = any(re.search(rf"\d{{7}}{value}\d{{7}}|[A-Z]\d{{7}}{value}\d", line) for line in zone)
        return in_zone or bool(re.search(rf"(?:^|\s)(?:{SEXES[value]})(?:\s|$)", text, re.MULTILINE))
    if name == "nationality":
        return any({"DEU": "D<<"}.get(value, value) in line for line in zone)
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


def test_there_are_enough_of_each_kind() -> None:
    kinds = [held_out.draw(template, 1)[1].kind for template in held_out.TEMPLATES]
    least = {"passport": 6, "driving_licence": 5, "proof_of_address": 4, "tax_id": 2, "residence_permit": 1}
    assert {kind: count for kind, count in least.items() if kinds.count(kind) < count} == {}
    assert len(kinds) >= 24


def test_nothing_is_shared_with_another_set() -> None:
    others = development.TEMPLATES | known.TEMPLATES
    taken = words_of(DEVELOPMENT) | words_of(KNOWN) | words_of(specimen_people._NAMES)
    assert words_of(NAMES) & taken == set()
    assert {pattern for _, _, pattern in held_out.TEMPLATES.values()} & {
        pattern for _, _, pattern in others.values()
    } == set()
    assert held_out.TEMPLATES.keys() & others.keys() == set()
    countries = {country for _, country, _ in held_out.TEMPLATES.values()} & (DEVELOPMENT.keys() | KNOWN.keys())
    assert countries == {"USA", "CAN", "IND"}, "their codes are wanted; regions and layouts are others"


@pytest.mark.parametrize("template", held_out.TEMPLATES)
def test_what_is_told_stands_on_the_document(template: str) -> None:
    for document in drawn(template):
        text = "\n".join(text_of(sheet) for sheet in document.sides.values())
        assert "?" not in text, "a sign that the fonts do not have"
        assert document.truth
        assert [name for name, value in document.truth.items() if not stands(name, value, text, document.zone)] == []
        assert ("surname" not in document.truth) or "full_name" in document.truth


@pytest.mark.parametrize("template", held_out.TEMPLATES)
def test_zones_are_printed_with_right_digits(template: str) -> None:
    for document in drawn(template):
        text = "".join(text_of(sheet) for sheet in document.sides.values())
        assert [line for line in document.zone if line not in text] == []
        assert len({len(line) for line in document.zone}) <= 1
        parts = parts_with_digits(document.zone) if document.zone else []
        assert [part for part in parts if check_digit(part[:-1]) != part[-1]] == []


@pytest.mark.parametrize("template", held_out.TEMPLATES)
def test_nothing_leaves_the_page_or_lies_over_another_thing(template: str) -> None:
    for document in drawn(template):
        for sheet in document.sides.values():
            placed = list(boxes(sheet))
            wide, high = sheet.size
            assert [box for box in placed if box[0] < 10 or box[1] < 5 or box[2] > wide - 10 or box[3] > high - 5] == []
            assert [
                (one, two)
                for one, two in combinations(placed, 2)
                if min(one[2], two[2]) > max(one[0], two[0]) and min(one[3], two[3]) > max(one[1], two[1]) - CLEAR
            ] == []


def test_a_document_is_the_same_in_every_run_and_another_for_another_holder() -> None:
    one, again, other = (held_out.draw("dutch_statement", seed)[1] for seed in (5, 5, 6))
    assert one.sides["page"].pdf() == again.sides["page"].pdf()
    assert one.truth == again.truth != other.truth
