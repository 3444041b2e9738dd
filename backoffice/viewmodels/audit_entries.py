"""The audit trail in words: who did what to which thing, and how it was before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from backoffice.i18n import N_, gettext
from backoffice.models.audit_entries import Shown
from backoffice.models.base import Prefix, public_id
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain

PLACE = "/partner/audit"
FAMILIES = {
    "member": N_("People"),
    "invitation": N_("Invitations"),
    "custom_role": N_("Own roles"),
    "session": N_("Sessions"),
    "settings": N_("Settings"),
    "api_key": N_("API keys"),
    "webhook_endpoint": N_("Webhooks"),
    "delivery": N_("Deliveries"),
    "document": N_("Documents"),
    "applicant": N_("Applicants"),
    "verification": N_("Verifications"),
    "review": N_("Reviews"),
    "personal": N_("Personal data"),
    "viewing": N_("Looks by the provider"),
    "file": N_("Files"),
    "export": N_("Exports"),
    "legal_hold": N_("Legal holds"),
    "retention_rule": N_("Retention rules"),
    "alert": N_("Alerts"),
    "alert_rules": N_("Alert rules"),
    "audit": N_("The trail itself"),
    "security_alert": N_("Security alerts"),
    "security_rule": N_("Security rules"),
    "event": N_("Refused on a page"),
    "request": N_("Refused requests"),
    "page": N_("Refused pages"),
}
WHO = {
    "member": N_("Colleagues"),
    "api_key": N_("API keys"),
    "system": N_("By itself"),
    "staff": N_("Our people at the provider"),
}
ACTORS = {
    "staff": N_("Provider staff"),
    "system": N_("By itself"),
    "api_key": N_("An API key"),
    "member": N_("A colleague"),
}
RESULTS = {"ok": (N_("Done"), "green"), "denied": (N_("Refused"), "red")}
PAIR = 2


@dataclass(frozen=True)
class AuditRow:
    """One line of the trail."""

    id: str
    at: str
    who: str
    who_kind: str
    what: str
    action: str
    object: str
    object_id: str
    result: str
    tone: str
    is_refused: bool


@dataclass(frozen=True)
class Difference:
    """One thing that an entry says of the change."""

    name: str
    before: str
    after: str
    has_before: bool


@dataclass(frozen=True)
class AuditView:
    """One entry in full."""

    id: str = ""
    title: str = ""
    at: str = ""
    utc: str = ""
    who: str = ""
    who_kind: str = ""
    who_id: str = ""
    action: str = ""
    object: str = ""
    object_id: str = ""
    result: str = ""
    tone: str = ""
    ip: str = ""
    request_id: str = ""
    differences: list[Difference] = field(default_factory=list)


def audit_row(shown: Shown, object_id: str) -> AuditRow:
    """Show one entry; `object_id` is the public id of what it is about."""
    entry = shown.entry
    result, tone = _result(entry.result)
    return AuditRow(
        id=public_id(Prefix.AUDIT_ENTRY, entry.id),
        at=iso(entry.created_at),
        who=who(shown),
        who_kind=_kind(shown),
        what=action_words(entry.action),
        action=entry.action,
        object=plain(entry.subject_type) if entry.subject_type else "",
        object_id=object_id,
        result=result,
        tone=tone,
        is_refused=entry.result == "denied",
    )


def audit_view(shown: Shown, object_id: str, who_id: str) -> AuditView:
    """Show one entry with its difference."""
    row, entry = audit_row(shown, object_id), shown.entry
    return AuditView(
        id=row.id,
        title=row.what,
        at=row.at,
        utc=f"{entry.created_at:%Y-%m-%d %H:%M:%S} UTC",
        who=row.who,
        who_kind=row.who_kind,
        who_id=who_id,
        action=row.action,
        object=row.object,
        object_id=object_id,
        result=row.result,
        tone=row.tone,
        ip=shown.ip or "",
        request_id=entry.request_id,
        differences=differences(shown.changes),
    )


def who(shown: Shown) -> str:
    """Name who did it, as far as the reader may know."""
    return shown.actor_name or _kind(shown)


def _kind(shown: Shown) -> str:
    return gettext(ACTORS[shown.actor_type]) if shown.actor_type in ACTORS else plain(shown.actor_type)


def _result(result: str) -> tuple[str, str]:
    words, tone = RESULTS.get(result, ("", "gray"))
    return gettext(words) or plain(result), tone


def action_words(action: str) -> str:
    """Say an action in words: `member.role_changed` is Member: role changed."""
    family, _, verb = action.partition(".")
    if not verb:
        return plain(action)
    words = f"{family.capitalize()}: {verb.lower()}".replace("_", " ")
    return gettext(words)


def differences(changes: Mapping[str, Any]) -> list[Difference]:
    """Read what an entry says of the change: pairs are before and after, the rest simply is."""
    rows: list[Difference] = []
    for name, value in changes.items():
        parts = _parts(value)
        is_pair = parts is not None and len(parts) == PAIR and name != "filters"
        before, after = (said(parts[0]), said(parts[1])) if parts and is_pair else ("", said(value))
        rows.append(Difference(plain(name), before, after, is_pair))
    return rows


def _parts(value: object) -> list[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None


def said(value: object) -> str:
    """Write one value of a change."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value is None or not str(value):
        return gettext("nothing")
    parts = _parts(value)
    if parts is not None:
        return ", ".join(said(one) for one in parts) or gettext("nothing")
    if isinstance(value, Mapping):
        named = cast("Mapping[str, object]", value)
        return "; ".join(f"{plain(name).lower()} {said(one)}" for name, one in named.items())
    return str(value)
