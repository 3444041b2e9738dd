"""Exports: a list that somebody takes along as a file, written by a job in parts and gone after a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary
from sqlmodel import Field

from backoffice.models.base import TenantRow, json_column, timestamp

KEPT = timedelta(hours=24)
"""How long a finished file can be fetched."""
MOST_RUNNING = 5
"""Exports of one partner that wait or run at once."""
MOST_WAITING = 5
"""Exports of one person that wait for a second one at once."""
APPROVAL_LASTS = timedelta(hours=72)
"""How long an export waits for a second person."""
COUNTED = timedelta(hours=24)
"""Over how long it is added up what one person takes along alone: many small exports are one large one."""
MOST_COUNTED = 100_000
"""Documents; beyond, nobody waits for an exact number: it is far more than anybody takes along alone."""
REASON_KEPT = timedelta(days=7)
"""How long the reason of a refusal is kept: it was written for who asked."""
MAX_REASON = 300
END = "end"
SHEET_ROWS = 1_048_575
"""What one sheet of a workbook holds below its head (ECMA-376)."""


class ExportKind(StrEnum):
    """What is listed."""

    DOCUMENTS = "documents"
    API_REQUESTS = "api_requests"
    AUDIT_ENTRIES = "audit_entries"
    USAGE_RECORDS = "usage_records"
    EVIDENCE = "evidence"
    """All of one document (`services/evidence_packs.py`)."""
    PERSON = "person"
    """All of one applicant (`services/person_exports.py`)."""


class ExportFormat(StrEnum):
    """How it is written."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    ZIP = "zip"
    """Of evidence and of a person alone."""


class ExportStatus(StrEnum):
    """Where an export stands."""

    AWAITING = "awaiting_approval"
    """It holds so many documents that a second person has to agree."""
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """Nobody agreed in time."""


WHOLE = frozenset({ExportKind.EVIDENCE, ExportKind.PERSON})
"""What is written as one thing, and no list."""
UNDER_WAY = (ExportStatus.QUEUED, ExportStatus.RUNNING)
OPEN = (ExportStatus.AWAITING, *UNDER_WAY)
REFUSED = (ExportStatus.DECLINED, ExportStatus.LAPSED)
OVER = (ExportStatus.FAILED, ExportStatus.CANCELED, ExportStatus.EXPIRED, *REFUSED)
UNFETCHED = (ExportStatus.FAILED, ExportStatus.CANCELED, *REFUSED)
"""Ends of which nobody got a file."""
FORMATS = "format in ('csv', 'jsonl', 'xlsx', 'zip')"


class Export(TenantRow, table=True):
    """One wish and how far it has come; what is written of it stands in sealed parts, each an object of its own."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(FORMATS, name="format_known"),
        CheckConstraint(
            "(status in ('awaiting_approval', 'queued', 'running', 'ready')) = (wrapped is not null)", name="key_kept"
        ),
        CheckConstraint("decided_by is null or decided_by <> member_id", name="second_person_approves"),
        CheckConstraint(
            "approval_due is null or decided_by is not null or status not in ('queued', 'running', 'ready')",
            name="approved_first",
        ),
        Index("ix_exports_newest", "partner_id", "id"),
        Index("uq_exports_press", "member_id", "press", unique=True),
        Index("ix_exports_under_way", "id", postgresql_where="status in ('queued', 'running')"),
        Index("ix_exports_approval", "approval_due", postgresql_where="status = 'awaiting_approval'"),
        Index("ix_exports_reason", "finished_at", postgresql_where="reason <> ''"),
        Index("ix_exports_expiry", "expires_at", postgresql_where="status = 'ready'"),
        Index(
            "ix_exports_discard",
            "id",
            postgresql_where="status in ('failed', 'canceled', 'expired', 'declined', 'lapsed') "
            "and discarded_at is null",
        ),
    )

    livemode: bool
    member_id: UUID = Field(foreign_key="members.id")
    """Who asked: the rows are what this person may see while they are written."""
    press: UUID
    """Made when the question was asked, so that a double click is one export."""
    kind: str
    format: str
    filters: dict[str, str] = json_column()
    """As the list's address writes them."""
    status: str = ExportStatus.QUEUED
    cursor: str = ""
    """Where the last part ended; END once everything was read."""
    rows: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    drafts: int = 0
    """Parts that hold the rows of a workbook until it is bound from them."""
    parts: int = 0
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    """Bytes in the clear."""
    wrapped: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    """The file's own key; without it nobody reads a part that was forgotten somewhere."""
    failure: str = ""
    """What is true and what to do, in one sentence."""
    documents: int = 0
    """How many documents with something about their people it held when it was asked for; 0 for what has none."""
    alone: int | None = None
    """How many of them who asked could take along alone then."""
    approval_due: datetime | None = timestamp(nullable=True)
    """Until when it waits for a second person; None for what one may take along."""
    decided_by: UUID | None = Field(default=None, foreign_key="members.id")
    """Who approved or declined it: never who asked."""
    decided_at: datetime | None = timestamp(nullable=True)
    reason: str = ""
    """Why it was declined, in words for who asked."""
    finished_at: datetime | None = timestamp(nullable=True)
    expires_at: datetime | None = timestamp(nullable=True)
    discarded_at: datetime | None = timestamp(nullable=True)
    """When its parts were deleted."""
    session_id: UUID | None = None
    ip: str = ""
    request_id: str = ""

    @property
    def has_personal(self) -> bool:
        """Whether values of people are in it, and not only what is known of their documents."""
        return self.kind in WHOLE and bool(self.filters.get("personal"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to take along."""

    press: UUID
    kind: ExportKind
    format: ExportFormat
    livemode: bool
    filters: dict[str, str]
