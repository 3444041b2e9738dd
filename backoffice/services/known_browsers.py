"""Known browsers: where a member has signed in before, told by a secret that the browser keeps for that member.

What being known is good for: tries of its own at the sign-in, so that failures from elsewhere lock nobody out of the
browser they always use (services/sign_in_limits.py), and no letter about a new browser. It never takes the place of a
password or a second factor, and nobody needs it: without the cookie a sign-in is what it always was.

How it begins and ends:
- A secret is drawn when a sign-in is complete and never taken over from a cookie, so nobody plants one. It belongs to
  one member; a browser that several people share holds one for each of the last four. One that is worth nothing any
  more takes no place.
- It is kept through sign-ins, so that two at once with one cookie are both known, and through signing out here.
- Where one's sessions end, their browsers are known no more, since whoever ends them mistrusts what is out there: all
  of them with a password reset, a reset second factor, a disabled login and another role; all but the one in which it
  is done with a changed password, another app, a passkey that comes or goes, and "sign out everywhere else". A changed
  password gives the one that stays another secret: a copy of the old one is worth nothing. Signing out in one other
  browser forgets that one; a change of single sign-on forgets those whose sessions it ends. After a restore all are
  forgotten, for the copy may hold what was ended since.
- The ten used last are kept, each for ninety days after its last sign-in (`KEEP_BROWSERS_DAYS`).

That a login had a known browser once is kept with the member: after all were ended, the next one is told by letter.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.adapters.derive import pepper_key, pepper_versions
from backoffice.clock import now
from backoffice.errors import NotAllowed
from backoffice.i18n.browsers import named
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import floor_id
from backoffice.models.known_browsers import KnownBrowser
from backoffice.models.members import Member, Session
from backoffice.services import audit
from backoffice.services.access import Actor
from backoffice.settings import settings

KEY = "known-browser:1"
SECRET_BYTES = 32
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
MOST = 10
MOST_PEOPLE = 4
"""Whose secrets one browser holds: those who signed in with it last."""
BETWEEN = "."
MAIL_JOB = "member.mail_new_browser"
NEW = "member.new_browser_seen"
LETTERS_AN_HOUR = 5
"""To one person: who signs in over and over, with a password that is not theirs, fills no mailbox."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a secret is."""

    browser_id: UUID
    member_id: UUID
    email: str
    secret_hash: str = field(repr=False)


def secrets_in(kept: str) -> list[str]:
    """Read the secrets that a browser brought; what cannot be one is left out before anybody looks for it."""
    return [part for part in kept.split(BETWEEN)[:MOST_PEOPLE] if SECRET.fullmatch(part)]


def _hash(secret: str, version: int) -> str:
    """Fingerprint a secret of 256 random bits with a key of ours; a slow hash would add nothing."""
    return hmac.digest(pepper_key(KEY, version), secret.encode(), hashlib.sha256).hex()


def _hashes(secret: str) -> list[str]:
    """Write what may be kept of a secret, under every version of the pepper."""
    return [_hash(secret, version) for version in pepper_versions()]


def _kept(secret: str) -> dict[str, Any]:
    """Write what is kept of a secret from now on."""
    version = pepper_versions()[0]
    return {"secret_hash": _hash(secret, version), "pepper_version": version}


def _oldest() -> datetime:
    return now() - timedelta(days=settings().keep_browsers_days)


async def owners(session: AsyncSession, kept: str) -> list[Owner]:
    """Say whose the secrets of a browser are, asked before anybody is known.

    It looks for the secrets and for nothing else: which account somebody tries changes neither answer nor time.
    """
    hashes = [one for secret in secrets_in(kept) for one in _hashes(secret)]
    if not hashes:
        return []
    statement = (
        select(col(KnownBrowser.id), col(KnownBrowser.member_id), col(Member.email), col(KnownBrowser.secret_hash))
        .join(Member, col(Member.id) == col(KnownBrowser.member_id))
        .where(col(KnownBrowser.secret_hash).in_(hashes), col(KnownBrowser.last_seen_at) > _oldest())
    )
    return [Owner(*row) for row in await session.execute(statement)]


