"""Endpoints as their partner sees them; a secret is never part of it."""

from dataclasses import dataclass, field
from datetime import datetime

from backoffice.i18n import gettext, ngettext, reworded
from backoffice.models.base import Prefix, public_id
from backoffice.models.metrics import Health
from backoffice.models.webhooks import EndpointStatus, WebhookEndpoint
from backoffice.viewmodels.times import NOTHING, iso
from backoffice.viewmodels.words import fixed

PLACE = "/partner/developers/webhooks"


@dataclass(frozen=True)
class EndpointView:
    """One endpoint with how it did in the last day."""

    id: str = ""
    href: str = ""
    name: str = ""
    url: str = ""
    description: str = ""
    status: str = ""
    """enabled, disabled, paused or degraded."""
    events: str = ""
    event_types: list[str] = field(default_factory=list)
    order: str = ""
    success: str = NOTHING
    delivered: int = 0
    failed: int = 0
    waiting: int = 0
    latency: str = NOTHING
    failing_since: str = ""
    notice: str = ""
    """Why nothing is sent, or what goes wrong."""
    secret_changed_at: str = ""
    overlap_until: str = ""
    """Until when the secret before the present one still signs."""
    created_at: str = ""
    version: int = 0
    mode: str = "live"
    is_enabled: bool = False


def endpoint_view(endpoint: WebhookEndpoint, health: Health | None, *, at: datetime) -> EndpointView:
    """Show one endpoint; one that was owed nothing has no health."""
    endpoint_id = public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)
    health = health or Health()
    return EndpointView(
        id=endpoint_id,
        href=f"{PLACE}/{endpoint_id}",
        name=endpoint.description or endpoint.url,
        url=endpoint.url,
        description=endpoint.description,
        status=_status(endpoint, at),
        events=_events(len(endpoint.event_types)),
        event_types=list(endpoint.event_types),
        order=gettext("In order per subject") if endpoint.fifo else gettext("As they come"),
        success=NOTHING if health.success is None else f"{fixed(health.success * 100, 1)} %",
        delivered=health.delivered,
        failed=health.failed,
        waiting=health.waiting,
        latency=NOTHING if health.p95_ms is None else f"{health.p95_ms} ms",
        failing_since=iso(endpoint.failing_since),
        notice=_notice(endpoint, health.failed),
        secret_changed_at=iso(endpoint.secret_changed_at),
        overlap_until=iso(_later(endpoint.previous_secret_until, at)),
        created_at=iso(endpoint.created_at),
        version=endpoint.version,
        mode="live" if endpoint.livemode else "test",
        is_enabled=endpoint.status == EndpointStatus.ENABLED,
    )


def _events(count: int) -> str:
    return ngettext("{count} types", "{count} types", count) if count else gettext("Every type")


def _status(endpoint: WebhookEndpoint, at: datetime) -> str:
    if endpoint.status != EndpointStatus.ENABLED:
        return "disabled"
    if endpoint.failing_since and not endpoint.is_paused:
        return "degraded"
    return "paused" if endpoint.is_paused or _later(endpoint.paused_until, at) else "enabled"


def _notice(endpoint: WebhookEndpoint, failed: int) -> str:
    if endpoint.status != EndpointStatus.ENABLED:
        said = reworded(endpoint.disabled_reason)
        return gettext("{reason} Nothing is sent; what is owed waits until you switch it on.", reason=said)
    if endpoint.is_paused:
        return gettext("You paused it. What it is owed waits, and new events are kept for it.")
    if endpoint.failing_since:
        return gettext(
            "Your receiver does not take our events ({count} in the last day). We keep trying for three days.",
            count=failed,
        )
    return ""


def _later(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment and moment > at else None
