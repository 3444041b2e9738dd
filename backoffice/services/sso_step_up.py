"""Confirming who one is at the company's provider: it asks anew, and says when it did."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import id_tokens, metrics
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, NotAllowed
from backoffice.i18n import N_
from backoffice.models.members import Member, Session
from backoffice.models.single_sign_on import WAY, Person
from backoffice.services import audit, members, sessions, sign_in_limits, sso_answers, sso_connections, sso_sign_in
from backoffice.services.access import Actor
from backoffice.services.sessions import Visitor
from backoffice.services.sso_answers import Way
from backoffice.services.sso_requests import Asked

METHOD = "confirm_sso"
LEEWAY_SECONDS = 60
"""By how much a provider's clock may be behind ours."""
NOT_ANEW = N_("Your company's provider did not ask you anew. Sign out there and try again.")
OTHER_PERSON = N_("Somebody else signed in at your company's provider. Confirm with your own account.")
NOT_BY_PROVIDER = N_("You did not sign in by your company's provider.")
NOT_ENOUGH = N_("Confirm that it is you, then do this again.")


async def is_by_provider(session: AsyncSession, actor: Actor) -> bool:
    """Answer whether the actor's session came by a provider."""
    return await _session_by_provider(session, actor) is not None


async def is_possible(session: AsyncSession, actor: Actor, member: Member) -> bool:
    """Answer whether the provider of the actor's session can be asked again, and what it says is enough.

    It takes the place of a second factor of ours only where it asks for one itself: it did when the session began,
    and the company says that it still does.
    """
    row = await _session_by_provider(session, actor)
    if row is None or not member.has_second_factor:
        return row is not None
    connection = await sso_connections.of(session, actor.require_partner()) if row.has_outside_factor else None
    return connection is not None and connection.is_on and connection.asks_second_factor


async def _session_by_provider(session: AsyncSession, actor: Actor) -> Session | None:
    row = await session.get(Session, actor.session_id) if actor.session_id else None
    return row if row is not None and row.way == WAY else None


async def begin(actor: Actor, next_url: str, visitor: Visitor) -> Way:
    """Make the way to the actor's provider, which is to ask them anew.

    Raises NotAllowed for a session that did not come by it, or whose person has a second factor here that it does
    not stand for; TooMany, Unavailable.
    """
    async with transaction(Tenancy.everyone()) as session:
        if actor.id is None or not await is_by_provider(session, actor):
            raise NotAllowed(NOT_BY_PROVIDER, code="sso_no_session")
        await _refuse_too_little(session, actor, await members.myself(session, actor))
    await sign_in_limits.admit_code(actor.id, visitor)
    connection = await sso_answers.connection_of(actor.require_partner())
    return await sso_answers.ask(connection, next_url=next_url, session_id=actor.session_id)


async def finish(actor: Actor | None, asked: Asked, given: Mapping[str, str], visitor: Visitor) -> str:
    """Take the provider's answer and answer the session's fresh secret, once.

    Raises NotAllowed for an answer that does not fit, with what did not as its code; Unavailable.
    """
    person: Person | None = None
    try:
        if actor is None or str(actor.session_id) != asked.session_id:
            raise NotAllowed(NOT_BY_PROVIDER, code="sso_no_session")
        connection = await sso_answers.connection_of(actor.require_partner())
        person = await sso_answers.person_of(connection, asked, given)
        _check_moment(person, asked)
        secret = await _renewed(actor, person)
    except BackofficeError as error:
        await sso_sign_in.refused(asked.partner, person, visitor, error)
        raise
    if actor.id is not None:
        await sign_in_limits.succeeded_with_code(actor.id, visitor)
    metrics.sign_ins.labels(METHOD, "ok").inc()
    return secret


def _check_moment(person: Person, asked: Asked) -> None:
    """See that its person was asked after we asked for it: a provider may ignore `prompt=login` (Core §3.1.2.1)."""
    latest = int(now().timestamp()) + LEEWAY_SECONDS
    if person.auth_time is None or not asked.began - LEEWAY_SECONDS <= person.auth_time <= latest:
        raise NotAllowed(NOT_ANEW, code="sso_not_anew")


async def _refuse_too_little(session: AsyncSession, actor: Actor, member: Member) -> None:
    if not await is_possible(session, actor, member):
        raise NotAllowed(NOT_ENOUGH, code="sso_no_second_factor")


async def _renewed(actor: Actor, person: Person) -> str:
    async with transaction(Tenancy.everyone()) as session:
        member: Member = await members.myself(session, actor)
        await session.refresh(member, with_for_update={"key_share": True})
        identity = await sso_sign_in.identity_of(session, actor.require_partner(), person)
        if identity is None or identity.member_id != member.id or member.disabled_at is not None:
            raise NotAllowed(OTHER_PERSON, code="sso_other_person")
        await _refuse_too_little(session, actor, member)
        secret = await sessions.renew(session, _session_of(actor))
        about: dict[str, object] = {"method": METHOD, "amr": list(person.amr)}
        await audit.record(
            session, actor, "member.confirmed", subject_type="member", subject_id=member.id, changes=about
        )
    return secret


def _session_of(actor: Actor) -> UUID:
    if actor.session_id is None:
        raise id_tokens.untrusted("no_session")
    return actor.session_id
