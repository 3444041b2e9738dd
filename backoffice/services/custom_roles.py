"""Custom roles as they stand: which there are, who has them, and whether somebody may give one away.

How they are made, changed and deleted is in `custom_role_changes`.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import NotAllowed
from backoffice.models.custom_roles import CustomRole, RoleInUse
from backoffice.models.invitations import Invitation
from backoffice.models.members import PARTNER_ROLES, Member, Role
from backoffice.services.access import Actor, Permission, found
from backoffice.services.permissions import ROLE_PERMISSIONS

WHAT = "role of your company"


async def listed(session: AsyncSession, actor: Actor) -> list[RoleInUse]:
    """List the partner's own roles by name, with how many have each, removed people too, or are invited to it."""
    actor.require(Permission.MEMBERS_READ)
    people = select(func.count()).where(col(Member.custom_role_id) == col(CustomRole.id)).scalar_subquery()
    invited = (
        select(func.count())
        .where(
            col(Invitation.custom_role_id) == col(CustomRole.id),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.ended_at).is_(None),
        )
        .scalar_subquery()
    )
    statement = select(CustomRole, people, invited).where(col(CustomRole.partner_id) == actor.require_partner())
    rows = await session.execute(statement.order_by(func.lower(col(CustomRole.name))))
    return [
        RoleInUse(row.id, row.name, tuple(row.permissions), row.version, count, waiting) for row, count, waiting in rows
    ]


async def given(session: AsyncSession, actor: Actor, role_id: UUID) -> CustomRole:
    """Find a role of the partner's that the actor gives to somebody, and keep it as it is until that is done.

    Raises NotFound, also for another partner's, NotAllowed for one that may do more than who gives it.
    """
    actor.require(Permission.MEMBERS_WRITE)
    statement = select(CustomRole).where(col(CustomRole.id) == role_id)
    statement = statement.where(col(CustomRole.partner_id) == actor.require_partner()).with_for_update(read=True)
    row = found((await session.execute(statement)).scalar_one_or_none(), WHAT)
    refuse_beyond(actor, row.permissions)
    return row


def refuse_beyond(actor: Actor, permissions: Collection[str]) -> None:
    """Keep people from giving what they do not have.

    Raises NotAllowed.
    """
    beyond = sorted(set(permissions) - set(map(str, actor.permissions)))
    if beyond:
        raise NotAllowed(f"You cannot give {beyond[0]}: you do not have it yourself.", code="beyond_own")


def key_of(choice: str) -> Role | UUID:
    """Read which role a form names: one of ours by its name, one of the company's own by its key.

    Raises NotFound for what names none.
    """
    if choice in PARTNER_ROLES:
        return Role(choice)
    try:
        return UUID(choice)
    except ValueError:
        return found(None, WHAT)


async def meaning_of(session: AsyncSession, actor: Actor, role: Role | UUID) -> tuple[str, frozenset[str]]:
    """Answer what a role of the company's own is called, empty for one of ours, and what it lets somebody do.

    Raises NotFound.
    """
    actor.require(Permission.MEMBERS_READ)
    if isinstance(role, Role):
        return "", frozenset(map(str, ROLE_PERMISSIONS[role]))
    statement = select(CustomRole).where(
        col(CustomRole.id) == role, col(CustomRole.partner_id) == actor.require_partner()
    )
    row = found((await session.execute(statement)).scalar_one_or_none(), WHAT)
    return row.name, frozenset(row.permissions)
