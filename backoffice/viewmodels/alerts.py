"""Alerts as a browser shows them; their rules as a form; and how somebody hears of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backoffice.errors import Invalid
from backoffice.i18n import N_, gettext, number
from backoffice.models.alert_rules import RULES, Rule, Thresholds
from backoffice.models.alert_words import SEVERITIES, words
from backoffice.models.alerts import Alert, AlertCounts, AlertKind, AlertState, Rhythm, Severity
from backoffice.models.base import Prefix, public_id
from backoffice.viewmodels.changes import Change
from backoffice.viewmodels.times import iso

LOOKS = {
    Severity.CRITICAL: ("red", "circle-alert"),
    Severity.WARNING: ("amber", "triangle-alert"),
    Severity.INFO: ("blue", "info"),
}
STATES = {
    AlertState.OPEN: N_("Open"),
    AlertState.ACKNOWLEDGED: N_("Acknowledged"),
    AlertState.MUTED: N_("Muted"),
    AlertState.RESOLVED: N_("Over"),
}
RHYTHMS = {Rhythm.AT_ONCE: N_("At once"), Rhythm.DAILY: N_("Once a day"), Rhythm.OFF: N_("Not by e-mail")}
WEBHOOK_HINT = N_("Webhooks have notices of their own, under Settings.")
MOST_DIGITS = 6


@dataclass(frozen=True)
class AlertRow:
    """One alert."""

    id: str
    kind: str
    rule: str
    severity: str
    tone: str
    icon: str
    title: str
    advice: str
    affected: str
    href: str
    link: str
    state: str
    state_words: str
    since: str
    ended: str
    muted_until: str
    again: str
    """How often it came back; empty for the first time."""
    by: str
    is_new: bool
    """Began since the viewer last looked."""


@dataclass(frozen=True)
class AlertTotals:
    """How many stand where."""

    open: int = 0
    acknowledged: int = 0
    muted: int = 0
    unread: int = 0
    last_resolved_at: str = ""
    label: str = ""
    """What the bell says to who does not see it."""


@dataclass(frozen=True)
class RuleField:
    """One rule as the form shows it."""

    kind: str
    label: str
    about: str
    unit: str
    is_on: bool
    threshold: str
    hint: str


@dataclass(frozen=True)
class RhythmRow:
    """How somebody hears of one kind."""

    kind: str
    label: str
    hint: str
    rhythm: str


def alert_row(alert: Alert, *, by: str = "", seen_at: datetime | None = None) -> AlertRow:
    """Show one alert; `by` names who acknowledged or muted it."""
    said, severity, state = words(alert), Severity(alert.severity), AlertState(alert.state)
    tone, icon = LOOKS[severity]
    is_over = state == AlertState.RESOLVED
    return AlertRow(
        id=public_id(Prefix.ALERT, alert.id),
        kind=alert.kind,
        rule=gettext(RULES[AlertKind(alert.kind)].label),
        severity=gettext(SEVERITIES[severity]),
        tone="gray" if is_over else tone,
        icon=icon,
        title=said.title,
        advice=said.advice,
        affected=said.affected,
        href=said.href,
        link=said.link,
        state=state,
        state_words=gettext(STATES[state]),
        since=iso(alert.opened_at),
        ended=iso(alert.resolved_at),
        muted_until=iso(alert.muted_until) if state == AlertState.MUTED else "",
        again=gettext("{count} times, first seen", count=alert.times) if alert.times > 1 else "",
        by=by if state in {AlertState.ACKNOWLEDGED, AlertState.MUTED} else "",
        is_new=state == AlertState.OPEN and (seen_at is None or alert.news_at > seen_at),
    )


def totals(counts: AlertCounts) -> AlertTotals:
    """Show how many stand where."""
    label = gettext("Alerts: none open")
    if counts.open:
        label = gettext("Alerts: {count} open, {unread} new", count=counts.open, unread=counts.unread)
    return AlertTotals(
        counts.open, counts.acknowledged, counts.muted, counts.unread, iso(counts.last_resolved_at), label
    )


def rule_fields(rules: Thresholds) -> list[RuleField]:
    """Fill the form with what holds."""
    return [
        RuleField(
            str(kind),
            gettext(rule.label),
            rule.describe(rules.of(kind)),
            gettext(rule.unit),
            kind not in rules.off,
            str(rules.of(kind)),
            _hint(rule),
        )
        for kind, rule in RULES.items()
    ]


def _hint(rule: Rule) -> str:
    least, most, unit = number(rule.least), number(rule.most), gettext(rule.unit)
    return gettext("{least} to {most} {unit}; usually {usual}.", least=least, most=most, unit=unit, usual=rule.default)


def read_rules(form: Mapping[str, str | bool], version: int) -> Thresholds:
    """Read what somebody typed.

    Raises Invalid, whose pointer names the field.
    """
    off = frozenset(kind for kind in RULES if not form.get(f"{kind}-on"))
    return Thresholds(version, off, {kind: _number(str(form.get(kind, "")), kind) for kind in RULES})


def _number(text: str, kind: AlertKind) -> int:
    text = text.strip()
    if not text:
        return RULES[kind].default
    if not text.isascii() or not text.isdecimal() or len(text) > MOST_DIGITS:
        raise Invalid("Write a whole number.", code="number_wrong", pointer=f"/{kind}")
    return int(text)


def rule_changes(before: Thresholds, after: Thresholds) -> list[Change]:
    """Say what differs."""
    rows = [(gettext(rule.label), _said(before, kind), _said(after, kind)) for kind, rule in RULES.items()]
    return [Change(*row) for row in rows if row[1] != row[2]]


def _said(rules: Thresholds, kind: AlertKind) -> str:
    count, unit = number(rules.of(kind)), gettext(RULES[kind].unit)
    said = N_("Off, {count} {unit}") if kind in rules.off else N_("On, from {count} {unit}")
    return gettext(said, count=count, unit=unit)


def rhythm_rows(chosen: Mapping[AlertKind, Rhythm]) -> list[RhythmRow]:
    """Show how somebody hears of each kind."""
    hints = {AlertKind.WEBHOOK_FAILING: gettext(WEBHOOK_HINT)}
    return [
        RhythmRow(str(kind), gettext(RULES[kind].label), hints.get(kind, ""), str(one)) for kind, one in chosen.items()
    ]
