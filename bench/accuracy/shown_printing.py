"""What the shown set's issuers print beside words: the strokes of a signature."""

import random

from bench.accuracy.sheets import Sheet

_POINTS_PER_UNIT = 0.5


def signature(page: Sheet, left: int, top: int, seed: int, *, wide: int = 260, high: int = 60) -> None:
    """Draw loops of a pen in a box, whose top left corner is at a place."""
    dice = random.Random(f"signature{seed}")
    base = page.size[1] - top - high
    stops = dice.randint(6, 9)
    path = f"{left * _POINTS_PER_UNIT:.1f} {(base + high / 3) * _POINTS_PER_UNIT:.1f} m"
    for i in range(1, stops + 1):
        ends = left + wide * i / stops
        points = (
            (ends - dice.uniform(0, 60), base + dice.uniform(0.5, 1) * high),
            (ends - dice.uniform(10, 50), base + dice.uniform(0, 0.3) * high),
            (ends, base + dice.uniform(0.25, 0.6) * high),
        )
        path += " " + " ".join(f"{x * _POINTS_PER_UNIT:.1f} {y * _POINTS_PER_UNIT:.1f}" for x, y in points) + " c"
    page.marks.append(f"0.10 0.12 0.32 RG 1.4 w {path} S")
