"""Pictures inside the limited child: header first, then every byte, then upright RGB without metadata."""

import importlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast

from PIL import Image, ImageCms

from backoffice.screening import endings, thresholds

_profiles: Any = ImageCms
"""Its types are half known."""
MOST_PIXELS = thresholds.IMAGE_PIXELS.most
_FORMATS = {
    "image/jpeg": ["JPEG", "MPO"],
    "image/png": ["PNG"],
    "image/webp": ["WEBP"],
    "image/tiff": ["TIFF"],
    "image/heic": ["HEIF"],
}
_MOST_SCANS = 100
"""Of a JPEG: honest progressive ones have about ten; each costs as much time as the whole picture."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture stand, by its EXIF orientation."""


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
    if endings.is_two_files(data, mime_type):
        raise RefusalError("active_content")
    if mime_type == "image/jpeg" and endings.scans(data) > _MOST_SCANS:
        raise RefusalError("file_corrupt")
    image = opened(data, mime_type)
    width, height = image.size
    if _orientation(image) in {5, 6, 7, 8}:
        width, height = height, width
    count = 0
    for page in _each_page(image, mime_type):
        count += 1
        if not thresholds.PDF_PAGES.evaluate(count):
            raise RefusalError("too_many_pages")
        _prove(page)
    return {"width": width, "height": height, "pages": count}


def pages(data: bytes, mime_type: str, long_side: int, most: int = thresholds.PDF_PAGES.most) -> list[Image.Image]:
    """Decode the first pages upright as RGB, at most `long_side` pixels long."""
    found: list[Image.Image] = []
    for page in _each_page(opened(data, mime_type), mime_type):
        _load(page, long_side)
        found.append(upright(page, long_side))
        if len(found) == most:
            break
    return found


def _each_page(image: Image.Image, mime_type: str) -> Iterator[Image.Image]:
    """Go from page to page, because counting them first follows a chain of any length; films show their first frame."""
    yield image
    while mime_type == "image/tiff":
        try:
            image.seek(image.tell() + 1)
        except EOFError:
            return
        _check_size(image)
        yield image


def upright(image: Image.Image, long_side: int) -> Image.Image:
    """Shrink first, because every copy after it is small; then lay on white, turn as EXIF says, drop metadata."""
    turn = _TURNS.get(_orientation(image))
    plain = _full_colour(image)
    plain.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if plain.mode in {"RGBA", "LA"}:
        layers = plain.convert("RGBA")
        plain = Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers)
    plain = plain.convert("RGB")
    plain.info.clear()
    return plain.transpose(turn) if turn is not None else plain


def _orientation(image: Image.Image) -> int:
    """Read how the camera was held; metadata that is broken says nothing and costs no picture."""
    try:
        said = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - the vendor boundary: parsers of metadata raise anything on hostile bytes
        return 1
    return said if isinstance(said, int) else 1


def _full_colour(image: Image.Image) -> Image.Image:
    """Make of deep, indexed and laboratory colours what can be resized."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 257).convert("L")
    if image.mode == "F":
        low, high = (float(level) for level in cast("tuple[float, float]", image.getextrema()))
        return image.point(lambda level: (level - low) * (255 / max(high - low, 1e-9))).convert("L")
    if image.mode == "LAB":
        lab, screen = (_profiles.createProfile(space) for space in ("LAB", "sRGB"))
        return cast("Image.Image", _profiles.profileToProfile(image, lab, screen, outputMode="RGB"))
    if image.mode == "PA" or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB") if image.mode in {"1", "P"} else image


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


def _prove(image: Image.Image) -> None:
    """Decode all entropy-coded data for nothing but the proof: of a JPEG an eighth of the side, without colours."""
    if image.format in {"JPEG", "MPO"}:
        image.draft("L", (1, 1))
    image.load()


def _load(image: Image.Image, long_side: int) -> None:
    """Decode all entropy-coded data; JPEG skips the detail that `long_side` does not need."""
    if image.format in {"JPEG", "MPO"}:
        image.draft("RGB", (long_side, long_side))
    image.load()
