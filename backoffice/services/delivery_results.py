"""What came of tries, written: the log, the delivery's next step and its endpoint's health, many in one transaction."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import live
from backoffice.clock import wall
from backoffice.db import NewRow, execute, insert
from backoffice.models.base import new_id
from backoffice.models.webhooks import Attempt, DeliveryState
from backoffice.services import delivery_sql, endpoint_health
from backoffice.services.access import Actor, Permission
from backoffice.services.delivery_attempts import Tried, verdict

EXCERPT = 4_000
SETTLE = """
with given as materialized (
    select * from jsonb_to_recordset(%s::jsonb) as g (
        id uuid, token uuid, state text, number int, next_attempt_at timestamptz, status int, error text, ms int,
        delivered_at timestamptz)
), mine as materialized (
    select d.id from deliveries d join given g on g.id = d.id and g.token = d.lease_token
    where d.id = any (array(select id from given)) and d.state = 'pending'
    order by d.id for update of d
)
update deliveries d
set state = g.state, attempts = g.number, next_attempt_at = g.next_attempt_at, lease_until = null, lease_token = null,
    last_status = g.status, last_error = g.error, last_ms = g.ms, delivered_at = g.delivered_at
from given g
where d.id = g.id and d.lease_token = g.token and d.id = any (array(select id from mine))
returning g.token
"""
"""Fenced by the token: whoever lost the lease changes nothing. Rows are locked in one order, so nobody deadlocks."""


async def settle(session: AsyncSession, actor: Actor, tries: Sequence[Tried]) -> dict[UUID, DeliveryState]:
    """Write attempts and what follows from them; answer the new states.

    A delivery whose lease went to somebody else is not among them: who holds it settles it.
    """
    actor.require(Permission.SYSTEM)
    steps = {each.claim.token: verdict(each) for each in tries}
    endpoints = await endpoint_health.concerned(session, tries)
    rows = json.dumps([_settled(each, *steps[each.claim.token]) for each in tries])
    kept = {row[0] for row in await execute(session, SETTLE, (rows,))}
    mine = [each for each in tries if each.claim.token in kept]
    await insert(session, *(_attempt(each, steps[each.claim.token][1]) for each in mine))
    states = {each.claim.delivery_id: steps[each.claim.token][0] for each in mine}
    await _let_the_next_go(session, mine, states)
    for each in mine:
        if each.claim.endpoint_id in endpoints:
            endpoint = endpoints[each.claim.endpoint_id]
            await endpoint_health.judge(session, actor, endpoint, each, states[each.claim.delivery_id])
    live.announce(session, *_names(mine))
    return states


def _settled(tried: Tried, state: DeliveryState, next_at: datetime | None) -> dict[str, object]:
    answer, claim = tried.answer, tried.claim
    is_delivered = state == DeliveryState.DELIVERED
    return {
        "id": str(claim.delivery_id),
        "token": str(claim.token),
        "state": state,
        "number": claim.number,
        "next_attempt_at": next_at.isoformat() if next_at else None,
        "status": answer.status,
        "error": answer.error_class or "",
        "ms": answer.ms,
        "delivered_at": (wall() + claim.ahead).isoformat() if is_delivered else None,
    }


def _attempt(tried: Tried, next_at: datetime | None) -> NewRow:
    answer, claim = tried.answer, tried.claim
    values = {
        "id": new_id(),
        "created_at": tried.started_at + claim.ahead,
        "partner_id": claim.partner_id,
        "delivery_id": claim.delivery_id,
        "number": claim.number,
        "status": answer.status,
        "error": answer.error_class or "",
        "duration_ms": answer.ms,
        "connected_ms": answer.connected_ms,
        "first_byte_ms": answer.first_byte_ms,
        "address": answer.address or "",
        "next_attempt_at": next_at,
        "request_headers": tried.headers,
        "response_headers": answer.response_headers,
        "response_excerpt": answer.response_excerpt[:EXCERPT],
    }
    return NewRow(Attempt, values)


async def _let_the_next_go(session: AsyncSession, tries: Sequence[Tried], states: dict[UUID, DeliveryState]) -> None:
    done = [
        each.claim
        for each in tries
        if each.claim.in_order
        and (states[each.claim.delivery_id] != DeliveryState.PENDING or each.claim.number >= delivery_sql.PATIENCE)
    ]
    if done:
        arguments = {
            "endpoint_ids": [claim.endpoint_id for claim in done],
            "event_ids": [claim.event_id for claim in done],
        }
        await session.execute(delivery_sql.RELEASE, arguments)


def _names(tries: Sequence[Tried]) -> list[str]:
    """Say in live names what changed."""
    names = [
        name
        for each in tries
        for name in (
            f"webhook_endpoint:{each.claim.endpoint_id}",
            f"partner:{each.claim.partner_id}",
            each.claim.subject,
        )
    ]
    return list(dict.fromkeys(names))
