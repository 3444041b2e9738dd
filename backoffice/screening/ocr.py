"""Text lines of one page, upright: PP-OCRv6 on OpenVINO with the models of the wheel; nothing is ever fetched."""

import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from backoffice.screening import deblurring, spacing
from backoffice.screening.spacing import Pixels
from backoffice.screening.types import Box

Quad = tuple[tuple[float, float], ...]

MODEL = "ppocr-v6-small@3.10"
_THREADS = 1
"""One core for one reader: two readers beside each other do more than one reader on two cores."""
_DETECT_SIDE, _SMALL_SIDE = 960, 1280
"""Lines are looked for in a picture of the first size; one that is small itself is enlarged to the second."""
_DARK_MEAN = 70
_CONFIDENT = 0.85
_CLEARLY_MORE = 1.1
_UPSIDE_DOWN_BELOW = 0.9
_ALIKE = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορυνιАВЕЗКМНОРСТУХасеорху，：；（）／",
    "ABEZHIKMNOPTYXaopuviABE3KMHOPCTYXaceopxy,:;()/",
)
"""Greek, Cyrillic and Chinese signs that look Latin: the models know more alphabets than these documents use."""
_STRIP_PAD = 0.05
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text with its corners in pixels, from the top left clockwise in reading direction."""

    text: str
    score: float
    quad: Quad

    @property
    def height(self) -> float:
        """Height of the letters in pixels, across the reading direction."""
        (x0, y0), (x3, y3) = self.quad[0], self.quad[3]
        return max(1.0, float(np.hypot(x3 - x0, y3 - y0)))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in pixels."""
        xs, ys = [point[0] for point in self.quad], [point[1] for point in self.quad]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was read; `turned` says by how many degrees clockwise the picture was turned to stand upright."""

    lines: tuple[Line, ...]
    pixels: Pixels
    turned: int
    is_layer: bool = False
    """Whether the lines are a PDF's own text and not read from the picture."""
    is_smeared: bool = False
    """Whether the camera or the document moved."""

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.pixels.shape[0])

    def box(self, quad: Quad) -> Box:
        """Express corners as fractions of the page."""
        xs, ys = [point[0] for point in quad], [point[1] for point in quad]
        left, top = max(0.0, min(xs) / self.width), max(0.0, min(ys) / self.height)
        right, bottom = min(1.0, max(xs) / self.width), min(1.0, max(ys) / self.height)
        return (round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4))


