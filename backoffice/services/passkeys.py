"""One's own passkeys: made, named and taken away; each change leaves an entry and a letter.

What talks to a browser opens its own transactions, as the rest of one's own login does.
"""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import authenticators, job_queue, live
from backoffice.adapters.authenticators import Made
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.members import Member
from backoffice.models.passkeys import Passkey
from backoffice.services import audit, members, passkey_proofs, passkey_roles, sessions, workspace_settings
from backoffice.services.access import Actor, found
from backoffice.services.passkey_proofs import Purpose
from backoffice.services.permissions import asks_second_factor

MOST = 10
MAX_NAME = 60
MAIL_JOB = "member.mail_passkey_changed"
KNOWN = "This device has a passkey for your login already."


def _session_of(actor: Actor) -> UUID:
    if actor.id is None or actor.session_id is None:
        raise NotAllowed("Only people who are signed in have a login.")
    return actor.session_id


async def _own(session: AsyncSession, actor: Actor) -> Member:
    """Find the actor's own login, held for a change."""
    _session_of(actor)
    member = await members.myself(session, actor)
    await session.refresh(member, with_for_update=True)
    return member


async def mine(session: AsyncSession, actor: Actor) -> list[Passkey]:
    """List the actor's own passkeys, the oldest first."""
    statement = select(Passkey).where(col(Passkey.member_id) == (await members.myself(session, actor)).id)
    return list((await session.execute(statement.order_by(col(Passkey.id)))).scalars())


async def begin(actor: Actor) -> str:
    """Ask a browser for a new passkey of the actor's: the options that it takes, as JSON.

    Raises Conflict where passkeys cannot be, or for who has enough of them.
    """
    owner, place = _session_of(actor), passkey_proofs.place()
    actor.require_fresh()
    async with transaction(Tenancy.everyone()) as session:
        member = await members.myself(session, actor)
        known = await passkey_proofs.ids_of(session, member.id)
    _refuse_too_many(len(known))
    challenge = await passkey_proofs.new_challenge(Purpose.REGISTER, owner)
    whose = authenticators.Whose(member.id.bytes, member.email, member.name)
    return authenticators.registration(place, whose, challenge=challenge, known=known)


def _refuse_too_many(count: int) -> None:
    if count >= MOST:
        raise Conflict("You have ten passkeys, which is the most. Remove one first.", code="too_many_passkeys")


async def finish(actor: Actor, text: str, name: str) -> Passkey:
    """Keep a new passkey under a name; from then on it is one of the actor's second steps, and signs in alone.

    Raises Invalid for an answer that does not hold, Conflict for a passkey that is known.
    """
    actor.require_fresh()
    answer = await passkey_proofs.take(text, Purpose.REGISTER, _session_of(actor))
    made, tidy = authenticators.made(answer, passkey_proofs.place()), checked_name(name)
    async with transaction(Tenancy.everyone()) as session:
        return await keep(session, actor, await _own(session, actor), made, tidy)


async def keep(session: AsyncSession, actor: Actor, member: Member, made: Made, name: str) -> Passkey:
    """Keep a passkey whose making was proven; that the actor is this member, who is held, is the caller's to check."""
    _refuse_too_many(member.passkey_count)
    row = Passkey(
        member_id=member.id,
        partner_id=member.partner_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        transports=made.transports,
        aaguid=made.aaguid,
        is_synced=made.is_synced,
        is_backed_up=made.is_backed_up,
    )
    await _insert(session, row)
    member.passkey_count += 1
    await _tell(session, actor, member, row, "added")
    return row


async def _insert(session: AsyncSession, row: Passkey) -> None:
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        raise Conflict(KNOWN, code="passkey_known") from None


def checked_name(text: str) -> str:
    """Tidy a name that somebody typed; without one it is just a passkey.

    Raises Invalid.
    """
    tidy = " ".join(text.split()) or "Passkey"
    if len(tidy) > MAX_NAME or not tidy.isprintable():
        raise Invalid("A name has at most 60 printable characters.", code="too_long", pointer="/passkey-name")
    return tidy


async def rename(actor: Actor, passkey_id: UUID, name: str) -> None:
    """Call one of the actor's passkeys something else.

    Raises NotFound for one that is not theirs, Invalid.
    """
    tidy = checked_name(name)
    async with transaction(Tenancy.everyone()) as session:
        member = await _own(session, actor)
        row = await _one(session, member, passkey_id)
        if row.name != tidy:
            row.name = tidy
            await session.flush()
            await _note(session, actor, row, "renamed")


async def remove(actor: Actor, passkey_id: UUID) -> None:
    """Let one of the actor's passkeys count no more.

    Raises NotFound for one that is not theirs, Conflict for the last second factor of who needs one.
    """
    actor.require_fresh()
    async with transaction(Tenancy.everyone()) as session:
        member = await _own(session, actor)
        row = await _one(session, member, passkey_id)
        await _refuse_last(session, member)
        await session.delete(row)
        member.passkey_count -= 1
        await _tell(session, actor, member, row, "removed")


async def _one(session: AsyncSession, member: Member, passkey_id: UUID) -> Passkey:
    statement = select(Passkey).where(col(Passkey.id) == passkey_id, col(Passkey.member_id) == member.id)
    return found((await session.execute(statement.with_for_update())).scalar_one_or_none(), "passkey")


async def _refuse_last(session: AsyncSession, member: Member) -> None:
    if passkey_roles.wants(member) and member.passkey_count == 1:
        sentence = "Your role signs in with a passkey, and this is your only one. Add another one first."
        raise Conflict(sentence, code="last_passkey")
    if member.totp_secret_box is not None or member.passkey_count > 1:
        return
    rules = await workspace_settings.of(session, member.partner_id)
    if asks_second_factor(member.role, member.granted) or rules.security.requires_second_factor:
        sentence = "You need a second factor, and this passkey is your only one. Set up another one or an app first."
        raise Conflict(sentence, code="last_second_factor")


async def forget(session: AsyncSession, member: Member) -> None:
    """End every passkey of a person whose second factor was reset; who may is the caller's to check."""
    await session.execute(delete(Passkey).where(col(Passkey.member_id) == member.id))
    member.passkey_count = 0


async def _note(session: AsyncSession, actor: Actor, row: Passkey, what: str) -> None:
    about: dict[str, object] = {"passkey": str(row.id)}
    action = f"member.passkey_{what}"
    await audit.record(session, actor, action, subject_type="member", subject_id=row.member_id, changes=about)


async def _tell(session: AsyncSession, actor: Actor, member: Member, row: Passkey, what: str) -> None:
    await session.flush()
    await _note(session, actor, row, what)
    await sessions.revoke_others(session, actor)
    about = {"member_id": str(member.id), "what": what, "at": now().isoformat(timespec="seconds")}
    await job_queue.enqueue(session, MAIL_JOB, about)
    live.announce(session, *members.topics(member))
