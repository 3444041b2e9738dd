"""Signing in with a passkey: alone, since it checks its person as well, or as the second step after the password."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import authenticators, metrics
from backoffice.adapters.authenticators import Answer
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, NotAllowed
from backoffice.models.members import Member, Session
from backoffice.services import passkey_proofs, sign_in, sign_in_failures, sign_in_limits, sso_rules, workspace_settings
from backoffice.services.access import found
from backoffice.services.passkey_proofs import Purpose
from backoffice.services.sessions import Visitor
from backoffice.services.sign_in import Step

NOBODY = UUID(int=0)
"""Whom a refusal is written down for while no member is known."""
METHOD = "passkey"


async def begin(visitor: Visitor) -> str:
    """Ask a browser for a proof by whichever passkey its person chooses: the options, as JSON.

    Raises TooMany, Conflict where passkeys cannot be, Unavailable without Redis.
    """
    place = passkey_proofs.place()
    await sign_in_limits.admit_passkey(visitor)
    challenge = await passkey_proofs.new_challenge(Purpose.SIGN_IN, None)
    return authenticators.request(place, challenge=challenge, known=())


async def with_passkey(text: str, visitor: Visitor, *, previous: str = "") -> Step:
    """Take a passkey in place of password and second factor: it is something one has, and checks its person itself.

    Raises TooMany, Invalid for an answer that does not hold, NotAllowed for a login that is disabled.
    """
    member: Member | None = None
    try:
        await sign_in_limits.admit_passkey(visitor)
        answer = await passkey_proofs.take(text, Purpose.SIGN_IN, None)
        async with transaction(Tenancy.everyone()) as session:
            member = await _whose(session, answer)
            step = await _entered(session, answer, member, visitor, previous)
    except BackofficeError as error:
        await sign_in_failures.refused(visitor, error, METHOD, member, member.id if member else NOBODY)
        raise
    metrics.sign_ins.labels(METHOD, "ok").inc()
    return step


async def _whose(session: AsyncSession, answer: Answer) -> Member:
    """Find whose passkey it says it is, held before the passkey as everybody does."""
    member_id = await passkey_proofs.owner_of(session, answer)
    if member_id is None:
        raise authenticators.refused()
    return found(await session.get(Member, member_id, with_for_update={"key_share": True}), "member")


async def _entered(session: AsyncSession, answer: Answer, member: Member, visitor: Visitor, previous: str) -> Step:
    await passkey_proofs.accept(session, answer, member.id)
    if member.disabled_at is not None:
        raise NotAllowed("This login is disabled. Ask your administrator.", code="login_disabled")
    await sso_rules.passes(session, member.partner_id, member.role)
    workspace_settings.refuse_address(await workspace_settings.of(session, member.partner_id), visitor.ip)
    return await sign_in.joined(session, member, visitor, previous)


async def begin_second_step(secret: str, visitor: Visitor) -> str:
    """Ask for a proof by a passkey of whoever's password was right: the options, as JSON.

    Raises NotSignedIn when the first step is missing or too old, Conflict where passkeys cannot be.
    """
    pending, member = await sign_in.pending(secret, visitor)
    place = passkey_proofs.place()
    async with transaction(Tenancy.everyone()) as session:
        known = await passkey_proofs.ids_of(session, member.id)
    challenge = await passkey_proofs.new_challenge(Purpose.SECOND_STEP, pending.id)
    return authenticators.request(place, challenge=challenge, known=known)


async def as_second_step(secret: str, text: str, visitor: Visitor) -> Step:
    """Take a passkey in the second step; the session goes on under a fresh secret.

    Raises NotSignedIn when the first step is missing or too old, Invalid for an answer that does not hold, TooMany.
    """
    return await sign_in.second_step(secret, text, visitor, METHOD, _taken)


async def _taken(pending: Session, member: Member, text: str, visitor: Visitor) -> Step:
    answer = await passkey_proofs.take(text, Purpose.SECOND_STEP, pending.id)
    async with transaction(Tenancy.everyone()) as session:
        await sign_in.still_holds(session, member)
        await passkey_proofs.accept(session, answer, member.id)
        return await sign_in.let_in(session, pending, member, visitor)
