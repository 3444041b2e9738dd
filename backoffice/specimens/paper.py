"""Security paper: tint, guilloche, rosette, microtext lines and the diagonal SPECIMEN mark."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backoffice.specimens.countries import Colour, Country
from backoffice.specimens.fonts import font

Pixels = NDArray[np.uint8]
_SHIFT = 4
"""Fraction bits that OpenCV keeps when it draws smooth lines."""


@lru_cache(maxsize=24)
def paper(country: Country, width: int, height: int, *, band: int = 0) -> Image.Image:
    """Print one issuer's paper once; `band` is the height of the pale strip kept for the MRZ."""
    pixels = _tint(country, width, height)
    _waves(pixels, country.ink, strength=0.17)
    _rosette(pixels, (int(width * 0.68), int(height * 0.46)), int(height * 0.36), country.accent)
    _rosette(pixels, (int(width * 0.08), int(height * 0.95)), int(height * 0.2), country.ink)
    if band:
        pixels[height - band :] = cv2.addWeighted(
            pixels[height - band :], 0.25, np.full_like(pixels[height - band :], 250), 0.75, 0
        )
    page = Image.fromarray(pixels)
    _specimen(page, country.accent)
    return page


def _tint(country: Country, width: int, height: int) -> Pixels:
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    base = np.array(country.paper, np.float32)
    warm = base * 0.955 + np.array(country.accent, np.float32) * 0.045
    cool = base * 0.95 + np.array(country.ink, np.float32) * 0.05
    mix = np.clip(0.5 + 0.5 * np.sin(3.1 * across + 2.2 * down), 0, 1)
    return (base * (1 - down * 0.6) + (warm * mix + cool * (1 - mix)) * down * 0.6).astype(np.uint8)


def _waves(pixels: Pixels, ink: Colour, *, strength: float) -> None:
    height, width = pixels.shape[:2]
    x = np.linspace(0, width, 160)
    lines = []
    for i in range(-3, 46):
        y = height * i / 42 + 16 * np.sin(x / 91 + i / 2.4) + 9 * np.sin(x / 37 - i / 1.7)
        lines.append(_points(x, y))
    _blend_lines(pixels, lines, ink, strength, closed=False)


def _rosette(pixels: Pixels, centre: tuple[int, int], radius: int, ink: Colour) -> None:
    turn = np.linspace(0, 2 * np.pi, 480)
    lines = []
    for i in range(22):
        ring = radius * (0.32 + 0.68 * i / 21) * (1 + 0.09 * np.cos(12 * turn + i * 0.42))
        lines.append(_points(centre[0] + ring * np.cos(turn), centre[1] + ring * np.sin(turn)))
    _blend_lines(pixels, lines, ink, 0.2, closed=True)


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
    return (np.stack([x, y], axis=1) * 2**_SHIFT).astype(np.int32)


def _blend_lines(pixels: Pixels, lines: list[NDArray[np.int32]], ink: Colour, strength: float, *, closed: bool) -> None:
    layer = pixels.copy()
    cv2.polylines(layer, lines, closed, ink, 1, cv2.LINE_AA, _SHIFT)
    cv2.addWeighted(layer, strength * 2, pixels, 1 - strength * 2, 0, dst=pixels)


def _specimen(page: Image.Image, ink: Colour) -> None:
    width, height = page.size
    mark = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mark)
    face = font("bold", height // 5)
    draw.text((width // 2, height // 2), "SPECIMEN", font=face, anchor="mm", fill=52)
    page.paste(Image.new("RGB", page.size, ink), mask=mark.rotate(24, resample=Image.Resampling.BICUBIC))
