"""Tells a partner's own programs of alerts: an event as one opens, comes back or gets worse, and one as it is over."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models.alerts import Alert, AlertKind, AlertState
from backoffice.models.base import Prefix, public_id
from backoffice.services import events
from backoffice.services.access import Actor
from backoffice.services.events import Subject

ABOUT = {AlertKind.WEBHOOK_FAILING: Prefix.WEBHOOK_ENDPOINT, AlertKind.KEY_EXPIRING: Prefix.API_KEY}
"""What the alerts of a kind are about; all others are about the whole company."""


async def tell(session: AsyncSession, actor: Actor, row: Alert) -> None:
    """Write the event of what has just become of an alert.

    An endpoint that fails is owed no news of its own failing: it would not hear it, and each try would fail, too.
    Security alerts are not told: events are read by more people than the audit trail, and one of them may be meant.
    """
    if row.kind == AlertKind.SECURITY:
        return
    what = "alert.resolved" if row.state == AlertState.RESOLVED else "alert.opened"
    deaf = row.subject_id if row.kind == AlertKind.WEBHOOK_FAILING else None
    subject = Subject("alert", row.id, row.partner_id, livemode=True, data=snapshot(row))
    await events.emit(session, actor, what, subject, besides=deaf)


def snapshot(row: Alert) -> dict[str, object]:
    """Say what partners get of an alert: codes, ids and a count."""
    return {
        "id": public_id(Prefix.ALERT, row.id),
        "object": "alert",
        "kind": row.kind,
        "status": row.state,
        "severity": row.severity,
        "about": public_id(ABOUT.get(AlertKind(row.kind), Prefix.PARTNER), row.subject_id),
        "affected": row.affected,
        "opened_at": _time(row.opened_at),
        "resolved_at": _time(row.resolved_at) if row.resolved_at else None,
    }


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
