"""The sealed audit log in words: what was verified, and the trail of every workspace for those who may see all."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backoffice.i18n import gettext, ngettext
from backoffice.models.audit_entries import Shown
from backoffice.models.audit_log import Verified
from backoffice.viewmodels.audit_entries import audit_row
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain

HOUSE = "The provider"
HEAD_LETTERS = 8


@dataclass(frozen=True)
class SealView:
    """What the last check of the log found."""

    words: str = ""
    at: str = ""
    is_known: bool = False
    is_bad: bool = False
    problem: str = ""
    waiting: str = ""
    """What was sealed since."""


@dataclass(frozen=True)
class LogRow:
    """One line of the trail of all workspaces."""

    id: str
    at: str
    time: str
    who: str
    who_kind: str
    workspace: str
    what: str
    action: str
    object: str
    object_id: str
    result: str
    tone: str
    ip: str
    request_id: str
    href: str


def seal_view(found: Verified) -> SealView:
    """Say what a check found."""
    if found.at is None:
        words = ngettext(
            "{count} entry is sealed, not verified yet", "{count} entries are sealed, not verified yet", found.sealed
        )
        return SealView(words)
    more = found.sealed - found.size
    newer = ngettext("{count} sealed since", "{count} sealed since", more) if more > 0 else ""
    if found.wrong:
        words = gettext("The log was tampered with")
        if found.first_bad:
            words = gettext(
                "The log was tampered with: entry {number} is the first bad one", number=f"{found.first_bad:,}"
            )
        return SealView(words, iso(found.at), is_known=True, is_bad=True, problem=found.problem, waiting=newer)
    head = found.root[:HEAD_LETTERS]
    words = gettext("Verified through entry {number}, head {head}…", number=f"{found.size:,}", head=head)
    return SealView(words, iso(found.at), is_known=True, waiting=newer)


def log_row(shown: Shown, object_id: str, names: Mapping[UUID, str], href: str) -> LogRow:
    """Show one entry of any workspace."""
    row, entry = audit_row(shown, object_id), shown.entry
    return LogRow(
        id=row.id,
        at=row.at,
        time=f"{entry.created_at:%Y-%m-%d %H:%M:%S}.{entry.created_at.microsecond // 1000:03d}",
        who=row.who,
        who_kind=row.who_kind,
        workspace=names.get(entry.partner_id, plain("partner")) if entry.partner_id else HOUSE,
        what=row.what,
        action=row.action,
        object=row.object,
        object_id=object_id,
        result=row.result,
        tone=row.tone,
        ip=shown.ip or "",
        request_id=entry.request_id,
        href=href,
    )
