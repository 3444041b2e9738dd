"""Invented faces: flat vector portraits that nobody could take for a photograph of a person."""

import random
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backoffice.specimens.countries import Colour

_SKINS = ((244, 212, 188), (232, 190, 158), (214, 164, 126), (176, 122, 86), (134, 90, 62), (96, 64, 46))
_HAIRS = ((44, 34, 30), (82, 56, 38), (126, 84, 48), (196, 158, 98), (166, 82, 44), (150, 150, 154))
_SHIRTS = ((44, 62, 98), (98, 48, 62), (52, 92, 82), (70, 70, 78), (128, 92, 58), (88, 70, 120), (226, 226, 222))
_SIDE = 480
"""Drawing units across; the portrait is scaled afterwards."""


@dataclass(frozen=True, slots=True)
class _Look:
    skin: Colour
    hair: Colour
    shirt: Colour
    cut: int
    width: int
    glasses: bool
    beard: bool


@lru_cache(maxsize=64)
def portrait(seed: int, sex: str, width: int, height: int, *, backdrop: Colour = (214, 222, 230)) -> Image.Image:
    """Draw the same face for the same seed, at any size in pixels."""
    tall = _SIDE * height // width
    pixels = np.empty((tall, _SIDE, 3), np.uint8)
    shade = np.linspace(1.04, 0.88, tall, dtype=np.float32)[:, None, None]
    pixels[:] = np.clip(np.array(backdrop, np.float32) * shade, 0, 255).astype(np.uint8)
    _draw(pixels, _look(seed, sex), base=tall)
    return Image.fromarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))


def _look(seed: int, sex: str) -> _Look:
    dice = random.Random(seed * 7919 + 13)
    return _Look(
        skin=dice.choice(_SKINS),
        hair=dice.choice(_HAIRS),
        shirt=dice.choice(_SHIRTS),
        cut=dice.choice((2, 3, 4)) if sex == "F" else dice.choice((0, 1, 1, 4)),
        width=dice.randint(92, 106),
        glasses=dice.random() < 0.3,
        beard=sex != "F" and dice.random() < 0.4,
    )


def _mix(colour: Colour, factor: float) -> Colour:
    red, green, blue = (int(min(255, channel * factor)) for channel in colour)
    return red, green, blue


def _draw(pixels: NDArray[np.uint8], look: _Look, *, base: int) -> None:
    x, y = _SIDE // 2, int(base * 0.44)
    if look.cut in {2, 3}:
        _oval(pixels, (x, y + 40), (look.width + 44, 190 if look.cut == 2 else 150), look.hair)
    if look.cut == 3:
        _oval(pixels, (x, y - 168), (52, 46), _mix(look.hair, 0.9))
    _body(pixels, look, x, y)
    _oval(pixels, (x - look.width, y + 8), (16, 30), _mix(look.skin, 0.92))
    _oval(pixels, (x + look.width, y + 8), (16, 30), _mix(look.skin, 0.92))
    _oval(pixels, (x, y), (look.width, 134), look.skin)
    if look.beard:
        cv2.ellipse(pixels, (x, y + 26), (look.width - 2, 112), 0, 12, 168, look.hair, -1, cv2.LINE_AA)
        _oval(pixels, (x, y + 34), (look.width - 26, 58), look.skin)
    _hair(pixels, look, x, y)
    _face(pixels, look, x, y)


def _body(pixels: NDArray[np.uint8], look: _Look, x: int, y: int) -> None:
    for inset, shirt in ((0, look.shirt), (26, _mix(look.shirt, 1.12))):
        _oval(pixels, (x, y + 370 + inset), (216 - inset, 196), shirt)
        cv2.rectangle(pixels, (x - 216 + inset, y + 370 + inset), (x + 216 - inset, y + 900), shirt, -1)
    shadow = _mix(look.skin, 0.86)
    cv2.rectangle(pixels, (x - 42, y + 90), (x + 42, y + 186), shadow, -1, cv2.LINE_AA)
    _oval(pixels, (x, y + 186), (60, 36), shadow)


def _hair(pixels: NDArray[np.uint8], look: _Look, x: int, y: int) -> None:
    if look.cut == 0:
        return
    wide = look.width + (12 if look.cut == 4 else 6)
    cv2.ellipse(pixels, (x, y - 34), (wide, 116 if look.cut != 4 else 132), 0, 180, 360, look.hair, -1, cv2.LINE_AA)
    cv2.ellipse(pixels, (x - 22, y - 26), (wide - 40, 44), -6, 180, 360, look.skin, -1, cv2.LINE_AA)


def _face(pixels: NDArray[np.uint8], look: _Look, x: int, y: int) -> None:
    line = _mix(look.skin, 0.62)
    for side in (-1, 1):
        eye = (x + side * 40, y + 4)
        _oval(pixels, eye, (15, 9), (246, 246, 244))
        _oval(pixels, eye, (8, 8), (52, 44, 40))
        _oval(pixels, (eye[0] + 3, eye[1] - 3), (2, 2), (250, 250, 250))
        cv2.ellipse(pixels, (eye[0], y - 16), (24, 10), side * 4, 200, 340, _mix(look.hair, 0.8), 6, cv2.LINE_AA)
        if look.glasses:
            cv2.ellipse(pixels, eye, (30, 25), 0, 0, 360, (40, 40, 46), 4, cv2.LINE_AA)
    if look.glasses:
        cv2.line(pixels, (x - 11, y), (x + 11, y), (40, 40, 46), 4, cv2.LINE_AA)
    cv2.ellipse(pixels, (x, y + 42), (14, 9), 0, 20, 160, line, 4, cv2.LINE_AA)
    cv2.ellipse(pixels, (x, y + 70), (34, 13), 0, 14, 166, _mix(look.skin, 0.7), 7, cv2.LINE_AA)


def _oval(pixels: NDArray[np.uint8], centre: tuple[int, int], axes: tuple[int, int], colour: Colour) -> None:
    cv2.ellipse(pixels, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)
