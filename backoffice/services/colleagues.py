"""Colleagues: the people of one partner, and what its administrators do about them.

Every change holds the partner's team for itself and reads again who asks: of two administrators who demote each other
at the same time the second finds that they are none any more, and one stays.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.api_keys import ApiKey
from backoffice.models.colleague_counts import Colleague
from backoffice.models.custom_roles import BASE_ROLE
from backoffice.models.members import PARTNER_ROLES, Member, Role, Session
from backoffice.services import audit, custom_roles, factor_resets, invitations, members, password_resets, sessions
from backoffice.services.access import Actor, Permission, found, permissions_of
from backoffice.services.permissions import asks_second_factor

MOST = 500
"""People of one partner that a list shows."""


async def people(session: AsyncSession, actor: Actor) -> list[Colleague]:
    """List the partner's people by name, those without a login any more last."""
    actor.require(Permission.MEMBERS_READ)
    partner_id = actor.require_partner()
    rows = await session.execute(
        select(Member)
        .where(col(Member.partner_id) == partner_id)
        .order_by(col(Member.disabled_at).is_not(None), func.lower(col(Member.name)), col(Member.id))
        .limit(MOST)
    )
    seen, keys = await _seen(session, partner_id), await _keys(session, partner_id)
    return [_colleague(actor, row, seen.get(row.id, (0, None)), keys.get(row.id, 0)) for row in rows.scalars()]


def _colleague(actor: Actor, row: Member, seen: tuple[int, datetime | None], keys: int) -> Colleague:
    return Colleague(
        id=row.id,
        name=row.name,
        email=row.email,
        role=held_role(row),
        role_name=row.role_name,
        permissions=tuple(sorted(permissions_of(row.role, row.granted))),
        asks_second_factor=asks_second_factor(row.role, row.granted),
        has_second_factor=row.has_second_factor,
        is_removed=row.disabled_at is not None,
        is_oneself=row.id == actor.id,
        sessions=seen[0],
        last_active_at=max(filter(None, (seen[1], row.last_sign_in_at)), default=None),
        joined_at=row.created_at,
        keys=keys,
    )


async def _seen(session: AsyncSession, partner_id: UUID) -> dict[UUID, tuple[int, datetime | None]]:
    """Count living sessions by person, and say when each was used last."""
    last = func.max(col(Session.last_seen_at))
    statement = sessions.living_ones(select(col(Session.member_id), func.count(), last))
    statement = statement.where(col(Member.partner_id) == partner_id, col(Session.is_complete).is_(True))
    rows = await session.execute(statement.group_by(col(Session.member_id)))
    return {row[0]: (row[1], row[2]) for row in rows}


async def _keys(session: AsyncSession, partner_id: UUID) -> dict[UUID, int]:
    statement = select(col(ApiKey.created_by), func.count()).where(
        col(ApiKey.partner_id) == partner_id, col(ApiKey.revoked_at).is_(None), col(ApiKey.created_by).is_not(None)
    )
    statement = statement.where(col(ApiKey.lent_for).is_(None))
    rows = await session.execute(statement.group_by(col(ApiKey.created_by)))
    return {maker: count for maker, count in ((row[0], row[1]) for row in rows) if maker}


async def keys_of(session: AsyncSession, actor: Actor, member_id: UUID) -> list[str]:
    """Name the API keys that a person made and that work on without them.

    Raises NotFound for a member of another partner.
    """
    actor.require(Permission.MEMBERS_READ)
    row = await members.get(session, actor, member_id)
    statement = select(col(ApiKey.name)).where(
        col(ApiKey.partner_id) == row.partner_id, col(ApiKey.created_by) == row.id, col(ApiKey.revoked_at).is_(None)
    )
    statement = statement.where(col(ApiKey.lent_for).is_(None))
    return list((await session.execute(statement.order_by(col(ApiKey.id)).limit(MOST))).scalars())


async def sessions_of(session: AsyncSession, actor: Actor, member_id: UUID) -> list[Session]:
    """List where a person is signed in.

    Raises NotFound for a member of another partner.
    """
    actor.require(Permission.MEMBERS_WRITE)
    row = await _one(session, actor, member_id)
    return await sessions.of_member(session, row.id)


async def change_role(
    session: AsyncSession, actor: Actor, member_id: UUID, role: Role | UUID, *, before: str
) -> Member:
    """Give a person another role, ours or one of the company's own, and end their sessions, opened for the old one.

    `before` is the role that the person who asks has seen, as `held_role` writes it. Raises NotAllowed for oneself,
    without the permission and for a role that may do more than who gives it, NotFound, Conflict when the role is
    another one by now or the last administrator would be gone.
    """
    if isinstance(role, Role) and role not in PARTNER_ROLES:
        raise Invalid("Choose one of your company's roles.", code="unknown_role", pointer="/role")
    row = await _held(session, actor, member_id, "You cannot change your own role. Ask another administrator.")
    if row.disabled_at is not None:
        raise Conflict("This person was removed. Let them in again first.", code="member_removed")
    _refuse_stale(row, before, str(role))
    await keep_an_admin(session, row)
    was = row.role_name or row.role
    await _give(session, actor, row, role)
    await invitations.end_those_of(session, actor, row.id)
    await _note(session, actor, "member.role_changed", row, {"role": [was, row.role_name or row.role]})
    await sessions.revoke_all(session, actor, row.id)
    return row