@lru_cache(maxsize=1)
def _engine() -> Any:
    """Build the engine once; the telemetry package is made unimportable first, so that it can never call home."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import rapidocr

    cv2.setNumThreads(_THREADS)
    models = Path(rapidocr.__file__).with_name("models")
    openvino = rapidocr.EngineType.OPENVINO
    parameters = {
        "Global.use_cls": False,
        "Global.log_level": "critical",
        "EngineConfig.openvino.inference_num_threads": _THREADS,
        "Det.limit_type": "max",
        "Det.limit_side_len": _DETECT_SIDE,
        "Det.engine_type": openvino,
        "Rec.engine_type": openvino,
        "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
        "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
    }
    engine = rapidocr.RapidOCR(params=parameters)
    engine(np.full((64, 64, 3), 255, np.uint8))
    return engine


def warm() -> None:
    """Load the models and compile the common shapes before the first document comes."""
    _lines(np.full((700, 960, 3), 255, np.uint8))


def read(pixels: Pixels) -> Page:
    """Read one page (BGR), upright; a blurred one is read sharpened too, and the reading with more letters counts.

    Spaces that got lost inside long words are given back.
    """
    page = _clearest(pixels)
    return replace(page, lines=tuple(_respaced(page.pixels, line) for line in page.lines))


def _clearest(pixels: Pixels) -> Page:
    page = _upright(pixels)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    blur = deblurring.blur_of(grey)
    if blur is None:
        return page
    page = replace(page, is_smeared=blur.length > 0)
    again = _upright(np.asarray(cv2.cvtColor(deblurring.sharpened(grey, blur), cv2.COLOR_GRAY2BGR), np.uint8))
    if _confident(again.lines) <= _CLEARLY_MORE * _confident(page.lines):
        return page
    return replace(again, pixels=_turn(pixels, again.turned) if again.turned else pixels, is_smeared=page.is_smeared)


def _upright(pixels: Pixels) -> Page:
    """Turn a page by what the letters say."""
    lines = _lines(pixels)
    if _is_sideways(lines):
        return _read_sideways(pixels)
    if lines and _mean_score(lines) < _UPSIDE_DOWN_BELOW:
        turned = _turn(pixels, 180)
        others = _lines(turned)
        if _confident(others) > _confident(lines):
            return Page(others, turned, 180)
    return Page(lines, pixels, 0)


def _respaced(pixels: Pixels, line: Line) -> Line:
    if not spacing.may_lack_one(line.text):
        return line
    cut = _brightened(strip(pixels, line.quad, _STRIP_PAD))
    return replace(line, text=spacing.respaced(cut, line.text, read_strip))


def lines(pixels: Pixels) -> tuple[Line, ...]:
    """Read a picture as it stands, without turning it."""
    return _lines(pixels)


def read_strip(pixels: Pixels) -> tuple[str, float]:
    """Read one cropped line of text without looking for lines."""
    result = _engine()(pixels, use_det=False, use_cls=False, use_rec=True)
    texts = list(result.txts or ())
    return (_latin(str(texts[0])), float(result.scores[0])) if texts else ("", 0.0)


def strip(pixels: Pixels, quad: Quad, pad: float) -> Pixels:
    """Cut a line out straight and enlarge it to the height that the reader was trained on."""
    corners = np.array(quad, np.float32)
    across = (corners[3] - corners[0]) * pad
    along = (corners[1] - corners[0]) / max(1.0, float(np.linalg.norm(corners[1] - corners[0])))
    along = along * float(np.linalg.norm(across)) * 2
    source = corners + np.array([-across - along, -across + along, across + along, across - along], np.float32)
    wide = float(np.linalg.norm(source[1] - source[0]))
    tall = max(1.0, float(np.linalg.norm(source[3] - source[0])))
    size = (max(64, int(wide * 64 / tall)), 64)
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target)
    return np.asarray(cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC), np.uint8)


def _latin(text: str) -> str:
    """Write stray look-alikes of other alphabets in Latin; a word that is really Greek or Russian stays what it is."""
    latin = sum(sign.isascii() and sign.isalnum() for sign in text)
    foreign = sum("\u0370" <= sign <= "\u04ff" for sign in text)
    return text.translate(_ALIKE) if 0 < foreign < latin else text


def _read_sideways(pixels: Pixels) -> Page:
    """Read a picture that lies on its side both ways: upside down, some letters read well as others."""
    pages: list[Page] = []
    for degrees in (90, 270):
        turned = _turn(pixels, degrees)
        pages.append(Page(_lines(turned), turned, degrees))
    return max(pages, key=lambda page: _confident(page.lines))


def _lines(pixels: Pixels) -> tuple[Line, ...]:
    scale = max(1.0, _SMALL_SIDE / max(pixels.shape[:2]))
    seen = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale > 1 else pixels
    engine = _engine()
    engine.text_det.limit_side_len = _SMALL_SIDE if scale > 1 else _DETECT_SIDE
    result = engine(_brightened(np.asarray(seen, np.uint8)), use_det=True, use_cls=False, use_rec=True)
    if result.boxes is None or result.txts is None:
        return ()
    return tuple(
        Line(_latin(str(text).strip()), float(score), tuple((float(x) / scale, float(y) / scale) for x, y in quad))
        for quad, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        if str(text).strip()
    )


def _brightened(pixels: Pixels) -> Pixels:
    """Stretch a dark picture for reading; the reviewer sees the picture as it came."""
    if float(pixels.mean()) >= _DARK_MEAN:
        return pixels
    white = max(20.0, float(np.percentile(pixels[::4, ::4], 99)))
    soft = np.asarray(cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), 0.7), np.float32)
    return np.clip(soft * (235 / white), 0, 255).astype(np.uint8)


def _turn(pixels: Pixels, degrees: int) -> Pixels:
    return np.asarray(cv2.rotate(pixels, _TURNS[degrees]), np.uint8)


def _is_sideways(lines: tuple[Line, ...]) -> bool:
    """Weigh by letters: machine readable lines are long and decide where a page mixes directions."""
    votes = 0
    for line in lines:
        left, top, right, bottom = line.bounds
        weight = len(line.text) * (3 if line.text.count("<") > 2 else 1)
        if len(line.text) > 2:
            votes += weight if bottom - top > 1.5 * (right - left) else -weight
    return votes > 0


def _mean_score(lines: tuple[Line, ...]) -> float:
    letters = sum(len(line.text) for line in lines)
    return sum(line.score * len(line.text) for line in lines) / letters if letters else 0.0


def _confident(lines: tuple[Line, ...]) -> int:
    return sum(len(line.text) for line in lines if line.score >= _CONFIDENT)
