"""Plain tesseract on the same pictures: its lines in our field rules, and its reading of the bottom band.

The second is what PassportEye does for machine readable zones.
"""

import csv
import io
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass

import cv2
import numpy as np

from backoffice.screening import classify, fields, mrz_lines
from backoffice.screening.decode import Decoder
from backoffice.screening.ocr import Line, Page, Pixels
from backoffice.screening.page_texts import PageText
from bench.accuracy.cases import TODAY, Case

_BAND = 0.4
"""Machine readable zones lie in the lower part of a page (ICAO 9303-4 to 7)."""
_ZONE_OPTIONS = ("--psm", "6", "-c", "tessedit_char_whitelist=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
_WORD = "5"
_GAP = 1.5
_SECONDS = 60


@dataclass(frozen=True)
class Read:
    """What the baseline made of one case."""

    values: dict[str, str]
    kind: str | None
    zone: tuple[str, ...]
    is_valid: bool


def is_installed() -> bool:
    return shutil.which("tesseract") is not None


def read(case: Case, decoder: Decoder) -> Read:
    """Read every side with one call for its lines, and one more for its band where none of them was a zone."""
    pages: list[PageText] = []
    for index, file in enumerate(case.files):
        for number, raster in enumerate(decoder.pages(file.data, file.mime_type)):
            pixels = np.frombuffer(raster.rgb, np.uint8).reshape(raster.height, raster.width, 3)[..., ::-1]
            page = Page(_lines(np.ascontiguousarray(pixels), ("--psm", "3")), pixels, 0)
            pages.append(PageText(index, number, page, _zone(page, case)))
    readout = fields.read(pages, today=TODAY, country=case.declared.issuing_country)
    kind = classify.guess(pages, [file.side for file in case.files]).type
    zone = next((page.found.zone for page in pages if page.found), None)
    values = {field.name: field.value for field in readout.extracted}
    return Read(values, kind, zone.lines if zone else (), zone is not None and zone.is_valid)


def _zone(page: Page, case: Case) -> mrz_lines.Found | None:
    found = mrz_lines.find_once(page)
    return _in_band(page) if found is None and case.zone else found


def _in_band(page: Page) -> mrz_lines.Found | None:
    band = np.ascontiguousarray(page.pixels[round(page.height * (1 - _BAND)) :])
    return mrz_lines.find_once(Page(_lines(band, _ZONE_OPTIONS), band, 0))


def _lines(pixels: Pixels, options: tuple[str, ...]) -> tuple[Line, ...]:
    _, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    command = ["tesseract", "stdin", "stdout", "-l", "eng", *options, "tsv"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    said = subprocess.run(
        command, input=encoded.tobytes(), capture_output=True, timeout=_SECONDS, env=environment, check=True
    ).stdout
    rows = csv.DictReader(io.StringIO(said.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE)
    lines: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in rows:
        if row["level"] == _WORD and (row["text"] or "").strip():
            lines.setdefault((row["block_num"], row["par_num"], row["line_num"]), []).append(row)
    return tuple(line for words in lines.values() for line in _split(words))


def _split(words: list[dict[str, str]]) -> list[Line]:
    """Part a line where the gap is wider than a space: columns are no sentence."""
    parts: list[list[dict[str, str]]] = [[words[0]]]
    for before, word in itertools.pairwise(words):
        gap = int(word["left"]) - int(before["left"]) - int(before["width"])
        if gap > _GAP * int(before["height"]):
            parts.append([])
        parts[-1].append(word)
    return [_joined(part) for part in parts]


def _joined(words: list[dict[str, str]]) -> Line:
    left = min(int(word["left"]) for word in words)
    top = min(int(word["top"]) for word in words)
    right = max(int(word["left"]) + int(word["width"]) for word in words)
    bottom = max(int(word["top"]) + int(word["height"]) for word in words)
    score = sum(float(word["conf"]) for word in words) / len(words) / 100
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line(" ".join(word["text"] for word in words), score, quad)
