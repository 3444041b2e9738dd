"""Events as people read them: what happened, to what, when; ids and codes only."""

from dataclasses import dataclass
from typing import Any

from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain

LOOKS = {
    "approved": ("circle-check", "green"),
    "rejected": ("circle-x", "red"),
    "resubmission_requested": ("rotate-ccw", "amber"),
    "in_review": ("clock-alert", "amber"),
    "processing": ("loader", "blue"),
    "submitted": ("inbox", "blue"),
    "created": ("circle-dashed", ""),
    "canceled": ("ban", ""),
    "expired": ("calendar-x", ""),
    "disabled": ("ban", "red"),
    "claimed": ("user-round-check", "blue"),
    "released": ("undo-2", ""),
    "reopened": ("history", "amber"),
    "question_asked": ("circle-help", "amber"),
    "question_answered": ("message-square", ""),
    "superseded": ("layers", ""),
    "second_review_requested": ("users", "amber"),
    "on_hold": ("circle-pause", "amber"),
    "escalated": ("chevrons-up", "amber"),
    "sla_warning": ("clock-alert", "amber"),
    "sla_breached": ("clock-alert", "red"),
    "pending": ("clock", ""),
    "revoked": ("ban", "red"),
    "erased": ("trash-2", ""),
    "updated": ("pencil", ""),
    "ready": ("download", "green"),
    "finalized": ("receipt-text", ""),
    "redacted": ("trash-2", ""),
    "test": ("zap", "indigo"),
    "threshold_reached": ("triangle-alert", "amber"),
    "exceeded": ("circle-x", "red"),
    "expiring": ("clock-alert", "amber"),
    "rotated": ("refresh-cw", ""),
    "failing": ("triangle-alert", "amber"),
    "recovered": ("circle-check", "green"),
    "delivery_exhausted": ("circle-x", "red"),
    "opened": ("triangle-alert", "amber"),
    "resolved": ("circle-check", "green"),
}
SUBJECTS = {
    "document": (Prefix.DOCUMENT, "/partner/documents/"),
    "webhook_endpoint": (Prefix.WEBHOOK_ENDPOINT, "/partner/developers/webhooks/"),
    "verification": (Prefix.VERIFICATION, ""),
    "applicant": (Prefix.APPLICANT, ""),
    "api_key": (Prefix.API_KEY, ""),
    "review": (Prefix.REVIEW_TASK, ""),
    "partner": (Prefix.PARTNER, ""),
    "alert": (Prefix.ALERT, ""),
    "export": (Prefix.EXPORT, "/partner/exports?export="),
    "invoice": (Prefix.INVOICE, "/partner/billing?invoice="),
}
SENTENCES = {
    "document.created": N_("Created"),
    "document.submitted": N_("Submitted with its files"),
    "document.processing": N_("Screening began"),
    "document.in_review": N_("Sent to a person for review"),
    "document.approved": N_("Approved"),
    "document.rejected": N_("Rejected"),
    "document.resubmission_requested": N_("A new document was asked for"),
    "document.reopened": N_("Opened again"),
    "document.question_asked": N_("The reviewer asks you something"),
    "document.question_answered": N_("The question was answered"),
    "document.redacted": N_("Personal data erased"),
    "review.claimed": N_("A person took the review"),
    "review.released": N_("The review went back"),
    "review.escalated": N_("The review went to somebody senior"),
    "review.sla_warning": N_("The review is close to its time"),
    "review.sla_breached": N_("The review is past its time"),
    "api_key.created": N_("An API key was made"),
    "api_key.revoked": N_("An API key was revoked"),
    "quota.threshold_reached": N_("Much of the month's documents is used"),
    "quota.exceeded": N_("The month's documents are used up"),
    "api_key.rotated": N_("An API key's new secret took over"),
    "api_key.expiring": N_("An API key is about to expire"),
    "webhook_endpoint.failing": N_("Endpoint is failing"),
    "webhook_endpoint.recovered": N_("Endpoint works again"),
    "webhook_endpoint.delivery_exhausted": N_("A webhook was given up"),
    "webhook_endpoint.disabled": N_("Endpoint switched off"),
    "webhook_endpoint.secret_rotated": N_("Endpoint has a new secret"),
    "webhook_endpoint.test": N_("Test event sent"),
    "alert.opened": N_("An alert opened"),
    "alert.resolved": N_("An alert is over"),
    "export.ready": N_("An export is ready"),
    "invoice.finalized": N_("An invoice is final"),
    "document.superseded": N_("Document superseded"),
    "document.expired": N_("Document expired"),
    "document.canceled": N_("Document canceled"),
    "document.second_review_requested": N_("Second review asked for"),
    "document.on_hold": N_("Document on hold"),
    "document.escalated": N_("Document escalated"),
    "verification.created": N_("Verification created"),
    "verification.pending": N_("Verification pending"),
    "verification.processing": N_("Verification processing"),
    "verification.in_review": N_("Verification in review"),
    "verification.approved": N_("Verification approved"),
    "verification.rejected": N_("Verification rejected"),
    "verification.resubmission_requested": N_("Verification asks for a new document"),
    "verification.expired": N_("Verification expired"),
    "verification.canceled": N_("Verification canceled"),
    "verification.redacted": N_("Verification erased"),
    "applicant.created": N_("Applicant created"),
    "applicant.updated": N_("Applicant updated"),
    "applicant.erased": N_("Applicant erased"),
    "plan.changed": N_("The plan changed"),
    "plan.change_scheduled": N_("A change of plan was arranged"),
    "plan.change_canceled": N_("A change of plan was taken back"),
    "audit.checkpoint_signed": N_("The audit trail was sealed"),
}


@dataclass(frozen=True)
class EventRow:
    """One event; `href` is empty where there is no page for its subject."""

    id: str
    type: str
    words: str
    subject: str
    href: str
    at: str
    icon: str
    tone: str
    detail: str = ""


def event_row(event: Event) -> EventRow:
    """Show one event."""
    prefix, place = SUBJECTS[event.subject_type]
    subject = public_id(prefix, event.subject_id)
    icon, tone = LOOKS.get(event.type.rpartition(".")[2], ("circle", ""))
    return EventRow(
        id=public_id(Prefix.EVENT, event.id),
        type=event.type,
        words=gettext(SENTENCES.get(event.type, plain(event.type.replace(".", " ")))),
        subject=subject,
        href=f"{place}{subject}" if place else "",
        at=iso(event.created_at),
        icon=icon,
        tone=tone,
        detail=_detail(event.data),
    )


def _detail(data: dict[str, Any]) -> str:
    """Add the reason codes of a decision."""
    decision: dict[str, Any] = data["object"].get("decision") or {}
    codes: list[str] = decision.get("reasons", [])
    return ", ".join(plain(code) for code in codes)
