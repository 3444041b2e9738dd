"""What the queue shows: rows, tabs and the header."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.partners import Plan
from backoffice.models.review_counts import View
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.viewmodels.times import NOTHING, age, iso, span
from backoffice.viewmodels.words import document_kind, plain

SOON_SECONDS = 30 * 60
MAX_SHOWN_FLAGS = 2
VIEWS: Mapping[View, str] = {
    View.ALL: "All",
    View.MINE: "Mine",
    View.UNASSIGNED: "Unassigned",
    View.DUE_SOON: "Due < 30 min",
    View.SECOND_REVIEW: "Second review",
    View.ESCALATED: "Escalated",
    View.ON_HOLD: "On hold",
}
PLAN_WORDS: Mapping[str, str] = {
    Plan.FREE: "Free plan", Plan.STANDARD: "Standard plan", Plan.ENTERPRISE: "Enterprise plan",
}  # fmt: skip
RISK_WORDS: Mapping[str, str] = {"high": "High risk", "medium": "Medium risk", "low": "Low risk"}
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
    about: str
    """What else put it where it stands: plan, risk, a lead's word."""
    due_at: str
    urgency: str
    reference: str
    kind: str
    partner: str
    flags: str
    submitted_at: str
    holder: str
    status: str
    status_words: str
    assignee: str = ""
    is_mine: bool = False
    """Whether it is assigned to the reader."""
    viewers: str = ""
    """Who else has it on the screen."""
    is_gone: bool = False
    """Decided since the list was read: it stays in its place until the reader goes on."""


@dataclass(frozen=True)
class QueueTab:
    """One saved view with its count, which equals the length of its list."""

    view: str
    label: str
    count: int
    is_current: bool
    href: str = ""


@dataclass(frozen=True)
class QueueHeader:
    """How the queue stands and how fast the reader of it goes."""

    waiting: int = 0
    oldest: str = NOTHING
    clear: str = ""
    """How long until it is empty at the present pace; empty when nobody decides."""
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
    plan: str = "",
    assignee: str = "",
    reader: UUID | None = None,
    viewers: str = "",
) -> QueueRow:
    """Say of one task why now, how soon and who.

    `ahead` is how far the document lives ahead of its reader, whose clock counts down.
    """
    stands = task.sla_paused_at is not None
    due_at, submitted_at = _seen(None if stands else task.due_at, ahead), _seen(document.submitted_at, ahead)
    task_id, document_id = public_id(Prefix.REVIEW_TASK, task.id), public_id(Prefix.DOCUMENT, document.id)
    flags = [labels.get(flag, plain(flag)) for flag in task.flags]
    more = f" +{len(flags) - MAX_SHOWN_FLAGS}" if len(flags) > MAX_SHOWN_FLAGS else ""
    return QueueRow(
        task_id=task_id,
        document_id=document_id,
        href=f"/review/work/{task_id}",
        why=_why(task, due_at, at),
        about=_about(task, plan, flags, reader),
        due_at=iso(due_at),
        urgency=urgency(due_at, at),
        reference=document.external_id or document_id,
        kind=document_kind(document.type, document.issuing_country),
        partner=partner if document.livemode else f"{partner} · test",
        flags=", ".join(flags[:MAX_SHOWN_FLAGS]) + more,
        submitted_at=iso(submitted_at),
        holder=holder,
        status=task.status,
        status_words=STATUS_WORDS.get(TaskStatus(task.status), ""),
        assignee=assignee,
        is_mine=reader is not None and task.assigned_to == reader,
        viewers=viewers,
        is_gone=task.status == TaskStatus.COMPLETED or task.verdict_id is not None,
    )


def _seen(moment: datetime | None, ahead: timedelta) -> datetime | None:
    return moment - ahead if moment else None


def _why(task: ReviewTask, due_at: datetime | None, at: datetime) -> str:
    """Put the clock first once it presses: that is why now; how long is left is counted beside it, by the browser.

    Of a first verdict it says only that there is one.
    """
    parts: list[str] = []
    if urgency(due_at, at) == "late":
        parts.append("Overdue")
    if urgency(due_at, at) == "soon":
        parts.append("Due soon")
    if task.second_by is not None:
        parts.append("Two people disagree")
    elif task.first_by is not None:
        parts.append("Second review")
    return " · ".join([*parts, task.why])


def _about(task: ReviewTask, plan: str, flags: Sequence[str], reader: UUID | None) -> str:
    parts = [f"Moved by a lead: {task.raised_why}"] if task.raised_why else []
    if reader is not None and reader in {task.first_by, task.second_by}:
        parts.append("You signed it")
    parts += [PLAN_WORDS.get(plan, ""), RISK_WORDS["high"] if task.risk == "high" else ""]
    parts += [flag for flag in flags[:MAX_SHOWN_FLAGS] if flag.lower() not in task.why.lower()]
    return " · ".join(part for part in parts if part)


def urgency(due: datetime | None, at: datetime) -> str:
    """Say how the due time presses: ok, soon or late."""
    if due is None:
        return "ok"
    seconds = (due - at).total_seconds()
    return "late" if seconds <= 0 else "soon" if seconds <= SOON_SECONDS else "ok"


def queue_tabs(counts: Mapping[View, int], current: str, link: Callable[[View], str] = lambda _: "") -> list[QueueTab]:
    """Lay out the saved views."""
    return [QueueTab(view, label, counts.get(view, 0), view == current, link(view)) for view, label in VIEWS.items()]


def queue_header(  # noqa: PLR0913 a head sums up the whole page
    *,
    waiting: int,
    oldest: datetime | None,
    decided: int,
    median_seconds: float | None,
    at: datetime,
    clear_seconds: float | None = None,
) -> QueueHeader:
    """Sum the queue up in four words."""
    median = span(median_seconds) if median_seconds is not None else ""
    clear = span(clear_seconds) if clear_seconds is not None and waiting else ""
    return QueueHeader(waiting=waiting, oldest=age(oldest, at), clear=clear, decided=decided, median=median)
