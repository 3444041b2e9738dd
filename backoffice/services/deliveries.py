"""Deliveries as people see them: the log of what is owed, what was tried, and another try by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now, wall
from backoffice.errors import Conflict
from backoffice.models.base import Prefix, floor_id
from backoffice.models.events import Event
from backoffice.models.metrics import Health
from backoffice.models.webhooks import Attempt, Delivery, DeliveryState, EndpointStatus, WebhookEndpoint
from backoffice.services import audit, webhook_endpoints
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, cut, read_cursor

MAX_RECOVERED = 1_000
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
    before = read_cursor(Prefix.DELIVERY, cursor)
    if before:
        statement = statement.where(col(Delivery.id) < before)
    rows = await session.execute(statement.order_by(col(Delivery.id).desc()).limit(limit + 1))
    return cut([Entry(*row) for row in rows], limit, Prefix.DELIVERY)


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


async def of_subject(session: AsyncSession, actor: Actor, subject_id: UUID, *, limit: int = 100) -> list[Entry]:
    """List what was owed to anybody about one thing, newest first."""
    actor.require(Permission.WEBHOOKS_READ)
    statement = _entries(actor).where(col(Event.subject_id) == subject_id)
    rows = await session.execute(statement.order_by(col(Delivery.id).desc()).limit(limit))
    return [Entry(*row) for row in rows]


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


async def recover(session: AsyncSession, actor: Actor, endpoint_id: UUID, since: datetime) -> int:
    """Try everything again that was given up since a moment, one more time each; answers how many.

    Raises Conflict when the endpoint is switched off.
    """
    actor.require(Permission.WEBHOOKS_WRITE)
    endpoint = await _switched_on(session, actor, endpoint_id)
    given_up = (
        select(col(Delivery.id))
        .where(col(Delivery.endpoint_id) == endpoint.id, col(Delivery.id) >= floor_id(since))
        .where(col(Delivery.state).in_([DeliveryState.EXHAUSTED, DeliveryState.CANCELED]))
        .order_by(col(Delivery.id))
        .limit(MAX_RECOVERED)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Delivery)
        .where(col(Delivery.id).in_(given_up))
        .values(state=DeliveryState.PENDING, next_attempt_at=now(), lease_until=None, lease_token=None)
        .returning(col(Delivery.id))
        .execution_options(synchronize_session=False)
    )
    count = len((await session.execute(statement)).all())
    await audit.record(
        session,
        actor,
        "webhook_endpoint.recovered",
        subject_type="webhook_endpoint",
        subject_id=endpoint.id,
        partner_id=endpoint.partner_id,
        changes={"since": since.isoformat(), "deliveries": count},
    )
    live.announce(session, "deliveries:due", f"webhook_endpoint:{endpoint.id}")
    return count


async def _switched_on(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Find an endpoint that can be sent to, and end its pause: somebody says that it works again."""
    endpoint = await webhook_endpoints.get(session, actor, endpoint_id)
    if endpoint.status != EndpointStatus.ENABLED:
        raise Conflict("This endpoint is switched off. Switch it on to resend.", code="endpoint_disabled")
    if endpoint.paused_until:
        await webhook_endpoints.note_health(
            session, endpoint.id, failing_since=endpoint.failing_since, paused_until=None
        )
    return endpoint


async def resend(session: AsyncSession, actor: Actor, delivery_id: UUID) -> Delivery:
    """Try one delivery again now, whatever became of it; after the schedule's end it is a single try.

    Raises Conflict when its endpoint is switched off.
    """
    actor.require(Permission.WEBHOOKS_WRITE)
    delivery = await get(session, actor, delivery_id, lock=True)
    await _switched_on(session, actor, delivery.endpoint_id)
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


async def get(session: AsyncSession, actor: Actor, delivery_id: UUID, *, lock: bool = False) -> Delivery:
    """Find one delivery that the actor may see.

    Raises NotFound.
    """
    actor.require(Permission.WEBHOOKS_READ)
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
