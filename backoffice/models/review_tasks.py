"""A review task: the human work on one document; and the immutable decisions that end it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, DateTime, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, keys_array, sealed, tenant_key, tenant_unique, text_array, timestamp
from backoffice.models.sla import Lane


class TaskStatus(StrEnum):
    """Where the human work stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    IN_PROGRESS = "in_progress"
    SECOND_REVIEW = "second_review"
    ON_HOLD = "on_hold"
    ESCALATED = "escalated"
    COMPLETED = "completed"


class Outcome(StrEnum):
    """What can be decided."""

    APPROVED = "approved"
    REJECTED = "rejected"
    RESUBMISSION_REQUESTED = "resubmission_requested"


class DeciderType(StrEnum):
    """Who decided."""

    REVIEWER = "reviewer"
    POLICY = "policy"
    SIMULATION = "simulation"
    """The sandbox's own hand; test data only."""


OPEN = "status <> 'completed' and verdict_id is null"
"""What waits for somebody: neither finished nor signed a moment ago."""


NEXT_WORD = (
    "case when status = 'completed' or sla_breached_at is not null or sla_paused_at is not null then null"
    " when sla_warned_at is null then least(warn_at, due_at) else due_at end"
)


class ReviewTask(TenantRow, table=True):
    """The work on one document; a claim is a lease that expires.

    A verdict stands on the task for the undo window before it becomes a decision.
    """

    __tablename__ = "review_tasks"
    __table_args__ = (
        tenant_unique(),
        tenant_key("document_id", "documents"),
        Index("uq_review_tasks_open", "document_id", unique=True, postgresql_where="status <> 'completed'"),
        Index("ix_review_tasks_rank", "rank_at", "id", postgresql_where=OPEN),
        Index(
            "ix_review_tasks_free",
            "rank_at",
            "id",
            postgresql_where=f"{OPEN} and assigned_to is null and claimed_by is null",
        ),
        Index("ix_review_tasks_second", "rank_at", "id", postgresql_where=f"{OPEN} and first_by is not null"),
        Index(
            "ix_review_tasks_aside",
            "status",
            "rank_at",
            "id",
            postgresql_where=f"{OPEN} and status in ('on_hold', 'escalated')",
        ),
        Index(
            "ix_review_tasks_assignee",
            "assigned_to",
            "rank_at",
            "id",
            postgresql_where=f"{OPEN} and assigned_to is not null",
        ),
        Index("ix_review_tasks_partner", "partner_id", "rank_at", "id", postgresql_where=OPEN),
        Index("ix_review_tasks_type", "document_type", "rank_at", "id", postgresql_where=OPEN),
        Index("ix_review_tasks_country", "issuing_country", "rank_at", "id", postgresql_where=OPEN),
        Index("ix_review_tasks_due", "due_at", postgresql_where=OPEN),
        Index("ix_review_tasks_snoozed", "snoozed_until", postgresql_where="snoozed_until is not null"),
        Index("ix_review_tasks_holder", "claimed_by", postgresql_where="claimed_by is not null"),
        Index("ix_review_tasks_verdict", "verdict_final_at", postgresql_where="verdict_id is not null"),
        Index("ix_review_tasks_sla", "sla_next_at", postgresql_where="sla_next_at is not null"),
        Index("ix_review_tasks_completed", "completed_at", postgresql_where="completed_at is not null"),
        CheckConstraint("(verdict_id is null) = (verdict_final_at is null)", name="verdict_whole"),
        CheckConstraint("(verdict_id is null) = (verdict_by is null)", name="verdict_signed"),
        CheckConstraint("(assigned_to is null) = (assigned_at is null)", name="assignment_whole"),
        CheckConstraint("(first_by is null) = (first_outcome is null)", name="first_whole"),
        CheckConstraint("verdict_by is null or first_by is null or verdict_by <> first_by", name="second_differs"),
        CheckConstraint("verdict_by is null or verdict_by <> all(decided_before)", name="appeal_by_another"),
    )

    document_id: UUID = Field(index=True)
    status: str = TaskStatus.QUEUED
    version: int = 1
    priority: int = 0
    """Minutes by which it is moved against its due time (`review_priorities`); less goes first."""
    why: str = ""
    raised_why: str = ""
    """Why a lead moved it, in the lead's words."""
    flags: list[str] = text_array()
    due_at: datetime | None = timestamp(nullable=True)
    rank_at: datetime | None = Field(
        default=None,
        sa_column=Column(
            DateTime(timezone=True),
            Computed("review_rank(coalesce(due_at, created_at), priority)", persisted=True),
            nullable=True,
        ),
    )
    """Its place in the queue, computed by the database."""
    livemode: bool = True
    """This and the next three are the document's, kept here so that the queue is filtered and counted by one table."""
    document_type: str | None = None
    issuing_country: str | None = None
    risk: str = "medium"
    assigned_to: UUID | None = Field(default=None, foreign_key="members.id")
    """Whose task it is to be; no lease, which only who works on it has."""
    assigned_at: datetime | None = timestamp(nullable=True)
    claimed_by: UUID | None = Field(default=None, foreign_key="members.id")
    claim_expires_at: datetime | None = timestamp(nullable=True)
    first_seen_at: datetime | None = timestamp(nullable=True)
    verdict_id: UUID | None = None
    verdict_outcome: str | None = None
    verdict_reasons: list[str] = text_array()
    verdict_note_box: bytes | None = sealed()
    verdict_message_box: bytes | None = sealed()
    verdict_by: UUID | None = Field(default=None, foreign_key="members.id")
    verdict_at: datetime | None = timestamp(nullable=True)
    verdict_final_at: datetime | None = timestamp(nullable=True)
    needs_second: bool = False
    """Four eyes: a policy or a lead wants two people to sign."""
    first_by: UUID | None = Field(default=None, foreign_key="members.id")
    first_outcome: str | None = None
    first_reasons: list[str] = text_array()
    second_by: UUID | None = Field(default=None, foreign_key="members.id")
    """Who signed otherwise than the first: neither of them settles the dispute."""
    first_note_box: bytes | None = sealed()
    first_message_box: bytes | None = sealed()
    first_at: datetime | None = timestamp(nullable=True)
    decided_before: list[UUID] = keys_array()
    """Who signed what an appeal questions: somebody else decides it."""
    waits_for: str = ""
    """Whom it waits for while it is on hold; empty for whoever claims it."""
    snoozed_until: datetime | None = timestamp(nullable=True)
    """When it goes back into the queue by itself."""
    completed_at: datetime | None = timestamp(nullable=True)
    lane: str = Lane.STANDARD
    """The queue whose target counts; it only goes on, never back (`services/sla_clocks.py`)."""
    lane_at: datetime | None = timestamp(nullable=True)
    sla_version: int | None = None
    sla_plan: str | None = None
    """Whose target was counted by: a change of plan does not reach into a clock that stands still."""
    """The rules by which the deadline was counted; newer ones do not move it by themselves."""
    sla_from: datetime | None = timestamp(nullable=True)
    """Since when the clock of this deadline runs, without what it had spent before it last stood still."""
    sla_spent_seconds: int = 0
    sla_paused_at: datetime | None = timestamp(nullable=True)
    """Since when the clock stands still, as while the partner is asked."""
    warn_at: datetime | None = timestamp(nullable=True)
    sla_warned_at: datetime | None = timestamp(nullable=True)
    sla_breached_at: datetime | None = timestamp(nullable=True)
    sla_next_at: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), Computed(NEXT_WORD, persisted=True), nullable=True),
    )
    """When the clock next has something to say, computed by the database; None when it has nothing more."""


