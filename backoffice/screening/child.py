"""The limited process in which every foreign file is opened; nothing else of the product ever parses one."""

import importlib
import os
import sys
import warnings
from io import BytesIO
from typing import Any

from PIL import Image, ImageFile

from backoffice.screening import error_levels, frames, images, pdf_wording, pdfs, redaction, sandbox, tracing
from backoffice.screening.images import RefusalError

_MEMORY_MEGABYTES = 1536
_SECONDS_PER_FILE = 12
DRAWN = frozenset({"error_levels", "redact", "mask"})
_KEPT_QUALITY = 92
_PDF_DPI = 200
_SEVERAL_SIDE = 2000
"""Of a file with several pages: all of them are in memory at once."""


def main() -> None:
    """Answer questions until the parent closes the pipe."""
    sandbox.die_with_parent()
    questions, answers = os.dup(sys.stdin.fileno()), os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_RDWR), sys.stdout.fileno())
    _prepare()
    sandbox.confine(memory=_MEMORY_MEGABYTES)
    while True:
        try:
            message, blobs = frames.receive(questions)
        except frames.ClosedError:
            return
        sandbox.allow_seconds(_SECONDS_PER_FILE)
        frames.send(answers, *_answer(message, blobs[0]))


def _prepare() -> None:
    Image.MAX_IMAGE_PIXELS = images.MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.preinit()
    importlib.import_module("PIL.PdfImagePlugin")
    images.warm()


def _answer(message: dict[str, Any], data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    mime_type = str(message["mime_type"])
    reader = pdfs if mime_type == "application/pdf" else images
    try:
        if message["task"] == "inspect":
            return reader.inspect(data, mime_type), []
        if message["task"] in DRAWN:
            return _redrawn(message, data, mime_type)
        is_jpeg = bool(message.get("jpeg"))
        answer, blobs = _pages(reader.pages(data, mime_type, int(message["long_side"])), jpeg=is_jpeg)
        return answer if is_jpeg else answer | _said(data, mime_type, len(blobs)), blobs
    except RefusalError as refusal:
        return {"refused": refusal.code}, []
    except MemoryError:
        if message["task"] != "inspect":
            raise  # the file was accepted before: this process is at its end, and its parent says so
        return {"refused": "file_too_large"}, []
    except Exception:  # noqa: BLE001 - the vendor boundary: decoders raise anything on hostile bytes
        return {"refused": "file_corrupt"}, []


def _said(data: bytes, mime_type: str, pages: int) -> dict[str, Any]:
    """Add what a file says beside its pictures: which programs wrote it, and a PDF's own words."""
    texts = pdf_wording.of(data, pages) if mime_type == "application/pdf" else []
    return {"traces": tracing.of(data, mime_type), "texts": texts}


def _redrawn(message: dict[str, Any], data: bytes, mime_type: str) -> tuple[dict[str, Any], list[bytes]]:
    if message["task"] == "mask":
        return _masked(data, mime_type, message["polygons"])
    return _pages(_drawn(message, data, mime_type), jpeg=message["task"] == "redact")


def _drawn(message: dict[str, Any], data: bytes, mime_type: str) -> list[Image.Image]:
    if message["task"] == "error_levels":
        return _error_levels(data, mime_type)
    reader = pdfs if mime_type == "application/pdf" else images
    return [redaction.burnt(reader.pages(data, mime_type, redaction.LONG_SIDE)[0], message["boxes"])]


def _masked(data: bytes, mime_type: str, polygons: list[Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Encode every page anew with its polygons covered: one page as JPEG, several as the pictures of a PDF."""
    reader = pdfs if mime_type == "application/pdf" else images
    side = redaction.LONG_SIDE if len(polygons) == 1 else _SEVERAL_SIDE
    pages = reader.pages(data, mime_type, side, len(polygons))
    made = [redaction.covered(page, own) for page, own in zip(pages, polygons, strict=True)]
    answer: dict[str, Any] = {"sizes": [made[0].size], "mime_type": "image/jpeg"}
    if len(made) == 1:
        return answer, [_encoded(made[0], quality=_KEPT_QUALITY)]
    buffer = BytesIO()
    made[0].save(buffer, "PDF", save_all=True, append_images=made[1:], resolution=_PDF_DPI, quality=_KEPT_QUALITY)
    return answer | {"mime_type": "application/pdf"}, [buffer.getvalue()]


def _error_levels(data: bytes, mime_type: str) -> list[Image.Image]:
    if mime_type == "application/pdf":
        drawn = pdfs.pages(data, mime_type, error_levels.SHRUNK_SIDE, error_levels.MOST_PAGES)
    else:
        side = error_levels.side_for(*images.opened(data, mime_type).size)
        drawn = images.pages(data, mime_type, side, error_levels.MOST_PAGES)
    return [error_levels.of(page) for page in drawn]


def _pages(found: list[Image.Image], *, jpeg: bool) -> tuple[dict[str, Any], list[bytes]]:
    blobs = [_encoded(page) if jpeg else page.tobytes() for page in found]
    return {"sizes": [page.size for page in found]}, blobs


def _encoded(page: Image.Image, quality: int = 85) -> bytes:
    buffer = BytesIO()
    page.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
