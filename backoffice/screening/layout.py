"""Which text on a page is the value of which label: straightened positions, neighbours, one value for one label."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backoffice.screening import dates, labels
from backoffice.screening.labels import Label
from backoffice.screening.mrz_lines import looks_machine_readable
from backoffice.screening.ocr import Line, Page

Reader = Callable[[str, str], str | None]
"""Turns a field's name and a text into the field's value, or None when the text cannot be one."""

_ROW = 0.6
_FARTHEST_RIGHT, _FARTHEST_BELOW, _FARTHEST_ABOVE = 16.0, 2.4, 1.2
_MERGE_GAP = 0.8
_LEAST_MARKS, _LEAST_NUMBER = 4, 6
_ADDRESS_LINES = 3
_FEW_LABELS = 2
_LEAST_ROWS = 3
_MID_LINE = re.compile(r"(?<!\S)(DLN?|LIC|DOB|EXP|ISS|SEX)[ .:#]+(?=\S)", re.IGNORECASE)
_MID_LINE_NAMES = {
    "DL": "document_number", "DLN": "document_number", "LIC": "document_number", "DOB": "date_of_birth",
    "EXP": "expires_on", "ISS": "issued_on", "SEX": "sex",
}  # fmt: skip
_STRENGTH_MID_LINE = 0.85


@dataclass(frozen=True, slots=True)
class Spot:
    """A line in straightened coordinates."""

    line: Line
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height of the line."""
        return max(1.0, self.bottom - self.top)

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value with the line that showed it; `strength` says how clearly it was labelled, up to 1."""

    name: str
    value: str
    line: Line
    strength: float


@dataclass(frozen=True, slots=True)
class _Pair:
    cost: float
    label: int
    spot: int
    value: str
    direction: str


def spots(page: Page) -> list[Spot]:
    """Straighten the page by its longer lines, drop machine readable ones, join split values."""
    angle = tilt(page.lines)
    cosine, sine = math.cos(-angle), math.sin(-angle)
    found: list[Spot] = []
    for line in page.lines:
        if looks_machine_readable(line.text):
            continue
        points = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in line.quad]
        xs, ys = sorted(point[0] for point in points), sorted(point[1] for point in points)
        found.append(Spot(line, sum(xs[:2]) / 2, sum(ys[:2]) / 2, sum(xs[2:]) / 2, sum(ys[2:]) / 2))
    return _joined(sorted(found, key=lambda spot: (spot.middle, spot.left)))


def values(found: list[Spot], read: Reader) -> list[Value]:
    """Pair labels with values; a text is the value of at most one label."""
    marks = _labels(found)
    inline = [pair for i, label in marks.items() if not label.is_whole_line for pair in _inline(found, i, label, read)]
    inline += list(_abbreviated(found, {value.name for value in inline}, read))
    open_labels = {i: label for i, label in marks.items() if label.is_whole_line and not _is_repeated(found, marks, i)}
    pairs = list(_pairs(found, marks, open_labels, read))
    taken = _assigned(_without_guesses(_without_labels(found, marks, pairs)))
    return inline + [
        Value(open_labels[pair.label].name, pair.value, found[pair.spot].line, open_labels[pair.label].strength)
        for pair in taken
        if open_labels[pair.label].name != "other"
    ]


def below(found: list[Spot], start: Line, most: int = _ADDRESS_LINES, *, is_wide: bool = False) -> list[Line]:
    """Follow the lines that continue a value downwards, as addresses do; `is_wide` takes labelled ones and gaps too."""
    current = next((spot for spot in found if spot.line == start or _ends_with(spot.line, start)), None)
    lines: list[Line] = []
    while current and len(lines) < most:
        under = [
            spot
            for spot in found
            if -0.4 * current.height < spot.top - current.bottom < (1.6 if is_wide else 0.9) * current.height
            and spot.top > current.middle
            and abs(spot.left - current.left) < 1.2 * current.height
            and 0.7 < spot.height / current.height < 1.4
            and (is_wide or labels.match(spot.line.text) is None)
        ]
        current = min(under, key=lambda spot: spot.top, default=None)
        if current:
            lines.append(current.line)
    return lines


def _ends_with(line: Line, part: Line) -> bool:
    """Find the line of a value that stands behind its own label."""
    return line.quad[1] == part.quad[1] and line.text.endswith(part.text)


def tilt(lines: tuple[Line, ...]) -> float:
    """Measure by how much the longer lines fall to the right, in radians."""
    across = down = 0.0
    for line in lines:
        (x0, y0), (x1, y1) = line.quad[0], line.quad[1]
        length = math.hypot(x1 - x0, y1 - y0)
        if length > 4 * line.height:
            across, down = across + (x1 - x0) * length, down + (y1 - y0) * length
    return math.atan2(down, across) if across > 0 else 0.0


def _joined(found: list[Spot]) -> list[Spot]:
    """Join neighbours on a row that a reader split inside a value, never over a label."""
    out: list[Spot] = []
    for spot in found:
        before = next((other for other in reversed(out[-4:]) if _continues(other, spot)), None)
        if before is None:
            out.append(spot)
            continue
        line, left = spot.line, before.line
        quad = (left.quad[0], line.quad[1], line.quad[2], left.quad[3])
        joined = Line(f"{left.text} {line.text}", min(left.score, line.score), quad)
        top, bottom = min(before.top, spot.top), max(before.bottom, spot.bottom)
        out[out.index(before)] = Spot(joined, before.left, top, spot.right, bottom)
    return out


def _continues(left: Spot, right: Spot) -> bool:
    return (
        0 <= right.left - left.right + 0.3 * left.height < _MERGE_GAP * min(left.height, right.height)
        and abs(left.middle - right.middle) < 0.3 * min(left.height, right.height)
        and 0.75 < left.height / right.height < 1.33
        and labels.match(left.line.text) is None
        and labels.match(right.line.text) is None
        and not _mark(left.line.text)
    )


def _labels(found: list[Spot]) -> dict[int, Label]:
    marks = {i: label for i, spot in enumerate(found) if (label := labels.match(spot.line.text))}
    numbered = {i: label for i, spot in enumerate(found) if (label := _mark(spot.line.text))}
    if len({label.name for label in numbered.values()}) >= _LEAST_MARKS and _has_dated_mark(found, numbered):
        marks = {i: label for i, label in marks.items() if i not in numbered or label.is_whole_line}
        marks = numbered | {i: label for i, label in marks.items() if i not in numbered}
    return marks


def _has_dated_mark(found: list[Spot], numbered: dict[int, Label]) -> bool:
    """Tell a licence from any numbered list: its marks 3, 4a and 4b stand before dates."""
    dated = {"date_of_birth", "issued_on", "expires_on"}
    return any(label.name in dated and dates.find(found[i].line.text) for i, label in numbered.items())


def _mark(text: str) -> Label | None:
    """Read `4b.` or `4b. 01.02.2030` as the numbered field of a licence."""
    head, _, rest = text.partition(" ")
    dotted = head.partition(".")
    if (dotted[1] and dotted[0].lower() in labels.NUMBERED and not dotted[2].replace(".", "").isdigit()) or (
        dotted[1] and (dotted[0].lower() in {"3", "4a", "4b"} or (dotted[0] == "5" and _has_number(dotted[2], rest)))
    ):
        head, rest = dotted[0], f"{dotted[2]} {rest}".strip()
    name = labels.NUMBERED.get(head.strip(".:)").lower())
    if name is None:
        return None
    worded = labels.match(rest) if rest else None
    if worded:
        end = len(text) - len(rest) + worded.end
        return Label(worded.name, end, 0.95, is_whole_line=worded.is_whole_line)
    return Label(name, len(text) - len(rest), 0.93, is_whole_line=not rest)


def _has_number(start: str, rest: str) -> bool:
    """Tell the number of a licence from a sum of money."""
    return sum(sign.isdigit() for sign in start + rest) >= _LEAST_NUMBER


def _inline(found: list[Spot], i: int, label: Label, read: Reader) -> Iterator[Value]:
    line = found[i].line
    value = read(label.name, line.text[label.end :].strip())
    if value and label.name != "other":
        start = label.end / max(1, len(line.text))
        (x0, y0), (x1, y1), right_bottom, (x3, y3) = line.quad
        left_top = (x0 + (x1 - x0) * start, y0 + (y1 - y0) * start)
        left_bottom = (x3 + (right_bottom[0] - x3) * start, y3 + (right_bottom[1] - y3) * start)
        part = Line(line.text[label.end :].strip(), line.score, (left_top, (x1, y1), right_bottom, left_bottom))
        yield Value(label.name, value, part, label.strength)


def _abbreviated(found: list[Spot], known: set[str], read: Reader) -> Iterator[Value]:
    """Read what American licences print in the middle of a line: `9 CLASS D 4d DLN K123 15 SEX M`."""
    for spot in found:
        marks = list(_MID_LINE.finditer(spot.line.text))
        for mark, after in zip(marks, [*marks[1:], None], strict=False):
            name = _MID_LINE_NAMES[mark[1].upper()]
            text = spot.line.text[mark.end() : after.start() if after else None]
            value = read(name, text) if mark.start() and name not in known else None
            if value:
                yield Value(name, value, spot.line, _STRENGTH_MID_LINE)


def _is_repeated(found: list[Spot], marks: dict[int, Label], i: int) -> bool:
    """See the first line of a label that is written in two languages on two lines."""
    return any(
        marks[j].name == marks[i].name
        and marks[j].is_whole_line
        and abs(found[j].left - found[i].left) < found[i].height
        and 0 < found[j].middle - found[i].middle < 1.8 * found[i].height
        for j in marks
        if j != i
    )


def _pairs(found: list[Spot], marks: dict[int, Label], wanted: dict[int, Label], read: Reader) -> Iterator[_Pair]:
    for i, label in wanted.items():
        for j, spot in enumerate(found):
            if j in marks:
                continue
            place = _place(found[i], spot)
            if place is None or (place[0] == "right" and _is_fenced(found, marks, i, j)):
                continue
            value = spot.line.text if label.name == "other" else read(label.name, spot.line.text)
            if value:
                yield _Pair(place[1], i, j, value, place[0])


def _place(label: Spot, spot: Spot) -> tuple[str, float] | None:
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
        return "above", max(0.0, over) + 0.3 * shift + 0.2
    return None


def _is_fenced(found: list[Spot], marks: dict[int, Label], i: int, j: int) -> bool:
    return any(
        k not in {i, j}
        and abs(found[k].middle - found[i].middle) < _ROW * found[i].height
        and found[i].right <= found[k].left < found[j].left
        for k in marks
    )


def _without_labels(found: list[Spot], marks: dict[int, Label], pairs: list[_Pair]) -> list[_Pair]:
    """Drop texts that are labels themselves, of unknown words: a colon ends them, or begins what stands on their right.

    Where the labels stand in one column and the values in another, nothing under a label is its value.
    """
    rows = {pair.label for pair in pairs if pair.direction == "right"}
    columned = len(rows) >= _LEAST_ROWS and len(rows) > 2 * len(
        {pair.label for pair in pairs if pair.direction in {"above", "below"}} - rows
    )
    unknown = {
        j for j, spot in enumerate(found)
        if j not in marks and (spot.line.text.rstrip().endswith(":") or _has_colon_beside(found, spot))
    }  # fmt: skip
    return [
        pair for pair in pairs
        if pair.spot not in unknown and (pair.direction == "right" or not columned or pair.label not in rows)
    ]  # fmt: skip


def _has_colon_beside(found: list[Spot], spot: Spot) -> bool:
    return any(
        other.line.text.startswith(":") and other.left >= spot.right - spot.height
        and abs(other.middle - spot.middle) < _ROW * max(other.height, spot.height)
        for other in found
    )  # fmt: skip


def _without_guesses(pairs: list[_Pair]) -> list[_Pair]:
    """Believe values above their labels only on a page that is laid out so: more of them than any other way.

    Where hardly a label is left to judge by, the nearest text is the value.
    """
    counts = {
        side: len({pair.label for pair in pairs if pair.direction == side}) for side in ("above", "below", "right")
    }
    if max(counts.values()) <= _FEW_LABELS:
        return pairs
    captions_under = counts["above"] > 1.5 * max(counts["below"], counts["right"])
    unwanted = "below" if captions_under else "above"
    return [pair for pair in pairs if pair.direction != unwanted]


def _assigned(pairs: list[_Pair]) -> list[_Pair]:
    taken: list[_Pair] = []
    for pair in sorted(pairs, key=lambda candidate: candidate.cost):
        if all(pair.label != other.label and pair.spot != other.spot for other in taken):
            taken.append(pair)
    return taken
