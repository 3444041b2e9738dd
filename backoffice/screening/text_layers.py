"""A PDF's own text in place of a reading of its picture, believed only where the picture shows it.

A page that was written by a program needs no reader of pictures. Whoever wants to deceive can write one thing and
draw another, so every value taken from such a text is looked at again in the rendered page before it counts.
"""

from collections.abc import Sequence

from anyascii import anyascii

from backoffice.screening import ocr
from backoffice.screening.fingerprints import same_signs
from backoffice.screening.ocr import Line, Page, Pixels
from backoffice.screening.pdf_words import Words
from backoffice.screening.types import Extracted

MODEL = "pdf-text@1"
_SCORE = 0.99
_RIM = 0.15
"""A PDF measures its letters tightly, readers of pictures leave them some air."""


def page(pixels: Pixels, words: tuple[Words, ...]) -> Page:
    """Lay the text over the picture as a reader would have found it."""
    high, wide = pixels.shape[:2]
    lines: list[Line] = []
    for run in words:
        left, top, right, bottom = (part * side for part, side in zip(run.place, (wide, high, wide, high), strict=True))
        rim = _RIM * (bottom - top)
        top, bottom = top - rim, bottom + rim
        lines.append(Line(run.text, _SCORE, ((left, top), (right, top), (right, bottom), (left, bottom))))
    return Page(tuple(lines), pixels, 0, is_layer=True)


def is_shown(page: Page, fields: Sequence[Extracted]) -> bool:
    """Look at every line that a value came from: the picture must say what the text says."""
    boxes = [field.box for field in fields if field.box]
    return all(_is_drawn(page, line) for line in page.lines if any(_covers(page, line, box) for box in boxes))


def _covers(page: Page, line: Line, box: tuple[float, float, float, float]) -> bool:
    left, top, wide, high = page.box(line.quad)
    middle = (left + wide / 2, top + high / 2)
    is_across = left < box[0] + box[2] and box[0] < left + wide
    return is_across and box[1] <= middle[1] <= box[1] + box[3]


def _is_drawn(page: Page, line: Line) -> bool:
    drawn, _ = ocr.read_strip(ocr.strip(page.pixels, line.quad, 0.1))
    return same_signs(anyascii(drawn)) == same_signs(anyascii(line.text))
