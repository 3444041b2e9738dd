"""What a phone does to a document: desk, perspective, shadow, noise, and the ways in which a photo goes wrong."""

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
FRAME = (1600, 1100)
_DESKS = ((92, 108, 128), (58, 74, 88), (150, 160, 164), (70, 96, 136), (104, 118, 110))
"""BGR."""


def photograph(card: Pixels, condition: str, dice: random.Random) -> Pixels:
    """Lay the card (BGR) on a desk and take its picture under one condition."""
    if condition == "clean":
        return _scan(card)
    frame = FRAME if card.shape[1] > card.shape[0] else (1100, 1600)
    scene = _desk(dice.randrange(len(_DESKS)), frame).copy()
    _lay(scene, card, dice)
    _light(scene, dice)
    scene = _EFFECTS.get(condition, _plain)(scene, dice)
    return _noise(scene, dice, strength=9.0 if condition == "dark" else 2.2)


def _scan(card: Pixels) -> Pixels:
    height, width = card.shape[:2]
    page = np.full((height + 60, width + 60, 3), 247, np.uint8)
    page[30 : 30 + height, 30 : 30 + width] = card
    return page


@lru_cache(maxsize=12)
def _desk(which: int, frame: tuple[int, int]) -> Pixels:
    width, height = frame
    grain = np.random.default_rng(which).normal(0, 1, (height, width)).astype(np.float32)
    if which % 2:
        grain = cv2.GaussianBlur(grain, (0, 0), 1.2) * 9
    else:
        grain = cv2.GaussianBlur(grain, (0, 0), sigmaX=70, sigmaY=1.6) * 60
    return np.clip(np.array(_DESKS[which], np.float32) + grain[..., None], 0, 255).astype(np.uint8)


def _lay(scene: Pixels, card: Pixels, dice: random.Random) -> None:
    """Warp the card into the scene with rounded corners and a soft shadow."""
    high, wide = scene.shape[:2]
    tall, broad = card.shape[:2]
    scale = min(wide * 0.9 / broad, high * 0.9 / tall)
    half = np.array([broad * scale / 2, tall * scale / 2])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = np.deg2rad(dice.uniform(-2.5, 2.5))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    bend = np.array([[dice.uniform(-22, 22), dice.uniform(-16, 16)] for _ in range(4)])
    quad = (corners @ spin.T + bend + [wide / 2, high / 2]).astype(np.float32)
    flat = np.array([[0, 0], [broad, 0], [broad, tall], [0, tall]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, quad)
    _shadow(scene, quad)
    laid = cv2.warpPerspective(card, matrix, (wide, high), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(_rounded(tall, broad), matrix, (wide, high), flags=cv2.INTER_LINEAR)
    cv2.copyTo(laid, (mask > 127).astype(np.uint8), scene)


@lru_cache(maxsize=6)
def _rounded(tall: int, broad: int) -> Pixels:
    mask, r = np.zeros((tall, broad), np.uint8), 34
    cv2.rectangle(mask, (r, 0), (broad - r, tall), 255, -1)
    cv2.rectangle(mask, (0, r), (broad, tall - r), 255, -1)
    for x in (r, broad - r):
        for y in (r, tall - r):
            cv2.circle(mask, (x, y), r, 255, -1, cv2.LINE_AA)
    return mask


def _shadow(scene: Pixels, quad: Pixels) -> None:
    high, wide = scene.shape[:2]
    small = np.zeros((high // 8, wide // 8), np.uint8)
    cv2.fillConvexPoly(small, ((quad + np.array([10, 16])) / 8).astype(np.int32), 150)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3.2), (wide, high), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(scene, cv2.cvtColor(255 - soft, cv2.COLOR_GRAY2BGR), dst=scene, scale=1 / 255)


def _light(scene: Pixels, dice: random.Random) -> None:
    high, wide = scene.shape[:2]
    fall = np.array([[dice.uniform(0.86, 1.0) for _ in range(3)] for _ in range(2)], np.float32)
    lamp = (cv2.resize(fall, (wide, high), interpolation=cv2.INTER_CUBIC) * 255).clip(0, 255).astype(np.uint8)
    cv2.multiply(scene, cv2.cvtColor(lamp, cv2.COLOR_GRAY2BGR), dst=scene, scale=1 / 255)


@lru_cache(maxsize=2)
def _grain(size: int) -> Pixels:
    grain = np.random.default_rng(3).normal(0, 1, (size, size, 1)).astype(np.float32)
    colour = np.random.default_rng(4).normal(0, 0.35, (size, size, 3)).astype(np.float32)
    return grain + colour


def _noise(scene: Pixels, dice: random.Random, *, strength: float) -> Pixels:
    high, wide = scene.shape[:2]
    grain = _grain(2048)
    top, left = dice.randrange(2048 - high), dice.randrange(2048 - wide)
    return cv2.addWeighted(scene, 1, grain[top : top + high, left : left + wide], strength, 0, dtype=cv2.CV_8U)


def _plain(scene: Pixels, _dice: random.Random) -> Pixels:
    return scene


def _blurred(scene: Pixels, dice: random.Random) -> Pixels:
    return cv2.GaussianBlur(scene, (0, 0), dice.uniform(5.0, 6.5))


def _glare(scene: Pixels, dice: random.Random) -> Pixels:
    high, wide = scene.shape[:2]
    spot = np.zeros((high // 4, wide // 4), np.float32)
    centre = (int(wide * dice.uniform(0.4, 0.65) / 4), int(high * dice.uniform(0.35, 0.55) / 4))
    axes = (int(wide * 0.13 / 4), int(high * 0.11 / 4))
    cv2.ellipse(spot, centre, axes, dice.uniform(-30, 30), 0, 360, 1.7, -1)
    spot = cv2.GaussianBlur(spot, (0, 0), 14).clip(0, 1) * 255
    full = cv2.resize(spot, (wide, high)).astype(np.uint8)
    return cv2.add(scene, cv2.cvtColor(full, cv2.COLOR_GRAY2BGR))


def _dark(scene: Pixels, dice: random.Random) -> Pixels:
    return cv2.convertScaleAbs(scene, alpha=dice.uniform(0.16, 0.22))


def _rotated(scene: Pixels, dice: random.Random) -> Pixels:
    turns = (cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return np.ascontiguousarray(cv2.rotate(scene, dice.choice(turns)))


def _low_res(scene: Pixels, _dice: random.Random) -> Pixels:
    high, wide = scene.shape[:2]
    return cv2.resize(scene, (wide * 9 // 25, high * 9 // 25), interpolation=cv2.INTER_AREA)


_EFFECTS: dict[str, Callable[[Pixels, random.Random], Pixels]] = {
    "blurred": _blurred,
    "glare": _glare,
    "dark": _dark,
    "rotated": _rotated,
    "low_res": _low_res,
}
