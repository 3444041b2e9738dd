"""`/deliveries`: one of them with every try, and another try now."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems
from backoffice.api.examples.common import IDEMPOTENCY
from backoffice.api.idempotent import once
from backoffice.api.texts import read_id
from backoffice.api.v1.representation import moment
from backoffice.api.v1.schemas import In, NoQuery
from backoffice.api.v1.webhook_endpoint_schemas import DeliveryDetailOut, DeliveryOut
from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.webhooks import Attempt
from backoffice.services import deliveries, events
from backoffice.services.access import Actor, Permission
from backoffice.services.deliveries import Entry

router = APIRouter(prefix="/deliveries", tags=["Webhooks"])
Reader = Annotated[Actor, Depends(needs(Permission.WEBHOOKS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.WEBHOOKS_WRITE))]


def represent(entry: Entry) -> dict[str, Any]:
    """Write one line of the log."""
    delivery = entry.delivery
    return {
        "id": public_id(Prefix.DELIVERY, delivery.id),
        "object": "delivery",
        "livemode": entry.endpoint.livemode,
        "endpoint_id": public_id(Prefix.WEBHOOK_ENDPOINT, delivery.endpoint_id),
        "event_id": public_id(Prefix.EVENT, delivery.event_id),
        "event_type": entry.event.type,
        "status": delivery.state,
        "attempt_count": delivery.attempts,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error or None,
        "next_attempt_at": moment(delivery.next_attempt_at),
        "delivered_at": moment(delivery.delivered_at),
        "created_at": moment(delivery.created_at),
    }


def _attempts(rows: Sequence[Attempt]) -> list[dict[str, Any]]:
    return [
        {
            "number": row.number,
            "status": row.status,
            "error": row.error or None,
            "duration_ms": row.duration_ms,
            "connected_ms": row.connected_ms,
            "first_byte_ms": row.first_byte_ms,
            "address": row.address or None,
            "request_headers": row.request_headers,
            "response_headers": row.response_headers,
            "response_excerpt": row.response_excerpt,
            "next_attempt_at": moment(row.next_attempt_at),
            "created_at": moment(row.created_at),
        }
        for row in rows
    ]


@router.get(
    "/{delivery_id}",
    response_model=DeliveryDetailOut,
    summary="Read a delivery",
    responses=problems("deliveries.read"),
)
async def show(actor: Reader, delivery_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one delivery with its event and every try: what we sent, what you answered, how long it took."""
    row_id = read_id(Prefix.DELIVERY, delivery_id)
    async with transaction(actor.tenancy) as session:
        entry = await deliveries.entry(session, actor, row_id)
        tries = await deliveries.attempts_of(session, actor, row_id)
    return JSONResponse(represent(entry) | {"event": events.envelope(entry.event), "attempts": _attempts(tries)})


@router.post(
    "/{delivery_id}/replay",
    response_model=DeliveryOut,
    summary="Send a delivery again",
    openapi_extra=IDEMPOTENCY,
    responses=problems("deliveries.replay"),
)
async def replay(
    request: Request,
    actor: Writer,
    delivery_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Send one message again now, whatever became of it, with the same `webhook-id`.

    What was given up gets a single try.
    """
    row_id = read_id(Prefix.DELIVERY, delivery_id)
    await json_body(request, In)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        delivery = await deliveries.resend(session, actor, row_id)
        entry = await deliveries.entry_of(session, actor, delivery.endpoint_id, delivery.event_id)
        return 200, represent(entry)

    return await once(request, actor, None, work)
