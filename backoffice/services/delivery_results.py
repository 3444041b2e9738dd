"""What came of tries, written: the log, the delivery's next step and its endpoint's health, many in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import live
from backoffice.clock import wall
from backoffice.db import execute
from backoffice.models.base import new_id
from backoffice.models.webhooks import DeliveryState
from backoffice.services import delivery_sql, endpoint_health
from backoffice.services.access import Actor, Permission
from backoffice.services.delivery_attempts import Tried, verdict

EXCERPT = 4_000
SETTLE = """
with waiting as materialized (
    select set_config('synchronous_commit', coalesce(%s, current_setting('synchronous_commit')), true)
), given as materialized (
    select g.* from waiting, jsonb_to_recordset(%s::jsonb) as g (
        id uuid, token uuid, state text, number int, next_attempt_at timestamptz, delivered_at timestamptz,
        attempt_id uuid, started_at timestamptz, partner_id uuid, status int, error text, ms int, connected_ms int,
        first_byte_ms int, address text, request_headers jsonb, response_headers jsonb, excerpt text)
), mine as materialized (
    select d.id, d.state, d.lease_token from deliveries d where d.id = any (array(select id from given))
    order by d.id for update
), settled as (
    update deliveries d
    set state = g.state, attempts = g.number, next_attempt_at = g.next_attempt_at, lease_until = null,
        lease_token = null, last_status = g.status, last_error = g.error, last_ms = g.ms, delivered_at = g.delivered_at
    from given g join mine on mine.id = g.id and mine.lease_token = g.token and mine.state = 'pending'
    where d.id = g.id and d.id = any (array(select id from mine))
    returning g.token
)
insert into attempts (id, created_at, partner_id, delivery_id, number, status, error, duration_ms, connected_ms,
    first_byte_ms, address, next_attempt_at, request_headers, response_headers, response_excerpt)
select g.attempt_id, g.started_at, g.partner_id, g.id, g.number, g.status, g.error, g.ms, g.connected_ms,
    g.first_byte_ms, g.address, g.next_attempt_at, g.request_headers, g.response_headers, g.excerpt
from given g where g.token in (select token from settled)
returning id
"""
"""Fenced by the token: whoever lost the lease changes nothing. Rows are locked in one order, so nobody deadlocks."""


async def settle(session: AsyncSession, actor: Actor, tries: Sequence[Tried]) -> dict[UUID, DeliveryState]:
    """Write attempts and what follows from them; answer the new states.

    A delivery whose lease went to somebody else is not among them: who holds it settles it. Where all arrived, at
    endpoints that nothing holds back, the commit does not wait for the disk: if the database dies within the second
    after it, these messages come twice, as when we die just before. Failures, what follows from them and what is kept
    in order is on the disk before anything builds on it.
    """
    actor.require(Permission.SYSTEM)
    results = {new_id(): Result(each, *verdict(each)) for each in tries}
    endpoints = await endpoint_health.concerned(session, tries)
    rows = json.dumps([_row(attempt_id, result) for attempt_id, result in results.items()])
    is_nothing_else = not endpoints and all(each.answer.is_delivered and each.claim.door.is_steady for each in tries)
    kept = {row[0] for row in await execute(session, SETTLE, ("off" if is_nothing_else else None, rows))}
    mine = [result for attempt_id, result in results.items() if attempt_id in kept]
    await _let_the_next_go(session, mine)
    for result in mine:
        endpoint = endpoints.get(result.tried.claim.door.endpoint_id)
        if endpoint:
            await endpoint_health.judge(session, actor, endpoint, result.tried, result.state)
    live.announce(session, *_names(mine))
    return {result.tried.claim.delivery_id: result.state for result in mine}


@dataclass(frozen=True, slots=True)
class Result:
    """A try and what follows from it."""

    tried: Tried
    state: DeliveryState
    next_at: datetime | None


def _row(attempt_id: UUID, result: Result) -> dict[str, object]:
    tried, answer, claim = result.tried, result.tried.answer, result.tried.claim
    is_delivered = result.state == DeliveryState.DELIVERED
    return {
        "id": str(claim.delivery_id),
        "token": str(claim.token),
        "state": result.state,
        "number": claim.number,
        "next_attempt_at": result.next_at.isoformat() if result.next_at else None,
        "delivered_at": (wall() + claim.door.ahead).isoformat() if is_delivered else None,
        "attempt_id": str(attempt_id),
        "started_at": (tried.started_at + claim.door.ahead).isoformat(),
        "partner_id": str(claim.door.partner_id),
        "status": answer.status,
        "error": answer.error_class or "",
        "ms": answer.ms,
        "connected_ms": answer.connected_ms,
        "first_byte_ms": answer.first_byte_ms,
        "address": answer.address or "",
        "request_headers": tried.headers,
        "response_headers": answer.response_headers,
        "excerpt": answer.response_excerpt[:EXCERPT],
    }


async def _let_the_next_go(session: AsyncSession, results: Sequence[Result]) -> None:
    """Wake what waited in order for these, now that they arrived, were given up, or used up our patience."""
    done = [
        each.tried.claim
        for each in results
        if each.tried.claim.door.in_order
        and (each.state != DeliveryState.PENDING or each.tried.claim.number >= delivery_sql.PATIENCE)
    ]
    if done:
        arguments: dict[str, object] = {
            "endpoint_ids": [claim.door.endpoint_id for claim in done],
            "event_ids": [claim.message.event_id for claim in done],
        }
        await execute(session, delivery_sql.RELEASE, arguments)


def _names(results: Sequence[Result]) -> list[str]:
    """Say in live names what changed."""
    claims = [each.tried.claim for each in results]
    endpoints = dict.fromkeys(f"webhook_endpoint:{claim.door.endpoint_id}" for claim in claims)
    owners = dict.fromkeys(f"partner:{claim.door.partner_id}" for claim in claims)
    return [*endpoints, *owners, *dict.fromkeys(claim.message.subject for claim in claims)]