async def find(session: AsyncSession, member_id: UUID, kept: str) -> UUID | None:
    """Find which of a member's known browsers this one is."""
    return next((one.browser_id for one in await owners(session, kept) if one.member_id == member_id), None)


async def seen(session: AsyncSession, actor: Actor, member: Member, row: Session, kept: str) -> str:
    """Know the browser of a sign-in that is complete, and answer what it keeps from then on.

    Its person hears of one that was not known, unless it is their first. The caller holds the member: of two sign-ins
    at once with one cookie both find it known.
    """
    for secret in secrets_in(kept):
        browser_id = await _used(session, member.id, secret, row)
        if browser_id is not None:
            row.known_browser_id = browser_id
            return await _joined(session, member.id, secret, kept)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row.known_browser_id = await _met(session, member, secret, row)
    if await _had_one(session, member.id):
        await _tell(session, actor, row)
    return await _joined(session, member.id, secret, kept)


async def _joined(session: AsyncSession, member_id: UUID, secret: str, kept: str) -> str:
    """Write what a browser keeps: somebody's secret, and those of others that are still worth something."""
    worth = {one.secret_hash for one in await owners(session, kept) if one.member_id != member_id}
    others = [one for one in secrets_in(kept) if not worth.isdisjoint(_hashes(one))]
    return BETWEEN.join([secret, *others][:MOST_PEOPLE])


