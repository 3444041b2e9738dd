"""Signing in and out: the password, then the second factor where the role or the member has one.

These functions open their own short transactions: hashing a password takes long, and none stays open meanwhile.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live, metrics
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, NotAllowed, NotSignedIn
from backoffice.models.members import Member, Origin, Session
from backoffice.models.workspace_settings import Rules
from backoffice.services import (
    audit,
    known_browsers,
    members,
    passkey_roles,
    passwords,
    recovery_codes,
    second_factor,
    sessions,
    sign_in_failures,
    sign_in_limits,
    sso_rules,
    workspace_settings,
)
from backoffice.services.access import Actor
from backoffice.services.permissions import asks_second_factor
from backoffice.services.sessions import Visitor

WRONG_PASSWORD = "The e-mail address or the password is not right."  # noqa: S105 a sentence
WRONG_CODE = second_factor.WRONG_CODE
WRONG_RECOVERY_CODE = "This recovery code is not right, or it was used already."
MAIL_JOB = "member.mail_recovery_code_used"
MAX_EMAIL = 254


Taking = Callable[[Session, Member, str, Visitor], Awaitable["Step"]]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that went well: the browser's new secret, and whether another step follows."""

    secret: str
    is_complete: bool
    actor: Actor
    language: str = ""
    """What the member chose; empty for nothing."""
    browser: str = field(default="", repr=False)
    """What the browser keeps to be known again, once a sign-in is complete."""


async def with_password(email: str, password: str, visitor: Visitor, *, previous: str = "") -> Step:
    """Take e-mail and password; the session that follows is complete when the member has no second factor.

    Raises TooMany, NotSignedIn with the same sentence and in about the same time whether the address is known or
    not, NotAllowed for a disabled login whose password was right.
    """
    email = email.strip().lower()[:MAX_EMAIL]
    account, member = sign_in_limits.fingerprint(email), None
    try:
        await sign_in_limits.admit_password(account, visitor)
        async with transaction(Tenancy.everyone()) as session:
            member = await members.by_email(session, email)
            is_closed = await sso_rules.is_closed_to(session, email)
        verdict = await passwords.verify(password, member.password_hash if member else None)
        if member is None or not verdict.is_right:
            raise sso_rules.only_way() if is_closed else NotSignedIn(WRONG_PASSWORD, code="wrong_credentials")
        if member.disabled_at is not None:
            raise NotAllowed("This login is disabled. Ask your administrator.", code="login_disabled")
        rules = await rules_for(member, visitor)
    except BackofficeError as error:
        await sign_in_failures.refused(visitor, error, "password", member or await _locked_out(error, email), account)
        raise
    await sign_in_limits.succeeded_with_password(account, visitor)
    renewed = await passwords.hashed(password) if verdict.is_outdated else None
    return await _password_taken(member, rules, visitor, previous, renewed)


async def _locked_out(error: BackofficeError, email: str) -> Member | None:
    """Find whose account a throttled try is written down for, so that it counts as those before it do.

    Known or not, the answer stands already and is the same.
    """
    if error.code != "sign_in_locked":
        return None
    async with transaction(Tenancy.everyone()) as session:
        return await members.by_email(session, email)


async def rules_for(member: Member, visitor: Visitor) -> Rules:
    """Read what the member's company says of who comes in.

    Raises NotAllowed for who comes from outside of its networks, or has to come by its provider.
    """
    async with transaction(Tenancy.everyone()) as session:
        rules = await workspace_settings.of(session, member.partner_id)
        await _passes(session, member)
    workspace_settings.refuse_address(rules, visitor.ip)
    return rules


async def _password_taken(member: Member, rules: Rules, visitor: Visitor, previous: str, renewed: str | None) -> Step:
    is_complete = not needs_second_factor(member, rules)
    async with transaction(Tenancy.everyone()) as session:
        await still_holds(session, member)
        if renewed:
            await _note(session, member, password_hash=renewed)
        step = await entered(session, member, visitor, previous, is_complete=is_complete)
    metrics.sign_ins.labels("password", "ok").inc()
    return step


async def entered(  # noqa: PLR0913 who comes, from where and how
    session: AsyncSession,
    member: Member,
    visitor: Visitor,
    previous: str,
    *,
    is_complete: bool,
    origin: Origin = sessions.PLAIN,
) -> Step:
    """Open a session for who has proven who they are, or the way to their second step."""
    await leave_previous(session, previous)
    awaits_passkey = passkey_roles.makes_next(member, origin, is_proven=is_complete)
    is_complete = is_complete and not awaits_passkey
    row, secret = await sessions.begin(session, member, visitor, is_complete=is_complete, origin=origin)
    if is_complete:
        kept = await _signed_in(session, member, row, visitor)
        return Step(secret, is_complete, _actor(row, member, visitor), member.language, kept)
    if not member.has_second_factor and not awaits_passkey:
        row.totp_seed_box = second_factor.seal(second_factor.new_secret(), row.id)
    return await _half_way(session, member, row, secret, visitor, awaits_passkey=awaits_passkey)


