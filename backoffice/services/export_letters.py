"""Letters about exports: to who asked, that it is ready or refused; to who may approve a large one, that it waits."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.i18n import N_, gettext, number, pgettext, speaking
from backoffice.i18n.dates import moment_words
from backoffice.models.base import Prefix, public_id
from backoffice.models.exports import REFUSED, WHOLE, Export, ExportKind, ExportStatus
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member
from backoffice.services import letter_preferences, members
from backoffice.services.access import Actor, Permission
from backoffice.services.export_sources import needed_beside
from backoffice.services.letters import Addressed, Letter, subject
from backoffice.settings import settings

PLACE = "/partner/exports"
MAIL_JOB = "export.mail_approver"
MOST_READERS = 50
TOLD = (ExportStatus.READY, *REFUSED)
KINDS = {
    ExportKind.DOCUMENTS: N_("Documents"),
    ExportKind.API_REQUESTS: N_("Api requests"),
    ExportKind.AUDIT_ENTRIES: N_("Audit entries"),
    ExportKind.USAGE_RECORDS: N_("Usage records"),
    ExportKind.EVIDENCE: N_("Evidence"),
    ExportKind.PERSON: N_("Data of a person"),
}


async def addressed(session: AsyncSession, actor: Actor, export_id: UUID) -> Addressed | None:
    """Write to who asked; None when there is nobody to write to, or nothing to say, any more."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(Export, Member)
        .join(Member, col(Member.id) == col(Export.member_id))
        .where(col(Export.id) == export_id, col(Export.status).in_(TOLD), col(Member.disabled_at).is_(None))
        .where(~col(Member.muted_letters).contains([LetterKind.EXPORTS]))
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    export, member = found
    stop = letter_preferences.link(member.id, LetterKind.EXPORTS)
    with speaking(member.language):
        written = letter(export) if export.status == ExportStatus.READY else _refusal(export)
        return Addressed(member.email, replace(written, unsubscribe=stop), public_id(Prefix.EXPORT, export.id))


def _about(export: Export) -> str:
    kind = gettext(KINDS[ExportKind(export.kind)])
    return f"{kind[:1].lower()}{kind[1:]}"


def letter(export: Export) -> Letter:
    """Say what is ready, and until when; the file itself is behind the sign-in."""
    title, kind = gettext("Your export is ready"), gettext(KINDS[ExportKind(export.kind)])
    return Letter(
        subject=subject(title, _about(export), livemode=export.livemode),
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


def _refusal(export: Export) -> Letter:
    """Say that nobody agreed; why is on the page, since people write names into reasons."""
    is_declined = export.status == ExportStatus.DECLINED
    title = gettext("Your export was declined") if is_declined else gettext("Nobody approved your export in time")
    why = gettext("A colleague declined it. The reason is on the page of exports for a week.")
    late = gettext("It waited for three days. Ask again, and tell a colleague.")
    return Letter(
        subject=subject(title, _about(export), livemode=export.livemode),
        title=title,
        paragraphs=(why if is_declined else late,),
        facts=(
            (gettext("List"), gettext(KINDS[ExportKind(export.kind)])),
            (gettext("Documents"), number(export.documents)),
        ),
        link=f"{settings().url}{PLACE}",
        link_words=gettext("Open exports"),
        reason=gettext("You get this because you asked for this export."),
    )


def _may_approve(export: Export) -> ColumnElement[bool]:
    is_able = members.who_may(*needed_beside(export))
    return and_(
        is_able,
        col(Member.partner_id) == export.partner_id,
        col(Member.id) != export.member_id,
        col(Member.disabled_at).is_(None),
        ~col(Member.muted_letters).contains([LetterKind.EXPORTS]),
    )


async def call(session: AsyncSession, export: Export) -> None:
    """Have a letter sent to each of the partner's people who could be the second one, if this transaction commits."""
    readers = select(col(Member.id)).where(_may_approve(export)).order_by(col(Member.id)).limit(MOST_READERS)
    for member_id in (await session.execute(readers)).scalars():
        await job_queue.enqueue(session, MAIL_JOB, {"export_id": str(export.id), "member_id": str(member_id)})


async def asking(session: AsyncSession, actor: Actor, export_id: UUID, member_id: UUID) -> Addressed | None:
    """Write to one who could approve; None when it waits no more, or they may not any more."""
    actor.require(Permission.SYSTEM)
    export = await session.get(Export, export_id)
    if export is None or export.status != ExportStatus.AWAITING:
        return None
    statement = select(Member).where(col(Member.id) == member_id, _may_approve(export))
    member = (await session.execute(statement)).scalar_one_or_none()
    if member is None:
        return None
    by = (await members.names(session, {export.member_id})).get(export.member_id, "")
    name = f"{public_id(Prefix.EXPORT, export.id)}.{public_id(Prefix.MEMBER, member.id)[-10:]}"
    stop = letter_preferences.link(member.id, LetterKind.EXPORTS)
    with speaking(member.language):
        return Addressed(member.email, replace(_question(export, by), unsubscribe=stop), name)


def _question(export: Export, by: str) -> Letter:
    """Say who wants to take what along, and that it takes a second person."""
    title = gettext("An export waits for a second person")
    return Letter(
        subject=subject(title, _about(export), livemode=export.livemode),
        title=title,
        paragraphs=(
            gettext("It holds more documents than one person may take along alone. Approve it, or say why not."),
        ),
        facts=(
            (gettext("Asked by"), by),
            (gettext("List"), gettext(KINDS[ExportKind(export.kind)])),
            (gettext("Documents"), number(export.documents)),
            (pgettext("fact", "Until"), moment_words(export.approval_due) if export.approval_due else ""),
        ),
        link=f"{settings().url}{PLACE}",
        link_words=gettext("Open exports"),
        reason=gettext("You get this because you could make this export yourself."),
    )
