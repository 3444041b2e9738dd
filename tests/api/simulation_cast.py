"""What tests of the sandbox share."""

from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import Document
from backoffice.services import (
    screenings,
)
from tests.api.world import applicant, files
from tests.services.review_cast import CLEAN, SYSTEM

URL = "/api/v1/documents"

SIMULATE = "/api/v1/test/simulate"

ADVANCE = "/api/v1/test/clock/advance"

CLOCK = "/api/v1/test/clock"

EVERYONE = Tenancy.everyone()

NEW = ["document.created", "document.submitted"]

WALKED = ["document.processing", "document.in_review"]


def refused(answer, status, code, pointer=None):
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert [one["pointer"] for one in body["errors"]] == ([] if pointer is None else [pointer])


async def keyed(world):
    return await world.headers("test", livemode=False)


async def post(client, world, *, livemode=False, **fields):
    headers = await world.headers() if livemode else await keyed(world)
    answer = await client.post(URL, headers=headers, files=files(), data={"applicant": applicant(), **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def simulate(client, world, document_id, outcome, *, headers=None, **fields):
    body = {"document_id": document_id, "outcome": outcome, **fields}
    return await client.post(SIMULATE, headers=await keyed(world) | (headers or {}), json=body)


async def history(client, world, document_id):
    answer = await client.get(f"{URL}/{document_id}/history", headers=await keyed(world))
    events = answer.json()["data"]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert sorted(event["created_at"] for event in events) == [event["created_at"] for event in events]
    return [event["type"] for event in events]


async def row_of(table, document_id):
    key = parse_public_id(Prefix.DOCUMENT, document_id)
    condition = table.id == key if table is Document else table.document_id == key
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(table).where(condition).order_by(table.id.desc()))).scalars().first()


async def begin(document_id):
    async with transaction(EVERYONE) as session:
        return await screenings.begin(session, SYSTEM, parse_public_id(Prefix.DOCUMENT, document_id))


async def complete(assignment, screening=CLEAN):
    pictures = await screenings.store_pictures(assignment, screening)
    async with transaction(EVERYONE) as session:
        return await screenings.complete(session, SYSTEM, assignment, screening, pictures)


async def in_review(client, world, **fields):
    body = await post(client, world, **fields)
    task = await complete(await begin(body["id"]))
    return body, task
