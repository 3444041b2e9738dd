"""One's own login: what guards it, and how one changes that.

These functions open their own transactions: a wrong code counts against the limit whatever comes of the change.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, Conflict, Invalid, NotAllowed, TooMany
from backoffice.models.members import Member, Session
from backoffice.models.passkeys import Passkey
from backoffice.services import (
    audit,
    members,
    passkeys,
    recovery_codes,
    second_factor,
    sessions,
    sign_in,
    sign_in_failures,
    sign_in_limits,
    workspace_settings,
)
from backoffice.services.access import Actor, found
from backoffice.services.sessions import Visitor

MAIL_JOB = "member.mail_second_factor_changed"
NEITHER_CODE = "This is neither the code that your app shows now nor a recovery code that still works."


@dataclass(frozen=True, slots=True)
class OwnLogin:
    """What the page of one's own login shows."""

    email: str
    name: str
    has_second_factor: bool
    is_second_factor_wanted: bool
    """Whether a role, a company or an app of one's own asks for one."""
    codes_left: int
    seed: str | None
    """What an authenticator app is to learn; None unless somebody is setting one up in this browser."""
    passkeys: tuple[Passkey, ...]


async def look(actor: Actor) -> OwnLogin:
    """Say what guards the actor's own login."""
    async with transaction(Tenancy.everyone()) as session:
        member, row = await _own(session, actor)
        rules = await workspace_settings.of(session, member.partner_id)
        return OwnLogin(
            email=member.email,
            name=member.name,
            has_second_factor=member.totp_secret_box is not None,
            is_second_factor_wanted=sign_in.needs_second_factor(member, rules),
            codes_left=await recovery_codes.left(session, member.id),
            seed=second_factor.open_(row.totp_seed_box, row.id) if row.totp_seed_box else None,
            passkeys=tuple(await passkeys.mine(session, actor)),
        )


async def _own(session: AsyncSession, actor: Actor) -> tuple[Member, Session]:
    """Find the actor's own login, held for a change, and the session it is made in."""
    member = await members.myself(session, actor)
    await session.refresh(member, with_for_update=True)
    return member, found(await session.get(Session, actor.session_id) if actor.session_id else None, "session")


@asynccontextmanager
async def _trying(actor: Actor, visitor: Visitor) -> AsyncGenerator[AsyncSession]:
    """Count a try with a code before it is checked, and write down what is refused; a good one starts the count anew.

    Raises TooMany, NotAllowed for who is no person.
    """
    if actor.id is None or actor.session_id is None:
        raise NotAllowed("Only people who are signed in have a login.")
    actor.require_fresh()
    try:
        await sign_in_limits.admit_code(actor.id, visitor)
        async with transaction(Tenancy.everyone()) as session:
            yield session
    except (Invalid, TooMany) as error:
        await _refused(actor, error, visitor)
        raise
    await sign_in_limits.succeeded_with_code(actor.id, visitor)


async def _refused(actor: Actor, error: BackofficeError, visitor: Visitor) -> None:
    async with transaction(Tenancy.everyone()) as session:
        member = await members.myself(session, actor)
    await sign_in_failures.refused(visitor, error, "code", member, member.id)


async def new_recovery_codes(actor: Actor, code: str, visitor: Visitor) -> list[str]:
    """Make ten recovery codes, answered once; those before end.

    Raises Conflict for who has no second factor, Invalid for a wrong code of the app, TooMany.
    """
    async with _trying(actor, visitor) as session:
        return await recovery_codes.renew(session, actor, code)


async def begin_second_factor(actor: Actor, code: str, visitor: Visitor) -> None:
    """Draw the seed of a new app; who has one already shows that it is theirs, or brings a recovery code.

    Raises Invalid for a wrong code, TooMany.
    """
    async with _trying(actor, visitor) as session:
        member, row = await _own(session, actor)
        if member.totp_secret_box is not None and not await _is_theirs(session, member, code):
            raise Invalid(NEITHER_CODE, code="wrong_code", pointer="/present")
        if row.totp_seed_box is None:
            await _keep_seed(session, row, second_factor.seal(second_factor.new_secret(), row.id))


async def _is_theirs(session: AsyncSession, member: Member, code: str) -> bool:
    """Take a code of the app, or a recovery code of who has lost the phone with it."""
    return await second_factor.accept(session, member, code) or await recovery_codes.accept(session, member, code)


async def drop_second_factor(actor: Actor) -> None:
    """Set no new app up: everything stays as it was."""
    async with transaction(Tenancy.everyone()) as session:
        await _keep_seed(session, (await _own(session, actor))[1], None)


async def finish_second_factor(actor: Actor, code: str, visitor: Visitor) -> None:
    """Take the first code of the new app; from then on it is the second step, and other browsers are signed out.

    Raises Conflict when nothing was begun, Invalid for a wrong code, TooMany.
    """
    async with _trying(actor, visitor) as session:
        member, row = await _own(session, actor)
        if row.totp_seed_box is None:
            raise Conflict("Begin again: nothing is being set up in this browser.", code="nothing_begun")
        seed, is_first = second_factor.open_(row.totp_seed_box, row.id), member.totp_secret_box is None
        taken = second_factor.set_up if is_first else second_factor.replace
        if not await taken(session, member, seed, code):
            raise Invalid(second_factor.WRONG_CODE, code="wrong_code", pointer="/code")
        await _keep_seed(session, row, None)
        await _tell(session, actor, member, "set" if is_first else "replaced")
        await sessions.revoke_others(session, actor)


async def _keep_seed(session: AsyncSession, row: Session, box: bytes | None) -> None:
    await session.execute(update(Session).where(col(Session.id) == row.id).values(totp_seed_box=box))


async def _tell(session: AsyncSession, actor: Actor, member: Member, what: str) -> None:
    await audit.record(session, actor, f"member.second_factor_{what}", subject_type="member", subject_id=member.id)
    at = now().isoformat(timespec="seconds")
    await job_queue.enqueue(session, MAIL_JOB, {"member_id": str(member.id), "at": at})
    live.announce(session, *members.topics(member))
