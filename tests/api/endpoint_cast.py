"""What tests of webhook endpoints share."""

from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.webhooks import WebhookEndpoint

URL = "/api/v1/webhook_endpoints"

NOWHERE = "http://127.0.0.1:9/hook"


async def make(client, headers, **wish):
    answer = await client.post(URL, headers=headers, json={"url": NOWHERE} | wish)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(answer, status, code, place=None):
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if place is not None:
        assert body["errors"][0]["pointer"] == place
    return body


async def row_of(made):
    async with transaction(Tenancy.everyone()) as session:
        key = parse_public_id(Prefix.WEBHOOK_ENDPOINT, made["id"])
        return (await session.execute(select(WebhookEndpoint).where(WebhookEndpoint.id == key))).scalar_one()


async def log(client, headers, made, **query):
    answer = await client.get(f"{URL}/{made['id']}/deliveries", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]
