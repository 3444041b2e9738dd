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
OPEN_CONDITIONS = ("mismatched", "glare", "dark", "mismatched", "low_res", "glare", "mismatched", "photo", "dark")
"""What the policy does not decide: that is why it waits."""
WAITS_FROM = timedelta(minutes=2)
WAITS_APART = timedelta(minutes=4)
EXPIRES_AFTER = timedelta(days=3)
TEST_SHARE = 0.08


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
    """Draw the whole history: for each partner the past, oldest first, then what still waits for a person."""
    dice = random.Random(SEED)  # noqa: S311 a story, not a secret
    planned: list[Planned] = []
    for partner, count in PER_PARTNER.items():
        waiting = OPEN_PER_PARTNER[partner]
        for age in sorted((_age(dice) for _ in range(count - waiting)), reverse=True):
            condition = _draw(dice, CONDITIONS)
            ending, reasons = _ending(dice, condition, age)
            planned.append(_one(dice, len(planned), partner, age, condition, ending, reasons))
        for place in range(waiting, 0, -1):
            age, condition = WAITS_FROM + WAITS_APART * (place - 1), OPEN_CONDITIONS[place % len(OPEN_CONDITIONS)]
            planned.append(_one(dice, len(planned), partner, age, condition, S.IN_REVIEW, ()))
    return planned


def _age(dice: random.Random) -> timedelta:
    """Busier by day than by night, and a little busier lately."""
    if dice.random() < TODAY_SHARE:
        return timedelta(hours=dice.uniform(1.5, 20))
    return timedelta(days=max(DAYS * (1 - dice.random() ** 0.8), 0.9))


def _one(  # noqa: PLR0913, PLR0917 a planned document has this many sides
    dice: random.Random,
    number: int,
    partner: str,
    age: timedelta,
    condition: str,
    ending: DocumentStatus,
    reasons: tuple[str, ...],
) -> Planned:
    is_open = ending == S.IN_REVIEW
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
        livemode=is_open or dice.random() > TEST_SHARE,
    )


def _ending(dice: random.Random, condition: str, age: timedelta) -> tuple[DocumentStatus, tuple[str, ...]]:
    if condition in POOR:
        odds = [(S.RESUBMISSION_REQUESTED, 55), (S.REJECTED, 15), (S.APPROVED, 15)]
        status = _draw(dice, [*odds, (S.EXPIRED, 15)] if age > EXPIRES_AFTER else odds)
        return status, () if status == S.APPROVED else (POOR[condition],)
    if condition == "expired":
        return S.REJECTED, ("document_expired",)
    if condition == "mismatched":
        return S.REJECTED, ("name_mismatch", "dob_mismatch")
    odds = [(S.APPROVED, 90), (S.REJECTED, 3), (S.CANCELED, 3), (S.AWAITING_UPLOAD, 2)]
    status = _draw(dice, [*odds, (S.REDACTED, 2)] if age > EXPIRES_AFTER else odds)
    return status, ("tampering_suspected",) if status == S.REJECTED else ()


def _draw(dice: random.Random, odds: Sequence[tuple[T, int]]) -> T:
    return dice.choices([value for value, _ in odds], [weight for _, weight in odds])[0]
