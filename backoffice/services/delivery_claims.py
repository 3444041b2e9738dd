"""What is due, shared out among workers: fair by endpoint, within throttles and pauses, in order where asked."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import cipher
from backoffice.db import execute
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.services import delivery_sql, events, webhook_secrets
from backoffice.services.access import Actor, Permission
from backoffice.services.delivery_sql import NUMBERS
from backoffice.services.events import Told

log = getLogger(__name__)
LEASE = timedelta(seconds=18)
"""Longer than an attempt's deadline; what a killed worker held is taken over after it."""
SOON = timedelta(milliseconds=50)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker may try until its lease ends; the token fences off whoever held it before."""

    delivery_id: UUID
    token: UUID
    number: int
    owed_at: datetime
    message: "Message"
    door: "Door"


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it is sent; made once, however many endpoints get it."""

    event_id: UUID
    webhook_id: str
    type: str
    subject: str
    """The live name of what the event is about."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Door:
    """An endpoint as it is sent to."""

    endpoint_id: UUID
    partner_id: UUID
    url: str
    keys: tuple[bytes, ...] = field(repr=False)
    in_order: bool
    is_steady: bool
    """Whether nothing but us decides when a message is sent: no failure, throttle or order holds it."""
    ahead: timedelta
    """How far the partner's test clock is ahead; nothing for live endpoints."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a worker got, and when it should look again although nobody calls; None for the usual pause."""

    claims: list[Claim]
    rest: timedelta | None = None


@dataclass(slots=True)
class _Open:
    """An endpoint that something can be sent to now, and how much."""

    id: UUID
    partner_id: UUID
    url: str
    secret_box: bytes | None
    previous_secret_box: bytes | None
    previous_secret_until: datetime | None
    in_order: bool
    is_failing: bool
    is_throttled: bool
    ahead: timedelta
    wait: float
    """Seconds until its throttle allows one more; nothing or less when it does."""
    under_way: int
    room: int = 0
    spent_to: datetime | None = None

    def __post_init__(self) -> None:
        self.room = (1 if self.is_failing else delivery_sql.AT_ONCE) - self.under_way


async def claim(session: AsyncSession, actor: Actor, wanted: int, *, lease: timedelta = LEASE) -> Taken:
    """Take up to so many due deliveries for this worker, fairly by endpoint; nobody else gets them meanwhile."""
    actor.require(Permission.SYSTEM)
    found = [_Open(*row) for row in await execute(session, delivery_sql.OPEN, {**NUMBERS, "wanted": wanted})]
    waits = [one.wait for one in found if one.wait > 0]
    rest = max(timedelta(seconds=min(waits)), SOON) if waits else None
    endpoints = await _allowed(session, [one for one in found if one.wait <= 0])
    if not endpoints:
        return Taken([], rest)
    taken = await execute(session, delivery_sql.TAKE, _wishes(endpoints, wanted, lease))
    counts = Counter[UUID](row[3] for row in taken)
    await _spend(session, endpoints, counts)
    if await _park(session, endpoints, counts):
        rest = timedelta()
    return Taken(_claims(taken, endpoints), rest)


async def _allowed(session: AsyncSession, endpoints: list[_Open]) -> list[_Open]:
    """Cut down to what throttles allow; one that another worker is taking from right now is left to it."""
    ids = [one.id for one in endpoints if one.is_throttled]
    if not ids:
        return endpoints
    allowed = {row[0]: row for row in await execute(session, delivery_sql.ALLOW, {**NUMBERS, "ids": ids})}
    for one in endpoints:
        if one.id in allowed:
            _, one.spent_to, allowance = allowed[one.id]
            one.room = one.room if allowance is None else min(one.room, allowance)
    return [one for one in endpoints if one.room > 0 and (not one.is_throttled or one.id in allowed)]


def _wishes(endpoints: Sequence[_Open], wanted: int, lease: timedelta) -> dict[str, object]:
    return {
        **NUMBERS,
        "ids": [one.id for one in endpoints],
        "rooms": [one.room for one in endpoints],
        "turns": [one.under_way for one in endpoints],
        "fifo": [one.in_order for one in endpoints],
        "fails": [one.is_failing for one in endpoints],
        "ahead": [one.ahead for one in endpoints],
        "wanted": wanted,
        "lease": lease,
    }


async def _spend(session: AsyncSession, endpoints: Sequence[_Open], counts: Mapping[UUID, int]) -> None:
    spent = [one for one in endpoints if one.spent_to and counts.get(one.id)]
    if spent:
        arguments: dict[str, object] = {
            "ids": [one.id for one in spent],
            "upto": [one.spent_to for one in spent],
            "many": [counts[one.id] for one in spent],
        }
        await execute(session, delivery_sql.SPEND, arguments)


async def _park(session: AsyncSession, endpoints: Sequence[_Open], counts: Mapping[UUID, int]) -> bool:
    """Park what waits for others in long queues in order; answer whether there was any."""
    short = [one for one in endpoints if one.in_order and counts.get(one.id, 0) < one.room]
    if not short:
        return False
    arguments = {**NUMBERS, "ids": [one.id for one in short], "ahead": [one.ahead for one in short]}
    return bool(await execute(session, delivery_sql.PARK, arguments))


def _claims(taken: Sequence[Row], endpoints: Sequence[_Open]) -> list[Claim]:
    wanted = {row[3] for row in taken}
    doors = {one.id: _door(one) for one in endpoints if one.id in wanted}
    messages: dict[UUID, Message] = {}
    claims: list[Claim] = []
    for delivery_id, token, attempts, endpoint_id, owed_at, event_id, *told in taken:
        message = messages.get(event_id) or messages.setdefault(event_id, _message(_told(event_id, told)))
        claims.append(Claim(delivery_id, token, attempts + 1, owed_at, message, doors[endpoint_id]))
    return claims


def _door(one: _Open) -> Door:
    return Door(
        endpoint_id=one.id,
        partner_id=one.partner_id,
        url=one.url,
        keys=_keys(one),
        in_order=one.in_order,
        is_steady=not (one.is_failing or one.is_throttled or one.in_order or one.ahead),
        ahead=one.ahead,
    )


def _keys(endpoint: _Open) -> tuple[bytes, ...]:
    """Open the signing keys; one endpoint whose secret cannot be opened must not stop the others."""
    try:
        return webhook_secrets.opened_keys(
            endpoint.id, endpoint.secret_box, endpoint.previous_secret_box, endpoint.previous_secret_until
        )
    except cipher.Tampered:
        log.warning("webhook_secret_unreadable", extra={"endpoint_id": str(endpoint.id)})
        return ()


def _message(told: Told) -> Message:
    subject = f"{told.subject_type}:{told.subject_id}"
    return Message(told.id, public_id(Prefix.EVENT, told.id), told.type, subject, body(told))


def _told(event_id: UUID, columns: list[Any]) -> Told:
    created_at, livemode, kind, subject_type, subject_id, sequence, data, request_id = columns
    return Told(event_id, created_at, livemode, kind, subject_type, subject_id, sequence, json.loads(data), request_id)


def body(event: Event | Told) -> bytes:
    """Write what is sent: the same bytes on every try, because the event never changes."""
    return json.dumps(events.envelope(event), separators=(",", ":"), ensure_ascii=False).encode()
