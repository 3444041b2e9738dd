"""The second factor: codes of an authenticator app (TOTP, RFC 6238), each good for one sign-in."""

import hmac
from uuid import UUID

from pyotp import random_base32
from pyotp.totp import TOTP
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import boxes
from backoffice.clock import now
from backoffice.models.members import Member

KEY = "totp-seed:1"
ISSUER = "Partner Backoffice"
STEP_SECONDS = 30
WINDOW = (0, -1, 1)
"""Steps around the present whose codes are taken: clocks of phones drift."""
CODE_LENGTH = 6
WRONG_CODE = "This code is not right, or it was used already. Wait for the next one."
SECRET_LENGTH = 32
"""Base32 characters: 160 bits (RFC 4226 §4 R6)."""


def new_secret() -> str:
    """Draw a seed in base32, as authenticator apps take it."""
    return random_base32(SECRET_LENGTH)


def seal(secret: str, member_id: UUID) -> bytes:
    """Encrypt a seed, bound to its member: moved to another row it opens nothing."""
    return boxes.seal(KEY, secret.encode(), member_id.bytes)


def open_(box: bytes, owner_id: UUID) -> str:
    """Decrypt what `seal` encrypted for the same owner."""
    return boxes.open_(KEY, box, owner_id.bytes).decode()


def is_same(box: bytes | None, other: bytes | None, owner_id: UUID) -> bool:
    """Say whether two boxes hold the same seed: one may have been sealed again meanwhile."""
    return box == other or bool(box and other and open_(box, owner_id) == open_(other, owner_id))


def provisioning_url(secret: str, email: str) -> str:
    """Write what an authenticator app reads from the square code (Key URI Format)."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def matches(secret: str, code: str) -> bool:
    """Compare a code with a seed that no member has yet."""
    return _matching_step(secret, "".join(code.split())) is not None


async def accept(session: AsyncSession, member: Member, code: str) -> bool:
    """Take a code once; of many that bring the same code at the same time exactly one succeeds."""
    step = _step_of(member, "".join(code.split()))
    if step is None:
        return False
    statement = (
        update(Member)
        .where(col(Member.id) == member.id, col(Member.totp_last_step) < step)
        .values(totp_last_step=step)
        .returning(col(Member.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def set_up(session: AsyncSession, member: Member, seed: str, code: str) -> bool:
    """Give a member who has no seed theirs, proven by its first code; of two that try at once one succeeds."""
    step = _matching_step(seed, "".join(code.split()))
    if step is None:
        return False
    statement = (
        update(Member)
        .where(col(Member.id) == member.id, col(Member.totp_secret_box).is_(None))
        .values(totp_secret_box=seal(seed, member.id), totp_last_step=step)
        .returning(col(Member.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def replace(session: AsyncSession, member: Member, seed: str, code: str) -> bool:
    """Give a member another app's seed, proven by its first code; of two that try at once one succeeds."""
    step = _matching_step(seed, "".join(code.split()))
    if step is None:
        return False
    one = col(Member.id) == member.id
    now_ = (
        await session.execute(select(col(Member.totp_secret_box)).where(one).with_for_update(key_share=True))
    ).scalar_one_or_none()
    if now_ is None or not is_same(now_, member.totp_secret_box, member.id):
        return False
    statement = update(Member).where(one).values(totp_secret_box=seal(seed, member.id), totp_last_step=step)
    await session.execute(statement.execution_options(synchronize_session=False))
    return True


def _step_of(member: Member, code: str) -> int | None:
    return _matching_step(open_(member.totp_secret_box, member.id), code) if member.totp_secret_box else None


def _matching_step(secret: str, code: str) -> int | None:
    if len(code) != CODE_LENGTH or not (code.isascii() and code.isdecimal()):
        return None
    totp, present = TOTP(secret), int(now().timestamp()) // STEP_SECONDS
    matches = [
        present + offset for offset in WINDOW if hmac.compare_digest(totp.at((present + offset) * STEP_SECONDS), code)
    ]
    return matches[0] if matches else None
