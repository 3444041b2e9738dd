"""What is left out because something else on the page may be meant: a missing value costs a look, a wrong one more."""

import re
from collections.abc import Collection
from statistics import median

from backoffice.screening import dates, labels, layout, spotting
from backoffice.screening.layout import Value
from backoffice.screening.ocr import Line
from backoffice.screening.reading import NAMES, international_account, number
from backoffice.screening.spotting import Spot

_ACCOUNT = "account_number"
_SURE = {_ACCOUNT: 0.99, "document_number": 0.9}
_NUMBER_LIKE = re.compile(
    r"^(?=(?:.*\d){5})(?!.*[,.]\d\d$)[A-Z0-9](?:[A-Z0-9]|[ .\-/](?=[A-Z0-9])){4,40}$", re.IGNORECASE
)
"""No amount, which ends in two digits behind a comma."""
_SMALLER = 0.87
_LEAST_PAIRS = 3
_UNDER = 0.9
_ALMOST = 0.95


def without_rivals(spots: list[Spot], found: list[Value]) -> list[Value]:
    """Leave out numbers that a second-best label names, where another number stands beside words that nobody knows."""
    if not any(_is_contested(value) for value in found):
        return found
    has_rival = is_rivalled(spots, {value.line for value in found})
    return [value for value in found if not (has_rival and _is_contested(value))]


def is_rivalled(spots: list[Spot], lines: Collection[Line]) -> bool:
    """Say whether a number that no known label names stands on the page, beside the ones on `lines`."""
    return any(_is_rival(spots, spot, lines) for spot in spots)


def _is_contested(value: Value) -> bool:
    is_holders = value.about == labels.BEARER
    return value.name in _SURE and (value.strength < _SURE[value.name] or is_holders)


def _is_rival(spots: list[Spot], spot: Spot, lines: Collection[Line]) -> bool:
    head, colon, rest = spot.line.text.rpartition(":")
    text = (rest if colon and labels.match(f"{head}:") is None else spot.line.text).strip()
    return (
        spot.line not in lines
        and _NUMBER_LIKE.match(text) is not None
        and (number(text) or international_account(text)) is not None
        and not dates.find(text)
        and labels.match(spot.line.text) is None
        and not _is_labelled(spots, spot)
    )


def _is_labelled(spots: list[Spot], spot: Spot) -> bool:
    """Say whether a known label stands over a text or on its left."""
    places = (layout.place(other, spot) for other in spots if other is not spot and spotting.is_label(other))
    return any(at and (at[0] == "right" or (at[0] == "below" and at[1] < _UNDER)) for at in places)


def without_rest_of_labels(found: list[Value]) -> list[Value]:
    """Leave out names that follow their label on its line where the page sets its values apart.

    There `NOMBRE USUAL` is a label of which only the first word is known, and `USUAL` is nobody's name.
    """
    is_apart = sum(bool(value.side) for value in found) >= _LEAST_PAIRS
    return [value for value in found if not (is_apart and value.name in NAMES and value.is_unmarked)]


def without_twice_named(found: list[Value]) -> list[Value]:
    """Leave out what two labels name otherwise: accounts, and names whose labels nobody knows quite so.

    `1° Apellido` and `2° Apellido` are two, and so are `Account Number` and `Assessment Number`.
    """
    named: dict[str, set[str]] = {}
    best = max((value.strength for value in found if value.name == _ACCOUNT), default=0.0)
    for value in found:
        is_guess = value.name in NAMES and value.strength < _ALMOST
        if is_guess or (value.name == _ACCOUNT and value.strength >= best):
            named.setdefault(value.name, set()).add(value.value)
    twice = {name for name, values in named.items() if len(values) > 1}
    return [value for value in found if value.name not in twice]


def is_promised(spots: list[Spot], name: str) -> bool:
    """Say whether a label of a field stands on the page, whatever was read beside it."""
    return any((label := labels.match(spot.line.text)) and label.name == name for spot in spots)


def caption_height(spots: list[Spot], found: list[Value]) -> float:
    """Measure under which height a page sets its captions; 0 where it sets them as large as what they name."""
    at = {spot.line: spot for spot in spots}
    captions = [spot.height for spot in spots if (label := labels.match(spot.line.text)) and label.is_whole_line]
    named = [at[value.line].height for value in found if value.side and value.line in at]
    if len(captions) < _LEAST_PAIRS or len(named) < _LEAST_PAIRS or median(captions) > _SMALLER * median(named):
        return 0.0
    return (median(captions) * median(named)) ** 0.5