class Decision(TenantRow, table=True):
    """What was decided; never changed, a later one supersedes an earlier one."""

    __tablename__ = "decisions"
    __table_args__ = (
        tenant_unique(),
        tenant_key("document_id", "documents"),
        tenant_key("review_task_id", "review_tasks"),
        CheckConstraint("(decided_by_type = 'reviewer') = (member_id is not null)", name="reviewer_signed"),
        CheckConstraint("second_member_id is null or second_member_id <> member_id", name="second_signer_differs"),
        Index(
            "uq_decisions_review_task_id", "review_task_id", unique=True, postgresql_where="review_task_id is not null"
        ),
        Index("ix_decisions_document", "document_id", "id"),
        Index("ix_decisions_member", "member_id", "created_at"),
    )

    document_id: UUID
    review_task_id: UUID | None = None
    outcome: str
    reasons: list[str] = text_array()
    note_box: bytes | None = sealed()
    message_box: bytes | None = sealed()
    """What the reviewer wrote to the applicant, beside what the reasons say."""
    decided_by_type: str
    member_id: UUID | None = Field(default=None, foreign_key="members.id")
    second_member_id: UUID | None = Field(default=None, foreign_key="members.id")
    policy_version: str = ""
    """The version that decided, or that sent the document to the person who did: `pol_…@3`."""
    supersedes_id: UUID | None = None
