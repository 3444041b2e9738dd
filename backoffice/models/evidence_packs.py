"""An evidence pack: what is known of one document at one moment, for whom its partner shows it to."""

from dataclasses import dataclass

from backoffice.models.case_files import CaseFile
from backoffice.models.events import Event
from backoffice.models.review_tasks import Decision


@dataclass(frozen=True, slots=True)
class EvidencePack:
    """The part of a case that is the partner's to see; nothing that only our reviewers know is in it."""

    case: CaseFile
    decision: Decision | None
    """The one in force."""
    history: list[Event]
    """What the partner was told, oldest first."""
    tags: list[str]
    has_personal: bool
    """Whether somebody said what for: without it values, sentences and pictures are left out."""
