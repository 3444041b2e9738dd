"""What happened in the demo's last thirty days: drawn from a fixed seed, so that every demo tells the same story."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from backoffice.models.documents import DocumentStatus

T = TypeVar("T")
SEED = 20_261_123
YEAR = 2026
"""Anchors the specimens' dates, so that the committed screenings go on matching the pictures."""
DAYS = 30
TODAY_SHARE = 0.15
TEST_SHARE = 0.08
S = DocumentStatus
KINDS = (
    ("passport", 40),
    ("national_id", 30),
    ("residence_permit", 10),
    ("driving_licence", 12),
    ("proof_of_address", 8),
)
CONDITIONS = (
    ("photo", 62),
    ("clean", 8),
    ("blurred", 6),
    ("glare", 6),
    ("dark", 3),
    ("rotated", 3),
    ("low_res", 3),
    ("expired", 4),
    ("mismatched", 5),
)
POOR = {"blurred": "image_blurred", "glare": "image_glare", "dark": "image_too_dark", "low_res": "data_not_readable"}
PER_PARTNER = {"acme": 158, "rival": 42}
OPEN_PER_PARTNER = {"acme": 15, "rival": 5}


@dataclass(frozen=True, slots=True)
class Planned:
    """One document of the history: what is sent, how long ago, and how it ends."""

    number: int
    partner: str
    kind: str
    condition: str
    seed: int
    age: timedelta
    ending: DocumentStatus
    reasons: tuple[str, ...]
    wait: timedelta
    """From review to decision."""
    livemode: bool


def history() -> list[Planned]:
    """Draw the whole history, oldest first."""
    dice = random.Random(SEED)  # noqa: S311 a story, not a secret
    planned: list[Planned] = []
    for partner, count in PER_PARTNER.items():
        ages = sorted((_age(dice) for _ in range(count)), reverse=True)
        for index, age in enumerate(ages):
            is_open = count - index <= OPEN_PER_PARTNER[partner]
            recent = timedelta(minutes=4 + 5 * (count - index))
            planned.append(_one(dice, len(planned), partner, recent if is_open else age, is_open=is_open))
    return planned


def _age(dice: random.Random) -> timedelta:
    """Busier by day than by night, and a little busier lately."""
    if dice.random() < TODAY_SHARE:
        return timedelta(hours=dice.uniform(1.5, 20))
    return timedelta(days=max(DAYS * (1 - dice.random() ** 0.8), 0.9))


def _one(dice: random.Random, number: int, partner: str, age: timedelta, *, is_open: bool) -> Planned:
    condition = _draw(dice, CONDITIONS)
    ending, reasons = (S.IN_REVIEW, ()) if is_open else _ending(dice, condition)
    return Planned(
        number=number,
        partner=partner,
        kind=_draw(dice, KINDS),
        condition=condition,
        seed=1000 + number,
        age=age,
        ending=ending,
        reasons=reasons,
        wait=timedelta(seconds=min(20 + dice.expovariate(1 / 240), 5400)),
        livemode=dice.random() > TEST_SHARE,
    )


def _ending(dice: random.Random, condition: str) -> tuple[DocumentStatus, tuple[str, ...]]:
    if condition in POOR:
        status = _draw(dice, ((S.RESUBMISSION_REQUESTED, 55), (S.REJECTED, 15), (S.EXPIRED, 15), (S.APPROVED, 15)))
        return status, () if status in {S.APPROVED, S.EXPIRED} else (POOR[condition],)
    if condition == "expired":
        return S.REJECTED, ("document_expired",)
    if condition == "mismatched":
        return S.REJECTED, ("name_mismatch", "dob_mismatch")
    odds = ((S.APPROVED, 90), (S.REJECTED, 3), (S.CANCELED, 3), (S.AWAITING_UPLOAD, 2), (S.REDACTED, 2))
    status = _draw(dice, odds)
    return status, ("tampering_suspected",) if status == S.REJECTED else ()


def _draw(dice: random.Random, odds: Sequence[tuple[T, int]]) -> T:
    return dice.choices([value for value, _ in odds], [weight for _, weight in odds])[0]
