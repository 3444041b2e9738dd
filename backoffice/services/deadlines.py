"""Deadlines: how long a document waits for its partner, by the time that the partner's data lives in."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.partners import Partner

WAITS = {
    DocumentStatus.AWAITING_UPLOAD: timedelta(hours=24),
    DocumentStatus.RESUBMISSION_REQUESTED: timedelta(days=30),
}
"""Who waits for the partner, and how long."""


async def expiry(session: AsyncSession, document: Document) -> datetime | None:
    """Say when a document stops waiting; None when it does not wait for its partner."""
    wait = WAITS.get(DocumentStatus(document.status))
    if wait is None:
        return None
    ahead = timedelta() if clock.is_moved() else await lead(session, document.partner_id, livemode=document.livemode)
    return clock.now() + ahead + wait


async def lead(session: AsyncSession, partner_id: UUID, *, livemode: bool) -> timedelta:
    """Say how far a partner's data lives ahead of the present: test data does by the partner's test clock."""
    if livemode:
        return timedelta()
    statement = select(col(Partner.test_clock_seconds)).where(col(Partner.id) == partner_id)
    return timedelta(seconds=(await session.execute(statement)).scalar_one())
