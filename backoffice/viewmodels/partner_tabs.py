"""What the tabs of one partner's page hold, beside what its own screens show already."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from backoffice.models.plan_changes import PlanChange
from backoffice.models.plans import PLAN_WORDS, Plan
from backoffice.viewmodels.colleagues import ColleagueRow, InviteeRow
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.usage import LoadView, MeterView

TABS = ("overview", "limits", "users", "keys", "webhooks", "usage", "audit")


@dataclass(frozen=True)
class PeopleTab:
    """Who signs in for a partner, who did, and who is invited."""

    rows: list[ColleagueRow] = field(default_factory=list)
    invited: list[InviteeRow] = field(default_factory=list)


@dataclass(frozen=True)
class UsageTab:
    """How much a partner uses: meters, and live documents by day."""

    meter: MeterView = field(default_factory=MeterView)
    load: LoadView = field(default_factory=LoadView)
    labels: list[str] = field(default_factory=list)
    days: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class PlanWait:
    """A change of plan that is arranged."""

    words: str = ""
    at: str = ""


def plan_wait(row: PlanChange | None) -> PlanWait:
    """Say what is arranged."""
    return PlanWait(PLAN_WORDS[Plan(row.to_plan)], iso(row.effective_at)) if row else PlanWait()


def by_day(days: Sequence[tuple[date, int]]) -> tuple[list[str], list[float]]:
    """Write counts by day for a chart."""
    return [f"{day:%-d %b}" for day, _ in days], [float(count) for _, count in days]


def effective(moment: datetime, *, is_at_once: bool) -> str:
    """Say when a change of plan takes effect."""
    return "At once." if is_at_once else f"From {moment:%-d %B %Y}, 00:00 UTC on; until then nothing changes."
