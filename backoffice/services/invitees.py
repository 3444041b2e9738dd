"""Invitees: people whom a partner's administrators have invited and who have not come yet."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import boxes, job_queue
from backoffice.clock import now
from backoffice.errors import Conflict
from backoffice.i18n import N_, gettext, pgettext, speaking
from backoffice.i18n.dates import moment_words
from backoffice.models.colleague_counts import Invitee
from backoffice.models.custom_roles import CustomRole
from backoffice.models.invitations import Invitation
from backoffice.models.members import PARTNER_ROLES, Member, Role
from backoffice.models.partners import Partner
from backoffice.services import colleagues, invitations, members
from backoffice.services.access import Actor, Permission, found
from backoffice.services.letters import Addressed, Letter
from backoffice.settings import settings

MAIL_JOB = "invitation.mail"
KEY = "invitation-letter:1"
MOST = 200
HOUSE = "Partner Backoffice"
"""Where staff are invited to."""
ROLES = {
    Role.PARTNER_ADMIN: N_("Admin"),
    Role.PARTNER_DEVELOPER: N_("Developer"),
    Role.PARTNER_ANALYST: N_("Analyst"),
}


async def waiting(session: AsyncSession, actor: Actor) -> list[Invitee]:
    """List who was invited and has not come yet, the newest first; one that is too old can be sent again."""
    actor.require(Permission.MEMBERS_READ)
    statement = (
        select(Invitation, col(Member.name), col(CustomRole.name))
        .outerjoin(Member, col(Member.id) == col(Invitation.invited_by))
        .outerjoin(CustomRole, col(CustomRole.id) == col(Invitation.custom_role_id))
        .where(
            col(Invitation.partner_id) == actor.require_partner(),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.ended_at).is_(None),
        )
        .order_by(col(Invitation.id).desc())
        .limit(MOST)
    )
    return [_invitee(row[0], row[1] or "", row[2] or "") for row in await session.execute(statement)]


def _invitee(row: Invitation, by: str, called: str) -> Invitee:
    is_over = row.expires_at <= now()
    return Invitee(row.id, row.name, row.email, row.role, called, by, row.created_at, row.expires_at, is_over)


async def invite(
    session: AsyncSession, actor: Actor, *, email: str, name: str, role: Role | UUID
) -> tuple[Invitation, str]:
    """Invite a colleague by letter; answers the link as well, which is shown once.

    Without a name the address says what to call them. Raises Invalid, NotAllowed, and Conflict for who has a login.
    """
    actor.require(Permission.MEMBERS_WRITE)
    await colleagues.hold(session, actor)
    tidy = members.checked_email(email)
    known = await members.by_email(session, tidy)
    if known is not None and known.disabled_at is not None:
        raise Conflict(f"{known.name} was removed. Let them in again in the list below.", code="member_removed")
    called = name.strip() or tidy.partition("@")[0].replace(".", " ").title()
    return await send(session, actor, email=tidy, name=called, role=role)


async def resend(session: AsyncSession, actor: Actor, invitation_id: UUID) -> tuple[Invitation, str]:
    """Send a new link, good for a week again; the one before it ends.

    Raises NotFound for one that is over or of another partner.
    """
    actor.require(Permission.MEMBERS_WRITE)
    await colleagues.hold(session, actor)
    row = await _open(session, actor, invitation_id)
    return await send(session, actor, email=row.email, name=row.name, role=row.custom_role_id or Role(row.role))


async def withdraw(session: AsyncSession, actor: Actor, invitation_id: UUID) -> None:
    """Take an invitation back: its link says that it has ended.

    Raises NotFound for one that is over or of another partner.
    """
    actor.require(Permission.MEMBERS_WRITE)
    await colleagues.hold(session, actor)
    await invitations.end(session, actor, await _open(session, actor, invitation_id))


async def _open(session: AsyncSession, actor: Actor, invitation_id: UUID) -> Invitation:
    statement = select(Invitation).where(
        col(Invitation.id) == invitation_id,
        col(Invitation.partner_id) == actor.require_partner(),
        col(Invitation.accepted_at).is_(None),
        col(Invitation.ended_at).is_(None),
    )
    return found((await session.execute(statement.with_for_update())).scalar_one_or_none(), "open invitation")


async def send(
    session: AsyncSession, actor: Actor, *, email: str, name: str, role: Role | UUID
) -> tuple[Invitation, str]:
    """Invite somebody to the actor's partner by letter; whether the actor may, and holds the team, the caller says.

    Answers the link as well. Raises Invalid, NotFound for a role of staff or of another partner, NotAllowed for one
    that may do more than who invites, Conflict for who has a login.
    """
    if isinstance(role, Role) and role not in PARTNER_ROLES:
        found(None, "role of a partner")
    row, token = await invitations.create(
        session, actor, email=email, name=name, role=role, partner_id=actor.require_partner()
    )
    return row, await post(session, row, token)


async def post(session: AsyncSession, row: Invitation, token: str) -> str:
    """Send an invitation that was just made by letter, and answer its link."""
    row.letter_box = boxes.seal(KEY, token.encode(), row.id.bytes)
    await session.flush()
    await job_queue.enqueue(session, MAIL_JOB, {"invitation_id": str(row.id)})
    return link(token)


def link(token: str) -> str:
    """Write the address at which an invited person joins."""
    return f"{settings().url}{invitations.PATH}/{token}"


async def addressed(session: AsyncSession, actor: Actor, invitation_id: UUID) -> Addressed | None:
    """Write an invitation, in the language of who invites; None when it is over, or its letter is sent."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(Invitation, col(Partner.name), col(Member.name), col(Member.language), col(CustomRole.name))
        .outerjoin(Partner, col(Partner.id) == col(Invitation.partner_id))
        .outerjoin(CustomRole, col(CustomRole.id) == col(Invitation.custom_role_id))
        .outerjoin(Member, col(Member.id) == col(Invitation.invited_by))
        .where(col(Invitation.id) == invitation_id, col(Invitation.letter_box).is_not(None), *invitations.alive())
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    invitation, partner, by, language, called = row
    token = boxes.open_(KEY, invitation.letter_box or b"", invitation.id.bytes).decode()
    with speaking(language or ""):
        written = letter(invitation, partner or HOUSE, by or "", token, called or "")
    return Addressed(invitation.email, written, f"invitation.{invitation.id.hex}")


