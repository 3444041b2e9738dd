"""What the queue shows: rows, tabs and the header."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.viewmodels.times import NOTHING, age, due_in, iso, span
from backoffice.viewmodels.words import document_kind, plain

SOON_SECONDS = 30 * 60
MAX_SHOWN_FLAGS = 2
VIEWS = {
    "all": "All",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "due_soon": "Due soon",
    "on_hold": "On hold",
    "escalated": "Escalated",
}
STATUS_WORDS = {
    TaskStatus.QUEUED: "Waiting",
    TaskStatus.CLAIMED: "Claimed",
    TaskStatus.IN_PROGRESS: "In review",
    TaskStatus.SECOND_REVIEW: "Second review",
    TaskStatus.ON_HOLD: "On hold",
    TaskStatus.ESCALATED: "Escalated",
}


@dataclass(frozen=True)
class QueueRow:
    """One waiting task; `urgency` is ok, soon or late."""

    task_id: str
    document_id: str
    href: str
    why: str
    due: str
    due_at: str
    urgency: str
    reference: str
    kind: str
    partner: str
    flags: str
    age: str
    submitted_at: str
    holder: str
    status: str
    status_words: str


@dataclass(frozen=True)
class QueueTab:
    """One saved view with its count, which equals the length of its list."""

    view: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class QueueHeader:
    """How the queue stands and how fast the reader of it goes."""

    waiting: int = 0
    oldest: str = NOTHING
    decided: int = 0
    median: str = ""


def queue_row(  # noqa: PLR0913 a row joins what four tables know
    task: ReviewTask,
    document: Document,
    *,
    partner: str,
    holder: str,
    labels: Mapping[str, str],
    at: datetime,
    ahead: timedelta = timedelta(),
) -> QueueRow:
    """Say of one task why now, how soon and who.

    `ahead` is how far the document lives ahead of its reader, whose clock counts down.
    """
    due_at, submitted_at = _seen(task.due_at, ahead), _seen(document.submitted_at, ahead)
    task_id, document_id = public_id(Prefix.REVIEW_TASK, task.id), public_id(Prefix.DOCUMENT, document.id)
    flags = [labels.get(flag, plain(flag)) for flag in task.flags]
    more = f" +{len(flags) - MAX_SHOWN_FLAGS}" if len(flags) > MAX_SHOWN_FLAGS else ""
    return QueueRow(
        task_id=task_id,
        document_id=document_id,
        href=f"/review/work/{task_id}",
        why=_why(task.why, due_at, at),
        due=due_in(due_at, at),
        due_at=iso(due_at),
        urgency=urgency(due_at, at),
        reference=document.external_id or document_id,
        kind=document_kind(document.type, document.issuing_country),
        partner=partner if document.livemode else f"{partner} · test",
        flags=", ".join(flags[:MAX_SHOWN_FLAGS]) + more,
        age=age(submitted_at, at),
        submitted_at=iso(submitted_at),
        holder=holder,
        status=task.status,
        status_words=STATUS_WORDS.get(TaskStatus(task.status), ""),
    )


def _seen(moment: datetime | None, ahead: timedelta) -> datetime | None:
    return moment - ahead if moment else None


def _why(why: str, due_at: datetime | None, at: datetime) -> str:
    """Put the clock first once it presses: that is why now."""
    if urgency(due_at, at) == "late":
        return f"Overdue · {why}"
    if urgency(due_at, at) == "soon":
        return f"Due {due_in(due_at, at)} · {why}"
    return why


def urgency(due: datetime | None, at: datetime) -> str:
    """Say how the due time presses: ok, soon or late."""
    if due is None:
        return "ok"
    seconds = (due - at).total_seconds()
    return "late" if seconds <= 0 else "soon" if seconds <= SOON_SECONDS else "ok"


def queue_tabs(counts: Mapping[Any, int], current: str) -> list[QueueTab]:
    """Lay out the saved views."""
    return [QueueTab(view, label, counts.get(view, 0), view == current) for view, label in VIEWS.items()]


def queue_header(
    *, waiting: int, oldest: datetime | None, decided: int, median_seconds: float | None, at: datetime
) -> QueueHeader:
    """Sum the queue up in four words."""
    median = span(median_seconds) if median_seconds is not None else ""
    return QueueHeader(waiting=waiting, oldest=age(oldest, at), decided=decided, median=median)
