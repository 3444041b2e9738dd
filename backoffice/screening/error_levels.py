"""A picture of how much each place changes when a page is saved once more: for a reviewer's eye, never a score.

Measured on our own forgeries, no number made of it tells a changed picture from an honest one (AUC about 0.5).
"""

from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageOps

MOST_PAGES = 2
LONG_SIDE = 1_000
FULL_PIXELS = 6_000_000
"""Larger pictures are shrunk before, which hides fine traces; decoding them whole would take too long."""
SHRUNK_SIDE = 2_000
_QUALITY = 90
_GAIN = 12
_MIDDLE, _HOT = "#b3261e", "#ffe9a8"


def side_for(width: int, height: int) -> int:
    """Say how large a picture of this size is compared: untouched, unless it is very large."""
    return max(width, height) if width * height <= FULL_PIXELS else SHRUNK_SIDE


def of(page: Image.Image) -> Image.Image:
    """Draw what saving changes: black where nothing, bright where most; all pictures by the same scale."""
    buffer = BytesIO()
    page.save(buffer, "JPEG", quality=_QUALITY)
    change = ImageChops.difference(page, Image.open(buffer, formats=["JPEG"]).convert("RGB"))
    red, green, blue = change.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    most.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
    amplified: Any = most.point([min(255, level * _GAIN) for level in range(256)])
    return ImageOps.colorize(amplified, "black", _HOT, mid=_MIDDLE)
