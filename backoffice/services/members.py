"""Members: the people with a login, of partners and of staff."""

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.base import new_id
from backoffice.models.members import PARTNER_ROLES, SECOND_FACTOR_ROLES, Member, Role
from backoffice.services import audit, passwords, second_factor, sessions
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.permissions import ROLE_PERMISSIONS

EMAIL = re.compile(r"[^@\s,;<>\"\x00-\x1f\x7f]{1,64}@[^@\s,;<>\"\x00-\x1f\x7f]{1,190}")
MAX_NAME = 120


def topic(partner_id: UUID) -> str:
    """Name the people of a partner as live messages do."""
    return f"team:{partner_id}"


def topics(member: Member) -> tuple[str, ...]:
    """Name what shows a person: the list of their colleagues, if they have any."""
    return (topic(member.partner_id),) if member.partner_id else ()


async def create(  # noqa: PLR0913 what a member is
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: Role,
    partner_id: UUID | None,
    password: str,
) -> tuple[Member, str | None]:
    """Give a person a login; answers them with the seed of the second factor where the role needs one, once.

    Raises NotAllowed for a role outside the actor's reach, Invalid, and Conflict when the address is taken.
    """
    actor.require(Permission.MEMBERS_WRITE)
    may_give(actor, role, partner_id)
    needs_code = role in SECOND_FACTOR_ROLES
    await passwords.admit(password, has_second_factor=needs_code, words=(*name.split(), *email.split("@")))
    member_id, secret = new_id(), second_factor.new_secret() if needs_code else None
    member = Member(
        id=member_id,
        partner_id=partner_id,
        email=checked_email(email),
        name=checked_name(name),
        role=role,
        password_hash=await passwords.hashed(password),
        totp_secret_box=second_factor.seal(secret, member_id) if secret else None,
    )
    await _add(session, actor, member)
    return member, secret


async def join(
    session: AsyncSession, actor: Actor, member: Member, *, totp_secret: str | None, code: str = ""
) -> Member:
    """Write a login that an invitation made; the code that proved the second factor is used up with it.

    Raises Conflict when the address is taken.
    """
    actor.require(Permission.SYSTEM)
    if totp_secret:
        member.totp_secret_box = second_factor.seal(totp_secret, member.id)
    await _add(session, actor, member)
    if totp_secret:
        await second_factor.accept(session, member, code)
    return member


async def _add(session: AsyncSession, actor: Actor, member: Member) -> None:
    await _insert(session, member)
    await audit.record(
        session,
        actor,
        "member.created",
        subject_type="member",
        subject_id=member.id,
        partner_id=member.partner_id,
        changes={"role": [None, member.role_name or member.role]},
    )
    live.announce(session, *topics(member))


async def get(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """Find oneself, or with the permission a colleague.

    Raises NotFound for a member of another partner.
    """
    if member_id != actor.id:
        actor.require(Permission.MEMBERS_READ)
    member = await session.get(Member, member_id)
    if member is not None and not _is_in_reach(actor, member):
        member = None
    return found(member, "member")


async def myself(session: AsyncSession, actor: Actor) -> Member:
    """Find the member who acts.

    Raises NotFound for a key or a job, which are no members.
    """
    return found(await session.get(Member, actor.id) if actor.type == ActorType.MEMBER else None, "member")


async def wishes_of(session: AsyncSession, actor: Actor) -> Member:
    """Find the member who acts, to read what they wish to see and how.

    An operator who looks at a partner's workspace has no wishes there: it is shown as it is to somebody new. Raises
    NotFound for a key or a job.
    """
    if actor.is_looking:
        return Member(email="", name=actor.name, role=str(actor.role), password_hash="")
    return await myself(session, actor)


def who_may(*permissions: Permission) -> ColumnElement[bool]:
    """Say of which members, among one partner's, each of these is: by their role, or by one of their company's own."""
    by_role = [role for role in PARTNER_ROLES if ROLE_PERMISSIONS[role].issuperset(permissions)]
    granted: Any = col(Member.granted)
    held = case((granted.is_(None), col(Member.role).in_(by_role)), else_=granted.contains([*map(str, permissions)]))
    return held.is_(True)


async def names(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, str]:
    """Read the names of several people; whom the session may not see is left out."""
    statement = select(col(Member.id), col(Member.name)).where(col(Member.id).in_(list(member_ids)))
    return {row[0]: row[1] for row in await session.execute(statement)}


async def by_email(session: AsyncSession, email: str) -> Member | None:
    """Find who signs in with an address; for the sign-in, before anybody is known."""
    tidy = email.strip().lower()
    if not EMAIL.fullmatch(tidy):
        return None
    statement = select(Member).where(col(Member.email) == tidy)
    return (await session.execute(statement)).scalar_one_or_none()


async def disable(session: AsyncSession, actor: Actor, member_id: UUID) -> None:
    """Take a person's login away and end every session they have.

    Raises NotAllowed for oneself, NotFound for a member of another partner.
    """
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()
    if member_id == actor.id:
        raise NotAllowed("You cannot disable yourself. Ask another administrator.")
    member = await get(session, actor, member_id)
    if member.disabled_at is None:
        member.disabled_at = now()
        await _note(session, actor, "member.disabled", member)
    await sessions.revoke_all(session, actor, member.id)


async def enable(session: AsyncSession, actor: Actor, member_id: UUID) -> None:
    """Give a disabled person their login back.

    Raises NotFound for a member of another partner.
    """
    actor.require(Permission.MEMBERS_WRITE)
    member = await get(session, actor, member_id)
    if member.disabled_at is not None:
        member.disabled_at = None
        await _note(session, actor, "member.enabled", member)


async def _note(session: AsyncSession, actor: Actor, action: str, member: Member) -> None:
    await audit.record(
        session, actor, action, subject_type="member", subject_id=member.id, partner_id=member.partner_id
    )
    live.announce(session, *topics(member))


def may_give(actor: Actor, role: Role, partner_id: UUID | None) -> None:
    """Refuse a role that does not fit the place, or a place outside the actor's reach.

    Raises Invalid, NotAllowed.
    """
    if (role in PARTNER_ROLES) != (partner_id is not None):
        raise Invalid("Roles of a partner belong to a partner, roles of staff to none.", pointer="/role")
    if not actor.is_staff and partner_id != actor.partner_id:
        raise NotAllowed("You can invite people to your own company only.")


def _is_in_reach(actor: Actor, member: Member) -> bool:
    return actor.is_staff or member.partner_id == actor.partner_id


async def _insert(session: AsyncSession, member: Member) -> None:
    session.add(member)
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict("Somebody signs in with this e-mail address already.", code="email_taken") from None
    if member.custom_role_id:
        await session.refresh(member, ["granted", "role_name"])  # the database has filled them in


def checked_email(email: str) -> str:
    """Tidy an e-mail address; raises Invalid."""
    email = email.strip().lower()
    if not EMAIL.fullmatch(email):
        raise Invalid("This is not an e-mail address.", code="invalid_email", pointer="/email")
    return email


def checked_name(name: str) -> str:
    """Tidy a person's name; raises Invalid."""
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"A name has 1 to {MAX_NAME} characters.", code="invalid_name", pointer="/name")
    return name
