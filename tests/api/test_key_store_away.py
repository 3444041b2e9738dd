"""While the key store is away partners hear 503, nothing is half-kept, and everything goes on afterwards."""

import json

import pytest

from backoffice.api import health
from tests.api.test_bad_input import stored
from tests.api.world import applicant, files, rows, screened
from tests.key_cast import key_store_away

URL = "/api/v1/documents"


async def posted(client, headers):
    return await client.post(URL, headers=headers, data={"applicant": applicant()}, files=files())


@pytest.fixture
async def headers(acme):
    return await acme.headers()


async def test_nothing_is_taken_and_nothing_is_half_kept(client, acme, headers):
    async with key_store_away():
        answer = await posted(client, headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "Retry-After" in answer.headers
        named = await client.post("/api/v1/applicants", headers=headers, json=json.loads(applicant()))
        assert named.status_code == 503
    assert stored(acme) == []
    counted = await rows(
        "select (select count(*) from applicants where partner_id = :p) as people,"
        " (select count(*) from documents where partner_id = :p) as documents",
        p=acme.partner_id,
    )
    assert tuple(counted[0]) == (0, 0)
    assert (await posted(client, headers)).status_code == 201


async def test_what_needs_no_key_is_read_and_the_rest_is_tried_again_later(client, headers):
    document = (await posted(client, headers)).json()
    await screened(document["id"])
    who = f"/api/v1/applicants/{document['applicant_id']}"
    async with key_store_away():
        for url in (who, f"{URL}/{document['id']}"):
            answer = await client.get(url, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert (await client.get("/api/v1/events", headers=headers)).status_code == 200
    assert (await client.get(who, headers=headers)).json()["surname"] == json.loads(applicant())["surname"]


async def test_readiness_names_it(client):
    async with key_store_away():
        away = json.loads((await health.readyz(None)).body)
    back = json.loads((await health.readyz(None)).body)
    assert (away["status"], away["parts"]["key_store"], away["parts"]["database"]) == ("not_ready", "failed", "ok")
    assert back["parts"]["key_store"] == "ok"
