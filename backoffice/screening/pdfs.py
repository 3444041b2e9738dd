"""PDF files inside the limited child: no password, no programs, few sane pages, then pictures of them."""

import importlib
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

from backoffice.screening import thresholds
from backoffice.screening.images import MOST_PIXELS, RefusalError, upright

pypdfium2: Any = importlib.import_module("pypdfium2")
"""The package has no types."""

_DPI = 200
_POINTS_PER_INCH = 72
_PAGE_POINTS = (10.0, 14_400.0)
_MOST_OBJECTS = 50_000
_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/RichMediaExecute"}
_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"}
_SUBTYPES = {"/RichMedia", "/Screen", "/Movie", "/FileAttachment"}


def inspect(data: bytes, _mime_type: str) -> dict[str, Any]:
    """Check everything that would make a PDF more than pages to look at; sizes are pixels at 200 dpi."""
    try:
        document = pikepdf.open(BytesIO(data))
    except pikepdf.PasswordError:
        raise RefusalError("file_encrypted") from None
    with document:
        if document.is_encrypted:
            raise RefusalError("file_encrypted")
        count = len(document.pages)
        if not thresholds.PDF_PAGES.evaluate(count):
            raise RefusalError("too_many_pages" if count else "file_corrupt")
        _refuse_active(document)
    rendered = pypdfium2.PdfDocument(data)
    sizes = [_pixels(rendered[page], 10_000) for page in range(count)]
    rendered[0].render(scale=0.2, may_draw_forms=False)
    return {"width": sizes[0][0], "height": sizes[0][1], "pages": count}


def pages(data: bytes, _mime_type: str, long_side: int) -> list[Image.Image]:
    """Draw every page without forms and annotations' programs."""
    document = pypdfium2.PdfDocument(data)
    found: list[Image.Image] = []
    for number in range(min(len(document), thresholds.PDF_PAGES.most)):
        page = document[number]
        width, _height = _pixels(page, long_side)
        picture = page.render(scale=width / page.get_width(), may_draw_forms=False).to_pil()
        found.append(upright(picture, long_side))
    return found


def _pixels(page: Any, long_side: int) -> tuple[int, int]:
    width, height = page.get_size()
    if not all(_PAGE_POINTS[0] <= side <= _PAGE_POINTS[1] for side in (width, height)):
        raise RefusalError("file_corrupt")
    scale = min(_DPI / _POINTS_PER_INCH, long_side / max(width, height))
    return round(width * scale), round(height * scale)


def _refuse_active(document: pikepdf.Pdf) -> None:
    if len(document.objects) > _MOST_OBJECTS:
        raise RefusalError("file_too_large")
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            _refuse_entry(item, depth=0)


def _refuse_entry(item: pikepdf.Object, *, depth: int) -> None:
    keys = set(item.keys())
    if keys & _KEYS or str(item.get("/S", "")) in _ACTIONS or str(item.get("/Subtype", "")) in _SUBTYPES:
        raise RefusalError("active_content")
    if str(item.get("/Subtype", "")) == "/Image":
        _refuse_bomb(item)
    if depth < 4:
        for key in keys:
            _refuse_inside(item.get(key), depth=depth + 1)


def _refuse_inside(value: Any, *, depth: int) -> None:
    """Look into direct values only: indirect ones come up in the list of objects themselves."""
    if isinstance(value, pikepdf.Dictionary) and not value.is_indirect:
        _refuse_entry(value, depth=depth)
    if isinstance(value, pikepdf.Array) and not value.is_indirect:
        for member in value:
            _refuse_inside(member, depth=depth + 1) if depth < 6 else None


def _refuse_bomb(image: pikepdf.Object) -> None:
    if int(image.get("/Width", 0)) * int(image.get("/Height", 0)) > MOST_PIXELS:
        raise RefusalError("file_too_large")
