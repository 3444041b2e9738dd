"""How an endpoint does: slowed down while it fails, set free when it recovers, switched off when it is gone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.db import execute
from backoffice.models.webhooks import DeliveryState, EndpointStatus, WebhookEndpoint
from backoffice.services import notices, webhook_endpoints
from backoffice.services.access import Actor
from backoffice.services.delivery_attempts import GONE, Tried, retry_after

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
GIVE_UP = timedelta(days=5)
"""An endpoint that only failed for so long is switched off."""
TOLD_AT = 4
"""The failure of one delivery at which the partner is told that the endpoint fails."""

CONCERNED = """
select id from webhook_endpoints
where id = any (%s) and (id = any (%s) or failing_since is not null or paused_until is not null)
order by id for no key update
"""
"""Locked in one order, so that nobody deadlocks; deliveries to a healthy endpoint would queue up at its lock."""


async def concerned(session: AsyncSession, tries: Sequence[Tried]) -> dict[UUID, WebhookEndpoint]:
    """Find and lock the endpoints whose health may change, before any delivery; a healthy one's row is not touched."""
    everyone = list({each.claim.door.endpoint_id for each in tries})
    failed = list({each.claim.door.endpoint_id for each in tries if not each.answer.is_delivered})
    ids = [row[0] for row in await execute(session, CONCERNED, (everyone, failed))]
    if not ids:
        return {}
    statement = select(WebhookEndpoint).where(col(WebhookEndpoint.id).in_(ids))
    rows = (await session.execute(statement.execution_options(populate_existing=True))).scalars()
    return {each.id: each for each in rows}


async def judge(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, tried: Tried, state: DeliveryState
) -> None:
    """Draw the conclusions from one try, in the partner's time."""
    if endpoint.status != EndpointStatus.ENABLED:
        return
    with clock.shifted(tried.claim.door.ahead):
        if state == DeliveryState.DELIVERED:
            await _recover(session, actor, endpoint)
        else:
            await _fail(session, actor, endpoint, tried, state)
        await session.flush()


async def _recover(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint) -> None:
    was_told, since = endpoint.failing_told_at is not None, endpoint.failing_since
    endpoint.failing_since = endpoint.failing_told_at = endpoint.paused_until = None
    if was_told:
        await notices.recovered(session, actor, endpoint, since)


async def _fail(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, tried: Tried, state: DeliveryState
) -> None:
    since = endpoint.failing_since or clock.now()
    if state == DeliveryState.EXHAUSTED:
        await notices.exhausted(session, actor, endpoint, tried)
    if tried.is_gone:
        await _switch_off(session, actor, endpoint, _why_gone(tried))
    elif clock.now() - since > GIVE_UP:
        await _switch_off(session, actor, endpoint, f"It only failed for {GIVE_UP.days} days.")
    elif tried.command != "abort-message":
        endpoint.failing_since, endpoint.paused_until = since, _pause(tried, since)
        if tried.claim.number == TOLD_AT and endpoint.failing_told_at is None:
            endpoint.failing_told_at = clock.now()
            await notices.failing(session, actor, endpoint, tried)


async def _switch_off(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, reason: str) -> None:
    await webhook_endpoints.disable(session, actor, endpoint.id, reason=reason)
    await notices.disabled(session, endpoint)


def _why_gone(tried: Tried) -> str:
    return f"The receiver answered {GONE} Gone." if tried.answer.status == GONE else "The receiver asked us to stop."


def _pause(tried: Tried, since: datetime) -> datetime | None:
    """Leave an overloaded receiver alone for a tenth of the time that it has failed already.

    A pause is real time, whatever a test clock says, and that of a test endpoint is the shortest.
    """
    if not tried.is_slow:
        return None
    failed_for = timedelta() if tried.claim.door.ahead else clock.now() - since
    patience = min(max(failed_for / 10, SHORTEST_PAUSE), LONGEST_PAUSE)
    return clock.wall() + min(max(patience, retry_after(tried.answer.response_headers)), LONGEST_PAUSE)
