"""Changes of a partner's plan: at once, or from the end of the month on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backoffice.models.base import TenantRow, tenant_unique, timestamp

WAITS = "applied_at is null and canceled_at is null"


class PlanChange(TenantRow, table=True):
    """One change; those that were applied are the history that invoices are prorated by."""

    __tablename__ = "plan_changes"
    __table_args__ = (
        tenant_unique(),
        CheckConstraint("from_plan <> to_plan", name="is_a_change"),
        CheckConstraint("applied_at is null or canceled_at is null", name="ends_once"),
        Index("uq_plan_changes_waits", "partner_id", unique=True, postgresql_where=WAITS),
        Index("ix_plan_changes_due", "effective_at", postgresql_where=WAITS),
        Index("ix_plan_changes_history", "partner_id", "effective_at"),
    )

    from_plan: str
    to_plan: str
    effective_at: datetime = timestamp()
    applied_at: datetime | None = timestamp(nullable=True)
    canceled_at: datetime | None = timestamp(nullable=True)
    member_id: UUID | None = Field(default=None, foreign_key="members.id")
