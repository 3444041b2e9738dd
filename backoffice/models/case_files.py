"""A case file: all that is known of one document at one moment, for whoever may take it out of the house."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice.models.annotations import Annotation
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import Check, Document, File, Rendition
from backoffice.models.questions import Question
from backoffice.models.reopenings import Reopening
from backoffice.models.review_tasks import Decision


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Rows with what was sealed in them, in the order in which they are printed."""

    document: Document
    partner: str
    files: list[File]
    renditions: list[Rendition]
    """The pictures that are shown to people, in page order."""
    given: dict[str, Any] = field(repr=False)
    extracted: dict[str, dict[str, Any]] = field(repr=False)
    checks: list[tuple[Check, str]] = field(repr=False)
    """Each with its sentence."""
    decisions: list[tuple[Decision, list[str], str, str]] = field(repr=False)
    """Each with its signers, the note for the team and the message to the applicant; the one in force first."""
    marks: list[tuple[Annotation, str, str, UUID | None]] = field(repr=False)
    """Each with who made it, its note and the picture on which it is drawn."""
    past: list[tuple[Reopening, Decision, str, str]] = field(repr=False)
    """Each with the decision that it questions, why, and who asked for it."""
    questions: list[tuple[Question, str, str]] = field(repr=False)
    """Each with its words and its answer."""
    entries: list[tuple[AuditEntry, dict[str, Any]]]
    """The audit trail from its beginning, with what may be told of each entry."""
    is_cut: bool
    """Whether older entries were left out."""
    labels: dict[str, str]
    """What people call the reason codes."""
    made_by: str
    made_at: datetime
