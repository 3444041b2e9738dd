"""How the rows of a page run: turned by one angle, or towards one point where a camera looked from the side.

Rows that are parallel on paper form a pencil on a picture (Hartley & Zisserman, Multiple View Geometry, §2.7): the
slope of each grows evenly with the height at which it crosses the middle of the page.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from backoffice.screening.ocr import Line

Point = tuple[float, float]
_LONG = 4
"""Heights; the box of a shorter line says little about its slope."""
_LEAST_LINES = 6
_LEAST_FAN = 0.03
"""Difference of slopes between the first row and the last; less is within what boxes tell."""
_OUTLIER = 0.03
_LEAST_SCALE = 0.4


def straightener(lines: Sequence[Line]) -> Callable[[float, float], Point]:
    """Answer what maps a point of the picture to where it would be if all rows were level."""
    return _fanned(lines) or _turned(tilt(lines))


def tilt(lines: Sequence[Line]) -> float:
    """Measure by how much the longer lines fall to the right, in radians."""
    across = down = 0.0
    for line in _longer(lines):
        (x0, y0), (x1, y1) = line.quad[0], line.quad[1]
        length = math.hypot(x1 - x0, y1 - y0)
        across, down = across + (x1 - x0) * length, down + (y1 - y0) * length
    return math.atan2(down, across) if across > 0 else 0.0


def _longer(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if math.dist(line.quad[0], line.quad[1]) > _LONG * line.height]


def _turned(angle: float) -> Callable[[float, float], Point]:
    cosine, sine = math.cos(-angle), math.sin(-angle)
    return lambda x, y: (x * cosine - y * sine, x * sine + y * cosine)


def _fanned(lines: Sequence[Line]) -> Callable[[float, float], Point] | None:
    """Fit the pencil; None where the rows are as good as parallel, or too few to tell."""
    measured = np.array([_slope(line) for line in _longer(lines) if line.quad[1][0] > line.quad[0][0]], float)
    if len(measured) < _LEAST_LINES:
        return None
    middle = float((measured[:, 0].min() + measured[:, 0].max()) / 2)
    at, slopes, weights = measured[:, 1] - measured[:, 2] * (measured[:, 0] - middle), measured[:, 2], measured[:, 3]
    level, fan = _line_through(at, slopes, weights)
    near = np.abs(slopes - level - fan * at) < _OUTLIER
    if near.sum() < _LEAST_LINES:
        return None
    level, fan = _line_through(at[near], slopes[near], weights[near])
    if abs(fan) * float(np.ptp(at[near])) < _LEAST_FAN:
        return None

    def straightened(x: float, y: float) -> Point:
        scale = max(_LEAST_SCALE, 1 + fan * (x - middle))
        return x + (level + fan * y) * y, (y - level * (x - middle)) / scale

    return straightened


def _slope(line: Line) -> tuple[float, float, float, float]:
    """Measure the middle of a line, its slope by both long edges, and its weight."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.quad
    across = max(1.0, (x1 - x0 + x2 - x3) / 2)
    return (x0 + x1 + x2 + x3) / 4, (y0 + y1 + y2 + y3) / 4, (y1 - y0 + y2 - y3) / 2 / across, across**2


def _line_through(at: "np.ndarray", slopes: "np.ndarray", weights: "np.ndarray") -> tuple[float, float]:
    fan, level = np.polyfit(at, slopes, 1, w=np.sqrt(weights))
    return float(level), float(fan)
