"""Policies: versioned rules that decide or route documents, what a shadow would have done, and back-tests."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from backoffice.models.base import Prefix, Row, TenantRow, json_column, public_id, tenant_key, text_array, timestamp


class VersionStatus(StrEnum):
    """Where one version of a policy stands."""

    DRAFT = "draft"
    SHADOW = "shadow"
    """It rules live documents beside the published one, and nobody acts by it."""
    PUBLISHED = "published"
    RETIRED = "retired"
    DISCARDED = "discarded"


class BacktestStatus(StrEnum):
    """Where a back-test stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"


class Policy(Row, table=True):
    """A line of versions: the house's own, or one partner's, which rules that partner's documents instead."""

    __tablename__ = "policies"
    __table_args__ = (Index("uq_policies_partner_id", "partner_id", unique=True, postgresql_nulls_not_distinct=True),)

    partner_id: UUID | None = Field(default=None, foreign_key="partners.id")
    """None is the house."""


class PolicyVersion(Row, table=True):
    """One wording of a policy; once it left the drafts its text never changes, and decisions name it for ever."""

    __tablename__ = "policy_versions"
    __table_args__ = (
        Index("uq_policy_versions_number", "policy_id", "number", unique=True),
        Index("uq_policy_versions_published", "policy_id", unique=True, postgresql_where="status = 'published'"),
        Index("uq_policy_versions_shadow", "policy_id", unique=True, postgresql_where="status = 'shadow'"),
        CheckConstraint("published_by is null or not (published_by = any (authors))", name="second_person_publishes"),
        CheckConstraint("(published_at is null) = (published_by is null)", name="publication_whole"),
    )

    policy_id: UUID = Field(foreign_key="policies.id")
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    number: int
    revision: int = 1
    """Counts the savings of a draft, so that nobody overwrites what they have not seen."""
    status: str = VersionStatus.DRAFT
    source: str
    note: str = ""
    """What changes with it, and why."""
    authors: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    """Everybody who wrote at it: none of them can publish it."""
    shadow_since: datetime | None = timestamp(nullable=True)
    published_by: UUID | None = Field(default=None, foreign_key="members.id")
    published_at: datetime | None = timestamp(nullable=True)
    ended_at: datetime | None = timestamp(nullable=True)

    @property
    def label(self) -> str:
        """Name it as decisions and partners do: `pol_…@3`."""
        return f"{public_id(Prefix.POLICY, self.policy_id)}@{self.number}"


class PolicyTrial(TenantRow, table=True):
    """What a version in shadow would have done with one live document, written when the document was really ruled."""

    __tablename__ = "policy_trials"
    __table_args__ = (
        tenant_key("document_id", "documents"),
        Index("uq_policy_trials_document", "version_id", "document_id", unique=True),
    )

    version_id: UUID = Field(foreign_key="policy_versions.id")
    document_id: UUID
    outcome: str
    actual: str
    """What the published policy did."""
    rule: str
    reasons: list[str] = text_array()


class Backtest(Row, table=True):
    """A replay of stored checks under a draft: it goes on where it stopped, and counts every document once."""

    __tablename__ = "backtests"
    __table_args__ = (
        CheckConstraint("done >= 0 and done <= total", name="done_within_total"),
        Index("ix_backtests_running", "created_at", postgresql_where="status = 'running'"),
    )

    version_id: UUID | None = Field(default=None, foreign_key="policy_versions.id", index=True)
    partner_id: UUID | None = Field(default=None, foreign_key="partners.id", index=True)
    """Whose documents; None is everybody's."""
    source: str
    """The wording that is tried: a draft may change meanwhile."""
    since: datetime = timestamp()
    until: datetime = timestamp()
    status: str = BacktestStatus.RUNNING
    total: int = 0
    done: int = 0
    cursor: UUID | None = None
    """The last document that was counted."""
    tally: dict[str, object] = json_column()
    started_by: UUID | None = Field(default=None, foreign_key="members.id")
    finished_at: datetime | None = timestamp(nullable=True)
