"""Security alerts in words: what was found about whom, how much, what to do, and the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from backoffice.models.alerts import Severity
from backoffice.models.base import Prefix, public_id
from backoffice.models.security_alerts import SecurityAlert, SecurityState
from backoffice.models.security_facts import SecurityKind
from backoffice.models.security_rules import RULES, Counts
from backoffice.viewmodels.times import iso

PLACE = "/ops/security"
LOG = "/ops/audit"
STATES = {"": "All", SecurityState.OPEN: "Open", SecurityState.ACKNOWLEDGED: "Acknowledged"}
TONES = {Severity.CRITICAL: "red", Severity.WARNING: "amber", Severity.INFO: "blue"}
SEVERITIES = {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.INFO: "Notice"}
SHOWN_ENTRIES = 10
BY_ADDRESS = frozenset({SecurityKind.CREDENTIAL_STUFFING})


@dataclass(frozen=True)
class EntryLink:
    """One audit entry that an alert counts."""

    words: str
    href: str


@dataclass(frozen=True)
class SecurityRow:
    """One alert of the list."""

    id: str = ""
    kind: str = ""
    label: str = ""
    severity: str = ""
    tone: str = ""
    subject: str = ""
    partner: str = ""
    partner_href: str = ""
    counted: str = ""
    rule: str = ""
    advice: str = ""
    began_at: str = ""
    at: str = ""
    is_open: bool = True
    by: str = ""
    answered_at: str = ""
    note: str = ""
    log_href: str = ""
    """The audit log around the window."""
    links: list[EntryLink] = field(default_factory=list)
    more: str = ""


@dataclass(frozen=True)
class SecurityRuleRow:
    """One rule, and what holds of it."""

    kind: str = ""
    label: str = ""
    says: str = ""
    threshold: str = ""
    minutes: str = ""
    is_on: bool = True
    is_own: bool = False
    """Whether somebody changed it."""
    version: int = 0
    usual: str = ""


def security_row(alert: SecurityAlert, *, subject: str, partner: str, by: str, entry_ids: list[str]) -> SecurityRow:
    """Show one alert."""
    kind = SecurityKind(alert.kind)
    rule = RULES[kind]
    held = Counts(alert.threshold, int(alert.detail.get("minutes", rule.counts.minutes)))
    shown = entry_ids[:SHOWN_ENTRIES]
    left = len(entry_ids) - len(shown)
    return SecurityRow(
        id=str(alert.id),
        kind=alert.kind,
        label=rule.label,
        severity=SEVERITIES[rule.severity],
        tone=TONES[rule.severity],
        subject=subject,
        partner=partner,
        partner_href=f"/ops/partners/{public_id(Prefix.PARTNER, alert.partner_id)}" if alert.partner_id else "",
        counted=f"{alert.affected:,}",
        rule=rule.describe(held),
        advice=rule.advice,
        began_at=iso(alert.window_from),
        at=iso(alert.last_seen_at),
        is_open=alert.state == SecurityState.OPEN,
        by=by,
        answered_at=iso(alert.acknowledged_at) if alert.acknowledged_at else "",
        note=alert.note,
        log_href=_log(alert, kind),
        links=[EntryLink(one[-8:], f"{LOG}/{one}") for one in shown],
        more=f"and {left:,} more" if left > 0 else "",
    )


def _log(alert: SecurityAlert, kind: SecurityKind) -> str:
    """Write the address of the audit log at the days of an alert."""
    asked = {"from": f"{alert.window_from:%Y-%m-%d}", "to": f"{alert.last_seen_at:%Y-%m-%d}"}
    if kind in BY_ADDRESS:
        asked["result"] = "denied"
    elif alert.partner_id:
        asked["partner"] = public_id(Prefix.PARTNER, alert.partner_id)
    return f"{LOG}?{urlencode(asked)}"


def rule_rows(held: Mapping[SecurityKind, Counts]) -> list[SecurityRuleRow]:
    """Show every rule with what holds."""
    return [
        SecurityRuleRow(
            kind=str(kind),
            label=rule.label,
            says=rule.describe(held[kind]),
            threshold=str(held[kind].threshold),
            minutes=str(held[kind].minutes),
            is_on=held[kind].is_on,
            is_own=held[kind].version > 0,
            version=held[kind].version,
            usual=f"{rule.counts.threshold:,} within {rule.counts.minutes:,} min",
        )
        for kind, rule in RULES.items()
    ]
