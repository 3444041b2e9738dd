"""Rows of docs/compliance/controls.md about the API that no test beside the code shows; each is named by its row."""

import os
import signal

import httpx2
import pytest

from backoffice.services.permissions import SCOPES
from tests.api.estate import Estate
from tests.api.world import applicant, files, make_world, rows
from tests.browsing import browser
from tests.web_process import web_process

pytestmark = pytest.mark.usefixtures("database")
NOT_THEIRS = {
    "status": "approved",
    "partner_id": "ptr_00000000000000000000000000",
    "risk_score": 0,
    "created_at": "2020-01-01T00:00:00Z",
    "livemode": True,
    "id": "app_00000000000000000000000000",
    "version": 99,
    "completed_at": "2020-01-01T00:00:00Z",
    "decision": {"outcome": "approved"},
    "legal_hold": False,
}
"""What decides for somebody else: nobody's to write over the API."""


@pytest.fixture
async def estate(web):
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        estate = Estate(client, await make_world(), livemode=False)
        await estate.everything()
        yield estate


@pytest.mark.parametrize("name", sorted(NOT_THEIRS))
async def test_39_what_is_not_the_callers_to_write_is_refused_by_name(estate, name):
    value, headers = NOT_THEIRS[name], await estate.headers()
    things = {
        "applicants": (await estate.id_of("app"), {"given_names": "Ines"}),
        "webhook_endpoints": (await estate.id_of("whk"), {"description": "Ours"}),
        "api_keys": (await estate.id_of("key"), {"name": "Ours"}),
    }
    for collection, (thing, fine) in things.items():
        path = f"/api/v1/{collection}/{thing}"
        before = await estate.client.get(path, headers=headers)
        held = headers | {"If-Match": before.headers.get("etag", "*")}
        answer = await estate.client.patch(path, headers=held, json=fine | {name: value})
        assert answer.status_code == 422, (collection, answer.text)
        assert [one["pointer"] for one in answer.json()["errors"]] == [f"/{name}"], collection
        after = await estate.client.get(path, headers=headers)
        assert {**after.json(), "last_used_at": None} == {**before.json(), "last_used_at": None}, collection


@pytest.mark.parametrize("name", sorted(NOT_THEIRS))
async def test_39_nor_when_something_is_made(estate, name):
    headers = await estate.headers()
    for path, body in (
        ("applicants", {"given_names": "Ines", "surname": "Moreau"}),
        ("webhook_endpoints", {"url": "https://example.com/hook"}),
        ("api_keys", {"name": "Second", "scopes": ["documents:read"]}),
    ):
        answer = await estate.client.post(f"/api/v1/{path}", headers=headers, json=body | {name: NOT_THEIRS[name]})
        assert answer.status_code == 422, (path, answer.text)
        assert f"/{name}" in [one["pointer"] for one in answer.json()["errors"]], path
    sent = {"applicant": applicant(), name: str(NOT_THEIRS[name])}
    answer = await estate.client.post("/api/v1/documents", headers=headers, files=files(), data=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")


async def test_51_a_killed_process_does_no_work_twice(servers):
    """The process that answered is killed without a word; the next one knows what it did."""
    world = await make_world()
    headers = await world.headers("test", livemode=False, scopes=SCOPES) | {"Idempotency-Key": "killed-1"}
    sent = {"applicant": applicant(), "external_id": "killed-1"}
    with web_process(servers) as first:
        async with httpx2.AsyncClient(base_url=first.url, timeout=60) as client:
            before = await client.post("/api/v1/documents", headers=headers, files=files(), data=sent)
        assert before.status_code == 201, before.text
        os.kill(first.pid, signal.SIGKILL)
    with web_process(servers) as second:
        async with httpx2.AsyncClient(base_url=second.url, timeout=60) as client:
            again = await client.post("/api/v1/documents", headers=headers, files=files(), data=sent)
    assert (again.status_code, again.json()["id"]) == (201, before.json()["id"])
    assert again.headers["idempotent-replayed"] == "true"
    found = await rows("select count(*) from documents where partner_id = :p", p=world.partner_id)
    assert found[0][0] == 1


@pytest.mark.parametrize(
    "path",
    ["/docs", "/redoc", "/openapi.json", "/api/openapi.json", "/api/docs", "/api/v0/documents", "/api/v2/documents",
     "/api/documents", "/_all_routes", "/auth-codespace", "/_health", "/ping", "/.env", "/.git/config", "/debug",
     "/api/v1/docs/../../metrics", "/static/../pyproject.toml"],
)  # fmt: skip
async def test_52_nothing_answers_that_is_not_meant_to(web, path):
    async with browser(web) as client:
        answer = await client.get(path)
    assert answer.status_code in {303, 404}, answer.text[:200]
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/login")


async def test_52_metrics_are_for_who_has_the_token(servers):
    with web_process(servers, BACKOFFICE_DEMO="", BACKOFFICE_METRICS_TOKEN="a-token-of-this-test") as web:
        async with httpx2.AsyncClient(base_url=web.url) as client:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic a-token-of-this-test"}):
                answer = await client.get("/metrics", headers=headers)
                assert answer.status_code in {401, 403, 404}
                assert "# HELP" not in answer.text
            held = await client.get("/metrics", headers={"Authorization": "Bearer a-token-of-this-test"})
            assert (held.status_code, "# HELP" in held.text) == (200, True)
