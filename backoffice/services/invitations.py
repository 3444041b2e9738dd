"""Invitations: a link for one person, good for a week and for one use; whoever follows it chooses the password."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotFound
from backoffice.models.base import new_id
from backoffice.models.custom_roles import BASE_ROLE, CustomRole
from backoffice.models.invitations import Invitation
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner
from backoffice.services import (
    audit,
    custom_roles,
    members,
    passwords,
    second_factor,
    sign_in,
    sso_rules,
    workspace_settings,
)
from backoffice.services.access import Actor, ActorType, Permission
from backoffice.services.permissions import asks_second_factor
from backoffice.services.sessions import Visitor

TOKEN_BYTES = 32
LIFE = timedelta(days=7)
PATH = "/invite"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page of an invitation shows to whoever holds its link."""

    id: UUID
    email: str
    name: str
    role: Role
    role_name: str
    """What the company calls a role of its own; empty for ours."""
    partner_id: UUID | None
    partner: str
    totp_secret: str | None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def create(  # noqa: PLR0913 who is invited, as what, and where
    session: AsyncSession, actor: Actor, *, email: str, name: str, role: Role | UUID, partner_id: UUID | None
) -> tuple[Invitation, str]:
    """Invite a person and answer the secret of their link, once; an earlier open invitation of theirs ends.

    The role is one of ours, or the key of one of the partner's own. Raises NotAllowed for a role outside the actor's
    reach, NotFound, Invalid, and Conflict when they have a login already.
    """
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()  # a new login is a fresh one: without this the proof could be gone around
    own = None if isinstance(role, Role) else await custom_roles.given(session, actor, role)
    base = role if isinstance(role, Role) else BASE_ROLE
    members.may_give(actor, base, partner_id)
    tidy = members.checked_email(email)
    if await members.by_email(session, tidy):
        raise Conflict("Somebody signs in with this e-mail address already.", code="email_taken")
    await _end_open(session, col(Invitation.email) == tidy)
    invitation_id, token = new_id(), secrets.token_urlsafe(TOKEN_BYTES)
    needs_code = asks_second_factor(base, own.permissions if own else None) or await _is_code_wanted(
        session, partner_id
    )
    seed = second_factor.new_secret() if needs_code else None
    invitation = Invitation(
        id=invitation_id,
        partner_id=partner_id,
        email=tidy,
        name=members.checked_name(name),
        role=base,
        custom_role_id=own.id if own else None,
        token_hash=_hash(token),
        totp_secret_box=second_factor.seal(seed, invitation_id) if seed else None,
        invited_by=actor.id if actor.type == ActorType.MEMBER else None,
        expires_at=now() + LIFE,
    )
    session.add(invitation)
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict("Somebody is inviting this person right now. Look again.", code="email_taken") from None
    await _record(session, actor, invitation, "created", own.name if own else "")
    return invitation, token


async def _is_code_wanted(session: AsyncSession, partner_id: UUID | None) -> bool:
    return (await workspace_settings.of(session, partner_id)).security.requires_second_factor


async def end(session: AsyncSession, actor: Actor, invitation: Invitation) -> None:
    """Take an open invitation back; who may is the caller's to check."""
    await _end_open(session, col(Invitation.id) == invitation.id)
    await _record(session, actor, invitation, "withdrawn")


async def end_all(session: AsyncSession, actor: Actor) -> None:
    """Take every open invitation back, as after a restore: one that was used or withdrawn since would work again."""
    actor.require(Permission.SYSTEM)
    await _end_open(session)


async def end_those_of(session: AsyncSession, actor: Actor, member_id: UUID) -> None:
    """Take back what somebody has invited who may not invite any more: their own way back may be among it."""
    mine = select(Invitation).where(col(Invitation.invited_by) == member_id, *alive())
    for invitation in (await session.execute(mine)).scalars().all():
        await end(session, actor, invitation)


async def _end_open(session: AsyncSession, *where: ColumnElement[bool]) -> None:
    await session.execute(
        update(Invitation)
        .where(*where, col(Invitation.accepted_at).is_(None), col(Invitation.ended_at).is_(None))
        .values(ended_at=now(), letter_box=None)
    )


async def _record(session: AsyncSession, actor: Actor, invitation: Invitation, what: str, role_name: str = "") -> None:
    await audit.record(
        session,
        actor,
        f"invitation.{what}",
        subject_type="invitation",
        subject_id=invitation.id,
        partner_id=invitation.partner_id,
        changes={"role": role_name or str(invitation.custom_role_id or invitation.role)},
    )
    if invitation.partner_id:
        live.announce(session, members.topic(invitation.partner_id))


