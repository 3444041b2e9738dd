"""What a company's single sign-on says of every other way in: asked by each of them."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import NotAllowed
from backoffice.i18n import N_
from backoffice.models.members import Member, Role
from backoffice.models.single_sign_on import SsoConnection, SsoDomain
from backoffice.services import members

ONLY_WAY = N_("Your company signs in by single sign-on only. Choose “Single sign-on”.")
CODE = "sso_required"


def only_way() -> NotAllowed:
    """Make the refusal of another way in; it says the same whether an account is behind the address or not."""
    return NotAllowed(ONLY_WAY, code=CODE)


async def is_only_way(session: AsyncSession, partner_id: UUID | None) -> bool:
    """Answer whether a partner's people come in by single sign-on only."""
    if partner_id is None:
        return False
    statement = select(exists().where(col(SsoConnection.partner_id) == partner_id, col(SsoConnection.is_only_way)))
    return bool((await session.execute(statement)).scalar_one())


async def is_closed_to(session: AsyncSession, email: str) -> bool:
    """Answer whether an address lies in a proven domain of a company whose people come in by single sign-on only.

    It looks at the domain alone, so that it says the same of every address there.
    """
    if not members.EMAIL.fullmatch(email):
        return False
    domain = email.rpartition("@")[2]
    statement = select(
        exists().where(
            col(SsoDomain.domain) == domain,
            col(SsoDomain.confirmed_at).is_not(None),
            col(SsoConnection.partner_id) == col(SsoDomain.partner_id),
            col(SsoConnection.is_only_way),
        )
    )
    return bool((await session.execute(statement)).scalar_one())


async def passes(session: AsyncSession, partner_id: UUID | None, role: str, *, has_second_factor: bool = True) -> bool:
    """Let somebody in by password or passkey, and answer whether they came past the only way.

    Administrators may, with their second factor, so that a provider that is away locks nobody out
    (docs/decisions/0021). `has_second_factor` is what they had before they came: one that is set up on the way in
    proves no more than the mailbox that a password is reset by. Who brings a passkey has one. Raises NotAllowed for
    everybody else of a company that has one way only.
    """
    if not await is_only_way(session, partner_id):
        return False
    if not _keeps_password(role, has_second_factor=has_second_factor):
        raise only_way()
    return True


async def takes_password(session: AsyncSession, member: Member) -> bool:
    """Answer whether a member could come in by a password at all."""
    has_one = _keeps_password(member.role, has_second_factor=member.has_second_factor)
    return has_one or not await is_only_way(session, member.partner_id)


def _keeps_password(role: str, *, has_second_factor: bool) -> bool:
    return role == Role.PARTNER_ADMIN and has_second_factor