async def forget_link(session: AsyncSession, actor: Actor, invitation_id: UUID) -> None:
    """Keep nothing but the link's fingerprint once the letter is sent."""
    actor.require(Permission.SYSTEM)
    row = await session.get(Invitation, invitation_id, with_for_update=True)
    if row is not None:
        row.letter_box = None


def letter(row: Invitation, partner: str, by: str, token: str, called: str = "") -> Letter:
    """Say who invites whom to what, and until when; `called` names a role of the partner's own."""
    who = by or gettext("Your company")
    return Letter(
        subject=gettext("{who} invites you to {partner}", who=by or partner, partner=partner)[:200],
        title=gettext("Join {partner}", partner=partner),
        paragraphs=(
            gettext("{who} gives you a login to the workspace of {partner}.", who=who, partner=partner),
            gettext(
                "The link works once. Behind it you choose your password and, where it is needed, set up an app for "
                "codes."
            ),
        ),
        facts=(
            (gettext("For"), row.name),
            (gettext("Role"), called or _called(Role(row.role))),
            (pgettext("fact", "Until"), moment_words(row.expires_at)),
        ),
        link=link(token),
        link_words=gettext("Join"),
        reason=gettext(
            "You get this because somebody at {partner} wrote your address. If you do not know them, do nothing.",
            partner=partner,
        ),
    )


def _called(role: Role) -> str:
    """Name a role; those of staff have one language."""
    return gettext(ROLES[role]) if role in ROLES else role.replace("_", " ").capitalize()
