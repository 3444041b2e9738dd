"""The safe pictures that people see: a view and a thumbnail of every page, upright, without metadata."""

import time
from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from backoffice.screening import redaction
from backoffice.screening.decode import THUMBNAIL_SIDE, VIEW_SIDE, Decoder, Raster, UndecodableError
from backoffice.screening.masking_places import Polygon
from backoffice.screening.types import Derivative, DerivativeKind, SourceFile

_QUALITY: dict[DerivativeKind, int] = {"view": 85, "thumbnail": 78, "forensics": 80}
_MOST_SECONDS = 30.0
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def of(raster: Raster, file_index: int, page: int, turned: int) -> list[Derivative]:
    """Encode one page, turned clockwise by the degrees that the reader found."""
    image = _turned(raster, turned)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return [_encoded(image, file_index, page, "view"), _encoded(small, file_index, page, "thumbnail")]


def forensics(raster: Raster, file_index: int, page: int, turned: int, covers: Sequence[Polygon] = ()) -> Derivative:
    """Encode what saving again changes, turned and covered as the view is."""
    image = _turned(raster, turned)
    return _encoded(redaction.covered(image, covers) if covers else image, file_index, page, "forensics")


def without_reading(files: list[SourceFile], decoder: Decoder) -> tuple[Derivative, ...]:
    """Make the pictures when nothing else works, so that a reviewer still sees the document; not turned upright.

    Files that stop the decoder again and again do not stop the worker: no new file is begun after half a minute.
    """
    made: list[Derivative] = []
    until = time.monotonic() + _MOST_SECONDS
    for index, file in enumerate(files):
        if time.monotonic() > until:
            break
        sizes: tuple[tuple[DerivativeKind, int], ...] = (("view", VIEW_SIDE), ("thumbnail", THUMBNAIL_SIDE))
        for kind, long_side in sizes:
            try:
                pages = decoder.jpegs(file.data, file.mime_type, long_side=long_side)
            except UndecodableError:
                break
            made += [Derivative(index, page, kind, *picture) for page, picture in enumerate(pages)]
    return tuple(made)


def _turned(raster: Raster, turned: int) -> Image.Image:
    image = Image.frombytes("RGB", (raster.width, raster.height), raster.rgb)
    return image.transpose(_TURNS[turned]) if turned else image


def _encoded(image: Image.Image, file_index: int, page: int, kind: DerivativeKind) -> Derivative:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY[kind])
    return Derivative(file_index, page, kind, image.width, image.height, buffer.getvalue())
