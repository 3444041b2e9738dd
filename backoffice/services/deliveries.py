"""Deliveries as people see them: the log of what is owed, what was tried, and another try by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now, wall
from backoffice.db import NewRow, insert
from backoffice.errors import Conflict, Invalid
from backoffice.models.base import Prefix, floor_id, new_id
from backoffice.models.events import Event
from backoffice.models.metrics import Health
from backoffice.models.webhooks import Attempt, Delivery, DeliveryState, EndpointStatus, WebhookEndpoint
from backoffice.services import audit, webhook_endpoints
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, cut, read_cursor

MAX_RECOVERED = 2_000
"""At once; who has more to recover asks again."""
SLACK = timedelta(seconds=1)
"""Keys are made a moment before or after the time in the same row."""
FIRST_DAY, LAST_DAY = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""Between which a key can stand."""
HEALTH_WINDOW = timedelta(hours=24)
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    delivery: Delivery
    event: Event
    endpoint: WebhookEndpoint

    @property
    def id(self) -> UUID:
        """The key that pages are cut by."""
        return self.delivery.id


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery set in motion."""

    retried: int
    """Deliveries that had been given up."""
    added: int
    """Events that were not owed to this endpoint before."""
    has_more: bool
    """Whether there is more in the range than is done at once."""


def is_failed() -> ColumnElement[bool]:
    """Say in SQL which deliveries count as failed: given up, or tried in vain so far."""
    return (col(Delivery.state) == DeliveryState.EXHAUSTED) | (
        col(Delivery.state).in_([DeliveryState.PENDING, DeliveryState.CANCELED]) & (col(Delivery.attempts) > 0)
    )


async def page(  # noqa: PLR0913 what a log is searched by
    session: AsyncSession,
    actor: Actor,
    endpoint_id: UUID,
    *,
    state: DeliveryState | None = None,
    is_failing: bool = False,
    event_type: str | None = None,
    event_id: UUID | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Entry]:
    """List an endpoint's deliveries, newest first.

    Raises NotFound for an endpoint that the actor may not see, Invalid for a foreign cursor.
    """
    await webhook_endpoints.get(session, actor, endpoint_id)
    statement = _entries(actor).where(col(Delivery.endpoint_id) == endpoint_id)
    if state is not None:
        statement = statement.where(col(Delivery.state) == state)
    if is_failing:
        statement = statement.where(is_failed())
    if event_type:
        statement = statement.where(col(Event.type) == event_type)
    if event_id:
        statement = statement.where(col(Delivery.event_id) == event_id)
    if created_after:
        statement = statement.where(col(Delivery.created_at) >= created_after, _from(created_after))
    if created_before:
        statement = statement.where(col(Delivery.created_at) < created_before, _until(created_before))
    before = read_cursor(Prefix.DELIVERY, cursor)
    if before:
        statement = statement.where(col(Delivery.id) < before)
    rows = await session.execute(statement.order_by(col(Delivery.id).desc()).limit(limit + 1))
    return cut([Entry(*row) for row in rows], limit, Prefix.DELIVERY)


def _from(moment: datetime) -> ColumnElement[bool]:
    """Say a time by key, too, which is what the index is sorted by."""
    return col(Delivery.id) >= _not_after(moment)


def _until(moment: datetime) -> ColumnElement[bool]:
    return col(Delivery.id) < _not_before(moment)


def _not_after(moment: datetime) -> UUID:
    """Answer a key that no row of this moment or later stands before."""
    return floor_id(min(max(moment, FIRST_DAY), LAST_DAY) - SLACK)


def _not_before(moment: datetime) -> UUID:
    """Answer a key that no row from before this moment stands behind."""
    return floor_id(min(max(moment, FIRST_DAY), LAST_DAY) + SLACK)


def _entries(actor: Actor) -> Select[Delivery, Event, WebhookEndpoint]:
    joined = select(Delivery, Event, WebhookEndpoint).join(Event, col(Event.id) == col(Delivery.event_id))
    return _visible(actor, joined)


async def entry(session: AsyncSession, actor: Actor, delivery_id: UUID) -> Entry:
    """Find one line of the log.

    Raises NotFound.
    """
    actor.require(Permission.WEBHOOKS_READ)
    row = (await session.execute(_entries(actor).where(col(Delivery.id) == delivery_id))).one_or_none()
    return Entry(*found(row, "delivery"))


async def entry_of(session: AsyncSession, actor: Actor, endpoint_id: UUID, event_id: UUID) -> Entry:
    """Find the line that a test or a replay has just written.

    Raises NotFound.
    """
    actor.require(Permission.WEBHOOKS_WRITE)
    statement = _entries(actor).where(col(Delivery.endpoint_id) == endpoint_id, col(Delivery.event_id) == event_id)
    return Entry(*found((await session.execute(statement)).one_or_none(), "delivery"))


async def of_subject(session: AsyncSession, actor: Actor, subject_id: UUID, *, limit: int = 100) -> list[Entry]:
    """List what was owed to anybody about one thing, newest first."""
    actor.require(Permission.WEBHOOKS_READ)
    statement = _entries(actor).where(col(Event.subject_id) == subject_id)
    rows = await session.execute(statement.order_by(col(Delivery.id).desc()).limit(limit))
    return [Entry(*row) for row in rows]


async def of_event(session: AsyncSession, actor: Actor, event_id: UUID) -> list[Entry]:
    """List to whom one event is or was owed, the oldest endpoint first."""
    actor.require(Permission.WEBHOOKS_READ)
    statement = _entries(actor).where(col(Delivery.event_id) == event_id).order_by(col(Delivery.endpoint_id))
    return [Entry(*row) for row in await session.execute(statement)]


async def states_of(session: AsyncSession, actor: Actor, event_ids: Collection[UUID]) -> dict[UUID, list[Delivery]]:
    """Find what was owed of several events with one query; an event that nobody was told of is missing."""
    actor.require(Permission.WEBHOOKS_READ)
    found_: dict[UUID, list[Delivery]] = {}
    if event_ids:
        statement = _visible(actor, select(Delivery)).where(col(Delivery.event_id).in_(event_ids))
        for delivery in (await session.execute(statement)).scalars():
            found_.setdefault(delivery.event_id, []).append(delivery)
    return found_


async def attempts_of(session: AsyncSession, actor: Actor, delivery_id: UUID) -> list[Attempt]:
    """List every try of one delivery, newest first.

    Raises NotFound.
    """
    delivery = await get(session, actor, delivery_id)
    statement = select(Attempt).where(col(Attempt.delivery_id) == delivery.id).order_by(col(Attempt.number).desc())
    return list((await session.execute(statement)).scalars())


async def health(session: AsyncSession, actor: Actor, endpoint_ids: Collection[UUID]) -> dict[UUID, Health]:
    """Sum up the last day of several endpoints with one query."""
    actor.require(Permission.WEBHOOKS_READ)
    if not endpoint_ids:
        return {}
    delivered = col(Delivery.state) == DeliveryState.DELIVERED
    statement = (
        _visible(
            actor,
            select(
                col(Delivery.endpoint_id),
                func.count(case((delivered, 1))),
                func.count(case((is_failed(), 1))),
                func.count(case((col(Delivery.state) == DeliveryState.PENDING, 1))),
                func.percentile_disc(0.95).within_group(col(Delivery.last_ms)),
            ),
        )
        .where(col(Delivery.endpoint_id).in_(endpoint_ids), col(Delivery.id) >= floor_id(now() - HEALTH_WINDOW))
        .group_by(col(Delivery.endpoint_id))
    )
    return {row[0]: Health(*row[1:]) for row in await session.execute(statement)}


async def recover(  # noqa: PLR0913 a range, and what of it
    session: AsyncSession,
    actor: Actor,
    endpoint_id: UUID,
    since: datetime,
    *,
    until: datetime | None = None,
    missing: bool = False,
) -> Recovered:
    """Try everything again that was given up of what happened in a range, one more time each.

    With `missing`, also owe what the endpoint wants and was never owed: from before it was made, or while it was off.
    Raises Conflict when the endpoint is switched off, Invalid for a range that is none.
    """
    endpoint = await webhook_endpoints.to_change(session, actor, endpoint_id)
    moment = until or now()
    if since >= moment:
        raise Invalid("The range must begin before it ends.", code="out_of_range", pointer="/since")
    await _end_pause(session, endpoint)
    retried = await _retry(session, endpoint, since, moment)
    added = await _owe_missing(session, endpoint, since, moment) if missing else 0
    await audit.record(
        session,
        actor,
        "webhook_endpoint.recovered",
        subject_type="webhook_endpoint",
        subject_id=endpoint.id,
        partner_id=endpoint.partner_id,
        changes={"since": since.isoformat(), "until": moment.isoformat(), "retried": retried, "added": added},
    )
    live.announce(session, "deliveries:due", f"webhook_endpoint:{endpoint.id}")
    return Recovered(retried, added, has_more=MAX_RECOVERED in {retried, added})


async def _retry(session: AsyncSession, endpoint: WebhookEndpoint, since: datetime, until: datetime) -> int:
    """Owe again what was given up; a delivery is never older than its event."""
    given_up = (
        select(col(Delivery.id))
        .join(Event, col(Event.id) == col(Delivery.event_id))
        .where(col(Delivery.endpoint_id) == endpoint.id, _from(since))
        .where(col(Delivery.state).in_([DeliveryState.EXHAUSTED, DeliveryState.CANCELED]))
        .where(col(Event.created_at) >= since, col(Event.created_at) < until)
        .order_by(col(Delivery.id))
        .limit(MAX_RECOVERED)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    statement = (
        update(Delivery)
        .where(col(Delivery.id).in_(given_up))
        .values(state=DeliveryState.PENDING, next_attempt_at=now(), lease_until=None, lease_token=None)
        .returning(col(Delivery.id))
        .execution_options(synchronize_session=False)
    )
    return len((await session.execute(statement)).all())


async def _owe_missing(session: AsyncSession, endpoint: WebhookEndpoint, since: datetime, until: datetime) -> int:
    """Owe what was never owed; whoever recovers holds the endpoint's row, so nobody does the same meanwhile."""
    statement = (
        select(col(Event.id))
        .where(col(Event.partner_id) == endpoint.partner_id, col(Event.livemode) == endpoint.livemode)
        .where(col(Event.id) >= _not_after(since), col(Event.id) < _not_before(until))
        .where(col(Event.created_at) >= since, col(Event.created_at) < until)
        .where(col(Event.type) != webhook_endpoints.TEST_EVENT, col(Event.subject_id) != endpoint.id)
        .where(~exists().where(col(Delivery.endpoint_id) == endpoint.id, col(Delivery.event_id) == col(Event.id)))
        .order_by(col(Event.id))
        .limit(MAX_RECOVERED)
    )
    if endpoint.event_types:
        statement = statement.where(col(Event.type).in_(endpoint.event_types))
    values = {
        "created_at": now(),
        "partner_id": endpoint.partner_id,
        "endpoint_id": endpoint.id,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "next_attempt_at": now(),
        "last_error": "",
    }
    wanted = (await session.execute(statement)).scalars().all()
    await insert(session, *(NewRow(Delivery, values | {"id": new_id(), "event_id": event_id}) for event_id in wanted))
    return len(wanted)


