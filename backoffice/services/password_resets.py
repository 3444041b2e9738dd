"""Password resets: a link for who has forgotten their password, good for an hour and for one use.

Asking answers the same, in the same time, whether anybody signs in with the address: the work is a job's. The second
factor stays what it is (OWASP ASVS 5.0 §6.4.3).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import boxes, job_queue
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import floor_id, new_id
from backoffice.models.members import Member
from backoffice.models.password_resets import PasswordReset
from backoffice.services import (
    audit,
    members,
    password_changes,
    passwords,
    security_letters,
    sessions,
    sign_in,
    sign_in_limits,
    sso_rules,
    workspace_settings,
)
from backoffice.services.access import Actor, Permission, found
from backoffice.services.letters import Addressed
from backoffice.services.sessions import Visitor
from backoffice.settings import settings

TOKEN_BYTES = 32
LIFE = timedelta(hours=1)
PATH = "/reset"
BEGIN_JOB = "member.mail_password_reset"
KEY = "password-reset:1"
SENT = "member.password_reset_sent"
AGAIN = timedelta(minutes=1)
ENDED = "This link was used already, was replaced by a newer one, or is older than an hour. Ask for a new one."


@dataclass(frozen=True, slots=True)
class Returning:
    """Whose password a link sets."""

    member_id: UUID
    email: str
    has_second_factor: bool
    words: tuple[str, ...]
    """What their password must not be made of."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def ask(email: str, visitor: Visitor) -> None:
    """Have a link sent to an address, if somebody signs in with it; nobody learns whether."""
    tidy = email.strip().lower()[: sign_in.MAX_EMAIL]
    account = sign_in_limits.fingerprint(tidy)
    if not await sign_in_limits.admits_reset(account, visitor):
        return
    async with transaction(Tenancy.everyone()) as session:
        await audit.record(
            session,
            sign_in_limits.visitor_actor(visitor),
            "member.password_reset_asked",
            subject_type="account",
            subject_id=account,
        )
        await job_queue.enqueue(session, BEGIN_JOB, {"box": boxes.seal(KEY, tidy.encode(), b"").hex()})


async def send(session: AsyncSession, actor: Actor, row: Member) -> None:
    """Have a link sent to somebody by letter; who asks for it learns neither the link nor the password.

    For who holds the row and may change it. Raises Conflict for who has no login, whose password opens nothing, and
    within a minute of the last time.
    """
    if row.disabled_at is not None:
        raise Conflict(f"{row.name} is disabled. Let them in again first.", code="member_removed")
    if not await sso_rules.takes_password(session, row):
        raise Conflict(f"{row.name} signs in through their company, without a password of ours.", code="sso_only")
    since = floor_id(now() - AGAIN)
    sent = (col(AuditEntry.subject_id) == row.id, col(AuditEntry.action) == SENT, col(AuditEntry.id) > since)
    again = select(exists().where(*sent))
    if (await session.execute(again)).scalar_one():
        raise Conflict(f"A link to {row.name} went out a moment ago. It is good for an hour.", code="nothing_changed")
    await _note(session, actor, SENT, row)
    await job_queue.enqueue(session, BEGIN_JOB, {"box": boxes.seal(KEY, row.email.encode(), b"").hex()})


async def addressed(session: AsyncSession, actor: Actor, box: str) -> Addressed | None:
    """Make the link that was asked for and write its letter; None when nobody signs in with the address.

    Nor does whose company lets them in by single sign-on only get one: no password of theirs opens anything. A job
    that comes again makes a new link, and the one before it ends: the secret is kept nowhere.
    """
    actor.require(Permission.SYSTEM)
    email = boxes.open_(KEY, bytes.fromhex(box), b"").decode()
    member = await members.by_email(session, email)
    if member is None or member.disabled_at is not None or not await sso_rules.takes_password(session, member):
        return None
    row, token = await _begin(session, actor, member)
    return security_letters.password_reset(member, link(token), row.id, row.expires_at)


async def link_of(session: AsyncSession, actor: Actor, email: str) -> str:
    """Make a link for who cannot be reached by letter; it is answered once.

    Raises NotFound for an address that nobody signs in with.
    """
    actor.require(Permission.SYSTEM)
    member = found(await members.by_email(session, email), "login with this address")
    return link((await _begin(session, actor, member))[1])


def link(token: str) -> str:
    """Write the address at which a new password is chosen."""
    return f"{settings().url}{PATH}/{token}"


async def _begin(session: AsyncSession, actor: Actor, member: Member) -> tuple[PasswordReset, str]:
    await session.execute(select(col(Member.id)).where(col(Member.id) == member.id).with_for_update())
    await password_changes.end_links(session, col(PasswordReset.member_id) == member.id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = PasswordReset(
        id=new_id(),
        member_id=member.id,
        partner_id=member.partner_id,
        token_hash=_hash(token),
        expires_at=now() + LIFE,
    )
    session.add(row)
    await session.flush()
    await _note(session, actor, "member.password_reset_begun", member)
    return row, token


def _alive(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(PasswordReset.token_hash) == _hash(token),
        col(PasswordReset.used_at).is_(None),
        col(PasswordReset.ended_at).is_(None),
        col(PasswordReset.expires_at) > now(),
    )


async def returning(token: str) -> Returning:
    """Say whose link this is.

    Raises NotFound when it does not work any more, with the same sentence whatever the reason.
    """
    async with transaction(Tenancy.everyone()) as session:
        statement = select(Member).join(PasswordReset, col(PasswordReset.member_id) == col(Member.id))
        living = (*_alive(token), col(Member.disabled_at).is_(None))
        member = (await session.execute(statement.where(*living))).scalar_one_or_none()
        if member is None:
            raise NotFound(ENDED, code="reset_ended")
        rules = await workspace_settings.of(session, member.partner_id)
        words = await password_changes.words_about(session, member)
    return Returning(member.id, member.email, sign_in.needs_second_factor(member, rules), words)


async def choose(token: str, password: str, visitor: Visitor) -> None:
    """Set the password, end every session, and tell the person; of several who follow one link, one succeeds.

    Nobody is signed in by it. Raises NotFound, Invalid for a password that will not do.
    """
    shown = await returning(token)
    await passwords.admit(password, has_second_factor=shown.has_second_factor, words=shown.words)
    hashed = await passwords.hashed(password)
    async with transaction(Tenancy.everyone()) as session:
        member = found(await session.get(Member, shown.member_id, with_for_update=True), "login")
        await _use(session, token)
        actor = visitor.acting(member.partner_id, member.name)
        await password_changes.give(session, actor, member, hashed, "member.password_reset")
        await sessions.revoke_all(session, actor, member.id)
    await sign_in_limits.forgive(sign_in_limits.fingerprint(shown.email), visitor)


async def _use(session: AsyncSession, token: str) -> None:
    """Use the link up; the condition is part of the write."""
    statement = update(PasswordReset).where(*_alive(token)).values(used_at=now()).returning(col(PasswordReset.id))
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise NotFound(ENDED, code="reset_ended")


async def _note(session: AsyncSession, actor: Actor, action: str, member: Member) -> None:
    await audit.record(
        session, actor, action, subject_type="member", subject_id=member.id, partner_id=member.partner_id
    )
