"""The operators' first page in words: each number with the list that it counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.models.audit_entries import Shown
from backoffice.models.base import Prefix, public_id
from backoffice.models.fleet_counts import FleetLine, Overview
from backoffice.viewmodels.audit_entries import action_words
from backoffice.viewmodels.fleet import PLACE, percent
from backoffice.viewmodels.times import iso, span
from backoffice.viewmodels.words import plain


@dataclass(frozen=True)
class OverviewView:
    """All partners together."""

    today: str = ""
    today_note: str = ""
    week: str = ""
    week_change: float = 0.0
    week_words: str = ""
    waiting: str = ""
    late: int = 0
    sla: str = ""
    sla_note: str = ""
    webhooks: str = ""
    failing: int = 0
    jobs_failed: int = 0
    jobs_note: str = ""
    partners: int = 0
    near: int = 0
    labels: list[str] = field(default_factory=list)
    days: list[float] = field(default_factory=list)
    before: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Trouble:
    """One thing at one partner that needs somebody."""

    key: str
    partner: str
    words: str
    tone: str
    icon: str
    href: str


@dataclass(frozen=True)
class ActRow:
    """What an operator did."""

    id: str
    at: str
    who: str
    what: str
    object: str
    href: str


def overview_view(found: Overview) -> OverviewView:
    """Show the figures."""
    counts, earlier = [count for _, count in found.days], [count for _, count in found.before]
    now, before = sum(counts), sum(earlier)
    change = (now - before) / before * 100 if before else 0.0
    tried = found.told + found.untold
    return OverviewView(
        today=f"{counts[-1]:,}",
        today_note=f"yesterday {counts[-2]:,}",
        week=f"{now:,}",
        week_change=change,
        week_words=f"{change:+.0f} %" if before else "new",
        waiting=f"{found.waiting:,}",
        late=found.late,
        sla=percent(found.kept / found.tasks if found.tasks else None),
        sla_note=f"of {found.tasks:,} reviews in 7 days",
        webhooks=percent(found.told / tried if tried else None),
        failing=found.failing,
        jobs_failed=found.jobs_failed,
        jobs_note=f"{found.jobs_waiting:,} wait, oldest {span(found.jobs_lag)}" if found.jobs_waiting else "none waits",
        partners=found.partners,
        near=found.near,
        labels=[f"{day:%a %-d %b}" for day, _ in found.days],
        days=[float(count) for count in counts],
        before=[float(count) for count in earlier],
    )


def troubles(lines: Sequence[FleetLine], *, most: int = 12) -> list[Trouble]:
    """Say what needs somebody, one line each, what shuts documents out or hides outcomes first."""
    found = [one for line in lines for one in _troubles(line)]
    order = {"red": 0, "amber": 1}
    return sorted(found, key=lambda one: order.get(one.tone, 2))[:most]


def _troubles(line: FleetLine) -> list[Trouble]:
    place = f"{PLACE}/{public_id(Prefix.PARTNER, line.id)}"
    endpoints = "1 endpoint does" if line.failing == 1 else f"{line.failing} endpoints do"
    reviews = "1 review is" if line.late == 1 else f"{line.late} reviews are"
    alerts = "1 open alert" if line.alerts == 1 else f"{line.alerts} open alerts"
    quota = "The month's quota is used up" if line.quota >= 1 else f"{line.quota * 100:.0f} % of the quota is used"
    known = (
        (line.failing, "webhooks", f"{endpoints} not take what we send", "red", "webhook", "webhooks"),
        (line.late, "sla", f"{reviews} past the deadline", "red", "clock-alert", "overview"),
        (line.is_near, "quota", quota, "red" if line.quota >= 1 else "amber", "gauge", "limits"),
        (line.alerts, "alerts", alerts, "amber", "bell", "overview"),
    )
    return [
        Trouble(f"{line.slug}.{kind}", line.name, words, tone, icon, f"{place}?tab={tab}")
        for count, kind, words, tone, icon, tab in known
        if count
    ]


def act_rows(rows: Sequence[Shown], names: dict[str, str]) -> list[ActRow]:
    """Show what operators did; `names` are those of partners, by public id."""
    return [_act(one, names) for one in rows]


def _act(one: Shown, names: dict[str, str]) -> ActRow:
    entry = one.entry
    partner = public_id(Prefix.PARTNER, entry.partner_id) if entry.partner_id else ""
    return ActRow(
        id=public_id(Prefix.AUDIT_ENTRY, entry.id),
        at=iso(entry.created_at),
        who=one.actor_name or "",
        what=action_words(entry.action),
        object=names.get(partner, plain(entry.subject_type) if entry.subject_type else ""),
        href=f"{PLACE}/{partner}?tab=audit" if partner in names else "",
    )
