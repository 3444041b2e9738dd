"""Challengers: other versions of a check that run beside the one that counts; what they say decides nothing."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np
from anyascii import anyascii
from rapidfuzz import fuzz

from backoffice.screening import comparing, thresholds
from backoffice.screening.comparing import Evidence
from backoffice.screening.types import Finding

_SHARP, _BLURRED = 300.0, 60.0
"""Variance of the Laplacian of a page of 1,000 px: good captures lie above, unreadable ones below."""
_WORK_SIDE = 1_000

Challenger = Callable[[Evidence], Finding]


def _wratio(evidence: Evidence) -> Finding:
    """Compare names by rapidfuzz's weighted ratio instead of our own matcher."""
    return comparing.applicant_match(
        evidence, alike=lambda one, other: fuzz.WRatio(anyascii(one).lower(), anyascii(other).lower()) / 100
    )


def _laplace_variance(evidence: Evidence) -> Finding:
    """Measure sharpness by the variance of the Laplacian over the whole page: simple, and blind in the dark."""
    scores: list[float] = []
    for page in evidence.pages:
        scale = min(1.0, _WORK_SIDE / max(page.page.pixels.shape[:2]))
        small = cv2.resize(page.page.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        variance = float(np.var(cv2.Laplacian(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), cv2.CV_64F)))
        scores.append(min(1.0, max(0.0, (variance - _BLURRED) / (_SHARP - _BLURRED))))
    score, limit = round(min(scores), 3), thresholds.IMAGE_QUALITY
    status = limit.evaluate(score)
    reasons = () if status == "passed" else ("image_blurred",)
    return Finding("image_quality", status, score, limit.passes, reasons=reasons)


CHALLENGERS: Mapping[str, Challenger] = {
    "applicant_match=wratio@1": _wratio,
    "image_quality=laplace-variance@1": _laplace_variance,
}
"""By check and version, as the setting names them: those of `types.CHALLENGER_NAMES`."""


def run(chosen: Sequence[str], evidence: Evidence) -> tuple[Finding, ...]:
    """Let the chosen ones look; one that breaks says so and harms nobody."""
    return tuple(_one(name, evidence) for name in chosen if name in CHALLENGERS)


def _one(name: str, evidence: Evidence) -> Finding:
    check, _, model = name.partition("=")
    started = time.perf_counter()
    try:
        finding = CHALLENGERS[name](evidence)
    except Exception:  # noqa: BLE001 - whatever a trial breaks, the document goes its way
        finding = Finding(check, "error", reasons=("check_unavailable",))
    return replace(finding, name=check, model=model, duration_ms=round((time.perf_counter() - started) * 1000))
