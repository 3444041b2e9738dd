"""The lines of one address: on from the line beside its label, or up from the line over it."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from backoffice.screening import dates, doubts, labels, spotting
from backoffice.screening.layout import Value
from backoffice.screening.ocr import Line
from backoffice.screening.page_texts import PageText
from backoffice.screening.reading import address, names_another
from backoffice.screening.spotting import Spot
from backoffice.screening.types import Extracted

_LEAST_CODE, _MOST_DIGITS = 4, 9
_MOST_LINES = 4
_APART, _ASIDE, _INDENT = 0.9, 1.2, 2.0
_ALIKE = (0.7, 1.4)
_LOWER = 0.92
_LEAST_WORDS = 3
_CLASSES = re.compile(r"^(?:[A-D][A-Z]?[1-9]?[ ,/]*)+$|^[A-Z]{1,2}[1-9]?(?:/[A-Za-z]{1,2}[1-9]?)+$")
"""`AM B B1` and `AM/B1/B/f/k/p/q` are classes of vehicles."""
_OPEN = re.compile(r"\b(?:no|nr|n)[.:]*\s*$|[:/]\s*$", re.IGNORECASE)
"""A house number follows in the next line, or the rest of a line that is covered."""
_POSTAL = re.compile(r"\d{4,6}")


def whole(page: PageText, spots: list[Spot], value: Value, field: Extracted, found: list[Value]) -> Extracted | None:
    """Join the lines of an address; None where it lacks what an address has. `found` are all values of the page."""
    at = spotting.of(spots, value.line)
    if at is None:
        return field
    walk = _up(spots, at) if value.side == "above" else _down(spots, at, value)
    rows = spotting.labels_beside(spots, at) if value.side == "right" else []
    lines, others, captions = [value.line], {one.line for one in found}, doubts.caption_height(spots, found)
    for spot in itertools.islice(walk, _MOST_LINES - 1):
        if (
            spot.line in others
            or any(spotting.is_level(row, spot) for row in rows)
            or spot.height < min(captions, _LOWER * at.height)
            or not _goes_on(spot.line.text, lines)
        ):
            break
        lines.append(spot.line)
    if len(lines) > 1 and value.side != "above" and _may_name_the_next(spots, lines):
        return None
    if value.side == "above":
        lines.reverse()
    text = ", ".join(_trimmed(line.text) for line in lines if _trimmed(line.text))
    if not _is_complete(text):
        return None
    quad = tuple(point for line in lines for point in line.quad)
    return replace(field, value=address(text) or field.value, box=page.page.box(quad))


def _may_name_the_next(spots: list[Spot], lines: list[Line]) -> bool:
    """Say whether the last line may be a label that nobody knows: words alone, and close under them no address."""
    at = spotting.of(spots, lines[-1])
    if at is None or re.search(r"\d", at.line.text):
        return False
    under = [spot for spot in spots if _is_next(at, spot) and abs(spot.left - at.left) < _ASIDE * at.height]
    nearest = min(under, key=lambda spot: spot.top, default=None)
    return nearest is not None and not spotting.is_label(nearest) and not _goes_on(nearest.line.text, lines)


def _is_complete(text: str) -> bool:
    """Say whether a text names a place to live: a lone town does not."""
    is_open = _OPEN.search(text) is not None
    return not is_open and (any(sign.isdigit() for sign in text) or len(text.split()) >= _LEAST_WORDS)


def _trimmed(text: str) -> str:
    return text.strip(" ,，:：")


def _down(spots: list[Spot], at: Spot, value: Value) -> Iterator[Spot]:
    """Follow the lines under a value; the first may stand anywhere between the label's edge and the value's."""
    share = len(value.line.text) / max(1, len(at.line.text))
    start = at.right - (at.right - at.left) * min(1.0, share)
    right = start + (_INDENT if share < 1 else _ASIDE) * at.height
    current, left = at, at.left - _ASIDE * at.height
    while under := [spot for spot in spots if _is_next(current, spot) and left < spot.left < right]:
        last, current = current, min(under, key=lambda spot: spot.top)
        if spotting.is_label(current) or _is_parted(spots, last, current):
            return
        yield current
        left, right = current.left - _ASIDE * current.height, current.left + _ASIDE * current.height


def _is_parted(spots: list[Spot], upper: Spot, lower: Spot) -> bool:
    """Say whether the label of the lower line, set smaller, stands between two lines."""
    return any(
        upper.middle < spot.middle < lower.middle
        and abs(spot.left - lower.left) < _ASIDE * lower.height
        and labels.match(spot.line.text) is not None
        for spot in spots
    )


def _up(spots: list[Spot], at: Spot) -> Iterator[Spot]:
    current = at
    while over := [
        spot for spot in spots if _is_over(spot, current) and abs(spot.left - current.left) < _ASIDE * current.height
    ]:
        current = max(over, key=lambda spot: spot.bottom)
        if spotting.is_label(current):
            return
        yield current


def _is_over(one: Spot, other: Spot) -> bool:
    return -0.4 * other.height < other.top - one.bottom < _APART * other.height and one.middle < other.top


def _is_next(one: Spot, other: Spot) -> bool:
    """Say whether a line is the next under another and about as large."""
    return (
        -0.4 * one.height < other.top - one.bottom < _APART * one.height
        and other.top > one.middle
        and _ALIKE[0] < other.height / one.height < _ALIKE[1]
    )


def _goes_on(text: str, lines: list[Line]) -> bool:
    """Say whether a line can be more of an address: a date or a lone number is the next row's value.

    A postal code may stand alone in the last line of one that has none yet.
    """
    if _OPEN.search(lines[-1].text) and 0 < sum(sign.isdigit() for sign in text) < _MOST_DIGITS:
        return True
    if _POSTAL.fullmatch(text.strip()):
        return len(lines) > 1 and not any(_POSTAL.search(line.text) for line in lines)
    if _CLASSES.match(text.strip()) or names_another(text):
        return False
    digits = sum(sign.isdigit() for sign in text)
    is_code = digits >= _MOST_DIGITS or (" " not in text.strip() and digits >= _LEAST_CODE)
    return address(text) is not None and not dates.find(text) and not is_code and not text.lstrip().startswith(":")
