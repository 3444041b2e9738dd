"""Idempotency: a POST that is sent again under the same key does its work once (Stripe, IETF draft-07).

The answer is kept in the transaction of the work itself, so the two can never disagree. It is kept by the time of the
outside world, where the answer got lost: a test clock that was moved by two days is not moved again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import boxes
from backoffice.clock import present
from backoffice.db import execute
from backoffice.errors import Conflict, Invalid
from backoffice.models.base import new_id
from backoffice.services import vault
from backoffice.services.access import Actor, Permission

KEPT = timedelta(hours=24)
KEY_PURPOSE = "idempotency:1"
HOLD = "select pg_try_advisory_xact_lock(%s)"
FIND = """
select fingerprint, status, body_box from idempotency_records
where partner_id = %s and livemode = %s and route = %s and key = %s and expires_at > %s"""
REMEMBER = """
insert into idempotency_records (id, partner_id, livemode, route, key, fingerprint, status, body_box, created_at,
                                 expires_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (partner_id, livemode, route, key) do update set fingerprint = excluded.fingerprint,
    status = excluded.status, body_box = excluded.body_box, created_at = excluded.created_at,
    expires_at = excluded.expires_at"""
"""As they stand: an upsert that is built anew costs two milliseconds of every POST."""
PURGE_BATCH = 1_000
FORGET = """
delete from idempotency_records
where expires_at <= %(moment)s
    and id in (select id from idempotency_records where expires_at <= %(moment)s limit %(most)s)
returning id"""
"""The outer moment is asked of the row as it stands when its turn comes: a key that was used again meanwhile stays."""


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
    rows = await _find(session, actor, attempt)
    if not rows:
        return None
    fingerprint_, status, box = rows[0]
    if fingerprint_ != attempt.fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            code="idempotency_mismatch",
        )
    place = vault.aad(actor.require_partner(), attempt.key)
    return Answer(status, json.loads(boxes.open_(KEY_PURPOSE, box, place)))


async def is_known(session: AsyncSession, actor: Actor, attempt: Attempt | None) -> bool:
    """Say whether an answer is kept under this key, whatever was asked: for who has not read the body yet."""
    return attempt is not None and bool(await _find(session, actor, attempt))


async def _find(session: AsyncSession, actor: Actor, attempt: Attempt) -> Sequence[tuple[Any, ...]]:
    return await execute(session, FIND, (*_place(actor, attempt), present()))


def _place(actor: Actor, attempt: Attempt) -> tuple[UUID, bool, str, str]:
    """Say under what an answer is kept: partner, mode, method and route, key."""
    return actor.require_partner(), bool(actor.livemode), attempt.route, attempt.key


async def begin(session: AsyncSession, actor: Actor, attempt: Attempt | None) -> Answer | None:
    """Hold the key until the transaction ends, and find the answer that was given already.

    Raises Conflict while another request holds it, Invalid when it was used for something else.
    """
    if attempt is None:
        return None
    [(is_held,)] = await execute(session, HOLD, (_lock_number(actor, attempt),))
    if not is_held:
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
    place = vault.aad(actor.require_partner(), attempt.key)
    box = boxes.seal(KEY_PURPOSE, json.dumps(body, ensure_ascii=False).encode(), place)
    moment = present()
    values = (new_id(), *_place(actor, attempt), attempt.fingerprint, status, box, moment, moment + KEPT)
    await execute(session, REMEMBER, values)


async def purge(session: AsyncSession, actor: Actor) -> int:
    """Forget a batch of answers that nobody can ask for any more; answer how many those were."""
    actor.require(Permission.SYSTEM)
    return len(await execute(session, FORGET, {"moment": present(), "most": PURGE_BATCH}))


def _lock_number(actor: Actor, attempt: Attempt) -> int:
    name = "|".join(str(part) for part in _place(actor, attempt))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
