"""What scanners, phones and bad light do to a page: the conditions of the accuracy tables, from a fixed seed each."""

import random
from collections.abc import Callable
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backoffice.specimens import camera

Pixels = NDArray[Any]

USABLE = (
    "scan", "photo", "blur", "dark", "overexposed", "rot90", "rot180", "rot270", "skew+7", "skew-7", "perspective",
    "low_res", "jpeg_q10", "bw_copy",
)  # fmt: skip
HARD = ("very_low_res", "heavy_blur", "motion", "glare", "moire", "screenshot", "crop", "occlusion")
PDF = "text_pdf"
ALL = (*USABLE, *HARD, PDF)
_JPEG_QUALITY = {"jpeg_q10": 10}


def capture(page: Image.Image, condition: str, dice: random.Random) -> bytes:
    """Take one picture of a page under one condition, as a JPEG file."""
    flat = cv2.cvtColor(np.asarray(page), cv2.COLOR_RGB2BGR)
    taken = _FLAT[condition](flat, dice) if condition in _FLAT else _photographed(flat, condition, dice)
    buffer = BytesIO()
    Image.fromarray(cv2.cvtColor(taken, cv2.COLOR_BGR2RGB)).save(
        buffer, "JPEG", quality=_JPEG_QUALITY.get(condition, 88)
    )
    return buffer.getvalue()


def _photographed(flat: Pixels, condition: str, dice: random.Random) -> Pixels:
    if condition in {"dark", "glare"}:
        return camera.photograph(flat, condition, dice)
    return _AFTER[condition](camera.photograph(flat, "photo", dice), dice)


def _scan(flat: Pixels, dice: random.Random) -> Pixels:
    return camera.photograph(flat, "clean", dice)


def _copied(flat: Pixels, dice: random.Random) -> Pixels:
    """Photocopy and scan: grey, hard contrast, specks."""
    grey = cv2.cvtColor(_scan(flat, dice), cv2.COLOR_BGR2GRAY).astype(np.float32)
    noise = np.random.default_rng(dice.randrange(2**31)).normal(0, 9, grey.shape)
    hard = ((grey - 128) * 1.7 + 150 + noise).clip(0, 255).astype(np.uint8)
    return cv2.cvtColor(hard, cv2.COLOR_GRAY2BGR)


def _screenshot(flat: Pixels, dice: random.Random) -> Pixels:
    """Show the page inside an application on a phone's screen."""
    wide = 1080
    high = round(wide * flat.shape[0] / flat.shape[1])
    screen = np.full((max(2340, high + 500), wide, 3), dice.choice((18, 245)), np.uint8)
    cv2.rectangle(screen, (0, 0), (wide, 150), (120, 82, 40), -1)
    cv2.putText(screen, "Documents", (60, 105), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (255, 255, 255), 3, cv2.LINE_AA)
    top = (screen.shape[0] - high) // 2
    screen[top : top + high] = cv2.resize(flat, (wide, high), interpolation=cv2.INTER_AREA)
    return screen


def _perspective(flat: Pixels, dice: random.Random) -> Pixels:
    """Stand the page away from the camera on one side."""
    taken = camera.photograph(flat, "photo", dice)
    high, wide = taken.shape[:2]
    near, far = dice.uniform(0.0, 0.02), dice.uniform(0.1, 0.16)
    source = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    target = np.array(
        [[wide * far, high * far], [wide * (1 - near), 0], [wide, high], [wide * near, high * (1 - far / 2)]],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(source, target)
    return cv2.warpPerspective(taken, matrix, (wide, high), borderMode=cv2.BORDER_REPLICATE)


def _blurred(by: float) -> Callable[[Pixels, random.Random], Pixels]:
    return lambda taken, _dice: cv2.GaussianBlur(taken, (0, 0), by)


def _moved(taken: Pixels, dice: random.Random) -> Pixels:
    """Shake the camera over 17 pixels in one direction."""
    kernel = np.zeros((17, 17), np.float32)
    kernel[8] = 1
    turn = cv2.getRotationMatrix2D((8, 8), dice.uniform(-30, 30), 1)
    kernel = cv2.warpAffine(kernel, turn, (17, 17))
    return cv2.filter2D(taken, -1, kernel / kernel.sum())


def _skewed(angle: float) -> Callable[[Pixels, random.Random], Pixels]:
    def turned(taken: Pixels, _dice: random.Random) -> Pixels:
        high, wide = taken.shape[:2]
        matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 0.88)
        return cv2.warpAffine(taken, matrix, (wide, high), borderMode=cv2.BORDER_REPLICATE)

    return turned


