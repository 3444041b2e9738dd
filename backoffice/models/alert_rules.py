"""The rules that find alerts: what each watches, its threshold, and what it says of what it found.

Services judge by them, letters and screens describe them, and docs/alerts.md repeats their defaults.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from backoffice.i18n import N_, gettext
from backoffice.models.alerts import AlertKind, Facts, Finding, Rhythm, Severity
from backoffice.models.security_facts import SecurityKind

REQUESTS_WITHIN = timedelta(minutes=15)
DECIDED_WITHIN = timedelta(hours=24)
USUAL_DAYS = 28
"""The days before, whose share of rejections is the usual one."""
LEAST_REQUESTS, LEAST_DECIDED, LEAST_USUAL = 20, 20, 50
"""Fewer say nothing about a share."""
CHANCE = 3.0
"""Standard deviations that a share must lie above the usual one, besides the threshold (normal approximation)."""
EXPIRED_FOR = timedelta(days=3)
"""How long a key that has expired is still pointed at."""
GRAVE = frozenset({SecurityKind.MASS_REVEAL, SecurityKind.ERASURE_BURST})
HALF = 50
ALMOST, FULL = 90, 100
LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is watched."""

    kind: AlertKind
    label: str
    unit: str
    about: str
    default: int
    least: int
    most: int
    rhythm: Rhythm
    """How people hear of it unless they choose."""

    def describe(self, threshold: int) -> str:
        """Say when it finds something."""
        return gettext(self.about, count=threshold)


