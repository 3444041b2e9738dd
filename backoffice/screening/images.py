"""Pictures inside the limited child: header first, then every byte, then upright RGB without metadata."""

import importlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from backoffice.screening import thresholds

MOST_PIXELS = thresholds.IMAGE_PIXELS.most
_FORMATS = {
    "image/jpeg": ["JPEG", "MPO"],
    "image/png": ["PNG"],
    "image/webp": ["WEBP"],
    "image/tiff": ["TIFF"],
    "image/heic": ["HEIF"],
}
_ENDS = {"image/jpeg": (b"\xff\xd9", 2), "image/png": (b"IEND", 8)}
_FOREIGN = (b"PK\x03\x04", b"<html", b"<!doctype", b"<script", b"<svg", b"<?php", b"\x7fELF", b"%PDF-")
_LOOK_AT = 64 * 1024
_VERIFY_SIDE = 400


class RefusalError(Exception):
    """The file is not accepted; `code` is one of the API's file codes."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def warm() -> None:
    """Load the HEIC decoder, whose wheel is GPL-built, in this process alone and before the limits close."""
    pillow_heif: Any = importlib.import_module("pillow_heif")
    pillow_heif.register_heif_opener(thumbnails=False)


def inspect(data: bytes, mime_type: str) -> dict[str, Any]:
    """Measure the picture and prove that every byte decodes, as cheaply as the format allows."""
    _refuse_polyglot(data, mime_type)
    image = opened(data, mime_type)
    pages = int(getattr(image, "n_frames", 1)) if mime_type == "image/tiff" else 1
    if not thresholds.PDF_PAGES.evaluate(pages):
        raise RefusalError("too_many_pages")
    width, height = image.size
    if image.getexif().get(0x0112, 1) in {5, 6, 7, 8}:
        width, height = height, width
    for page in range(pages):
        if page:
            image.seek(page)
            _check_size(image)
        _load(image, _VERIFY_SIDE)
    return {"width": width, "height": height, "pages": pages}


def pages(data: bytes, mime_type: str, long_side: int) -> list[Image.Image]:
    """Decode every page upright as RGB, at most `long_side` pixels long."""
    image = opened(data, mime_type)
    count = int(getattr(image, "n_frames", 1)) if mime_type == "image/tiff" else 1
    found: list[Image.Image] = []
    for page in range(min(count, thresholds.PDF_PAGES.most)):
        if page:
            image.seek(page)
            _check_size(image)
        _load(image, long_side)
        found.append(upright(image, long_side))
    return found


def upright(image: Image.Image, long_side: int) -> Image.Image:
    """Turn as EXIF says, lay transparency on white, drop metadata, shrink."""
    turned = ImageOps.exif_transpose(image)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        layers = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers)
    plain = _eight_bits(turned).convert("RGB")
    plain.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return plain


def _eight_bits(image: Image.Image) -> Image.Image:
    if not image.mode.startswith("I"):
        return image
    return image.point(lambda level: level / 257).convert("L")


def opened(data: bytes, mime_type: str) -> Image.Image:
    """Read the header alone; a picture that is too large or too small is refused."""
    try:
        image = Image.open(BytesIO(data), formats=_FORMATS[mime_type])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RefusalError("file_too_large") from None
    _check_size(image)
    return image


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise RefusalError("file_too_large")
    if max(image.size) < thresholds.LONG_SIDE.least or min(image.size) < thresholds.SHORT_SIDE.least:
        raise RefusalError("image_too_small")


def _load(image: Image.Image, long_side: int) -> None:
    """Decode all entropy-coded data; JPEG skips the detail that `long_side` does not need."""
    if image.format in {"JPEG", "MPO"}:
        image.draft("RGB", (long_side, long_side))
    image.load()


def _refuse_polyglot(data: bytes, mime_type: str) -> None:
    """Refuse a picture with a program, an archive or markup behind its end; phones append data, but none of these."""
    if mime_type not in _ENDS:
        return
    marker, length = _ENDS[mime_type]
    end = data.rfind(marker)
    tail = data[end + length :][:_LOOK_AT] if end >= 0 else b""
    if tail.startswith(b"MZ") or any(sign in tail or sign in tail.lower() for sign in _FOREIGN):
        raise RefusalError("active_content")
