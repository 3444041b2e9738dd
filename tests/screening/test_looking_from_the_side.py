"""Rows of a page that a camera saw from the side: they run towards one point, and belong together all the same."""

from datetime import date

import numpy as np

from backoffice.screening import fields, masking_places, pencils
from backoffice.screening.ocr import Line, Page
from backoffice.screening.page_texts import PageText

LETTER = (1600, 1100)
FAN = 0.00012
"""The slope that a row gains with each pixel down; the last row is level."""
BILL = (
    ("Account number", 600, 120, "2104804-99"), ("Invoice number", 600, 160, "7718320"),
    ("Invoice date", 600, 200, "05-12-2025"), ("Due date", 600, 240, "26-12-2025"),
    ("Telephone", 600, 280, "588 0117"),
)  # fmt: skip


def seen(x: float, y: float) -> tuple[float, float]:
    """Show where a camera sees a point of the paper."""
    slope = FAN * (y - LETTER[0])
    return x, y + slope * (x - LETTER[1] / 2)


def line(text: str, left: float, top: float) -> Line:
    right, bottom = left + 13 * len(text), top + 30
    quad = (seen(left, top), seen(right, top), seen(right, bottom), seen(left, bottom))
    return Line(text, 0.99, quad)


def bill() -> tuple[Line, ...]:
    pairs = [one for label, left, top, value in BILL for one in (line(label, left, top), line(value, left + 330, top))]
    others = [line(f"A row of print that says nothing, number {n}", 80, 400 + 150 * n) for n in range(7)]
    return (*pairs, *others)


def test_a_row_belongs_together_though_the_next_one_is_as_high_on_the_picture() -> None:
    pixels = np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (*LETTER, 3))
    assert abs(bill()[0].quad[0][1] - bill()[3].quad[0][1]) < abs(bill()[0].quad[0][1] - bill()[1].quad[0][1])
    found = fields.read(
        [PageText(0, 0, Page(bill(), pixels, 0), None)], today=date(2026, 11, 23), kind="proof_of_address"
    )
    told = {field.name: field.value for field in found.extracted}
    assert (told["account_number"], told["issued_on"]) == ("210480499", "2025-12-05")


def test_every_row_is_level_afterwards() -> None:
    straightened = pencils.straightener(bill())
    for one in bill():
        (_, left), (_, right) = (straightened(*point) for point in one.quad[:2])
        assert abs(left - right) < 1.5


def test_a_page_that_was_only_turned_is_turned_back() -> None:
    def turned(x: float, y: float) -> tuple[float, float]:
        return x - 0.1 * y, y + 0.1 * x

    lines = [
        Line("Twenty letters of it", 0.99, (turned(60, y), turned(400, y), turned(400, y + 30), turned(60, y + 30)))
        for y in range(0, 900, 90)
    ]
    straightened = pencils.straightener(lines)
    assert all(abs(straightened(*one.quad[0])[1] - straightened(*one.quad[1])[1]) < 0.5 for one in lines)


def test_too_few_rows_say_nothing_of_a_side() -> None:
    few = bill()[:4]
    assert pencils.straightener(few)(100, 100) == pencils.straightener(few[::-1])(100, 100)
    assert pencils.straightener(())(3.0, 4.0) == (3.0, 4.0)


def test_a_number_that_was_read_in_pieces_is_one_row_for_masking() -> None:
    pieces = [line("23456789", 300, 60), line("01246789", 470, 60)]
    found = masking_places.rows([*bill(), *pieces])
    assert tuple(pieces) in found
