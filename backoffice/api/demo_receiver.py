"""The demo's own partner server: verifies webhooks as a partner would, so that a stranger sees them arrive."""

import base64
import hashlib
import hmac

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlmodel import col

from backoffice.db import Tenancy, transaction
from backoffice.models.partners import Partner
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import webhook_secrets

router = APIRouter(include_in_schema=False)


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
