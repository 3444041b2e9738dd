"""Documents as their partner sees them: rows of the list and the parts of the detail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backoffice.i18n import N_, gettext, pgettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import OPEN, Check, Document, DocumentStatus, DocumentType, File
from backoffice.models.reveals import Purpose
from backoffice.models.review_tasks import DeciderType, Decision
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import SIDES, TYPES, document_kind, fixed, plain, reason_words

STATUS_WORDS = {
    DocumentStatus.RESUBMISSION_REQUESTED: N_("Resubmission"),
    DocumentStatus.REDACTED: N_("Erased"),
}
SENTENCES = {
    DocumentStatus.AWAITING_UPLOAD: N_("We wait for its files."),
    DocumentStatus.SUBMITTED: N_("It waits for screening."),
    DocumentStatus.PROCESSING: N_("Screening reads it now."),
    DocumentStatus.IN_REVIEW: N_("It waits for a person's decision."),
    DocumentStatus.APPROVED: N_("Approved."),
    DocumentStatus.REJECTED: N_("Rejected."),
    DocumentStatus.RESUBMISSION_REQUESTED: N_("A new document is needed."),
    DocumentStatus.SUPERSEDED: N_("A newer document took its place."),
    DocumentStatus.EXPIRED: N_("Nothing more came in time."),
    DocumentStatus.CANCELED: N_("You withdrew it."),
    DocumentStatus.REDACTED: N_("Its personal data has been erased."),
}
BECAUSE = {
    DocumentStatus.REJECTED: N_("Rejected because of:"),
    DocumentStatus.RESUBMISSION_REQUESTED: N_("A new document is needed because of:"),
}
"""With the reasons below."""
PURPOSES = {
    Purpose.SUPPORT: N_("Help the applicant"),
    Purpose.COMPLAINT: N_("Answer a complaint"),
    Purpose.FRAUD: N_("Look into fraud"),
    Purpose.LEGAL: N_("Legal duty"),
    Purpose.QUALITY: N_("Check our quality"),
    Purpose.OTHER: N_("Something else"),
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
    return Neighbours(list_url, before, after, _of(place + 1, len(rows)))


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
    shown_fields: list[str] = field(default_factory=list)
    """Values that are shown alone while the rest is hidden."""
    fields_until: str = ""
    """When the first of them is hidden again."""
    is_erased: bool = False
    is_redacted: bool = False
    """The document itself is erased, with its tags."""
    tags: list[str] = field(default_factory=list)


def with_shown(
    head: DocumentHead,
    tags: list[str],
    *,
    is_hidden: bool,
    until: datetime | None,
    alone: Mapping[str, datetime],
) -> DocumentHead:
    """Say what the reader was shown for a purpose and until when: every place that shows it hides it in time."""
    return replace(
        head,
        tags=tags,
        is_hidden=is_hidden,
        shown_until=iso(until),
        shown_fields=sorted(alone),
        fields_until=iso(min(alone.values(), default=None)),
    )


def document_row(document: Document, tags: Sequence[str] = ()) -> DocumentRow:
    """Show one document in the list."""
    document_id = public_id(Prefix.DOCUMENT, document.id)
    return DocumentRow(
        id=document_id,
        href=f"/partner/documents/{document_id}",
        reference=document.external_id or "-",
        kind=document_kind(document.type, document.issuing_country),
        status=document.status,
        attempt=_of(document.attempt, document.max_attempts),
        created_at=iso(document.created_at),
        due_at=iso(document.due_at) if document.status in OPEN else "",
        completed_at=iso(document.completed_at),
        tags=list(tags),
    )


def status_words(status: str) -> str:
    """Say a status as its badge does."""
    words = STATUS_WORDS.get(DocumentStatus(status))
    return gettext(words) if words else plain(status)


def type_words(type_: str) -> str:
    """Say a type of document."""
    words = TYPES.get(DocumentType(type_))
    return gettext(words) if words else plain(type_)


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
    return DocumentHead(
        id=document_id,
        title=document_kind(document.type, document.issuing_country),
        reference=document.external_id or "",
        status=document.status,
        sentence=_sentence(document.status, bool(codes)),
        reasons=[reason_words(code, labels) for code in codes],
        decided_by=_decider(decision) if decision and document.completed_at else "",
        decided_at=iso(decision.created_at) if decision and document.completed_at else "",
        attempt=_of(document.attempt, document.max_attempts),
        created_at=iso(document.created_at),
        submitted_at=iso(document.submitted_at),
        completed_at=iso(document.completed_at),
        due_at=iso(document.due_at) if document.status in OPEN else "",
        applicant_id=public_id(Prefix.APPLICANT, document.applicant_id),
        verification_id=public_id(Prefix.VERIFICATION, document.verification_id),
        risk="" if document.risk_score is None else fixed(document.risk_score, 2),
        checks_passed=_passed(checks),
        mode="live" if document.livemode else "test",
        is_open=document.status in OPEN,
        is_masked=is_masked,
        is_erased=is_erased,
        is_redacted=document.status == DocumentStatus.REDACTED,
    )


def _of(number: int, count: int) -> str:
    return gettext("{number} of {count}", number=number, count=count)


def _passed(checks: Sequence[Check]) -> str:
    passed = sum(check.status in {"passed", "not_applicable"} for check in checks)
    return gettext("{number} of {count} checks passed", number=passed, count=len(checks)) if checks else ""


def _sentence(status: str, has_reasons: bool) -> str:
    known = DocumentStatus(status)
    return gettext(BECAUSE.get(known, SENTENCES[known]) if has_reasons else SENTENCES[known])


def _decider(decision: Decision) -> str:
    match decision.decided_by_type:
        case DeciderType.REVIEWER:
            return gettext("by a reviewer")
        case DeciderType.SIMULATION:
            return gettext("by the sandbox")
        case _:
            return gettext("by policy {version}", version=decision.policy_version).strip()


def file_row(file: File) -> FileRow:
    """Show what was sent, without its picture."""
    pixels = f"{file.width} × {file.height}"  # noqa: RUF001 the sign of dimensions
    return FileRow(
        side=_side(file.side),
        mime_type=file.mime_type,
        size=_size(file.bytes),
        pixels=gettext("{size}, {count} pages", size=pixels, count=file.pages) if file.pages > 1 else pixels,
        sha256=file.sha256,
    )


def _size(amount: int) -> str:
    if amount < KILO * KILO:
        return gettext("{size} kB", size=fixed(amount / KILO, 0))
    return gettext("{size} MB", size=fixed(amount / KILO / KILO, 1))


def raw(snapshot: Mapping[str, Any]) -> str:
    """Write the JSON that partners' systems get, to read and copy."""
    return json.dumps(snapshot, indent=2, ensure_ascii=False)


def _side(code: str) -> str:
    return pgettext("side", "Back") if code == "back" else gettext(SIDES[code]) if code in SIDES else plain(code)
