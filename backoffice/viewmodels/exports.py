"""Exports in words: what was asked for, how far it has come, and until when it can be fetched."""

from dataclasses import dataclass

from backoffice.models.base import Prefix, public_id
from backoffice.models.exports import UNDER_WAY, Export, ExportFormat, ExportKind, ExportStatus
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain

KINDS = {
    ExportKind.DOCUMENTS: "Documents",
    ExportKind.API_REQUESTS: "API requests",
    ExportKind.AUDIT_ENTRIES: "Audit trail",
    ExportKind.USAGE_RECORDS: "Usage records",
    ExportKind.EVIDENCE: "Evidence pack",
}
FORMATS = {
    ExportFormat.CSV: "CSV, for spreadsheets and databases",
    ExportFormat.XLSX: "Excel workbook, up to 1,048,575 rows",
    ExportFormat.JSONL: "JSON Lines, for programs",
}
WORDS = {
    ExportStatus.QUEUED: ("Waiting", "gray"),
    ExportStatus.RUNNING: ("Writing", "blue"),
    ExportStatus.READY: ("Ready", "green"),
    ExportStatus.FAILED: ("Failed", "red"),
    ExportStatus.CANCELED: ("Stopped", "gray"),
    ExportStatus.EXPIRED: ("Gone", "gray"),
}
FILTER_WORDS = {
    "status": "status",
    "type": "type",
    "tag": "tag",
    "applicant": "applicant",
    "q": "search",
    "from": "received from",
    "decided": "decided from",
    "method": "method",
    "key": "key",
    "since": "since",
    "who": "who",
    "what": "action",
    "result": "result",
    "to": "until",
    "kind": "kind",
    "month": "month",
    "day": "day",
    "invoice": "invoice",
    "line": "line",
}
UNITS = ("bytes", "kB", "MB", "GB", "TB")
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


def export_row(row: Export, by: str) -> ExportRow:
    """Show one export; `by` names who asked."""
    words, tone = WORDS[ExportStatus(row.status)]
    is_ready = row.status == ExportStatus.READY
    key = public_id(Prefix.EXPORT, row.id)
    return ExportRow(
        id=key,
        title=f"{KINDS[ExportKind(row.kind)]}{'' if row.livemode else ', test data'}",
        narrowed=narrowed(row.filters),
        form=row.format.upper() if row.format != ExportFormat.XLSX else "Excel",
        status=row.status,
        words=words,
        tone=tone,
        rows=f"{row.rows:,}",
        size=size(row.size) if is_ready else "",
        created_at=iso(row.created_at),
        expires_at=iso(row.expires_at) if is_ready else "",
        href=f"/exports/{key}" if is_ready else "",
        failure=row.failure,
        is_under_way=row.status in UNDER_WAY,
        by=by,
        has_personal=bool(row.filters.get("personal")),
    )


def narrowed(filters: dict[str, str]) -> str:
    """Say what a list was narrowed by."""
    return "; ".join(_said(name, value) for name, value in filters.items()) or "Everything"


def _said(name: str, value: str) -> str:
    if name == "document":
        return value
    if name == "personal":
        return "with personal data"
    if name == "ids":
        return f"{value.count(',') + 1} selected"
    return f"{FILTER_WORDS.get(name, name)} {plain(value.replace(',', ', ')).lower()}"


def size(amount: int) -> str:
    """Write a size in decimal units (IEC 80000-13), as file managers do."""
    shown, place = float(amount), 0
    while shown >= KILO and place < len(UNITS) - 1:
        shown, place = shown / KILO, place + 1
    return f"{shown:.0f} {UNITS[place]}" if place == 0 or shown >= KILO / 10 else f"{shown:.1f} {UNITS[place]}"
