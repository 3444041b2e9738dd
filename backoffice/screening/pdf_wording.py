"""Reading a PDF's own text inside the limited child, for pages that a program wrote and nobody scanned."""

import importlib
from typing import Any

from backoffice.screening.pdf_words import MOST_LINES, MOST_SIGNS

_LEAST_SIGNS = 200
"""A page with less text than this is a picture with a caption."""
_MOST_PICTURE = 0.25
_IMAGE_OBJECT = 3

pypdfium2: Any = importlib.import_module("pypdfium2")
"""The package has no types."""


def of(data: bytes, most_pages: int) -> list[list[Any]]:
    """List every page's runs of text as plain JSON; an empty list for a page that must be read from its picture."""
    try:
        document = pypdfium2.PdfDocument(data)
        return [_of_page(document[number]) for number in range(min(len(document), most_pages))]
    except Exception:  # noqa: BLE001 - the vendor boundary: what text a hostile file has may cost no page
        return []


def _of_page(page: Any) -> list[Any]:
    text = page.get_textpage()
    if text.count_chars() < _LEAST_SIGNS or page.get_rotation() or _picture_share(page) > _MOST_PICTURE:
        return []
    wide, high = page.get_size()
    found: list[Any] = []
    for number in range(min(text.count_rects(), MOST_LINES)):
        left, bottom, right, top = text.get_rect(number)
        said = str(text.get_text_bounded(left, bottom, right, top)).strip()[:MOST_SIGNS]
        if said:
            found.append([said, left / wide, 1 - top / high, right / wide, 1 - bottom / high])
    return found


def _picture_share(page: Any) -> float:
    wide, high = page.get_size()
    bounds = (thing.get_bounds() for thing in page.get_objects(filter=[_IMAGE_OBJECT], max_depth=3))
    return sum((right - left) * (top - bottom) for left, bottom, right, top in bounds) / (wide * high)
