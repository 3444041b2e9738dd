"""Sharper pictures for the reader alone: what a still hand and a focused lens would have given, as far as it is known.

A shaken picture is the sharp one smeared along a line. Its direction is where edges are weakest; its length shows in
how the edges repeat: each comes back with the opposite sign at the other end of the smear. A Wiener filter undoes it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_Plane = NDArray[np.float32]
_ANGLES = range(-90, 90, 5)
_ASIDE = (0, -8, -4, 4, 8)
"""The letters' own directions pull the weakest one a little aside."""
_SHORTEST, _LONGEST = 7, 45
_SMEARED = 0.4
"""Below this share of the edges of the best direction the worst one was smeared by a movement, not by the lens."""
_LEAST_ECHO = 0.12
_SPREAD, _SOFT, _CRISP = 4.0, 1.22, 2.0
"""A lens is undone by a spread of so many pixels where edges are softer than this."""
_NOISE_SMEARED, _NOISE_SOFT = 0.02, 0.01
_RIM = 48
_STRONGEST = 97


def edge_ratio(grey: Pixels, inside: NDArray[np.bool_] | None = None) -> float:
    """Compare fine with coarse gradients on the strongest edges: independent of light and contrast."""
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.8), np.float32)
    softer = cv2.GaussianBlur(soft, (0, 0), 2.0)
    fine, coarse = (
        np.asarray(cv2.magnitude(cv2.Sobel(side, cv2.CV_32F, 1, 0), cv2.Sobel(side, cv2.CV_32F, 0, 1)), np.float32)
        for side in (soft, softer)
    )
    within = np.ones(grey.shape, np.bool_) if inside is None else inside
    strong = (fine >= np.percentile(fine[within], _STRONGEST)) & within
    return float(np.median(fine[strong] / (coarse[strong] + 1e-3)))


@dataclass(frozen=True, slots=True)
class Blur:
    """What is wrong with a picture's edges: the length of a smear in pixels and its angle, or a length of 0."""

    length: int
    angle: int


def blur_of(grey: Pixels) -> Blur | None:
    """Find a movement, or the softness of a lens; None for a picture that is sharp enough.

    A barcode has edges in one direction only as well, but those are sharp.
    """
    softness = edge_ratio(grey)
    if softness > _CRISP:
        return None
    angle, share = _weakest_direction(grey)
    if share < _SMEARED:
        depth, length, turn = max(_echo(grey, angle + aside) for aside in _ASIDE)
        if depth > _LEAST_ECHO:
            return Blur(length, turn)
    return Blur(0, angle) if softness < _SOFT else None


def sharpened(grey: Pixels, blur: Blur) -> Pixels:
    """Undo a movement, or the softness of a lens."""
    plane = grey.astype(np.float32)
    if blur.length:
        return _filtered(plane, _line(blur.length, blur.angle), _NOISE_SMEARED)
    kernel = np.asarray(cv2.getGaussianKernel(6 * int(_SPREAD) + 1, _SPREAD), np.float32)
    return _filtered(plane, np.asarray(kernel @ kernel.T, np.float32), _NOISE_SOFT)


def _weakest_direction(grey: Pixels) -> tuple[int, float]:
    """Find the angle in degrees along which edges are weakest, and how weak they are against the strongest."""
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.5)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    powers = [float((across**2).mean()), float((across * down).mean()), float((down**2).mean())]
    turns = np.deg2rad(np.array(_ANGLES, np.float32))
    along = (
        powers[0] * np.cos(turns) ** 2 + 2 * powers[1] * np.cos(turns) * np.sin(turns) + powers[2] * np.sin(turns) ** 2
    )
    weakest = int(np.argmin(along))
    return _ANGLES[weakest], float(along[weakest] / max(1e-6, float(along.max())))


def _echo(grey: Pixels, angle: int) -> tuple[float, int, int]:
    """Find the lag at which edges along an angle repeat with the opposite sign; answers depth, lag and angle."""
    high, wide = grey.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    level = cv2.warpAffine(grey.astype(np.float32), turn, (wide, high), borderMode=cv2.BORDER_REPLICATE)
    edges = np.diff(level[high // 5 : -high // 5, wide // 5 : -wide // 5], axis=1)
    edges -= edges.mean()
    spectrum = np.abs(np.fft.rfft(edges, n=2 * edges.shape[1], axis=1)) ** 2
    likeness = np.fft.irfft(spectrum.mean(axis=0))
    if likeness[0] <= 0:
        return 0.0, 0, angle
    likeness /= likeness[0]
    lag = int(np.argmin(likeness[_SHORTEST:_LONGEST])) + _SHORTEST
    return -float(likeness[lag]), lag, angle


def _line(length: int, angle: int) -> _Plane:
    size = length + 1 - length % 2
    kernel = np.zeros((size, size), np.float32)
    kernel[size // 2, : min(size, length)] = 1
    turn = cv2.getRotationMatrix2D((size // 2, size // 2), -angle, 1.0)
    turned = np.asarray(cv2.warpAffine(kernel, turn, (size, size)), np.float32)
    return turned / turned.sum()


def _filtered(plane: _Plane, kernel: _Plane, noise: float) -> Pixels:
    padded = cv2.copyMakeBorder(plane, _RIM, _RIM, _RIM, _RIM, cv2.BORDER_REFLECT)
    size = kernel.shape[0]
    spread = np.zeros(padded.shape, np.float32)
    spread[:size, :size] = kernel
    response = np.fft.rfft2(np.roll(spread, (-(size // 2), -(size // 2)), (0, 1)))
    inverse = (1 + noise) * np.conj(response) / (np.abs(response) ** 2 + noise)
    found = np.fft.irfft2(np.fft.rfft2(padded) * inverse, s=padded.shape)
    return np.clip(found[_RIM:-_RIM, _RIM:-_RIM], 0, 255).astype(np.uint8)
