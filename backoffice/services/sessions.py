"""Sessions: who is signed in with which browser. Only a hash of a session's secret is kept."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from dataclasses import replace as altered
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import SecretChanged
from backoffice.models.members import Member, Origin, Session
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.models.workspace_settings import WorkspaceSettings
from backoffice.services import audit, known_browsers, viewings
from backoffice.services.access import Actor, Permission, found
from backoffice.services.networks import is_within
from backoffice.settings import settings

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
SECRET_BYTES = 32
PENDING = timedelta(minutes=10)
"""How long the second step may take."""
TOUCH = timedelta(minutes=1)
MAX_AGENT = 200
PLAIN = Origin()
REFERENCE_HEADER = "x-session-ref"
"""Carries a session's id from the socket's handshake to the gate; a client's own copy is dropped."""
MARK_HEADER = "x-session-mark"
"""Carries under which of a session's secrets a tab was opened."""
MARK_DIGITS = 16
LANGUAGE_HEADER = "x-language"
ADDRESS_HEADER = "x-visitor-address"
"""Carries the visitor's address the same way."""
VIEWING_HEADER = "x-viewing"
"""Carries the id of the look at a partner's workspace that a tab of our people was opened under."""


RENEWED = "renewed"
"""Live messages of this kind say that a session has another secret."""


@dataclass(frozen=True, slots=True)
class Tab:
    """What the handshake of an open tab found: whose session, under which secret of it, and from where."""

    session_id: UUID
    mark: str
    ip: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""
    browser: str = field(default="", repr=False)
    """The secrets by which the browser may be known (services/known_browsers.py)."""

    def acting(self, partner_id: UUID | None, name: str) -> Actor:
        """Make the actor of what the product does for who is not signed in yet, with the place it was asked from."""
        return Actor.system(partner_id, name=name, ip=self.ip, request_id=self.request_id)


def hash_of(secret: str) -> str:
    """Fingerprint a secret of 256 random bits; a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mark_of(token_hash: str) -> str:
    """Tell one secret of a session from the next; who reads a mark can open nothing with it."""
    return hashlib.sha256(f"mark:{token_hash}".encode()).hexdigest()[:MARK_DIGITS]


def name_of(session_id: UUID) -> str:
    """Name a session as live messages do."""
    return f"session:{session_id}"


async def begin(
    session: AsyncSession, member: Member, visitor: Visitor, *, is_complete: bool, origin: Origin = PLAIN
) -> tuple[Session, str]:
    """Open a session under a fresh secret, which is answered once and kept nowhere."""
    secret, moment = secrets.token_urlsafe(SECRET_BYTES), now()
    lasts = timedelta(hours=settings().session_hours) if is_complete else PENDING
    row = Session(
        member_id=member.id,
        partner_id=member.partner_id,
        token_hash=hash_of(secret),
        is_complete=is_complete,
        confirmed_at=moment if is_complete else None,
        last_seen_at=moment,
        expires_at=moment + lasts,
        ip=visitor.ip,
        user_agent=visitor.user_agent[:MAX_AGENT],
        way=origin.way,
        amr=list(origin.amr),
        has_outside_factor=origin.has_outside_factor,
    )
    session.add(row)
    await session.flush()
    live.announce(session, f"member:{member.id}")
    return row, secret


def _alive(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Say what every session that counts fulfils: not revoked, in its time, used lately, its member let in.

    Nobody is let in who was disabled or whose company is suspended. Where the company says so in its settings the
    times are shorter, and nobody works without a second factor: one of ours, or one that their provider asks for.
    """
    ours, theirs = settings(), WorkspaceSettings
    hours = func.least(ours.session_hours, func.coalesce(col(theirs.session_hours), ours.session_hours))
    minutes = func.least(ours.session_idle_minutes, func.coalesce(col(theirs.idle_minutes), ours.session_idle_minutes))
    return (
        col(Session.revoked_at).is_(None),
        col(Session.expires_at) > moment,
        col(Session.created_at) + _interval(hours=hours) > moment,
        col(Session.last_seen_at) + _interval(minutes=minutes) > moment,
        col(Member.disabled_at).is_(None),
        func.coalesce(col(Partner.status), PartnerStatus.ACTIVE) != PartnerStatus.SUSPENDED,
        or_(
            col(Session.is_complete).is_(False),
            func.coalesce(col(theirs.requires_second_factor), False).is_(False),
            has_second_factor(),
            col(Session.has_outside_factor),
        ),
    )


