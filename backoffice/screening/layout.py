"""Which text on a page is the value of which label: straightened positions, neighbours, one value for one label."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backoffice.screening import dates, labels, marks
from backoffice.screening.labels import Label
from backoffice.screening.ocr import Line
from backoffice.screening.spotting import Spot

Reader = Callable[[str, str], str | None]
"""Turns a field's name and a text into the field's value, or None when the text cannot be one."""

_ROW, _LEVEL = 0.6, 0.4
_FARTHEST_RIGHT, _FARTHEST_BELOW, _FARTHEST_ABOVE = 16.0, 2.4, 1.2
_LEAST_MARKS = 4
_FEW_LABELS = 2
_ABOVE, _CLEARLY = 0.2, 1.5
_LEAST_ROWS = 3
_MID_LINE = re.compile(r"(?<!\S)(DLN?|LIC|DOB|EXP|ISS|SEX)[ .:#]+(?=\S)", re.IGNORECASE)
_MID_LINE_NAMES = {
    "DL": "document_number", "DLN": "document_number", "LIC": "document_number", "DOB": "date_of_birth",
    "EXP": "expires_on", "ISS": "issued_on", "SEX": "sex",
}  # fmt: skip
_STRENGTH_MID_LINE = 0.85


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value with the line that showed it; `strength` says how clearly it was labelled, up to 1."""

    name: str
    value: str
    line: Line
    strength: float
    side: str = ""
    """On which side of its label it stands; empty for one on the label's own line."""
    about: str = ""
    """Which number its label names (`labels.LICENCE` and the like)."""
    is_unmarked: bool = False
    """It follows its label on one line, and nothing parts them."""


@dataclass(frozen=True, slots=True)
class _Pair:
    cost: float
    label: int
    spot: int
    value: str
    direction: str


def values(found: list[Spot], read: Reader) -> list[Value]:
    """Pair labels with values; a text is the value of at most one label."""
    marked = _labels(found)
    inline = [pair for i, label in marked.items() if not label.is_whole_line for pair in _inline(found, i, label, read)]
    inline += list(_abbreviated(found, {value.name for value in inline}, read))
    whole = {i: label for i, label in marked.items() if label.is_whole_line}
    open_labels = {i: label for i, label in whole.items() if not _is_repeated(found, marked, i)}
    pairs = list(_pairs(found, marked, open_labels, read))
    taken = _assigned(_without_guesses(_without_labels(found, marked, pairs)))
    return inline + [
        Value(
            open_labels[pair.label].name,
            pair.value,
            found[pair.spot].line,
            open_labels[pair.label].strength,
            pair.direction,
            open_labels[pair.label].about,
        )
        for pair in taken
        if open_labels[pair.label].name != "other"
    ]


def _labels(found: list[Spot]) -> dict[int, Label]:
    marked = {i: label for i, spot in enumerate(found) if (label := labels.match(spot.line.text))}
    numbered = {i: label for i, spot in enumerate(found) if (label := marks.match(spot.line.text))}
    numbered = {i: label for i, label in numbered.items() if not _is_house(found, numbered, i)}
    if len({label.name for label in numbered.values()}) >= _LEAST_MARKS and _has_dated_mark(found, numbered):
        marked = {i: label for i, label in marked.items() if i not in numbered or label.is_whole_line}
        marked = numbered | {i: label for i, label in marked.items() if i not in numbered}
    return marked


def _is_house(found: list[Spot], numbered: dict[int, Label], i: int) -> bool:
    """Tell a house's number from a field's: `11 Clubley Estate` on the right of `8.`, where addresses stand."""
    return not numbered[i].is_whole_line and any(
        label.name == "address" and label.is_whole_line and _is_on_the_right(found[j], found[i])
        for j, label in numbered.items()
    )


def _has_dated_mark(found: list[Spot], numbered: dict[int, Label]) -> bool:
    """Tell a licence from any numbered list: its marks 3, 4a and 4b stand before dates."""
    dated = {"date_of_birth", "issued_on", "expires_on"}
    return any(
        label.name in dated and (dates.find(spot.line.text) or _has_date_beside(found, spot))
        for spot, label in ((found[i], label) for i, label in numbered.items())
    )


