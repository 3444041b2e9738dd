"""A document, its files and renditions, and the moves its status may make."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backoffice.clock import now
from backoffice.errors import Conflict
from backoffice.models.base import TenantRow, sealed, tenant_key, tenant_unique, timestamp


class DocumentStatus(StrEnum):
    """Where a document stands."""

    AWAITING_UPLOAD = "awaiting_upload"
    SUBMITTED = "submitted"
    PROCESSING = "processing"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    RESUBMISSION_REQUESTED = "resubmission_requested"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    CANCELED = "canceled"
    REDACTED = "redacted"


S = DocumentStatus
MOVES: dict[DocumentStatus, frozenset[DocumentStatus]] = {
    S.AWAITING_UPLOAD: frozenset({S.SUBMITTED, S.EXPIRED, S.CANCELED, S.REDACTED}),
    S.SUBMITTED: frozenset({S.PROCESSING, S.CANCELED, S.REDACTED}),
    S.PROCESSING: frozenset({S.IN_REVIEW, S.APPROVED, S.REJECTED, S.RESUBMISSION_REQUESTED, S.CANCELED, S.REDACTED}),
    S.IN_REVIEW: frozenset({S.APPROVED, S.REJECTED, S.RESUBMISSION_REQUESTED, S.CANCELED, S.REDACTED}),
    S.RESUBMISSION_REQUESTED: frozenset({S.SUPERSEDED, S.EXPIRED, S.REDACTED}),
    S.APPROVED: frozenset({S.IN_REVIEW, S.REDACTED}),
    S.REJECTED: frozenset({S.IN_REVIEW, S.REDACTED}),
    S.SUPERSEDED: frozenset({S.REDACTED}),
    S.EXPIRED: frozenset({S.REDACTED}),
    S.CANCELED: frozenset({S.REDACTED}),
    S.REDACTED: frozenset(),
}
"""Every legal move; the database holds the same list (migration `document_moves`)."""

OPEN = frozenset({S.AWAITING_UPLOAD, S.SUBMITTED, S.PROCESSING, S.IN_REVIEW})
"""Not decided yet; the partner may still withdraw it."""
IN_PROGRESS = frozenset({S.SUBMITTED, S.PROCESSING})
DECIDED = frozenset({S.APPROVED, S.REJECTED, S.RESUBMISSION_REQUESTED})


class DocumentType(StrEnum):
    """What kind of document a partner may send."""

    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    DRIVING_LICENCE = "driving_licence"
    RESIDENCE_PERMIT = "residence_permit"
    TAX_ID = "tax_id"
    PROOF_OF_ADDRESS = "proof_of_address"
    SELFIE = "selfie"
    OTHER = "other"


class Side(StrEnum):
    """Which side or page of a document a file shows."""

    FRONT = "front"
    BACK = "back"
    SELFIE = "selfie"
    PAGE = "page"


class Document(TenantRow, table=True):
    """One submitted identity document: what screening reads, a reviewer decides and a webhook reports."""

    __tablename__ = "documents"
    __table_args__ = (
        tenant_unique(),
        tenant_key("applicant_id", "applicants"),
        tenant_key("verification_id", "verifications"),
        tenant_key("replaces_id", "documents"),
        CheckConstraint("attempt >= 1 and attempt <= max_attempts", name="attempt_within_limit"),
        Index("ix_documents_newest", "partner_id", "livemode", "id"),
        Index("ix_documents_status", "partner_id", "livemode", "status", "id"),
        Index("ix_documents_type", "partner_id", "livemode", "type", "id"),
        Index(
            "ix_documents_external",
            "partner_id",
            "livemode",
            "external_id",
            "id",
            postgresql_ops={"external_id": "text_pattern_ops"},
        ),
        Index(
            "ix_documents_own_id",
            "external_id",
            postgresql_ops={"external_id": "text_pattern_ops"},
            postgresql_where="external_id is not null",
        ),
        Index("ix_documents_completed", "partner_id", "livemode", "completed_at"),
        Index("ix_documents_unscreened", "submitted_at", postgresql_where="status in ('submitted', 'processing')"),
        Index("ix_documents_expires", "expires_at", postgresql_where="expires_at is not null"),
        Index("ix_documents_delete_after", "delete_after", postgresql_where="delete_after is not null"),
        Index("uq_documents_replaces_id", "replaces_id", unique=True, postgresql_where="replaces_id is not null"),
    )

    livemode: bool
    applicant_id: UUID = Field(index=True)
    verification_id: UUID = Field(index=True)
    replaces_id: UUID | None = None
    external_id: str | None = None
    type: str | None = None
    issuing_country: str | None = None
    status: str = DocumentStatus.SUBMITTED
    version: int = 1
    attempt: int = 1
    max_attempts: int = 3
    risk_score: float | None = None
    extracted_box: bytes | None = sealed()
    partner_metadata: dict[str, object] = Field(
        default_factory=dict, sa_column=Column("metadata", JSONB, nullable=False, server_default="{}")
    )
    request_id: str = ""
    due_at: datetime | None = timestamp(nullable=True)
    submitted_at: datetime | None = timestamp(nullable=True)
    completed_at: datetime | None = timestamp(nullable=True)
    expires_at: datetime | None = timestamp(nullable=True)
    """When a document that waits for the partner stops waiting."""
    delete_after: datetime | None = timestamp(nullable=True)
    """When retention takes its personal data; a redacted document still has it until its files are gone."""
    redacted_at: datetime | None = timestamp(nullable=True)

    def move_to(self, status: DocumentStatus) -> None:
        """Change the status by the state machine; the only place that does.

        Raises Conflict when the move is not one of `MOVES`.
        """
        if status not in MOVES[DocumentStatus(self.status)]:
            message = f"A document that is {self.status} cannot become {status}."
            raise Conflict(message, code="illegal_move")
        self.status = status
        self.version += 1
        self._stamp(status)

    def _stamp(self, status: DocumentStatus) -> None:
        """Write when it moved: never before what happened to it earlier, however the clocks of its movers differ."""
        moment = max(now(), self.created_at, self.submitted_at or self.created_at)
        if status == DocumentStatus.SUBMITTED:
            self.submitted_at = moment
        if status in DECIDED | {DocumentStatus.EXPIRED, DocumentStatus.CANCELED}:
            self.completed_at = moment
        if status == DocumentStatus.IN_REVIEW:
            self.completed_at = None
        if status == DocumentStatus.REDACTED:
            self.redacted_at = max(moment, self.completed_at or moment)


class Masking(StrEnum):
    """What is known of a file that is not masked."""

    NONE = "none"
    UNKNOWN = "unknown"
    """It could not be found out, so nobody sees it."""
    BEFORE = "before"
    """It was screened before masking was; `backoffice mask run` looks at it."""


class File(TenantRow, table=True):
    """One side or page set as it was sent; the bytes stand encrypted in object storage."""

    __tablename__ = "files"
    __table_args__ = (
        tenant_unique(),
        tenant_key("document_id", "documents"),
        Index("uq_files_position", "document_id", "position", unique=True),
        Index("ix_files_sha256", "partner_id", "sha256"),
        Index("ix_files_unmasked", "id", postgresql_where="masking is null"),
        Index("ix_files_replaced", "id", postgresql_where="replaced_key is not null"),
    )

    document_id: UUID
    position: int
    side: str
    mime_type: str
    bytes: int
    sha256: str
    width: int
    height: int
    pages: int = 1
    storage_key: str
    masking: str | None = None
    """The rule by which it was masked, or one of `Masking`; None until somebody has looked."""
    replaced_key: str | None = None
    """The object that held what was sent, until it is deleted."""

    @property
    def is_masked(self) -> bool:
        """Whether a masked encoding took the place of what was sent; `sha256` and `bytes` stay those of what was."""
        return self.masking not in {None, *Masking}


class Upload(TenantRow, table=True):
    """A place for one file that a partner sends apart; it becomes a `File` when the document is submitted."""

    __tablename__ = "uploads"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        Index("uq_uploads_position", "document_id", "position", unique=True),
        Index("ix_uploads_expires", "expires_at"),
    )

    document_id: UUID
    position: int
    side: str
    storage_key: str
    """Where the bytes wait, not believed yet."""
    expires_at: datetime = timestamp()
    received_at: datetime | None = timestamp(nullable=True)


class RenditionKind(StrEnum):
    """What a re-encoded picture of a page is for."""

    VIEW = "view"
    THUMBNAIL = "thumbnail"
    FORENSICS = "forensics"
    """What saving again changes: for those who review, and nobody else."""


class Rendition(TenantRow, table=True):
    """A re-encoded, upright, metadata-free JPEG of one page: all that a browser ever gets."""

    __tablename__ = "renditions"
    __table_args__ = (
        tenant_key("file_id", "files"),
        Index("uq_renditions_page", "file_id", "page", "kind", unique=True),
    )

    file_id: UUID
    page: int = 0
    kind: str
    width: int
    height: int
    storage_key: str


class Check(TenantRow, table=True):
    """One screening result: what was asked, what was found, how sure, where and how fast."""

    __tablename__ = "checks"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        Index("uq_checks_name", "document_id", "run", "name", unique=True),
    )

    document_id: UUID
    run: int = 1
    name: str
    status: str
    score: float | None = None
    threshold: float | None = None
    model: str
    reasons: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]"))
    summary_box: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """The sentence for the reviewer, sealed: it may quote what the document says."""
    box: list[float] | None = Field(default=None, sa_column=Column(JSONB))
    file_id: UUID | None = None
    page: int = 0
    duration_ms: int = 0
