"""Analytics in words, charts and tables: every number with the period before it, and nothing that is not counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from backoffice.i18n import N_, gettext, number
from backoffice.i18n.dates import day_words, short_day
from backoffice.models.day_counts import Figures, Span, Tally, Turnaround
from backoffice.viewmodels.times import NOTHING, iso, span
from backoffice.viewmodels.words import TYPES, fixed, plain, reason_words

PLACE = "/partner/analytics"
LIST = "/partner/documents"
SPANS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
DEFAULT_DAYS = 30
OUTCOME_TONES = {"approved": "green", "rejected": "red", "resubmission_requested": "amber"}
OUTCOME_WORDS = {
    "approved": N_("Approved"),
    "rejected": N_("Rejected"),
    "resubmission_requested": N_("New document asked for"),
}
MOST_ROWS = 12
NOT_KNOWN = N_("Not known yet")
WEEKLY_FROM = 120
"""Days from which on a chart shows weeks."""


@dataclass(frozen=True)
class FigureView:
    """One number with what it was before."""

    key: str
    label: str
    value: str
    note: str
    change: str
    tone: str
    """good, bad or mute: whether the change is welcome."""
    href: str = ""


@dataclass(frozen=True)
class StepView:
    """One step of the funnel."""

    label: str
    count: int
    share: str
    percent: float


@dataclass(frozen=True)
class PartRow:
    """One type or country."""

    name: str
    received: int
    approved: str
    rejected: str
    again: str
    percent: float
    """Of the largest one, for its bar."""
    href: str


@dataclass(frozen=True)
class ReasonRow:
    """One reason and how often it stands in decisions."""

    outcome: str
    tone: str
    label: str
    documents: int
    percent: float


@dataclass(frozen=True)
class ChartView:
    """Documents by day or week, with those of the period before."""

    labels: list[str] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    before: list[float] = field(default_factory=list)
    approved: list[float] = field(default_factory=list)
    rejected: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    rate: list[float | None] = field(default_factory=list)
    unit: str = "day"


@dataclass(frozen=True)
class AnalyticsView:
    """One period."""

    figures: list[FigureView] = field(default_factory=list)
    steps: list[StepView] = field(default_factory=list)
    chart: ChartView = ChartView()
    types: list[PartRow] = field(default_factory=list)
    countries: list[PartRow] = field(default_factory=list)
    reasons: list[ReasonRow] = field(default_factory=list)
    words: str = ""
    until: str = ""
    is_empty: bool = True


def analytics_view(found: Figures, labels: Mapping[str, str], *, mode: str = "") -> AnalyticsView:
    """Lay a period out; `labels` are what people call the reasons, `mode` what addresses carry along."""
    period = found.span
    since = f"{LIST}?from={period.first.isoformat()}{mode}"
    return AnalyticsView(
        figures=_figures(found, since),
        steps=_steps(found.now),
        chart=_chart(found),
        types=_parts(found.by_type, _type_words, f"{since}&type="),
        countries=_parts(found.by_country, lambda code: code or gettext(NOT_KNOWN), ""),
        reasons=_reasons(found, labels),
        words=_period(period),
        until=iso(found.until),
        is_empty=found.now.received == 0,
    )


def _period(period: Span) -> str:
    first, last = day_words(period.first), day_words(period.last)
    words = N_("{first} to {last} (UTC), beside the {days} days before")
    return gettext(words, first=first, last=last, days=period.days)


def _figures(found: Figures, since: str) -> list[FigureView]:
    now, before = found.now, found.before
    speed, earlier = found.turnaround, found.turnaround_before
    return [
        FigureView(
            "received",
            gettext("Received"),
            number(now.received),
            gettext("documents"),
            *_more(now.received, before.received),
            since,
        ),
        _rate("approved", gettext("Approved"), (now.approved, now.decided), (before.approved, before.decided)),
        _rate(
            "rejected",
            gettext("Rejected"),
            (now.rejected, now.decided),
            (before.rejected, before.decided),
            is_good=False,
        ),
        _rate("policy", gettext("Decided at once"), (now.by_policy, now.decided), (before.by_policy, before.decided)),
        _rate(
            "again",
            gettext("Second tries approved"),
            (now.later_approved, now.later),
            (before.later_approved, before.later),
        ),
        _speed("median", gettext("Median decision"), speed.median, earlier.median, speed),
        _speed("p95", gettext("95 % within"), speed.p95, earlier.p95, speed),
    ]


def _more(now: int, before: int) -> tuple[str, str]:
    if not before:
        return ("" if not now else gettext("none before")), "mute"
    change = (now - before) / before * 100
    said = gettext("{change} % to {before} before", change=fixed(change, 0, signed=True), before=number(before))
    return said, "mute"


def _rate(key: str, label: str, now: tuple[int, int], before: tuple[int, int], *, is_good: bool = True) -> FigureView:
    """Say a share with its denominator, and its change in percentage points; of nothing there is no share."""
    (part, whole), (part_before, whole_before) = now, before
    if not whole:
        return FigureView(key, label, NOTHING, gettext("nothing to count yet"), "", "mute")
    share = part / whole * 100
    note = gettext("{part} of {whole}", part=number(part), whole=number(whole))
    if not whole_before:
        return FigureView(key, label, f"{fixed(share, 1)} %", note, gettext("none before"), "mute")
    change = share - part_before / whole_before * 100
    tone = "mute" if round(change, 1) == 0 else "good" if (change > 0) == is_good else "bad"
    points = gettext("{change} points", change=fixed(change, 1, signed=True))
    return FigureView(key, label, f"{fixed(share, 1)} %", note, points, tone)


def _speed(key: str, label: str, now: float | None, before: float | None, of: Turnaround) -> FigureView:
    if now is None:
        return FigureView(key, label, NOTHING, gettext("nothing decided yet"), "", "mute")
    note = gettext("of {count} decided", count=number(of.decided))
    if not before:
        return FigureView(key, label, span(now), note, gettext("none before"), "mute")
    tone = "mute" if round(now) == round(before) else "good" if now < before else "bad"
    return FigureView(key, label, span(now), note, gettext("{length} before", length=span(before)), tone)


def _steps(now: Tally) -> list[StepView]:
    steps = (
        (gettext("Received"), now.received),
        (gettext("Screened"), now.screened),
        (gettext("Decided"), now.decided),
        (gettext("Approved"), now.approved),
    )
    whole = now.received or 1
    return [StepView(label, amount, _share(amount, whole), amount / whole * 100) for label, amount in steps]


def _chart(found: Figures) -> ChartView:
    period = found.span
    size = 7 if period.days > WEEKLY_FROM else 1
    starts = [period.first + timedelta(days=place) for place in range(0, period.days, size)]
    groups = [_group(found.by_day, start, size) for start in starts]
    earlier = [_group(found.before_by_day, start - timedelta(days=period.days), size) for start in starts]
    return ChartView(
        labels=[short_day(start) for start in starts],
        received=[float(one.received) for one in groups],
        before=[float(one.received) for one in earlier],
        approved=[float(one.approved) for one in groups],
        rejected=[float(one.rejected) for one in groups],
        again=[float(one.resubmission_requested) for one in groups],
        rate=[round(one.approved / one.decided * 100, 1) if one.decided else None for one in groups],
        unit=gettext("week") if size > 1 else gettext("day"),
    )


def _group(by_day: Mapping[date, Tally], start: date, size: int) -> Tally:
    days = [by_day.get(start + timedelta(days=place), Tally()) for place in range(size)]
    return Tally(
        received=sum(one.received for one in days),
        approved=sum(one.approved for one in days),
        rejected=sum(one.rejected for one in days),
        resubmission_requested=sum(one.resubmission_requested for one in days),
    )


def _type_words(type_: str) -> str:
    return gettext(TYPES[type_]) if type_ in TYPES else plain(type_) if type_ else gettext(NOT_KNOWN)


def _parts(found: Mapping[str, Tally], words: Callable[[str], str], href: str) -> list[PartRow]:
    ranked = sorted(found.items(), key=lambda item: (-item[1].received, item[0]))[:MOST_ROWS]
    most = ranked[0][1].received if ranked else 1
    return [
        PartRow(
            words(name), tally.received, _share(tally.approved, tally.decided), _share(tally.rejected, tally.decided),
            _share(tally.resubmission_requested, tally.decided), tally.received / most * 100,
            f"{href}{name}" if href and name else "",
        )
        for name, tally in ranked
    ]  # fmt: skip


def _share(part: int, whole: int) -> str:
    return gettext("{percent}%", percent=f"{part / whole * 100:.0f}") if whole else NOTHING


def _reasons(found: Figures, labels: Mapping[str, str]) -> list[ReasonRow]:
    most = found.reasons[0][2] if found.reasons else 1
    return [
        ReasonRow(
            gettext(OUTCOME_WORDS[outcome]),
            OUTCOME_TONES[outcome],
            reason_words(code, labels),
            amount,
            amount / most * 100,
        )
        for outcome, code, amount in found.reasons
    ]
