"""What an alert says to people, on the screen and in letters alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backoffice.models.alerts import Alert, AlertKind, Severity
from backoffice.models.base import Prefix, public_id

SEVERITIES = {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.INFO: "Notice"}
PLACE = "/partner/alerts"


@dataclass(frozen=True, slots=True)
class Words:
    """One alert in words."""

    title: str
    advice: str
    affected: str
    """How many of what, or nothing where it is one thing."""
    href: str
    link: str
    """What the link leads to."""


def words(alert: Alert) -> Words:
    """Say what happened, how much it touches, what to do and where."""
    return _BY_KIND[AlertKind(alert.kind)](alert)


def _webhook(alert: Alert) -> Words:
    detail = alert.detail
    is_off = detail["disabled"]
    title = f"The webhook {detail['name']} {'was switched off' if is_off else 'is failing'}"
    mend = "Mend the receiver, then "
    after = "switch the endpoint on: what it is owed is sent." if is_off else "what waits is sent by itself."
    advice = f"Its log shows what the receiver answered. {mend}{after}"
    href = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, alert.subject_id)}"
    return Words(title, advice, _many(alert.affected, "message waits", "messages wait"), href, "Open the endpoint")


def _api_errors(alert: Alert) -> Words:
    detail = alert.detail
    requests, ours = detail["requests"], detail["ours"]
    title = f"{alert.affected * 100 // requests} % of API requests fail"
    whose = f"{ours} of them failed on our side; retry those." if ours else "All were refused: each line says why."
    advice = f"Look at the refused requests of the last 15 minutes. {whose}"
    affected = f"{alert.affected:,} of {requests:,} requests"
    status = "5xx" if ours * 2 > alert.affected else "4xx"
    href = f"/partner/developers/requests?status={status}&since=1h"
    return Words(title, advice, affected, href, "Open the requests")


def _quota(alert: Alert) -> Words:
    detail = alert.detail
    percent = detail["percent"]
    title = "The month's documents are used up" if percent >= 100 else f"{percent} % of the month's documents are used"  # noqa: PLR2004 all of them
    advice = (
        "New live documents are refused until the month ends or a larger plan begins."
        if percent >= 100  # noqa: PLR2004 all of them
        else "Usage shows on which day the limit will be reached. A larger plan raises it."
    )
    return Words(
        title, advice, f"{alert.affected:,} of {detail['included']:,} documents", "/partner/usage", "Open usage"
    )


def _sla(alert: Alert) -> Words:
    detail = alert.detail
    over = detail["over"]
    title = f"{_many(alert.affected, 'review is', 'reviews are')} late or nearly so"
    advice = "Our reviewers were told as well. Answer open questions about your documents: a review waits for them."
    return Words(
        title, advice, f"{over:,} past their time" if over else "None is past its time yet",
        "/partner/documents?status=in_review", "Open the documents",
    )  # fmt: skip


def _key(alert: Alert) -> Words:
    detail = alert.detail
    day = datetime.fromisoformat(detail["expires_at"])
    is_over = detail["expired"]
    title = f"The API key {detail['name']} {'expired' if is_over else 'expires'} on {day:%Y-%m-%d %H:%M} UTC"
    advice = (
        "What still uses it is refused. Make a new key, or revoke this one."
        if is_over
        else "Rotate it, or give it a later end: a rotated key works with both secrets for a while."
    )
    return Words(title, advice, "", "/partner/developers/keys", "Open API keys")


def _rejections(alert: Alert) -> Words:
    detail = alert.detail
    share = alert.affected * 100 // detail["decided"]
    title = f"{share} % of decisions are rejections, usually {detail['usual']} %"
    advice = "Compare reasons, types and countries with the days before: a changed capture page, or an attack."
    affected = f"{alert.affected:,} of {detail['decided']:,} decisions in 24 h"
    return Words(title, advice, affected, "/partner/analytics", "Open analytics")


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


_BY_KIND: dict[AlertKind, Callable[[Alert], Words]] = {
    AlertKind.WEBHOOK_FAILING: _webhook,
    AlertKind.API_ERRORS: _api_errors,
    AlertKind.QUOTA: _quota,
    AlertKind.SLA_RISK: _sla,
    AlertKind.KEY_EXPIRING: _key,
    AlertKind.REJECTIONS: _rejections,
}
