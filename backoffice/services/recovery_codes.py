"""Recovery codes: ten ways past the second step for who has lost their phone, each good for once.

A code has 120 bits, so a keyed hash is as good as a slow one (OWASP ASVS 5.0 §6.5.2).
"""

import hashlib
import hmac
import secrets
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters.derive import pepper_key, pepper_versions
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid
from backoffice.models.members import Member
from backoffice.models.recovery_codes import RecoveryCode
from backoffice.services import audit, members, second_factor
from backoffice.services.access import Actor

HOW_MANY = 10
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""Crockford's base 32: nothing in it is taken for something else."""
LENGTH, GROUP = 24, 6
KEY = "recovery-code:1"
MISREAD = str.maketrans("ILOU", "110V")


def tidied(text: str) -> str:
    """Read a code as people write it: in any case, with or without its dashes, with letters for digits."""
    return "".join(char for char in text.upper().translate(MISREAD) if char in ALPHABET)[: LENGTH + 1]


def _hash(code: str, version: int) -> str:
    return hmac.digest(pepper_key(KEY, version), tidied(code).encode(), hashlib.sha256).hex()


def _new() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


async def renew(session: AsyncSession, actor: Actor, code: str) -> list[str]:
    """Make ten new codes, answered once; the ones before end. A code of the actor's app proves that it is they.

    Raises Conflict for who has no second factor, Invalid for a wrong code.
    """
    member = await members.myself(session, actor)
    if member.totp_secret_box is None:
        raise Conflict("Set up a second factor first: these codes take its place.", code="no_second_factor")
    if not await second_factor.accept(session, member, code):
        raise Invalid(second_factor.WRONG_CODE, code="wrong_code", pointer="/codes-code")
    await session.execute(delete(RecoveryCode).where(col(RecoveryCode.member_id) == member.id))
    codes, pepper = [_new() for _ in range(HOW_MANY)], pepper_versions()[0]
    session.add_all(
        RecoveryCode(
            member_id=member.id, partner_id=member.partner_id, code_hash=_hash(code, pepper), pepper_version=pepper
        )
        for code in codes
    )
    await audit.record(session, actor, "member.recovery_codes_made", subject_type="member", subject_id=member.id)
    return codes


async def accept(session: AsyncSession, member: Member, text: str) -> bool:
    """Use a code up; of many that bring the same one at the same time exactly one succeeds."""
    if len(tidied(text)) != LENGTH:
        return False
    statement = (
        update(RecoveryCode)
        .where(
            col(RecoveryCode.member_id) == member.id,
            col(RecoveryCode.code_hash).in_([_hash(text, version) for version in pepper_versions()]),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now())
        .returning(col(RecoveryCode.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def left(session: AsyncSession, member_id: UUID) -> int:
    """Count the codes that still work; who may ask is the caller's to check."""
    unused = (col(RecoveryCode.member_id) == member_id, col(RecoveryCode.used_at).is_(None))
    return (await session.execute(select(func.count()).where(*unused))).scalar_one()


async def forget(session: AsyncSession, member_id: UUID) -> None:
    """End every code of a person whose second factor was reset; who may is the caller's to check."""
    await session.execute(delete(RecoveryCode).where(col(RecoveryCode.member_id) == member_id))
