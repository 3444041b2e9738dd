"""Which company somebody signs in at: by the domain of their address."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.models.partners import Partner
from backoffice.models.single_sign_on import SsoConnection, SsoDomain
from backoffice.services import members, sign_in_limits
from backoffice.services.sessions import Visitor
from backoffice.services.sso_answers import NONE_HERE


async def of_address(email: str, visitor: Visitor) -> str:
    """Answer the short name of the company whose proven domain an address lies in; nobody is looked up.

    Raises NotFound, counted as a failure so that nobody lists our customers, TooMany.
    """
    await sign_in_limits.admit_passkey(visitor)
    tidy = email.strip().lower()
    slug = await _slug_at(tidy.rpartition("@")[2]) if members.EMAIL.fullmatch(tidy) else None
    if slug is None:
        await sign_in_limits.failed(visitor)
        raise NotFound(NONE_HERE, code="sso_none")
    return slug


async def _slug_at(domain: str) -> str | None:
    async with transaction(Tenancy.everyone()) as session:
        statement = (
            select(col(Partner.slug))
            .join(SsoDomain, col(SsoDomain.partner_id) == col(Partner.id))
            .join(SsoConnection, col(SsoConnection.partner_id) == col(Partner.id))
            .where(
                col(SsoDomain.domain) == domain,
                col(SsoDomain.confirmed_at).is_not(None),
                col(SsoConnection.is_on),
            )
        )
        return (await session.execute(statement)).scalar_one_or_none()


async def slug_of(partner_id: UUID) -> str:
    """Answer the short name of a partner."""
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(select(col(Partner.slug)).where(col(Partner.id) == partner_id))).scalar_one()


async def is_offered() -> bool:
    """Answer whether any company signs in so: without one the sign-in page does not speak of it."""
    async with transaction(Tenancy.everyone()) as session:
        return bool((await session.execute(select(exists().where(col(SsoConnection.is_on))))).scalar_one())
