"""Bulk actions in words: what is about to happen, how far it has come, and what was left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.i18n import N_, gettext, ngettext, reworded
from backoffice.models.bulk_actions import UNDER_WAY, BulkOutcome, BulkProgress, BulkStatus, RowStatus
from backoffice.models.reasons import Reason
from backoffice.models.review_tasks import Outcome
from backoffice.viewmodels.times import iso

DOING = {
    BulkOutcome.REJECTED: N_("Rejecting"),
    BulkOutcome.RESUBMISSION_REQUESTED: N_("Asking for new documents"),
    BulkOutcome.CANCELED: N_("Canceling"),
    BulkOutcome.TAGGED: N_("Adding the tag {tag}"),
    BulkOutcome.UNTAGGED: N_("Removing the tag {tag}"),
}
DONE = {
    BulkOutcome.REJECTED: N_("Rejected"),
    BulkOutcome.RESUBMISSION_REQUESTED: N_("Asked for new documents"),
    BulkOutcome.CANCELED: N_("Canceled"),
    BulkOutcome.TAGGED: N_("Added the tag {tag}"),
    BulkOutcome.UNTAGGED: N_("Removed the tag {tag}"),
}


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
    can_undo: bool = False
    undo_until: str = ""
    rows: list[SkippedRow] = field(default_factory=list)


def reason_choices(found: Sequence[Reason], outcome: Outcome) -> list[ReasonChoice]:
    """List the reasons that fit: what the applicant can mend for a new document, every one for a rejection."""
    is_any = outcome == Outcome.REJECTED
    return [ReasonChoice(one.code, one.label, one.needs_note) for one in found if is_any or one.retryable]


def bulk_view(found: BulkProgress) -> BulkView:
    """Say how far an action has come."""
    action, counts, outcome = found.action, found.counts, BulkOutcome(found.action.outcome)
    done, skipped = counts.get(RowStatus.DONE, 0), counts.get(RowStatus.SKIPPED, 0)
    undone, left = counts.get(RowStatus.UNDONE, 0), counts.get(RowStatus.WAITING, 0)
    is_running, is_undo = action.status in UNDER_WAY, action.status == BulkStatus.UNDOING
    words = N_("Taking back") if is_undo else (DOING if is_running else DONE)[outcome]
    parts = [
        ngettext("{count} done", "{count} done", done, count=done),
        ngettext("{count} skipped", "{count} skipped", skipped, count=skipped) if skipped else "",
        ngettext("{count} taken back", "{count} taken back", undone, count=undone) if undone else "",
        _left(left, is_over=is_undo or not is_running) if left else "",
    ]
    return BulkView(
        id=str(action.id),
        title=gettext("{what}: {count} chosen", what=gettext(words, tag=action.tag), count=action.total),
        words=", ".join(part for part in parts if part),
        total=action.total,
        gone_through=undone + skipped if is_undo else action.total - left,
        done=done,
        skipped=skipped,
        is_running=is_running,
        can_undo=found.undo_until is not None and not is_undo,
        undo_until=iso(found.undo_until),
        rows=[SkippedRow(one.reference, reworded(one.refusal)) for one in found.skipped],
    )


def _left(left: int, *, is_over: bool) -> str:
    if is_over:
        return ngettext("{count} left alone", "{count} left alone", left, count=left)
    return ngettext("{count} to go", "{count} to go", left, count=left)