async def _half_way(  # noqa: PLR0913 whose, where, and what comes next
    session: AsyncSession, member: Member, row: Session, secret: str, visitor: Visitor, *, awaits_passkey: bool
) -> Step:
    row.awaits_passkey = awaits_passkey
    row.known_browser_id = await known_browsers.find(session, member.id, visitor.browser)
    return Step(secret, is_complete=False, actor=_actor(row, member, visitor), language=member.language)


async def still_holds(session: AsyncSession, member: Member) -> None:
    """Lock the member, before their sessions and codes as everybody does, and see that nothing changed meanwhile.

    A password or a factor that was changed while the old one was checked lets nobody in, and what a role asks for is
    asked of who got it just now. Raises NotSignedIn.
    """
    columns = (
        col(Member.totp_secret_box),
        col(Member.password_hash),
        col(Member.passkey_count),
        col(Member.role),
        col(Member.granted),
        col(Member.disabled_at),
    )
    now_ = select(*columns)
    row = (await session.execute(now_.where(col(Member.id) == member.id).with_for_update(key_share=True))).one_or_none()
    before = (member.password_hash, member.passkey_count, member.role, member.granted, None)
    is_same = row is not None and second_factor.is_same(row[0], member.totp_secret_box, member.id)
    if row is None or not is_same or tuple(row[1:]) != before:
        raise NotSignedIn("Your login was changed just now. Sign in again.", code="start_again")


async def joined(session: AsyncSession, member: Member, visitor: Visitor, previous: str) -> Step:
    """Sign in who needs no second step, in the transaction that made their login or took their passkey.

    A role of a company's own may ask for one since it was given: then that is set up on the way in.
    """
    is_complete = member.has_second_factor or not asks_second_factor(member.role, member.granted)
    return await entered(session, member, visitor, previous, is_complete=is_complete)


def needs_second_factor(member: Member, rules: Rules) -> bool:
    """Answer whether a password alone is not enough: by role, by the company's rules, or because one was set up.

    One that was reset is set up anew on the way in: forgetting it does not take it away.
    """
    has_one = member.has_second_factor or member.totp_last_step > 0
    is_asked = asks_second_factor(member.role, member.granted) or passkey_roles.wants(member)
    return has_one or is_asked or rules.security.requires_second_factor


async def with_code(secret: str, code: str, visitor: Visitor) -> Step:
    """Take the code of the second factor; the session goes on under a fresh secret.

    Raises NotSignedIn when the first step is missing or too old or the code is wrong, TooMany after ten wrong ones.
    """
    return await second_step(secret, code, visitor, "code", _code_taken)


async def with_recovery_code(secret: str, code: str, visitor: Visitor) -> Step:
    """Take a recovery code in place of the app's; a letter tells its owner.

    Raises NotSignedIn when the first step is missing or too old or the code is wrong, TooMany after ten wrong ones.
    """
    return await second_step(secret, code, visitor, "recovery_code", _recovery_code_taken)


async def second_step(secret: str, code: str, visitor: Visitor, method: str, take: Taking) -> Step:
    """Take one proof of the second step, counted before it is looked at, and write down what is refused."""
    waiting, member = await pending(secret, visitor)
    try:
        await sign_in_limits.admit_code(member.id, visitor)
        step = await take(waiting, member, code, visitor)
    except BackofficeError as error:
        await sign_in_failures.refused(visitor, error, method, member, member.id)
        raise
    await sign_in_limits.succeeded_with_code(member.id, visitor)
    metrics.sign_ins.labels(method, "ok").inc()
    return step


async def pending(secret: str, visitor: Visitor) -> tuple[Session, Member]:
    """Find whose second step comes next in a browser.

    Raises NotSignedIn when the first one is missing or too old.
    """
    async with transaction(Tenancy.everyone()) as session:
        found = await sessions.by_secret(session, secret, ip=visitor.ip, is_complete=False)
    if found is None:
        raise NotSignedIn("This took too long. Sign in again.", code="start_again")
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose first step a browser has behind it."""

    email: str
    totp_seed: str | None
    """What their authenticator app is to learn first; None when it knows already."""
    has_app: bool
    has_passkey: bool
    makes_passkey: bool
    """They make their first passkey now: their role needs one, and all else is proven."""


async def waiting_for_code(secret: str, visitor: Visitor) -> Waiting | None:
    """Say whose second step comes next in a browser, or that nobody's does."""
    async with transaction(Tenancy.everyone()) as session:
        found = await sessions.by_secret(session, secret, ip=visitor.ip, is_complete=False)
        if found is None or await is_closed_meanwhile(session, *found):
            return None
    pending, member = found
    has_app = member.totp_secret_box is not None and passkey_roles.takes_code(pending, member)
    return Waiting(member.email, _seed(*found), has_app, member.passkey_count > 0, pending.awaits_passkey)


async def is_closed_meanwhile(session: AsyncSession, pending: Session, member: Member) -> bool:
    """Answer whether a password that is half way in is good for nothing any more: it would set up its own factor."""
    return not pending.way and not await sso_rules.takes_password(session, member)


