"""How good a picture is where it matters: inside the text of the page, or in its middle when there is none."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from backoffice.screening import deblurring
from backoffice.screening.ocr import Page, Pixels
from backoffice.screening.types import Box

MODEL = "laplacian@1"
_WORK_SIDE = 1600
_SHARP, _SHARP_FACE = (1.15, 1.75), (1.07, 1.37)
"""Bad and good; a page without text, such as a selfie, has no edges as hard as letters."""
_FEW_LINES = 2
_SMEARED_SCORE = 0.1
_MEAN_GOOD, _MEAN_BAD = 80.0, 25.0
_GLARE_GOOD, _GLARE_BAD = 0.004, 0.05
_LETTER_GOOD, _LETTER_BAD = 15.0, 5.0
_NEAR_RING, _FAR_RING = 8, 30
_STILL_BRIGHT, _LEAST_FADING = 234.0, 2.0
_EDGE = 0.004
_CLIPPED, _COLOURLESS = 250, 26

SENTENCES = {
    "image_blurred": "The picture is blurred.",
    "image_too_dark": "The picture is too dark.",
    "image_glare": "A bright reflection hides part of the document.",
    "document_cut_off": "Text runs out of the picture.",
    "data_not_readable": "The text is too small in this picture.",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """The worst of the measured scores, 0 to 1 with 0.5 as the limit, and what makes it bad."""

    score: float
    reasons: tuple[str, ...]
    box: Box | None


def measure(page: Page) -> Quality:
    """Measure one page; the reader's lines say where the document's ink is."""
    scale = min(1.0, _WORK_SIDE / max(page.pixels.shape[:2]))
    pixels = np.asarray(cv2.resize(page.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    inside = _inked(page, scale, grey.shape)
    glare, spot = _glare(pixels, grey, inside)
    sharp = _grade(deblurring.edge_ratio(grey, inside > 0), *(_SHARP if len(page.lines) > _FEW_LINES else _SHARP_FACE))
    scores = {
        "image_too_dark": _grade(float(grey[inside > 0].mean()), _MEAN_BAD, _MEAN_GOOD),
        "image_glare": 1 - _grade(glare, _GLARE_GOOD, _GLARE_BAD),
        "image_blurred": min(sharp, _SMEARED_SCORE) if page.is_smeared else sharp,
        "data_not_readable": _grade(_letter_height(page), _LETTER_BAD, _LETTER_GOOD) if page.lines else 1.0,
        "document_cut_off": 0.3 if _is_cut_off(page) else 1.0,
    }
    bad = tuple(reason for reason, score in scores.items() if score < 0.5)
    return Quality(round(min(scores.values()), 3), bad, spot if "image_glare" in bad else None)


def glare_of(page: Page) -> Box | None:
    """Find a reflection large enough to hide letters, before values are read."""
    grey = np.asarray(cv2.cvtColor(page.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    share, box = _glare(page.pixels, grey, _inked(page, 1.0, grey.shape))
    return box if share > _GLARE_GOOD else None


def burnt_share(page: Page, box: Box) -> float:
    """Measure how much of a value is burnt out, or of the line's height before it or behind it: the worst of the three.

    Burnt paper over and under a value takes nothing away from it.
    """
    left, right = box[0] * page.width, (box[0] + box[2]) * page.width
    top, bottom = max(0, int(box[1] * page.height)), int((box[1] + box[3]) * page.height)
    high = bottom - top
    parts = ((left - high, left), (left, right), (right, right + high))
    return max(_clipped_share(page.pixels[top:bottom, max(0, int(start)) : max(0, int(end))]) for start, end in parts)


def _clipped_share(pixels: Pixels) -> float:
    return float((pixels.min(axis=2) >= _CLIPPED).mean()) if pixels.size else 0.0


def _grade(value: float, bad: float, good: float) -> float:
    return float(min(1.0, max(0.0, (value - bad) / (good - bad))))


def _inked(page: Page, scale: float, shape: tuple[int, ...]) -> Pixels:
    """Mark the region that the text spans; a page without text counts from edge to edge but its rim."""
    mask = np.zeros(shape, np.uint8)
    if len(page.lines) > _FEW_LINES:
        points = np.array([point for line in page.lines for point in line.quad], np.float32) * scale
        cv2.fillConvexPoly(mask, cv2.convexHull(points).astype(np.int32), 255)
    if not mask.any():
        rim_y, rim_x = shape[0] // 8, shape[1] // 8
        mask[rim_y : shape[0] - rim_y, rim_x : shape[1] - rim_x] = 255
    return mask


def _glare(pixels: NDArray[np.uint8], grey: Pixels, inside: Pixels) -> tuple[float, Box | None]:
    """Find the largest burnt-out colourless blob; paper itself is never clipped over its whole surface."""
    saturation = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)[..., 1]
    burnt = ((grey >= _CLIPPED) & (saturation < _COLOURLESS) & (inside > 0)).astype(np.uint8)
    if float(burnt.sum()) > 0.6 * float((inside > 0).sum()):
        return 0.0, None
    burnt = np.asarray(cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)), np.uint8)
    count, marks, stats, _ = cv2.connectedComponentsWithStats(burnt)
    if count < 2:
        return 0.0, None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, wide, high, area = (int(value) for value in stats[largest])
    rows, columns = grey.shape
    reach = 2 * _FAR_RING
    around = np.s_[max(0, top - reach) : top + high + reach, max(0, left - reach) : left + wide + reach]
    if not _fades(grey[around], np.asarray(marks[around] == largest, np.uint8)):
        return 0.0, None
    box = (round(left / columns, 4), round(top / rows, 4), round(wide / columns, 4), round(high / rows, 4))
    return area / float((inside > 0).sum()), box


def _fades(grey: Pixels, blob: Pixels) -> bool:
    """Tell a reflection from white print: light fades around it; print ends at once, or lies on paper as white."""
    near, far = (float(np.median(grey[_ring(blob, reach)])) for reach in (_NEAR_RING, _FAR_RING))
    return near > _STILL_BRIGHT and near - far > _LEAST_FADING


def _ring(blob: Pixels, reach: int) -> NDArray[np.bool_]:
    """Take the pixels that lie about `reach` away from a blob; those right at it when there are none."""
    grown = [cv2.dilate(blob, np.ones((2 * by + 1, 2 * by + 1), np.uint8)) for by in (reach, max(1, reach - 4))]
    ring = (grown[0] > 0) & (grown[1] == 0)
    return ring if ring.any() else np.asarray(blob > 0)


def _letter_height(page: Page) -> float:
    heights = sorted(line.height for line in page.lines)
    return heights[len(heights) // 2]


def _is_cut_off(page: Page) -> bool:
    """See at least two lines of text that touch the same side of the picture."""
    touching = {"left": 0, "right": 0, "top": 0, "bottom": 0}
    for line in page.lines:
        left, top, right, bottom = line.bounds
        touching["left"] += left < _EDGE * page.width
        touching["right"] += right > (1 - _EDGE) * page.width
        touching["top"] += top < _EDGE * page.height
        touching["bottom"] += bottom > (1 - _EDGE) * page.height
    return max(touching.values()) > 1
