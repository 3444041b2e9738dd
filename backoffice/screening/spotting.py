"""Lines of a page in straightened coordinates, and which of them follow each other."""

from dataclasses import dataclass

from backoffice.screening import labels, marks, pencils
from backoffice.screening.mrz_lines import looks_machine_readable
from backoffice.screening.ocr import Line, Page

_MERGE_GAP, _OVERLAP = 0.5, 0.6
"""Parts of one value stand as close as words; the boxes of slanted letters overlap."""
_ADDRESS_LINES = 3
_ROW = 0.6
_ASIDE, _INDENT = 1.2, 2.0
"""What goes on behind a label's own line begins right of the label, hardly right of the value."""


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


def read(page: Page) -> list[Spot]:
    """Straighten the page by its longer lines, drop machine readable ones, join split values."""
    straightened = pencils.straightener(page.lines)
    found: list[Spot] = []
    for line in page.lines:
        if looks_machine_readable(line.text):
            continue
        points = [straightened(x, y) for x, y in line.quad]
        xs, ys = sorted(point[0] for point in points), sorted(point[1] for point in points)
        found.append(Spot(line, sum(xs[:2]) / 2, sum(ys[:2]) / 2, sum(xs[2:]) / 2, sum(ys[2:]) / 2))
    return _joined(sorted(found, key=lambda spot: (spot.middle, spot.left)))


def below(found: list[Spot], start: Line, most: int = _ADDRESS_LINES, *, is_wide: bool = False) -> list[Line]:
    """Follow the lines that continue a value downwards, as addresses do; `is_wide` takes labelled ones and gaps too."""
    current = of(found, start)
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


def of(found: list[Spot], line: Line | None) -> Spot | None:
    """Find where a line stands, or the line that it is the end of."""
    return next((spot for spot in found if line and (spot.line == line or _ends_with(spot.line, line))), None)


def next_row(found: list[Spot], start: Line, reach: float) -> Line | None:
    """Find a line set within `reach` heights under another at the same edge and as large: one value's second row."""
    at = of(found, start)
    if at is None:
        return None
    share = min(1.0, len(start.text) / max(1, len(at.line.text)))
    left = at.right - (at.right - at.left) * share
    edges = (at.left - 0.4 * at.height, left + 0.4 * at.height)
    if share < 1:
        edges = (at.left + _ASIDE * at.height, left + _INDENT * at.height)
    under = [
        spot for spot in found
        if spot.top > at.middle and spot.top - at.bottom < reach * at.height
        and edges[0] < spot.left < edges[1] and 0.8 < spot.height / at.height < 1.25
    ]  # fmt: skip
    nearest = min(under, key=lambda spot: spot.top, default=None)
    return nearest.line if nearest and labels.match(nearest.line.text) is None else None


def is_label(spot: Spot) -> bool:
    """Say whether a line is a label or the number of a field."""
    return labels.match(spot.line.text) is not None or marks.match(spot.line.text) is not None


def labels_beside(spots: list[Spot], at: Spot) -> list[Spot]:
    """List the other labels of the column on a value's left that holds its own: what is level with one is another's."""
    own = [spot for spot in spots if is_label(spot) and spot.right <= at.left + at.height and is_level(spot, at)]
    if not own:
        return []
    nearest = max(own, key=lambda spot: spot.right)
    return [
        spot for spot in spots
        if spot is not nearest and is_label(spot) and abs(spot.left - nearest.left) < _INDENT * nearest.height
    ]  # fmt: skip


def is_level(one: Spot, other: Spot) -> bool:
    """Say whether two lines stand on one row."""
    return abs(one.middle - other.middle) < _ROW * max(one.height, other.height)


def _ends_with(line: Line, part: Line) -> bool:
    """Find the line of a value that stands behind its own label."""
    return line.quad[1] == part.quad[1] and line.text.endswith(part.text)


def _joined(found: list[Spot]) -> list[Spot]:
    """Join neighbours on a row that a reader split inside a value, never over a label."""
    out: list[Spot] = []
    for spot in found:
        near = next((other for other in reversed(out[-4:]) if _continues(other, spot) or _continues(spot, other)), None)
        if near is None:
            out.append(spot)
        else:
            out[out.index(near)] = _as_one(*sorted((near, spot), key=lambda one: one.left))
    return out


def _as_one(left: Spot, right: Spot) -> Spot:
    quad = (left.line.quad[0], right.line.quad[1], right.line.quad[2], left.line.quad[3])
    line = Line(f"{left.line.text} {right.line.text}", min(left.line.score, right.line.score), quad)
    return Spot(line, left.left, min(left.top, right.top), right.right, max(left.bottom, right.bottom))


def _continues(left: Spot, right: Spot) -> bool:
    return (
        -_OVERLAP * left.height <= right.left - left.right < _MERGE_GAP * min(left.height, right.height)
        and abs(left.middle - right.middle) < 0.3 * min(left.height, right.height)
        and 0.75 < left.height / right.height < 1.33
        and labels.match(left.line.text) is None
        and labels.match(right.line.text) is None
        and not marks.match(left.line.text)
    )
