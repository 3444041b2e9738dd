"""Quality in words: a figure with its interval, or how much is missing before there is one; never a share of a few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from backoffice.models.base import Prefix, public_id
from backoffice.models.quality_counts import LEAST, CheckRate, Figures, Interval, Person, Rate, Reason, Week
from backoffice.viewmodels.times import NOTHING
from backoffice.viewmodels.words import CHECKS, plain

PLACE = "/review/quality"
SPANS = {30: "30 days", 90: "90 days", 365: "A year"}
DEFAULT_DAYS = 90
MINUTE = 60


def missing(count: int, what: str) -> str:
    """Say how much is missing before a figure is shown."""
    return f"Not enough data: {count} of {LEAST} decisions needed before we show {what}."


@dataclass(frozen=True)
class FigureView:
    """One figure; without enough decisions `value` is empty and `note` says what is missing."""

    key: str
    label: str
    value: str
    note: str
    is_enough: bool


def _figure(key: str, label: str, what: str, count: int, shown: tuple[str, str] | None) -> FigureView:
    if count < LEAST or shown is None:
        return FigureView(key, label, "", missing(min(count, LEAST), what), is_enough=False)
    return FigureView(key, label, shown[0], shown[1], is_enough=True)


def _share(key: str, label: str, what: str, rate: Rate, words: str) -> FigureView:
    shown = (_percent(rate), f"{_between(rate.interval)}, {rate.part:,} of {rate.whole:,} {words}")
    return _figure(key, label, what, rate.whole, shown)


def quality_figures(one: Figures) -> list[FigureView]:
    """Show how good decisions are."""
    agreement = one.agreement
    looks = agreement.rate.whole
    return [
        _share("agreement", "Agreement", "an agreement rate", agreement.rate, "second looks agree"),
        _kappa(looks, agreement.kappa),
        _share("overturned", "Overturned", "an overturn rate", one.overturned, "verdicts were changed later"),
        _share("gold", "Gold accuracy", "an accuracy", one.gold, "gold documents judged right"),
        _share("approvals", "Doubtful approvals", "a share", agreement.false_approvals, "approvals not confirmed"),
        _share("refusals", "Doubtful refusals", "a share", agreement.false_refusals, "refusals would be approved"),
    ]


def _kappa(looks: int, kappa: Interval | None) -> FigureView:
    label = "Cohen's kappa"
    if looks >= LEAST and kappa is None:
        return FigureView("kappa", label, NOTHING, "All verdicts are alike: chance explains them.", is_enough=True)
    shown = kappa and (
        f"{kappa.value:.2f}",
        f"95 %: {kappa.low:.2f} to {kappa.high:.2f}; 1 is agreement, 0 chance",
    )
    return _figure("kappa", label, "kappa", looks, shown)


def pace_figures(one: Figures) -> list[FigureView]:
    """Show how fast decisions are, and what they take."""
    pace, effort = one.pace, one.effort
    tail = f"p75 {_seconds(pace.p75)}, p95 {_seconds(pace.p95)}, first sight to signature"
    active = f"median, p95 {_seconds(effort.active_p95)}; idling over 30 s cut"
    counted = f"on average, of {effort.count:,} decisions"
    return [
        _share("in-time", "In time", "an SLA attainment", one.in_time, "signed before they were due"),
        _figure("pace", "Pace", "a pace", pace.count, (_seconds(pace.p50), tail)),
        _figure("active", "Active time", "an active time", effort.count, (_seconds(effort.active_p50), active)),
        _figure("keys", "Keys per decision", "keys", effort.count, (f"{effort.keys:.1f}", counted)),
        _figure("clicks", "Clicks per decision", "clicks", effort.count, (f"{effort.clicks:.1f}", counted)),
        _share("against", "Against the checks", "a share", one.against_engine, "went against the checks"),
    ]


def _percent(rate: Rate) -> str:
    return f"{rate.part / rate.whole * 100:.1f} %" if rate.whole else NOTHING


def _between(interval: Interval | None) -> str:
    return f"95 %: {interval.low * 100:.1f} to {interval.high * 100:.1f}" if interval else ""


def _seconds(value: float) -> str:
    if value < MINUTE:
        return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s"  # noqa: PLR2004 below ten a tenth matters
    return f"{value // MINUTE:.0f} min {value % MINUTE:02.0f} s" if value < MINUTE * MINUTE else f"{value / 3600:.1f} h"


def _brief(rate: Rate) -> str:
    """Fit a share into a cell, or how many of the decisions it needs are there."""
    return _percent(rate) if rate.whole >= LEAST else f"{rate.whole} of {LEAST}"


@dataclass(frozen=True)
class ReasonRow:
    """How often a reason that was given is confirmed."""

    label: str
    given: str
    confirmed: str
    between: str
    is_enough: bool


def reason_rows(rows: Sequence[Reason], labels: Mapping[str, str]) -> list[ReasonRow]:
    """Show each reason's precision."""
    return [
        ReasonRow(
            label=labels.get(row.code, plain(row.code)),
            given=f"{row.confirmed.whole:,}",
            confirmed=_brief(row.confirmed),
            between=_between(row.confirmed.interval) if row.confirmed.whole >= LEAST else "",
            is_enough=row.confirmed.whole >= LEAST,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class DriftView:
    """A share week by week; weeks with too few are left out, and without two there is no line."""

    title: str = ""
    labels: list[str] = field(default_factory=list)
    points: list[float] = field(default_factory=list)
    note: str = ""
    has_line: bool = False


def drift(title: str, weeks: Sequence[Week], what: str) -> DriftView:
    """Show how a share moves."""
    enough = [week for week in weeks if week.rate.whole >= LEAST]
    values = [round(week.rate.part / week.rate.whole * 100, 1) for week in enough]
    if len(enough) > 1:
        return DriftView(title, [f"{week.start:%-d %b}" for week in enough], values, has_line=True)
    if enough:
        return DriftView(title, note=f"One week has enough decisions so far: {values[0]} %.")
    most = max((week.rate.whole for week in weeks), default=0)
    return DriftView(title, note=missing(most, what))


@dataclass(frozen=True)
class PersonRow:
    """One reviewer; rows stand by name, because this is no ranking."""

    id: str
    name: str
    href: str
    decided: str
    agreement: str
    kappa: str
    overturned: str
    gold: str
    pace: str
    in_time: str


def person_rows(rows: Sequence[Person], days: int) -> list[PersonRow]:
    """Show everybody apart."""
    return [_person_row(row, days) for row in rows]


def _person_row(row: Person, days: int) -> PersonRow:
    one, looks = row.figures, row.figures.agreement.rate.whole
    kappa, enough = one.agreement.kappa, looks >= LEAST
    return PersonRow(
        id=member_id(row.id),
        name=row.name,
        href=quality_url(days, member_id(row.id)),
        decided=f"{one.decided:,}",
        agreement=_brief(one.agreement.rate),
        kappa=(f"{kappa.value:.2f}" if kappa else NOTHING) if enough else f"{looks} of {LEAST}",
        overturned=_brief(one.overturned),
        gold=_brief(one.gold),
        pace=_seconds(one.pace.p50) if one.pace.count >= LEAST else f"{one.pace.count} of {LEAST}",
        in_time=_brief(one.in_time),
    )


@dataclass(frozen=True)
class CheckRow:
    """One version of a check beside the people who decided."""

    key: str
    name: str
    model: str
    href: str
    raised: str
    confirmed: str
    between: str
    is_current: bool


def check_rows(rows: Sequence[CheckRate], days: int, chosen: str) -> list[CheckRow]:
    """Show how often what a check raised was confirmed."""
    return [
        CheckRow(
            key=check_key(row),
            name=CHECKS.get(row.name, plain(row.name)),
            model=row.model,
            href=quality_url(days, check=check_key(row)),
            raised=f"{row.confirmed.whole:,}",
            confirmed=_brief(row.confirmed),
            between=_between(row.confirmed.interval) if row.confirmed.whole >= LEAST else "",
            is_current=check_key(row) == chosen,
        )
        for row in rows
    ]


def check_key(row: CheckRate) -> str:
    """Name one version of one check in the URL."""
    return f"{row.name}:{row.model}"


def member_id(key: UUID | None) -> str:
    """Write a member's id."""
    return public_id(Prefix.MEMBER, key)


def quality_url(days: int, person: str = "", check: str = "") -> str:
    """Write the address of one view of the figures; what is usual is left out."""
    asked = {"days": "" if days == DEFAULT_DAYS else str(days), "person": person, "check": check}
    kept = {name: value for name, value in asked.items() if value}
    return f"{PLACE}?{urlencode(kept)}" if kept else PLACE
