"""The sending of what is owed: claimed fairly, tried once, settled with the next step; the row is the truth."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from logging import getLogger
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, RowMapping, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import cipher, live, outbound
from backoffice.clock import now
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.models.webhooks import Attempt, Delivery, DeliveryState, WebhookEndpoint
from backoffice.services import events, signatures, test_clocks, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.settings import settings

log = getLogger(__name__)
SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""The pause before each attempt (Standard Webhooks): ten of them within 75 h 35 min."""
JITTER = 0.2
DEADLINE_SECONDS = 15.0
LEASE = timedelta(seconds=18)
"""Longer than the deadline; what a killed worker held is taken over after it."""
AT_ONCE = 8
"""On their way to one endpoint at once; to one that fails, a single probe."""
LONGEST_WAIT = timedelta(hours=24)
SLOW_STATUSES = frozenset({429, 502, 503, 504})
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
GIVE_UP = timedelta(days=5)
"""An endpoint that only failed for so long is switched off."""
GONE = 410
COMMAND_HEADER = "webhook-delivery"
EXCERPT = 4_000

CLAIM = text("""
with endpoint as (
    select e.id, e.fifo, its.now,
        (case when e.failing_since is null then :at_once else 1 end)
            - (select count(*) from deliveries b where b.endpoint_id = e.id and b.lease_until > :now) as room
    from webhook_endpoints e join partners p on p.id = e.partner_id
    cross join lateral (
        select :now + case when e.livemode then interval '0' else p.test_clock_seconds * interval '1 second' end as now
    ) its
    where e.status = 'enabled' and e.deleted_at is null and (e.paused_until is null or e.paused_until <= :now)
        and exists (select 1 from deliveries d
                    where d.endpoint_id = e.id and d.state = 'pending' and d.next_attempt_at <= its.now)
), due as (
    select mine.id, mine.next_attempt_at,
        row_number() over (partition by endpoint.id order by mine.next_attempt_at, mine.id) as turn
    from endpoint cross join lateral (
        select d.id, d.next_attempt_at from deliveries d
        where d.endpoint_id = endpoint.id and d.state = 'pending' and d.next_attempt_at <= endpoint.now
            and (d.lease_until is null or d.lease_until <= :now)
            and not (endpoint.fifo and exists (
                select 1 from events this
                join events earlier on earlier.subject_id = this.subject_id and earlier.sequence < this.sequence
                join deliveries o on o.event_id = earlier.id and o.endpoint_id = endpoint.id and o.state = 'pending'
                where this.id = d.event_id))
        order by d.next_attempt_at, d.id
        limit greatest(endpoint.room, 0)
    ) mine
), picked as (
    select d.id from deliveries d join due on due.id = d.id
    where d.state = 'pending' and (d.lease_until is null or d.lease_until <= :now)
    order by due.turn, due.next_attempt_at
    limit :wanted
    for update of d skip locked
)
update deliveries d set lease_until = :lease_until, lease_token = gen_random_uuid()
from picked where d.id = picked.id
returning d.id, d.lease_token, d.attempts, d.endpoint_id, d.event_id, d.next_attempt_at
""")
"""Fair by turn: every endpoint's first due delivery comes before anybody's second, however long a backlog is.

What a test endpoint is owed falls due by its partner's test clock; leases and pauses are real time.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker may try until its lease ends; the token fences off whoever held it before."""

    delivery_id: UUID
    partner_id: UUID
    endpoint_id: UUID
    subject: str
    """The live name of what the event is about."""
    token: UUID
    number: int
    url: str
    event_id: str
    body: bytes = field(repr=False)
    keys: tuple[bytes, ...] = field(repr=False)
    due_at: datetime
    ahead: timedelta = timedelta()
    """How far the endpoint's data lives ahead of the present."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was sent for a claim and what came back."""

    claim: Claim
    headers: Mapping[str, str]
    answer: outbound.Attempt

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more: 410, or its word in a header."""
        return self.answer.status == GONE or self.command == "disable"

    @property
    def command(self) -> str:
        """What the receiver asks for in the `webhook-delivery` header."""
        return _header(self.answer.response_headers, COMMAND_HEADER).strip().lower()


async def claim(session: AsyncSession, actor: Actor, wanted: int) -> list[Claim]:
    """Take up to so many due deliveries for this worker, fairly by endpoint; nobody else gets them meanwhile."""
    actor.require(Permission.SYSTEM)
    moment = now()
    arguments = {"now": moment, "lease_until": moment + LEASE, "at_once": AT_ONCE, "wanted": wanted}
    taken: dict[UUID, RowMapping] = {row["id"]: row for row in (await session.execute(CLAIM, arguments)).mappings()}
    if not taken:
        return []
    statement = (
        select(col(Delivery.id), Event, WebhookEndpoint)
        .join(Event, col(Event.id) == col(Delivery.event_id))
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(Delivery.endpoint_id))
        .where(col(Delivery.id).in_(taken))
    )
    rows = (await session.execute(statement)).all()
    return [_claim(taken[row[0]], row[1], row[2], await _lead(session, row[2])) for row in rows]


async def _lead(session: AsyncSession, endpoint: WebhookEndpoint) -> timedelta:
    return await test_clocks.lead(session, endpoint.partner_id, livemode=endpoint.livemode)


def _claim(taken: RowMapping, event: Event, endpoint: WebhookEndpoint, ahead: timedelta) -> Claim:
    return Claim(
        delivery_id=taken["id"],
        partner_id=endpoint.partner_id,
        endpoint_id=endpoint.id,
        subject=f"{event.subject_type}:{event.subject_id}",
        token=taken["lease_token"],
        number=taken["attempts"] + 1,
        url=endpoint.url,
        event_id=public_id(Prefix.EVENT, event.id),
        body=body(event),
        keys=_keys(endpoint),
        due_at=taken["next_attempt_at"],
        ahead=ahead,
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


async def attempt(claim: Claim) -> Tried:
    """Sign and send once; no transaction is open meanwhile. What cannot be signed is not sent."""
    if not claim.keys:
        return Tried(claim, {}, outbound.Attempt(None, 0, "secret_unreadable"))
    headers = {
        "content-type": "application/json",
        **signatures.headers(claim.event_id, now(), claim.body, claim.keys),
    }
    answer = await outbound.post(
        claim.url, headers, claim.body, deadline_s=DEADLINE_SECONDS, allow_hosts=settings().webhook_allow_hosts
    )
    return Tried(claim, headers, answer)


async def settle(session: AsyncSession, actor: Actor, tried: Tried) -> DeliveryState | None:
    """Write the attempt and what follows from it; None when the lease went to somebody else, who then settles."""
    actor.require(Permission.SYSTEM)
    claim, answer = tried.claim, tried.answer
    state, next_at = _verdict(tried)
    statement = (
        update(Delivery)
        .where(col(Delivery.id) == claim.delivery_id, col(Delivery.lease_token) == claim.token)
        .where(col(Delivery.state) == DeliveryState.PENDING)
        .values(
            state=state,
            attempts=claim.number,
            next_attempt_at=next_at and next_at + claim.ahead,
            lease_until=None,
            lease_token=None,
            last_status=answer.status,
            last_error=answer.error_class or "",
            last_ms=answer.ms,
            delivered_at=now() + claim.ahead if state == DeliveryState.DELIVERED else None,
        )
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", await session.execute(statement)).rowcount == 0:
        return None
    session.add(_row(tried))
    await session.flush()
    await _judge_endpoint(session, actor, tried, state)
    live.announce(session, f"webhook_endpoint:{claim.endpoint_id}", f"partner:{claim.partner_id}", claim.subject)
    return state


def _verdict(tried: Tried) -> tuple[DeliveryState, datetime | None]:
    """Say what becomes of the delivery and when it is tried again."""
    if tried.answer.is_delivered:
        return DeliveryState.DELIVERED, None
    if tried.is_gone or tried.command == "abort-message":
        return DeliveryState.CANCELED, None
    if tried.claim.number >= len(SCHEDULE):
        return DeliveryState.EXHAUSTED, None
    pause = SCHEDULE[tried.claim.number] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 spread, not secrecy
    return DeliveryState.PENDING, now() + max(pause, retry_after(tried.answer.response_headers))


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """Read how long the receiver asks us to wait (RFC 9110 §10.2.3), at most a day; nothing when unreadable."""
    value = _header(headers, "retry-after").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return timedelta()
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now(), timedelta()), LONGEST_WAIT)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _row(tried: Tried) -> Attempt:
    answer = tried.answer
    return Attempt(
        partner_id=tried.claim.partner_id,
        delivery_id=tried.claim.delivery_id,
        number=tried.claim.number,
        status=answer.status,
        error=answer.error_class or "",
        duration_ms=answer.ms,
        request_headers=dict(tried.headers),
        response_headers=dict(answer.response_headers),
        response_excerpt=answer.response_excerpt[:EXCERPT],
    )


async def _judge_endpoint(session: AsyncSession, actor: Actor, tried: Tried, state: DeliveryState) -> None:
    """Slow an endpoint down that fails, set it free when it recovers, switch it off when it is gone.

    A healthy endpoint's row is not written at all: deliveries to it would queue up at its lock.
    """
    statement = select(WebhookEndpoint).where(col(WebhookEndpoint.id) == tried.claim.endpoint_id)
    endpoint = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()
    if state == DeliveryState.DELIVERED:
        if endpoint.failing_since or endpoint.paused_until:
            await webhook_endpoints.note_health(session, endpoint.id, failing_since=None, paused_until=None)
        return
    since = endpoint.failing_since or now()
    if tried.is_gone:
        said = (
            f"The receiver answered {GONE} Gone." if tried.answer.status == GONE else "The receiver asked us to stop."
        )
        await webhook_endpoints.disable(session, actor, endpoint.id, reason=said)
    elif now() - since > GIVE_UP:
        why = f"It only failed for {GIVE_UP.days} days."
        await webhook_endpoints.disable(session, actor, endpoint.id, reason=why)
    elif tried.command != "abort-message":
        await webhook_endpoints.note_health(
            session, endpoint.id, failing_since=since, paused_until=_pause(tried, since)
        )


def _pause(tried: Tried, since: datetime) -> datetime | None:
    """Leave an overloaded receiver alone for a tenth of the time that it has failed already."""
    answer = tried.answer
    if answer.status not in SLOW_STATUSES and answer.error_class != "timeout":
        return None
    patience = min(max((now() - since) / 10, SHORTEST_PAUSE), LONGEST_PAUSE)
    return now() + min(max(patience, retry_after(answer.response_headers)), LONGEST_PAUSE)
