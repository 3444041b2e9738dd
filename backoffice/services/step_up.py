"""Confirming who sits at a signed-in browser before something dangerous, which then goes on under a fresh secret.

The session itself stays, and with it what is open and typed (docs/decisions/0007). These functions open their own
transactions: a wrong proof counts against the limit whatever comes of it.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import authenticators, metrics
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, Invalid, NotAllowed
from backoffice.models.members import Member
from backoffice.services import (
    audit,
    members,
    passkey_proofs,
    passwords,
    second_factor,
    sessions,
    sign_in,
    sign_in_failures,
    sign_in_limits,
    sso_rules,
    sso_step_up,
)
from backoffice.services.access import Actor
from backoffice.services.passkey_proofs import Purpose
from backoffice.services.sessions import Visitor

NOT_YOURS = "This is not your password."


@dataclass(frozen=True, slots=True)
class Proofs:
    """How somebody can confirm who they are; their password counts only where they have nothing stronger."""

    passkey: bool
    code: bool
    password: bool
    sso: bool = False
    """They came by their company's provider, which can ask them anew, for as much as we would."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody brought; one of the three."""

    passkey: str = ""
    code: str = ""
    password: str = ""

    @property
    def method(self) -> str:
        """Name it for counters and audit."""
        return "confirm_passkey" if self.passkey else "confirm_code" if self.code else "confirm_password"


def _session_of(actor: Actor) -> UUID:
    if actor.id is None or actor.session_id is None:
        raise NotAllowed("Only people who are signed in confirm who they are.")
    return actor.session_id


async def _counts_password(session: AsyncSession, actor: Actor, member: Member) -> bool:
    """Answer whether the actor's password proves anything: not beside something stronger, nor past the provider.

    Who came by their company's provider may have an old password still, which they, or somebody else, remember.
    """
    if member.has_second_factor or await sso_step_up.is_by_provider(session, actor):
        return False
    return not await sso_rules.is_only_way(session, member.partner_id)


async def proofs(actor: Actor) -> Proofs:
    """Say how the actor can confirm who they are."""
    _session_of(actor)
    async with transaction(Tenancy.everyone()) as session:
        member = await members.myself(session, actor)
        return Proofs(
            passkey=member.passkey_count > 0 and passkey_proofs.passkey_place() is not None,
            code=member.totp_secret_box is not None,
            password=await _counts_password(session, actor, member),
            sso=await sso_step_up.is_possible(session, actor, member),
        )


async def begin_passkey(actor: Actor) -> str:
    """Ask for a proof by one of the actor's passkeys: the options, as JSON.

    Raises Conflict where passkeys cannot be.
    """
    owner, place = _session_of(actor), passkey_proofs.place()
    async with transaction(Tenancy.everyone()) as session:
        known = await passkey_proofs.ids_of(session, (await members.myself(session, actor)).id)
    challenge = await passkey_proofs.new_challenge(Purpose.CONFIRM, owner)
    return authenticators.request(place, challenge=challenge, known=known)


async def confirm(actor: Actor, proof: Proof, visitor: Visitor) -> str:
    """Take a proof and answer the session's fresh secret, once; the one before is nobody's from then on.

    Raises Invalid for a proof that does not hold, TooMany after ten wrong ones, NotFound for a session that has ended.
    """
    owner = _session_of(actor)
    async with transaction(Tenancy.everyone()) as session:
        member = await members.myself(session, actor)
    try:
        await sign_in_limits.admit_code(owner, visitor)  # their own count: a stolen session locks nobody's sign-in
        await _check_password(member, proof)
        secret = await _taken(actor, owner, member, proof)
    except BackofficeError as error:
        await sign_in_failures.refused(visitor, error, proof.method, member, member.id)
        raise
    await sign_in_limits.succeeded_with_code(owner, visitor)
    metrics.sign_ins.labels(proof.method, "ok").inc()
    return secret


async def _check_password(member: Member, proof: Proof) -> None:
    """See that a password is right, where one was brought; no transaction is open meanwhile."""
    if proof.passkey or proof.code:
        return
    if not (await passwords.verify(proof.password, member.password_hash)).is_right:
        raise _not_yours()


def _not_yours() -> Invalid:
    return Invalid(NOT_YOURS, code="wrong_password", pointer="/password")


async def _taken(actor: Actor, owner: UUID, member: Member, proof: Proof) -> str:
    answer = await passkey_proofs.take(proof.passkey, Purpose.CONFIRM, owner) if proof.passkey else None
    async with transaction(Tenancy.everyone()) as session:
        await sign_in.still_holds(session, member)
        if answer is not None:
            await passkey_proofs.accept(session, answer, member.id)
        elif proof.code:
            await _take_code(session, member, proof.code)
        elif not await _counts_password(session, actor, member):
            raise _not_yours()
        secret = await sessions.renew(session, owner)
        about: dict[str, object] = {"method": proof.method}
        await audit.record(
            session, actor, "member.confirmed", subject_type="member", subject_id=member.id, changes=about
        )
    return secret


async def _take_code(session: AsyncSession, member: Member, code: str) -> None:
    if not await second_factor.accept(session, member, code):
        raise Invalid(second_factor.WRONG_CODE, code="wrong_code", pointer="/code")