def is_numbered(found: list[Spot]) -> bool:
    """Say whether the page numbers its fields as licences do."""
    numbered = {i: label for i, spot in enumerate(found) if (label := marks.match(spot.line.text))}
    return len({label.name for label in numbered.values()}) >= _LEAST_MARKS and _has_dated_mark(found, numbered)


def _has_date_beside(found: list[Spot], mark: Spot) -> bool:
    """Look on the right of a mark, or close under it, where some licences print the value."""
    return any(
        dates.find(other.line.text) and (
            (other.left > mark.left and abs(other.middle - mark.middle) < _ROW * other.height)
            or (abs(other.left - mark.left) < other.height and abs(other.top - mark.bottom) < _LEVEL * other.height)
        ) for other in found
    )  # fmt: skip


def _inline(found: list[Spot], i: int, label: Label, read: Reader) -> Iterator[Value]:
    line = found[i].line
    if line.text.rstrip().endswith(":"):
        return  # all of it is a label, of which the beginning is known
    value = read(label.name, line.text[label.end :].strip())
    if label.name == "address" and ":" not in line.text[: label.end] and not re.search(r"\d", value or ""):
        return
    if value and label.name != "other":
        start = label.end / max(1, len(line.text))
        (x0, y0), (x1, y1), right_bottom, (x3, y3) = line.quad
        left_top = (x0 + (x1 - x0) * start, y0 + (y1 - y0) * start)
        left_bottom = (x3 + (right_bottom[0] - x3) * start, y3 + (right_bottom[1] - y3) * start)
        part = Line(line.text[label.end :].strip(), line.score, (left_top, (x1, y1), right_bottom, left_bottom))
        is_unmarked = ":" not in line.text[: label.end] and marks.match(line.text) is None
        yield Value(label.name, value, part, label.strength, about=label.about, is_unmarked=is_unmarked)


def _abbreviated(found: list[Spot], known: set[str], read: Reader) -> Iterator[Value]:
    """Read what American licences print in the middle of a line: `9 CLASS D 4d DLN K123 15 SEX M`."""
    for spot in found:
        marked = list(_MID_LINE.finditer(spot.line.text))
        for mark, after in zip(marked, [*marked[1:], None], strict=False):
            name = _MID_LINE_NAMES[mark[1].upper()]
            text = spot.line.text[mark.end() : after.start() if after else None]
            value = read(name, text) if mark.start() and name not in known else None
            if value:
                yield Value(name, value, spot.line, _STRENGTH_MID_LINE)


def _is_repeated(found: list[Spot], marked: dict[int, Label], i: int) -> bool:
    """See the first line of a label that is written in two languages on two lines: it has no value beside it."""
    if any(_is_on_the_right(found[i], spot) for j, spot in enumerate(found) if j not in marked):
        return False
    return any(
        marked[j].name == marked[i].name
        and marked[j].is_whole_line
        and abs(found[j].left - found[i].left) < found[i].height
        and 0 < found[j].middle - found[i].middle < 1.8 * found[i].height
        and not _is_between(found, marked, i, j)
        for j in marked
        if j != i
    )


def _is_between(found: list[Spot], marked: dict[int, Label], i: int, j: int) -> bool:
    """Say whether a text stands under one label and over the next: it is the first one's value."""
    return any(
        k not in marked and found[i].middle < spot.middle < found[j].middle
        and abs(spot.left - found[i].left) < 2 * found[i].height
        for k, spot in enumerate(found)
    )  # fmt: skip


def _is_on_the_right(label: Spot, spot: Spot) -> bool:
    at = place(label, spot)
    return at is not None and at[0] == "right"


def _pairs(found: list[Spot], marked: dict[int, Label], wanted: dict[int, Label], read: Reader) -> Iterator[_Pair]:
    for i, label in wanted.items():
        for j, spot in enumerate(found):
            if j in marked:
                continue
            at = place(found[i], spot)
            if at is None or (at[0] == "right" and _is_fenced(found, marked, i, j)):
                continue
            value = spot.line.text if label.name == "other" else read(label.name, spot.line.text)
            if value:
                yield _Pair(at[1], i, j, value, at[0])


