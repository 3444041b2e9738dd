"""Challenges and their answers: each challenge is ours, for one purpose and one browser, and is taken once.

It leaves Redis before its answer is looked at, so that of two answers at once, right or wrong, one is judged.
"""

import hashlib
import ipaddress
import secrets
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import authenticators, live
from backoffice.adapters.authenticators import Answer, Place
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid
from backoffice.models.passkeys import Passkey
from backoffice.settings import settings

CHALLENGE_BYTES = 32
LASTS_SECONDS = 5 * 60
NEEDS_NAME = "Passkeys need a host name: this installation is reached by an address of numbers."
TOO_LATE = "This took too long, or was sent twice. Try again."
WENT_BACK = "This passkey counts less than it did before, as a copy of it would. It was not accepted."


class Purpose(StrEnum):
    """What a challenge is for; an answer to one does nothing else."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND_STEP = "second_step"
    CONFIRM = "confirm"
    ENROL = "enrol"


def place() -> Place:
    """Say where passkeys hold.

    Raises Conflict where they cannot: browsers bind them to a host name.
    """
    found = passkey_place()
    if found is None:
        raise Conflict(NEEDS_NAME, code="passkeys_unavailable")
    return found


def passkey_place() -> Place | None:
    """Say where passkeys hold, or that they cannot."""
    host = urlsplit(settings().url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Place(host, settings().url) if host else None
    return None


async def new_challenge(purpose: Purpose, owner: UUID | None) -> bytes:
    """Draw a challenge for a purpose and whoever it is for: a session, or nobody who is known yet."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    await live.command("SET", _key(purpose, challenge), str(owner or "-"), "EX", LASTS_SECONDS)
    return challenge


def _key(purpose: Purpose, challenge: bytes) -> str:
    return f"backoffice:passkey:{purpose}:{hashlib.sha256(challenge).hexdigest()}"


async def take(text: str, purpose: Purpose, owner: UUID | None) -> Answer:
    """Read an answer and use its challenge up.

    Raises Invalid for a challenge that is not ours, not theirs, too old or used.
    """
    answer = authenticators.read(text)
    kept = await live.command("GETDEL", _key(purpose, answer.challenge))
    if kept != str(owner or "-"):
        raise Invalid(TOO_LATE, code="passkey_too_late", pointer="/passkey")
    return answer


async def ids_of(session: AsyncSession, member_id: UUID) -> list[bytes]:
    """Name a member's passkeys as devices do; who may ask is the caller's to check."""
    statement = select(col(Passkey.credential_id)).where(col(Passkey.member_id) == member_id)
    return list((await session.execute(statement.order_by(col(Passkey.id)))).scalars())


async def owner_of(session: AsyncSession, answer: Answer) -> UUID | None:
    """Say whose passkey an answer names, before anything in it is believed."""
    statement = select(col(Passkey.member_id)).where(col(Passkey.credential_id) == answer.credential_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def accept(session: AsyncSession, answer: Answer, member_id: UUID) -> None:
    """Check that a passkey of this member's signed, and note its use.

    Raises Invalid, with a code of its own for one that counts less than it did: somebody may have a copy of it.
    """
    statement = select(Passkey).where(
        col(Passkey.credential_id) == answer.credential_id, col(Passkey.member_id) == member_id
    )
    row = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if row is None or answer.user_handle not in {b"", member_id.bytes}:
        raise authenticators.refused()
    shown = authenticators.shown(answer, place(), row.public_key)
    if (shown.sign_count or row.sign_count) and shown.sign_count <= row.sign_count:
        raise Invalid(WENT_BACK, code="passkey_went_back", pointer="/passkey")
    row.sign_count, row.is_backed_up, row.last_used_at = shown.sign_count, shown.is_backed_up, now()
    await session.flush()
