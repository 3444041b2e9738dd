"""The review team in words: who works, how each queue stands, and how the hours go on at this pace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backoffice.models.base import Prefix, public_id
from backoffice.models.sla import Lane
from backoffice.models.team_counts import Burn, LaneCount, Worker
from backoffice.viewmodels.sla import LANE_WORDS
from backoffice.viewmodels.times import age, iso, span

HOUR = timedelta(hours=1)
MOST_AHEAD = 12
"""Hours that are drawn ahead; what takes longer is said in words."""
LINKS = {
    Lane.STANDARD: "/review/queue?view=all",
    Lane.SECOND_REVIEW: "/review/queue?view=second_review",
    Lane.ESCALATED: "/review/queue?view=escalated",
}


@dataclass(frozen=True)
class LaneRow:
    """How one queue stands."""

    lane: str
    label: str
    href: str
    open: int
    claimed: int
    due_soon: int
    breached: int
    paused: int
    oldest: str


@dataclass(frozen=True)
class WorkerRow:
    """One person at work."""

    id: str
    name: str
    status: str
    task_href: str
    since: str
    assigned: int
    decided_hour: int
    decided_day: int


@dataclass(frozen=True)
class BurnView:
    """Open tasks of the last day and what follows at this pace; a line stops where it says nothing."""

    labels: list[str] = field(default_factory=list)
    past: list[float | None] = field(default_factory=list)
    alone: list[float | None] = field(default_factory=list)
    """If nothing more came."""
    net: list[float | None] = field(default_factory=list)
    """If as much keeps coming."""
    words: str = ""
    open_now: int = 0


@dataclass(frozen=True)
class TeamHead:
    """The team in one line."""

    working: int = 0
    there: int = 0
    open: int = 0
    claimed: int = 0
    due_soon: int = 0
    breached: int = 0


@dataclass(frozen=True)
class AlertRow:
    """What leads were told."""

    id: str
    words: str
    at: str


def lane_rows(found: Sequence[LaneCount], at: datetime) -> list[LaneRow]:
    """Lay the queues out in the order in which tasks go through them."""
    return [
        LaneRow(
            lane=one.lane,
            label=LANE_WORDS[one.lane],
            href=LINKS[one.lane],
            open=one.open,
            claimed=one.claimed,
            due_soon=one.due_soon,
            breached=one.breached,
            paused=one.paused,
            oldest=age(one.oldest, at),
        )
        for one in found
    ]


def worker_rows(found: Sequence[Worker]) -> list[WorkerRow]:
    """List people by name."""
    return [
        WorkerRow(
            id=public_id(Prefix.MEMBER, one.id),
            name=one.name,
            status="Reviewing" if one.task_id else "Available" if one.is_available else "Away",
            task_href=f"/review/work/{public_id(Prefix.REVIEW_TASK, one.task_id)}" if one.task_id else "",
            since=iso(one.since),
            assigned=one.assigned,
            decided_hour=one.decided_hour,
            decided_day=one.decided_day,
        )
        for one in found
    ]


def team_head(lanes: Sequence[LaneCount], people: Sequence[Worker]) -> TeamHead:
    """Sum up."""
    return TeamHead(
        working=sum(one.task_id is not None for one in people),
        there=sum(one.is_available for one in people),
        open=sum(one.open for one in lanes),
        claimed=sum(one.claimed for one in lanes),
        due_soon=sum(one.due_soon for one in lanes),
        breached=sum(one.breached for one in lanes),
    )


def burn_view(found: Burn) -> BurnView:
    """Draw the last day, and the next hours at the pace of the last one: with and without what keeps coming."""
    if not found.points:
        return BurnView()
    moment, left = found.points[-1]
    alone, net = _ahead(left, found.closed_hour), _ahead(left, found.closed_hour - found.arrived_hour)
    hours = max(len(alone), len(net)) if left and found.closed_hour else 1
    past: list[float | None] = [float(count) for _, count in found.points]
    gap: list[float | None] = [None] * (len(past) - 1)
    labels = [f"{at:%H:%M}" for at, _ in found.points]
    labels[0] = f"{found.points[0][0]:%-d %b %H:%M}"
    labels += [f"+{hour} h" for hour in range(1, hours)]
    has_pace = bool(found.closed_hour and left)
    if not has_pace:
        alone, net, gap = [], [], []
    return BurnView(labels, past, gap + alone, gap + net, words=_words(left, found, moment), open_now=left)


def _ahead(left: int, pace: int) -> list[float | None]:
    """Go on at a pace until nothing is left, for some hours at most."""
    values: list[float | None] = [float(left)]
    while len(values) <= MOST_AHEAD and values[-1]:
        values.append(float(max(0, left - pace * len(values))))
    return values


def _words(left: int, found: Burn, moment: datetime) -> str:
    came, went = found.arrived_hour, found.closed_hour
    told = f"{came} came and {went} left in the last hour"
    if not left:
        return f"Nothing is open; {told}."
    if not went:
        return f"{told}: there is no pace to project by."
    clear = moment + left / went * HOUR
    ends = f"clear in about {span(left / went * 3600)}, at {clear:%H:%M} UTC, if nothing more came"
    if came >= went:
        return f"{told}: {ends}; it does not shrink while as much keeps coming."
    return f"{told}: {ends}, else in about {span(left / (went - came) * 3600)}."
