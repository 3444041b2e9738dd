"""Who may do what: the roles counted, and everybody with what they may do, for the review that auditors ask for.

Roles grant permissions in one place, `services/permissions.py`, which every service reads; nothing here repeats it.
"""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.access_counts import Access, CustomRoleUse, RoleCount
from backoffice.models.api_keys import ApiKey
from backoffice.models.custom_roles import BASE_ROLE, CustomRole
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.services import audit
from backoffice.services.access import Actor, Permission, permissions_of
from backoffice.services.permissions import asks_second_factor

MOST = 500
"""Roles of partners' own that a page shows."""


async def roles(session: AsyncSession, actor: Actor) -> list[RoleCount]:
    """Count who can sign in, by role; a role that nobody has counts as well."""
    _may_read(actor)
    has_factor = or_(col(Member.totp_secret_box).is_not(None), col(Member.passkey_count) > 0)
    factor = func.count().filter(has_factor)
    is_here, is_ours = col(Member.disabled_at).is_(None), col(Member.custom_role_id).is_(None)
    statement = select(col(Member.role), func.count(), factor).where(is_here, is_ours)
    found = {str(row[0]): row for row in await session.execute(statement.group_by(col(Member.role)))}
    return [RoleCount(role, *(found[role][1:] if role in found else (0, 0))) for role in Role]


async def custom_roles(session: AsyncSession, actor: Actor) -> list[CustomRoleUse]:
    """List the roles that partners made for themselves, by partner, with what each may do and who has it."""
    _may_read(actor)
    has_factor = or_(col(Member.totp_secret_box).is_not(None), col(Member.passkey_count) > 0)
    statement = (
        select(CustomRole, col(Partner.name), func.count(col(Member.id)), func.count(col(Member.id)).filter(has_factor))
        .join(Partner, col(Partner.id) == col(CustomRole.partner_id))
        .outerjoin(Member, (col(Member.custom_role_id) == col(CustomRole.id)) & col(Member.disabled_at).is_(None))
        .group_by(col(CustomRole.id), col(Partner.name))
        .order_by(func.lower(col(Partner.name)), func.lower(col(CustomRole.name)))
        .limit(MOST)
    )
    return [
        CustomRoleUse(
            id=row.id,
            partner_id=row.partner_id,
            partner=partner,
            name=row.name,
            permissions=tuple(row.permissions),
            asks_second_factor=asks_second_factor(BASE_ROLE, row.permissions),
            people=people,
            with_second_factor=factors,
        )
        for row, partner, people, factors in await session.execute(statement)
    ]


async def everybody(session: AsyncSession, actor: Actor) -> list[Access]:
    """List every person and every API key with what it may do, staff first; one entry says that it was read."""
    _may_read(actor)
    actor.require(Permission.AUDIT_READ)
    people = select(Member, Partner).outerjoin(Partner, col(Partner.id) == col(Member.partner_id))
    order = (func.lower(col(Partner.name)).nulls_first(), func.lower(col(Member.name)), col(Member.id))
    found = [_person(row[0], row[1]) for row in await session.execute(people.order_by(*order))]
    keys = select(ApiKey, Partner).join(Partner, col(Partner.id) == col(ApiKey.partner_id))
    keys = keys.where(col(ApiKey.lent_for).is_(None)).order_by(func.lower(col(Partner.name)), col(ApiKey.id))
    found += [_key(row[0], row[1]) for row in await session.execute(keys)]
    await audit.record(
        session, actor, "access_review.read", subject_type="access_review", changes={"lines": len(found)}
    )
    return found


def _may_read(actor: Actor) -> None:
    for permission in (Permission.PARTNERS_READ, Permission.MEMBERS_READ, Permission.KEYS_READ):
        actor.require(permission)


def _person(row: Member, partner: Partner | None) -> Access:
    shut = partner is not None and partner.status == PartnerStatus.SUSPENDED
    return Access(
        kind="member",
        name=row.name,
        login=row.email,
        partner=partner.name if partner else "",
        role=row.role_name or row.role,
        permissions=tuple(sorted(permissions_of(row.role, row.granted))),
        second_factor=row.has_second_factor,
        state="disabled" if row.disabled_at else "suspended" if shut else "active",
        created_at=row.created_at,
        last_used_at=row.last_sign_in_at,
    )


def _key(row: ApiKey, partner: Partner) -> Access:
    is_over = row.expires_at is not None and row.expires_at <= now()
    shut = partner.status == PartnerStatus.SUSPENDED
    return Access(
        kind="api_key",
        name=row.name,
        login=row.last_four,
        partner=partner.name,
        role="live" if row.livemode else "test",
        permissions=tuple(sorted(row.scopes)),
        second_factor=None,
        state="revoked" if row.revoked_at else "expired" if is_over else "suspended" if shut else "active",
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