async def _used(session: AsyncSession, member_id: UUID, secret: str, row: Session) -> UUID | None:
    """Note that a browser was used, if its secret is this member's and not too old."""
    browser, system = named(row.user_agent)
    statement = (
        update(KnownBrowser)
        .where(
            col(KnownBrowser.secret_hash).in_(_hashes(secret)),
            col(KnownBrowser.member_id) == member_id,
            col(KnownBrowser.last_seen_at) > _oldest(),
        )
        .values(last_seen_at=now(), browser=browser, system=system, **_kept(secret))
        .returning(col(KnownBrowser.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def _met(session: AsyncSession, member: Member, secret: str, row: Session) -> UUID:
    """Keep a new one, and let the one go that was used longest ago where there are too many."""
    browser, system = named(row.user_agent)
    made = KnownBrowser(
        member_id=member.id, partner_id=member.partner_id, browser=browser, system=system, **_kept(secret)
    )
    session.add(made)
    await session.flush()
    of_member = select(col(KnownBrowser.id)).where(col(KnownBrowser.member_id) == member.id)
    latest = of_member.order_by(col(KnownBrowser.last_seen_at).desc(), col(KnownBrowser.id).desc())
    statement = delete(KnownBrowser).where(col(KnownBrowser.id).in_(latest.offset(MOST)))
    await session.execute(statement.execution_options(synchronize_session=False))
    return made.id


async def _had_one(session: AsyncSession, member_id: UUID) -> bool:
    """Answer whether a browser was ever known before this one, which is from now on."""
    statement = (
        update(Member)
        .where(col(Member.id) == member_id, col(Member.had_known_browser).is_(False))
        .values(had_known_browser=True)
        .returning(col(Member.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is None


async def _tell(session: AsyncSession, actor: Actor, row: Session) -> None:
    """Write a new browser down, and tell its person unless they were told often enough in the last hour."""
    lately = select(func.count()).where(
        col(AuditEntry.subject_id) == row.member_id,
        col(AuditEntry.action) == NEW,
        col(AuditEntry.id) > floor_id(now() - timedelta(hours=1)),
    )
    is_told = (await session.execute(lately)).scalar_one() < LETTERS_AN_HOUR
    about: dict[str, object] = {"browser": str(row.known_browser_id)}
    await audit.record(session, actor, NEW, subject_type="member", subject_id=row.member_id, changes=about)
    if not is_told:
        return
    at = now().isoformat(timespec="seconds")
    await job_queue.enqueue(session, MAIL_JOB, {"member_id": str(row.member_id), "session_id": str(row.id), "at": at})


async def mine(session: AsyncSession, actor: Actor) -> list[KnownBrowser]:
    """List the browsers that are known for the actor, the latest first."""
    statement = select(KnownBrowser).where(
        col(KnownBrowser.member_id) == _person(actor), col(KnownBrowser.last_seen_at) > _oldest()
    )
    return list(
        (await session.execute(statement.order_by(col(KnownBrowser.last_seen_at).desc()).limit(MOST))).scalars()
    )


def _person(actor: Actor) -> UUID:
    if actor.id is None or actor.session_id is None:
        raise NotAllowed("Only people who are signed in have a login.")
    return actor.id


async def forget(session: AsyncSession, actor: Actor, browser_id: UUID) -> bool:
    """Let one of the actor's browsers be known no more; sessions there go on. Answers whether it was known.

    One that is forgotten already, or is not theirs, is left as it is: the answer is the same.
    """
    person = _person(actor)
    statement = (
        delete(KnownBrowser)
        .where(col(KnownBrowser.id) == browser_id, col(KnownBrowser.member_id) == person)
        .returning(col(KnownBrowser.id))
    )
    gone = (await session.execute(statement.execution_options(synchronize_session=False))).scalar_one_or_none()
    if gone is None:
        return False
    about: dict[str, object] = {"browser": str(browser_id)}
    action = "member.browser_forgotten"
    await audit.record(session, actor, action, subject_type="member", subject_id=person, changes=about)
    live.announce(session, f"member:{person}")
    return True


async def renew(session: AsyncSession, actor: Actor, kept: str) -> str:
    """Give the actor's browser another secret, if it is known, and answer what it keeps; the old one is nobody's."""
    person, fresh = _person(actor), secrets.token_urlsafe(SECRET_BYTES)
    for secret in secrets_in(kept):
        statement = (
            update(KnownBrowser)
            .where(col(KnownBrowser.secret_hash).in_(_hashes(secret)), col(KnownBrowser.member_id) == person)
            .values(**_kept(fresh))
            .returning(col(KnownBrowser.id))
            .execution_options(synchronize_session=False)
        )
        if (await session.execute(statement)).scalar_one_or_none() is not None:
            return BETWEEN.join(fresh if one == secret else one for one in secrets_in(kept))
    return ""


async def end(session: AsyncSession, member_id: UUID, *, but: UUID | None = None) -> None:
    """Know a member's browsers no more, but for the one of a session; who may ask is the caller's to check."""
    statement = delete(KnownBrowser).where(col(KnownBrowser.member_id) == member_id)
    if but is not None:
        statement = statement.where(~_is_in([but]))
    await session.execute(statement.execution_options(synchronize_session=False))


async def end_at(session: AsyncSession, actor: Actor, ids: Collection[UUID]) -> None:
    """Know the browsers of these sessions no more, since they were ended there, but for the one that the actor uses.

    Who may ask is the caller's to check.
    """
    statement = delete(KnownBrowser).where(_is_in(ids))
    if actor.session_id is not None:
        statement = statement.where(~_is_in([actor.session_id]))
    await session.execute(statement.execution_options(synchronize_session=False))


def _is_in(ids: Collection[UUID]) -> ColumnElement[bool]:
    """Say which browsers are those of these sessions, each of its own member."""
    return (
        select(col(Session.id))
        .where(
            col(Session.id).in_(ids),
            col(Session.known_browser_id) == col(KnownBrowser.id),
            col(Session.member_id) == col(KnownBrowser.member_id),
        )
        .exists()
    )


async def end_all(session: AsyncSession) -> None:
    """Know nobody's browser any more, as after a restore; who may ask is the caller's to check."""
    await session.execute(delete(KnownBrowser).execution_options(synchronize_session=False))