def alive() -> tuple[ColumnElement[bool], ...]:
    """Say what an invitation fulfils whose link works."""
    return (
        col(Invitation.accepted_at).is_(None),
        col(Invitation.ended_at).is_(None),
        col(Invitation.expires_at) > now(),
    )


async def _find(session: AsyncSession, token: str) -> Invitation:
    statement = select(Invitation).where(col(Invitation.token_hash) == _hash(token), *alive())
    invitation = (await session.execute(statement)).scalar_one_or_none()
    if invitation is None:
        raise NotFound(
            "This invitation was used already, was replaced, or is older than a week. Ask for a new one.",
            code="invitation_ended",
        )
    return invitation


async def welcome(token: str) -> Welcome:
    """Say whom a link is for.

    Raises NotFound when it does not work any more, with the same sentence whatever the reason.
    """
    async with transaction(Tenancy.everyone()) as session:
        invitation = await _find(session, token)
        partner = await session.get(Partner, invitation.partner_id) if invitation.partner_id else None
        own = await session.get(CustomRole, invitation.custom_role_id) if invitation.custom_role_id else None
    return Welcome(
        id=invitation.id,
        email=invitation.email,
        name=invitation.name,
        role=Role(invitation.role),
        role_name=own.name if own else "",
        partner_id=invitation.partner_id,
        partner=partner.name if partner else "",
        totp_secret=_seed(invitation),
    )


def _seed(invitation: Invitation) -> str | None:
    box = invitation.totp_secret_box
    return second_factor.open_(box, invitation.id) if box else None


async def accept(token: str, password: str, code: str, visitor: Visitor, *, previous: str = "") -> sign_in.Step:
    """Make the login and sign its person in; of several who follow one link at once, one succeeds.

    Raises NotFound, NotAllowed from outside of the company's networks, Invalid for a password that will not do or a
    wrong code, Conflict when the address has a login.
    """
    shown = await welcome(token)
    await _refuse_elsewhere(shown, visitor)
    words = (shown.partner, *shown.name.split(), *shown.email.split("@"))
    await passwords.admit(password, has_second_factor=shown.totp_secret is not None, words=words)
    if shown.totp_secret and not second_factor.matches(shown.totp_secret, code):
        raise Invalid("This code is not right. Wait for the next one.", code="wrong_code", pointer="/code")
    hashed = await passwords.hashed(password)
    async with transaction(Tenancy.everyone()) as session:
        invitation = await _take(session, token)
        member = await members.join(
            session,
            visitor.acting(invitation.partner_id, "invitation"),
            Member(
                id=new_id(),
                partner_id=invitation.partner_id,
                email=invitation.email,
                name=invitation.name,
                role=invitation.role,
                custom_role_id=invitation.custom_role_id,
                password_hash=hashed,
            ),
            totp_secret=shown.totp_secret,
            code=code,
        )
        await _record(session, visitor.acting(invitation.partner_id, member.name), invitation, "accepted")
        return await sign_in.joined(session, member, visitor, previous)


async def _refuse_elsewhere(shown: Welcome, visitor: Visitor) -> None:
    async with transaction(Tenancy.everyone()) as session:
        workspace_settings.refuse_address(await workspace_settings.of(session, shown.partner_id), visitor.ip)
        await sso_rules.passes(session, shown.partner_id, shown.role, has_second_factor=False)


async def take_up(session: AsyncSession, partner_id: UUID, email: str, visitor: Visitor) -> Invitation | None:
    """Use up the open invitation of somebody whose address their company's provider has vouched for."""
    statement = (
        update(Invitation)
        .where(col(Invitation.partner_id) == partner_id, col(Invitation.email) == email, *alive())
        .values(accepted_at=now(), letter_box=None)
        .returning(Invitation)
    )
    invitation = (await session.execute(statement)).scalar_one_or_none()
    if invitation is not None:
        await _record(session, visitor.acting(partner_id, invitation.name), invitation, "accepted")
    return invitation


async def _take(session: AsyncSession, token: str) -> Invitation:
    """Use the invitation up; the condition is part of the write."""
    statement = (
        update(Invitation)
        .where(col(Invitation.token_hash) == _hash(token), *alive())
        .values(accepted_at=now(), letter_box=None)
        .returning(Invitation)
    )
    invitation = (await session.execute(statement)).scalar_one_or_none()
    return invitation or await _find(session, token)
