"""Redaction: boxes burnt into the pixels of a copy, so that nothing below them can be brought back."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

LONG_SIDE = 4000
"""More than any picture that we made ourselves has: a copy keeps its size."""
INK = (0, 0, 0)
_EDGE = 3


def burnt(page: Image.Image, boxes: Sequence[Sequence[float]]) -> Image.Image:
    """Cover each box (fractions of the page) with solid black, outwards to whole pixels, on a new picture."""
    copy = Image.new("RGB", page.size)
    copy.paste(page)
    for left, top, width, height in boxes:
        edges = (
            math.floor(left * page.width),
            math.floor(top * page.height),
            math.ceil((left + width) * page.width),
            math.ceil((top + height) * page.height),
        )
        copy.paste(INK, edges)
    return copy


def covered(page: Image.Image, polygons: Sequence[Sequence[Sequence[float]]]) -> Image.Image:
    """Cover each polygon (corners as fractions of the page) with solid black, on a new picture."""
    copy = Image.new("RGB", page.size)
    copy.paste(page)
    pen = ImageDraw.Draw(copy)
    for corners in polygons:
        points = [(x * page.width, y * page.height) for x, y in corners]
        pen.polygon(points, fill=INK, outline=INK, width=_EDGE)
    return copy
