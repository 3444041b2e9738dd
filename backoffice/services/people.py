"""People of all partners and of staff, for operators: who they are, whether they come in, and as what.

Every change holds all people for itself and reads again who asks, so that two operators who take each other's role at
the same time do not leave the house without one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.colleague_counts import Person
from backoffice.models.members import PARTNER_ROLES, STAFF_ROLES, Member, Role, Session
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.services import audit, colleagues, invitations, invitees, members, password_resets, sessions
from backoffice.services.access import Actor, Permission, found, permissions_of
from backoffice.services.permissions import asks_second_factor

TOPIC = "people"
"""Names everybody with a login as live messages do."""
MOST = 200
"""People that a list shows; filters and search lead to the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Whom to list; every field narrows."""

    q: str = ""
    """A part of a name or of an address."""
    role: Role | None = None
    partner_id: UUID | None = None
    is_staff: bool | None = None
    is_disabled: bool | None = None


async def listed(session: AsyncSession, actor: Actor, by: Filter) -> list[Person]:
    """List people by name, those of staff first; who was disabled comes last."""
    _may_read(actor)
    statement = (
        select(Member, Partner)
        .outerjoin(Partner, col(Partner.id) == col(Member.partner_id))
        .where(*_asked(by))
        .order_by(
            col(Member.disabled_at).is_not(None), col(Member.partner_id).is_not(None), func.lower(col(Member.name)),
            col(Member.id),
        )
        .limit(MOST + 1)
    )  # fmt: skip
    rows = [(row[0], row[1]) for row in await session.execute(statement)]
    seen = await _seen(session, [member.id for member, _ in rows])
    return [_person(actor, member, partner, *seen.get(member.id, (0, None))) for member, partner in rows]


def _may_read(actor: Actor) -> None:
    actor.require(Permission.PARTNERS_READ)
    actor.require(Permission.MEMBERS_READ)


def _asked(by: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if by.q.strip():
        part = by.q.strip().lower()
        named: Any = func.lower(col(Member.name))
        conditions.append(or_(named.contains(part, autoescape=True), col(Member.email).contains(part, autoescape=True)))
    if by.role is not None:
        conditions += [col(Member.role) == by.role, col(Member.custom_role_id).is_(None)]
    if by.partner_id is not None:
        conditions.append(col(Member.partner_id) == by.partner_id)
    if by.is_staff is not None:
        conditions.append(col(Member.partner_id).is_(None) if by.is_staff else col(Member.partner_id).is_not(None))
    if by.is_disabled is not None:
        conditions.append(col(Member.disabled_at).is_not(None) if by.is_disabled else col(Member.disabled_at).is_(None))
    return conditions


async def _seen(session: AsyncSession, ids: list[UUID]) -> dict[UUID, tuple[int, datetime | None]]:
    last = func.max(col(Session.last_seen_at))
    statement = sessions.living_ones(select(col(Session.member_id), func.count(), last))
    statement = statement.where(col(Session.member_id).in_(ids), col(Session.is_complete).is_(True))
    rows = await session.execute(statement.group_by(col(Session.member_id)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _person(actor: Actor, row: Member, partner: Partner | None, count: int, seen: datetime | None) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        email=row.email,
        role=colleagues.held_role(row),
        role_name=row.role_name,
        permissions=tuple(sorted(permissions_of(row.role, row.granted))),
        asks_second_factor=asks_second_factor(row.role, row.granted),
        partner_id=row.partner_id,
        partner=partner.name if partner else "",
        is_suspended=partner is not None and partner.status == PartnerStatus.SUSPENDED,
        is_disabled=row.disabled_at is not None,
        has_second_factor=row.has_second_factor,
        sessions=count,
        last_active_at=max(filter(None, (seen, row.last_sign_in_at)), default=None),
        is_oneself=row.id == actor.id,
    )


async def disable(session: AsyncSession, actor: Actor, member_id: UUID, *, typed: str) -> Member:
    """Take a login away and end its sessions; `typed` is the person's e-mail address, written to be sure.

    Raises NotAllowed for oneself, NotFound, Invalid for another address, Conflict for the last operator, for a
    partner's last administrator, or who is disabled already.
    """
    row = await _held(session, actor, member_id, "You cannot disable yourself. Ask another operator.")
    if row.disabled_at is not None:
        raise Conflict(f"{row.name} is disabled already.", code="nothing_changed")
    if typed.strip().lower() != row.email:
        raise Invalid(f"Write {row.email} to be sure.", code="name_differs", pointer="/typed")
    await _keep_one(session, row)
    await members.disable(session, actor, row.id)
    await invitations.end_those_of(session, actor, row.id)
    live.announce(session, TOPIC)
    return row


async def enable(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """Give a login back, with the role that it had.

    Raises NotFound, Conflict when it is not disabled.
    """
    row = await _held(session, actor, member_id)
    if row.disabled_at is None:
        raise Conflict(f"{row.name} is not disabled.", code="nothing_changed")
    await members.enable(session, actor, row.id)
    live.announce(session, TOPIC)
    return row


async def end_sessions(session: AsyncSession, actor: Actor, member_id: UUID) -> int:
    """Sign somebody out everywhere; answers in how many places they were. One's own session here stays.

    Raises NotFound.
    """
    row = await _held(session, actor, member_id)
    count = await sessions.revoke_all(session, actor, row.id, but=actor.session_id)
    live.announce(session, TOPIC, *members.topics(row))
    return count


async def send_reset(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """Have somebody sent a link at which they choose a new password; nobody else sees it.

    Raises NotAllowed for oneself, NotFound, and Conflict as `password_resets.send` does.
    """
    row = await _held(session, actor, member_id, "Change your own password on your account.")
    await password_resets.send(session, actor, row)
    return row


async def change_role(session: AsyncSession, actor: Actor, member_id: UUID, role: Role, *, before: str) -> Member:
    """Give somebody another role of the same house, and end their sessions, which were opened for the old one.

    `before` is the role that was seen, as `colleagues.held_role` writes it. Raises NotAllowed for oneself, NotFound,
    Invalid for a role of the other house, Conflict when it is another one by now, or the last operator or
    administrator would be gone.
    """
    row = await _held(session, actor, member_id, "You cannot change your own role. Ask another operator.")
    if (role in PARTNER_ROLES) != (row.partner_id is not None):
        raise Invalid("Roles of a partner belong to a partner, roles of staff to none.", pointer="/role")
    if row.disabled_at is not None:
        raise Conflict(f"{row.name} is disabled. Let them in again first.", code="member_removed")
    was = row.role_name or row.role
    if colleagues.held_role(row) != before:
        raise Conflict(f"{row.name} is {was.replace('_', ' ')} by now. Look again.", code="stale_version")
    if before == role:
        raise Conflict(f"{row.name} has this role already.", code="nothing_changed")
    await _keep_one(session, row)
    row.role, row.custom_role_id = role, None
    await session.flush()
    await session.refresh(row, ["granted", "role_name"])  # the database has emptied them
    await invitations.end_those_of(session, actor, row.id)
    await audit.record(
        session, actor, "member.role_changed", subject_type="member", subject_id=row.id, partner_id=row.partner_id,
        changes={"role": [was, str(role)]},
    )  # fmt: skip
    await sessions.revoke_all(session, actor, row.id)
    live.announce(session, TOPIC, *members.topics(row))
    return row


async def invite(session: AsyncSession, actor: Actor, *, email: str, name: str, role: Role) -> str:
    """Invite somebody to staff by letter; answers the link as well, which is shown once.

    Raises Invalid, and Conflict for who has a login.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require(Permission.MEMBERS_WRITE)
    await _hold(session, actor)
    if role not in STAFF_ROLES:
        raise Invalid("Choose a role of staff.", code="unknown_role", pointer="/role")
    tidy = members.checked_email(email)
    called = name.strip() or tidy.partition("@")[0].replace(".", " ").title()
    row, token = await invitations.create(session, actor, email=tidy, name=called, role=role, partner_id=None)
    live.announce(session, TOPIC)
    return await invitees.post(session, row, token)


