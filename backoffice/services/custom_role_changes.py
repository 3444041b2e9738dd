"""Making, changing and deleting a partner's own roles: each with the team held, by an administrator who still is one.

Whoever has a role signs in again once it may do something else: what their open pages have read was read for the old
one, and what it may do now can ask for a second factor. Invitations are moved before the role itself is touched, as
joining takes its invitation before it looks at the role, so that nobody waits for each other.
"""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid
from backoffice.i18n import gettext, speaking
from backoffice.i18n.catalogue import catalogues
from backoffice.models.custom_roles import BASE_ROLE, LONGEST_NAME, MOST_ROLES, CustomRole
from backoffice.models.invitations import Invitation
from backoffice.models.members import PARTNER_ROLES, Member, Role
from backoffice.services import audit, colleagues, custom_roles, members, people, sessions
from backoffice.services.access import Actor, Permission, found
from backoffice.services.invitees import ROLES
from backoffice.services.permissions import GIVEABLE, NEEDS

CODES = frozenset(role.replace("_", " ") for role in Role)


@cache
def of_ours() -> frozenset[str]:
    """Name the built-in roles as trails, reviews and screens of any language write them."""
    shown = set(CODES)
    for code in catalogues():
        with speaking(code):
            shown |= {gettext(name).casefold() for name in ROLES.values()}
    return frozenset(shown)


async def create(session: AsyncSession, actor: Actor, *, name: str, permissions: Collection[str]) -> CustomRole:
    """Make a role.

    Raises Invalid, NotAllowed for what the actor does not have, Conflict for a name that is taken.
    """
    await _hold(session, actor)
    partner_id = actor.require_partner()
    row = CustomRole(
        partner_id=partner_id,
        name=checked_name(name),
        permissions=checked_permissions(actor, permissions),
        created_by=actor.id,
    )
    statement = select(func.count()).where(col(CustomRole.partner_id) == partner_id)
    if (await session.execute(statement)).scalar_one() >= MOST_ROLES:
        raise Conflict(f"A company has at most {MOST_ROLES} roles of its own.", code="too_many_roles")
    session.add(row)
    await _flush(session)
    await _note(session, actor, "created", row, {"name": [None, row.name], "permissions": [None, row.permissions]})
    return row


async def change(  # noqa: PLR0913 which, as it was seen, and what of it
    session: AsyncSession, actor: Actor, role_id: UUID, *, version: int, name: str, permissions: Collection[str]
) -> CustomRole:
    """Call a role otherwise, or let it do something else; then whoever has it signs in again.

    Raises NotFound, Invalid, NotAllowed, Conflict when it was changed since it was seen, or changes nothing.
    """
    await _hold(session, actor)
    row = await _locked(session, actor, role_id, version)
    called, granted = checked_name(name), checked_permissions(actor, permissions)
    pairs = {"name": [row.name, called], "permissions": [list(row.permissions), granted]}
    changes: dict[str, object] = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    if not changes:
        raise Conflict("The role is like this already.", code="nothing_changed")
    holders = await _holders(session, row)
    row.name, row.permissions = called, granted
    row.version, row.updated_at = row.version + 1, now()
    await _flush(session)
    await _note(session, actor, "changed", row, changes | {"people": len(holders)})
    if "permissions" in changes:
        await _sign_out(session, actor, holders)
    return row


async def delete(session: AsyncSession, actor: Actor, role_id: UUID, *, version: int, to: Role | None) -> int:
    """Delete a role; whoever has it, or is invited to it, gets the role `to`. Answers how many people that were.

    Raises NotFound, Invalid for a role that is none of a partner's, NotAllowed, Conflict when it was changed since it
    was seen, or people have it and nothing says what they become.
    """
    await _hold(session, actor)
    if to is not None and to not in PARTNER_ROLES:
        raise Invalid("Choose one of the built-in roles.", code="unknown_role", pointer="/to")
    moved = await _move_invitations(session, actor, role_id, to)
    row = await _locked(session, actor, role_id, version)
    holders = await _holders(session, row)
    if to is None and (moved or holders):
        raise Conflict("People have this role. Choose what they become.", code="role_in_use")
    theirs = update(Member).where(col(Member.custom_role_id) == row.id).values(_without(to))
    await session.execute(theirs.execution_options(synchronize_session=False))
    for member_id in holders:
        await audit.record(
            session, actor, "member.role_changed", subject_type="member", subject_id=member_id,
            changes={"role": [row.name, str(to)]},
        )  # fmt: skip
    await _sign_out(session, actor, holders)
    changes: dict[str, object] = {
        "name": [row.name, None],
        "permissions": [list(row.permissions), None],
        "people": len(holders),
        "invitations": moved,
        "to": str(to) if to else None,
    }
    await session.delete(row)
    await session.flush()
    await _note(session, actor, "deleted", row, changes)
    return len(holders)


