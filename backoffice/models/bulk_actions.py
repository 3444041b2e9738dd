"""Bulk actions: what a person does to many tasks or documents at once, carried out by a job, with a word on each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import Row, TenantRow, sealed, tenant_key, text_array, timestamp

MOST_TASKS = 500
"""What one press may decide."""
MOST_DOCUMENTS = 5_000
"""What one press of a partner's person may change."""


class BulkOutcome(StrEnum):
    """What becomes of each: a verdict on a task, or a change that its partner makes to a document."""

    REJECTED = "rejected"
    RESUBMISSION_REQUESTED = "resubmission_requested"
    CANCELED = "canceled"
    TAGGED = "tagged"
    UNTAGGED = "untagged"


class BulkStatus(StrEnum):
    """Where a bulk action stands."""

    RUNNING = "running"
    UNDOING = "undoing"
    """A job takes back what was done, one after the other."""
    DONE = "done"
    STOPPED = "stopped"


UNDER_WAY = (BulkStatus.RUNNING, BulkStatus.UNDOING)


class RowStatus(StrEnum):
    """What became of one task or document of it."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    UNDONE = "undone"


class BulkAction(Row, table=True):
    """One press; whoever pressed twice has pressed once."""

    __tablename__ = "bulk_actions"
    __table_args__ = (
        CheckConstraint(
            "case when partner_id is null then outcome in ('rejected', 'resubmission_requested')"
            " else outcome in ('canceled', 'tagged', 'untagged') end",
            name="never_approves",
        ),
        CheckConstraint("(outcome in ('tagged', 'untagged')) = (tag <> '')", name="tag_named"),
        CheckConstraint("status = 'running' or (texts_key is null and texts_box is null)", name="texts_end"),
        Index("uq_bulk_actions_press", "started_by", "press", unique=True),
        Index(
            "uq_bulk_actions_running", "started_by", unique=True, postgresql_where="status in ('running', 'undoing')"
        ),
    )

    partner_id: UUID | None = Field(default=None, foreign_key="partners.id")
    """Whose documents are changed; None for verdicts, which our own people put on tasks of any partner."""
    started_by: UUID = Field(foreign_key="members.id")
    press: UUID
    """Made when the question was asked, so that a double click is one press."""
    outcome: str
    tag: str = Field(default="", sa_column_kwargs={"server_default": ""})
    reasons: list[str] = text_array()
    status: str = BulkStatus.RUNNING
    total: int
    session_id: UUID | None = None
    ip: str = ""
    request_id: str = ""
    finished_at: datetime | None = timestamp(nullable=True)
    texts_key: bytes | None = sealed()
    """The key of the texts, wrapped; both are gone when the action has ended."""
    texts_box: bytes | None = sealed()


class BulkRow(TenantRow, table=True):
    """One task or document of a bulk action; its outcome is written with the change, which so is never made twice."""

    __tablename__ = "bulk_rows"
    __table_args__ = (
        tenant_key("task_id", "review_tasks"),
        tenant_key("document_id", "documents"),
        Index("uq_bulk_rows_task", "action_id", "task_id", unique=True),
        Index("uq_bulk_rows_document", "action_id", "document_id", unique=True),
        Index("ix_bulk_rows_status", "action_id", "status", "id"),
        CheckConstraint("(task_id is null) <> (document_id is null)", name="one_thing"),
        CheckConstraint(
            "(status in ('done', 'undone') and task_id is not null) = (verdict_id is not null)", name="done_signed"
        ),
    )

    action_id: UUID = Field(foreign_key="bulk_actions.id")
    task_id: UUID | None = None
    document_id: UUID | None = None
    lane: str = ""
    """The queue in which the task was when it was chosen: moved on, it is left alone."""
    status: str = RowStatus.WAITING
    verdict_id: UUID | None = None
    refusal: str = ""
    """Why it was skipped, in the sentence that a person at the desk would read."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """One task that was left alone, and why."""

    reference: str
    refusal: str


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far a bulk action has come."""

    action: BulkAction
    counts: Mapping[RowStatus, int] = field(default_factory=dict[RowStatus, int])
    skipped: tuple[Skipped, ...] = ()
    undo_until: datetime | None = None
    """When the last verdict that can be taken back becomes final."""
