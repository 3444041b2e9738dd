"""Pictures that were shaken or out of focus: what was done to them is found, and undone for the reader."""

import cv2
import numpy as np
import pytest

from backoffice import specimens
from backoffice.screening import deblurring
from backoffice.screening.deblurring import Blur, Pixels


@pytest.fixture(scope="module")
def sharp() -> Pixels:
    data = specimens.render("passport", specimens.person(71, nationality="GBR"), condition="clean")[0].data
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


def shaken(picture: Pixels, length: int, angle: float) -> Pixels:
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1
    turned = cv2.warpAffine(kernel, cv2.getRotationMatrix2D((length // 2, length // 2), angle, 1), (length, length))
    return np.asarray(cv2.filter2D(picture, -1, turned / turned.sum()), np.uint8)


def likeness(one: Pixels, other: Pixels) -> float:
    """Correlate what has the size of strokes in two pictures, which is what a reader needs."""
    bands = [side[40:-40, 40:-40].astype(np.float32) for side in (one, other)]
    strokes = [cv2.GaussianBlur(side, (0, 0), 1.5) - cv2.GaussianBlur(side, (0, 0), 5.0) for side in bands]
    return float(np.corrcoef(*(side.ravel() for side in strokes))[0, 1])


@pytest.mark.parametrize(("length", "angle"), [(13, 0), (17, 15), (21, -25)])
def test_a_movement_is_measured_and_undone(sharp: Pixels, length: int, angle: int) -> None:
    smeared = shaken(sharp, length, angle)
    blur = deblurring.blur_of(smeared)
    assert blur
    assert abs(blur.length - length) <= 1
    assert abs(blur.angle + angle) <= 5
    assert likeness(deblurring.sharpened(smeared, blur), sharp) > 1.25 * likeness(smeared, sharp)


def test_a_soft_lens_is_no_movement_and_is_undone(sharp: Pixels) -> None:
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 4.0), np.uint8)
    blur = deblurring.blur_of(soft)
    assert blur == Blur(0, blur.angle if blur else 0)
    assert likeness(deblurring.sharpened(soft, Blur(0, 0)), sharp) > 1.1 * likeness(soft, sharp)


def test_sharp_pages_barcodes_and_empty_desks_are_left_alone(sharp: Pixels) -> None:
    back = specimens.render("american_licence", specimens.person(72, nationality="USA"), condition="clean")[1].data
    bars = np.asarray(cv2.imdecode(np.frombuffer(back, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)
    assert deblurring.blur_of(sharp) is None
    assert deblurring.blur_of(bars) is None
    empty = deblurring.blur_of(np.full((600, 800), 120, np.uint8))
    assert empty is None or empty.length == 0
