"""What is due, shared out among workers: fair by endpoint, within throttles and pauses, in order where asked."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import cipher
from backoffice.models.events import Event
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import delivery_sql, events, webhook_endpoints
from backoffice.services.access import Actor, Permission

log = getLogger(__name__)
LEASE = timedelta(seconds=18)
"""Longer than an attempt's deadline; what a killed worker held is taken over after it."""
SOON = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker may try until its lease ends; the token fences off whoever held it before."""

    delivery_id: UUID
    partner_id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_type: str
    subject: str
    """The live name of what the event is about."""
    token: UUID
    number: int
    url: str
    body: bytes = field(repr=False)
    keys: tuple[bytes, ...] = field(repr=False)
    owed_at: datetime
    is_steady: bool
    """Whether nothing but us decides when it is sent: no failure, throttle or order holds it."""
    in_order: bool
    ahead: timedelta
    """How far the partner's test clock is ahead for this delivery; nothing for live ones."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a worker got, and when it should look again although nobody calls; None for the usual pause."""

    claims: list[Claim]
    rest: timedelta | None = None


@dataclass(slots=True)
class _Open:
    """An endpoint that something can be sent to now, and how much."""

    id: UUID
    in_order: bool
    is_failing: bool
    is_throttled: bool
    under_way: int
    ahead: timedelta
    room: int
    spent_to: datetime | None = None


async def claim(session: AsyncSession, actor: Actor, wanted: int, *, lease: timedelta = LEASE) -> Taken:
    """Take up to so many due deliveries for this worker, fairly by endpoint; nobody else gets them meanwhile."""
    actor.require(Permission.SYSTEM)
    rows = (await session.execute(delivery_sql.OPEN, {"wanted": wanted})).mappings().all()
    waits = [row["wait"] for row in rows if row["wait"] > 0]
    rest = max(timedelta(seconds=min(waits)), SOON) if waits else None
    endpoints = await _allowed(session, [_open(row) for row in rows if row["wait"] <= 0])
    if not endpoints:
        return Taken([], rest)
    taken = (await session.execute(delivery_sql.TAKE, _arguments(endpoints, wanted, lease))).mappings().all()
    counts = Counter[UUID](row["endpoint_id"] for row in taken)
    await _spend(session, endpoints, counts)
    if await _park(session, endpoints, counts):
        rest = timedelta()
    return Taken(await _claims(session, taken, {one.id: one for one in endpoints}), rest)


def _open(row: RowMapping) -> _Open:
    most = 1 if row["fails"] else delivery_sql.AT_ONCE
    return _Open(
        id=row["id"],
        in_order=row["fifo"],
        is_failing=row["fails"],
        is_throttled=row["is_throttled"],
        under_way=row["under_way"],
        ahead=row["ahead"],
        room=most - row["under_way"],
    )


async def _allowed(session: AsyncSession, endpoints: list[_Open]) -> list[_Open]:
    """Cut down to what throttles allow; one that another worker is taking from right now is left to it."""
    ids = [one.id for one in endpoints if one.is_throttled]
    if not ids:
        return endpoints
    allowed = {row["id"]: row for row in (await session.execute(delivery_sql.ALLOW, {"ids": ids})).mappings()}
    for one in endpoints:
        if one.id in allowed and allowed[one.id]["allowance"] is not None:
            one.room = min(one.room, allowed[one.id]["allowance"])
            one.spent_to = allowed[one.id]["upto"]
    return [one for one in endpoints if one.room > 0 and (not one.is_throttled or one.id in allowed)]


def _arguments(endpoints: Sequence[_Open], wanted: int, lease: timedelta) -> dict[str, object]:
    return {
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
        await session.execute(
            delivery_sql.SPEND,
            {
                "ids": [one.id for one in spent],
                "upto": [one.spent_to for one in spent],
                "many": [counts[one.id] for one in spent],
            },
        )


async def _park(session: AsyncSession, endpoints: Sequence[_Open], counts: Mapping[UUID, int]) -> bool:
    """Park what waits for others in long queues in order; answer whether there was any."""
    short = [one for one in endpoints if one.in_order and counts.get(one.id, 0) < one.room]
    if not short:
        return False
    arguments = {"ids": [one.id for one in short], "ahead": [one.ahead for one in short]}
    result: Any = await session.execute(delivery_sql.PARK, arguments)
    return result.rowcount > 0


async def _claims(session: AsyncSession, taken: Sequence[RowMapping], open_: Mapping[UUID, _Open]) -> list[Claim]:
    """Read what is sent where; messages and keys are made once, however many deliveries need them."""
    told = select(Event).where(col(Event.id).in_({row["event_id"] for row in taken}))
    receivers = select(WebhookEndpoint).where(col(WebhookEndpoint.id).in_({row["endpoint_id"] for row in taken}))
    told_of = {each.id: each for each in (await session.execute(told)).scalars()}
    endpoint_of = {each.id: each for each in (await session.execute(receivers)).scalars()}
    bodies = {each.id: body(each) for each in told_of.values()}
    keys = {each.id: _keys(each) for each in endpoint_of.values()}
    return [
        _claim(row, told_of[row["event_id"]], endpoint_of[row["endpoint_id"]], open_[row["endpoint_id"]], bodies, keys)
        for row in taken
    ]


def _claim(  # noqa: PLR0913, PLR0917 a delivery and what was read for it
    taken: RowMapping,
    event: Event,
    endpoint: WebhookEndpoint,
    open_: _Open,
    bodies: Mapping[UUID, bytes],
    keys: Mapping[UUID, tuple[bytes, ...]],
) -> Claim:
    return Claim(
        delivery_id=taken["id"],
        partner_id=endpoint.partner_id,
        endpoint_id=endpoint.id,
        event_id=event.id,
        event_type=event.type,
        subject=f"{event.subject_type}:{event.subject_id}",
        token=taken["lease_token"],
        number=taken["attempts"] + 1,
        url=endpoint.url,
        body=bodies[event.id],
        keys=keys[endpoint.id],
        owed_at=taken["created_at"],
        is_steady=not (open_.is_failing or open_.is_throttled or open_.in_order or open_.ahead),
        in_order=open_.in_order,
        ahead=open_.ahead,
    )


def _keys(endpoint: WebhookEndpoint) -> tuple[bytes, ...]:
    """Open the signing keys; one endpoint whose secret cannot be opened must not stop the others."""
    try:
        return webhook_endpoints.signing_keys(endpoint)
    except cipher.Tampered:
        log.exception("webhook_secret_unreadable", extra={"endpoint_id": str(endpoint.id)})
        return ()


def body(event: Event) -> bytes:
    """Write what is sent: the same bytes on every try, because the event never changes."""
    return json.dumps(events.envelope(event), separators=(",", ":"), ensure_ascii=False).encode()
