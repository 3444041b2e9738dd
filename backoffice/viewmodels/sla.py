"""SLA in words: targets with what they would mean now, calendars, and what differs before it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from backoffice.models.business_hours import Calendar, after
from backoffice.models.partners import Plan
from backoffice.models.sla import Lane, Rules, Target
from backoffice.models.team_counts import Attainment
from backoffice.viewmodels.quality import LEAST
from backoffice.viewmodels.review_tasks import PLAN_WORDS
from backoffice.viewmodels.sla_forms import WEEKDAYS, hours_text, length_text
from backoffice.viewmodels.times import NOTHING, iso

LANE_WORDS: Mapping[str, str] = {
    Lane.STANDARD: "Standard", Lane.SECOND_REVIEW: "Second review", Lane.ESCALATED: "Escalated",
}  # fmt: skip
ROUND_THE_CLOCK = "Round the clock"
INHERITED = "As the document"


@dataclass(frozen=True)
class TargetRow:
    """How soon one queue of one plan is to be done, and when a task that came now would be due."""

    key: str
    plan: str
    lane: str
    target: str
    hours: str
    due: str
    due_at: str
    calendar: str
    is_own: bool
    is_changed: bool


@dataclass(frozen=True)
class CalendarRow:
    """One calendar, in words and as its form holds it."""

    name: str
    time_zone: str
    hours: str
    holidays: str
    is_used: bool
    is_changed: bool
    days: list[str]
    holiday_lines: str


NO_TARGET = TargetRow("", "", "", "", "", "", "", "", is_own=False, is_changed=False)
NEW_CALENDAR = CalendarRow(
    "", "UTC", "", "", is_used=False, is_changed=False, days=["09:00-17:00"] * 5 + ["", ""], holiday_lines=""
)


@dataclass(frozen=True)
class ChangeRow:
    """What differs between the rules that hold and the draft."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionRow:
    """One version in the history."""

    version: int
    made_at: str
    made_by: str


@dataclass(frozen=True)
class AttainmentRow:
    """How often a queue of a plan was done in time; nothing of a few."""

    key: str
    plan: str
    lane: str
    count: str
    share: str
    between: str
    is_enough: bool


def target_key(plan: Plan, lane: Lane) -> str:
    """Name one target on the page."""
    return f"{plan}.{lane}"


def target_rows(rules: Rules, held: Rules, at: datetime) -> list[TargetRow]:
    """Lay targets out by plan, the dearest first, and queue."""
    return [_target_row(rules, held, plan, lane, at) for plan in reversed(Plan) for lane in Lane]


def _target_row(rules: Rules, held: Rules, plan: Plan, lane: Lane, at: datetime) -> TargetRow:
    target, calendar = rules.target(plan, lane), rules.calendar(plan, lane)
    due = after(calendar, at, target.length) if target else None
    return TargetRow(
        key=target_key(plan, lane),
        plan=PLAN_WORDS[plan],
        lane=LANE_WORDS[lane],
        target=length_text(target.length) if target else "",
        hours=target.calendar or ROUND_THE_CLOCK if target else INHERITED,
        due=_local(due, calendar),
        due_at=iso(due),
        calendar=target.calendar if target else "",
        is_own=target is not None,
        is_changed=target != held.target(plan, lane)
        or (target is not None and rules.calendars.get(target.calendar) != held.calendars.get(target.calendar)),
    )


def _local(moment: datetime | None, calendar: Calendar | None) -> str:
    if moment is None:
        return NOTHING
    zone = calendar.time_zone if calendar else "UTC"
    return f"{moment.astimezone(ZoneInfo(zone)):%a %-d %b, %H:%M} {zone}"


def calendar_rows(rules: Rules, held: Rules) -> list[CalendarRow]:
    """List calendars by name."""
    used = {target.calendar for target in rules.targets.values()}
    return [
        CalendarRow(
            name=name,
            time_zone=one.time_zone,
            hours=week_words(one),
            holidays=f"{len(one.holidays)}" if one.holidays else "None",
            is_used=name in used,
            is_changed=held.calendars.get(name) != one,
            days=[hours_text(hours) for hours in one.week],
            holiday_lines="\n".join(sorted(day.isoformat() for day in one.holidays)),
        )
        for name, one in sorted(rules.calendars.items())
    ]


def week_words(calendar: Calendar) -> str:
    """Say a week in as few words as it takes: Mon-Fri 09:00-18:00."""
    parts: list[str] = []
    begin = 0
    for day in range(1, len(WEEKDAYS) + 1):
        if day < len(WEEKDAYS) and calendar.week[day] == calendar.week[begin]:
            continue
        if calendar.week[begin]:
            last = day - 1
            names = WEEKDAYS[begin][:3] if last == begin else f"{WEEKDAYS[begin][:3]}-{WEEKDAYS[last][:3]}"
            parts.append(f"{names} {hours_text(calendar.week[begin])}")
        begin = day
    return "; ".join(parts)


def changes(held: Rules, draft: Rules) -> list[ChangeRow]:
    """Say what saving would change."""
    rows = [
        ChangeRow(f"{PLAN_WORDS[plan]}, {LANE_WORDS[lane].lower()}", _said(was), _said(now))
        for plan in reversed(Plan)
        for lane in Lane
        if (was := held.target(plan, lane)) != (now := draft.target(plan, lane))
    ]
    for name in sorted(held.calendars.keys() | draft.calendars.keys()):
        was, now = held.calendars.get(name), draft.calendars.get(name)
        if was != now:
            rows.append(ChangeRow(f"Calendar {name}", _calendar_said(was), _calendar_said(now)))
    return rows


def _said(target: Target | None) -> str:
    return f"{length_text(target.length)}, {target.calendar or ROUND_THE_CLOCK.lower()}" if target else INHERITED


def _calendar_said(one: Calendar | None) -> str:
    if one is None:
        return NOTHING
    return f"{week_words(one)} {one.time_zone}, {len(one.holidays)} days off"


def attainment_rows(found: Sequence[Attainment]) -> list[AttainmentRow]:
    """Show shares with their intervals, or how many are missing."""
    return [
        AttainmentRow(
            key=target_key(one.plan, one.lane),
            plan=PLAN_WORDS[one.plan],
            lane=LANE_WORDS[one.lane],
            count=f"{one.rate.whole:,}",
            share=f"{one.rate.part / one.rate.whole * 100:.1f} %" if is_enough else f"{one.rate.whole} of {LEAST}",
            between=f"95 %: {one.rate.interval.low * 100:.1f} to {one.rate.interval.high * 100:.1f}"
            if is_enough and one.rate.interval
            else "",
            is_enough=is_enough,
        )
        for one in found
        for is_enough in (one.rate.whole >= LEAST,)
    ]
