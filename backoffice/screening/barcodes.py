"""Finding PDF417 and QR codes on a page and reading what they say: once everywhere, harder where one should be."""

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from backoffice.screening import aadhaar, aamva, pencils, thresholds
from backoffice.screening.labels import key
from backoffice.screening.ocr import Pixels
from backoffice.screening.page_texts import PageText
from backoffice.screening.records import Record
from backoffice.screening.types import Box, Extracted, Finding
from backoffice.screening.wording import VALUES, listed

MODEL = f"zxing-cpp@{version('zxing-cpp')}"
_FORMATS = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.PDF417, zxingcpp.BarcodeFormat.QRCode))
_NAMES = {"PDF417": "PDF417 code", "QRCode": "QR code"}
_MOST_CODES, _MOST_BYTES = 8, 8192
_MOST_PAGES_TRIED, _MOST_SECONDS = 2, 5.0
"""Looking harder takes a fifth of a second on an ordinary page; a page made to be slow is given up."""
_TILTS = (5.0, -5.0, 10.0, -10.0)
"""The reader follows a PDF417 code through a few degrees of skew only."""
_SMALL_SIDE = 1600
_CONFIDENCE = 0.98
"""A code is read wholly or not at all: its error correction sees to that."""
_AMERICAN = {"USA", "CAN"}
_REGION_NAMES = (
    "alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois "
    "indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri "
    "montana nebraska nevada newhampshire newjersey newmexico newyork northcarolina northdakota ohio oklahoma "
    "oregon pennsylvania rhodeisland southcarolina southdakota tennessee texas utah vermont virginia washington "
    "westvirginia wisconsin wyoming usa alberta britishcolumbia manitoba newbrunswick novascotia ontario quebec "
    "saskatchewan"
)
_REGIONS = frozenset(_REGION_NAMES.split())
_AADHAAR = ("aadhaar", "uniqueidentification", "governmentofindia")
Finer = Callable[[PageText], Pixels | None]
"""Gives a page with more pixels than the one that was read, where its file has more."""
Matrix = NDArray[np.float64]
_Seen = tuple[str, bytes, list[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Code:
    """One code that was read, with its place; `record` is None where it holds no data of a document."""

    symbology: str
    record: Record | None
    file_index: int
    page_index: int
    box: Box

    def fields(self) -> list[Extracted]:
        """List the values as everybody reads them."""
        if self.record is None:
            return []
        return [
            Extracted(name, value, _CONFIDENCE, "barcode", self.box, self.file_index, self.page_index)
            for name, value in self.record.values.items()
        ]


def read(pages: Sequence[PageText], *, is_likely: bool, finer: Finer) -> list[Code]:
    """Read every page once; where a code is likely and none was read, look harder, back sides first."""
    codes = [code for page in pages for code in _codes(page, page.page.pixels, None)]
    if not is_likely or any(code.record for code in codes):
        return codes
    until = time.monotonic() + _MOST_SECONDS
    for page in sorted(pages, key=lambda page: len(page.page.lines))[:_MOST_PAGES_TRIED]:
        for pixels, matrix in _attempts(page, finer):
            again = _codes(page, pixels, matrix) if time.monotonic() < until else []
            if any(code.record for code in again):
                return codes + again
    return codes


def is_american_licence(kinds: set[str | None], countries: set[str | None], pages: Sequence[PageText]) -> bool:
    """Say whether this should be a licence of the United States or Canada, whose back carries a PDF417 code."""
    if "driving_licence" not in kinds:
        return False
    if countries - {None}:
        return bool(countries & _AMERICAN)
    return bool(_words(pages) & _REGIONS)


def is_likely(kinds: set[str | None], countries: set[str | None], pages: Sequence[PageText]) -> bool:
    """Say whether looking harder for a code is worth its time."""
    if is_american_licence(kinds, countries, pages):
        return True
    texts = [key(line.text) for page in pages for line in page.page.lines]
    return any(mark in text for text in texts for mark in _AADHAAR)


def finding(codes: Sequence[Code], *, is_due: bool, is_back_missing: bool) -> Finding:
    """Judge what was read; `is_due` says that a document of this kind carries a code."""
    telling = [code for code in codes if code.record]
    if telling:
        return _judged(telling)
    limit = thresholds.BARCODE
    if is_due and not codes and is_back_missing:
        return Finding("barcode", "warning", 0.0, limit.passes, MODEL, ("side_missing",),
                       "The side that carries the barcode was not sent.")  # fmt: skip
    if is_due:
        says = "holds no data of a licence" if codes else "that this document should have could not be read"
        return Finding("barcode", "warning", 0.0, limit.passes, MODEL, ("barcode_unreadable",),
                       f"The barcode {says}.")  # fmt: skip
    if codes:
        first = codes[0]
        summary = f"The {first.symbology} holds no data of a document."
        return Finding("barcode", "not_applicable", None, None, MODEL, (), summary,
                       first.box, first.file_index, first.page_index)  # fmt: skip
    return Finding("barcode", "not_applicable", model=MODEL, summary="The document shows no barcode.")


def _judged(codes: list[Code]) -> Finding:
    records = [code.record for code in codes if code.record]
    wrong = [says for record in records for says in record.contradictions] + _apart(records)
    best = min(codes, key=lambda code: len(code.record.missing) if code.record else math.inf)
    record = best.record or records[0]
    limit = thresholds.BARCODE
    score = 0.0 if wrong else round(1 - len(record.missing) / len(record.wanted), 3)
    status = "failed" if wrong else limit.evaluate(score)
    reasons = ("data_inconsistent",) if wrong else () if status == "passed" else ("barcode_unreadable",)
    given = listed([label for name, label in VALUES.items() if name in record.values])
    summary = f"The {best.symbology} ({record.standard}) gives {given or 'nothing'}."
    if record.missing:
        summary += f" It lacks {listed([VALUES[name] for name in record.missing])}."
    if wrong:
        summary = f"The {best.symbology} contradicts itself: it {listed(wrong)}."
    return Finding("barcode", status, score, limit.passes, MODEL, reasons, summary,
                   best.box, best.file_index, best.page_index)  # fmt: skip


def _apart(records: list[Record]) -> list[str]:
    """Compare several codes of one document: a card has one number and one holder."""
    return [
        f"gives another {VALUES[name]} than another code"
        for name in ("document_number", "date_of_birth")
        if len({record.values[name] for record in records if name in record.values}) > 1
    ]


def _codes(page: PageText, pixels: Pixels, matrix: Matrix | None) -> list[Code]:
    """Read one picture of a page; `matrix` (2 by 3) leads from the page's pixels to the picture's."""
    found: list[Code] = []
    for symbology, payload, corners in _seen(pixels):
        record = aamva.parse(payload) if symbology == "PDF417 code" else aadhaar.parse(payload)
        quad = tuple(corners if matrix is None else _back(corners, matrix))
        found.append(Code(symbology, record, page.file_index, page.page_index, page.page.box(quad)))
    return found


def _seen(pixels: Pixels) -> Iterator[_Seen]:
    """Ask the reader: bytes as they are, because its own text replaces the control signs that separate elements."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)) if pixels.ndim == 3 else pixels
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey), formats=_FORMATS, try_invert=False, text_mode=zxingcpp.TextMode.Plain
    )
    for code in [code for code in found if code.valid][:_MOST_CODES]:
        payload, place = bytes(code.bytes), code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        if len(payload) <= _MOST_BYTES:
            name = _NAMES.get(code.symbology.name, "code")
            yield name, payload, [(float(point.x), float(point.y)) for point in corners]


def unread(grey: Pixels) -> list[list[tuple[float, float]]]:
    """Find the corners of codes that are there and cannot be read."""
    found = zxingcpp.read_barcodes(np.ascontiguousarray(grey), formats=_FORMATS, try_invert=False, return_errors=True)
    places = [code.position for code in found if not code.valid]
    return [
        [(float(point.x), float(point.y)) for point in (place.top_left, place.top_right, place.bottom_right,
                                                        place.bottom_left)]
        for place in places
    ]  # fmt: skip


def _attempts(page: PageText, finer: Finer) -> Iterator[tuple[Pixels, Matrix | None]]:
    """Show the page as the reader may like it better: with all its pixels, less noisy, straight, sharp, large."""
    grey = np.asarray(cv2.cvtColor(page.page.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    high, wide = grey.shape
    more = finer(page)
    if more is not None:
        yield more, np.array([[more.shape[1] / wide, 0, 0], [0, more.shape[0] / high, 0]], np.float64)
    yield np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.uint8), None
    tilt = math.degrees(pencils.tilt(page.page.lines))
    for angle in sorted(_TILTS, key=lambda angle: abs(angle - tilt)):
        matrix = np.asarray(cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0), np.float64)
        yield np.asarray(cv2.warpAffine(grey, matrix, (wide, high), borderValue=(255,)), np.uint8), matrix
    yield np.asarray(cv2.addWeighted(grey, 2.2, cv2.GaussianBlur(grey, (0, 0), 2.0), -1.2, 0), np.uint8), None
    if max(grey.shape) < _SMALL_SIDE:
        double = np.array([[2.0, 0, 0], [0, 2.0, 0]], np.float64)
        yield np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8), double


def _back(corners: list[tuple[float, float]], matrix: Matrix) -> list[tuple[float, float]]:
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    points = np.asarray(corners, np.float64) @ back[:, :2].T + back[:, 2]
    return [(float(point[0]), float(point[1])) for point in points]


def _words(pages: Sequence[PageText]) -> set[str]:
    """List the words of the page and the pairs of neighbours, because half of the regions have two."""
    found: set[str] = set()
    for page in pages:
        for line in page.page.lines:
            words = [key(word) for word in line.text.split()]
            found.update(words, (one + other for one, other in itertools.pairwise(words)))
    return found
