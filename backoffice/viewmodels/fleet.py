"""All partners in words: figures with a tone where somebody should look, filters and order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import cast

from backoffice.models.base import Prefix, public_id
from backoffice.models.fleet_counts import NEARLY, FleetLine, Onboarding
from backoffice.models.partners import SUSPENSION, PartnerStatus
from backoffice.models.plans import PLAN_WORDS
from backoffice.viewmodels.times import NOTHING, iso

PLACE = "/ops/partners"
FULL = 1.0
FEW_TAKEN, TOO_FEW_TAKEN = 0.99, 0.9
MANY_REFUSED = 0.05
KEPT_WELL = 0.95
SORTS: Mapping[str, Callable[[FleetLine], float | str | None]] = {
    "name": lambda one: one.name.lower(),
    "volume": lambda one: one.volume,
    "approved": lambda one: one.approval,
    "errors": lambda one: one.errors,
    "webhooks": lambda one: one.webhooks,
    "sla": lambda one: one.sla,
    "quota": lambda one: one.quota,
    "alerts": lambda one: one.alerts,
}
NEEDS: Mapping[str, tuple[str, Callable[[FleetLine], bool]]] = {
    "alerts": ("Open alerts", lambda one: one.alerts > 0),
    "webhooks": ("Failing webhooks", lambda one: one.failing > 0),
    "sla": ("Late reviews", lambda one: one.late > 0),
    "quota": ("Quota at 80 % or more", lambda one: one.is_near),
}
"""What may need somebody, and how it is told."""


@dataclass(frozen=True)
class FleetRow:
    """One partner of the list."""

    id: str = ""
    href: str = ""
    name: str = ""
    slug: str = ""
    plan: str = ""
    plan_words: str = ""
    status: str = ""
    region: str = ""
    since: str = ""
    volume: str = ""
    trend: str = ""
    """Against the seven days before."""
    days: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    approved: str = NOTHING
    errors: str = NOTHING
    errors_tone: str = ""
    webhooks: str = NOTHING
    webhooks_note: str = ""
    webhooks_tone: str = ""
    sla: str = NOTHING
    sla_note: str = ""
    sla_tone: str = ""
    quota: str = ""
    quota_words: str = ""
    used: int = 0
    included: int = 1
    quota_tone: str = ""
    alerts: int = 0
    alerts_words: str = "0"
    is_suspended: bool = False


@dataclass(frozen=True)
class AmountChoice:
    """One status to filter by, with how many partners have it."""

    label: str
    href: str
    is_current: bool
    amount: int


@dataclass(frozen=True)
class Suspension:
    """Why and since when a partner is shut out."""

    reason: str = ""
    at: str = ""
    by: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a partner's beginning."""

    words: str
    detail: str
    is_done: bool


def suspension(settings: Mapping[str, object]) -> Suspension:
    """Read why a partner is suspended, from its settings."""
    told = settings.get(SUSPENSION)
    known = cast("dict[str, object]", told) if isinstance(told, dict) else dict[str, object]()
    return Suspension(*(str(known.get(name, "")) for name in ("reason", "at", "by")))


def percent(share: float | None) -> str:
    """Write a share."""
    return NOTHING if share is None else f"{share * 100:.1f} %"


def fleet_row(one: FleetLine) -> FleetRow:
    """Show one partner."""
    partner_id = public_id(Prefix.PARTNER, one.id)
    return FleetRow(
        id=partner_id,
        href=f"{PLACE}/{partner_id}",
        name=one.name,
        slug=one.slug,
        plan=one.plan,
        plan_words=PLAN_WORDS[one.plan],
        status=one.status,
        region=one.region,
        since=iso(one.since),
        volume=f"{one.volume:,}",
        trend=_trend(one.volume, one.before),
        days=[float(count) for _, count in one.days],
        labels=[f"{day:%a %-d %b}" for day, _ in one.days],
        approved=percent(one.approval),
        errors=percent(one.errors),
        errors_tone="warn" if (one.errors or 0) >= MANY_REFUSED else "",
        webhooks=percent(one.webhooks),
        webhooks_note=f"{one.failing} failing" if one.failing else "",
        webhooks_tone=_webhooks_tone(one),
        sla=percent(one.sla),
        sla_note=f"{one.late} late now" if one.late else "",
        sla_tone="warn" if one.sla is not None and one.sla < KEPT_WELL else "",
        quota=f"{one.quota * 100:.0f} %",
        quota_words=f"{one.used:,} of {one.included:,}",
        used=one.used,
        included=one.included,
        quota_tone="bad" if one.quota >= FULL else "warn" if one.quota >= NEARLY else "",
        alerts=one.alerts,
        alerts_words=str(one.alerts),
        is_suspended=one.status == PartnerStatus.SUSPENDED,
    )


def _webhooks_tone(one: FleetLine) -> str:
    if one.failing or (one.webhooks is not None and one.webhooks < TOO_FEW_TAKEN):
        return "bad"
    return "warn" if one.webhooks is not None and one.webhooks < FEW_TAKEN else ""


def _trend(now: int, before: int) -> str:
    if not before:
        return "new" if now else ""
    change = (now - before) / before * 100
    return f"{change:+.0f} %" if round(change) else "as before"


def narrowed(lines: Iterable[FleetLine], asked: Mapping[str, str]) -> list[FleetLine]:
    """Keep what the filters ask for, in the order that they ask for; what nobody knows comes last."""
    need = NEEDS.get(asked.get("need", ""))
    kept = [
        one
        for one in lines
        if asked.get("status", one.status) == one.status
        and asked.get("plan", one.plan) == one.plan
        and asked.get("region", one.region) == one.region
        and (need is None or need[1](one))
    ]
    key = SORTS.get(asked.get("sort", "").lstrip("-"))
    if key is None:
        return kept
    known = [(value, one) for one in kept if (value := key(one)) is not None]
    known.sort(key=itemgetter(0), reverse=asked["sort"].startswith("-"))
    return [one for _, one in known] + [one for one in kept if key(one) is None]


def amounts(lines: Sequence[FleetLine]) -> dict[str, int]:
    """Count partners by status and by what may need somebody."""
    counted = {str(status): sum(one.status == status for one in lines) for status in PartnerStatus}
    return counted | {"": len(lines)} | {name: sum(is_it(one) for one in lines) for name, (_, is_it) in NEEDS.items()}


def steps(found: Onboarding) -> list[Step]:
    """Say what a new partner has done and what comes next."""
    waits = f"{found.invited} invited, not here yet" if found.invited else "nobody is invited"
    return [
        Step("First administrator signs in", f"{found.admins} here" if found.admins else waits, found.admins > 0),
        Step("An API key is made", f"{found.keys} in use" if found.keys else "none yet", found.keys > 0),
        Step("The first request arrives", "in the log" if found.requests else "none yet", found.requests > 0),
        Step("A webhook endpoint is set", f"{found.endpoints} set" if found.endpoints else "none", found.endpoints > 0),
        Step("A webhook is delivered", "taken with 2xx" if found.told else "none yet", found.told > 0),
        Step("A sandbox or live document", "received" if found.documents else "none yet", found.documents > 0),
        Step("The first live document", "received" if found.live_documents else "none yet", found.live_documents > 0),
    ]