async def _passes(session: AsyncSession, member: Member) -> bool:
    had_one = member.has_second_factor  # as it was read: what a second step sets up is not in it
    return await sso_rules.passes(session, member.partner_id, member.role, has_second_factor=had_one)


def _seed(pending: Session, member: Member) -> str | None:
    box = None if member.has_second_factor else pending.totp_seed_box
    return second_factor.open_(box, pending.id) if box else None


async def _code_taken(pending: Session, member: Member, code: str, visitor: Visitor) -> Step:
    passkey_roles.refuse_code(pending, member)
    async with transaction(Tenancy.everyone()) as session:
        await still_holds(session, member)
        if await is_closed_meanwhile(session, pending, member):
            raise sso_rules.only_way()
        if not await _proves(session, pending, member, code, visitor):
            raise NotSignedIn(WRONG_CODE, code="wrong_code")
        return await let_in(session, pending, member, visitor)


async def _recovery_code_taken(pending: Session, member: Member, code: str, visitor: Visitor) -> Step:
    passkey_roles.refuse_code(pending, member)
    async with transaction(Tenancy.everyone()) as session:
        await still_holds(session, member)
        if not await recovery_codes.accept(session, member, code):
            raise NotSignedIn(WRONG_RECOVERY_CODE, code="wrong_recovery_code")
        step = await let_in(session, pending, member, visitor)
        left, at = await recovery_codes.left(session, member.id), now().isoformat(timespec="seconds")
        about: dict[str, object] = {"left": left}
        action = "member.recovery_code_used"
        await audit.record(session, step.actor, action, subject_type="member", subject_id=member.id, changes=about)
        await job_queue.enqueue(session, MAIL_JOB, {"member_id": str(member.id), "left": left, "at": at})
    return step


async def let_in(session: AsyncSession, pending: Session, member: Member, visitor: Visitor) -> Step:
    """Replace half a session by a whole one, in the transaction that took the proof, or by one that awaits a passkey.

    Raises NotSignedIn when somebody ended it meanwhile.
    """
    if not await sessions.replace(session, pending):
        raise NotSignedIn("This took too long. Sign in again.", code="start_again")
    origin = sessions.origin_of(pending)
    is_complete = pending.awaits_passkey or not passkey_roles.lacks(member)
    row, secret = await sessions.begin(session, member, visitor, is_complete=is_complete, origin=origin)
    if not is_complete:
        return await _half_way(session, member, row, secret, visitor, awaits_passkey=True)
    kept = await _signed_in(session, member, row, visitor)
    return Step(secret, is_complete=True, actor=_actor(row, member, visitor), language=member.language, browser=kept)


async def _proves(session: AsyncSession, pending: Session, member: Member, code: str, visitor: Visitor) -> bool:
    """Take the code of the member's app, or the first one of an app that has just learnt its seed."""
    seed = _seed(pending, member)
    if seed is None:
        return await second_factor.accept(session, member, code)
    if not await second_factor.set_up(session, member, seed, code):
        return False
    await audit.record(
        session,
        _actor(pending, member, visitor),
        "member.second_factor_set",
        subject_type="member",
        subject_id=member.id,
    )
    await sessions.revoke_all(session, visitor.acting(member.partner_id, member.name), member.id, but=pending.id)
    live.announce(session, *members.topics(member))
    return True


async def sign_out(secret: str, visitor: Visitor) -> None:
    """End the session of a browser, wherever it is open; without one nothing happens."""
    async with transaction(Tenancy.everyone()) as session:
        for is_complete in (True, False):
            found = await sessions.by_secret(session, secret, ip=None, is_complete=is_complete)
            if found:
                await sessions.sign_out(session, _actor(*found, visitor))


async def leave_previous(session: AsyncSession, secret: str) -> None:
    """End what this browser was signed in with: a session never survives a sign-in."""
    for is_complete in (True, False):
        found = await sessions.by_secret(session, secret, ip=None, is_complete=is_complete)
        if found:
            await sessions.replace(session, found[0])


async def _signed_in(session: AsyncSession, member: Member, row: Session, visitor: Visitor) -> str:
    """Write a sign-in down; answers what its browser keeps to be known again."""
    await _note(session, member, last_sign_in_at=now())
    actor = _actor(row, member, visitor)
    about: dict[str, object] = {}
    if row.way:
        about = {"method": row.way, "amr": list(row.amr)}
    elif await _passes(session, member):
        about = {"past_single_sign_on": True}
    await audit.record(session, actor, "member.signed_in", subject_type="member", subject_id=member.id, changes=about)
    return await known_browsers.seen(session, actor, member, row, visitor.browser)


async def _note(session: AsyncSession, member: Member, **values: object) -> None:
    """Change these columns and no other: the row was read in an earlier transaction."""
    await session.execute(update(Member).where(col(Member.id) == member.id).values(**values))


def _actor(row: Session, member: Member, visitor: Visitor) -> Actor:
    return sessions.actor_of(row, member, ip=visitor.ip, request_id=visitor.request_id)
