"""The order of the queue: the one formula by which every list, every next task and every assignment goes.

A task's place is a moment, its rank: the time at which it is due, moved by minutes. Who is earlier goes first.

    rank = due + band + plan + risk (+ a day for test data)

The due time holds both the age and the SLA: it is counted by the target of its plan and queue.
Time passes for all tasks alike, so that a rank never changes by itself: nobody has to sort the queue again,
an index holds it, and no task waits for ever behind newer ones. The database computes the rank from `due_at` and
`priority`, which is the sum of the minutes.
"""

from collections.abc import Mapping
from typing import Literal

from backoffice.models.partners import Plan

Band = Literal["urgent", "high", "normal", "low"]
Risk = Literal["high", "medium", "low"]

BAND_MINUTES: Mapping[Band, int] = {"urgent": -480, "high": -120, "normal": 0, "low": 480}
"""What a policy says of a document, or a lead of a task."""
PLAN_MINUTES: Mapping[Plan, int] = {Plan.ENTERPRISE: -30, Plan.STANDARD: 0, Plan.FREE: 30}
RISK_MINUTES: Mapping[Risk, int] = {"high": -60, "medium": 0, "low": 0}
"""What may be fraud is looked at while its applicant is still there."""
TEST_MINUTES = 24 * 60
RISKS: Mapping[Risk, float] = {"high": 0.7, "medium": 0.4, "low": 0.0}
"""The least score of each band."""


def risk_band(score: float | None) -> Risk:
    """Name the band of a risk score; what was not scored is looked at as medium."""
    if score is None:
        return "medium"
    return next(band for band, least in RISKS.items() if score >= least)


def minutes(band: Band, *, plan: Plan, risk: Risk, livemode: bool) -> int:
    """Sum up by how much a task is moved against its due time; less goes first."""
    return BAND_MINUTES[band] + PLAN_MINUTES[plan] + RISK_MINUTES[risk] + (0 if livemode else TEST_MINUTES)
