"""The demo's own partner server takes what we signed, nothing else, and asks for what it missed before it listened."""

from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlmodel import col
from standardwebhooks import Webhook

from backoffice.api import demo_receiver
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.models.webhooks import Delivery, WebhookEndpoint
from backoffice.services import webhook_endpoints
from backoffice.services.access import Actor
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import EVERYONE, endpoint_of, quiet

pytestmark = pytest.mark.usefixtures("database")
NOWHERE = "http://127.0.0.1:9"
LATE = timedelta(minutes=5)


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def owed(cast, url: str, attempts: int) -> WebhookEndpoint:
    """Make an endpoint there, whose one delivery was tried so often and is due later."""
    endpoint, _ = await endpoint_of(cast, url)
    async with transaction(EVERYONE) as session:
        await webhook_endpoints.send_test(session, Actor.system(), endpoint.id)
    async with transaction(EVERYONE) as session:
        later = update(Delivery).where(col(Delivery.endpoint_id) == endpoint.id)
        await session.execute(later.values(attempts=attempts, next_attempt_at=now() + LATE))
    return endpoint


async def waits(endpoint: WebhookEndpoint) -> timedelta:
    async with transaction(EVERYONE) as session:
        found = select(col(Delivery.next_attempt_at)).where(col(Delivery.endpoint_id) == endpoint.id)
        return (await session.execute(found)).scalar_one() - now()


@pytest.mark.parametrize("attempts", [0, 2])
async def test_what_came_before_it_listened_comes_now(acme, attempts):
    own = await owed(acme, f"{NOWHERE}{demo_receiver.PATH}{acme.partner.slug}", attempts)
    other = await owed(acme, f"{NOWHERE}/hook", attempts)
    await demo_receiver.call_for_webhooks()
    assert await waits(own) <= demo_receiver.LISTENS
    assert await waits(other) > LATE - timedelta(minutes=1)


async def test_what_is_signed_with_the_secret_of_that_partner_is_taken_and_nothing_else(acme):
    endpoint, secret = await endpoint_of(acme, f"{NOWHERE}{demo_receiver.PATH}{acme.partner.slug}")
    rival = await make_cast()
    app = FastAPI()
    app.include_router(demo_receiver.router)
    body, at = '{"type":"document.approved"}', now()
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://demo") as client:
        place = f"{demo_receiver.PATH}{acme.partner.slug}"
        assert (await client.post(place, content=body, headers=signed)).status_code == 204
        for wrong, headers in ((body + " ", signed), (body, {}), (body, signed | {"webhook-id": "msg_2"})):
            assert (await client.post(place, content=wrong, headers=headers)).status_code == 401
        elsewhere = f"{demo_receiver.PATH}{rival.partner.slug}"
        assert (await client.post(elsewhere, content=body, headers=signed)).status_code == 401
    assert endpoint.url.endswith(acme.partner.slug)
