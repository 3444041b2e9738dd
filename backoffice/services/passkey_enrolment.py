"""Making the first passkey on the way in, by who needs one for their role and has none."""

from backoffice.adapters import authenticators
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotSignedIn
from backoffice.models.members import Member, Session
from backoffice.services import passkey_proofs, passkeys, sessions, sign_in, sso_rules
from backoffice.services.passkey_proofs import Purpose
from backoffice.services.sessions import Visitor
from backoffice.services.sign_in import Step

METHOD = "passkey_made"


async def begin(secret: str, visitor: Visitor) -> str:
    """Ask a browser for a new passkey of whoever has proven all else: the options that it takes, as JSON.

    Raises NotSignedIn when that is missing or too old, Conflict where passkeys cannot be, Unavailable without Redis.
    """
    pending, member = await sign_in.pending(secret, visitor)
    _check(pending, member)
    place = passkey_proofs.place()
    challenge = await passkey_proofs.new_challenge(Purpose.ENROL, pending.id)
    whose = authenticators.Whose(member.id.bytes, member.email, member.name)
    return authenticators.registration(place, whose, challenge=challenge, known=())


def _check(pending: Session, member: Member) -> None:
    """See that this half of a sign-in waits for a passkey, and that its person still has none."""
    if not pending.awaits_passkey or member.passkey_count:
        raise NotSignedIn("This took too long. Sign in again.", code="start_again")


async def finish(secret: str, text: str, visitor: Visitor) -> Step:
    """Keep the passkey and let its person in; other browsers are signed out, and a letter tells of it.

    Raises NotSignedIn when the steps before are missing or too old, Invalid for an answer that does not hold, TooMany.
    """
    return await sign_in.second_step(secret, text, visitor, METHOD, _taken)


async def _taken(pending: Session, member: Member, text: str, visitor: Visitor) -> Step:
    _check(pending, member)
    answer = await passkey_proofs.take(text, Purpose.ENROL, pending.id)
    made, name = authenticators.made(answer, passkey_proofs.place()), passkeys.checked_name("")
    async with transaction(Tenancy.everyone()) as session:
        await sign_in.still_holds(session, member)
        if await sign_in.is_closed_meanwhile(session, pending, member):
            raise sso_rules.only_way()
        held = await session.get_one(Member, member.id)
        actor = sessions.actor_of(pending, held, ip=visitor.ip, request_id=visitor.request_id)
        await passkeys.keep(session, actor, held, made, name)
        return await sign_in.let_in(session, pending, member, visitor)
