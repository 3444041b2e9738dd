"""How often somebody may try to sign in: counted in Redis, and in PostgreSQL while Redis is away.

A browser that is known for an account counts by itself: its ten tries are not taken by failures from elsewhere, of an
account or of an address, and take nobody else's. A stolen cookie is worth ten tries, one that was made up none: it is
looked for among all that are known, whichever account is tried, so that nobody learns from it who has one. Only the
limit of everybody together holds for known browsers too: it guards the machine, for a minute at a time.
"""

from dataclasses import dataclass
from datetime import timedelta
from logging import getLogger
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backoffice.adapters import cipher, live
from backoffice.adapters.derive import lasting_key
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import TooMany
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import id_at
from backoffice.services import audit, known_browsers
from backoffice.services.access import Actor, ActorType
from backoffice.services.sessions import Visitor

log = getLogger(__name__)

WINDOW = timedelta(minutes=30)
PER_ACCOUNT_AND_ADDRESS = 10
"""PCI DSS 4.0.1 §8.3.4: at most ten tries, then thirty minutes of rest."""
PER_ACCOUNT = 50
PER_CODE = 10
PER_BROWSER = 10
"""Of each known browser, for passwords and for codes."""
RESETS_PER_ACCOUNT = 3
RESETS_PER_ADDRESS = 30
RESET_WINDOW = timedelta(hours=1)
FAILURES_PER_ADDRESS = 200
"""An office behind one address may sign in as often as it likes; only its failures count."""
EVERYBODY = 1_200
EVERYBODY_SECONDS = 60
ATTEMPTED = "member.sign_in_attempted"
RESET_ATTEMPTED = "member.password_reset_attempted"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries of one kind within the window; then it is locked for as long."""

    key: str
    tries: int


def fingerprint(email: str) -> UUID:
    """Name an account in counters and audit without its address, known or unknown alike."""
    return UUID(bytes=cipher.blind_index(lasting_key("sign-in-account:1"), email.strip()))


def visitor_actor(visitor: Visitor) -> Actor:
    """Make the actor of somebody who has not signed in yet: may do nothing, and leaves traces."""
    return Actor(
        type=ActorType.SYSTEM,
        id=None,
        name="sign-in",
        permissions=frozenset(),
        ip=visitor.ip,
        request_id=visitor.request_id,
    )


async def admit_password(account: UUID, visitor: Visitor) -> None:
    """Count a try with a password before it is checked, so that many at once cannot slip through.

    Raises TooMany with the seconds to wait.
    """
    limits = (
        Limit(f"password:{account}:{visitor.ip}", PER_ACCOUNT_AND_ADDRESS),
        Limit(f"password:{account}", PER_ACCOUNT),
    )
    await _admit(account, visitor, limits)


async def admit_code(member_id: UUID, visitor: Visitor) -> None:
    """Count a try with a code before it is checked.

    Raises TooMany with the seconds to wait.
    """
    await _admit(member_id, visitor, (Limit(f"code:{member_id}", PER_CODE),))


async def admit_passkey(visitor: Visitor) -> None:
    """Let a passkey be tried unless very many try, or this address has failed too often: no account is named yet.

    Raises TooMany, Away without Redis, which keeps its challenges as well.
    """
    await _admit_anybody()
    await _admit_address(visitor)


async def admits_reset(account: UUID, visitor: Visitor) -> bool:
    """Count that somebody asks for a new password; whoever asks too often gets the same answer and no letter."""
    seconds = RESET_WINDOW.total_seconds()
    try:
        here = await live.hit(f"sign-in:reset-from:{visitor.ip}", RESETS_PER_ADDRESS, seconds)
        # Who asks too often from one address takes nobody else's letters away.
        return here.is_allowed and (await live.hit(f"sign-in:reset:{account}", RESETS_PER_ACCOUNT, seconds)).is_allowed
    except live.Away:
        log.warning("sign_in_counted_by_database")
        return await _admits_by_database(account, visitor)


async def _admits_by_database(account: UUID, visitor: Visitor) -> bool:
    try:
        await _admit_by_database(account, visitor, RESETS_PER_ACCOUNT, RESET_ATTEMPTED)
    except TooMany:
        return False
    return True


async def _admit(subject: UUID, visitor: Visitor, limits: tuple[Limit, ...]) -> None:
    try:
        await _admit_anybody()
        known = await _known_as(subject, visitor)
        if known is not None:
            limits = (Limit(_own(known), PER_BROWSER),)
        else:
            await _admit_address(visitor)
        for limit in limits:
            await _take(limit)
    except live.Away:
        log.warning("sign_in_counted_by_database")
        counted = await _known_as(subject, visitor) or subject
        await _admit_by_database(counted, visitor, limits[0].tries)


async def _known_as(subject: UUID, visitor: Visitor) -> UUID | None:
    """Name what a browser counts as when it is known for whom it tries: one for passwords, another one for codes.

    The subject is an account before the password, and a member before the code.
    """
    if not known_browsers.secrets_in(visitor.browser):
        return None
    async with transaction(Tenancy.everyone()) as session:
        owners = await known_browsers.owners(session, visitor.browser)
    known = (one.browser_id for one in owners if subject in {one.member_id, fingerprint(one.email)})
    return next((UUID(int=browser_id.int ^ subject.int) for browser_id in known), None)


def _own(known: UUID) -> str:
    return f"known:{known}"


async def _admit_anybody() -> None:
    if not (await live.hit("sign-in:everybody", EVERYBODY, EVERYBODY_SECONDS)).is_allowed:
        raise TooMany("Very many people are signing in. Try again in a moment.", code="sign_in_busy")


async def _admit_address(visitor: Visitor) -> None:
    address = await live.hit(_failures(visitor), FAILURES_PER_ADDRESS, WINDOW.total_seconds(), cost=0)
    if address.remaining == 0:
        raise _locked(address.reset_seconds)


async def _take(limit: Limit) -> None:
    """Take one try; the one too many locks for the whole window, whatever comes later."""
    lock, seconds = f"sign-in:lock:{limit.key}", WINDOW.total_seconds()
    held = await live.hit(lock, 1, seconds, cost=0)
    if held.remaining == 0:
        raise _locked(held.reset_seconds)
    if not (await live.hit(f"sign-in:{limit.key}", limit.tries, seconds)).is_allowed:
        await live.hit(lock, 1, seconds)
        raise _locked(int(seconds))


async def _admit_by_database(subject: UUID, visitor: Visitor, tries: int, action: str = ATTEMPTED) -> None:
    """Count tries as audit entries, one at a time per account: slower, and stricter since a good one counts too."""
    since = now() - WINDOW
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(select(func.pg_advisory_xact_lock(subject.int & ((1 << 63) - 1))))
        statement = select(func.count()).where(
            col(AuditEntry.subject_id) == subject,
            col(AuditEntry.action) == action,
            col(AuditEntry.created_at) > since,
            col(AuditEntry.id) > id_at(since - timedelta(seconds=1)),
        )
        if (await session.execute(statement)).scalar_one() >= tries:
            raise _locked(int(WINDOW.total_seconds()))
        await audit.record(session, visitor_actor(visitor), action, subject_type="account", subject_id=subject)


async def failed(visitor: Visitor) -> None:
    """Count a failure against the address it came from."""
    try:
        await live.hit(_failures(visitor), FAILURES_PER_ADDRESS, WINDOW.total_seconds())
    except live.Away:
        log.warning("sign_in_failure_uncounted")


async def succeeded_with_password(account: UUID, visitor: Visitor) -> None:
    """Start the count of an account anew, or that of a known browser, which says nothing of tries from elsewhere."""
    known = await _known_as(account, visitor)
    mine = (f"password:{account}:{visitor.ip}", f"password:{account}") if known is None else (_own(known),)
    await _forget(*(f"sign-in:{key}" for key in mine))


async def forgive(account: UUID, visitor: Visitor) -> None:
    """Unlock an account for who has just proven that its mailbox is theirs."""
    mine = (f"password:{account}:{visitor.ip}", f"password:{account}")
    await _forget(*(f"sign-in:{key}" for key in mine), *(f"sign-in:lock:{key}" for key in mine))


async def succeeded_with_code(member_id: UUID, visitor: Visitor) -> None:
    """Start the count of a member's codes anew, or that of a known browser."""
    known = await _known_as(member_id, visitor)
    await _forget(f"sign-in:code:{member_id}" if known is None else f"sign-in:{_own(known)}")


async def _forget(*keys: str) -> None:
    try:
        await live.forget(*keys)
    except live.Away:
        log.warning("sign_in_count_kept")


def _failures(visitor: Visitor) -> str:
    return f"sign-in:failures:{visitor.ip}"


def _locked(seconds: int) -> TooMany:
    minutes = max(1, -(-seconds // 60))
    words = "minute" if minutes == 1 else "minutes"
    return TooMany(
        f"Too many tries. Try again in {minutes} {words}.", code="sign_in_locked", retry_after=max(1, seconds)
    )
