"""What an alert says to people, on the screen and in letters alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backoffice.i18n import N_, gettext, ngettext, number
from backoffice.i18n.dates import moment_words
from backoffice.models.alerts import Alert, AlertKind, Severity
from backoffice.models.base import Prefix, public_id
from backoffice.models.security_facts import SecurityKind

SEVERITIES = {Severity.CRITICAL: N_("Critical"), Severity.WARNING: N_("Warning"), Severity.INFO: N_("Notice")}
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
    if detail["disabled"]:
        title = gettext("The webhook {name} was switched off", name=detail["name"])
        advice = gettext(
            "Its log shows what the receiver answered. Mend the receiver, then switch the endpoint on: what it is owed "
            "is sent."
        )
    else:
        title = gettext("The webhook {name} is failing", name=detail["name"])
        advice = gettext(
            "Its log shows what the receiver answered. Mend the receiver, then what waits is sent by itself."
        )
    waits = ngettext("{count} message waits", "{count} messages wait", alert.affected)
    href = f"/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, alert.subject_id)}"
    return Words(title, advice, waits, href, gettext("Open the endpoint"))


def _api_errors(alert: Alert) -> Words:
    detail = alert.detail
    requests, ours = detail["requests"], detail["ours"]
    title = gettext("{percent} % of API requests fail", percent=alert.affected * 100 // requests)
    advice = gettext("Look at the refused requests of the last 15 minutes. All were refused: each line says why.")
    if ours:
        words = N_(
            "Look at the refused requests of the last 15 minutes. {count} of them failed on our side; retry those."
        )
        advice = gettext(words, count=ours)
    affected = gettext("{count} of {whole} requests", count=number(alert.affected), whole=number(requests))
    status = "5xx" if ours * 2 > alert.affected else "4xx"
    href = f"/partner/developers/requests?status={status}&since=1h"
    return Words(title, advice, affected, href, gettext("Open the requests"))


def _quota(alert: Alert) -> Words:
    detail = alert.detail
    percent = detail["percent"]
    if percent >= 100:  # noqa: PLR2004 all of them
        title = gettext("The month's documents are used up")
        advice = gettext("New live documents are refused until the month ends or a larger plan begins.")
    else:
        title = gettext("{percent} % of the month's documents are used", percent=percent)
        advice = gettext("Usage shows on which day the limit will be reached. A larger plan raises it.")
    used, included = number(alert.affected), number(detail["included"])
    affected = gettext("{count} of {whole} documents", count=used, whole=included)
    return Words(title, advice, affected, "/partner/usage", gettext("Open usage"))


def _sla(alert: Alert) -> Words:
    over, late = alert.detail["over"], alert.affected
    title = ngettext("{count} review is late or nearly so", "{count} reviews are late or nearly so", late)
    advice = gettext(
        "Our reviewers were told as well. Answer open questions about your documents: a review waits for them."
    )
    affected = gettext("None is past its time yet")
    if over:
        affected = ngettext("{count} past their time", "{count} past their time", over)
    return Words(title, advice, affected, "/partner/documents?status=in_review", gettext("Open the documents"))


def _key(alert: Alert) -> Words:
    detail = alert.detail
    is_over, day = detail["expired"], moment_words(datetime.fromisoformat(detail["expires_at"]))
    if is_over:
        title = gettext("The API key {name} expired on {day}", name=detail["name"], day=day)
        advice = gettext("What still uses it is refused. Make a new key, or revoke this one.")
    else:
        title = gettext("The API key {name} expires on {day}", name=detail["name"], day=day)
        advice = gettext("Rotate it, or give it a later end: a rotated key works with both secrets for a while.")
    return Words(title, advice, "", "/partner/developers/keys", gettext("Open API keys"))


def _rejections(alert: Alert) -> Words:
    detail = alert.detail
    share = alert.affected * 100 // detail["decided"]
    title = gettext("{percent} % of decisions are rejections, usually {usual} %", percent=share, usual=detail["usual"])
    advice = gettext("Compare reasons, types and countries with the days before: a changed capture page, or an attack.")
    rejected, decided = number(alert.affected), number(detail["decided"])
    affected = gettext("{count} of {whole} decisions in 24 h", count=rejected, whole=decided)
    return Words(title, advice, affected, "/partner/analytics", gettext("Open analytics"))


_SECURITY = {
    SecurityKind.ACCOUNT_ATTACKED: (
        N_("Many sign-ins to one of your accounts failed"),
        N_("Ask the person whether it was they. If not, let them set up a passkey."),
    ),
    SecurityKind.KEY_NEW_NETWORK: (
        N_("An API key was used from a network that it never came from"),
        N_("If your servers did not move, revoke the key and bind the next one to your networks."),
    ),
    SecurityKind.MASS_REVEAL: (
        N_("One person showed the personal data of many documents"),
        N_("See in the audit trail what for. If it is not their work, sign them out and tell us."),
    ),
    SecurityKind.EXPORT_SPIKE: (
        N_("One person asked for many exports"),
        N_("See under Exports which ones. If it is not their work, stop them and sign the person out."),
    ),
    SecurityKind.GUARD_DENIALS: (
        N_("One person or key was refused many times"),
        N_("The audit trail says what was asked for. A program may lack a right, or somebody tries what they may not."),
    ),
    SecurityKind.ERASURE_BURST: (
        N_("Many people are to be erased"),
        N_("Erasure cannot be undone. If nobody of yours asked for it, revoke the key and write to us at once."),
    ),
}


def _security(alert: Alert) -> Words:
    title, advice = _SECURITY[SecurityKind(alert.detail["what"])]
    times = ngettext("{count} time", "{count} times", alert.affected)
    return Words(gettext(title), gettext(advice), times, "/partner/audit", gettext("Open the audit trail"))


_BY_KIND: dict[AlertKind, Callable[[Alert], Words]] = {
    AlertKind.WEBHOOK_FAILING: _webhook,
    AlertKind.API_ERRORS: _api_errors,
    AlertKind.QUOTA: _quota,
    AlertKind.SLA_RISK: _sla,
    AlertKind.KEY_EXPIRING: _key,
    AlertKind.REJECTIONS: _rejections,
    AlertKind.SECURITY: _security,
}
