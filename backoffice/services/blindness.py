"""Second looks are blind: who holds a sample sees nothing else of its document before the verdict is given."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import NotAllowed
from backoffice.models.samples import Sample


def clear_of(member_id: UUID | None, document_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Leave out in SQL the documents that this person is judging blind."""
    judging = select(col(Sample.document_id)).where(
        col(Sample.taken_by) == member_id, col(Sample.answered_at).is_(None)
    )
    return document_id.not_in(judging)


async def refuse(session: AsyncSession, member_id: UUID | None, document_id: UUID) -> None:
    """Raise NotAllowed while this person is judging the document blind."""
    statement = select(
        exists().where(
            col(Sample.document_id) == document_id,
            col(Sample.taken_by) == member_id,
            col(Sample.answered_at).is_(None),
        )
    )
    if (await session.execute(statement)).scalar_one():
        raise NotAllowed("You are judging this document blind. Give your verdict first.", code="judged_blind")