def has_second_factor() -> ColumnElement[bool]:
    """Say which members have something beside their password."""
    return or_(col(Member.totp_secret_box).is_not(None), col(Member.passkey_count) > 0)


def _interval(*, hours: object = 0, minutes: object = 0) -> ColumnElement[timedelta]:
    return func.make_interval(0, 0, 0, 0, hours, minutes, type_=Interval)


def living_ones(statement: S) -> S:
    """Let a statement select of sessions that count, each with its member and what the member's company says."""
    return (
        statement.select_from(Session)
        .join(Member, col(Member.id) == col(Session.member_id))
        .outerjoin(Partner, col(Partner.id) == col(Member.partner_id))
        .outerjoin(WorkspaceSettings, col(WorkspaceSettings.partner_id) == col(Member.partner_id))
        .where(*_alive(now()))
    )


async def _find(session: AsyncSession, ip: str | None, *where: ColumnElement[bool]) -> tuple[Session, Member] | None:
    statement = living_ones(select(Session, Member, col(WorkspaceSettings.ip_allowlist))).where(*where)
    row = (await session.execute(statement)).one_or_none()
    return (row[0], row[1]) if row and _may_come_from(ip, row[2]) else None


def _may_come_from(ip: str | None, networks: Collection[str] | None) -> bool:
    return ip is None or not networks or is_within(ip, networks)


async def by_secret(
    session: AsyncSession, secret: str, *, ip: str | None = "", is_complete: bool = True
) -> tuple[Session, Member] | None:
    """Find the living session of a cookie; without `is_complete` the one that waits for its second step.

    `ip` is where it comes from, which the member's company may have bounded; None asks regardless, as for signing out.
    """
    if not secret:
        return None
    return await _find(
        session, ip, col(Session.token_hash) == hash_of(secret), col(Session.is_complete).is_(is_complete)
    )


async def actor_in(session: AsyncSession, tab: Tab, *, is_active: bool = True) -> Actor | None:
    """Say who acts in an open tab as things stand now, or that nobody does.

    `is_active` is false for what a screen does by itself: only people keep a session from becoming idle. Raises
    SecretChanged for a tab that was opened under a secret which the session has no more.
    """
    row = await _find(session, tab.ip, col(Session.id) == tab.session_id, col(Session.is_complete).is_(True))
    if row is None:
        return None
    if mark_of(row[0].token_hash) != tab.mark:
        raise SecretChanged("This tab was opened before its person confirmed who they are. Load it again.")
    if is_active:
        await touch(session, row[0])
    return actor_of(*row, ip=tab.ip)


async def fetching(session: AsyncSession, tab: Tab, request_id: str = "") -> Actor | None:
    """Say who follows a link that was written in a tab; nobody does when its session has another secret since."""
    try:
        actor = await actor_in(session, tab, is_active=False)
    except SecretChanged:
        return None
    return altered(actor, request_id=request_id) if actor else None


def actor_of(row: Session, member: Member, *, ip: str = "", request_id: str = "") -> Actor:
    """Make the actor of a session that was found alive."""
    actor = Actor.of(member, session_id=row.id, confirmed_at=row.confirmed_at, ip=ip, request_id=request_id)
    return altered(actor, mark=mark_of(row.token_hash))


def origin_of(row: Session) -> Origin:
    """Say how the person of a session came in."""
    return Origin(row.way, tuple(row.amr), row.has_outside_factor)


async def renew(session: AsyncSession, session_id: UUID) -> str:
    """Give a session whose person has just proved who they are a fresh secret; the old one is nobody's from now on.

    The row stays. Tabs that are open have to show that their browser has the new one (services/tab_passes.py).
    Raises NotFound for a session that has ended.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    statement = (
        update(Session)
        .where(col(Session.id) == session_id, col(Session.revoked_at).is_(None))
        .values(token_hash=hash_of(secret), confirmed_at=now())
        .returning(col(Session.id))
        .execution_options(synchronize_session=False)
    )
    found((await session.execute(statement)).scalar_one_or_none(), "session")
    live.announce(session, f"{RENEWED}:{session_id}")
    return secret


async def touch(session: AsyncSession, row: Session) -> None:
    """Note that the session is in use, at most once a minute."""
    moment = now()
    if row.last_seen_at < moment - TOUCH:
        statement = update(Session).where(col(Session.id) == row.id).values(last_seen_at=moment)
        await session.execute(statement.execution_options(synchronize_session=False))


async def living(session: AsyncSession, seen: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Answer which of these sessions still count where they are, by id and address: what the sweep of sockets asks."""
    statement = living_ones(select(col(Session.id), col(WorkspaceSettings.ip_allowlist)))
    rows = await session.execute(statement.where(col(Session.id).in_({reference for reference, _ in seen})))
    networks = {row[0]: row[1] for row in rows}
    return {one for one in seen if one[0] in networks and _may_come_from(one[1], networks[one[0]])}


