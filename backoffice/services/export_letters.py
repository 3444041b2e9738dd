"""The letter that a file is ready: to whoever asked for it, and to nobody else."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.i18n import N_, gettext, number, pgettext, speaking
from backoffice.i18n.dates import moment_words
from backoffice.models.base import Prefix, public_id
from backoffice.models.exports import WHOLE, Export, ExportKind, ExportStatus
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member
from backoffice.services import letter_preferences
from backoffice.services.access import Actor, Permission
from backoffice.services.letters import Addressed, Letter, subject
from backoffice.settings import settings

PLACE = "/partner/exports"
KINDS = {
    ExportKind.DOCUMENTS: N_("Documents"),
    ExportKind.API_REQUESTS: N_("Api requests"),
    ExportKind.AUDIT_ENTRIES: N_("Audit entries"),
    ExportKind.USAGE_RECORDS: N_("Usage records"),
    ExportKind.EVIDENCE: N_("Evidence"),
    ExportKind.PERSON: N_("Data of a person"),
}


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
    with speaking(member.language):
        written = replace(letter(export), unsubscribe=stop)
    return Addressed(member.email, written, public_id(Prefix.EXPORT, export.id))


def letter(export: Export) -> Letter:
    """Say what is ready, and until when; the file itself is behind the sign-in."""
    title, kind = gettext("Your export is ready"), gettext(KINDS[ExportKind(export.kind)])
    return Letter(
        subject=subject(title, f"{kind[:1].lower()}{kind[1:]}", livemode=export.livemode),
        title=title,
        paragraphs=(gettext("It can be fetched for a day. Fetching it is written into your company's audit trail."),),
        facts=(
            (gettext("List"), kind),
            (gettext("Form"), export.format.upper()),
            *(((gettext("Rows"), number(export.rows)),) if export.kind not in WHOLE else ()),
            (pgettext("fact", "Until"), moment_words(export.expires_at) if export.expires_at else ""),
        ),
        link=f"{settings().url}{PLACE}",
        link_words=gettext("Fetch it"),
        reason=gettext("You get this because you asked for this export."),
    )
