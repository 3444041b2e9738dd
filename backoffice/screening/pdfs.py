"""PDF files inside the limited child: no password, no programs, few sane pages, then pictures of them."""

import importlib
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

from backoffice.screening import endings, pdf_streams, thresholds
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
_UNPACKING = {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}
"""Filters that make data larger; honest files use one of them, two in a row multiply."""


def inspect(data: bytes, _mime_type: str) -> dict[str, Any]:
    """Check everything that would make a PDF more than pages to look at; sizes are pixels at 200 dpi."""
    if endings.is_two_files(data, "application/pdf"):
        raise RefusalError("active_content")
    pdf_streams.refuse_swollen(data)
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


def pages(data: bytes, _mime_type: str, long_side: int, most: int = thresholds.PDF_PAGES.most) -> list[Image.Image]:
    """Draw the first pages without forms and annotations' programs."""
    document = pypdfium2.PdfDocument(data)
    found: list[Image.Image] = []
    for number in range(min(len(document), most)):
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
        _refuse_item(item)


def _refuse_item(item: pikepdf.Object) -> None:
    """Look into an object and its direct values; indirect ones come up in the list of objects themselves."""
    todo: list[Any] = [item]
    while todo:
        value = todo.pop()
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            _refuse_entry(value)
            held: Any = value.stream_dict if isinstance(value, pikepdf.Stream) else value
            inside: list[Any] = list(held.values())
        else:
            inside = list(value) if isinstance(value, pikepdf.Array) else []
        todo += [one for one in inside if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _refuse_entry(item: pikepdf.Object) -> None:
    subtype = str(item.get("/Subtype", ""))
    if set(item.keys()) & _KEYS or str(item.get("/S", "")) in _ACTIONS or subtype in _SUBTYPES:
        raise RefusalError("active_content")
    if subtype == "/Image" and int(item.get("/Width", 0)) * int(item.get("/Height", 0)) > MOST_PIXELS:
        raise RefusalError("file_too_large")
    filters: Any = item.get("/Filter")
    if isinstance(filters, pikepdf.Array) and sum(str(one) in _UNPACKING for one in filters) > 1:
        raise RefusalError("file_too_large")