def _without(to: Role | None) -> dict[str, object]:
    """Say what somebody is who has no role of the company's own any more."""
    return {"custom_role_id": None, "role": str(to or BASE_ROLE)}


async def _move_invitations(session: AsyncSession, actor: Actor, role_id: UUID, to: Role | None) -> int:
    """Move open invitations to another role, and let those that are over forget it; answers how many were open."""
    theirs = (col(Invitation.custom_role_id) == role_id, col(Invitation.partner_id) == actor.require_partner())
    is_open = (col(Invitation.accepted_at).is_(None), col(Invitation.ended_at).is_(None))
    move = update(Invitation).where(*theirs, *is_open).values(_without(to)).returning(col(Invitation.id))
    count = len((await session.execute(move.execution_options(synchronize_session=False))).all())
    forget = update(Invitation).where(*theirs).values(_without(None))
    await session.execute(forget.execution_options(synchronize_session=False))
    return count


async def _hold(session: AsyncSession, actor: Actor) -> None:
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()
    await colleagues.hold(session, actor)


async def _locked(session: AsyncSession, actor: Actor, role_id: UUID, version: int) -> CustomRole:
    statement = select(CustomRole).where(
        col(CustomRole.id) == role_id, col(CustomRole.partner_id) == actor.require_partner()
    )
    statement = statement.with_for_update().execution_options(populate_existing=True)
    row = found((await session.execute(statement)).scalar_one_or_none(), custom_roles.WHAT)
    if row.version != version:
        raise Conflict(f"{row.name} was changed meanwhile. Look again.", code="stale_version")
    return row


async def _holders(session: AsyncSession, row: CustomRole) -> list[UUID]:
    """Find who has a role, and hold their rows before their sessions, as everybody does who signs in."""
    statement = select(col(Member.id)).where(
        col(Member.custom_role_id) == row.id, col(Member.partner_id) == row.partner_id
    )
    return list((await session.execute(statement.order_by(col(Member.id)).with_for_update())).scalars())


async def _sign_out(session: AsyncSession, actor: Actor, holders: Collection[UUID]) -> None:
    for member_id in holders:
        await sessions.revoke_all(session, actor, member_id)


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        if "uq_custom_roles_name" not in str(error):
            raise
        raise Conflict("Another role of your company has this name.", code="name_taken", pointer="/name") from None


async def _note(session: AsyncSession, actor: Actor, verb: str, row: CustomRole, changes: dict[str, object]) -> None:
    await audit.record(
        session, actor, f"custom_role.{verb}", subject_type="custom_role", subject_id=row.id,
        partner_id=row.partner_id, changes=changes,
    )  # fmt: skip
    live.announce(session, members.topic(row.partner_id), people.TOPIC)


def checked_name(name: str) -> str:
    """Take a name of one line that is not one of our own roles'; raises Invalid."""
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= LONGEST_NAME or not tidy.isprintable():
        raise Invalid(
            f"A role has a name of 1 to {LONGEST_NAME} printable letters.", code="invalid_name", pointer="/name"
        )
    if tidy.replace("_", " ").casefold() in of_ours():
        raise Invalid("This is the name of a built-in role.", code="invalid_name", pointer="/name")
    return tidy


def checked_permissions(actor: Actor, permissions: Collection[str]) -> list[str]:
    """Take what a role of a partner's can have and the actor has themselves; raises Invalid, NotAllowed."""
    wanted = {*map(str, permissions)}
    known = {permission for permission in GIVEABLE if permission in wanted}
    if Permission.MEMBERS_WRITE in wanted:
        raise Invalid(
            "Only administrators change people, roles and the ways in: no other role can have members:write.",
            code="not_giveable",
            pointer="/permissions",
        )
    if not wanted or wanted - {*map(str, known)}:
        raise Invalid(
            "Choose at least one permission, among those of your company's administrators.",
            code="unknown_permission",
            pointer="/permissions",
        )
    for permission in sorted(known):
        if lacking := sorted(NEEDS.get(permission, frozenset()) - known):
            raise Invalid(f"{permission} needs {lacking[0]} as well.", code="permission_needed", pointer="/permissions")
    custom_roles.refuse_beyond(actor, known)
    return sorted(map(str, known))