def place(label: Spot, spot: Spot) -> tuple[str, float] | None:
    """Measure how far a text stands from a label, in letter heights, and on which side."""
    high = max(label.height, spot.height)
    if abs(label.middle - spot.middle) < _ROW * high and spot.left > label.right - high and spot.left > label.left:
        gap = (spot.left - label.right) / high
        return ("right", 0.35 + max(0.0, gap) * 0.12) if gap < _FARTHEST_RIGHT else None
    shift = min(abs(spot.left - label.left), abs((spot.left + spot.right - label.left - label.right) / 2)) / high
    if shift > 1.6:
        return None
    under, over = (spot.top - label.bottom) / high, (label.top - spot.bottom) / high
    if spot.middle > label.middle and -0.6 < under < _FARTHEST_BELOW:
        return "below", max(0.0, under) + 0.3 * shift
    if spot.middle < label.middle and -0.6 < over < _FARTHEST_ABOVE:
        return "above", max(0.0, over) + 0.3 * shift + _ABOVE
    return None


def _is_fenced(found: list[Spot], marked: dict[int, Label], i: int, j: int) -> bool:
    return any(
        k not in {i, j}
        and abs(found[k].middle - found[i].middle) < _ROW * found[i].height
        and found[i].right <= found[k].left < found[j].left
        for k in marked
    )


def _without_labels(found: list[Spot], marked: dict[int, Label], pairs: list[_Pair]) -> list[_Pair]:
    """Drop texts that are labels themselves, of unknown words: a colon ends them, or begins what stands on their right.

    Where the labels stand in one column and the values in another, nothing under a label is its value.
    """
    beside = [pair for pair in pairs if pair.direction == "right"]
    rows = {pair.label for pair in beside if _is_level(found[pair.label], found[pair.spot])}
    columned = len(rows) >= _LEAST_ROWS and len(rows) > 2 * len(
        {pair.label for pair in pairs if pair.direction in {"above", "below"}} - rows
    )
    unknown = {
        j for j, spot in enumerate(found)
        if j not in marked and (spot.line.text.rstrip().endswith(":") or _has_colon_beside(found, spot))
    }  # fmt: skip
    return [
        pair for pair in pairs
        if pair.spot not in unknown and (pair.direction == "right" or not columned or pair.label not in rows)
    ]  # fmt: skip


def _is_level(label: Spot, spot: Spot) -> bool:
    """Say whether a text shares a label's row: captions set close over their values nearly do."""
    return abs(label.middle - spot.middle) < _LEVEL * max(label.height, spot.height)


def _has_colon_beside(found: list[Spot], spot: Spot) -> bool:
    return any(
        other.line.text.startswith(":") and other.left >= spot.right - spot.height
        and abs(other.middle - spot.middle) < _ROW * max(other.height, spot.height)
        for other in found
    )  # fmt: skip


def _without_guesses(pairs: list[_Pair]) -> list[_Pair]:
    """Believe values above their labels only on a page that is laid out so: most labels are nearest to what is above.

    Where hardly a label is left to judge by, the nearest text is the value.
    """
    nearest: dict[int, _Pair] = {}
    for pair in pairs:
        known = nearest.get(pair.label)
        if known is None or _gap(pair) < _gap(known):
            nearest[pair.label] = pair
    counts = Counter(pair.direction for pair in nearest.values())
    if max(counts.values(), default=0) <= _FEW_LABELS:
        return pairs
    captions_under = counts["above"] > _CLEARLY * counts["below"] and counts["above"] > counts["right"]
    unwanted = "below" if captions_under else "above"
    return [pair for pair in pairs if pair.direction != unwanted]


def _gap(pair: _Pair) -> float:
    """Measure how far a text is from its label, whatever the side."""
    return pair.cost - (_ABOVE if pair.direction == "above" else 0.0)


def _assigned(pairs: list[_Pair]) -> list[_Pair]:
    taken: list[_Pair] = []
    for pair in sorted(pairs, key=lambda candidate: candidate.cost):
        if all(pair.label != other.label and pair.spot != other.spot for other in taken):
            taken.append(pair)
    return taken