RULES: dict[AlertKind, Rule] = {
    one.kind: one
    for one in (
        Rule(
            AlertKind.WEBHOOK_FAILING, N_("Webhook failing"), N_("minutes"),
            N_("An endpoint has only failed for {count} minutes, or was switched off by us."), 15, 1, 1_440, Rhythm.OFF,
        ),
        Rule(
            AlertKind.API_ERRORS, N_("API errors"), N_("percent"),
            N_("{count} % of the last 15 minutes' requests, of at least 20, were answered with an error."), 10, 1, 100,
            Rhythm.AT_ONCE,
        ),
        Rule(
            AlertKind.QUOTA, N_("Quota"), N_("percent"),
            N_("{count} % of the month's documents are used; again at 90 % and at 100 %."), 80, 1, 100, Rhythm.AT_ONCE,
        ),
        Rule(
            AlertKind.SLA_RISK, N_("Reviews late"), N_("documents"),
            N_("{count} documents are past their review deadline, or have used four fifths of its time."), 3, 1, 1_000,
            Rhythm.DAILY,
        ),
        Rule(
            AlertKind.KEY_EXPIRING, N_("API key expiring"), N_("days"),
            N_("An API key expires within {count} days, or has in the last three."), 7, 1, 90, Rhythm.AT_ONCE,
        ),
        Rule(
            AlertKind.REJECTIONS, N_("Unusual rejections"), N_("percentage points"),
            N_("The last day's share of rejections, of at least 20 decisions, lies {count} points above that of the "
               "four weeks before, and more than chance explains."), 15, 5, 100, Rhythm.DAILY,
        ),
        Rule(
            AlertKind.SECURITY, N_("Security"), N_("hours"),
            N_("Something about your people's logins, your keys or your data looks like an attack or misuse; it stays "
               "for {count} hours."), 24, 1, 168, Rhythm.AT_ONCE,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The rules of one partner as of one version; 0 is what holds before anybody changed anything."""

    version: int = 0
    off: frozenset[AlertKind] = frozenset()
    values: Mapping[AlertKind, int] = field(default_factory=dict[AlertKind, int])
    """Those that were set."""

    def of(self, kind: AlertKind) -> int:
        """Answer the threshold of a rule."""
        return self.values.get(kind, RULES[kind].default)

    def evaluate(self, facts: Facts) -> list[Finding]:
        """Say what the rules that are on find."""
        found = [
            *self._webhooks(facts),
            *self._api_errors(facts),
            *self._quota(facts),
            *self._sla(facts),
            *self._keys(facts),
            *self._rejections(facts),
            *self._security(facts),
        ]
        return [one for one in found if one.kind not in self.off]

    def _security(self, facts: Facts) -> Iterable[Finding]:
        bound = timedelta(hours=self.of(AlertKind.SECURITY))
        for one in facts.security:
            if facts.as_of - one.at >= bound:
                continue
            severity = Severity.CRITICAL if one.kind in GRAVE else Severity.WARNING
            yield Finding(AlertKind.SECURITY, one.id, severity, one.affected, {"what": str(one.kind)})

    def _webhooks(self, facts: Facts) -> Iterable[Finding]:
        bound = timedelta(minutes=self.of(AlertKind.WEBHOOK_FAILING))
        for one in facts.endpoints:
            failing_for = facts.as_of - one.failing_since if one.failing_since else timedelta()
            if not one.is_disabled and (one.failing_since is None or failing_for < bound):
                continue
            is_bad = one.is_disabled or failing_for >= LONG
            detail = {"name": one.name, "disabled": one.is_disabled}
            severity = Severity.CRITICAL if is_bad else Severity.WARNING
            yield Finding(AlertKind.WEBHOOK_FAILING, one.id, severity, one.waiting, detail)

    def _api_errors(self, facts: Facts) -> Iterable[Finding]:
        bound = self.of(AlertKind.API_ERRORS)
        if facts.requests < LEAST_REQUESTS or facts.refused * 100 < bound * facts.requests:
            return
        severity = Severity.CRITICAL if facts.refused * 100 >= HALF * facts.requests else Severity.WARNING
        detail = {"requests": facts.requests, "ours": facts.failed}
        yield Finding(AlertKind.API_ERRORS, facts.partner_id, severity, facts.refused, detail)

    def _quota(self, facts: Facts) -> Iterable[Finding]:
        percent = facts.used * 100 // facts.included if facts.included else 0
        if percent < self.of(AlertKind.QUOTA):
            return
        severity = Severity.CRITICAL if percent >= FULL else Severity.WARNING if percent >= ALMOST else Severity.INFO
        detail = {"percent": percent, "included": facts.included}
        yield Finding(AlertKind.QUOTA, facts.partner_id, severity, facts.used, detail)

    def _sla(self, facts: Facts) -> Iterable[Finding]:
        bound, late = self.of(AlertKind.SLA_RISK), facts.near + facts.over
        if late < bound:
            return
        severity = Severity.CRITICAL if facts.over >= bound else Severity.WARNING
        yield Finding(AlertKind.SLA_RISK, facts.partner_id, severity, late, {"over": facts.over})

    def _keys(self, facts: Facts) -> Iterable[Finding]:
        bound = timedelta(days=self.of(AlertKind.KEY_EXPIRING))
        for one in facts.keys:
            left = one.expires_at - facts.as_of
            if left > bound or left < -EXPIRED_FOR:
                continue
            severity = Severity.CRITICAL if left <= LONG else Severity.WARNING
            detail = {"name": one.name, "expires_at": one.expires_at.isoformat(), "expired": left <= timedelta()}
            yield Finding(AlertKind.KEY_EXPIRING, one.id, severity, 1, detail)

    def _rejections(self, facts: Facts) -> Iterable[Finding]:
        bound = self.of(AlertKind.REJECTIONS) / 100
        if facts.decided < LEAST_DECIDED or facts.usual_decided < LEAST_USUAL:
            return
        usual, share = facts.usual_rejected / facts.usual_decided, facts.rejected / facts.decided
        beyond = CHANCE * math.sqrt(usual * (1 - usual) / facts.decided)
        if share - usual < bound or share - usual <= beyond:
            return
        severity = Severity.CRITICAL if share - usual >= 2 * bound else Severity.WARNING
        detail = {"decided": facts.decided, "usual": round(usual * 100)}
        yield Finding(AlertKind.REJECTIONS, facts.partner_id, severity, facts.rejected, detail)
