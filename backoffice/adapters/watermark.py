"""Writes over a picture who looks at it and when, so that a photograph of the screen tells where it came from."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).parent / "fonts" / "NotoSans-Regular.ttf"
ANGLE, QUALITY = 24, 88
SHARE, LEAST = 42, 12
"""The letters are so small a part of the longer side, and never fewer pixels."""
INK, SHADE = (255, 255, 255, 88), (0, 0, 0, 72)


def mark(jpeg: bytes, words: str) -> bytes:
    """Lay the words over one of our own re-encoded pictures, again and again; answers a JPEG of the same size."""
    picture = Image.open(BytesIO(jpeg)).convert("RGB")
    layer = _tiled(picture.size, words)
    picture.paste(layer, (0, 0), layer)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _tiled(size: tuple[int, int], words: str) -> Image.Image:
    """Lay one tile side by side."""
    turned = _tile(max(LEAST, max(size) // SHARE), words)
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    for row, y in enumerate(range(-turned.height // 2, size[1], turned.height // 2)):
        for x in range(-(turned.width // 2) * (1 + row % 2), size[0], turned.width):
            layer.alpha_composite(turned, (max(x, 0), max(y, 0)), (max(-x, 0), max(-y, 0)))
    return layer


@lru_cache(32)
def _tile(height: int, words: str) -> Image.Image:
    """Draw the words once, turned: a tile is small, a whole layer would be megabytes."""
    font = ImageFont.truetype(str(FONT), height)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(words))
    tile = Image.new("RGBA", (right - left + height * 3, (bottom - top) + height * 4), (0, 0, 0, 0))
    pen = ImageDraw.Draw(tile)
    pen.text((height + 1, height + 1), words, SHADE, font)
    pen.text((height, height), words, INK, font)
    return tile.rotate(ANGLE, expand=True, resample=Image.Resampling.BICUBIC)
