"""Documents as their partner sees them: rows of the list and the parts of the detail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import OPEN, Check, Document, DocumentStatus, DocumentType, File
from backoffice.models.reveals import Purpose
from backoffice.models.review_tasks import DeciderType, Decision
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import SIDES, TYPES, document_kind, plain

STATUS_WORDS = {
    DocumentStatus.RESUBMISSION_REQUESTED: "Resubmission",
    DocumentStatus.REDACTED: "Erased",
}
SENTENCES = {
    DocumentStatus.AWAITING_UPLOAD: "We wait for its files.",
    DocumentStatus.SUBMITTED: "It waits for screening.",
    DocumentStatus.PROCESSING: "Screening reads it now.",
    DocumentStatus.IN_REVIEW: "It waits for a person's decision.",
    DocumentStatus.APPROVED: "Approved.",
    DocumentStatus.REJECTED: "Rejected",
    DocumentStatus.RESUBMISSION_REQUESTED: "A new document is needed",
    DocumentStatus.SUPERSEDED: "A newer document took its place.",
    DocumentStatus.EXPIRED: "Nothing more came in time.",
    DocumentStatus.CANCELED: "You withdrew it.",
    DocumentStatus.REDACTED: "Its personal data has been erased.",
}
PURPOSES = {
    Purpose.SUPPORT: "Help the applicant",
    Purpose.COMPLAINT: "Answer a complaint",
    Purpose.FRAUD: "Look into fraud",
    Purpose.LEGAL: "Legal duty",
    Purpose.QUALITY: "Check our quality",
    Purpose.OTHER: "Something else",
}
KILO = 1024


@dataclass(frozen=True)
class DocumentRow:
    """One line of the list; it names nobody."""

    id: str
    href: str
    reference: str
    kind: str
    status: str
    attempt: str
    created_at: str
    due_at: str
    """Empty when nobody waits any more."""
    completed_at: str
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Neighbours:
    """What stands beside a document in the list that one came from."""

    list_url: str = "/partner/documents"
    before: str = ""
    after: str = ""
    place: str = ""
    """Such as `3 of 50`."""


def neighbours(rows: Sequence[DocumentRow], document_id: str, list_url: str) -> Neighbours:
    """Find the place of a document among the rows of a list; one that is not there has no neighbours."""
    places = {row.id: place for place, row in enumerate(rows)}
    if document_id not in places:
        return Neighbours(list_url)
    place = places[document_id]
    before = rows[place - 1].href if place else ""
    after = rows[place + 1].href if place + 1 < len(rows) else ""
    return Neighbours(list_url, before, after, f"{place + 1} of {len(rows)}")


@dataclass(frozen=True)
class FilterChip:
    """One filter that is on; `name` is the parameter of the URL."""

    name: str
    label: str
    value: str


@dataclass(frozen=True)
class Choice:
    """One thing to filter by; `href` keeps the other filters."""

    label: str
    href: str
    is_current: bool = False


@dataclass(frozen=True)
class FileRow:
    """One file as it was sent."""

    side: str
    mime_type: str
    size: str
    pixels: str
    sha256: str


@dataclass(frozen=True)
class DocumentHead:
    """The top of the detail: what it is, where it stands and why."""

    id: str = ""
    title: str = ""
    reference: str = ""
    status: str = ""
    sentence: str = ""
    reasons: list[str] = field(default_factory=list)
    decided_by: str = ""
    decided_at: str = ""
    attempt: str = ""
    created_at: str = ""
    submitted_at: str = ""
    completed_at: str = ""
    due_at: str = ""
    applicant_id: str = ""
    verification_id: str = ""
    risk: str = ""
    checks_passed: str = ""
    mode: str = "live"
    is_open: bool = False
    is_masked: bool = False
    """The viewer may not read personal data."""
    is_hidden: bool = False
    """The viewer may read it, and has not said what for."""
    shown_until: str = ""
    """When personal data is hidden again."""
    is_erased: bool = False
    is_redacted: bool = False
    """The document itself is erased, with its tags."""
    tags: list[str] = field(default_factory=list)


def document_row(document: Document, tags: Sequence[str] = ()) -> DocumentRow:
    """Show one document in the list."""
    document_id = public_id(Prefix.DOCUMENT, document.id)
    return DocumentRow(
        id=document_id,
        href=f"/partner/documents/{document_id}",
        reference=document.external_id or "-",
        kind=document_kind(document.type, document.issuing_country),
        status=document.status,
        attempt=f"{document.attempt} of {document.max_attempts}",
        created_at=iso(document.created_at),
        due_at=iso(document.due_at) if document.status in OPEN else "",
        completed_at=iso(document.completed_at),
        tags=list(tags),
    )


def status_words(status: str) -> str:
    """Say a status as its badge does."""
    return STATUS_WORDS.get(DocumentStatus(status), plain(status))


def type_words(type_: str) -> str:
    """Say a type of document."""
    return TYPES.get(DocumentType(type_), plain(type_))


def document_head(  # noqa: PLR0913 a head joins what several tables know
    document: Document,
    decision: Decision | None,
    *,
    checks: Sequence[Check],
    labels: Mapping[str, str],
    is_masked: bool,
    is_erased: bool,
) -> DocumentHead:
    """Open the detail: the result in one sentence, and its reasons."""
    document_id = public_id(Prefix.DOCUMENT, document.id)
    codes = decision.reasons if decision and document.completed_at else []
    passed = sum(check.status in {"passed", "not_applicable"} for check in checks)
    return DocumentHead(
        id=document_id,
        title=document_kind(document.type, document.issuing_country),
        reference=document.external_id or "",
        status=document.status,
        sentence=_sentence(document.status, bool(codes)),
        reasons=[labels.get(code, plain(code)) for code in codes],
        decided_by=_decider(decision) if decision and document.completed_at else "",
        decided_at=iso(decision.created_at) if decision and document.completed_at else "",
        attempt=f"{document.attempt} of {document.max_attempts}",
        created_at=iso(document.created_at),
        submitted_at=iso(document.submitted_at),
        completed_at=iso(document.completed_at),
        due_at=iso(document.due_at) if document.status in OPEN else "",
        applicant_id=public_id(Prefix.APPLICANT, document.applicant_id),
        verification_id=public_id(Prefix.VERIFICATION, document.verification_id),
        risk="" if document.risk_score is None else f"{document.risk_score:.2f}",
        checks_passed=f"{passed} of {len(checks)} checks passed" if checks else "",
        mode="live" if document.livemode else "test",
        is_open=document.status in OPEN,
        is_masked=is_masked,
        is_erased=is_erased,
        is_redacted=document.status == DocumentStatus.REDACTED,
    )


def _sentence(status: str, has_reasons: bool) -> str:
    words = SENTENCES[DocumentStatus(status)]
    if words.endswith("."):
        return words
    return f"{words} because of:" if has_reasons else f"{words}."


def _decider(decision: Decision) -> str:
    match decision.decided_by_type:
        case DeciderType.REVIEWER:
            return "by a reviewer"
        case DeciderType.SIMULATION:
            return "by the sandbox"
        case _:
            return f"by policy {decision.policy_version}".strip()


def file_row(file: File) -> FileRow:
    """Show what was sent, without its picture."""
    size = f"{file.bytes / KILO:.0f} kB" if file.bytes < KILO * KILO else f"{file.bytes / KILO / KILO:.1f} MB"
    pages = f", {file.pages} pages" if file.pages > 1 else ""
    return FileRow(
        side=SIDES.get(file.side, plain(file.side)),
        mime_type=file.mime_type,
        size=size,
        pixels=f"{file.width} × {file.height}{pages}",  # noqa: RUF001 the sign of dimensions
        sha256=file.sha256,
    )


def raw(snapshot: Mapping[str, Any]) -> str:
    """Write the JSON that partners' systems get, to read and copy."""
    return json.dumps(snapshot, indent=2, ensure_ascii=False)