def _refuse_stale(row: Member, before: str, role: str) -> None:
    held = held_role(row)
    if held != before and row.role_name:
        raise Conflict(f"{row.name} has the role {row.role_name} by now. Look again.", code="stale_version")
    if held != before:
        raise Conflict(f"{row.name} is {_words(row.role)} by now. Look again.", code="stale_version")
    if held == role and row.role_name:
        raise Conflict(f"{row.name} has the role {row.role_name} already.", code="nothing_changed")
    if held == role:
        raise Conflict(f"{row.name} is {_words(row.role)} already.", code="nothing_changed")


def held_role(row: Member) -> str:
    """Write which role somebody has: the name of one of ours, or the key of one of their company's own."""
    return str(row.custom_role_id or row.role)


async def _give(session: AsyncSession, actor: Actor, row: Member, role: Role | UUID) -> None:
    own = None if isinstance(role, Role) else await custom_roles.given(session, actor, role)
    row.role, row.custom_role_id = (BASE_ROLE, own.id) if own else (str(role), None)
    await session.flush()
    await session.refresh(row, ["granted", "role_name"])  # the database has filled them in


async def remove(session: AsyncSession, actor: Actor, member_id: UUID, *, typed: str) -> Member:
    """Take a person's login away and end their sessions; `typed` is their name, written to be sure.

    Raises NotAllowed for oneself, NotFound, Invalid for another name, Conflict for the last administrator.
    """
    row = await _held(session, actor, member_id, "You cannot remove yourself. Ask another administrator.")
    if " ".join(typed.split()).casefold() != row.name.casefold():
        raise Invalid(f"Write {row.name} to be sure.", code="name_differs", pointer="/typed")
    await keep_an_admin(session, row)
    await members.disable(session, actor, row.id)
    await invitations.end_those_of(session, actor, row.id)
    return row


async def restore(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """Let a removed person in again, with the role that they had.

    Raises NotFound.
    """
    row = await _held(session, actor, member_id)
    await members.enable(session, actor, row.id)
    return row


async def end_sessions(session: AsyncSession, actor: Actor, member_id: UUID) -> int:
    """Sign a person out everywhere; answers in how many places they were. One's own session here stays.

    Raises NotFound.
    """
    row = await _held(session, actor, member_id)
    count = await sessions.revoke_all(session, actor, row.id, but=actor.session_id)
    live.announce(session, *members.topics(row))
    return count


async def reset_second_factor(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """Forget a person's second factor, for a phone that is lost; they set a new one up at their next sign-in.

    Their sessions end, and a letter tells them, so that nobody does it behind their back. Raises NotAllowed for
    oneself, NotFound, Conflict when there is none.
    """
    row = await _held(session, actor, member_id, "You cannot reset your own second factor. Ask another administrator.")
    if not row.has_second_factor:
        raise Conflict(f"{row.name} has no second factor.", code="nothing_changed")
    await factor_resets.forget(session, actor, row, is_by_company=True)
    return row


async def send_reset(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    """Have somebody sent a link at which they choose a new password; nobody else sees it.

    Raises NotAllowed for oneself, NotFound, and Conflict as `password_resets.send` does.
    """
    row = await _held(session, actor, member_id, "Change your own password on your account.")
    await password_resets.send(session, actor, row)
    return row


async def _held(session: AsyncSession, actor: Actor, member_id: UUID, not_oneself: str = "") -> Member:
    """Hold the team for one change by somebody who may still make it, and find whom it is about."""
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()
    await hold(session, actor)
    if not_oneself and member_id == actor.id:
        raise NotAllowed(not_oneself, code="oneself")
    return await _one(session, actor, member_id)


async def hold(session: AsyncSession, actor: Actor) -> None:
    """Let changes of one team come one after another, each by who may make it then.

    Raises NotAllowed when the actor's own role or login was taken away meanwhile.
    """
    key = func.hashtextextended(members.topic(actor.require_partner()), 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))
    own = select(col(Member.role)).where(col(Member.id) == actor.id, col(Member.disabled_at).is_(None))
    if actor.role is not None and (await session.execute(own)).scalar_one_or_none() != Role.PARTNER_ADMIN:
        raise NotAllowed("You are no administrator any more. Somebody changed that just now.", code="role_changed")


async def _one(session: AsyncSession, actor: Actor, member_id: UUID) -> Member:
    statement = select(Member).where(col(Member.id) == member_id, col(Member.partner_id) == actor.require_partner())
    statement = statement.with_for_update().execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "member")


async def keep_an_admin(session: AsyncSession, row: Member) -> None:
    """Refuse to let the last administrator of a partner go.

    Raises Conflict.
    """
    if row.role != Role.PARTNER_ADMIN or row.disabled_at is not None:
        return
    others = select(func.count()).where(
        col(Member.partner_id) == row.partner_id,
        col(Member.role) == Role.PARTNER_ADMIN,
        col(Member.disabled_at).is_(None),
        col(Member.id) != row.id,
    )
    if (await session.execute(others)).scalar_one() == 0:
        raise Conflict(f"{row.name} is the last administrator. Make somebody else one first.", code="last_admin")


async def _note(session: AsyncSession, actor: Actor, action: str, row: Member, changes: dict[str, object]) -> None:
    await audit.record(
        session, actor, action, subject_type="member", subject_id=row.id, partner_id=row.partner_id, changes=changes
    )
    live.announce(session, *members.topics(row))


def _words(role: str) -> str:
    return role.removeprefix("partner_").replace("_", " ")