async def outdated(session: AsyncSession, tabs: Collection[Tab]) -> set[Tab]:
    """Answer which of these tabs were opened under a secret that their session has no more."""
    statement = select(col(Session.id), col(Session.token_hash))
    rows = await session.execute(statement.where(col(Session.id).in_({tab.session_id for tab in tabs})))
    marks = {row[0]: mark_of(row[1]) for row in rows}
    return {tab for tab in tabs if marks.get(tab.session_id, tab.mark) != tab.mark}


async def mine(session: AsyncSession, actor: Actor) -> list[Session]:
    """List the actor's own living sessions, the latest first."""
    return await of_member(session, actor.id) if actor.id else []


async def of_member(session: AsyncSession, member_id: UUID) -> list[Session]:
    """List a member's living sessions, the latest first; who may ask is the caller's to check."""
    statement = living_ones(select(Session)).where(
        col(Session.member_id) == member_id, col(Session.is_complete).is_(True)
    )
    return list((await session.execute(statement.order_by(col(Session.last_seen_at).desc()).limit(50))).scalars())


async def revoke(session: AsyncSession, actor: Actor, session_id: UUID) -> None:
    """End one of the actor's own sessions, wherever it is open; its browser is known no more, unless it is this one.

    Raises NotFound for a session that is not theirs.
    """
    statement = select(Session).where(col(Session.id) == session_id, col(Session.member_id) == actor.id)
    row = found((await session.execute(statement)).scalar_one_or_none(), "session")
    await _end(session, actor, [row.id], action="session.revoked")
    await known_browsers.end_at(session, actor, [row.id])


async def revoke_all(session: AsyncSession, actor: Actor, member_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of a member except one, and know the browsers of the others no more; answers how many.

    Who may ask is the caller's to check.
    """
    statement = select(col(Session.id)).where(
        col(Session.member_id) == member_id, col(Session.revoked_at).is_(None), col(Session.expires_at) > now()
    )
    ids = [found_id for found_id in (await session.execute(statement)).scalars() if found_id != but]
    await _end(session, actor, ids, action="session.revoked")
    await known_browsers.end(session, member_id, but=but)
    return len(ids)


async def revoke_others(session: AsyncSession, actor: Actor) -> int:
    """End the actor's own sessions in every other browser; answers how many."""
    return await revoke_all(session, actor, actor.id, but=actor.session_id) if actor.id else 0


async def end_all(session: AsyncSession, actor: Actor) -> int:
    """End everybody's sessions, as after a restore: a sign-out since the backup would not hold. Answers how many."""
    actor.require(Permission.SYSTEM)
    alive = select(col(Session.id)).where(col(Session.revoked_at).is_(None), col(Session.expires_at) > now())
    ids = list((await session.execute(alive)).scalars())
    await _end(session, actor, ids, action="session.revoked")
    await known_browsers.end_all(session)
    return len(ids)


async def sign_out(session: AsyncSession, actor: Actor) -> None:
    """End the session that the actor uses."""
    if actor.session_id is not None:
        await _end(session, actor, [actor.session_id], action="member.signed_out")


async def replace(session: AsyncSession, row: Session) -> bool:
    """End a session whose browser has just got a fresh one; the new one's own entry tells the story.

    Answers False when it had ended already: somebody signed its person out meanwhile.
    """
    return bool(await _mark_ended(session, [row.id]))


async def end(session: AsyncSession, actor: Actor, ids: Collection[UUID]) -> None:
    """End these sessions; whose they are, and who may ask, is the caller's to check."""
    await _end(session, actor, ids, action="session.revoked")


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
    await viewings.end_of_sessions(session, [row[0] for row in ended])
    live.announce(session, *(name_of(row[0]) for row in ended), *(f"member:{row[1]}" for row in ended))
    return [row[0] for row in ended]
