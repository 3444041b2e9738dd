"""One document's story as reviewers read it: who or what did what, with the evidence behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.review_tasks import DeciderType, Decision
from backoffice.models.samples import GoldDocument
from backoffice.viewmodels.events import LOOKS, SENTENCES
from backoffice.viewmodels.times import NOTHING, iso
from backoffice.viewmodels.words import document_kind, plain

REVIEW = {
    "review.queued": "Waits for a person",
    "review.claimed": "Taken for review",
    "review.released": "Given back to the queue",
    "review.skipped": "Skipped",
    "review.held": "Put on hold",
    "review.snoozed": "Put aside until later",
    "review.asked": "Put on hold until the partner answers",
    "review.resumed": "Back in the queue",
    "review.reopened": "Queued to be looked at again",
    "review.second_asked": "Two people are to sign",
    "document.question_asked": "Asked the partner",
    "document.question_answered": "The partner answered",
    "document.question_expired": "No answer came in time",
    "review.escalated": "Escalated to a lead",
    "review.signed": "Verdict signed",
    "review.undone": "Verdict taken back",
    "review.passed_on": "Passed on to another signer",
    "review.disputed": "Two signers disagree",
    "review.completed": "Review completed",
    "review.marked": "Marked an area",
    "review.mark_changed": "Changed a mark",
    "review.mark_removed": "Removed a mark",
    "review.page_redacted": "Made a redacted copy",
    "review.case_filed": "Made the case file",
    "file.masked": "Covered what must not be kept",
    "review.copy_fetched": "Downloaded a copy",
    "review.sla_warning": "Nearly due",
    "review.due_moved": "Deadline moved by new targets",
    "review.sla_breached": "Overdue",
}
ICONS = {
    "queued": ("inbox", ""),
    "signed": ("pencil", "blue"),
    "undone": ("undo-2", "amber"),
    "passed_on": ("users", "blue"),
    "disputed": ("scale", "amber"),
    "completed": ("check", "green"),
    "escalated": ("chevrons-up", "amber"),
    "held": ("pause", ""),
    "snoozed": ("clock", ""),
    "asked": ("message-square", "amber"),
    "question_asked": ("message-square", "amber"),
    "question_answered": ("message-square", "green"),
    "question_expired": ("clock-alert", ""),
    "resumed": ("inbox", ""),
    "reopened": ("history", "amber"),
    "second_asked": ("users", "blue"),
    "skipped": ("skip-forward", ""),
    "marked": ("square-dashed-mouse-pointer", "blue"),
    "mark_changed": ("pencil", ""),
    "mark_removed": ("x", ""),
    "sla_warning": ("clock-alert", "amber"),
    "sla_breached": ("clock-alert", "red"),
}
PEOPLE = {"member": "person", "api_key": "API key", "system": "machine"}
DECIDERS = {DeciderType.POLICY: "The policy", DeciderType.SIMULATION: "The sandbox"}
OUTCOMES = {"approved": "Approve", "rejected": "Reject", "resubmission_requested": "Ask again"}


@dataclass(frozen=True)
class Evidence:
    """One fact behind an entry."""

    name: str
    value: str


@dataclass(frozen=True)
class EntryRow:
    """One thing that was done."""

    id: str
    words: str
    who: str
    kind: str
    at: str
    icon: str
    tone: str
    evidence: list[Evidence] = field(default_factory=list)
    has_evidence: bool = False
    mark_id: str = ""
    """The mark on the picture that it is about."""


def entry_row(entry: AuditEntry, changes: Mapping[str, Any], labels: Mapping[str, str]) -> EntryRow:
    """Show one entry."""
    last = entry.action.rpartition(".")[2]
    icon, tone = ICONS.get(last) or LOOKS.get(last, ("circle", ""))
    evidence = [Evidence(plain(name), _value(value, labels)) for name, value in changes.items() if _has(value)]
    sentence = REVIEW.get(entry.action) or SENTENCES.get(entry.action) or plain(entry.action.replace(".", " "))
    return EntryRow(
        id=public_id(Prefix.AUDIT_ENTRY, entry.id),
        words=sentence,
        who=entry.actor_name,
        kind=PEOPLE[entry.actor_type],
        at=iso(entry.created_at),
        icon=icon,
        tone=tone,
        evidence=evidence,
        has_evidence=bool(evidence),
        mark_id="" if last == "mark_removed" else str(changes.get("mark_id") or ""),
    )


def _has(value: object) -> bool:
    return value not in (None, "", [], [None, None])


def _value(value: Any, labels: Mapping[str, str]) -> str:  # noqa: ANN401 an audit entry's changes are JSON
    if isinstance(value, list):
        parts = cast("list[Any]", value)
        return " → ".join(_value(one, labels) for one in parts) if None in parts else ", ".join(map(str, parts))
    if value is None:
        return NOTHING
    return labels.get(str(value), str(value))


@dataclass(frozen=True)
class DecisionRow:
    """One decision with its signers."""

    id: str
    outcome: str
    reasons: str
    by: str
    policy: str
    at: str
    is_in_force: bool


def decision_rows(signed: Sequence[tuple[Decision, Sequence[str]]], labels: Mapping[str, str]) -> list[DecisionRow]:
    """Show decisions, the one in force first."""
    return [
        DecisionRow(
            id=public_id(Prefix.DECISION, decision.id),
            outcome=decision.outcome,
            reasons=", ".join(labels.get(code, plain(code)) for code in decision.reasons),
            by=" and ".join(signers) or DECIDERS.get(DeciderType(decision.decided_by_type), NOTHING),
            policy=decision.policy_version,
            at=iso(decision.created_at),
            is_in_force=place == 0,
        )
        for place, (decision, signers) in enumerate(signed)
    ]


@dataclass(frozen=True)
class StoryHead:
    """Which document this is."""

    id: str = ""
    title: str = ""
    status: str = ""
    reference: str = ""
    partner: str = ""
    submitted_at: str = ""
    attempt: str = ""


def story_head(document: Document, partner: str) -> StoryHead:
    """Name a document without anything of its holder."""
    return StoryHead(
        id=public_id(Prefix.DOCUMENT, document.id),
        title=document_kind(document.type, document.issuing_country),
        status=document.status,
        reference=document.external_id or "",
        partner=partner if document.livemode else f"{partner} · test",
        submitted_at=iso(document.submitted_at),
        attempt=f"{document.attempt} of {document.max_attempts}",
    )


@dataclass(frozen=True)
class GoldView:
    """Whether a document is gold, and whether it can be."""

    can_be: bool = False
    is_gold: bool = False
    outcome: str = ""
    reasons: str = ""


def gold_view(gold: GoldDocument | None, document: Document, decisions: int, labels: Mapping[str, str]) -> GoldView:
    """Show the settled answer; only a live document that was decided can have one."""
    can_be = document.livemode and decisions > 0 and document.redacted_at is None
    if gold is None:
        return GoldView(can_be=can_be)
    words = ", ".join(labels.get(code, plain(code)) for code in gold.reasons)
    return GoldView(can_be, is_gold=True, outcome=gold.outcome, reasons=words)
