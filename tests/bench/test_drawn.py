"""The documents of the held-out sets: they say what is told of them, within their page, nothing over another thing."""

from itertools import combinations
from types import ModuleType

import pytest

from backoffice.specimens.mrz import check_digit
from tests.bench.drawn import SETS, boxes, drawn, is_printed_date, parts_with_digits, stands, text_of

CLEAR = 2
"""Pixels that stay free between one line and the next."""
TEMPLATES = [template for one in SETS for template in one.TEMPLATES]


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_told_stands_on_the_document(template: str) -> None:
    for document in drawn(template):
        text = "\n".join(text_of(sheet) for sheet in document.sides.values())
        assert "?" not in text, "a sign that the fonts do not have"
        assert document.truth
        assert [name for name, value in document.truth.items() if not stands(name, value, text, document.zone)] == []
        assert ("surname" not in document.truth) or "full_name" in document.truth


@pytest.mark.parametrize("template", TEMPLATES)
def test_zones_are_printed_with_right_digits(template: str) -> None:
    for document in drawn(template):
        text = "".join(text_of(sheet) for sheet in document.sides.values())
        assert [line for line in document.zone if line not in text] == []
        assert len({len(line) for line in document.zone}) <= 1
        parts = parts_with_digits(document.zone) if document.zone else []
        assert [part for part in parts if check_digit(part[:-1]) != part[-1]] == []


@pytest.mark.parametrize("template", TEMPLATES)
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


@pytest.mark.parametrize(("made", "template"), [(one, template) for one in SETS for template in one.TEMPLATES])
def test_what_stands_of_the_holder_is_told(made: ModuleType, template: str) -> None:
    who, document = made.draw(template, 17)
    text = "\n".join(text_of(sheet) for sheet in document.sides.values())
    days = {name: getattr(who, name).isoformat() for name in ("date_of_birth", "issued_on", "expires_on")}
    assert [name for name, day in days.items() if is_printed_date(day, text) and name not in document.truth] == []
    numbers = {document.truth.get(name) for name in ("document_number", "personal_number", "account_number")}
    assert [number for number in (who.personal_number,) if number in text and number not in numbers] == []
