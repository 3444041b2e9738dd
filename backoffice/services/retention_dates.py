"""Retention dates: when the time of a document is over, by the rules in force."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.retention_rules import RetentionRule, end_of, rule_for
from backoffice.services.access import Actor, Permission

KNOWN = "retention_rules"
"""What a transaction has read of them already."""
BATCH = 500
ENDED = (
    DocumentStatus.APPROVED,
    DocumentStatus.REJECTED,
    DocumentStatus.SUPERSEDED,
    DocumentStatus.EXPIRED,
    DocumentStatus.CANCELED,
)


async def in_force(session: AsyncSession) -> Sequence[RetentionRule]:
    """Read the rules in force, once per transaction; a partner's transaction sees its own and everybody's."""
    if KNOWN not in session.info:
        statement = select(RetentionRule).where(col(RetentionRule.ended_at).is_(None))
        with session.no_autoflush:
            session.info[KNOWN] = (await session.execute(statement)).scalars().all()
    return session.info[KNOWN]


async def delete_after(session: AsyncSession, document: Document) -> datetime | None:
    """Say when a document's time is over; None while it has not ended, and when no rule ends its keeping."""
    if document.status not in ENDED:
        return None
    return end_of(rule_for(await in_force(session), document), document)


async def recompute(session: AsyncSession, actor: Actor, after: UUID | None) -> UUID | None:
    """Count again for one batch of documents by key; answers the last one, or None when there are no more.

    The rows are locked one batch at a time; what a decision or the purge holds right now is skipped, because both
    count by the rules themselves.
    """
    actor.require(Permission.SYSTEM)
    statement = select(Document).where(col(Document.status).in_(ENDED)).order_by(col(Document.id)).limit(BATCH)
    if after is not None:
        statement = statement.where(col(Document.id) > after)
    last = None
    locked = statement.with_for_update(of=Document, skip_locked=True)
    for document in (await session.execute(locked)).scalars():
        moment, last = await delete_after(session, document), document.id
        if document.delete_after != moment:
            document.delete_after = moment
    return last
