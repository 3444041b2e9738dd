"""Deadlines: how long a document waits for its partner, by the time that the partner's data lives in."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import clock
from backoffice.models.documents import Document, DocumentStatus
from backoffice.services import test_clocks

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
    if clock.is_moved():
        return clock.now() + wait
    return clock.now() + await test_clocks.lead(session, document.partner_id, livemode=document.livemode) + wait