async def _end_pause(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """End our pause of an endpoint that can be sent to: somebody says that it works again.

    Raises Conflict when it is switched off.
    """
    if endpoint.status != EndpointStatus.ENABLED:
        raise Conflict("This endpoint is switched off. Switch it on to resend.", code="endpoint_disabled")
    if endpoint.paused_until:
        await webhook_endpoints.note_health(
            session, endpoint.id, failing_since=endpoint.failing_since, paused_until=None
        )


async def resend(session: AsyncSession, actor: Actor, delivery_id: UUID) -> Delivery:
    """Try one delivery again now, whatever became of it; after the schedule's end it is a single try.

    Raises Conflict when its endpoint is switched off.
    """
    actor.require(Permission.WEBHOOKS_WRITE)
    delivery = await _find(session, actor, delivery_id, lock=True)
    await _end_pause(session, await webhook_endpoints.find(session, actor, delivery.endpoint_id))
    if delivery.state != DeliveryState.PENDING or not _is_leased(delivery):
        _owe_again(delivery)
    await audit.record(
        session,
        actor,
        "delivery.resent",
        subject_type="delivery",
        subject_id=delivery.id,
        partner_id=delivery.partner_id,
        changes={"endpoint_id": str(delivery.endpoint_id), "event_id": str(delivery.event_id)},
    )
    await session.flush()
    live.announce(session, "deliveries:due", f"webhook_endpoint:{delivery.endpoint_id}")
    return delivery


def _is_leased(delivery: Delivery) -> bool:
    return delivery.lease_until is not None and delivery.lease_until > wall()


def _owe_again(delivery: Delivery) -> None:
    delivery.state = DeliveryState.PENDING
    delivery.next_attempt_at = now()
    delivery.delivered_at = delivery.lease_until = delivery.lease_token = None


async def get(session: AsyncSession, actor: Actor, delivery_id: UUID) -> Delivery:
    """Find one delivery that the actor may see.

    Raises NotFound.
    """
    actor.require(Permission.WEBHOOKS_READ)
    return await _find(session, actor, delivery_id)


async def _find(session: AsyncSession, actor: Actor, delivery_id: UUID, *, lock: bool = False) -> Delivery:
    statement = _visible(actor, select(Delivery)).where(col(Delivery.id) == delivery_id)
    if lock:
        statement = statement.with_for_update(of=Delivery).execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "delivery")


def _visible(actor: Actor, statement: Select[*Ts]) -> Select[*Ts]:
    statement = statement.join(WebhookEndpoint, col(WebhookEndpoint.id) == col(Delivery.endpoint_id))
    if not actor.is_staff:
        statement = statement.where(col(Delivery.partner_id) == actor.partner_id)
    if actor.livemode is not None:
        statement = statement.where(col(WebhookEndpoint.livemode) == actor.livemode)
    return statement