def _shrunk(long_side: int) -> Callable[[Pixels, random.Random], Pixels]:
    """Shrink until the document itself, nine tenths of the frame, is about so long."""

    def small(taken: Pixels, _dice: random.Random) -> Pixels:
        scale = long_side / 0.9 / max(taken.shape[:2])
        return cv2.resize(taken, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    return small


def _moire(taken: Pixels, dice: random.Random) -> Pixels:
    """Photograph a screen: the grid of its dots beats with the camera's."""
    high, wide = taken.shape[:2]
    rows, columns = np.mgrid[0:high, 0:wide].astype(np.float32)
    period, tilt = dice.uniform(3.2, 4.6), dice.uniform(0.03, 0.12)
    grid = np.sin(2 * np.pi * (columns + tilt * rows) / period) + np.sin(2 * np.pi * (rows - tilt * columns) / period)
    beats = np.sin(2 * np.pi * (columns * 0.7 + rows) / dice.uniform(40, 70))
    shade = 1 + 0.13 * grid + 0.1 * beats
    return (taken * shade[..., None]).clip(0, 255).astype(np.uint8)


def _cropped(taken: Pixels, dice: random.Random) -> Pixels:
    """Lose 14 % of the document at one side."""
    high, wide = taken.shape[:2]
    cut_x, cut_y = round(wide * (0.05 + 0.14 * 0.9)), round(high * (0.05 + 0.14 * 0.9))
    return [taken[:, cut_x:], taken[:, : wide - cut_x], taken[cut_y:], taken[: high - cut_y]][dice.randrange(4)]


def _covered(taken: Pixels, dice: random.Random) -> Pixels:
    """Hold the document with a finger on it."""
    high, wide = taken.shape[:2]
    tip = (round(wide * dice.uniform(0.3, 0.8)), round(high * dice.uniform(0.74, 0.82)))
    root = (tip[0] + dice.randint(-120, 120), high + 60)
    thick = round(wide * 0.1)
    finger = taken.copy()
    cv2.line(finger, root, tip, (118, 148, 206), thick, cv2.LINE_AA)
    cv2.ellipse(
        finger, (tip[0], tip[1] - thick // 8), (thick // 4, thick // 5), 0, 0, 360, (160, 184, 232), -1, cv2.LINE_AA
    )
    return finger


def _turned(code: int) -> Callable[[Pixels, random.Random], Pixels]:
    return lambda taken, _dice: np.ascontiguousarray(cv2.rotate(taken, code))


_FLAT: dict[str, Callable[[Pixels, random.Random], Pixels]] = {
    "scan": _scan, "bw_copy": _copied, "screenshot": _screenshot, "perspective": _perspective,
}  # fmt: skip
_AFTER: dict[str, Callable[[Pixels, random.Random], Pixels]] = {
    "photo": lambda taken, _dice: taken,
    "blur": _blurred(2.2),
    "heavy_blur": _blurred(4.0),
    "far_blurred": _blurred(6.0),
    "overexposed": lambda taken, _dice: cv2.convertScaleAbs(taken, alpha=1.25, beta=45),
    "rot90": _turned(cv2.ROTATE_90_CLOCKWISE),
    "rot180": _turned(cv2.ROTATE_180),
    "rot270": _turned(cv2.ROTATE_90_COUNTERCLOCKWISE),
    "skew+7": _skewed(7),
    "skew-7": _skewed(-7),
    "low_res": _shrunk(510),
    "very_low_res": _shrunk(340),
    "jpeg_q10": lambda taken, _dice: taken,
    "motion": _moved,
    "moire": _moire,
    "crop": _cropped,
    "occlusion": _covered,
}
