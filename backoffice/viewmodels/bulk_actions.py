"""Bulk actions in words: what is about to happen, how far it has come, and what was left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.models.bulk_actions import BulkProgress, BulkStatus, RowStatus
from backoffice.models.reasons import Reason
from backoffice.models.review_tasks import Outcome
from backoffice.viewmodels.times import iso

DOING = {Outcome.REJECTED: "Rejecting", Outcome.RESUBMISSION_REQUESTED: "Asking for new documents"}
DONE = {Outcome.REJECTED: "Rejected", Outcome.RESUBMISSION_REQUESTED: "Asked for new documents"}


@dataclass(frozen=True)
class ReasonChoice:
    """A reason that can be given to many."""

    code: str
    label: str
    needs_note: bool = False


@dataclass(frozen=True)
class SkippedRow:
    """A document that was left alone, and why."""

    reference: str
    refusal: str


@dataclass(frozen=True)
class BulkView:
    """One action as it stands."""

    id: str = ""
    title: str = ""
    words: str = ""
    total: int = 0
    gone_through: int = 0
    done: int = 0
    skipped: int = 0
    is_running: bool = False
    undo_until: str = ""
    rows: list[SkippedRow] = field(default_factory=list)


def reason_choices(found: Sequence[Reason], outcome: Outcome) -> list[ReasonChoice]:
    """List the reasons that fit: what the applicant can mend for a new document, every one for a rejection."""
    is_any = outcome == Outcome.REJECTED
    return [ReasonChoice(one.code, one.label, one.needs_note) for one in found if is_any or one.retryable]


def bulk_view(found: BulkProgress) -> BulkView:
    """Say how far an action has come."""
    action, counts, outcome = found.action, found.counts, Outcome(found.action.outcome)
    done, skipped = counts.get(RowStatus.DONE, 0), counts.get(RowStatus.SKIPPED, 0)
    undone, left = counts.get(RowStatus.UNDONE, 0), counts.get(RowStatus.WAITING, 0)
    is_running = action.status == BulkStatus.RUNNING
    parts = [
        f"{done} done",
        f"{skipped} skipped" if skipped else "",
        f"{undone} taken back" if undone else "",
        f"{left} {'to go' if is_running else 'left alone'}" if left else "",
    ]
    return BulkView(
        id=str(action.id),
        title=f"{(DOING if is_running else DONE)[outcome]}: {action.total} chosen",
        words=", ".join(part for part in parts if part),
        total=action.total,
        gone_through=action.total - left,
        done=done,
        skipped=skipped,
        is_running=is_running,
        undo_until=iso(found.undo_until),
        rows=[SkippedRow(one.reference, one.refusal) for one in found.skipped],
    )
