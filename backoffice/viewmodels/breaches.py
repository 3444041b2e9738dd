"""Breaches by cause, and what another number of people would do, in numbers and words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from backoffice.models.breach_counts import Cause, Phase
from backoffice.models.team_counts import Staffing
from backoffice.viewmodels.sla import LANE_WORDS
from backoffice.viewmodels.times import span

HOUR = timedelta(hours=1)
MOST_SPAN = 90 * 24
"""Hours: what takes longer is said to take longer."""


@dataclass(frozen=True)
class CausesView:
    """Hours of an average late task of each queue, by what it waited for."""

    labels: list[str] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    active: list[float] = field(default_factory=list)
    hold: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    lead: list[float] = field(default_factory=list)
    words: str = ""


WORDS = {
    Phase.QUEUED: "waiting to be taken",
    Phase.ACTIVE: "being worked on",
    Phase.HOLD: "being on hold",
    Phase.SECOND: "waiting for a second signer",
    Phase.LEAD: "waiting for a lead",
}


def causes_view(found: Sequence[Cause]) -> CausesView:
    """Lay the phases out beside each other, each as hours per late task."""
    if not found:
        return CausesView()
    hours = {
        phase: [round(one.spent.get(phase, timedelta()) / HOUR / one.tasks, 2) for one in found] for phase in Phase
    }
    whole = {phase: sum((one.spent.get(phase, timedelta()) for one in found), timedelta()) for phase in Phase}
    first, total = max(whole, key=lambda phase: whole[phase]), sum(whole.values(), timedelta())
    share = f"{whole[first] / total:.0%} of their time went by {WORDS[first]}." if total else ""
    late = sum(one.tasks for one in found)
    return CausesView(
        labels=[f"{LANE_WORDS[one.lane]} ({one.tasks})" for one in found],
        queued=hours[Phase.QUEUED],
        active=hours[Phase.ACTIVE],
        hold=hours[Phase.HOLD],
        second=hours[Phase.SECOND],
        lead=hours[Phase.LEAD],
        words=f"{late} {'task' if late == 1 else 'tasks'} left a queue late. {share}".strip(),
    )


def staffing_words(one: Staffing) -> str:
    """Say what happens with so many people."""
    able = f"{one.people} {'person closes' if one.people == 1 else 'people close'} {one.capacity:.0f} an hour"
    if one.hours is None:
        least = math.floor(one.arrivals * one.minutes / 60) + 1
        return f"{able}, and {one.arrivals:g} come: the queue never clears. It takes {least} at least."
    if not one.open:
        return f"{able}: nothing waits."
    took = f"more than {MOST_SPAN // 24} d" if one.hours > MOST_SPAN else f"about {span(one.hours * 3600)}"
    return f"{able}, and {one.arrivals:g} come: {one.open} open tasks are clear in {took}."
