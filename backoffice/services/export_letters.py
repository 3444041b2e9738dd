"""The letter that a file is ready: to whoever asked for it, and to nobody else."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.models.base import Prefix, public_id
from backoffice.models.exports import Export, ExportKind, ExportStatus
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member
from backoffice.services import letter_preferences
from backoffice.services.access import Actor, Permission
from backoffice.services.letters import Addressed, Letter
from backoffice.settings import settings

PLACE = "/partner/exports"


async def addressed(session: AsyncSession, actor: Actor, export_id: UUID) -> Addressed | None:
    """Write the letter; None when there is nobody to write to, or nothing to fetch, any more."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(Export, Member)
        .join(Member, col(Member.id) == col(Export.member_id))
        .where(col(Export.id) == export_id, col(Export.status) == ExportStatus.READY, col(Member.disabled_at).is_(None))
        .where(~col(Member.muted_letters).contains([LetterKind.EXPORTS]))
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    export, member = found
    stop = letter_preferences.link(member.id, LetterKind.EXPORTS)
    written = replace(letter(export), unsubscribe=stop)
    return Addressed(member.email, written, public_id(Prefix.EXPORT, export.id))


def letter(export: Export) -> Letter:
    """Say what is ready, and until when; the file itself is behind the sign-in."""
    title = "Your export is ready"
    return Letter(
        subject=f"{'' if export.livemode else '[Test] '}{title}: {export.kind.replace('_', ' ')}",
        title=title,
        paragraphs=("It can be fetched for a day. Fetching it is written into your company's audit trail.",),
        facts=(
            ("List", export.kind.replace("_", " ").capitalize()),
            ("Form", export.format.upper()),
            *((("Rows", f"{export.rows:,}"),) if export.kind != ExportKind.EVIDENCE else ()),
            ("Until", f"{export.expires_at:%Y-%m-%d %H:%M} UTC" if export.expires_at else ""),
        ),
        link=f"{settings().url}{PLACE}",
        link_words="Fetch it",
        reason="You get this because you asked for this export.",
    )
