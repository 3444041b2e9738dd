"""Expiries: what waited for its partner for too long, by the time that the partner's data lives in."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now, wall
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.partners import Partner
from backoffice.services import deadlines, documents
from backoffice.services.access import Actor, Permission

SWEEP_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Overdue:
    """A document whose time is up, and how far its partner's data lives ahead of the present."""

    document_id: UUID
    ahead: timedelta


async def overdue(session: AsyncSession, actor: Actor) -> list[Overdue]:
    """Find documents that waited for too long; by test clocks some only will have."""
    actor.require(Permission.SYSTEM)
    columns = select(col(Document.id), col(Document.livemode), col(Partner.test_clock_seconds)).join(
        Partner, col(Partner.id) == col(Document.partner_id)
    )
    by_now = columns.where(col(Document.expires_at) <= wall())
    by_test_clock = columns.where(
        col(Partner.test_clock_seconds) > 0,
        col(Document.livemode).is_(False),
        col(Document.status).in_(deadlines.WAITS),
        col(Document.expires_at) > wall(),
        col(Document.expires_at) <= wall() + func.make_interval(0, 0, 0, 0, 0, 0, col(Partner.test_clock_seconds)),
    )
    rows = [
        row
        for statement in (by_now, by_test_clock)
        for row in await session.execute(statement.order_by(col(Document.expires_at)).limit(SWEEP_LIMIT))
    ]
    return [Overdue(key, timedelta(seconds=0 if livemode else ahead)) for key, livemode, ahead in rows]


async def expire(session: AsyncSession, actor: Actor, document_id: UUID) -> bool:
    """End one document's wait; False when it was sent, withdrawn or ended meanwhile.

    The caller lives by the partner's clock (`clock.shifted`).
    """
    actor.require(Permission.SYSTEM)
    document = await documents.get(session, actor, document_id, lock=True)
    if document.expires_at is None or document.expires_at > now():
        return False
    await documents.change_status(session, actor, document, DocumentStatus.EXPIRED)
    return True
