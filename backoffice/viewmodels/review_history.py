"""Past decisions as rows, with the filters that the URL holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.review_tasks import Decision
from backoffice.viewmodels.times import NOTHING, iso, span
from backoffice.viewmodels.words import document_kind, plain

PLACE = "/review/history"
OUTCOMES = {
    "": "Any outcome",
    "approved": "Approved",
    "rejected": "Rejected",
    "resubmission_requested": "Asked again",
}
PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year"}
DEFAULTS = {"outcome": "", "days": "30", "overturned": "", "person": ""}


@dataclass(frozen=True)
class PastRow:
    """One decision; its row opens the document's timeline."""

    id: str
    href: str
    kind: str
    reference: str
    partner: str
    outcome: str
    reasons: str
    by: str
    took: str
    at: str
    is_overturned: bool


def past_row(  # noqa: PLR0913 a row joins what five tables know
    decision: Decision,
    document: Document,
    *,
    partner: str,
    first: str,
    second: str | None,
    is_overturned: bool,
    took: timedelta | None,
    labels: Mapping[str, str],
) -> PastRow:
    """Show one decision."""
    document_id = public_id(Prefix.DOCUMENT, document.id)
    return PastRow(
        id=public_id(Prefix.DECISION, decision.id),
        href=f"/review/documents/{document_id}",
        kind=document_kind(document.type, document.issuing_country),
        reference=document.external_id or document_id,
        partner=partner if document.livemode else f"{partner} · test",
        outcome=decision.outcome,
        reasons=", ".join(labels.get(code, plain(code)) for code in decision.reasons) or NOTHING,
        by=f"{first} and {second}" if second else first,
        took=span(took.total_seconds()) if took is not None else NOTHING,
        at=iso(decision.created_at),
        is_overturned=is_overturned,
    )


def history_url(asked: Mapping[str, str], **changes: str) -> str:
    """Write the address of a filtered list; what is usual is left out."""
    wanted = {name: changes.get(name, asked.get(name, "")) for name in (*DEFAULTS, "cursor")}
    kept = {name: value for name, value in wanted.items() if value and value != DEFAULTS.get(name)}
    return f"{PLACE}?{urlencode(kept)}" if kept else PLACE
