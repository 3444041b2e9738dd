"""Signing in by a company's own provider: who it vouches for becomes a session, and at the first time a member.

Nobody is linked by address alone across companies: a member of another partner, or of ours, is never signed in so.
These functions open their own short transactions: none stays open while the provider is asked.
"""

import secrets
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live, metrics
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, NotAllowed, TooMany
from backoffice.i18n import N_
from backoffice.models.base import new_id
from backoffice.models.members import Member, Origin
from backoffice.models.single_sign_on import WAY, Person, SsoConnection, SsoIdentity
from backoffice.services import (
    audit,
    invitations,
    members,
    passwords,
    sign_in,
    sign_in_failures,
    sign_in_limits,
    sso_answers,
    sso_connections,
    sso_domains,
    sso_requests,
    workspace_settings,
)
from backoffice.services.access import Actor, found
from backoffice.services.sessions import Visitor
from backoffice.services.sign_in import Step
from backoffice.services.sso_answers import Way
from backoffice.services.sso_requests import Asked

WRONG_DOMAIN = N_("Your address is in none of your company's proven domains, so you cannot be let in.")
NOT_YOURS = N_("This address cannot sign in here. Ask your administrator.")
OTHER_ACCOUNT = N_("Your login is linked with another account at your company's provider. Ask your administrator.")
STARTS, START_SECONDS = 120, 60
MAIL_JOB = "member.mail_sso_linked"


async def begin(slug: str, next_url: str, visitor: Visitor) -> Way:
    """Make the way to a company's provider.

    Raises NotFound for a company without single sign-on, TooMany, Unavailable for a provider that is away.
    """
    await _admit("start", visitor)
    place = await sso_answers.place(slug)
    return await sso_answers.ask(await sso_answers.connection_of(place.partner_id), next_url=next_url)


async def _admit(step: str, visitor: Visitor) -> None:
    """Count a beginning, or an answer by POST, by its address alone: who only begins takes nobody else's place."""
    hit = await live.hit(f"sso:{step}:{visitor.ip}", STARTS, START_SECONDS)
    if not hit.is_allowed:
        sentence = "Very many people are signing in. Try again in a moment."
        raise TooMany(sentence, code="sso_starts", retry_after=hit.reset_seconds)


async def lay_by(state: str, place: str, response: str, visitor: Visitor) -> str:
    """Keep the answer of a provider that speaks SAML for its browser; answers the handle that it comes with.

    Raises BadRequest for one that nobody asked for, TooMany, Away.
    """
    await _admit("answer", visitor)
    return await sso_requests.lay_by(state, place, response)


async def finish(asked: Asked, given: Mapping[str, str], visitor: Visitor, *, previous: str = "") -> Step:
    """Take a provider's answer to a sign-in.

    Raises NotAllowed for every reason that there is, which the company's own trail names; Unavailable, TooMany.
    """
    person: Person | None = None
    try:
        await sign_in_limits.admit_passkey(visitor)
        connection = await sso_answers.connection_of(asked.partner)
        person = await sso_answers.person_of(connection, asked, given)
        step = await _entered(connection, person, visitor, previous)
    except BackofficeError as error:
        await refused(asked.partner, person, visitor, error)
        raise
    metrics.sign_ins.labels(WAY, "ok").inc()
    return step


async def refused(partner_id: UUID, person: Person | None, visitor: Visitor, error: BackofficeError) -> None:
    """Write a failure into the trail of the company whose provider was asked; who it was only where it is known."""
    async with transaction(Tenancy.everyone()) as session:
        member = await members.by_email(session, person.email) if person else None
        connection = await sso_connections.of(session, partner_id)
    ours = member if member and member.partner_id == partner_id else None
    subject = sign_in_limits.fingerprint(person.email) if person else connection.id if connection else partner_id
    await sign_in_failures.refused(visitor, error, WAY, ours, subject, partner_id=partner_id)


async def _entered(connection: SsoConnection, person: Person, visitor: Visitor, previous: str) -> Step:
    unusable = await passwords.hashed(secrets.token_urlsafe(48))  # out here: hashing takes long
    async with transaction(Tenancy.everyone()) as session:
        is_known = await identity_of(session, connection.partner_id, person) is not None
        connection = await _still_holds(session, connection, is_known=is_known)
        rules = await workspace_settings.of(session, connection.partner_id)
        workspace_settings.refuse_address(rules, visitor.ip)
        if not await sso_domains.is_proven(session, connection.partner_id, person.email):
            raise NotAllowed(WRONG_DOMAIN, code="sso_wrong_domain")
        if is_known:
            member = await _back(session, connection, person)
        else:
            member = await _known(session, connection, person, visitor, unusable)
        if member.disabled_at is not None:
            raise NotAllowed("This login is disabled. Ask your administrator.", code="login_disabled")
        origin = Origin(WAY, person.amr, connection.asks_second_factor)
        is_complete = connection.asks_second_factor or not sign_in.needs_second_factor(member, rules)
        return await sign_in.entered(session, member, visitor, previous, is_complete=is_complete, origin=origin)


