"""Sessions: who is signed in with which browser. Only a hash of a session's secret is kept."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.models.members import Member, Role, Session
from backoffice.services import audit
from backoffice.services.access import Actor, found
from backoffice.settings import settings

SECRET_BYTES = 32
PENDING = timedelta(minutes=10)
"""How long the second step may take."""
TOUCH = timedelta(minutes=1)
MAX_AGENT = 200
REFERENCE_HEADER = "x-session-ref"
"""Carries a session's id from the socket's handshake to the gate; a client's own copy is dropped."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""


def hash_of(secret: str) -> str:
    """Fingerprint a secret of 256 random bits; a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def name_of(session_id: UUID) -> str:
    """Name a session as live messages do."""
    return f"session:{session_id}"


async def begin(session: AsyncSession, member: Member, visitor: Visitor, *, is_complete: bool) -> tuple[Session, str]:
    """Open a session under a fresh secret, which is answered once and kept nowhere."""
    secret, moment = secrets.token_urlsafe(SECRET_BYTES), now()
    lasts = timedelta(hours=settings().session_hours) if is_complete else PENDING
    row = Session(
        member_id=member.id,
        partner_id=member.partner_id,
        token_hash=hash_of(secret),
        is_complete=is_complete,
        last_seen_at=moment,
        expires_at=moment + lasts,
        ip=visitor.ip,
        user_agent=visitor.user_agent[:MAX_AGENT],
    )
    session.add(row)
    await session.flush()
    live.announce(session, f"member:{member.id}")
    return row, secret


def _alive(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Say what every session that counts fulfils: not revoked, in its time, used lately, its member enabled."""
    idle = timedelta(minutes=settings().session_idle_minutes)
    return (
        col(Session.revoked_at).is_(None),
        col(Session.expires_at) > moment,
        col(Session.last_seen_at) > moment - idle,
        col(Member.disabled_at).is_(None),
    )


async def _find(session: AsyncSession, *where: ColumnElement[bool]) -> tuple[Session, Member] | None:
    statement = (
        select(Session, Member).join(Member, col(Member.id) == col(Session.member_id)).where(*where, *_alive(now()))
    )
    row = (await session.execute(statement)).one_or_none()
    return (row[0], row[1]) if row else None


async def by_secret(session: AsyncSession, secret: str, *, is_complete: bool = True) -> tuple[Session, Member] | None:
    """Find the living session of a cookie; without `is_complete` the one that waits for its second step."""
    if not secret:
        return None
    return await _find(session, col(Session.token_hash) == hash_of(secret), col(Session.is_complete).is_(is_complete))


async def actor_for(
    session: AsyncSession, reference: UUID, *, ip: str = "", request_id: str = "", is_active: bool = True
) -> Actor | None:
    """Say who acts through a session as things stand now, or that nobody does.

    `is_active` is false for what a screen does by itself: only people keep a session from becoming idle.
    """
    row = await _find(session, col(Session.id) == reference, col(Session.is_complete).is_(True))
    if row is None:
        return None
    if is_active:
        await touch(session, row[0])
    return actor_of(*row, ip=ip, request_id=request_id)


def actor_of(row: Session, member: Member, *, ip: str = "", request_id: str = "") -> Actor:
    """Make the actor of a session that was found alive."""
    return Actor.member(
        id=member.id,
        name=member.name,
        role=Role(member.role),
        partner_id=member.partner_id,
        session_id=row.id,
        ip=ip,
        request_id=request_id,
    )


async def touch(session: AsyncSession, row: Session) -> None:
    """Note that the session is in use, at most once a minute."""
    moment = now()
    if row.last_seen_at < moment - TOUCH:
        statement = update(Session).where(col(Session.id) == row.id).values(last_seen_at=moment)
        await session.execute(statement.execution_options(synchronize_session=False))


async def living(session: AsyncSession, references: Collection[UUID]) -> set[UUID]:
    """Answer which of these sessions still count: what the sweep of open sockets asks."""
    statement = (
        select(col(Session.id))
        .join(Member, col(Member.id) == col(Session.member_id))
        .where(col(Session.id).in_(references), *_alive(now()))
    )
    return set((await session.execute(statement)).scalars())


async def mine(session: AsyncSession, actor: Actor) -> list[Session]:
    """List the actor's own living sessions, the latest first."""
    statement = (
        select(Session)
        .join(Member, col(Member.id) == col(Session.member_id))
        .where(col(Session.member_id) == actor.id, col(Session.is_complete).is_(True), *_alive(now()))
        .order_by(col(Session.last_seen_at).desc())
        .limit(50)
    )
    return list((await session.execute(statement)).scalars())


async def revoke(session: AsyncSession, actor: Actor, session_id: UUID) -> None:
    """End one of the actor's own sessions, wherever it is open.

    Raises NotFound for a session that is not theirs.
    """
    statement = select(Session).where(col(Session.id) == session_id, col(Session.member_id) == actor.id)
    row = found((await session.execute(statement)).scalar_one_or_none(), "session")
    await _end(session, actor, [row.id], action="session.revoked")


async def revoke_all(session: AsyncSession, actor: Actor, member_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of a member except one; who may ask is the caller's to check. Answers how many."""
    statement = select(col(Session.id)).where(
        col(Session.member_id) == member_id, col(Session.revoked_at).is_(None), col(Session.expires_at) > now()
    )
    ids = [found_id for found_id in (await session.execute(statement)).scalars() if found_id != but]
    await _end(session, actor, ids, action="session.revoked")
    return len(ids)


async def revoke_others(session: AsyncSession, actor: Actor) -> int:
    """End the actor's own sessions in every other browser; answers how many."""
    return await revoke_all(session, actor, actor.id, but=actor.session_id) if actor.id else 0


async def sign_out(session: AsyncSession, actor: Actor) -> None:
    """End the session that the actor uses."""
    if actor.session_id is not None:
        await _end(session, actor, [actor.session_id], action="member.signed_out")


async def replace(session: AsyncSession, row: Session) -> None:
    """End a session whose browser has just got a fresh one; the new one's own entry tells the story."""
    await _mark_ended(session, [row.id])


async def _end(session: AsyncSession, actor: Actor, ids: Collection[UUID], *, action: str) -> None:
    for session_id in await _mark_ended(session, ids):
        await audit.record(session, actor, action, subject_type="session", subject_id=session_id)


async def _mark_ended(session: AsyncSession, ids: Collection[UUID]) -> list[UUID]:
    """Mark the sessions as ended and tell every process that may hold a socket of theirs."""
    statement = (
        update(Session)
        .where(col(Session.id).in_(ids), col(Session.revoked_at).is_(None))
        .values(revoked_at=now())
        .returning(col(Session.id), col(Session.member_id))
        .execution_options(synchronize_session=False)
    )
    ended = (await session.execute(statement)).all()
    live.announce(session, *(name_of(row[0]) for row in ended), *(f"member:{row[1]}" for row in ended))
    return [row[0] for row in ended]
