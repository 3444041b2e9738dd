"""Faces by dlib's models, where the optional extra `face` is installed; nothing here loads anything without it.

Only the five-point model is used: the 68-point one beside it comes from pictures that may not be used commercially.
"""

import importlib
import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backoffice.screening.ocr import Pixels
from backoffice.screening.types import Box

MODEL = "dlib-face-resnet@1"
_WEIGHTS = "face_recognition_models"
_LANDMARKS = "shape_predictor_5_face_landmarks.dat"
_ENCODER = "dlib_face_recognition_resnet_model_v1.dat"
_SIDES = (900, 1600)
"""Long sides at which faces are looked for: the small one is fast, the large one finds small portraits."""
_LEAST_SIDE = 40
"""Smaller faces, in pixels of the page, hold too little to compare; cards print such ghosts beside the portrait."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face: where it is, and 128 numbers that are near for the same person."""

    box: Box
    code: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Models:
    dlib: Any
    detector: Any
    landmarks: Any
    encoder: Any


def is_installed() -> bool:
    """Say whether the extra is there, without loading it."""
    return all(importlib.util.find_spec(name) for name in ("dlib", _WEIGHTS))


def faces(pixels: Pixels) -> list[Face]:
    """Find and encode every face of an upright picture of blue, green and red."""
    models = _models()
    whole = np.ascontiguousarray(pixels[..., ::-1])
    height, width = whole.shape[:2]
    for side in _SIDES:
        scale = min(1.0, side / max(height, width))
        small = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else whole
        found = [models.dlib.rectangle(*(round(edge / scale) for edge in _edges(seen)))
                 for seen in models.detector(small, 0)]  # fmt: skip
        found = [one for one in found if one.width() >= _LEAST_SIDE]
        if found or scale == 1.0:
            return [_encoded(models, whole, one) for one in found]
    return []


def distance(one: Face, other: Face) -> float:
    """Measure how far two faces are apart; its makers take up to 0.6 for the same person."""
    return float(np.linalg.norm(one.code - other.code))


def _encoded(models: _Models, whole: NDArray[np.uint8], place: Any) -> Face:
    height, width = whole.shape[:2]
    code = np.asarray(models.encoder.compute_face_descriptor(whole, models.landmarks(whole, place), 1))
    left, top, right, bottom = _edges(place)
    box = (max(0, left) / width, max(0, top) / height,
           (min(right, width) - max(0, left)) / width, (min(bottom, height) - max(0, top)) / height)  # fmt: skip
    return Face((round(box[0], 4), round(box[1], 4), round(box[2], 4), round(box[3], 4)), code)


def _edges(place: Any) -> tuple[int, int, int, int]:
    return int(place.left()), int(place.top()), int(place.right()), int(place.bottom())


@lru_cache(maxsize=1)
def _models() -> _Models:
    """Load the weights by their files: their package wants a module that Python no longer brings."""
    dlib: Any = importlib.import_module("dlib")
    spec = importlib.util.find_spec(_WEIGHTS)
    folder = Path((spec.submodule_search_locations or [""])[0] if spec else "") / "models"
    return _Models(
        dlib,
        dlib.get_frontal_face_detector(),
        dlib.shape_predictor(str(folder / _LANDMARKS)),
        dlib.face_recognition_model_v1(str(folder / _ENCODER)),
    )
