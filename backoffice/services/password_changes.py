"""A person's password gets another one: written with its entry and its letter, whoever brought it."""

from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, Invalid
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.password_resets import PasswordReset
from backoffice.services import (
    audit,
    known_browsers,
    members,
    passwords,
    sessions,
    sign_in,
    sign_in_failures,
    sign_in_limits,
    workspace_settings,
)
from backoffice.services.access import Actor, found
from backoffice.services.sessions import Visitor

MAIL_JOB = "member.mail_password_changed"
NOT_YOURS = "This is not your password."


async def words_about(session: AsyncSession, member: Member) -> tuple[str, ...]:
    """Collect what everybody knows of a person and their company: no password is made of it."""
    partner = await session.get(Partner, member.partner_id) if member.partner_id else None
    company = (partner.name, partner.slug) if partner else ()
    return (*company, *member.name.split(), *member.email.split("@"))


async def end_links(session: AsyncSession, *whose: ColumnElement[bool]) -> None:
    """End every link of these people that still sets a password; all links when nobody is named."""
    statement = update(PasswordReset).where(
        *whose, col(PasswordReset.used_at).is_(None), col(PasswordReset.ended_at).is_(None)
    )
    await session.execute(statement.values(ended_at=now()).execution_options(synchronize_session=False))


async def give(session: AsyncSession, actor: Actor, member: Member, hashed: str, action: str) -> None:
    """Write a password's hash; the person hears of it by letter, so that nobody does it behind their back."""
    member.password_hash = hashed
    await session.flush()
    await end_links(session, col(PasswordReset.member_id) == member.id)
    await audit.record(
        session, actor, action, subject_type="member", subject_id=member.id, partner_id=member.partner_id
    )
    at = now().isoformat(timespec="seconds")
    await job_queue.enqueue(session, MAIL_JOB, {"member_id": str(member.id), "at": at})
    live.announce(session, *members.topics(member))


async def change(actor: Actor, current: str, fresh: str, visitor: Visitor) -> str:
    """Change one's own password and end one's other sessions; answers what this browser keeps to be known again.

    Raises Invalid for a current one that is wrong or a fresh one that will not do, TooMany after ten wrong ones.
    """
    actor.require_fresh()
    member, least_is_short, words = await _about(actor)
    account = sign_in_limits.fingerprint(member.email)
    try:
        await sign_in_limits.admit_password(account, visitor)
        if not (await passwords.verify(current, member.password_hash)).is_right:
            raise Invalid(NOT_YOURS, code="wrong_password", pointer="/current")
    except BackofficeError as error:
        await sign_in_failures.refused(visitor, error, "password", member, member.id)
        raise
    await sign_in_limits.succeeded_with_password(account, visitor)
    await passwords.admit(fresh, has_second_factor=least_is_short, words=words)
    hashed = await passwords.hashed(fresh)
    async with transaction(Tenancy.everyone()) as session:
        row = await _unchanged(session, member.id, member.password_hash)
        await give(session, actor, row, hashed, "member.password_changed")
        await sessions.revoke_others(session, actor)
        return await known_browsers.renew(session, actor, visitor.browser)


async def _about(actor: Actor) -> tuple[Member, bool, tuple[str, ...]]:
    async with transaction(Tenancy.everyone()) as session:
        member = await members.myself(session, actor)
        rules = await workspace_settings.of(session, member.partner_id)
        return member, sign_in.needs_second_factor(member, rules), await words_about(session, member)


async def _unchanged(session: AsyncSession, member_id: UUID, known: str) -> Member:
    """Find the member for the write; who lost the race against another change is told so."""
    row = found(await session.get(Member, member_id, with_for_update=True), "login")
    if row.password_hash != known:
        raise Invalid("Your password was changed somewhere else just now.", code="wrong_password", pointer="/current")
    return row
