"""Idempotency: a POST that is sent again under the same key does its work once (Stripe, IETF draft-07).

The answer is kept in the transaction of the work itself, so the two can never disagree. It is kept by the time of the
outside world, where the answer got lost: a test clock that was moved by two days is not moved again.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters.derive import derive_key
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.base import new_id
from backoffice.models.idempotency import IdempotencyRecord
from backoffice.services import vault
from backoffice.services.access import Actor

KEPT = timedelta(hours=24)
KEY_PURPOSE = "idempotency:1"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST under one key; the fingerprint says whether another one asks for the same."""

    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: dict[str, Any]


def fingerprint(content: Any) -> str:  # noqa: ANN401 any JSON value
    """Hash a request's content; files stand in it by their own SHA-256."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def recall(session: AsyncSession, actor: Actor, attempt: Attempt | None) -> Answer | None:
    """Find the answer that was given already.

    Raises Invalid when the key was used for another request.
    """
    if attempt is None:
        return None
    record = await _find(session, actor, attempt)
    if record is None:
        return None
    if record.fingerprint != attempt.fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            code="idempotency_mismatch",
        )
    return Answer(
        record.status,
        vault.open_json(derive_key(KEY_PURPOSE), record.body_box, row=actor.require_partner(), column=attempt.key),
    )


async def is_known(session: AsyncSession, actor: Actor, attempt: Attempt | None) -> bool:
    """Say whether an answer is kept under this key, whatever was asked: for who has not read the body yet."""
    return attempt is not None and await _find(session, actor, attempt) is not None


async def _find(session: AsyncSession, actor: Actor, attempt: Attempt) -> IdempotencyRecord | None:
    statement = select(IdempotencyRecord).where(
        col(IdempotencyRecord.partner_id) == actor.require_partner(),
        col(IdempotencyRecord.livemode) == bool(actor.livemode),
        col(IdempotencyRecord.route) == attempt.route,
        col(IdempotencyRecord.key) == attempt.key,
        col(IdempotencyRecord.expires_at) > present(),
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def begin(session: AsyncSession, actor: Actor, attempt: Attempt | None) -> Answer | None:
    """Hold the key until the transaction ends, and find the answer that was given already.

    Raises Conflict while another request holds it, Invalid when it was used for something else.
    """
    if attempt is None:
        return None
    held = await session.execute(select(func.pg_try_advisory_xact_lock(_lock_number(actor, attempt))))
    if not held.scalar_one():
        raise Conflict(
            "A request with this Idempotency-Key is still running. Try again shortly.", code="idempotency_in_progress"
        )
    return await recall(session, actor, attempt)


async def remember(
    session: AsyncSession, actor: Actor, attempt: Attempt | None, status: int, body: dict[str, Any]
) -> None:
    """Keep the answer for 24 hours; it becomes visible with the work, or not at all."""
    if attempt is None:
        return
    values = {
        "fingerprint": attempt.fingerprint,
        "status": status,
        "body_box": vault.seal_json(derive_key(KEY_PURPOSE), body, row=actor.require_partner(), column=attempt.key),
        "created_at": present(),
        "expires_at": present() + KEPT,
    }
    statement = insert(IdempotencyRecord).values(
        id=new_id(),
        partner_id=actor.require_partner(),
        livemode=bool(actor.livemode),
        route=attempt.route,
        key=attempt.key,
        **values,
    )
    await session.execute(
        statement.on_conflict_do_update(index_elements=["partner_id", "livemode", "route", "key"], set_=values)
    )


def _lock_number(actor: Actor, attempt: Attempt) -> int:
    name = f"{actor.require_partner()}|{bool(actor.livemode)}|{attempt.route}|{attempt.key}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
