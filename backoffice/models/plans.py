"""What a plan allows: the one place where limits, documentation and screens read the same numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import cast

from backoffice.i18n import N_
from backoffice.models.partners import Plan

DAY_SECONDS = 86_400
TOGETHER = 4
"""All keys of a partner together may ask so many times as often as one of them: more keys are no larger plan."""


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """So many requests at once; what is used comes back steadily, all of it within so many seconds."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """Requests are counted per API key and for all keys together, documents per partner and calendar month in UTC."""

    per_second: int
    """Requests that refill each second."""
    burst: int
    """Requests that may come at once after a quiet while."""
    per_day: int
    documents_per_month: int
    """Live documents; test documents are not counted."""
    streams: int
    """Event streams open at once."""

    @property
    def requests(self) -> tuple[RequestPolicy, RequestPolicy]:
        """Say the same as policies, of which each key has to keep both; what comes at once fills whole seconds."""
        seconds = -(-self.burst // self.per_second)
        burst = RequestPolicy("burst", self.per_second * seconds, seconds)
        return burst, RequestPolicy("daily", self.per_day, DAY_SECONDS)

    @property
    def together(self) -> tuple[RequestPolicy, RequestPolicy]:
        """Say what all keys of a partner have to keep together, those of live and those of test data apart."""
        burst, daily = self.requests
        first = RequestPolicy("partner", burst.quota * TOGETHER, burst.seconds)
        return first, RequestPolicy("partner-daily", daily.quota * TOGETHER, daily.seconds)

    @property
    def writing(self) -> RequestPolicy:
        """Say what each key has to keep with requests that change something: as much as of all, counted apart."""
        return replace(self.requests[0], name="write")

    @property
    def writing_together(self) -> RequestPolicy:
        """Say the same of all keys of a partner."""
        return RequestPolicy("partner-write", self.writing.quota * TOGETHER, self.writing.seconds)

    def of(self, name: "LimitName") -> int:
        """Answer what holds under a name."""
        return self.requests[0].quota if name == LimitName.BURST else getattr(self, name)


PLANS: dict[Plan, PlanLimits] = {
    Plan.FREE: PlanLimits(5, 20, 5_000, 100, 2),
    Plan.STANDARD: PlanLimits(50, 100, 200_000, 10_000, 10),
    Plan.ENTERPRISE: PlanLimits(300, 600, 5_000_000, 1_000_000, 50),
}
PLAN_WORDS = {Plan.FREE: N_("Free"), Plan.STANDARD: N_("Standard"), Plan.ENTERPRISE: N_("Enterprise")}
SOFT_CAPS = (80, 90, 100)
"""Percent of the month's documents at which the partner is told; the last one is also where it ends."""


class LimitName(StrEnum):
    """What an operator can make an exception of for one partner, in the order of screens."""

    DOCUMENTS_PER_MONTH = "documents_per_month"
    PER_SECOND = "per_second"
    BURST = "burst"
    PER_DAY = "per_day"
    STREAMS = "streams"


NAMES = frozenset(map(str, LimitName))


@dataclass(frozen=True, slots=True)
class LimitException:
    """What holds for one partner in place of its plan's limit, until it ends; without an end until it is taken back."""

    value: int
    reason: str
    by: str
    at: datetime
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether it has not ended."""
        return self.until is None or moment < self.until


@dataclass(frozen=True, slots=True)
class Terms:
    """A partner's plan and the exceptions from it that hold now."""

    plan: Plan
    exceptions: Mapping[LimitName, LimitException] = field(default_factory=dict[LimitName, LimitException])

    @property
    def limits(self) -> PlanLimits:
        """What holds, whichever of the two it comes from."""
        values = {str(name): one.value for name, one in self.exceptions.items()}
        return replace(PLANS[self.plan], **values) if values else PLANS[self.plan]


def terms(plan: str, written: Mapping[str, object], moment: datetime) -> Terms:
    """Read a partner's terms from its row: `written` is the column `exceptions`.

    A name that only a newer version knows is no limit of this one.
    """
    if not written:
        return Terms(Plan(plan))
    known = {LimitName(name): read_exception(values) for name, values in written.items() if name in NAMES}
    return Terms(Plan(plan), {name: one for name, one in known.items() if one.holds(moment)})


def on_plan(held: Terms, after: Plan) -> Terms:
    """Say what would hold on another plan.

    A larger plan ends the exceptions that it makes needless, a smaller one all that give more than it does: they were
    made for who paid more.
    """
    is_larger = list(Plan).index(after) > list(Plan).index(held.plan)

    def stays(name: LimitName, value: int) -> bool:
        before, then = getattr(PLANS[held.plan], name), getattr(PLANS[after], name)
        return not before < value <= then if is_larger else value <= then

    return Terms(after, {name: one for name, one in held.exceptions.items() if stays(name, one.value)})


def read_exception(values: object) -> LimitException:
    """Read one exception as `write_exception` wrote it."""
    given = cast("Mapping[str, str | int | None]", values)
    until = given.get("until")
    return LimitException(
        value=int(given["value"] or 0),
        reason=str(given["reason"]),
        by=str(given["by"]),
        at=datetime.fromisoformat(str(given["at"])),
        until=datetime.fromisoformat(str(until)) if until else None,
    )


def write_exception(one: LimitException) -> dict[str, object]:
    """Write one exception as the column keeps it."""
    until = one.until.isoformat() if one.until else None
    return {"value": one.value, "reason": one.reason, "by": one.by, "at": one.at.isoformat(), "until": until}