async def _held(session: AsyncSession, actor: Actor, member_id: UUID, not_oneself: str = "") -> Member:
    """Hold everybody for one change by somebody who may still make it, and find whom it is about.

    The team of a partner is held before its row, as `colleagues` does, so that nobody deadlocks.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()
    await _hold(session, actor)
    if not_oneself and member_id == actor.id:
        raise NotAllowed(not_oneself, code="oneself")
    partner = select(col(Member.partner_id)).where(col(Member.id) == member_id)
    partner_id = (await session.execute(partner)).scalar_one_or_none()
    if partner_id is not None:
        key = func.hashtextextended(members.topic(partner_id), 0)
        await session.execute(select(func.pg_advisory_xact_lock(key)))
    statement = select(Member).where(col(Member.id) == member_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    return found(row, "member")


async def _hold(session: AsyncSession, actor: Actor) -> None:
    """Let changes come one after another, each by who may make it then.

    Raises NotAllowed when the actor's own role or login was taken away meanwhile.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(TOPIC, 0))))
    own = select(col(Member.role)).where(col(Member.id) == actor.id, col(Member.disabled_at).is_(None))
    if actor.role is not None and (await session.execute(own)).scalar_one_or_none() != Role.OPERATOR:
        raise NotAllowed("You are no operator any more. Somebody changed that just now.", code="role_changed")


async def _keep_one(session: AsyncSession, row: Member) -> None:
    """Refuse to let the last operator, or a partner's last administrator, go."""
    await colleagues.keep_an_admin(session, row)
    if row.role != Role.OPERATOR or row.disabled_at is not None:
        return
    others = select(func.count()).where(
        col(Member.role) == Role.OPERATOR, col(Member.disabled_at).is_(None), col(Member.id) != row.id
    )
    if (await session.execute(others)).scalar_one() == 0:
        raise Conflict(f"{row.name} is the last operator. Make somebody else one first.", code="last_operator")
