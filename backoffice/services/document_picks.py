"""What a list of documents holds beyond its page: how many, as far as anybody counts, and which."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.documents import Document
from backoffice.services import documents
from backoffice.services.access import Actor
from backoffice.services.documents import Filter

MOST_COUNTED = 999
"""Beyond, a count says "999+": nobody waits for an exact million."""


async def keys(session: AsyncSession, actor: Actor, by: Filter, *, limit: int) -> list[UUID]:
    """Name the newest documents that a list holds."""
    statement = (await documents.matching(session, actor, by)).with_only_columns(col(Document.id))
    return list((await session.execute(statement.order_by(col(Document.id).desc()).limit(limit))).scalars())


async def counts(session: AsyncSession, actor: Actor, lists: Mapping[str, Filter]) -> dict[str, int]:
    """Count several lists in one round trip, each up to one more than `MOST_COUNTED`."""
    parts = [
        select(func.count()).select_from(
            (await documents.matching(session, actor, by))
            .with_only_columns(col(Document.id))
            .limit(MOST_COUNTED + 1)
            .subquery()
        )
        for by in lists.values()
    ]
    if not parts:
        return {}
    row = (await session.execute(select(*(part.scalar_subquery() for part in parts)))).one()
    return dict(zip(lists, row, strict=True))


def words(count: int) -> str:
    """Write a count as screens show it."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