async def _known(
    session: AsyncSession, connection: SsoConnection, person: Person, visitor: Visitor, unusable: str
) -> Member:
    """Make the link, at the first time by address and then never again, unless somebody was faster."""
    if await identity_of(session, connection.partner_id, person) is not None:
        return await _back(session, connection, person)
    return await _linked(session, connection, person, visitor, unusable)


async def _back(session: AsyncSession, connection: SsoConnection, person: Person) -> Member:
    """Find the member behind an identity.

    Raises NotAllowed for one that was forgotten meanwhile.
    """
    identity = await identity_of(session, connection.partner_id, person)
    if identity is None:
        raise _changed_meanwhile()
    member = await _held(session, identity.member_id)
    used = update(SsoIdentity).where(col(SsoIdentity.id) == identity.id).values(last_used_at=now())
    used = used.returning(col(SsoIdentity.id)).execution_options(synchronize_session=False)
    if (await session.execute(used)).scalar_one_or_none() is None:
        raise _changed_meanwhile()
    return member


def _changed_meanwhile() -> NotAllowed:
    return NotAllowed(sso_answers.DECLINED, code="sso_changed_meanwhile")


async def _still_holds(session: AsyncSession, connection: SsoConnection, *, is_known: bool) -> SsoConnection:
    """Answer the connection as it stays until the end; the second of two strangers finds what the first has made.

    Raises NotAllowed for one that was changed or switched off while the provider was asked.
    """
    held = await sso_connections.held(session, connection.partner_id, is_shared=is_known)
    if held is None or not held.is_on or held.version != connection.version:
        raise _changed_meanwhile()
    return held


async def identity_of(session: AsyncSession, partner_id: UUID, person: Person) -> SsoIdentity | None:
    """Find who somebody is here: by partner, issuer and subject."""
    statement = select(SsoIdentity).where(
        col(SsoIdentity.partner_id) == partner_id,
        col(SsoIdentity.issuer) == person.issuer,
        col(SsoIdentity.subject) == person.subject,
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def _held(session: AsyncSession, member_id: UUID) -> Member:
    """Lock the member, before their sessions, as everybody does, and read them as they are by then."""
    held = await session.get(Member, member_id, with_for_update={"key_share": True}, populate_existing=True)
    return found(held, "member")


async def _linked(
    session: AsyncSession, connection: SsoConnection, person: Person, visitor: Visitor, unusable: str
) -> Member:
    member = await members.by_email(session, person.email)
    if member is not None and member.partner_id != connection.partner_id:
        raise NotAllowed(NOT_YOURS, code="sso_foreign_login")
    is_new = member is None
    if member is None:
        member = await _provisioned(session, connection, person, visitor, unusable)
    else:
        member = await _held(session, member.id)
        theirs = select(col(SsoIdentity.id)).where(col(SsoIdentity.member_id) == member.id)
        if (await session.execute(theirs)).scalar_one_or_none() is not None:
            raise NotAllowed(OTHER_ACCOUNT, code="sso_other_account")
    identity = SsoIdentity(
        partner_id=connection.partner_id, member_id=member.id, issuer=person.issuer, subject=person.subject,
        last_used_at=now(),
    )  # fmt: skip
    session.add(identity)
    await session.flush()
    await audit.record(
        session, _system(connection, visitor), "member.sso_linked", subject_type="member", subject_id=member.id,
    )  # fmt: skip
    if not is_new:
        at = now().isoformat(timespec="seconds")
        await job_queue.enqueue(session, MAIL_JOB, {"member_id": str(member.id), "at": at})
    return member


async def _provisioned(
    session: AsyncSession, connection: SsoConnection, person: Person, visitor: Visitor, unusable: str
) -> Member:
    """Make the login of somebody new: with the role of their invitation, or the one that the company gives."""
    invitation = await invitations.take_up(session, connection.partner_id, person.email, visitor)
    return await members.join(
        session,
        _system(connection, visitor),
        Member(
            id=new_id(),
            partner_id=connection.partner_id,
            email=person.email,
            name=invitation.name if invitation else person.name,
            role=invitation.role if invitation else connection.role,
            custom_role_id=invitation.custom_role_id if invitation else None,
            password_hash=unusable,
        ),
        totp_secret=None,
    )


def _system(connection: SsoConnection, visitor: Visitor) -> Actor:
    return visitor.acting(connection.partner_id, "single sign-on")
