"""Mail domains of partners: claimed by their administrators, proven by a record in the DNS that an operator has seen.

These functions open their own transactions: a claim looks at what others have proven, which a partner's own
transaction does not see.
"""

import re
import secrets
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid
from backoffice.models.mail_domains import PUBLIC_MAIL
from backoffice.models.partners import Partner
from backoffice.models.single_sign_on import MAX_DOMAIN, MAX_DOMAINS, SsoConnection, SsoDomain
from backoffice.services import audit, partners, sso_rules
from backoffice.services.access import Actor, Permission, found

DOMAIN = re.compile(r"(?=.{4,190}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
TAKEN = "This domain belongs to another company here. If it is yours, write to us."


def topic(partner_id: UUID) -> str:
    """Name the single sign-on of a partner as live messages do."""
    return f"sso:{partner_id}"


def checked(text: str) -> str:
    """Tidy a domain that somebody typed, with or without an @.

    Raises Invalid for what is no domain, or everybody's.
    """
    tidy = text.strip().lower().removeprefix("@").rstrip(".")[: MAX_DOMAIN + 1]
    if not DOMAIN.fullmatch(tidy):
        sentence = "Write a mail domain such as example.com; one with other letters in its ASCII form (xn--…)."
        raise Invalid(sentence, code="invalid_domain", pointer="/domain")
    if tidy in PUBLIC_MAIL:
        sentence = "Everybody can have an address there. Claim a domain that is your company's own."
        raise Invalid(sentence, code="public_domain", pointer="/domain")
    return tidy


async def claim(actor: Actor, text: str) -> SsoDomain:
    """Claim a domain; it counts once it is proven.

    Raises Invalid, Conflict for one that is claimed already or that another partner has proven.
    """
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()
    partner_id, domain = actor.require_partner(), checked(text)
    async with transaction(Tenancy.everyone()) as session:
        if await _is_proven_by_other(session, domain, partner_id):
            raise Conflict(TAKEN, code="domain_taken", pointer="/domain")
    async with transaction(actor.tenancy) as session:
        held = select(func.count()).where(col(SsoDomain.partner_id) == partner_id)
        if (await session.execute(held)).scalar_one() >= MAX_DOMAINS:
            raise Conflict("At most 20 domains. Remove one first.", code="too_many_domains", pointer="/domain")
        row = SsoDomain(partner_id=partner_id, domain=domain, token=secrets.token_hex(16))
        session.add(row)
        try:
            await session.flush()
        except IntegrityError:
            raise Conflict("You have claimed this domain already.", code="domain_claimed", pointer="/domain") from None
        await _record(session, actor, row, "claimed")
    return row


async def _is_proven_by_other(session: AsyncSession, domain: str, partner_id: UUID) -> bool:
    statement = exists().where(
        col(SsoDomain.domain) == domain,
        col(SsoDomain.confirmed_at).is_not(None),
        col(SsoDomain.partner_id) != partner_id,
    )
    return bool((await session.execute(select(statement))).scalar_one())


async def remove(actor: Actor, domain: str) -> None:
    """Give a domain up: people with an address there are not let in by the provider any more.

    Raises NotFound, Conflict for the last proven one of a company that has no other way in.
    """
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()
    partner_id = actor.require_partner()
    async with transaction(actor.tenancy) as session:
        # The connection first: it may become the only way meanwhile, and somebody may be on their way in.
        connection = select(col(SsoConnection.id)).where(col(SsoConnection.partner_id) == partner_id)
        await session.execute(connection.with_for_update())
        row = await _held(session, partner_id, domain)
        proven = [one for one in await listed(session, partner_id) if one.confirmed_at]
        if [one.id for one in proven] == [row.id] and await sso_rules.is_only_way(session, partner_id):
            sentence = "It is the last proven domain, and single sign-on is your only way in. Change that first."
            raise Conflict(sentence, code="last_domain")
        await session.execute(delete(SsoDomain).where(col(SsoDomain.id) == row.id))
        await _record(session, actor, row, "removed")


async def confirm(actor: Actor, partner_id: UUID, domain: str) -> SsoDomain:
    """Note that the record of a domain was seen in the DNS: from now on addresses there count.

    Raises NotFound for what the partner has not claimed, Conflict when another one has proven it.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require_fresh()
    async with transaction(Tenancy.everyone()) as session:
        await partners.get(session, actor, partner_id)
        row = await _held(session, partner_id, domain)
        if row.confirmed_at is None:
            row.confirmed_at, row.confirmed_by = now(), actor.name
            try:
                await session.flush()
            except IntegrityError:
                raise Conflict("Another partner has proven this domain.", code="domain_taken") from None
            await _record(session, actor, row, "confirmed")
    return row


async def _held(session: AsyncSession, partner_id: UUID, domain: str) -> SsoDomain:
    statement = select(SsoDomain).where(
        col(SsoDomain.partner_id) == partner_id, col(SsoDomain.domain) == domain.strip().lower()
    )
    return found((await session.execute(statement.with_for_update())).scalar_one_or_none(), "domain")


async def listed(session: AsyncSession, partner_id: UUID) -> list[SsoDomain]:
    """List what a partner has claimed; who may ask is the caller's to check."""
    statement = select(SsoDomain).where(col(SsoDomain.partner_id) == partner_id).order_by(col(SsoDomain.domain))
    return list((await session.execute(statement)).scalars())


async def everyone(session: AsyncSession, actor: Actor) -> list[tuple[Partner, SsoDomain]]:
    """List every partner's domains, for our own people."""
    actor.require(Permission.PARTNERS_READ)
    statement = select(Partner, SsoDomain).join(SsoDomain, col(SsoDomain.partner_id) == col(Partner.id))
    ordered = statement.order_by(col(Partner.slug), col(SsoDomain.domain))
    return [(row[0], row[1]) for row in await session.execute(ordered)]


async def is_proven(session: AsyncSession, partner_id: UUID, email: str) -> bool:
    """Answer whether an address lies in a proven domain of this partner."""
    statement = exists().where(
        col(SsoDomain.partner_id) == partner_id,
        col(SsoDomain.domain) == email.rpartition("@")[2],
        col(SsoDomain.confirmed_at).is_not(None),
    )
    return bool((await session.execute(select(statement))).scalar_one())


async def _record(session: AsyncSession, actor: Actor, row: SsoDomain, what: str) -> None:
    await audit.record(
        session,
        actor,
        f"single_sign_on.domain_{what}",
        subject_type="sso_domain",
        subject_id=row.id,
        partner_id=row.partner_id,
        changes={"domain": row.domain},
    )
    live.announce(session, topic(row.partner_id), *partners.topics(row.partner_id))
