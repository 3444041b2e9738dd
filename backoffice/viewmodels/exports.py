"""Exports in words: what was asked for, how far it has come, and until when it can be fetched."""

from dataclasses import dataclass

from backoffice.i18n import N_, gettext, ngettext, number, reworded
from backoffice.models.base import Prefix, public_id
from backoffice.models.exports import MOST_COUNTED, OPEN, Export, ExportFormat, ExportKind, ExportStatus
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import fixed, plain, spelled

KINDS = {
    ExportKind.DOCUMENTS: N_("Documents"),
    ExportKind.API_REQUESTS: N_("API requests"),
    ExportKind.AUDIT_ENTRIES: N_("Audit trail"),
    ExportKind.USAGE_RECORDS: N_("Usage records"),
    ExportKind.EVIDENCE: N_("Evidence pack"),
    ExportKind.PERSON: N_("Data of a person"),
}
FORMATS = {
    ExportFormat.CSV: N_("CSV, for spreadsheets and databases"),
    ExportFormat.XLSX: N_("Excel workbook, up to 1,048,575 rows"),
    ExportFormat.JSONL: N_("JSON Lines, for programs"),
}
WORDS = {
    ExportStatus.AWAITING: (N_("Waits for a second person"), "amber"),
    ExportStatus.QUEUED: (N_("Waiting"), "gray"),
    ExportStatus.RUNNING: (N_("Writing"), "blue"),
    ExportStatus.READY: (N_("Ready"), "green"),
    ExportStatus.FAILED: (N_("Failed"), "red"),
    ExportStatus.CANCELED: (N_("Stopped"), "gray"),
    ExportStatus.EXPIRED: (N_("Gone"), "gray"),
    ExportStatus.DECLINED: (N_("Declined"), "red"),
    ExportStatus.LAPSED: (N_("Nobody approved it"), "gray"),
}
FILTER_WORDS = {
    "status": N_("status"),
    "type": N_("type"),
    "tag": N_("tag"),
    "applicant": N_("applicant"),
    "q": N_("search"),
    "from": N_("received from"),
    "decided": N_("decided from"),
    "method": N_("method"),
    "key": N_("key"),
    "since": N_("since"),
    "who": N_("who"),
    "what": N_("action"),
    "result": N_("result"),
    "to": N_("until"),
    "kind": N_("kind"),
    "month": N_("month"),
    "day": N_("day"),
    "invoice": N_("invoice"),
    "line": N_("line"),
}
UNITS = (N_("{size} bytes"), N_("{size} kB"), N_("{size} MB"), N_("{size} GB"), N_("{size} TB"))
CODED = frozenset({"status", "type", "result", "kind"})
"""Filters whose values are codes of ours; the others hold what people typed."""
KILO = 1000


@dataclass(frozen=True)
class ExportRow:
    """One line of the list."""

    id: str
    title: str
    narrowed: str
    form: str
    status: str
    words: str
    tone: str
    rows: str
    size: str
    created_at: str
    expires_at: str
    href: str
    """Where the file is; empty while it is not."""
    failure: str
    is_under_way: bool
    by: str
    has_personal: bool = False
    documents: str = ""
    """How many it holds something of; empty for what has none."""
    said: str = ""
    """Who decided, and why; or what went wrong."""
    due_at: str = ""
    """Until when it waits for a second person; empty while it does not."""
    may_decide: bool = False


def export_row(row: Export, by: str, decided_by: str = "", *, may_decide: bool = False) -> ExportRow:
    """Show one export; `by` names who asked, `decided_by` who was the second person."""
    words, tone = WORDS[ExportStatus(row.status)]
    is_ready = row.status == ExportStatus.READY
    key = public_id(Prefix.EXPORT, row.id)
    return ExportRow(
        id=key,
        title=_title(ExportKind(row.kind), row.livemode),
        narrowed=narrowed(row.filters),
        form=row.format.upper() if row.format != ExportFormat.XLSX else "Excel",
        status=row.status,
        words=gettext(words),
        tone=tone,
        rows=number(row.rows),
        size=size(row.size) if is_ready else "",
        created_at=iso(row.created_at),
        expires_at=iso(row.expires_at) if is_ready else "",
        href=f"/exports/{key}" if is_ready else "",
        failure=reworded(row.failure) or (_decided(row, decided_by) if row.status == ExportStatus.DECLINED else ""),
        is_under_way=row.status in OPEN,
        by=by,
        has_personal=bool(row.filters.get("personal")),
        documents=_documents(row.documents) if row.documents else "",
        said=reworded(row.failure) or _decided(row, decided_by),
        due_at=iso(row.approval_due) if row.status == ExportStatus.AWAITING else "",
        may_decide=may_decide,
    )


def _documents(amount: int) -> str:
    if amount > MOST_COUNTED:
        return gettext("more than {count} documents", count=number(MOST_COUNTED))
    return ngettext("{count} document", "{count} documents", amount, count=number(amount))


def _decided(row: Export, decided_by: str) -> str:
    """Say who was the second person; a reason is in their own words."""
    if row.decided_by is None:
        return ""
    if row.status != ExportStatus.DECLINED:
        return gettext("Approved by {name}", name=decided_by)
    return gettext("{name}: {reason}", name=decided_by, reason=row.reason) if row.reason else decided_by


def _title(kind: ExportKind, livemode: bool) -> str:
    words = gettext(KINDS[kind])
    return words if livemode else gettext("{list}, test data", list=words)


def narrowed(filters: dict[str, str]) -> str:
    """Say what a list was narrowed by."""
    return "; ".join(_said(name, value) for name, value in filters.items()) or gettext("Everything")


def _said(name: str, value: str) -> str:
    if name == "document":
        return value
    if name == "personal":
        return gettext("with personal data")
    if name == "ids":
        amount = value.count(",") + 1
        return ngettext("{count} selected", "{count} selected", amount, count=amount)
    return gettext("{filter} {value}", filter=gettext(FILTER_WORDS.get(name, name)), value=_value(name, value))


def _value(name: str, value: str) -> str:
    if name in CODED:
        return ", ".join(plain(code) for code in value.split(",")).lower()
    return spelled(value.replace(",", ", ")).lower()


def size(amount: int) -> str:
    """Write a size in decimal units (IEC 80000-13), as file managers do."""
    shown, place = float(amount), 0
    while shown >= KILO and place < len(UNITS) - 1:
        shown, place = shown / KILO, place + 1
    return gettext(UNITS[place], size=fixed(shown, 0 if place == 0 or shown >= KILO / 10 else 1))
