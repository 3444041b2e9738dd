"""Bulk actions: one verdict that a person puts on many tasks, carried out by a job, with a word on each."""

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


class BulkStatus(StrEnum):
    """Where a bulk action stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class RowStatus(StrEnum):
    """What became of one task of it."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    UNDONE = "undone"


class BulkAction(Row, table=True):
    """One press; whoever pressed twice has pressed once."""

    __tablename__ = "bulk_actions"
    __table_args__ = (
        CheckConstraint("outcome in ('rejected', 'resubmission_requested')", name="never_approves"),
        CheckConstraint("status = 'running' or (texts_key is null and texts_box is null)", name="texts_end"),
        Index("uq_bulk_actions_press", "started_by", "press", unique=True),
        Index("uq_bulk_actions_running", "started_by", unique=True, postgresql_where="status = 'running'"),
    )

    started_by: UUID = Field(foreign_key="members.id")
    press: UUID
    """Made when the question was asked, so that a double click is one press."""
    outcome: str
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
    """One task of a bulk action; its outcome is written with the verdict, so that it is never signed twice."""

    __tablename__ = "bulk_rows"
    __table_args__ = (
        tenant_key("task_id", "review_tasks"),
        Index("uq_bulk_rows_task", "action_id", "task_id", unique=True),
        Index("ix_bulk_rows_waiting", "action_id", "id", postgresql_where="status = 'waiting'"),
        CheckConstraint("(status in ('done', 'undone')) = (verdict_id is not null)", name="done_signed"),
    )

    action_id: UUID = Field(foreign_key="bulk_actions.id")
    task_id: UUID
    lane: str
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
