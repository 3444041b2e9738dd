"""Spaces that the reader of letters lost: a gap in the picture as wide as a word's parts what it wrote as one word."""

import itertools
import re
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_LONG_WORD = re.compile(r"[^\W\d_]{9,}")
"""Shorter words are seldom two."""
_LEAST_GAP, _CLEARLY_WIDER = 0.15, 1.6
"""Of the height of a line, and beside the widest gap within words."""
_LEAST_INK = 0.04
_LEAST_LETTERS = 2
_MOST_MORE = 3
Reader = Callable[[Pixels], tuple[str, float]]


def may_lack_one(text: str) -> bool:
    """Say whether a text has a word that may be two."""
    return _LONG_WORD.search(text) is not None


def respaced(cut: Pixels, text: str, read_strip: Reader) -> str:
    """Read the parts of a line apart where its picture, cut out straight, has a gap that its text has not.

    The parts must say the same letters; else the text stays as it was read.
    """
    at = _splits(cut, text.count(" "))
    if not at:
        return text
    edges = [0, *at, cut.shape[1]]
    parts = [read_strip(np.ascontiguousarray(cut[:, a:b]))[0].strip() for a, b in itertools.pairwise(edges)]
    whole = " ".join(parts)
    is_same = _letters(whole) == _letters(text) and min(map(len, parts)) >= _LEAST_LETTERS
    return whole if is_same else text


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


def _splits(cut: Pixels, known: int) -> list[int]:
    """Find where words end, in pixels; nothing unless there are more gaps than the text has spaces."""
    gaps = _gaps(cut)
    wide = [gap for gap in gaps if gap[1] - gap[0] >= _LEAST_GAP * cut.shape[0]]
    narrow = max((b - a for a, b in gaps if (a, b) not in wide), default=0)
    if not known < len(wide) <= known + _MOST_MORE or min(b - a for a, b in wide) < _CLEARLY_WIDER * narrow:
        return []
    return [(a + b) // 2 for a, b in wide]


def _gaps(cut: Pixels) -> list[tuple[int, int]]:
    """List the stretches without ink between the first letter and the last."""
    grey = np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), np.uint8)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    high = ink.shape[0]
    filled = ink[int(high * 0.15) : int(high * 0.85)].mean(axis=0) > _LEAST_INK
    columns = np.flatnonzero(filled)
    if len(columns) < 2:
        return []
    steps = np.flatnonzero(np.diff(columns) > 1)
    return [(int(columns[step]) + 1, int(columns[step + 1])) for step in steps]
