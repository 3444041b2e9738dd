"""The demo's own partner server: verifies webhooks as a partner would, so that a stranger sees them arrive."""

import base64
import hashlib
import hmac
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from sqlalchemy import select, update
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.partners import Partner
from backoffice.models.webhooks import Delivery, DeliveryState, WebhookEndpoint
from backoffice.services import webhook_secrets

router = APIRouter(include_in_schema=False)
PATH = "/demo/receiver/"
LISTENS = timedelta(seconds=2)


async def call_for_webhooks() -> None:
    """Let what is still owed come now: this process is about to listen, and until then nobody did."""
    ours = select(col(WebhookEndpoint.id)).where(col(WebhookEndpoint.url).contains(PATH))
    statement = (
        update(Delivery)
        .where(col(Delivery.endpoint_id).in_(ours), col(Delivery.state) == DeliveryState.PENDING)
        .where(col(Delivery.next_attempt_at) > now() + LISTENS)
        .values(next_attempt_at=now() + LISTENS)
    )
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(statement)
        live.announce(session, "deliveries:due")


@router.post("/demo/receiver/{slug}")
async def receive(slug: str, request: Request) -> Response:
    """Answer 204 to what one of this partner's endpoints signed, else 401."""
    body = await request.body()
    async with transaction(Tenancy.everyone()) as session:
        statement = (
            select(WebhookEndpoint)
            .join(Partner, col(Partner.id) == col(WebhookEndpoint.partner_id))
            .where(col(Partner.slug) == slug, col(WebhookEndpoint.deleted_at).is_(None))
        )
        endpoints = (await session.execute(statement)).scalars().all()
    keys = [key for endpoint in endpoints for key in webhook_secrets.signing_keys(endpoint)]
    signed = f"{request.headers.get('webhook-id')}.{request.headers.get('webhook-timestamp')}.".encode() + body
    given = request.headers.get("webhook-signature", "").split()
    wanted = {f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}" for key in keys}
    return Response(status_code=204 if wanted & set(given) else 401)
